"""Which earlier run an export is compared with, and what of it is copied for that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.findings import ERROR
from pipelines.period import Quarter
from pipelines.transform import create
from pipelines.warehouse import history
from pipelines.warehouse.store import NOT_ENDED, Warehouse
from schemas.sections import SECTIONS

BEFORE, GONE = "before", "gone"
"""Schemas of the database of a run: the earlier run, and the cases of it that are not in this export."""

COPIED = {
    "main": ("case_ref", "application_date"),
    "people": ("case_ref", "person_no", "date_of_birth", "forename", "surname"),
    "prevention": ("case_ref", "prevention_start"),
    "relief": ("case_ref", "relief_start"),
    "temporary_accommodation": ("case_ref", "placement_no", "entry_date", "exit_date", "placement_ref"),
}
"""Columns by section of what is compared case by case. Of main every row is copied, of the others those of cases in
which some row is not the same now."""

CLOSING = ("main", "prevention", "relief", "final_duties", "temporary_accommodation")
"""The sections on which it depends whether a case is closed (``sql/facts/cases.sql``)."""


@dataclass(frozen=True)
class Earlier:
    """The run that an export is compared with. ``open_cases``: how many of its cases were open, where it counted."""

    run_id: str
    as_at: date
    quarter: Quarter
    open_cases: int | None


def earlier_run(
    store: Warehouse,
    *,
    authority: str,
    quarter: Quarter,
    as_at: date,
    inputs: Collection[str],
    incomplete: Collection[str],
) -> Earlier | None:
    """The newest frozen run of the authority that this export can be compared with, by its day, then by its order.

    Left out are runs on the same bytes, runs as at a later day, runs that were found incomplete, and, where there is
    any other, blocked attempts at the same quarter: what changed since the last return would be told by the first
    attempt only.

    Args:
        store: the warehouse.
        authority: whose runs.
        quarter: the one that is to be reported.
        as_at: day of this export.
        inputs: SHA-256 of each of its files.
        incomplete: ids of findings that, as errors, say that a run's own export was old or incomplete.
    """
    rows = store.connection.execute(
        "select run_id, as_at, quarter, result from runs where la_code = ? and as_at <= ?"
        " and not list_contains(?, coalesce(result, ''))"
        " order by as_at desc, run_order desc",
        [authority, as_at, NOT_ENDED],
    ).fetchall()
    attempt: Earlier | None = None
    for run_id, day, made_for, result in rows:
        book = store.ledger_of(run_id) or {}
        if _read(book) == sorted(inputs) or _is_incomplete(book, incomplete):
            continue
        found = Earlier(run_id, day, Quarter.parse(made_for), book.get("cases", {}).get("open"))
        if found.quarter != quarter or result == "clean":
            return found
        attempt = attempt or found
    return attempt


def _read(book: dict[str, Any]) -> list[str]:
    return sorted(item["sha256"] for item in book.get("inputs", ()))


def _is_incomplete(book: dict[str, Any], kinds: Collection[str]) -> bool:
    by_rule = book.get("findings", {}).get("by_rule", ())
    return any(item["rule_id"] in kinds and item["severity"] == ERROR for item in by_rule)


def copy_compared(
    store: Warehouse, con: duckdb.DuckDBPyConnection, earlier: Earlier, *, authority: str, quarter: Quarter
) -> None:
    """Copy what is compared into ``before`` of a database that holds the sections as ``recorded``.

    ``before.<section>`` has the columns of ``COPIED``, ``before.earlier_count`` the headline counts of earlier runs;
    ``gone.<section>`` holds the cases that are not in the export any more, or all cases where the earlier run did not
    count those that were open; sections that say nothing of their closing are left empty.
    """
    for schema in (BEFORE, GONE):
        con.execute(f"drop schema if exists {schema} cascade")
        con.execute(f"create schema {schema}")
    for name, columns in COPIED.items():
        listed = ", ".join(columns)
        query = f"select {listed} from snapshot_{name} where run_id = $run_id"
        if name != "main":
            now = con.sql(f"select hash({listed}) as fingerprint from recorded.{name}")
            arrow.load(store.connection, "create or replace temp table now as select * from incoming", now)
            query = (
                f"with held as ({query}), changed as (select distinct case_ref from held"
                f" where hash({listed}) not in (from now)) from held semi join changed using (case_ref)"
            )
        rows = store.connection.sql(query, params={"run_id": earlier.run_id})
        arrow.load(con, f"create table {BEFORE}.{name} as select * from incoming", rows)
    wanted = "anti join recorded.main as now using (case_ref)" if earlier.open_cases is not None else ""
    refs = con.execute(f"select distinct case_ref from before.main as earlier {wanted}").pl()
    arrow.load(store.connection, "create or replace temp table wanted_case as select * from incoming", refs)
    for section in SECTIONS:
        known = history.columns_of(store.connection, section.name)
        listed = ", ".join(
            name if name in known else f"null::{history.TYPES.get(section.column(name).kind, 'varchar')} as {name}"
            for name in section.names
        )
        rows = store.connection.sql(
            f"select {listed} from snapshot_{section.name} semi join wanted_case using (case_ref)"
            f" where run_id = $run_id and {section.name in CLOSING}",
            params={"run_id": earlier.run_id},
        )
        arrow.load(con, f"create table {GONE}.{section.name} as select * from incoming", rows)
    counts = _counts(store, earlier, authority, quarter)
    arrow.load(con, f"create table {BEFORE}.earlier_count as select * from incoming", counts)


def _counts(store: Warehouse, earlier: Earlier, authority: str, quarter: Quarter) -> pl.DataFrame:
    con = store.connection
    last, _ = store.earlier_runs(run_id="", la_code=authority, quarter=quarter, as_at=date.max)
    chosen = {*last["run_id"], earlier.run_id}
    rows = con.execute(
        "select run_id, run_order, la_code, quarter, as_at from runs where list_contains(?::varchar[], run_id)",
        [sorted(chosen)],
    ).fetchall()
    frame = pl.DataFrame(
        [
            {
                "run_id": run_id,
                "run_order": order,
                "la_code": code,
                "quarter": made_for,
                "is_whole_quarter": day >= Quarter.parse(made_for).last_day,
                "is_compared": run_id == earlier.run_id,
                "is_last_of_quarter": run_id in set(last["run_id"]) and Quarter.parse(made_for) < quarter,
            }
            for run_id, order, code, made_for, day in rows
        ]
    )
    arrow.load(con, "create or replace temp table chosen_run as select * from incoming", frame)
    create(con, "against_last_run", "earlier_count")
    return con.execute("select * from earlier_count order by all").pl()
