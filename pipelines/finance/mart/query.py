"""A query over the mart: read only, in a database in memory that holds the mart's relations and nothing else.

Three walls, each enough by itself against most attempts. The statement is parsed first and must be one that only
reads, with no table function beyond a few harmless ones. The database that it then runs in never held a name, a
reference or the key. And DuckDB is told to reach neither files nor network nor extensions, and to keep its settings.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.errors import UsageError
from pipelines.finance.mart.database import in_memory
from pipelines.finance.mart.relations import RELATIONS

TABLE_FUNCTIONS = frozenset({"generate_series", "range", "unnest"})
"""Functions that may stand after FROM. Others reach for files, run text as SQL or change how DuckDB logs."""

_ONLY = "Only one statement that reads is run: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE, PIVOT or UNPIVOT."
_LOCKS = (
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set allow_community_extensions = false",
    "set temp_directory = ''",
    "set memory_limit = '2GB'",
    # Rows that no "order by" puts in order come in the same order each time.
    "set threads = 1",
    "set enable_external_access = false",
    "set lock_configuration = true",
)


@dataclass(frozen=True)
class Answer:
    """Rows of a query. ``is_cut``: there are more than the limit."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    is_cut: bool


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def check_statement(statement: str) -> frozenset[str]:
    """Refuse what is not one reading statement, before anything is read; the relations of the mart that it needs.

    All of them are needed where it lists or describes relations, or names something that is none.

    Raises:
        UsageError: it is empty, several, writes, sets, attaches, loads, or calls a table function that is not allowed.
    """
    if statement.lstrip().startswith("@"):
        raise UsageError("A ready question is had by its name: hclic metrics NAME; hclic metrics list shows them all.")
    with duckdb.connect(":memory:") as con:
        try:
            parsed = con.extract_statements(statement)
        except duckdb.Error as error:
            raise UsageError(sentence(error)) from None
        row = con.execute("select json_serialize_sql(?::varchar)", [statement]).fetchone()
    if not parsed:
        raise UsageError(f"The query is empty. {_ONLY}")
    if [found.type.name for found in parsed] == ["CREATE", "SELECT"] and "pivot" in statement.lower():
        raise UsageError("Name a pivot's values: pivot nights_by_month on ta_type in ('bb', 'psl') using sum(nights).")
    if len(parsed) != 1 or parsed[0].type.name != "SELECT":
        raise UsageError(_ONLY)
    assert row is not None
    tree = json.loads(row[0])
    if tree.get("error") or len(tree.get("statements", [])) != 1:
        raise UsageError(_ONLY)
    named: set[str] = set()
    known = set(RELATIONS)
    lists = False
    for node in _nodes(tree["statements"]):
        if node.get("type") == "TABLE_FUNCTION":
            name = str((node.get("function") or {}).get("function_name", "")).lower()
            if name not in TABLE_FUNCTIONS:
                raise UsageError(
                    "A query reads the relations of the mart only: of the functions after FROM,"
                    f" {', '.join(sorted(TABLE_FUNCTIONS))} are allowed. See the relations with: show tables."
                )
        elif node.get("type") == "BASE_TABLE":
            named.add(str(node.get("table_name", "")).lower())
        elif node.get("type") == "SHOW_REF":
            lists = True
        elif "cte_map" in node:
            known |= {str(item.get("key", "")).lower() for item in (node["cte_map"] or {}).get("map", [])}
    return frozenset(RELATIONS) if lists or not named <= known else frozenset(named & set(RELATIONS))


def run_query(tables: Mapping[str, pa.Table], statement: str, *, limit: int = 10_000, seconds: float = 60) -> Answer:
    """Run one reading statement over the relations of a mart.

    Args:
        tables: relations by name, as ``relations.read_mart`` gives them.
        statement: SQL of DuckDB.
        limit: most rows that are given back.
        seconds: after this long the query is stopped.

    Raises:
        UsageError: the statement is refused or wrong, or takes too long. Its text holds no value from the data.
    """
    check_statement(statement)
    if limit < 1:
        raise UsageError("--limit is 1 or more.")
    with in_memory(tables) as con:
        for lock in _LOCKS:
            con.execute(lock)
        timer = threading.Timer(seconds, con.interrupt)
        timer.daemon = True
        timer.start()
        try:
            con.execute(statement)
            columns = [str(column[0]) for column in con.description or []]
            rows = con.fetchmany(limit + 1)
        except duckdb.InterruptException:
            raise UsageError(f"The query was stopped after {seconds:g} seconds.") from None
        except duckdb.Error as error:
            raise UsageError(sentence(error)) from None
        finally:
            timer.cancel()
    return Answer(columns, [tuple(map(_plain, row)) for row in rows[:limit]], len(rows) > limit)


def _plain(value: Any) -> Any:
    """A value as a cell can hold it: lists, structs, intervals and times as text."""
    if value is None or isinstance(value, bool | int | float | Decimal | str):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return str(value)


_OF_THE_TEXT = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.SyntaxException)


def sentence(error: duckdb.Error) -> str:
    """What DuckDB says of a query, in one sentence and without values.

    A fault of the SQL's own text is told in DuckDB's words, literals left out. A fault that comes up while rows are
    read can quote a row, so only its kind is told.
    """
    if not isinstance(error, _OF_THE_TEXT):
        kind = type(error).__name__.removesuffix("Exception")
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
        return f"DuckDB could not carry out the query ({words} error); a cast or a calculation does not fit the rows."
    said = str(error).split("\nLINE ")[0]
    said = re.sub(r"'(?:[^']|'')*'", "'…'", said)
    if said.startswith("Catalog Error: Table with name"):
        said = said.split("Did you mean")[0] + " See the relations with: show tables."
    said = " ".join(re.sub(r"[^\x20-\x7e…]", " ", said).split())
    return f"The query is not understood. {said[:400]}"
