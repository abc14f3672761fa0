"""What stands of authorities beside each other gives no hidden count away, whoever solves for it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from pipelines.disclosure.edition import Figure
from pipelines.disclosure.thresholds import FEWEST_COMPARED
from pipelines.errors import UsageError
from pipelines.fleet.comparing.figures import Compared
from pipelines.fleet.comparing.gather import Gathered
from tests.fleet.beside_each_other import (
    CODES,
    authorities,
    authority,
    figure,
    outside,
    shared,
    with_released,
)
from tests.fleet.solved import attacked

FEW = {"ta_bb": 3, "bb_families": 2, "bb_over_6_weeks": 1, "ta_elsewhere": 2}


@pytest.fixture(scope="module")
def set_of_authorities() -> list[Gathered]:
    """Two with few in bed and breakfast, out of district and among what is wrong; one with hardly any stay so long."""
    few = authority(CODES[0], FEW, lengths={"Bed": (1, 1, 1, 0, 0), "Nightly": (9, 4, 11, 3, 1)})
    fewer = authority(
        CODES[1],
        {**FEW, "ta_bb": 4, "findings_tidy": 1, "rows_set_aside": 1, "decisions": 3, "main_accepted": 3},
        lengths={"Bed": (4, 0, 0, 0, 0), "Nightly": (9, 4, 6, 2, 0)},
    )
    return [few, fewer, *authorities()[2:]]


@pytest.fixture(scope="module")
def shown(set_of_authorities: list[Gathered]) -> Compared:
    return shared(set_of_authorities)


def test_no_count_can_be_fewer_than_three_values_by_all_that_is_shown(
    set_of_authorities: list[Gathered], shown: Compared
) -> None:
    """To a reader who has all figures, sums among them, England's row to the nearest 10, and what MHCLG prints."""
    narrow, asked = attacked(set_of_authorities, shown)
    # The others are printed by MHCLG as they are.
    assert asked > 50
    assert narrow == {}


def test_neither_can_one_before_mhclg_has_published_the_quarter(
    set_of_authorities: list[Gathered], shown: Compared
) -> None:
    narrow, asked = attacked(set_of_authorities, shown, is_published=False)
    assert asked > 150
    assert narrow == {}


@pytest.mark.parametrize("name", ["bb_families", "bb_over_6_weeks", "ta_elsewhere"])
def test_every_value_of_a_count_that_mhclg_hides_gives_the_same_figures(name: str) -> None:
    """No solver is needed for it: what is shown does not depend on the count at all."""
    most = {"bb_families": 3, "bb_over_6_weeks": 3, "ta_elsewhere": 4}[name]
    counts = {**FEW, "bb_families": 3, "bb_over_6_weeks": 0}
    found = {
        (made.figures.write_csv(), made.measures.write_csv(), str(made.released))
        for value in range(most + 1)
        for made in [shared(authorities({**counts, name: value}))]
    }
    assert len(found) == 1


def test_other_counts_have_five_values_for_the_same_figures() -> None:
    found: dict[str, int] = {}
    for cases in range(394, 411):
        made = shared(authorities({"cases": cases}))
        said = made.figures.write_csv() + made.measures.write_csv()
        found[said] = found.get(said, 0) + 1
    # The first and the last are cut short by where the range begins and ends.
    assert [number for number in list(found.values())[1:-1] if number != 5] == []


def test_what_is_said_of_all_is_worked_out_from_what_is_shown_of_each(shown: Compared) -> None:
    known = shown.figures.filter(pl.col("value").is_not_null())
    for row in shown.measures.iter_rows(named=True):
        values = known.filter(measure=row["measure"])
        if row["unit"] != "days" and values.height:
            assert row["numerator"] == values["numerator"].sum()
            assert row["denominator"] == values["denominator"].sum()
        assert row["median"] == (pytest.approx(values["value"].median(), abs=1e-6) if values.height else None)


def test_two_comparisons_that_differ_by_one_authority_tell_nothing_of_it(set_of_authorities: list[Gathered]) -> None:
    both = [shared(set_of_authorities).figures, shared(set_of_authorities[1:]).figures]
    columns = ("la_code", "measure", "numerator", "denominator", "value")
    without = both[0].filter(pl.col("la_code") != CODES[0]).select(columns)
    assert without.equals(both[1].select(columns))


def test_a_figure_that_has_left_in_an_edition_of_the_authoritys_own_is_printed_again() -> None:
    name = ("stock_month", "2025-09-01|all|all", "stock")
    for figure_before in (85, 90):
        made = shared([with_released(one, {name: figure_before}) for one in authorities()])
        assert made.released[CODES[0]][name] == figure_before
        assert figure(made, CODES[0], "ta_rate", "numerator") == figure_before


def test_a_late_case_does_not_show_itself() -> None:
    before = shared(authorities({"cases": 402}))
    again = [with_released(one, before.released[one.run.la_code]) for one in authorities({"cases": 403})]
    assert shared(again).figures.equals(before.figures)


def test_a_count_that_the_authoritys_own_edition_leaves_out_is_left_out_here_too() -> None:
    own: dict[Figure, int] = {
        ("case_open_month", "2025-09-01|all|all", "open_cases"): 300,
        ("stay_bb_month", "2025-08-01", "count_families"): 5,
        ("stay_bb_month", "2025-09-01", "count_households"): 10,
    }
    first, *others = authorities()
    made = shared([with_released(first, own), *others])
    assert figure(made, CODES[0], "share_bb_families_over_6_weeks", "numerator") is None
    assert figure(made, CODES[0], "share_bb_families_over_6_weeks", "note") == "suppressed"
    assert figure(made, CODES[1], "share_bb_families_over_6_weeks", "numerator") is not None


def test_what_mhclg_has_published_as_suppressed_stays_so_however_many_there_are() -> None:
    made = shared(authorities({"ta_elsewhere": 30}), outside((CODES[0], "ta_elsewhere")))
    assert figure(made, CODES[0], "share_ta_other_district", "numerator") is None
    assert figure(made, CODES[1], "share_ta_other_district", "numerator") is not None


def test_an_authority_that_hides_more_than_mhclg_does_has_it_hidden_here_too() -> None:
    first, *others = authorities()
    made = shared([replace(first, hides_below=20), *others])
    hidden = [figure(made, code, "share_ta_other_district", "numerator") is None for code in CODES[:2]]
    assert hidden == [True, False]


def test_a_rate_of_few_says_no_more_than_its_count() -> None:
    made = shared(authorities({"ta": 14, "ta_families": 2}))
    numerator = figure(made, CODES[0], "ta_rate", "numerator")
    assert numerator in (10, 15)
    assert figure(made, CODES[0], "ta_rate") == pytest.approx(numerator / 42700 * 1000, abs=1e-6)
    few = shared(authorities({"decisions": 3, "main_accepted": 2}))
    assert figure(few, CODES[0], "share_main_accepted") is None
    assert figure(few, CODES[0], "share_main_accepted", "note") == "suppressed"


def test_fewer_than_three_are_not_compared_for_sharing() -> None:
    with pytest.raises(UsageError, match=f"needs {FEWEST_COMPARED} authorities"):
        shared(authorities()[:2])
    assert shared(authorities()[:3]).figures.height
