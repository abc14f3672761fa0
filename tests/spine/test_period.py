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


@pytest.mark.parametrize(
    "text",
    [
        "2025",
        "2025-Q5",
        "2025-Q0",
        "Q4-2025",
        "2025-10",
        "",
        "0000-Q1",
        "9999-Q4",
        "\u0662\u0660\u0662\u0665-Q4",
        "2025-Q4; drop",
    ],
)
def test_what_is_not_a_quarter_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="2025-Q4"):
        Quarter.parse(text)


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31)))
def test_every_day_lies_in_its_quarter(day: date) -> None:
    quarter = Quarter.containing(day)
    assert quarter.first_day <= day <= quarter.last_day
    assert Quarter.parse(str(quarter)) == quarter
    assert quarter.shift(5).shift(-5) == quarter


@pytest.mark.parametrize(
    ("year_quarter", "words", "round_name", "first", "last"),
    [
        ("2026-Q1", "January to March 2026", "h-clic-2025-2026-jan-mar", "2026-01-01", "2026-03-31"),
        ("2026-Q2", "April to June 2026", "h-clic-2026-2027-apr-jun", "2026-04-01", "2026-06-30"),
        ("2025-Q3", "July to September 2025", "h-clic-2025-2026-jul-sep", "2025-07-01", "2025-09-30"),
        ("2025-Q4", "October to December 2025", "h-clic-2025-2026-oct-dec", "2025-10-01", "2025-12-31"),
    ],
)
def test_a_quarter_by_its_days_its_words_and_its_round(
    year_quarter: str, words: str, round_name: str, first: str, last: str
) -> None:
    quarter = Quarter.parse(year_quarter)
    assert (quarter.words, quarter.delta_round) == (words, round_name)
    assert (str(quarter.first_day), str(quarter.last_day)) == (first, last)
    assert Quarter.containing(quarter.first_day) == Quarter.containing(quarter.last_day) == quarter
