"""Create the relations about stays from the marts, and read the ones that pages and other modules use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.errors import OutputError, UsageError
from pipelines.period import Quarter
from pipelines.transform import create_each, create_window, read_relation

RELATIONS: tuple[str, ...] = (
    "stay_segments",
    "stay_households",
    "stay_spells",
    "stock_events",
    "stock_day",
    "stock_month",
    "stock_period",
    "stock_quarter",
    "stock_financial_year",
    "stay_transitions",
    "stay_bands",
    "stay_in_progress",
    "stay_in_progress_summary",
    "stay_in_progress_bands",
    "stay_young_children",
    "stay_completed",
    "stay_exposure",
    "stay_bv183",
    "stay_bb_families",
    "stay_bb_month",
    "stay_out_of_district",
    "stay_receiving_regions",
    "stay_six_months",
    "stock_children_month",
)
"""Each relation reads only the marts, ``metric_window`` and those before it."""

STORED = frozenset(
    {"stay_segments", "stay_households", "stay_spells", "stock_events", "stock_month", "stay_in_progress"}
)
"""Read by several others, so kept as tables; the rest are views and cost nothing until they are read."""

PERIODS = {"month": "stock_month", "quarter": "stock_quarter", "financial year": "stock_financial_year"}
DAILY = ("all", "type", "household", "children", "type_children")
DIMENSIONS = (
    *DAILY,
    "child_under_5",
    "child_under_12",
    "duty",
    "out_of_district",
    "district",
    "landlord",
    "site",
)


def prepare(
    con: duckdb.DuckDBPyConnection,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
    days: Iterable[date] = (),
) -> None:
    """Create ``metric_window`` and every relation of ``RELATIONS`` as temp tables and views.

    The window runs from the first of a month (default: 1 April, seven financial years before the one in hand) to
    ``last_day`` (default: the quarter's last day). Households already in temporary accommodation when it opens are its
    opening stock. Stays in progress are measured on ``days``, on the last day of each quarter and of the window.

    Raises:
        UsageError: the window is empty, or one of ``days`` lies outside it.
    """
    first, last = create_window(con, first_day=first_day, last_day=last_day)
    quarter = Quarter.containing(first)
    measured = {last, *days}
    while quarter.last_day <= last:
        measured.add(quarter.last_day)
        quarter = quarter.shift(1)
    if min(measured) < first or max(measured) > last:
        raise UsageError("A day to measure stays on is outside the months of the metrics.")
    _list(con, "metric_days", pl.DataFrame({"day": sorted(measured)}))
    _list(con, "metric_dimension", pl.DataFrame({"dimension": DIMENSIONS}))
    create_each(con, "metrics", RELATIONS, STORED)


def prepare_daily(
    con: duckdb.DuckDBPyConnection, *, first_day: date | None = None, last_day: date | None = None
) -> None:
    """Create only what ``daily_series`` reads, for the same window as ``prepare``: a third of its time.

    Raises:
        UsageError: the window is empty.
    """
    create_window(con, first_day=first_day, last_day=last_day)
    _list(con, "metric_dimension", pl.DataFrame({"dimension": DAILY}))
    create_each(con, "metrics", RELATIONS[: RELATIONS.index("stock_day") + 1], STORED)


def _list(con: duckdb.DuckDBPyConnection, name: str, values: pl.DataFrame) -> None:
    arrow.load(con, f"create or replace temp table {name} as select * from incoming", values)


def relation(con: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    """All rows of one relation of ``RELATIONS``, always in the same order.

    Raises:
        UsageError: there is no such relation.
    """
    return read_relation(con, name, RELATIONS, STORED)


def daily_series(con: duckdb.DuckDBPyConnection, by: str = "all") -> pl.DataFrame:
    """One row per day and value of ``by``: stock, entries, exits, transfers_in, transfers_out (households).

    The identity stock(t) = stock(t-1) + entries - exits + transfers_in - transfers_out has been asserted for every
    day; with ``by="all"`` transfers are 0 unless the setting ``stay_gap_nights`` bridges gaps.

    Raises:
        UsageError: ``by`` is not one of ``DAILY``.
        OutputError: the identity does not hold.
    """
    if by not in DAILY:
        raise UsageError(f"Daily series are by: {', '.join(DAILY)}.")
    frame = con.execute(
        "select * exclude (dimension) from stock_day where dimension = ? order by value, day", [by]
    ).pl()
    assert_stock_identity(frame)
    return frame


def stock_by(con: duckdb.DuckDBPyConnection, by: str = "all", period: str = "month") -> pl.DataFrame:
    """One row per period and value of ``by``: first_day, last_day, opening_stock, flows, stock on the last day, nights.

    Raises:
        UsageError: ``by`` is not one of ``DIMENSIONS`` or ``period`` not one of ``PERIODS``.
    """
    if by not in DIMENSIONS or period not in PERIODS:
        raise UsageError(f"Stock is by {', '.join(DIMENSIONS)}; periods are {', '.join(PERIODS)}.")
    return con.execute(
        f"select * exclude (dimension) from {PERIODS[period]} where dimension = ? order by value, first_day", [by]
    ).pl()


def stock_on(con: duckdb.DuckDBPyConnection, day: date, by: str = "all") -> pl.DataFrame:
    """One row per value of ``by``: households in temporary accommodation on any day up to the window's last.

    Raises:
        UsageError: ``by`` is not one of ``DIMENSIONS`` or the day is after the window.
    """
    row = con.execute("select last_day from metric_window").fetchone()
    assert row is not None
    if by not in DIMENSIONS or day > row[0]:
        raise UsageError(f"Stock is by {', '.join(DIMENSIONS)}, up to the last day of the metrics.")
    return con.execute(
        "select value, sum(delta)::bigint as stock from stock_events where dimension = ? and day <= ?"
        " group by value having sum(delta) > 0 order by value",
        [by, day],
    ).pl()


def assert_stock_identity(series: pl.DataFrame) -> None:
    """Check stock(t) = stock(t-1) + entries - exits + transfers_in - transfers_out on every day of each value.

    Stock comes from placements' spans and the flows from the household's stays, so that the two can disagree.

    Raises:
        OutputError: it fails on at least one day.
    """
    expected = (
        pl.col("stock").shift(1).over("value")
        + pl.col("entries")
        - pl.col("exits")
        + pl.col("transfers_in")
        - pl.col("transfers_out")
    )
    broken = series.select((pl.col("stock") != expected).sum()).item()
    if broken:
        raise OutputError(
            f"Temporary accommodation does not add up: on {broken} days the stock is not the day before's stock plus"
            " entries less exits. The placements and stays of the warehouse disagree."
        )
