"""A DuckDB database that holds the mart and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from pipelines import arrow
from pipelines.finance.mart.relations import documentation


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def comments(name: str, catalog: str = "memory") -> list[str]:
    """The statements that describe a relation: its grain and key, and each of its columns."""
    known = documentation(name)
    words = f"{known.grain} Key: {', '.join(known.key)}"
    return [
        f"comment on table {catalog}.main.{name} is {_text(words)}",
        *(
            f"comment on column {catalog}.main.{name}.{column} is {_text(text)}"
            for column, text in known.columns.items()
        ),
    ]


def fill(con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], catalog: str = "memory") -> None:
    """Create every relation in ``catalog``, with its grain, key and columns as comments."""
    for name, table in tables.items():
        arrow.load(con, f"create table {catalog}.main.{name} as select * from incoming", table)
        for comment in comments(name, catalog):
            con.execute(comment)
