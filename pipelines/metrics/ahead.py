"""The stock of temporary accommodation of the coming months as it is forecast: the what-if of cost starts there."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from pipelines.finance.cost.what_if import UNCHANGED, Ahead, months_after
from pipelines.metrics.forecast.local import local_forecasts
from pipelines.metrics.forecast.measures import STOCK_TOTAL, of_ta_type
from pipelines.period import Quarter

AS_FORECAST = "as forecast: quarters of the forecast, months between them in a straight line"
_MONTHS_OF_A_QUARTER = 3


class _Recorded:
    """The internal metrics of a connection, as a forecast reads them."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con

    @property
    def quarter(self) -> Quarter:
        """The quarter that the figures are about."""
        row = self._con.execute("select quarter from reporting_period").fetchone()
        assert row is not None
        return Quarter.parse(row[0])

    def has(self, name: str) -> bool:
        """Whether the metric has been prepared."""
        found = self._con.execute(
            "select table_name from duckdb_tables() where table_name = $1"
            " union all select view_name from duckdb_views() where view_name = $1",
            [name],
        )
        return found.fetchone() is not None

    def table(self, name: str) -> pl.DataFrame:
        """All rows of the metric."""
        return self._con.execute(f"select * from {name}").pl()


def stock_ahead(con: duckdb.DuckDBPyConnection) -> Ahead:
    """The stock by type at the end of each of the coming months; ``prepare_metrics`` has been called.

    ``UNCHANGED`` where nothing can be forecast, or where the figures end within a quarter: forecasts are of quarters.
    """
    figures = _Recorded(con)
    row = con.execute("select last_day from metric_window").fetchone()
    assert row is not None
    last_day: date = row[0]
    if last_day != figures.quarter.last_day:
        return UNCHANGED
    forecasts = local_forecasts(figures)
    points = {(measure, quarter): float(point) for measure, quarter, point in _points(forecasts.rows)}
    now: dict[str, int] = dict(
        con.execute(
            "select value, stock from stock_month where dimension = 'type' and last_day = ?", [last_day]
        ).fetchall()
    )
    total = sum(now.values())
    if not total or not any(measure == STOCK_TOTAL for measure, _ in points):
        return UNCHANGED
    stock: dict[tuple[str, date], float] = {}
    for ta_type, households in now.items():
        measure = of_ta_type().get(ta_type)
        before, months = float(households), months_after(last_day, 12)
        for start in range(0, len(months), _MONTHS_OF_A_QUARTER):
            quarter = str(Quarter.containing(months[start]))
            # A type that is not forecast by itself keeps its share of them all.
            after = points.get((str(measure), quarter), points[STOCK_TOTAL, quarter] * households / total)
            for number, month in enumerate(months[start : start + _MONTHS_OF_A_QUARTER], 1):
                stock[ta_type, month] = before + (after - before) * number / _MONTHS_OF_A_QUARTER
            before = after
    return Ahead(stock, AS_FORECAST)


def _points(rows: pl.DataFrame) -> list[tuple[str, str, int]]:
    return rows.select("measure", "quarter", "point").rows()
