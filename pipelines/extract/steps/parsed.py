"""Statements as DuckDB's own parser reads them: a tree of dictionaries, which can be changed and written again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb

Node = dict[str, Any]

NO_LOCATION = 2**64 - 1
"""What the parser gives a piece that it does not know the location of."""


PIVOT = (
    "its rows cannot be followed to the files through a pivot; write for each column:"
    ' max("Answer") filter (where "Question" = \'q1\') as "q1", with group by'
)
_PIVOTS = re.compile(r"\bpivot", re.IGNORECASE)


class StatementError(Exception):
    """A statement that cannot be done: a sentence without any value of the data, and the line, where it is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@cache
def _con() -> duckdb.DuckDBPyConnection:
    settings = {"threads": 1, "autoinstall_known_extensions": False, "autoload_known_extensions": False}
    return duckdb.connect(config={**settings, "enable_external_access": False})


def ask(query: str, *values: str) -> list[tuple[Any, ...]]:
    """Rows of a query over an empty database."""
    own = _con().cursor()
    try:
        return own.execute(query, list(values)).fetchall()
    finally:
        own.close()


def parse(sql: str) -> Node:
    """The statement's tree.

    Raises:
        StatementError: it is no single select.
    """
    text = stripped(sql)
    try:
        found = json.loads(ask("select json_serialize_sql(?::varchar)", text)[0][0])
    except (duckdb.Error, ValueError, UnicodeError, RecursionError):
        raise StatementError("it cannot be read as SQL") from None
    if found.get("error"):
        message = str(found.get("error_message", ""))
        if "Only SELECT" in message:
            raise StatementError(PIVOT if _PIVOTS.search(text) else "it is no select")
        place = found.get("position")
        line = None if place is None else text[: int(place)].count("\n") + 1
        raise StatementError(f"it is not written as SQL: {message.partition(chr(10))[0]}", line)
    if not found["statements"]:
        raise StatementError("it is empty")
    if len(found["statements"]) > 1:
        raise StatementError("it is more than one statement")
    return dict(found["statements"][0])


def stripped(sql: str) -> str:
    """The statement without what stands around it; lines are counted in this."""
    return sql.strip().rstrip(";")


def write(node: Node) -> str:
    """The SQL of a tree."""
    return str(ask("select json_deserialize_sql(?::json)", json.dumps({"error": False, "statements": [node]}))[0][0])


def line_of(node: Node, sql: str) -> int | None:
    """The line of the statement on which the piece of its tree begins, where the parser knows it."""
    location = node.get("query_location", NO_LOCATION)
    if location == NO_LOCATION:
        return None
    return stripped(sql).encode()[: int(location)].count(b"\n") + 1


def expression(sql: str) -> Node:
    """The tree of one column of a select."""
    return dict(parse(f"select {sql}")["node"]["select_list"][0])


def walk(piece: Any, into_queries: bool = True) -> Iterator[Node]:
    """Every node of a tree, from the outside; with ``into_queries`` those of the selects inside it too."""
    if isinstance(piece, dict):
        yield piece
        for key, one in piece.items():
            if into_queries or key != "node":
                yield from walk(one, into_queries)
    elif isinstance(piece, list):
        for one in piece:
            yield from walk(one, into_queries)
