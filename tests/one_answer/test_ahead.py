"""The coming year has one stock: that of the forecast, from which the what-if of cost starts."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.finance.cost.build import CostFiles
from pipelines.metrics.ahead import AS_FORECAST
from pipelines.metrics.costs import write_costs
from pipelines.metrics.editions import Edition
from pipelines.metrics.emit import prepare_metrics
from pipelines.metrics.forecast.local import local_forecasts
from pipelines.period import Quarter
from pipelines.warehouse.quarter import open_quarter
from tests.one_answer.conftest import AUTHORITY, QUARTER, Ran


def test_the_what_if_starts_from_the_stock_that_is_forecast(ran: Ran, tmp_path: Path) -> None:
    with open_quarter(ran.warehouse, AUTHORITY, QUARTER) as opened:
        prepare_metrics(opened.connection)
        rows = local_forecasts(Edition(opened.connection, internal=True)).rows
    points = dict(rows.filter(measure="ta_households").select("quarter", "point").iter_rows())
    assert list(points) == ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]
    write_costs(ran.warehouse, AUTHORITY, QUARTER, tmp_path, CostFiles())
    months = pl.read_csv(tmp_path / "cost_what_if_month.csv", try_parse_dates=True).filter(scenario="as forecast")
    stock = {
        quarter: months.filter(pl.col("first_day") == Quarter.parse(quarter).last_day.replace(day=1))["stock"].sum()
        for quarter in points
    }
    assert stock == points
    whole = ran.metric("cost_what_if").row(0, named=True)
    assert (whole["scenario"], float(whole["stock"])) == ("as forecast", points["2026-Q3"])
    assert whole["stock_model"] == AS_FORECAST
