"""``last`` and ``current`` by the clock of the United Kingdom, on the nights where it matters."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipelines.period import UK, Quarter, uk_day
from pipelines.run.request import Request
from pipelines.schedules.deployed import DEPLOYED

GIVEN = {"export": "exports", "authority": "E06000034", "out": "out", "source": "native"}


def asked(quarter: str, started: datetime, **given: Any) -> Request:
    return Request.read({**GIVEN, "quarter": quarter, **given}, started=started)


@pytest.mark.parametrize(
    ("started", "current"),
    [
        # Summer: midnight in London comes at 23:00 UTC.
        (datetime(2025, 6, 30, 22, 59, 59, tzinfo=UTC), "2025-Q2"),
        (datetime(2025, 6, 30, 23, 0, tzinfo=UTC), "2025-Q3"),
        (datetime(2025, 9, 30, 22, 59, 59, tzinfo=UTC), "2025-Q3"),
        (datetime(2025, 9, 30, 23, 0, tzinfo=UTC), "2025-Q4"),
        # The clocks went forward on 30 March 2025.
        (datetime(2025, 3, 31, 22, 59, 59, tzinfo=UTC), "2025-Q1"),
        (datetime(2025, 3, 31, 23, 0, tzinfo=UTC), "2025-Q2"),
        # Winter: both midnights are one.
        (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), "2025-Q4"),
        (datetime(2026, 1, 1, 0, 0, tzinfo=UTC), "2026-Q1"),
    ],
)
def test_the_quarter_changes_at_midnight_in_london(started: datetime, current: str) -> None:
    assert str(asked("current", started).quarter) == current
    assert asked("last", started).quarter == Quarter.parse(current).shift(-1)


def test_an_export_of_tonight_is_as_at_tonight_in_the_uk() -> None:
    half_past_midnight = datetime(2025, 9, 30, 23, 30, tzinfo=UTC)
    assert asked("last", half_past_midnight).as_at == date(2025, 10, 1)
    assert asked("current", half_past_midnight).as_at == date(2025, 10, 1)
    elsewhere = half_past_midnight.astimezone(ZoneInfo("America/New_York"))
    assert asked("current", elsewhere).as_at == date(2025, 10, 1)


def test_a_day_that_is_given_stays_and_a_quarter_that_is_named_has_its_last_day() -> None:
    night = datetime(2025, 10, 8, 1, 30, tzinfo=UTC)
    assert asked("last", night, as_at="2025-10-06").as_at == date(2025, 10, 6)
    assert asked("2025-Q3", night).as_at is None
    assert asked("2025-Q3", night).day == date(2025, 9, 30)


@pytest.mark.parametrize("text", ["LAST", " Current "])
def test_the_words_are_taken_as_people_type_them(text: str) -> None:
    night = datetime(2025, 10, 8, 1, 30, tzinfo=UTC)
    assert asked(text, night).quarter in (Quarter(2025, 3), Quarter(2025, 4))


def test_a_run_that_is_read_again_on_another_day_keeps_its_quarter_and_day() -> None:
    first = asked("last", datetime(2025, 12, 31, 23, 59, tzinfo=UTC))
    again = Request.read(first.typed(), started=datetime(2026, 1, 1, 0, 1, tzinfo=UTC))
    assert (again.quarter, again.as_at) == (Quarter(2025, 3), date(2025, 12, 31))


def test_the_clock_of_the_uk_is_an_hour_ahead_in_summer_and_not_in_winter() -> None:
    assert uk_day(datetime(2026, 3, 28, 23, 30, tzinfo=UTC)) == date(2026, 3, 28)
    assert uk_day(datetime(2026, 3, 29, 23, 30, tzinfo=UTC)) == date(2026, 3, 30)
    assert uk_day(datetime(2026, 10, 24, 23, 30, tzinfo=UTC)) == date(2026, 10, 25)
    assert uk_day(datetime(2026, 10, 25, 23, 30, tzinfo=UTC)) == date(2026, 10, 25)


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_no_run_is_due_in_the_hour_that_is_left_out_or_comes_twice(change: date) -> None:
    for what in DEPLOYED:
        due = datetime(change.year, change.month, change.day, what.hour, what.minute, tzinfo=UK)
        later = due.replace(fold=1)
        assert due.utcoffset() == later.utcoffset(), "it comes once"
        assert due.astimezone(UTC).astimezone(UK).hour == what.hour, "it comes at all"
