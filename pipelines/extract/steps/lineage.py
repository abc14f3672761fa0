"""A select changed so that each row it gives has in ``_at`` the places of the rows that made it.

``_at`` is the last column of every select in FROM and WITH, too. What only decides whether a row is there (IN, EXISTS,
scalar sub-queries, the right side of a semi or anti join) has no part in making it. ``*`` is the columns of the files:
``_file``, ``_row`` and ``_at`` are only there where they are named.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.extract.steps.functions import aggregates
from pipelines.extract.steps.parsed import PIVOT, Node, StatementError, ask, expression, parse, walk
from pipelines.extract.steps.step import AT, both, literal, quoted, united

_NO_PLACE = "[]::struct(t integer, r bigint)[]"
_HIDDEN = r"_at|_(file|row)(_\d+)?"
_SIDE = "_side of two"
_LEFT, _RIGHT = 0, 1
_NULLABLE = {"LEFT": (False, True), "RIGHT": (True, False), "FULL": (True, True), "OUTER": (True, True)}
"""Whether a join leaves rows of its left and right side without a row of the other."""


@dataclass(frozen=True)
class _Source:
    """A relation in FROM."""

    name: str
    has_places: bool
    nullable: bool = False

    @property
    def at(self) -> str:
        return f"{quoted(self.name)}.{AT}"


def follow(node: Node, taken: Iterable[str] = ()) -> Node:
    """The select's tree, changed.

    ``taken``: names that the statement uses.

    Raises:
        StatementError: its rows cannot be followed.
    """
    return _Follower(taken).select(copy.deepcopy(node))


class _Follower:
    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {one.casefold() for one in taken}
        self._number = 0

    def _new_name(self) -> str:
        while True:
            self._number += 1
            name = f"_rows {self._number}"
            if name not in self._taken:
                return name

    def select(self, node: Node) -> Node:
        for one in node["cte_map"]["map"]:
            query = one["value"]["query"]
            query["node"] = self.select(query["node"])
        if node["type"] == "SELECT_NODE":
            return self._plain(node)
        if node["type"] == "SET_OPERATION_NODE":
            return self._two(node)
        raise StatementError(
            "its rows cannot be followed to the files through a with recursive; write the levels one by one as joins"
        )

    def _two(self, node: Node) -> Node:
        """A union, an intersection or a difference."""
        named = _named_hidden(node)
        node["left"], node["right"] = self.select(node["left"]), self.select(node["right"])
        if node["setop_type"] in ("UNION", "UNION_BY_NAME"):
            is_all, node["setop_all"] = node["setop_all"], True
            return node if is_all else self._grouped(node, named)
        if node["setop_all"]:
            raise StatementError(
                f"its rows cannot be followed to the files through {node['setop_type'].lower()} all; write it without"
                " all, or as a join"
            )
        in_both = node["setop_type"] == "INTERSECT"
        for side, number in (("left", _LEFT), ("right", _RIGHT)):
            marked = _over(node[side], self._new_name(), f"*, {number} as {quoted(_SIDE)}")
            node[side] = marked
        other = f"bool_or({quoted(_SIDE)} = {_RIGHT})"
        having = f"bool_or({quoted(_SIDE)} = {_LEFT}) and {other if in_both else f'not {other}'}"
        node["setop_type"], node["setop_all"] = "UNION", True
        return self._grouped(node, named, having)

    def _grouped(self, node: Node, named: Iterable[str], having: str = "") -> Node:
        """Equal rows of a select as one, with the places of all of them."""
        outer = _over(
            node, self._new_name(), f"{_visible(named, ('_at:.*', _SIDE))}, {united(AT)} as {AT}", "group by all"
        )
        if having:
            outer["having"] = expression(having)
        kept = [one for one in node["modifiers"] if one["type"] != "DISTINCT_MODIFIER"]
        node["modifiers"] = []
        # Without a limit the order means nothing: it ends with the select.
        if any(one["type"] != "ORDER_MODIFIER" for one in kept):
            outer["modifiers"] = [_outside(one, node) for one in kept]
        return outer

    def _plain(self, node: Node) -> Node:
        if node["sample"]:
            raise StatementError("it takes a sample, which rests on chance")
        named = _named_hidden(node)
        own = any(_is_places(one) for one in node["select_list"])
        is_grouped = _is_grouped(node)
        has_star = any(
            one["class"] == "STAR" and not one["columns"] and not _is_bare(one) for one in node["select_list"]
        )
        sources = list(self._sources(node["from_table"], follows=not own))
        self._conditions(node)
        for one in node["select_list"]:
            _hide(one, sources)
        for key in ("where_clause", "having", "qualify", "group_expressions", "modifiers"):
            _hide_all(node[key], sources)
        if own:
            _as_places(node["select_list"])
            return node
        node["select_list"].append(expression(f"{_places(sources, is_grouped)} as {AT}"))
        if any(one["type"] == "DISTINCT_MODIFIER" and not one["distinct_on_targets"] for one in node["modifiers"]):
            return self._grouped(node, named)
        if has_star:
            return _over(node, self._new_name(), f"{_visible(named, ())}, {AT}")
        return node

    def _sources(self, table: Node, follows: bool) -> Iterator[_Source]:
        """The relations whose rows make a row of FROM; selects among them are followed."""
        kind = table["type"]
        if table.get("sample"):
            raise StatementError("it takes a sample, which rests on chance")
        if kind == "JOIN":
            yield from self._joined(table, follows)
        elif kind == "BASE_TABLE":
            yield _Source(table["alias"] or table["table_name"], has_places=True)
        elif kind == "SUBQUERY":
            table["subquery"]["node"] = self.select(table["subquery"]["node"])
            yield _Source(self._named(table), has_places=True)
        elif kind == "PIVOT":
            if follows or not table["aggregates"]:
                yield self._unpivoted(table)
        elif kind in ("TABLE_FUNCTION", "EXPRESSION_LIST", "COLUMN_DATA"):
            yield _Source(table["alias"], has_places=False)
        elif kind != "EMPTY":
            raise StatementError(f"its rows cannot be followed to the files through {kind.lower().replace('_', ' ')}")

    def _joined(self, table: Node, follows: bool) -> Iterator[_Source]:
        if table["ref_type"] == "NATURAL":
            raise StatementError("a natural join would join by rows of files; write join … using (…) with the columns")
        left = list(self._sources(table["left"], follows))
        right = list(self._sources(table["right"], follows))
        if table["join_type"] in ("SEMI", "ANTI"):
            right = []
        for side, nullable in zip((left, right), _NULLABLE.get(table["join_type"], (False, False)), strict=True):
            for one in side:
                yield _Source(one.name, one.has_places, one.nullable or nullable)

    def _unpivoted(self, table: Node) -> _Source:
        if table["aggregates"]:
            raise StatementError(PIVOT)
        stars = [one["star_expr"] for pivot in table["pivots"] for one in pivot["entries"] if one.get("star_expr")]
        if stars or table["source"]["type"] not in ("BASE_TABLE", "SUBQUERY"):
            every = parse("select * from (select 1)")["node"]
            every["from_table"] = table["source"]
            source = parse("select 1 from (select 1)")["node"]["from_table"]
            source["subquery"]["node"] = self.select(every)
            source["alias"] = _name(table["source"]) or self._new_name()
            table["source"] = source
        else:
            list(self._sources(table["source"], follows=True))
        inside = [_Source(table["source"]["alias"], has_places=True)]
        for one in stars:
            if one["expr"]:
                _hide(one, inside)
            else:
                one["exclude_list"] = _with_places(one["exclude_list"])
        return _Source(self._named(table), has_places=True)

    def _named(self, table: Node) -> str:
        table["alias"] = table["alias"] or self._new_name()
        return str(table["alias"])

    def _conditions(self, node: Node) -> None:
        """Let the selects that decide on rows, and make none, give what they gave before."""
        for key, piece in node.items():
            if key != "cte_map":
                for one in walk(piece, into_queries=False):
                    if one.get("class") == "SUBQUERY":
                        _unfollowed(one["subquery"]["node"])


def _name(table: Node) -> str:
    return str(table.get("alias") or table.get("table_name") or "")


def _unfollowed(node: Node) -> None:
    """Hide ``_at`` of followed relations from ``*`` in a select that is not followed."""
    for one in walk(node):
        for column in one.get("select_list", ()):
            _hide(column, ())


def _over(node: Node, name: str, columns: str, rest: str = "") -> Node:
    """A select over a select; what that one has in WITH stands before both."""
    outer: Node = parse(f"select {columns} from (select 1) as {quoted(name)} {rest}")["node"]
    outer["from_table"]["subquery"]["node"] = node
    return outer


def _named_hidden(node: Node) -> frozenset[str]:
    """Which of the columns that ``*`` leaves out a select names."""
    while node["type"] == "SET_OPERATION_NODE":
        node = node["left"]
    columns = node.get("select_list", ())
    names = {one["alias"] or (one["class"] == "COLUMN_REF" and one["column_names"][-1]) for one in columns}
    return frozenset({"_file", "_row"} & names)


def _visible(named: Iterable[str], hidden: Iterable[str]) -> str:
    """All columns of a select in FROM, in SQL, but for those that tell where a row comes from."""
    kept = {"_file", "_row"} - set(named)
    dropped = "|".join([AT, *sorted(kept), r"_(file|row)_\d+", *hidden])
    return f"columns(lambda c: not regexp_full_match(c, {literal(dropped)}))"


def _outside(modifier: Node, node: Node) -> Node:
    """An order or a limit of a select, as it stands outside of it: its columns have no table any more."""
    columns = node.get("select_list", [])
    for order in modifier.get("orders", []):
        for one in columns:
            if one["alias"] and _same(one, order["expression"]):
                order["expression"] = expression(quoted(one["alias"]))
        for one in walk(order["expression"], into_queries=False):
            if one.get("class") == "COLUMN_REF":
                one["column_names"] = one["column_names"][-1:]
    return modifier


def _same(one: Node, other: Node) -> bool:
    def bare(piece: Any) -> Any:
        if isinstance(piece, dict):
            return {key: bare(value) for key, value in piece.items() if key not in ("alias", "query_location")}
        return [bare(value) for value in piece] if isinstance(piece, list) else piece

    return bool(bare(one) == bare(other))


def _is_places(column: Node) -> bool:
    """Whether a column of a select is its places, as its author has written them."""
    if column["class"] == "STAR":
        return any(str(one["key"]).casefold() == AT for one in column["replace_list"])
    name = column["alias"] or (column["class"] == "COLUMN_REF" and column["column_names"][-1]) or ""
    return str(name).casefold() == AT


def _as_places(columns: list[Node]) -> None:
    """Let the places that a select gives itself be of their type, and none where there are none."""
    for column in columns:
        if column["class"] == "STAR":
            for one in column["replace_list"]:
                if str(one["key"]).casefold() == AT:
                    one["value"] = _typed(one["value"])
        elif _is_places(column):
            column_of_that_type = _typed({**column, "alias": ""})
            column.clear()
            column.update(column_of_that_type, alias=AT)


def _typed(places: Node) -> Node:
    whole = expression(f"coalesce(list_sort(list_distinct(1::struct(t integer, r bigint)[])), {_NO_PLACE})")
    cast = next(one for one in walk(whole) if one.get("type") == "OPERATOR_CAST")
    cast["child"] = places
    return whole


def _is_grouped(node: Node) -> bool:
    """Whether a select makes one row of several."""
    if node["group_expressions"] or node["group_sets"] or node["having"]:
        return True
    if node["aggregate_handling"] == "FORCE_AGGREGATES":
        return True
    return any(
        one.get("class") == "FUNCTION" and str(one["function_name"]).casefold() in aggregates()
        for piece in (node["select_list"], node["qualify"], node["modifiers"])
        for one in walk(piece, into_queries=False)
    )


def _places(sources: list[_Source], is_grouped: bool) -> str:
    """The places of a row, in SQL."""
    having = [one for one in sources if one.has_places]
    if not having:
        return _NO_PLACE
    at = having[0].at
    if is_grouped:
        for one in having[1:]:
            at = f"list_concat({at}, {one.at})"
        return f"coalesce({united(at)}, {_NO_PLACE})"
    if len(having) == 2:
        at = both(having[0].at, having[1].at)
    elif len(having) > 2:
        for one in having[1:]:
            at = f"list_concat({at}, {one.at})"
        at = f"list_sort(list_distinct({at}))"
    return f"coalesce({at}, {_NO_PLACE})" if any(one.nullable for one in having) else at


def _is_bare(star: Node) -> bool:
    lists = ("exclude_list", "replace_list", "rename_list", "qualified_exclude_list")
    return not star["relation_name"] and not any(star[one] for one in lists)


def _with_places(names: list[Any]) -> list[Any]:
    return names if any(str(one).casefold() == AT for one in names) else [*names, AT]


def _hide_all(piece: Any, sources: Iterable[_Source]) -> None:
    for one in walk(piece, into_queries=False):
        if one.get("class") == "STAR" and one["columns"]:
            _hide(one, sources)


def _hide(column: Node, sources: Iterable[_Source]) -> None:
    """Leave the places out of what ``*`` and ``columns(…)`` stand for in a column of a select."""
    if column["class"] == "STAR" and not column["columns"] and _is_bare(column):
        column.update(columns=True, expr=_bare_columns()["expr"])
        return
    inside: set[int] = set()
    for one in walk(column, into_queries=False):
        if one.get("class") != "STAR" or id(one) in inside:
            continue
        if one["columns"] and one["expr"]:
            inside |= {id(star) for star in walk(one["expr"]) if star.get("class") == "STAR"}
            _hide_chosen(one)
        elif one["columns"] and _is_bare(one):
            one["expr"] = _bare_columns()["expr"]
            inside |= {id(star) for star in walk(one["expr"]) if star.get("class") == "STAR"}
        elif any(
            source.has_places and one["relation_name"].casefold() in ("", source.name.casefold()) for source in sources
        ):
            one["exclude_list"] = _with_places(one["exclude_list"])


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
