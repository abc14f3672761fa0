"""The months that metrics and costs cover."""

from __future__ import annotations

from datetime import date, timedelta

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
    (default: the quarter's last day). Where cases are gone (table ``gone``), it begins no earlier than the first
    financial year, or else quarter, of which none is.

    Raises:
        UsageError: the window is empty.
    """
    use(con, edition)
    row = con.execute("select last_day from reporting_period").fetchone()
    assert row is not None
    last = last_day or row[0]
    start = financial_year_start(last)
    first = max((first_day or start.replace(year=start.year - 7)).replace(day=1), _whole_from(con, last))
    if first > last:
        raise UsageError("The first month of the metrics is after the last day.")
    con.execute(
        "create or replace temp table metric_window as select ?::date as first_day, ?::date as last_day", [first, last]
    )
    return first, last


def _whole_from(con: duckdb.DuckDBPyConnection, last: date) -> date:
    """The first day from which no case of a month, quarter or financial year is gone, which a count would lack."""
    row = con.execute("select count(*) from duckdb_tables() where table_name = 'gone' and not temporary").fetchone()
    gone = con.execute("select max(gone_before) from gone").fetchone() if row and row[0] else None
    if gone is None or gone[0] is None:
        return date.min
    year = financial_year_start(gone[0])
    year = year if year == gone[0] else year.replace(year=year.year + 1)
    if year <= last:
        return year
    month = date(gone[0].year, (gone[0].month - 1) // 3 * 3 + 1, 1)
    return month if month == gone[0] else (month + timedelta(days=93)).replace(day=1)
