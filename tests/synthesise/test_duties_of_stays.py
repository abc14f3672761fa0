"""The duty that a household in temporary accommodation is counted under has begun by the day of the count."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines.period import Quarter
from pipelines.synthesise.calendar import Calendar
from pipelines.synthesise.case import Case, Ending, Stay
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.history import date_case
from schemas.law import FIRST_DAY_OF_HRA

FIRST = Quarter.parse("2025-Q2")


@pytest.mark.parametrize("days", [200, 3000])
def test_relief_that_ends_after_a_stay_under_it_began_before_the_count(days: int) -> None:
    stay = Stay(0, "hostel", "single_adult_male", authority="E06000034", duty="s189b", days=days)
    case = Case(None, "relief", household="single_adult_male", relief=True, stays=[stay], old=True)
    case.relief_end = Ending(1, "secured_new")
    date_case(case, Calendar([FIRST, FIRST.shift(1)], Draws(1)))
    assert case.relief_start is not None
    assert case.relief_end.day is not None
    assert FIRST_DAY_OF_HRA <= case.relief_start <= FIRST.last_day < case.relief_end.day
    assert case.placements[0].entry <= date(2025, 6, 30)
