"""How a warehouse grows with daily runs: ``python bench/history.py [--cases 60000] [--runs 40] [--drawn 0.0125]``.

Each run freezes an export of invented cases of which a share of the rows of every section has changed since the day
before, with the findings that the rules make of it, its selection of cases and a ledger. Afterwards every run's state
is read back and compared with the export, row by row. Prints the size of the file after the first and the last run,
the seconds of the freezes, and ends with status 1 if a state is not what was stored or the file has more than doubled.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.link.references import resolve
from pipelines.period import Quarter
from pipelines.synthesise.routes import make_cases
from pipelines.transform import RECORDED, build_facts, build_quarter_end, build_sent, load_sections, prepare
from pipelines.transform.selection import FORCED_SCHEMA
from pipelines.validate import Context, validate
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTIONS

AUTHORITY, NEIGHBOUR, QUARTER = "E08000025", "E08000031", Quarter(2025, 3)
FIRST_DAY = date(2017, 10, 1)
MOVING = {
    "main": ("officer", "team", "last_activity_date"),
    "people": ("forename", "surname", "last_address"),
    "support_needs": ("support_need",),
    "prevention": ("prevention_activity",),
    "relief": ("relief_activity",),
    "final_duties": ("main_accom_la", "pneed"),
    "assistance": ("assistance", "provider"),
    "temporary_accommodation": ("site", "landlord", "rate"),
    "reviews": ("decision_reviewed", "review_outcome"),
}
"""Columns whose values change from day to day: not the dates, which would make every changed row an error."""
Sections = dict[str, pl.DataFrame]


def exports(cases: int, runs: int, share: float) -> Iterator[tuple[date, Sections]]:
    """The export of each day from the quarter's end on; the same for the same numbers."""
    sections = make_cases(
        cases, authority=AUTHORITY, neighbour=NEIGHBOUR, first_day=FIRST_DAY, last_day=QUARTER.last_day, seed=1
    )
    for number in range(runs):
        if number:
            sections = {
                section.name: changed(sections[section.name], section.name, share, seed=100 * number + section.number)
                for section in SECTIONS
            }
        yield QUARTER.last_day + timedelta(days=number), sections


def changed(rows: pl.DataFrame, name: str, share: float, seed: int) -> pl.DataFrame:
    """The rows of a section with a share of them changed: where one has a value, it takes that of another row."""
    chosen = pl.int_range(pl.len()).shuffle(seed=seed) < share * rows.height
    return rows.with_columns(
        pl.when(chosen & pl.col(column).is_not_null())
        .then(pl.col(column).drop_nulls().sample(rows.height, with_replacement=True, seed=seed + no))
        .otherwise(column)
        .alias(column)
        for no, column in enumerate(MOVING[name], 1)
    )


def selection_of(sections: Sections, day: date) -> pl.DataFrame:
    """Which cases the return holds, as a run decides it."""
    with duckdb.connect(":memory:") as con:
        load_sections(con, sections)
        prepare(con, run_id="bench", la_code=AUTHORITY, quarter=QUARTER, as_at=day)
        build_facts(con, RECORDED)
        build_quarter_end(con)
        return build_sent(con, pl.DataFrame(schema=FORCED_SCHEMA))


def ledger_like(number: int) -> dict[str, Any]:
    """As long as a ledger, and as hard to compress: mostly digests."""
    return {"outputs": [hashlib.sha256(f"{number} {output}".encode()).hexdigest() for output in range(150)]}


def is_same(stored: pl.DataFrame, given: pl.DataFrame) -> bool:
    """Whether two frames hold the same rows, as often each."""
    given = given.select(stored.columns)
    return stored.sort(stored.columns).equals(given.sort(given.columns))


def main() -> int:
    """Measure, print a table, and say whether the aims are met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=60_000)
    parser.add_argument("--runs", type=int, default=40)
    # Some of the rows that are drawn have no value to change, or draw the one they have: 1 % of all rows change.
    parser.add_argument("--drawn", type=float, default=0.0125, help="Share of the rows drawn to change each day.")
    given = parser.parse_args()
    sizes, seconds, kept = [], [], []
    with tempfile.TemporaryDirectory(prefix="hclic-bench-") as folder:
        path = Path(folder) / "warehouse.duckdb"
        before: Sections | None = None
        shares = []
        for number, (day, sections) in enumerate(exports(given.cases, given.runs, given.drawn)):
            with Warehouse(path) as warehouse:
                resolved = resolve(sections, authority=AUTHORITY, known=warehouse.reference_map(AUTHORITY))
            found = validate(resolved.sections, Context(AUTHORITY, QUARTER, day)).findings
            selection = selection_of(resolved.sections, day)
            run = {"run_id": f"run {number}", "la_code": AUTHORITY, "quarter": str(QUARTER), "as_at": day}
            if before is not None:
                rows = sum(part.height for part in resolved.sections.values())
                new = sum(
                    part.join(before[name], on=part.columns, how="anti", nulls_equal=True).height
                    for name, part in resolved.sections.items()
                )
                shares.append(new / rows)
            before = resolved.sections
            start = time.perf_counter()
            with Warehouse(path) as warehouse, warehouse.transaction():
                warehouse.freeze(run, resolved.sections, resolved.map)
                warehouse.save_findings(run["run_id"], found)
                warehouse.save_selection(run["run_id"], selection)
                warehouse.save_ledger(run["run_id"], ledger_like(number), "clean")
            seconds.append(time.perf_counter() - start)
            sizes.append(path.stat().st_size)
            kept.append((found, selection))
            print(f"run {number + 1}: {sizes[-1] / 1e6:.1f} MB, {seconds[-1]:.2f} s", file=sys.stderr, flush=True)
        wrong = 0
        with Warehouse(path, read_only=True) as warehouse:
            for number, (_, sections) in enumerate(exports(given.cases, given.runs, given.drawn)):
                stored = warehouse.sections(f"run {number}")
                views = {
                    view: warehouse.connection.execute(
                        f"select * exclude (run_id) from {view} where run_id = ?", [f"run {number}"]
                    ).pl()
                    for view in ("findings", "case_selection")
                }
                expected = resolve(sections, authority=AUTHORITY, known=warehouse.reference_map(AUTHORITY)).sections
                found, selection = kept[number]
                wrong += not (
                    all(is_same(stored[name], expected[name]) for name in stored)
                    and is_same(views["findings"], found)
                    and is_same(views["case_selection"], selection)
                )
    later = seconds[1:] or seconds
    half = max(1, len(later) // 2)
    growth = statistics.median(later[-half:]) / statistics.median(later[:half])
    lines = [
        (f"size after the first run, {given.cases:,} cases (MB)", f"{sizes[0] / 1e6:.1f}"),
        (f"size after {given.runs} runs (MB)", f"{sizes[-1] / 1e6:.1f}"),
        ("times the first", f"{sizes[-1] / sizes[0]:.2f}"),
        ("rows changed each day", f"{statistics.mean(shares):.2%}" if shares else ""),
        ("first freeze (s)", f"{seconds[0]:.2f}"),
        ("later freezes, median (s)", f"{statistics.median(later):.2f}"),
        ("second half against the first half", f"{growth:.2f}"),
        ("states read back exactly", f"{given.runs - wrong} of {given.runs}"),
    ]
    print("\n".join(f"| history: {what} | {figure} | |" for what, figure in lines))
    return int(wrong > 0 or sizes[-1] > 2 * sizes[0])


if __name__ == "__main__":
    raise SystemExit(main())
