"""Create the relations of ``sql/metrics`` and read them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import duckdb
import polars as pl

import sql
from pipelines.errors import UsageError


def create_relations(con: duckdb.DuckDBPyConnection, names: Iterable[str], stored: Collection[str]) -> None:
    """Create each relation in the temp schema: as a table if several others read it, else as a view."""
    for name in names:
        con.execute(f"drop view if exists temp.{name}") if name not in stored else None
        kind = "table" if name in stored else "view"
        con.execute(f"create or replace temp {kind} {name} as {sql.text(f'metrics/{name}.sql')}")


def read_relation(con: duckdb.DuckDBPyConnection, name: str, known: Collection[str]) -> pl.DataFrame:
    """All rows of one relation, in the order of its key.

    Raises:
        UsageError: it is not one of ``known``.
    """
    if name not in known:
        raise UsageError(f"There is no metric {name}.")
    return con.execute(f"select * from {name}").pl()
