"""What pages, reports and the what-if are told of the next quarters."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import polars as pl
import pytest

from pipelines.metrics.forecast.local import local_forecasts, local_history
from pipelines.period import Quarter

STOCK = [40, 44, 43, 48, 52, 50, 55, 57, 60, 58]
ENTRIES = [9, 10, 8, 11, 12, 9, 12, 10, 11, 8]
APPLICATIONS = [None, 90, 95, 88, 99, 102, 97, 104, 110, 101]
FIRST = Quarter.parse("2023-Q2")
LAST = FIRST.shift(9)


@dataclass
class Shown:
    """An edition that holds these tables."""

    quarter: Quarter = LAST
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return name in self.tables

    def table(self, name: str) -> pl.DataFrame:
        return self.tables[name]


def stock_month(hidden: tuple[str, ...] = (), flows: bool = True) -> pl.DataFrame:
    """Three equal thirds of each quarter's flow, its stock from its last month; a third of it bed and breakfast."""
    rows = []
    before = 39
    for number, (stock, entries) in enumerate(zip(STOCK, ENTRIES, strict=True)):
        quarter = FIRST.shift(number)
        exits = entries - (stock - before)
        for month in range(3):
            day = date(quarter.year, quarter.number * 3 - 2 + month, 1)
            here = stock if month == 2 else before
            came, left = (entries, exits) if month == 2 else (0, 0)
            bb = here // 3
            for dimension, value, count in (("all", "all", here), ("type", "bb", bb), ("type", "psl", here - bb)):
                kept = None if value in hidden else count
                rows.append((dimension, value, day, kept, came, left))
        before = stock
    columns = ["dimension", "value", "first_day", "stock", "entries", "exits"]
    table = pl.DataFrame(rows, schema=columns, orient="row")
    return table if flows else table.drop("entries", "exits")


def shown(starts: dict[str, Quarter | None] | None = None, **changes: object) -> Shown:
    quarters = [FIRST.shift(number) for number in range(10)]
    tables = {
        "case_arrivals_quarter": pl.DataFrame(
            {"first_day": [quarter.first_day for quarter in quarters], "applications": APPLICATIONS}
        ),
        "stock_month": stock_month(**changes),  # type: ignore[arg-type]
    }
    if starts is not None:
        tables["history_start"] = pl.DataFrame(
            {
                "subject": list(starts),
                "first_quarter": [start.first_day if start else None for start in starts.values()],
            },
            schema={"subject": pl.String, "first_quarter": pl.Date},
        )
    return Shown(tables=tables)


WHOLE = {"applications": FIRST.shift(1), "ta": FIRST}


def points(rows: pl.DataFrame, measure: str) -> list[int]:
    return rows.filter(pl.col("measure") == measure).sort("quarter")["point"].to_list()


def test_four_quarters_of_each_measure_are_forecast_beside_the_last_value() -> None:
    rows = local_forecasts(shown(WHOLE)).rows

    assert rows["measure"].unique(maintain_order=True).to_list() == [
        "applications",
        "ta_households",
        "ta_arrivals",
        "ta_exits",
        "ta_bb",
        "ta_leased",
    ]
    assert rows.filter(pl.col("measure") == "applications")["quarter"].to_list() == [
        str(LAST.shift(step)) for step in range(1, 5)
    ]
    assert set(rows.filter(pl.col("measure") == "applications")["last_value"]) == {101}
    assert rows.select((pl.col("lo_80") <= pl.col("point")) & (pl.col("point") <= pl.col("hi_80"))).to_series().all()


def test_the_stock_is_the_stock_before_plus_arrivals_less_exits() -> None:
    rows = local_forecasts(shown(WHOLE)).rows
    stock = [STOCK[-1], *points(rows, "ta_households")]
    flows = zip(points(rows, "ta_arrivals"), points(rows, "ta_exits"), strict=True)

    assert [after - before for before, after in pairwise(stock)] == [a - e for a, e in flows]


def test_the_types_add_up_to_the_stock() -> None:
    rows = local_forecasts(shown(WHOLE)).rows
    both = zip(points(rows, "ta_bb"), points(rows, "ta_leased"), strict=True)

    assert [bb + leased for bb, leased in both] == points(rows, "ta_households")


def test_the_stock_is_the_same_whether_or_not_flows_and_types_are_shown() -> None:
    internal = local_forecasts(shown(WHOLE)).rows
    shareable = local_forecasts(shown(WHOLE, hidden=("bb",), flows=False)).rows

    assert shareable["measure"].unique(maintain_order=True).to_list() == ["applications", "ta_households"]
    assert points(shareable, "ta_households") == points(internal, "ta_households")


def test_series_begin_where_the_history_is_whole() -> None:
    history = local_history(shown({"applications": FIRST.shift(4), "ta": FIRST.shift(6)}))
    firsts = dict(history.group_by("unique_id").agg(pl.col("quarter").min()).iter_rows())

    assert firsts["applications"] == str(FIRST.shift(4))
    assert firsts["ta_households"] == firsts["ta_bb"] == str(FIRST.shift(6))


def test_without_a_whole_quarter_there_is_a_sentence() -> None:
    found = local_forecasts(shown({"applications": None, "ta": None}))

    assert found.rows.is_empty() and found.record.is_empty()
    assert found.why_none == "There is no forecast: no whole quarter is on record yet."


def test_a_measure_that_is_not_whole_is_left_out_alone() -> None:
    found = local_forecasts(shown({"applications": None, "ta": FIRST}))

    assert "applications" not in found.rows["measure"]
    assert "ta_households" in found.rows["measure"]


def test_a_history_of_one_quarter_is_forecast_by_it_and_says_so() -> None:
    found = local_forecasts(shown({"applications": LAST, "ta": LAST}))
    stock = found.record.row(by_predicate=pl.col("measure") == "ta_households", named=True)

    assert points(found.rows, "ta_households") == [STOCK[-1]] * 4
    assert stock["model_error"] is None
    assert stock["sentence"].startswith("Fewer than 4 whole quarters are on record: expect about the last value")


def test_quarters_after_that_of_the_edition_are_not_read() -> None:
    later = shown(WHOLE)
    later.quarter = LAST.shift(-1)

    assert local_history(later)["quarter"].max() == str(LAST.shift(-1))


def test_the_record_names_the_last_value_as_the_opponent() -> None:
    kept = local_forecasts(shown(WHOLE)).record
    stock = kept.row(by_predicate=pl.col("measure") == "ta_households", named=True)

    assert (
        kept["measure"].to_list() == local_forecasts(shown(WHOLE)).rows["measure"].unique(maintain_order=True).to_list()
    )
    assert stock["model_error"] < stock["last_value_error"] < stock["seasonal_naive_error"]
    assert f"{1 - stock['model_error'] / stock['last_value_error']:.0%} closer than the last value" in stock["sentence"]
    arrivals = kept.row(by_predicate=pl.col("measure") == "ta_arrivals", named=True)
    assert arrivals["like"] == "any" and arrivals["sentence"].startswith("No series like this one is published")


@pytest.mark.parametrize("code", ["bb", "psl"])
def test_types_with_a_hidden_number_are_not_forecast(code: str) -> None:
    rows = local_forecasts(shown(WHOLE, hidden=(code,))).rows

    assert not {"ta_bb", "ta_leased"} & set(rows["measure"])


def test_flows_that_the_stock_does_not_bear_out_are_not_forecast_but_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An export of live cases only: nobody leaves, and the stock grows by all who came."""
    monkeypatch.setattr(sys.modules[__name__], "STOCK", [40, 90, 150, 200, 260, 310, 370, 420, 480, 530])
    monkeypatch.setattr(sys.modules[__name__], "ENTRIES", [9, 50, 60, 50, 60, 50, 60, 50, 60, 50])
    found = local_forecasts(shown(WHOLE))

    assert not {"ta_arrivals", "ta_exits"} & set(found.rows["measure"])
    assert found.remarks[0].startswith("Arrivals and exits are not forecast")
