"""Over several quarters: as many of each type and composition can be in another district as the tables ask for."""

from __future__ import annotations

from collections import Counter

from pipelines.synthesise.abode import _Away, _Someone
from pipelines.synthesise.aging import aging
from pipelines.synthesise.cells import read_sheet
from pipelines.synthesise.continuing import proofs
from pipelines.synthesise.districts import settle
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.durations import TA7_HEADS
from pipelines.synthesise.stock import ALL_KINDS
from pipelines.synthesise.survivors import Plan, plan
from pipelines.synthesise.who_is_away import fit
from tests.published.excerpts.chosen import THURROCK
from tests.synthesise.caseload import row_of

NEWHAM = "E09000025"


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


def plans(*rows: tuple[str, str]) -> list[Plan]:
    """A plan of each row (quarter, authority), one after the other as if they were of one authority."""
    made = [
        plan(read_sheet(row_of(quarter, authority), authority), number, Draws("1"))
        for number, (quarter, authority) in enumerate(rows)
    ]
    for here in made:
        settle(here.sheet, here.rng, here.prepared)
    return made


def test_what_holds_together_over_two_quarters_has_no_proof_against_it() -> None:
    assert proofs(plans(("2025-Q2", THURROCK), ("2025-Q3", THURROCK))) == ()


def test_more_who_have_been_there_for_long_than_can_have_been_is_proved_by_a_sum_of_printed_cells() -> None:
    before, here = plans(("2025-Q2", THURROCK), ("2025-Q3", THURROCK))
    for made in (before, here):
        # Bands alone, so that the one clash is the one made here.
        for key in [key for key in made.sheet.cells if key[0] == "TA7"]:
            del made.sheet.cells[key]
    block = here.blocks["nightly"]
    assert block is not None
    moved = block["single"][0]
    block["single"][0] -= moved
    block["single"][4] += moved
    for table in ("TA4", "TA4s"):
        for band, more in (("Less than 6 months", -moved), ("5+ years", moved)):
            path = here.sheet.find(table, "Nightly", band)
            assert path is not None
            cell = here.sheet.cells[table, path, "count"]
            assert cell.value is not None
            here.sheet.cells[table, path, "count"] = cell._replace(value=cell.value + more)
    found = proofs([before, here])
    assert found
    for clash in found:
        assert {cell.table for cell in clash.cells} <= {"TA4", "TA4c", "TA4s"}, clash.sentence
        assert "which can be no less than" in clash.sentence


def test_the_middle_days_of_an_even_number_are_left_open_where_a_proof_is_sought() -> None:
    (here,) = plans(("2025-Q3", NEWHAM))
    even = {
        f"{TA7_HEADS[kind]}"
        for kind in ALL_KINDS
        if here.prepared.stock.total[kind] % 2 == 0 and here.prepared.stock.total[kind] > 2
    }
    assert even, "Newham has an even number of households of some type"
    ranks = {
        by_print: [
            (row.low, row.high, sum(1 for _ in row.terms))
            for row in aging([here], [], Draws("1"), by_print=by_print).model.rows
            if row.cell is not None
            and row.cell.column_path.endswith("Median (days)")
            and any(row.cell.column_path.startswith(head) for head in even)
        ]
        for by_print in (False, True)
    }
    # Drawn middle days allow nobody between them; print only asks that at least half are on either side.
    assert all(low > 0 for low, _, _ in ranks[True]) and any(low == 0 for low, _, _ in ranks[False])
