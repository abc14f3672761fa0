"""A household over several quarters has one entry day, and nobody has to stay where no duration is printed."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from pipelines.period import Quarter
from pipelines.synthesise.cells import read_sheet
from pipelines.synthesise.chain import Chain, stays_of
from pipelines.synthesise.continuing import continuing_stays
from tests.published.excerpts.chosen import THURROCK
from tests.synthesise.caseload import row_of

QUARTERS = [Quarter.parse(name) for name in ("2023-Q4", "2024-Q1", "2024-Q2")]


def test_days_of_every_quarter_follow_from_the_entry_day() -> None:
    chain = Chain("couple_children", date(2023, 12, 1), 0, ["bb", "psl", "psl"], [False, True, True])
    stays = [stay for of_quarter in stays_of([chain], QUARTERS) for stay in of_quarter]
    assert [(stay.days, stay.kind, stay.away) for stay in stays] == [
        (30, "bb", False),
        (30 + 91, "psl", True),
        (30 + 91 + 91, "psl", True),
    ]
    assert [stay.later for stay in stays] == [stays[1], stays[2], None]
    assert [stay.stayed for stay in stays] == [False, True, True]


@pytest.mark.parametrize("names", [("2020-Q2", "2020-Q3"), ("2024-Q1", "2024-Q2"), ("2025-Q2", "2025-Q3")])
def test_no_part_of_a_household_contradicts_another(names: tuple[str, ...]) -> None:
    sheets = [read_sheet(row_of(name, THURROCK), THURROCK) for name in names]
    found = continuing_stays(sheets, "1")
    days = [(later.last_day - first.last_day).days for first, later in pairwise(sheet.quarter for sheet in sheets)]
    staying = 0
    for number, stays in enumerate(found):
        for stay in stays:
            if stay.later is not None:
                staying += 1
                assert stay.later.days == stay.days + days[number]
                assert stay.later.household == stay.household
                assert stay.later.stayed
    assert staying > 50
    assert sum(stay.stayed for stays in found for stay in stays) == staying


@pytest.mark.parametrize("names", [("2020-Q2", "2020-Q3"), ("2024-Q1", "2024-Q2")])
def test_a_boundary_without_durations_costs_no_cell_of_temporary_accommodation(names: tuple[str, ...]) -> None:
    sheets = [read_sheet(row_of(name, THURROCK), THURROCK) for name in names]
    continuing_stays(sheets, "1")
    assert [clash for sheet in sheets for clash in sheet.clashes] == []


@pytest.mark.parametrize("authority", [THURROCK, "E07000061", "E06000017"])
def test_durations_of_two_quarters_hold_for_the_same_households(authority: str) -> None:
    sheets = [read_sheet(row_of(name, authority), authority) for name in ("2025-Q2", "2025-Q3")]
    continuing_stays(sheets, "1")
    assert [clash for sheet in sheets for clash in sheet.clashes] == []
