"""Moving the warehouse of an authority: from its file into a DuckLake, and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipelines import arrow
from pipelines.errors import OutputError, UsageError
from pipelines.keeping.tables import Table, tables
from pipelines.place import Lake, Place, of_authority
from pipelines.run.lock import alone_at
from pipelines.warehouse import chain
from pipelines.warehouse.lakes import TURN
from pipelines.warehouse.places import check_there
from pipelines.warehouse.store import Warehouse

_STAY = frozenset({'"about"', f'"{TURN}"'})
"""Tables that say how a warehouse is laid out and who writes: each has its own."""


@dataclass(frozen=True)
class Moved:
    """What was moved: number of tables, and of rows in all of them."""

    authority: str
    tables: int
    rows: int


def move(source: Place, target: Place, authority: str | None, *, at: datetime, by: str, seconds: float) -> Moved:
    """Write all that a warehouse holds of its one authority into one that holds nothing of it yet, whole or not at all.

    What was moved is read back and compared by its digests before it is kept. The source stays as it is.

    Args:
        source: a file or a DuckLake.
        target: likewise; a file is made.
        authority: GSS code; by default the only one of the source.
        at: when, from the edge.
        by: who moves it.
        seconds: how long to wait for runs at either.

    Raises:
        UsageError: a file holds several authorities, or the target holds something already.
        HeldError: a run was at work for too long.
        InputError: there is no source.
        OutputError: what was written does not read as what was there; nothing is kept.
    """
    check_there(of_authority(source, authority))
    with Warehouse(of_authority(source, authority), read_only=True) as held:
        code = _only(held, authority)
    here, there = of_authority(source, code), of_authority(target, code)
    with (
        alone_at(here, seconds),
        alone_at(there, seconds),
        Warehouse(here, read_only=True) as old,
        Warehouse(there) as new,
    ):
        if _holds_rows(new.connection):
            raise UsageError(f"The warehouse that is moved to holds something of {code} already.")
        with new.transaction():
            moved = [one for one in tables(old.connection) if one.name not in _STAY]
            for table in moved:
                _copy(old.connection, new.connection, table)
            before, after = _all(old.connection), _all(new.connection)
            if before != after:
                raise OutputError("What was written does not read as what was there. Nothing was moved.")
            rows = sum(count for count, _ in before.values())
            facts = {"from": _kind(source), "to": _kind(target), "rows": rows}
            chain.append(new.connection, "moved", la_code=code, at=at, facts=facts, said_by=by)
    return Moved(code, len(moved), rows)


def _only(store: Warehouse, authority: str | None) -> str:
    rows = store.connection.execute("select distinct la_code from runs order by 1").fetchall()
    if len(rows) > 1:
        # One chain of lines tells of all of them: part of it would look as if lines had been taken away.
        raise UsageError("The file holds several authorities, whose ledger is one. Only a file of one can be moved.")
    return store.only_authority() if authority is None else authority


def _kind(place: Place) -> str:
    return "a DuckLake" if isinstance(place, Lake) else "a file"


def _copy(source: duckdb.DuckDBPyConnection, target: duckdb.DuckDBPyConnection, table: Table) -> None:
    rows = source.sql(f"select * from {table.name} order by rowid")
    arrow.load(target, f"insert into {table.name} by name select * from incoming", rows)


def _all(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Rows of each table, and a sum over all values that asks neither for an order of rows nor for one of columns."""
    found = {}
    for table in tables(con):
        if table.name not in _STAY:
            listed = ", ".join(sorted(f'"{name}"' for name, _ in table.columns))
            row = con.execute(
                f"select count(*), coalesce(sum(hash({listed})::hugeint), 0) from {table.name}"
            ).fetchone()
            assert row is not None
            found[table.name] = (int(row[0]), int(row[1]))
    return found


def _holds_rows(con: duckdb.DuckDBPyConnection) -> bool:
    return any(count for count, _ in _all(con).values())
