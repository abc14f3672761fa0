"""A DuckDB database that holds the mart and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from pipelines import arrow
from pipelines.finance.mart.relations import documentation


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def fill(con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], catalog: str = "memory") -> None:
    """Create every relation in ``catalog``, with its grain, key and columns as comments."""
    for name, table in tables.items():
        known = documentation(name)
        arrow.load(con, f"create table {catalog}.main.{name} as select * from incoming", table)
        words = f"{known.grain} Key: {', '.join(known.key)}"
        con.execute(f"comment on table {catalog}.main.{name} is {_text(words)}")
        for column, text in known.columns.items():
            con.execute(f"comment on column {catalog}.main.{name}.{column} is {_text(text)}")


def in_memory(tables: Mapping[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    """A connection to a new database in memory that holds only these relations."""
    con = duckdb.connect(":memory:")
    con.execute("set enable_progress_bar = false")
    # Without this, a name that is no table is looked up among the variables of the calling program.
    con.execute("set python_enable_replacements = false")
    fill(con, tables)
    return con
