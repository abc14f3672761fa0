"""An export that is old, or of another quarter, blocks; one that reaches into its own day does not."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from pipelines.period import Quarter
from pipelines.settings import Settings
from pipelines.validate import Context
from pipelines.validate.newness import state_of_export
from pipelines.validate.waivers import Waiver, Waivers
from schemas.sections import SECTION, SECTIONS, catalogue

QUARTER = Quarter(2025, 3)
AS_AT = date(2025, 9, 30)
EVENTS = [(column.section, column.name) for column in catalogue() if column.is_event]
LATE = ("main", "last_activity_date")


def judged(
    *days: tuple[tuple[str, str], date],
    as_at: date = AS_AT,
    quarter: Quarter = QUARTER,
    settings: Settings | None = None,
) -> list[str]:
    """The ids found in an export that holds these dates and no others."""
    sections = {section.name: section.empty() for section in SECTIONS}
    for (name, column), day in days:
        row = pl.DataFrame({column: [day]}).select(
            pl.col(column) if one.name == column else pl.lit(None, one.dtype).alias(one.name)
            for one in SECTION[name].columns
        )
        sections[name] = pl.concat([sections[name], row])
    context = Context("E06000034", quarter, as_at, settings or Settings())
    return [one.rule_id for one in state_of_export(sections, context)]


@pytest.mark.parametrize(("days", "expected"), [(0, []), (14, []), (15, ["E-02"])])
def test_an_export_may_end_fourteen_days_before_its_own_day_and_not_fifteen(days: int, expected: list[str]) -> None:
    assert judged((LATE, AS_AT - timedelta(days=days))) == expected


@pytest.mark.parametrize(("day", "expected"), [(date(2025, 6, 30), ["E-01"]), (date(2025, 7, 1), [])])
def test_something_is_dated_in_the_quarter_from_its_first_day_on(day: date, expected: list[str]) -> None:
    # A preview of its first days, so that the newest date is not old.
    assert judged((LATE, day), as_at=date(2025, 7, 3)) == expected


@pytest.mark.parametrize(("day", "expected"), [(date(2025, 9, 30), []), (date(2025, 10, 1), ["E-01"])])
def test_something_is_dated_in_the_quarter_up_to_its_last_day(day: date, expected: list[str]) -> None:
    assert judged((LATE, day), as_at=date(2025, 10, 5)) == expected


def test_what_happened_after_the_quarter_keeps_an_export_of_a_later_day_new() -> None:
    assert judged((LATE, date(2025, 7, 1)), (LATE, date(2025, 10, 20)), as_at=date(2025, 11, 3)) == []
    assert judged((LATE, date(2025, 7, 1)), (LATE, date(2025, 10, 19)), as_at=date(2025, 11, 3)) == ["E-02"]


@pytest.mark.parametrize("column", EVENTS, ids=".".join)
def test_every_date_on_which_something_happened_counts(column: tuple[str, str]) -> None:
    assert judged((column, date(2025, 9, 16))) == []
    assert judged((column, date(2025, 6, 16))) == ["E-01"]


@pytest.mark.parametrize("column", [("people", "date_of_birth"), ("reviews", "review_due_date")], ids=".".join)
def test_a_birth_and_a_day_that_is_only_due_keep_no_export_new(column: tuple[str, str]) -> None:
    assert judged((column, AS_AT)) == ["E-01"]


def test_a_mistyped_day_of_the_future_hides_nothing() -> None:
    assert judged((LATE, date(2025, 9, 15)), (LATE, date(2025, 10, 1))) == ["E-02"]
    assert judged((LATE, date(2205, 9, 29))) == ["E-01"]


def test_an_export_without_a_single_date_is_not_of_the_quarter() -> None:
    assert judged() == ["E-01"]


def test_the_limit_is_a_setting() -> None:
    assert judged((LATE, AS_AT - timedelta(days=15)), settings=Settings(stale_after_days=15)) == []
    assert judged((LATE, AS_AT - timedelta(days=1)), settings=Settings(stale_after_days=0)) == ["E-02"]


def sentence(day: date, quarter: Quarter, as_at: date) -> str:
    sections = {section.name: section.empty() for section in SECTIONS}
    main = pl.DataFrame({"case_ref": ["x"], "last_activity_date": [day]})
    sections["main"] = pl.concat([sections["main"], main], how="diagonal")
    (found,) = state_of_export(sections, Context("E06000034", quarter, as_at))
    return found.message


def test_both_days_stand_in_the_message() -> None:
    old = sentence(date(2025, 9, 1), QUARTER, AS_AT)
    assert "1 September 2025" in old and "30 September 2025" in old and "29 days" in old
    other = sentence(date(2025, 9, 30), Quarter(2026, 1), date(2026, 3, 31))
    assert "30 September 2025" in other and "31 March 2026" in other and "January to March 2026" in other


def test_it_concerns_the_return_and_can_be_waived_until_a_day() -> None:
    from pipelines.findings import frame

    sections = {section.name: section.empty() for section in SECTIONS}
    found = frame(state_of_export(sections, Context("E06000034", QUARTER, AS_AT)))
    assert found.select("severity", "scope", "case_ref").rows() == [("error", "return", None)]
    waiver = Waiver(2, "E-01", None, None, "Head of housing", "no applications", date(2025, 9, 30))
    waived, _ = Waivers((waiver,)).apply(found, as_at=AS_AT)
    assert waived["severity"].to_list() == ["warning"]
    expired, _ = Waivers((waiver,)).apply(found, as_at=date(2025, 10, 1))
    assert sorted(expired.select("rule_id", "severity").rows()) == [("E-01", "error"), ("W-expired", "warning")]
