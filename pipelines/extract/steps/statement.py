"""One statement of a source profile: whether it may be done, what it reads, and how its rows keep their places."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

_TABLE_FUNCTIONS = ("unnest", "range", "generate_series")
_LINE = re.compile(r"LINE (\d+):")
_NO_PLACE = "[]::struct(t integer, r bigint)[]"


class StatementError(Exception):
    """A statement that cannot be done: a sentence without any value of the data, and the line, where it is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Statement:
    """What a statement reads."""

    tables: tuple[str, ...]
    columns: frozenset[str]
    has_star: bool


@cache
def _con() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1, "autoload_known_extensions": False})


def _parsed(sql: str) -> dict[str, Any]:
    found = json.loads(_ask("select json_serialize_sql(?)", sql.strip().rstrip(";")))
    if found.get("error"):
        message = str(found.get("error_message", ""))
        if "Only SELECT" in message:
            raise StatementError("it is no single select")
        raise StatementError(
            f"it is not written as SQL: {message.splitlines()[0] if message else ''}", _line(found, sql)
        )
    if len(found["statements"]) != 1:
        raise StatementError("it is more than one statement")
    return dict(found)


def _ask(query: str, *values: str) -> str:
    row = _con().cursor().execute(query, list(values)).fetchone()
    assert row is not None
    return str(row[0])


def _line(found: dict[str, Any], sql: str) -> int | None:
    place = found.get("position")
    return None if place is None else sql.strip()[: int(place)].count("\n") + 1


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for one in node.values():
            yield from _walk(one)
    elif isinstance(node, list):
        for one in node:
            yield from _walk(one)


@cache
def _allowed() -> frozenset[str]:
    rows = (
        _con()
        .cursor()
        .execute(
            "select function_name from duckdb_functions() where function_type in ('scalar', 'aggregate', 'macro')"
            " group by 1 having bool_and(coalesce(stability, 'CONSISTENT') = 'CONSISTENT')"
        )
    )
    return frozenset(name for (name,) in rows.fetchall()) - {"current_setting", "getvariable", "query", "nextval"}


def check(sql: str) -> Statement:
    """What the statement reads.

    Raises:
        StatementError: it is no single select, or asks for a function that reaches beyond the files.
    """
    found = _parsed(sql)
    tables: dict[str, None] = {}
    columns: set[str] = set()
    own: set[str] = set()
    has_star = False
    for node in _walk(found):
        kind = node.get("type")
        for one in node.get("cte_map", {}).get("map", []):
            own.add(str(one["key"]).casefold())
        if kind == "BASE_TABLE":
            tables[str(node["table_name"])] = None
        elif kind == "TABLE_FUNCTION" and node["function"]["function_name"] not in _TABLE_FUNCTIONS:
            raise StatementError(f"the function {node['function']['function_name']} cannot be used here")
        elif kind == "COLUMN_REF":
            columns.add(str(node["column_names"][-1]))
        elif kind == "STAR":
            has_star = True
        elif (
            kind == "FUNCTION"
            and node["function_name"] not in (*_allowed(), *_TABLE_FUNCTIONS, "as_at")
            and not re.fullmatch(r"\W+", node["function_name"])
        ):
            raise StatementError(f"the function {node['function_name']} cannot be used here")
    return Statement(tuple(one for one in tables if one.casefold() not in own), frozenset(columns), has_star)


def traced(sql: str) -> str:
    """The same statement, each of whose rows has in ``_at`` the places of the rows that made it."""
    found = _parsed(sql)
    _trace(found["statements"][0]["node"])
    return _ask("select json_deserialize_sql(?)", json.dumps(found))


def _trace(node: dict[str, Any]) -> None:
    for one in node.get("cte_map", {}).get("map", []):
        _trace(one["value"]["query"]["node"])
    if node["type"] == "SET_OPERATION_NODE":
        for side in ("left", "right"):
            _trace(node[side])
        return
    if node["type"] != "SELECT_NODE":
        raise StatementError("its rows cannot be followed to the files; select _at yourself")
    if any(one.get("alias") == "_at" or one.get("column_names", [""])[-1] == "_at" for one in node["select_list"]):
        return
    names = list(_sources(node["from_table"]))
    places = [f'coalesce("{name}"._at, {_NO_PLACE})' for name in names] or [_NO_PLACE]
    at = places[0] if len(places) == 1 else f"list_concat({', '.join(places)})"
    grouped = bool(node["group_expressions"] or node["having"]) or any(
        one.get("type") == "FUNCTION" and one["function_name"] in _aggregates()
        for expression in node["select_list"]
        for one in _walk(expression)
    )
    if grouped:
        at = f"flatten(list({at}))"
    if grouped or len(places) > 1:
        at = f"list_sort(list_distinct({at}))"
    for one in node["select_list"]:
        if one.get("type") == "STAR" and not one.get("columns"):
            one["exclude_list"] = [*one.get("exclude_list", []), "_at"]
    node["select_list"].append(_parsed(f"select {at} as _at")["statements"][0]["node"]["select_list"][0])


@cache
def _aggregates() -> frozenset[str]:
    rows = (
        _con().cursor().execute("select distinct function_name from duckdb_functions() where function_type='aggregate'")
    )
    return frozenset(name for (name,) in rows.fetchall())


def _sources(table: dict[str, Any]) -> Iterator[str]:
    if table["type"] == "JOIN":
        if table.get("join_type") in ("SEMI", "ANTI"):
            yield from _sources(table["left"])
            return
        yield from _sources(table["left"])
        yield from _sources(table["right"])
    elif table["type"] == "BASE_TABLE":
        yield str(table["alias"] or table["table_name"]).replace('"', '""')
    elif table["type"] == "SUBQUERY":
        _trace(table["subquery"]["node"])
        table["alias"] = table["alias"] or "_rows"
        yield str(table["alias"]).replace('"', '""')


def sentence(error: duckdb.Error, sql: str) -> tuple[str, int | None]:
    """A refusal of DuckDB as a sentence without a value of the data, and the line of the statement."""
    text = str(error)
    line = _LINE.search(text)
    number = int(line[1]) if line else None
    if isinstance(error, (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)):
        return text.splitlines()[0].partition(": ")[2], number
    if isinstance(error, duckdb.OutOfMemoryException):
        return "it needs more memory than a statement may take", number
    return "a cell cannot be made into what it asks for; use try_cast, which leaves such cells empty", number
