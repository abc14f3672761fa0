"""One statement of a source profile: whether it may be done, what it reads, and how its rows keep their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.extract.steps.functions import TABLE_FUNCTIONS, refuse_called_as_column, refuse_function
from pipelines.extract.steps.lineage import follow
from pipelines.extract.steps.parsed import Node, StatementError, line_of, parse, walk, write
from pipelines.extract.steps.refusals import sentence

__all__ = ["Statement", "StatementError", "check", "sentence", "traced"]

_MAIN = "main"


@dataclass(frozen=True)
class Statement:
    """What a statement reads."""

    tables: tuple[str, ...]
    """Names of the relations, each once, in order; those of its own WITH are left out."""
    columns: frozenset[str]
    """Names of the columns that it mentions."""
    has_star: bool
    """Whether it takes all columns of some relation."""


def check(sql: str) -> Statement:
    """What the statement reads.

    Raises:
        StatementError: it is no single select over tables, asks for what reaches beyond the files, or gives rows that
            cannot be followed to the files.
    """
    parsed = parse(sql)
    if parsed.get("named_param_map"):
        raise StatementError("it has a parameter ($ or ?), which nothing fills")
    names = {name.casefold() for node in walk(parsed) for name in (node.get("alias"), node.get("table_name")) if name}
    columns: set[str] = set()
    has_star = False
    for node in walk(parsed):
        _refuse(node, line_of(node, sql))
        if node.get("class") == "COLUMN_REF":
            first, *rest = node["column_names"]
            columns.update(rest if rest and first.casefold() in names else node["column_names"])
        elif node.get("class") == "STAR":
            has_star = True
        columns.update(node.get("using_columns") or ())
        for entry in node.get("entries") or ():
            columns.update(str(one["value"]) for one in entry.get("values") or ())
    tables: dict[str, str] = {}
    for name in _tables(parsed, frozenset()):
        tables.setdefault(name.casefold(), name)
    follow(parsed["node"], names)
    return Statement(tuple(tables.values()), frozenset(columns), has_star)


def traced(sql: str) -> str:
    """The same statement, each of whose rows has in ``_at`` the places of the rows that made it, each once, sorted.

    A select that gives ``_at`` itself is left as it is.

    Raises:
        StatementError: its rows cannot be followed; the sentence says what to write.
    """
    parsed = parse(sql)
    names = [name for node in walk(parsed) for name in (node.get("alias"), node.get("table_name")) if name]
    parsed["node"] = follow(parsed["node"], names)
    return write(parsed)


def _refuse(node: Node, line: int | None) -> None:
    kind = node.get("type")
    if node.get("class") in ("FUNCTION", "WINDOW"):
        if node["function_name"] not in TABLE_FUNCTIONS:
            refuse_function(node, line)
    elif node.get("class") == "COLUMN_REF":
        refuse_called_as_column(node, line)
    elif kind == "TABLE_FUNCTION":
        name = node["function"].get("function_name", "")
        if name not in TABLE_FUNCTIONS:
            raise StatementError(f"the function {name} cannot be used here: a statement reads the export alone", line)
    elif kind == "BASE_TABLE":
        if node["catalog_name"] or node["schema_name"].casefold() not in ("", _MAIN):
            raise StatementError(
                f"{'.'.join(filter(None, (node['catalog_name'], node['schema_name'], node['table_name'])))} is no file"
                " or sheet; a name with a dot in it stands in double quotes",
                line,
            )
    elif kind == "SHOW_REF":
        raise StatementError("describe, show and summarize give no rows of the export", line)


def _tables(piece: Any, own: frozenset[str]) -> Iterator[str]:
    """Names of the relations that a piece of a statement reads; ``own``: names in WITH that it sees."""
    if isinstance(piece, list):
        for one in piece:
            yield from _tables(one, own)
    if not isinstance(piece, dict):
        return
    for one in piece.get("cte_map", {}).get("map", ()):
        yield from _tables(one["value"], own)
        own |= {str(one["key"]).casefold()}
    if piece.get("type") == "BASE_TABLE" and (piece["schema_name"] or piece["table_name"].casefold() not in own):
        yield str(piece["table_name"])
    for key, one in piece.items():
        if key != "cte_map":
            yield from _tables(one, own)
