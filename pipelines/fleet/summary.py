"""What became of a fleet: on screen, as CSV and as a page. Counts and sentences; no data of a case."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pipelines import whole
from pipelines.authority import authority_name
from pipelines.fleet.one import BLOCKED, CLEAN, FAILED, REFUSED, RESULTS, STOPPED, Outcome
from pipelines.fleet.page import page

FOLDER, CSV, PAGE = "fleet", "summary.csv", "summary.html"

COLUMNS = (
    "authority",
    "name",
    "quarter",
    "result",
    "exit_status",
    "unchanged",
    "cases",
    "cases_in_return",
    "errors",
    "warnings",
    "tries",
    "seconds",
    "peak_mb",
    "sentence",
)
"""Of ``summary.csv``: one row per run. Empty is not known; seconds and peak_mb differ from call to call."""

WORDS = {
    FAILED: "failed",
    REFUSED: "could not be begun: an option cannot be used",
    STOPPED: "not ended when the command was stopped",
    BLOCKED: "blocked by errors, which are written",
    CLEAN: "clean",
}
"""What is said of each result."""


def in_order(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those that need somebody first, and then by authority and quarter."""
    return sorted(outcomes, key=lambda one: (RESULTS.index(one.result), one.authority, one.quarter))


def exit_status(outcomes: Sequence[Outcome]) -> int:
    """0 where all are clean, 1 where some are blocked and nothing is worse, else the worst of all."""
    return max((one.exit_code for one in outcomes), default=0)


def counted(outcomes: Sequence[Outcome]) -> list[tuple[str, int]]:
    """Result and number of runs, those that need somebody first; only results that occur."""
    found = [one.result for one in outcomes]
    return [(result, found.count(result)) for result in RESULTS if result in found]


def screen(outcomes: Sequence[Outcome], seconds: float) -> str:
    """The table for the screen: each run that is not clean, then how many there are of each result."""
    ordered = in_order(outcomes)
    lines = []
    for result, number in counted(ordered):
        lines.append(f"{number:>5,}  {WORDS[result]}")
        if result != CLEAN:
            lines += [
                f"       {one.authority} {authority_name(one.authority)}, {one.quarter}: {one.sentence}"
                for one in ordered
                if one.result == result
            ]
    unchanged = sum(one.is_unchanged for one in outcomes)
    made = len(outcomes) - unchanged
    lines.append(
        f"{len(outcomes):>5,}  in all: {made:,} made, {unchanged:,} stood unchanged, in {seconds:,.0f} seconds"
    )
    return "\n".join(lines)


def as_csv(outcomes: Sequence[Outcome]) -> bytes:
    """One row per run, those that need somebody first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in in_order(outcomes):
        writer.writerow(
            [
                one.authority,
                authority_name(one.authority),
                one.quarter,
                one.result,
                one.exit_code,
                "yes" if one.is_unchanged else "no",
                one.cases,
                one.in_return,
                one.errors,
                one.warnings,
                one.tries,
                f"{one.seconds:.1f}",
                one.peak_mb,
                one.sentence,
            ]
        )
    return text.getvalue().encode()


def write(outcomes: Sequence[Outcome], out: Path, *, software_version: str, made: datetime) -> list[Path]:
    """Write the summary of each quarter to ``OUT/fleet/<quarter>``; gives the folders.

    Raises:
        OSError: one cannot be written.
    """
    folders = []
    for quarter in sorted({one.quarter for one in outcomes}):
        folder, own = out / FOLDER / quarter, [one for one in outcomes if one.quarter == quarter]
        with whole.into(folder) as new:
            (new / CSV).write_bytes(as_csv(own))
            (new / PAGE).write_text(
                page(in_order(own), counted(own), software_version=software_version, made=made), encoding="utf-8"
            )
        folders.append(folder)
    return folders
