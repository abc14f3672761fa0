"""Create the relations of ``sql/`` and read them: the one place that makes a relation from its file."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

import duckdb
import polars as pl

import sql
from pipelines.errors import UsageError


def create(
    con: duckdb.DuckDBPyConnection,
    folder: str,
    name: str,
    *,
    schema: str | None = None,
    kind: Literal["table", "view"] = "table",
    called: str | None = None,
) -> None:
    """Create what ``sql/<folder>/<name>.sql`` selects, in the temp schema without ``schema``.

    An earlier one of the same kind is replaced. ``called`` is its name where that is not the file's.
    """
    target = called or name
    what = f"{kind} {schema}.{target}" if schema else f"temp {kind} {target}"
    con.execute(f"create or replace {what} as {sql.text(f'{folder}/{name}.sql')}")


def create_each(
    con: duckdb.DuckDBPyConnection, folder: str, names: Iterable[str], stored: Collection[str] = ()
) -> None:
    """Create each relation in the temp schema: as a table where it is among ``stored``, else as a view."""
    for name in names:
        create(con, folder, name, kind="table" if name in stored else "view")


def read_relation(
    con: duckdb.DuckDBPyConnection, name: str, known: Collection[str], stored: Collection[str] = ()
) -> pl.DataFrame:
    """All rows of one relation of ``sql/metrics``, always in the same order.

    A view is in the order that its file says; one of ``stored``, in that of its key.

    Raises:
        UsageError: it is not one of ``known``.
    """
    if name not in known:
        raise UsageError(f"There is no metric {name}.")
    order = f" order by {', '.join(sql.key(f'metrics/{name}.sql'))}" if name in stored else ""
    return con.execute(f"select * from {name}{order}").pl()
