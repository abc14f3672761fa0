"""Quarters, their words and DELTA's round names."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import UsageError
from pipelines.period import Quarter


def test_october_to_december_belongs_to_the_financial_year_that_began_in_april() -> None:
    assert Quarter.parse("2025-Q4").delta_round == "h-clic-2025-2026-oct-dec"  # design §4
    assert Quarter.parse("2022-Q1").delta_round == "h-clic-2021-2022-jan-mar"  # hclic-spec 1.3


def test_a_quarter_is_printed_in_words() -> None:
    assert Quarter.parse("2025-Q4").words == "October to December 2025"


@pytest.mark.parametrize("text", ["2025", "2025-Q5", "Q4-2025", "2025-10", ""])
def test_what_is_not_a_quarter_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="2025-Q4"):
        Quarter.parse(text)


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31)))
def test_every_day_lies_in_its_quarter(day: date) -> None:
    quarter = Quarter.containing(day)
    assert quarter.first_day <= day <= quarter.last_day
    assert Quarter.parse(str(quarter)) == quarter
    assert quarter.shift(5).shift(-5) == quarter
