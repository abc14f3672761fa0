"""The months that metrics and costs cover."""

from __future__ import annotations

from datetime import date

import duckdb

from pipelines.errors import UsageError
from pipelines.transform.editions import QUARTER_END, use


def financial_year_start(day: date) -> date:
    """The 1 April on or before ``day``."""
    return date(day.year if day.month >= 4 else day.year - 1, 4, 1)


def create_window(
    con: duckdb.DuckDBPyConnection,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
    edition: str = QUARTER_END,
) -> tuple[date, date]:
    """Create the one-row table ``metric_window(first_day, last_day)`` and return the two; ``edition`` is in use.

    It runs from the first of a month (default: 1 April, seven financial years before the one in hand) to ``last_day``
    (default: the quarter's last day).

    Raises:
        UsageError: the window is empty.
    """
    use(con, edition)
    row = con.execute("select last_day from reporting_period").fetchone()
    assert row is not None
    last = last_day or row[0]
    start = financial_year_start(last)
    first = (first_day or start.replace(year=start.year - 7)).replace(day=1)
    if first > last:
        raise UsageError("The first month of the metrics is after the last day.")
    con.execute(
        "create or replace temp table metric_window as select ?::date as first_day, ?::date as last_day", [first, last]
    )
    return first, last
