"""The arithmetic that relations share, on both sides of every limit."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import duckdb
import pytest

import sql

DAY = timedelta(days=1)
D = date(2025, 12, 31)


@cache
def connection() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(":memory:")
    for name in sql.names("macros"):
        con.execute(sql.text(f"macros/{name}.sql"))
    return con


def value(macro: str, *arguments: Any) -> Any:
    """What the macro makes of the arguments; a date that is not given is a date all the same."""
    marks = ", ".join("?::date" if given is None else "?" for given in arguments)
    row = connection().execute(f"select {macro}({marks})", list(arguments)).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 6, 15), date(2025, 6, 14), 24),
        (date(2000, 6, 15), date(2025, 6, 15), 25),
        (date(2000, 6, 15), date(2025, 5, 20), 24),
        (date(2000, 6, 15), date(2025, 7, 1), 25),
        (date(2000, 2, 29), date(2025, 2, 28), 24),
        (date(2000, 2, 29), date(2025, 3, 1), 25),
        (date(2000, 2, 29), date(2024, 2, 29), 24),
        (D, D, 0),
    ],
)
def test_an_age_is_attained_on_the_birthday(born: date, day: date, age: int) -> None:
    assert value("age_on", born, day) == age


BANDS = {16: "16_17", 18: "18_24", 25: "25_34", 35: "35_44", 45: "45_54", 55: "55_64", 65: "65_74", 75: "75_plus"}


@pytest.mark.parametrize("first", BANDS)
def test_each_band_of_age_begins_with_its_first_year(first: int) -> None:
    before = [name for age, name in BANDS.items() if age < first] or ["nk"]
    assert (value("age_band", first - 1), value("age_band", first)) == (before[-1], BANDS[first])


@pytest.mark.parametrize(
    ("months", "band"),
    [
        (0, "under_6_months"),
        (5, "under_6_months"),
        (6, "6_months_to_1_year"),
        (11, "6_months_to_1_year"),
        (12, "1_to_2_years"),
        (23, "1_to_2_years"),
        (24, "2_to_5_years"),
        (59, "2_to_5_years"),
        (60, "5_years_plus"),
    ],
)
def test_each_band_of_stay_ends_before_the_month_of_the_next(months: int, band: str) -> None:
    assert value("stay_band", months) == band


@pytest.mark.parametrize(
    ("start", "end", "is_open"),
    [(D, None, True), (D + DAY, None, False), (D - DAY, D, False), (D - DAY, D + DAY, True), (D, D, False)],
)
def test_a_stretch_holds_its_first_day_and_not_its_end(start: date, end: date | None, is_open: bool) -> None:
    assert value("is_open_on", start, end, D) is is_open


@pytest.mark.parametrize(
    ("start", "end", "nights"),
    [
        (D - 3 * DAY, None, 3),
        (D - 3 * DAY, D - DAY, 2),
        (D - 3 * DAY, D + DAY, 3),
        (D, None, 0),
        (D + DAY, None, 0),
        (D - DAY, D - DAY, 0),
    ],
)
def test_the_night_after_the_day_is_not_counted(start: date, end: date | None, nights: int) -> None:
    assert value("nights_by", start, end, D) == nights


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ((D, D + DAY), (D, D + DAY), True),
        ((D, D + DAY), (D + DAY, None), False),
        ((D + DAY, None), (D, D + DAY), False),
        ((D, None), (D + DAY, None), True),
        ((D + DAY, None), (D, None), True),
        ((D, D + 2 * DAY), (D + DAY, D + 3 * DAY), True),
    ],
)
def test_two_stretches_share_a_day_unless_one_ends_by_the_others_start(
    first: tuple[date, date | None], second: tuple[date, date | None], together: bool
) -> None:
    assert value("share_a_day", *first, *second) is together


REVIEWS = [
    # requested, decided, outcome, appeal, undecided, pending
    (D, None, None, None, True, True),
    (D + DAY, None, None, None, False, False),
    (D - DAY, D, "upheld", None, False, False),
    (D - DAY, D + DAY, "upheld", None, True, True),
    # An outcome without its day is an outcome.
    (D - DAY, None, "upheld", None, False, False),
    (D - DAY, D, "upheld", True, False, True),
    (D - DAY, D, "upheld", False, False, False),
    (D + DAY, None, None, True, False, False),
]


@pytest.mark.parametrize(("requested", "decided", "outcome", "appeal", "undecided", "pending"), REVIEWS)
def test_a_review_is_pending_until_it_is_decided_and_on_appeal_for_good(
    requested: date, decided: date | None, outcome: str | None, appeal: bool | None, undecided: bool, pending: bool
) -> None:
    row = connection().execute(
        "select is_review_undecided($asked, $done::date, $outcome::varchar, $day),"
        " is_review_open($asked, $done::date, $outcome::varchar, $appeal::boolean, $day)",
        {"asked": requested, "done": decided, "outcome": outcome, "appeal": appeal, "day": D},
    ).fetchone()  # fmt: skip
    assert row == (undecided, pending)
