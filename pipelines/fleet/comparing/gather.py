"""What a comparison reads: of each authority the run of the quarter that counts, its official cells and its ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl

from pipelines.disclosure.edition import Figure
from pipelines.emit.tables.build import compute_tables
from pipelines.errors import InputError, PassingError
from pipelines.findings import CASEWORK, FIX, TIDY
from pipelines.fleet.held import CELLS, Held, chosen, parts_of
from pipelines.period import Quarter
from pipelines.place import Place
from pipelines.state import RunState
from pipelines.warehouse import official_cells
from pipelines.warehouse.quarter import open_frozen
from pipelines.warehouse.released import before
from pipelines.warehouse.store import StoredRun, Warehouse

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


def gather(
    warehouse: Place, authorities: Sequence[str], quarter: Quarter, *, for_sharing: bool = True
) -> tuple[list[Gathered], list[NotThere]]:
    """What is known of each authority in the quarter, one after the other, and which have nothing to be compared.

    Which run counts: ``pipelines.fleet.held``. Figures that have left, and what draws the shifts, are read
    ``for_sharing`` only.

    Raises:
        InputError: a file that is to hold all of them cannot be read.
        PassingError: the warehouse of one cannot be reached just now.
    """
    found: list[Gathered] = []
    missing: list[NotThere] = []
    for place, codes in parts_of(warehouse, authorities):
        try:
            with Warehouse(place, read_only=True) as store:
                for one in chosen(store, codes, quarter):
                    read = _read(store, one, for_sharing)
                    if isinstance(read, NotThere):
                        missing.append(read)
                    else:
                        found.append(read)
        except InputError as error:
            # What may pass by itself is no reason to leave somebody out.
            if place is warehouse or isinstance(error, PassingError):
                raise
            missing += [NotThere(code, str(error)) for code in codes]
    return found, missing


def _read(store: Warehouse, held: Held, for_sharing: bool) -> Gathered | NotThere:
    con, code, run = store.connection, held.la_code, held.run
    if run is None:
        return NotThere(code, held.why)
    cells = official_cells.read(con, run.run_id)
    if not cells.height:
        # A run from before they were kept.
        try:
            with open_frozen(store, run) as frozen:
                cells = compute_tables(frozen).rename({"table": "official_table"})
        except InputError as error:
            return NotThere(code, str(error))
    return Gathered(
        run,
        held.state,
        _as_cells(cells, code),
        store.ledger_of(run.run_id),
        before(con, code) if for_sharing else {},
        _key(con, run.run_id) if for_sharing else b"",
        held.settings.suppress_below,
    )


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
