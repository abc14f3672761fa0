"""A query over the mart: read only, in a database in memory that holds the mart's relations and nothing else.

Three walls, each enough by itself against most attempts. The statement is parsed first and must be one that only
reads, with no table function beyond a few harmless ones. The database that it then runs in never held a name, a
reference or the key. And DuckDB is told to reach neither files nor network nor extensions, and to keep its settings.
What a statement uses up is limited from outside: it runs in a process of its own, which the system keeps to its share
of memory and which is killed when its time is over.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.errors import UsageError
from pipelines.finance.mart import child
from pipelines.finance.mart.child import Answer, sentence
from pipelines.finance.mart.database import comments
from pipelines.finance.mart.relations import RELATIONS

TABLE_FUNCTIONS = frozenset({"generate_series", "range", "unnest"})
"""Functions that may stand after FROM. Others reach for files, run text as SQL or change how DuckDB logs."""

MEMORY = 2 << 30
"""Bytes that the process of a query may take."""

_HOME = Path(__file__).resolve().parents[3]
_ONLY = "Only one statement that reads is run: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE, PIVOT or UNPIVOT."


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


def run_query(
    tables: Mapping[str, pa.Table], statement: str, *, limit: int = 10_000, seconds: float = 60, memory: int = MEMORY
) -> Answer:
    """Run one reading statement over the relations of a mart, in a process of its own (``child``).

    Args:
        tables: relations by name, as ``relations.read_mart`` gives them.
        statement: SQL of DuckDB.
        limit: most rows that are given back.
        seconds: after this long the process is killed.
        memory: bytes that the process may take.

    Raises:
        UsageError: the statement is refused or wrong, or was stopped for its time, its memory or the length of its
            answer. The text holds no value from the data.
    """
    check_statement(statement)
    if limit < 1:
        raise UsageError("--limit is 1 or more.")
    streams = {name: _stream(table) for name, table in tables.items()}
    relations = [(name, len(stream), comments(name)) for name, stream in streams.items()]
    asked = {"statement": statement, "limit": limit, "memory": memory, "relations": relations}
    # What the program is told by its environment, a key or a password among it, is not the query's to know.
    environment = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-B", child.__file__, str(_HOME)],
            input=b"".join((json.dumps(asked).encode(), b"\n", *streams.values())),
            capture_output=True,
            timeout=seconds,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"The query was stopped after {seconds:g} seconds.") from None
    if done.returncode != 0:
        # Where the system refuses memory outside of DuckDB, the process ends without a word.
        raise UsageError(child.TOO_MUCH_MEMORY)
    answered = json.loads(done.stdout)
    if "refused" in answered:
        raise UsageError(answered["refused"])
    rows = [tuple(map(child.taken, row)) for row in answered["rows"]]
    return Answer(answered["columns"], rows, answered["is_cut"])


def _stream(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()
