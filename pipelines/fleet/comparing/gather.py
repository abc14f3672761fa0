"""What a comparison reads: of each authority the run of the quarter that counts, its official cells and its ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl

from pipelines.disclosure.edition import Figure
from pipelines.emit.tables.build import compute_tables
from pipelines.errors import InputError, PassingError
from pipelines.findings import CASEWORK, FIX, TIDY
from pipelines.fleet.manifest import WAREHOUSE
from pipelines.period import Quarter
from pipelines.place import Lake, Place, of_authority
from pipelines.state import RunState
from pipelines.warehouse import lakes, official_cells
from pipelines.warehouse.quarter import open_frozen, run_of
from pipelines.warehouse.released import before
from pipelines.warehouse.requests import IS_WHOLE
from pipelines.warehouse.sign_offs import standing_run
from pipelines.warehouse.standing import state_of_run
from pipelines.warehouse.store import NOT_ENDED, StoredRun, Warehouse
from schemas.codelists import codelist

CELLS = {
    "la_code": pl.String(),
    "official_table": pl.String(),
    "column_path": pl.String(),
    "measure": pl.String(),
    "value": pl.Float64(),
    "note": pl.String(),
}
"""One row per authority and cell of the official tables, as MHCLG's columns are called, not suppressed."""

LEDGER_COUNTS = {
    "la_code": pl.String(),
    "count_name": pl.String(),
    "value": pl.Float64(),
    "note": pl.String(),
    "is_counted": pl.Boolean(),
}
"""One row per authority and figure of its run's ledger. ``is_counted``: it counts records, and not days."""

_OLDEST = 100
"""Cases whose records draw the shifts: more than anybody but the authority knows."""


@dataclass(frozen=True)
class Gathered:
    """One authority: its run, how that stands, and what was read of it."""

    run: StoredRun
    state: RunState
    cells: pl.DataFrame
    ledger: Mapping[str, Any] | None
    released: Mapping[Figure, int]
    key: bytes
    """Draws the shifts of the authority's counts; made of records that no reader of figures knows."""
    hides_below: int
    """The base from which the run shows breakdowns (setting ``suppress_below``)."""


@dataclass(frozen=True)
class NotThere:
    """An authority that is not compared, and why."""

    la_code: str
    why: str


def authorities_of(warehouse: Place, quarter: Quarter) -> list[str]:
    """Codes of the authorities that have an ended run of the quarter, sorted.

    Of a DuckLake, and of a folder in which each authority has a file of its own (``OUT/<authority>/warehouse.duckdb``,
    as ``hclic fleet run`` makes them), all that this user may read: each says so when it is opened.

    Raises:
        InputError: the warehouse cannot be read, or the folder has none.
    """
    if isinstance(warehouse, Lake):
        return lakes.authorities(warehouse)
    if warehouse.is_dir():
        codes = codelist("authority").codes
        found = sorted(path.parent.name for path in warehouse.glob(f"*/{WAREHOUSE}") if path.parent.name in codes)
        if not found:
            raise InputError(f"{warehouse} holds no warehouse of an authority: none is at AUTHORITY/{WAREHOUSE} in it.")
        return found
    with Warehouse(warehouse, read_only=True) as store:
        rows = store.connection.execute(
            "select distinct la_code from runs where quarter = ? and not list_contains(?, coalesce(result, ''))"
            " order by la_code",
            [str(quarter), NOT_ENDED],
        ).fetchall()
    return [code for (code,) in rows]


def parts_of(warehouse: Place, authorities: Sequence[str]) -> Iterator[tuple[Place, list[str]]]:
    """The warehouses to open, each with the authorities that it holds: a file holds all of them."""
    if isinstance(warehouse, Lake):
        yield from ((of_authority(warehouse, code), [code]) for code in authorities)
    elif warehouse.is_dir():
        yield from ((warehouse / code / WAREHOUSE, [code]) for code in authorities)
    else:
        yield warehouse, list(authorities)


def gather(
    warehouse: Place, authorities: Sequence[str], quarter: Quarter, *, for_sharing: bool = True
) -> tuple[list[Gathered], list[NotThere]]:
    """What is known of each authority in the quarter, one after the other, and which have nothing to be compared.

    The run that counts is the one whose return of the quarter is signed off; without one, the newest of the quarter
    that has ended. Figures that have left, and what draws the shifts, are read ``for_sharing`` only.

    Raises:
        InputError: a file that is to hold all of them cannot be read.
        PassingError: the warehouse of one cannot be reached just now.
    """
    found: list[Gathered] = []
    missing: list[NotThere] = []
    for place, codes in parts_of(warehouse, authorities):
        try:
            with Warehouse(place, read_only=True) as store:
                for code in codes:
                    one = _of(store, code, quarter, for_sharing)
                    if isinstance(one, NotThere):
                        missing.append(one)
                    else:
                        found.append(one)
        except InputError as error:
            # What may pass by itself is no reason to leave somebody out.
            if place is warehouse or isinstance(error, PassingError):
                raise
            missing += [NotThere(code, str(error)) for code in codes]
    return found, missing


def _of(store: Warehouse, code: str, quarter: Quarter, for_sharing: bool) -> Gathered | NotThere:
    con = store.connection
    run_id = standing_run(con, code, quarter) or _newest(con, code, quarter)
    if run_id is None:
        return NotThere(code, "It has no run of the quarter that has ended and made its tables.")
    run = run_of(store, run_id)
    cells = official_cells.read(con, run_id)
    if not cells.height:
        # A run from before they were kept.
        try:
            with open_frozen(store, run) as frozen:
                cells = compute_tables(frozen).rename({"table": "official_table"})
        except InputError as error:
            return NotThere(code, str(error))
    return Gathered(
        run,
        state_of_run(store, run),
        _as_cells(cells, code),
        store.ledger_of(run_id),
        before(con, code) if for_sharing else {},
        _key(con, run_id) if for_sharing else b"",
        store.settings_of(run_id).suppress_below,
    )


def _newest(con: duckdb.DuckDBPyConnection, code: str, quarter: Quarter) -> str | None:
    """The newest run of the quarter that was asked for a whole return and has ended."""
    row = con.execute(
        f"select run_id from runs where la_code = ? and quarter = ? and {IS_WHOLE}"
        " and not list_contains(?, coalesce(result, '')) order by run_order desc limit 1",
        [code, str(quarter), NOT_ENDED],
    ).fetchone()
    return None if row is None else str(row[0])


def _as_cells(cells: pl.DataFrame, la_code: str) -> pl.DataFrame:
    return cells.with_columns(la_code=pl.lit(la_code), note=pl.col("note").fill_null("")).select(
        pl.col(name).cast(kind) for name, kind in CELLS.items()
    )


def _key(con: duckdb.DuckDBPyConnection, run_id: str) -> bytes:
    """What draws the shifts: names, dates of birth and answers of the cases with the lowest references."""
    query = f"""
        with oldest as (
            select case_ref from snapshot_main where run_id = $run_id order by case_ref limit {_OLDEST}
        )

        select (snapshot_main)::varchar as known
        from snapshot_main
        semi join oldest using (case_ref)
        where run_id = $run_id
        union all
        select (snapshot_people)::varchar
        from snapshot_people
        semi join oldest using (case_ref)
        where run_id = $run_id
        order by known
    """
    known = [row[0].replace(run_id, "") for row in con.execute(query, {"run_id": run_id}).fetchall()]
    return hashlib.sha256("\n".join(known).encode()).digest()


def ledger_counts(gathered: Sequence[Gathered]) -> pl.DataFrame:
    """Cases, findings, rows and days of each authority's run, by its ledger (``LEDGER_COUNTS``)."""
    rows: list[tuple[str, str, float | None, str, bool]] = []
    for one in gathered:
        if one.ledger:
            figures = _of_ledger(one.ledger, one.run.quarter, one.run.as_at)
            rows += [(one.run.la_code, name, value, "", not name.endswith("_days")) for name, value in figures.items()]
    return pl.DataFrame(rows, schema=LEDGER_COUNTS, orient="row")


def _of_ledger(ledger: Mapping[str, Any], quarter: Quarter, as_at: date) -> dict[str, float]:
    findings, inputs = ledger.get("findings", {}), ledger.get("inputs", ())
    found: dict[str, float] = {}
    if "in_export" in ledger.get("cases", {}):
        found["cases"] = ledger["cases"]["in_export"]
    if "by_kind" in findings:
        by_kind = {one["kind"]: one for one in findings["by_kind"]}
        for kind in (FIX, TIDY, CASEWORK):
            found[f"findings_{kind}"] = by_kind.get(kind, {}).get("findings", 0)
        found["findings"] = sum(one["findings"] for one in by_kind.values())
        found["findings_errors"] = sum(one["errors"] for one in by_kind.values())
        found["findings_warnings"] = found["findings"] - found["findings_errors"]
    if inputs:
        found["rows_read"] = sum(one["rows_read"] for one in inputs)
        found["rows_set_aside"] = sum(one["rows_set_aside"] for one in inputs)
    found["export_days"] = (as_at - quarter.last_day).days
    if started := ledger.get("times", {}).get("started"):
        found["run_days"] = (datetime.fromisoformat(started).date() - quarter.last_day).days
    return found
