"""Where series on the pages begin: flows with the first complete quarter, stocks with the first complete day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

import polars as pl
import pytest

from pipelines.emit.pages.homes import survival
from pipelines.emit.pages.view import View
from pipelines.metrics.editions import Edition
from pipelines.period import Quarter


@dataclass(frozen=True)
class OneTable:
    """An edition that holds ``history_start`` (complete from July 2025, stocks from a day) and a curve of survival."""

    stock_from: date
    subject: str = "applications"
    quarter = Quarter(2025, 3)
    la_code = "E06000034"

    def has(self, name: str) -> bool:
        return name in ("history_start", "stay_survival_month", "case_arrivals_quarter", "stock_month")

    def table(self, name: str) -> pl.DataFrame:
        if name in ("case_arrivals_quarter", "stock_month"):
            return pl.DataFrame({"first_day": [date(2022, 4, 1)], "applications": [9], "stock": [9], "entries": [9]})
        if name == "stay_survival_month":
            points = {"month_no": [3, 6, 12], "share": [0.9, 0.8, 0.6], "lower": [0.8, 0.7, 0.5]}
            return pl.DataFrame({"by": "all", "value": "all", **points, "upper": [0.95, 0.9, 0.7]})
        return pl.DataFrame(
            {
                "subject": [self.subject],
                "first_quarter": [date(2025, 7, 1)],
                "stock_from": [self.stock_from],
                "reason": ["Why."],
            }
        )


@pytest.mark.parametrize(
    ("stock_from", "month", "is_on_record"),
    [
        # The stock at the end of June needs who left from July on, and they are there.
        (date(2025, 6, 30), date(2025, 6, 1), True),
        (date(2025, 6, 30), date(2025, 5, 1), False),
        (date(2025, 7, 1), date(2025, 6, 1), False),
        (date(2025, 9, 30), date(2025, 8, 1), False),
        (date(2025, 9, 30), date(2025, 9, 1), True),
    ],
)
def test_a_stock_is_on_record_from_the_first_day_on_which_it_is_complete(
    stock_from: date, month: date, is_on_record: bool
) -> None:
    view = View(cast(Edition, OneTable(stock_from)))
    assert view.is_stock_on_record("applications", month) is is_on_record
    assert not view.is_on_record("applications", date(2025, 6, 1))
    assert view.is_on_record("applications", date(2025, 7, 1))


@pytest.mark.parametrize(
    ("stock_from", "is_drawn"), [(date(2024, 9, 30), True), (date(2024, 10, 1), False), (date(2025, 9, 30), False)]
)
def test_survival_is_estimated_where_all_stays_that_ended_in_its_year_are_in_the_export(
    stock_from: date, is_drawn: bool
) -> None:
    shown = survival(View(cast(Edition, OneTable(stock_from, "ta"))))
    assert shown is not None
    assert (shown.plan is not None) is is_drawn
    assert ("is not complete that far back" in shown.description) is not is_drawn
