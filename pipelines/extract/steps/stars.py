"""What ``*`` and ``columns(…)`` stand for in a select that is followed: the columns of the files, not their places."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from pipelines.extract.steps.parsed import Node, StatementError, ask, expression, walk
from pipelines.extract.steps.step import AT, literal, quoted

_HIDDEN = r"_at|_(file|row)(_\d+)?"


def named_hidden(node: Node) -> frozenset[str]:
    """Which of the columns that ``*`` leaves out a select names."""
    while node["type"] == "SET_OPERATION_NODE":
        node = node["left"]
    columns = node.get("select_list", ())
    names = {one["alias"] or (one["class"] == "COLUMN_REF" and one["column_names"][-1]) for one in columns}
    return frozenset({"_file", "_row"} & names)


def visible(named: Iterable[str], hidden: Iterable[str]) -> str:
    """All columns of a select in FROM, in SQL, but for those that tell where a row comes from."""
    kept = {"_file", "_row"} - set(named)
    dropped = "|".join([AT, *sorted(kept), r"_(file|row)_\d+", *hidden])
    return f"columns(lambda c: not regexp_full_match(c, {literal(dropped)}))"


def is_bare(star: Node) -> bool:
    lists = ("exclude_list", "replace_list", "rename_list", "qualified_exclude_list")
    return not star["relation_name"] and not any(star[one] for one in lists)


def with_places(names: list[Any]) -> list[Any]:
    return names if any(str(one).casefold() == AT for one in names) else [*names, AT]


def hide_all(piece: Any, holders: Iterable[str]) -> None:
    for one in walk(piece, into_queries=False):
        if one.get("class") == "STAR" and one["columns"]:
            hide(one, holders)


def hide(column: Node, holders: Iterable[str]) -> None:
    """Leave the places out of what ``*`` and ``columns(…)`` stand for in a column of a select.

    ``holders``: the relations of its FROM that have places.
    """
    if column["class"] == "STAR" and not column["columns"] and is_bare(column):
        column.update(columns=True, expr=_bare_columns()["expr"])
        return
    inside: set[int] = set()
    for one in walk(column, into_queries=False):
        if one.get("class") != "STAR" or id(one) in inside:
            continue
        if one["columns"] and one["expr"]:
            inside |= {id(star) for star in walk(one["expr"]) if star.get("class") == "STAR"}
            _hide_chosen(one)
        elif one["columns"] and is_bare(one):
            one["expr"] = _bare_columns()["expr"]
            inside |= {id(star) for star in walk(one["expr"]) if star.get("class") == "STAR"}
        elif any(one["relation_name"].casefold() in ("", name.casefold()) for name in holders):
            one["exclude_list"] = with_places(one["exclude_list"])


def _hide_chosen(star: Node) -> None:
    """The same of ``columns(…)`` with a pattern or a function."""
    chosen = star["expr"]
    if chosen["class"] == "CONSTANT" and isinstance(chosen["value"]["value"], str):
        pattern = chosen["value"]["value"]
        if "\\" in star["alias"] or not _matches(pattern):
            return
        lambda_ = f"regexp_matches(c, {literal(pattern)}) and not regexp_full_match(c, {literal(_HIDDEN)})"
        star["expr"] = expression(f"columns(lambda c: {lambda_})")["expr"]
    elif chosen["class"] == "FUNCTION" and chosen["function_name"] == "list_filter":
        test = chosen["children"][1]
        if test["class"] != "LAMBDA" or test["lhs"]["class"] != "COLUMN_REF":
            return
        name = test["lhs"]["column_names"][-1]
        more = expression(f"true and not regexp_full_match({quoted(name)}, {literal(_HIDDEN)})")
        more["children"][0] = test["expr"]
        test["expr"] = more


def _matches(pattern: str) -> bool:
    """Whether a pattern of columns fits one that is hidden."""
    try:
        found = ask(f"select bool_or(regexp_matches(c, $1)) from (values ('{AT}'), ('_file'), ('_row')) v(c)", pattern)
    except duckdb.Error:
        raise StatementError(f"the pattern in columns('{pattern}') cannot be read") from None
    return bool(found[0][0])


def _bare_columns() -> Node:
    return expression(f"columns(lambda c: not regexp_full_match(c, {literal(_HIDDEN)}))")
