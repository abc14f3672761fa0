"""The months that metrics cover, and the choices that they take."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

import duckdb

from pipelines.errors import UsageError
from pipelines.transform import QUARTER_END, use


@dataclass(frozen=True)
class MetricOptions:
    """Choices of the metrics, by name; ``metric_option`` in the SQL is their one-row table."""

    quiet_days: int = 28
    """An open case without recorded activity for this many days is quiet."""

    sample_seed: int = 1
    """Seed of the random sample for file review."""

    sample_size: int = 50
    """Cases in the sample for file review (the external review of Thurrock's service read 50: seed-needs T13)."""

    months_sustained: int = 6
    """Months after an ending with accommodation at which a household is looked up again (seed-needs D6)."""


def financial_year_start(day: date) -> date:
    """The 1 April on or before ``day``."""
    return date(day.year if day.month >= 4 else day.year - 1, 4, 1)


def create_window(
    con: duckdb.DuckDBPyConnection, *, first_day: date | None = None, last_day: date | None = None
) -> None:
    """Create the one-row table ``metric_window(first_day, last_day)``.

    It runs from the first of a month (default: 1 April, seven financial years before the one in hand) to ``last_day``
    (default: the quarter's last day), as for the metrics about stays.

    Raises:
        UsageError: the window is empty.
    """
    use(con, QUARTER_END)
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


def create_options(con: duckdb.DuckDBPyConnection, options: MetricOptions | None = None) -> None:
    """Create the one-row table ``metric_option``.

    Raises:
        UsageError: an option is not a positive number.
    """
    chosen = options or MetricOptions()
    if chosen.quiet_days < 1 or chosen.sample_size < 1 or chosen.months_sustained < 1:
        raise UsageError("Days without activity, the size of the sample and months sustained are 1 or more.")
    values = asdict(chosen)
    columns = ", ".join(f"?::bigint as {name}" for name in values)
    con.execute(f"create or replace temp table metric_option as select {columns}", list(values.values()))
