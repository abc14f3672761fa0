"""The figures of the dashboard, read from the metrics' relations, and the editions that are made of them."""

from __future__ import annotations

import duckdb

from pipelines.disclosure.policies import protect
from pipelines.emit.pages.figures import Edition, Figures, months_of
from pipelines.emit.pages.links import link
from pipelines.emit.pages.read_cases import read_caseload
from pipelines.emit.pages.read_forecasts import read_forecasts
from pipelines.emit.pages.read_homes import read_accommodation, read_cost, read_length_of_stay
from pipelines.period import Quarter

QUARTERS_SHOWN = 8


def edition(figures: Figures, *, internal: bool) -> Edition:
    """The internal edition prints all; from the other, small numbers and what gives them away are left out."""
    hidden = frozenset() if internal else frozenset(protect(figures.counts, figures.links))
    return Edition(figures, internal, hidden)


def _first_quarters(con: duckdb.DuckDBPyConnection) -> tuple[Quarter | None, Quarter | None]:
    """The quarters of the first application and of the first night in temporary accommodation on record."""
    row = con.execute(
        "select (select min(application_date) from households), (select min(from_date) from stay_segments)"
    ).fetchone()
    assert row is not None
    applied, placed = (Quarter.containing(day) if day else None for day in row)
    return applied, placed


def collect(con: duckdb.DuckDBPyConnection, *, forecast: bool = True) -> Figures:
    """Read the figures for the quarter of ``reporting_period`` and the seven before it.

    The relations of caseload, stays and cost have been prepared for the window that ends with the quarter. A quarter
    before the first application (for temporary accommodation: the first placement) on record is not known, not 0.
    """
    row = con.execute("select la_code, quarter, as_at from reporting_period").fetchone()
    assert row is not None
    quarter = Quarter.parse(row[1])
    quarters = tuple(quarter.shift(number - QUARTERS_SHOWN + 1) for number in range(QUARTERS_SHOWN))
    figures = Figures(row[0], quarter, row[2], quarters, tuple(months_of(*quarters)))
    applied, placed = figures.cases_since, figures.homes_since = _first_quarters(con)
    if applied is not None:
        read_caseload(con, figures, applied)
    if placed is not None:
        read_accommodation(con, figures, placed)
        read_length_of_stay(con, figures)
        read_cost(con, figures, placed)
    link(figures)
    if forecast:
        read_forecasts(con, figures, {"arrivals": applied, "stock": placed})
    return figures
