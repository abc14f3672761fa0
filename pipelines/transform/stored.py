"""The editions of a run that a warehouse holds."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from pipelines.period import Quarter
from pipelines.settings import Settings
from pipelines.transform.editions import (
    RECORDED,
    RUN_DATABASE,
    build_facts,
    build_quarter_end,
    build_sent,
    create_schema,
    prepare,
)
from pipelines.transform.selection import FORCED_SCHEMA
from schemas.sections import SECTIONS


def build(
    con: duckdb.DuckDBPyConnection,
    *,
    run_id: str,
    la_code: str,
    quarter: Quarter,
    as_at: date,
    settings: Settings | None = None,
    forced: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Create the editions of a stored run as seen in ``quarter``, in a database in memory attached to the connection.

    The quarter need not be the run's own: a run freezes the whole export. Those of an earlier call are replaced.
    ``forced`` is by default what the run decided, where it was made for that quarter.

    Returns:
        the selection, as ``build_sent`` gives it.
    """
    row = con.execute(
        "select database_name from duckdb_databases() where not internal and database_name <> ?"
        # That in memory is the one that is meant only where there is no other.
        " order by path is null",
        [RUN_DATABASE],
    ).fetchone()
    assert row is not None
    con.execute(f'use "{row[0]}".main')
    con.execute(f"detach database if exists {RUN_DATABASE}")
    chosen = _stored_choice(con, run_id, quarter) if forced is None else forced
    con.execute(f"attach ':memory:' as {RUN_DATABASE} (read_write)")
    create_schema(con, RECORDED)
    for section in SECTIONS:
        con.execute(
            f"create table {RECORDED}.{section.name} as select {', '.join(section.names)}"
            f" from snapshot_{section.name} where run_id = ?",
            [run_id],
        )
    prepare(con, run_id=run_id, la_code=la_code, quarter=quarter, as_at=as_at, settings=settings)
    build_facts(con, RECORDED)
    build_quarter_end(con)
    return build_sent(con, chosen)


def _stored_choice(con: duckdb.DuckDBPyConnection, run_id: str, quarter: Quarter) -> pl.DataFrame:
    """The cases that the run was told to take in or leave out, with the reason; none for another quarter."""
    try:
        rows = con.execute(
            "select case_selection.case_ref, case_selection.forced as action, case_selection.reason"
            " from case_selection inner join runs on case_selection.run_id = runs.run_id"
            " where runs.run_id = ? and runs.quarter = ? and case_selection.forced is not null"
            " order by case_selection.case_ref",
            [run_id, str(quarter)],
        ).fetchall()
    except duckdb.CatalogException:
        rows = []
    return pl.DataFrame(rows, schema=FORCED_SCHEMA, orient="row")
