"""Where series on the pages begin: flows with the first complete quarter, stocks with the first complete day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

import polars as pl
import pytest

from pipelines.emit.pages.view import View
from pipelines.metrics.editions import Edition
from pipelines.period import Quarter


@dataclass(frozen=True)
class OneTable:
    """An edition that holds ``history_start``: complete from July 2025, stocks from a day."""

    stock_from: date
    quarter = Quarter(2025, 3)

    def has(self, name: str) -> bool:
        return name == "history_start"

    def table(self, name: str) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "subject": ["applications"],
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
