"""The counts of the last runs: a small chart and the table beside it."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines.emit.pages.findings.columns import KINDS, STATES
from pipelines.emit.pages.parts import Table
from pipelines.emit.pages.words import day
from pipelines.findings import NEW, RESOLVED, WAIVED

RUNS = 12
WIDTH, HEIGHT, TOP, FOOT = 360, 170, 22, 26
"""The picture, its room for the number above a bar, and for the days below the bars, in units of the picture."""
BAR = 0.7
"""Share of its room that a bar takes."""

UNKNOWN = "unknown"
"""Kind of the findings of a run before they were told apart."""

RESULTS = {"clean": "Nothing blocks", "blocked": "Blocked", "failed": "Failed its own check"}


@dataclass(frozen=True)
class Part:
    """One kind's part of a bar."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """One run: its place, its parts, the number above it, and the day below it where there is room for one."""

    x: float
    width: float
    middle: float
    top: float
    total: str
    day: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class History:
    """The chart of the last runs and its legend (class, words); without bars ``sentence`` says why there is none."""

    bars: tuple[Bar, ...]
    sentence: str
    description: str
    table: Table | None
    kinds: tuple[tuple[str, str], ...] = ()

    width, height, base, foot = WIDTH, HEIGHT, HEIGHT - FOOT, HEIGHT - 8


def history(runs: pl.DataFrame) -> History:
    """The last runs, the newest at the end; ``runs`` holds one row per run, kind and state, the earliest run first.

    What is waived or resolved is not counted into the bars.
    """
    if runs.is_empty():
        return History((), "No earlier run is known, so there is nothing to compare with.", "", None)
    rows = runs.with_columns(pl.col("kind").fill_null(UNKNOWN))
    kinds = {**KINDS, **({UNKNOWN: "Not told apart"} if UNKNOWN in rows["kind"] else {})}
    is_at_hand = ~pl.col("state").is_in([WAIVED, RESOLVED]).fill_null(False)
    sums = [
        *(pl.col("findings").filter(is_at_hand & (pl.col("kind") == kind)).sum().alias(kind) for kind in kinds),
        *(pl.col("findings").filter(pl.col("state") == state).sum().alias(state) for state in (NEW, RESOLVED)),
    ]
    by_run = rows.group_by("run_id", "quarter", "as_at", "result", maintain_order=True).agg(sums).tail(RUNS).to_dicts()
    table = Table(
        "Findings of the last runs",
        ("Export of", "Quarter", "Result", *kinds.values(), STATES[NEW], STATES[RESOLVED]),
        tuple(
            (
                day(run["as_at"]),
                str(run["quarter"]),
                RESULTS.get(run["result"], "Not known"),
                *(f"{run[kind]:,}" for kind in kinds),
                f"{run[NEW]:,}",
                f"{run[RESOLVED]:,}",
            )
            for run in by_run
        ),
    )
    if len(by_run) == 1:
        sentence = "This is the first run that the warehouse knows, so there is nothing to compare with yet."
        return History((), sentence, "", None)
    totals = [sum(run[kind] for kind in kinds) for run in by_run]
    room, most = WIDTH / len(by_run), max(*totals, 1)
    bars = []
    for number, (run, total) in enumerate(zip(by_run, totals, strict=True)):
        scale, y, parts = (HEIGHT - TOP - FOOT) / most, float(HEIGHT - FOOT), []
        for kind in kinds:
            height = run[kind] * scale
            y -= height
            if height:
                parts.append(Part(kind, round(y, 2), round(height, 2)))
        x = number * room + room * (1 - BAR) / 2
        is_dated = number in (0, len(by_run) - 1)
        bars.append(
            Bar(
                round(x, 2),
                round(room * BAR, 2),
                round(x + room * BAR / 2, 2),
                round(y - 5, 2),
                f"{total:,}",
                f"{run['as_at'].day} {run['as_at']:%b}" if is_dated else "",
                tuple(parts),
            )
        )
    first, last = by_run[0], by_run[-1]
    description = (
        f"Bars of {len(by_run)} runs, from {totals[0]:,} findings in the export of {day(first['as_at'])} to"
        f" {totals[-1]:,} in that of {day(last['as_at'])}. The table holds every figure."
    )
    return History(tuple(bars), "", description, table, tuple(kinds.items()))
