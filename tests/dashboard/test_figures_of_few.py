"""Headline figures and charts that rest on few say so, and shout no percentage and no course of them."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipelines.emit.pages.caseload import caseload
from pipelines.emit.pages.headlines import headlines
from pipelines.emit.pages.homes import accommodation
from pipelines.emit.pages.view import View, months_of
from pipelines.period import Quarter
from tests.sections.editions import NOW, QUARTER_BEFORE, YEAR_BEFORE, edition


def test_a_percentage_of_few_is_set_beside_counts_and_not_points() -> None:
    days = [YEAR_BEFORE, QUARTER_BEFORE, NOW]
    frames = {
        "case_arrivals_quarter": pl.DataFrame({"first_day": days, "applications": [90, 90, 90]}),
        "case_first_stage_quarter": pl.DataFrame(
            {"first_day": days, "prevented": [30, 4, 22], "prevention_ended": [60, 17, 40]}
        ),
    }
    prevented = next(item for item in headlines(View(edition(frames))) if item.label == "Homelessness prevented")
    assert prevented.value == "55%"
    assert prevented.changes == (
        "4 of 17 in April to June 2025.",
        "Up 5 percentage points from 50% in July to September 2024.",
    )


def test_closed_cases_are_those_counted_for_the_quarter_and_not_the_sum_of_three_rounded_months() -> None:
    quarters = pl.DataFrame({"first_day": [NOW], "applications": [125], "closures": [112]})
    months = pl.DataFrame(
        {"first_day": months_of(Quarter(2025, 3)), "team": "all", "arrivals": [45, 40, 45], "closures": [40, 35, 35]}
    )
    view = View(edition({"case_arrivals_quarter": quarters, "case_flow_month": months}, internal=False))
    assert next(item.value for item in headlines(view) if item.label == "Cases closed") == "112"
    flow = next(found for found in caseload(view).figures if found.ident == "arrivals-and-closures")
    assert flow.title == "About 125 applications and about 112 closed cases in July to September 2025"


@pytest.mark.parametrize(("most", "is_drawn"), [(10, False), (15, True)])
def test_so_few_families_that_rounding_makes_the_course_are_not_drawn(most: int, is_drawn: bool) -> None:
    months: list[date] = [first for shift in (-1, 0) for first in months_of(Quarter(2025, 3).shift(shift))]
    families = pl.DataFrame(
        {
            "first_day": months,
            "count_families": [5, 10, 5, most, 5, 5],
            "count_families_over_42": [0, 5, 0, 5, 0, 5],
        }
    )
    stock = pl.DataFrame({"first_day": months, "dimension": "all", "value": "all", "stock": 40, "entries": 5})
    frames = {"stay_bb_month": families, "stock_month": stock}
    found = accommodation(View(edition(frames, internal=False))).figures[-1]
    assert found.ident == "bb-families"
    assert (found.plan is not None) is is_drawn
    assert is_drawn or found.description.startswith("There is no chart: every figure is 10 or less, and steps of the")
