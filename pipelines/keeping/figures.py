"""What stays of quarters whose cases go: the official tables, and the series of months, as they were counted before."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.emit.tables.files import tables_of
from pipelines.errors import UsageError
from pipelines.metrics.emit import metric_frame, prepare_metrics
from pipelines.period import Quarter
from pipelines.warehouse.gone import OFFICIAL, OFFICIAL_INTERNAL, Figures
from pipelines.warehouse.quarter import OpenQuarter, open_quarter

SERIES = (
    "case_arrivals_quarter",
    "case_flow_month",
    "outcome_quarter",
    "reason_quarter",
    "stay_bb_month",
    "stock_month",
)
"""The metrics of which the months or quarters are kept: counts, without a reference or a staff code."""


def quarters_between(first: date, before: date) -> list[Quarter]:
    """The quarters from that of ``first`` to that of the day before ``before``, those before the Act left out."""
    found, quarter = [], Quarter.containing(first)
    while quarter.first_day < before:
        with suppress(UsageError):
            quarter.check_has_return()
            found.append(quarter)
        quarter = quarter.shift(1)
    return found


def figures_of(warehouse: Path, la_code: str, quarters: Sequence[Quarter]) -> list[Figures]:
    """The figures of each quarter, from the run that the commands would read it from.

    One entry per quarter and edition: the official tables as shown and as counted, and of each series of ``SERIES``
    the rows of the quarter, as the newest run tells them.
    """
    found: list[Figures] = []
    for quarter in quarters:
        with open_quarter(warehouse, la_code, quarter) as opened:
            made = tables_of(opened.connection, state=opened.state)
            found += _kept(opened, quarter, {OFFICIAL: made.shown, OFFICIAL_INTERNAL: made.marked})
    if not found:
        return found
    with open_quarter(warehouse, la_code) as opened:
        prepare_metrics(opened.connection)
        frames = {name: metric_frame(opened.connection, name) for name in SERIES}
        for quarter in quarters:
            within = pl.col("first_day").is_between(quarter.first_day, quarter.last_day)
            found += _kept(opened, quarter, {name: frame.filter(within) for name, frame in frames.items()})
    return found


def _kept(opened: OpenQuarter, quarter: Quarter, frames: dict[str, pl.DataFrame]) -> list[Figures]:
    run = opened.run
    return [
        Figures(run.la_code, str(quarter), run.run_id, run.as_at, name, frame.write_csv())
        for name, frame in frames.items()
    ]
