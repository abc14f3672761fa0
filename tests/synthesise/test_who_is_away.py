"""Over several quarters: as many of each type and composition can be in another district as the tables ask for."""

from __future__ import annotations

from collections import Counter

import pytest

from pipelines.synthesise.abode import _Away, _Someone
from pipelines.synthesise.cells import read_sheet
from pipelines.synthesise.continuing import rests_on_print
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.durations import TA7_HEADS, ta7_kind
from pipelines.synthesise.exact.model import CellRef
from pipelines.synthesise.stock import ALL_KINDS
from pipelines.synthesise.survivors import Plan, plan
from pipelines.synthesise.who_is_away import fit
from tests.published.excerpts.chosen import THURROCK
from tests.synthesise.caseload import row_of

FEW_AWAY = "E06000001"
"""Hartlepool."""


def someone(interval: int, kinds: list[str], household: str) -> _Someone:
    return _Someone(interval, "family", 0, kinds, False, household)


def test_the_composition_that_must_be_away_comes_to_have_the_type_that_must() -> None:
    everyone = [
        someone(0, ["la_ha", "la_ha"], "single_parent_male"),
        someone(1, ["bb", "la_ha"], "couple_children"),
        someone(1, ["la_ha", "bb"], "single_parent_female"),
        someone(0, ["bb", "bb"], "couple_children"),
    ]
    wanted = [_Away(q, {"bb": 1}, {"single_parent_male": 1}) for q in (0, 1)]
    before = [Counter((one.interval, one.kind(q)) for one in everyone) for q in (0, 1)]
    assert [away.missing(everyone) for away in wanted] == [1, 1]
    fit(wanted, everyone, 2, Draws("1"))
    assert [away.missing(everyone) for away in wanted] == [0, 0]
    assert Counter(one.household for one in everyone) == Counter(
        {"couple_children": 2, "single_parent_male": 1, "single_parent_female": 1}
    )
    assert [Counter((one.interval, one.kind(q)) for one in everyone) for q in (0, 1)] == before


def test_where_nobody_can_be_away_as_asked_as_few_as_can_be_are_missing() -> None:
    everyone = [someone(0, ["bb"], "couple_children"), someone(0, ["la_ha"], "couple_children")]
    wanted = [_Away(0, {"bb": 1}, {"single_parent_male": 1})]
    fit(wanted, everyone, 1, Draws("1"))
    assert wanted[0].missing(everyone) == 1
    assert Counter(one.household for one in everyone) == {"couple_children": 2}


@pytest.fixture(scope="module")
def thurrock() -> Plan:
    return plan(read_sheet(row_of("2025-Q3", THURROCK), THURROCK), 0, Draws("1"))


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_median_of_an_even_number_proves_nothing_since_its_middle_days_are_drawn(thurrock: Plan, kind: str) -> None:
    size = thurrock.prepared.stock.total[kind]
    median = CellRef("2025-Q3", "TA7", f"{TA7_HEADS[kind]} > Median (days)")
    assert ta7_kind(median.column_path) == kind
    assert rests_on_print([median], [thurrock]) == (size % 2 == 1)


def test_a_clash_of_bands_rests_on_print(thurrock: Plan) -> None:
    assert rests_on_print([CellRef("2025-Q3", "TA4", "Hostels > 5+ years")], [thurrock])


def test_what_was_filled_in_for_a_hidden_composition_proves_nothing() -> None:
    few = plan(read_sheet(row_of("2025-Q3", FEW_AWAY), FEW_AWAY), 0, Draws("1"))
    hidden = [c for c in few.sheet.cells.values() if c.table == "TA9_HHTYPE" and c.value is None]
    assert hidden, "2025-Q3 hides the compositions of its households in another district"
    assert not rests_on_print([CellRef("2025-Q3", "TA4", "Hostels > 5+ years")], [few])
