"""Contradictions in print are proved: the cells that clash, the sum that forces them, no cell given up needlessly."""

from __future__ import annotations

import re

import pytest

from pipelines.synthesise import synthesise
from pipelines.synthesise.cells import Sheet, read_sheet
from pipelines.synthesise.clashes import DEFECT, HIDDEN, NO_SOLVER, NOT_PROVED, PROVED, in_words
from pipelines.synthesise.exact.settle import settle
from tests.synthesise.caseload import recount, row_of

pytestmark = pytest.mark.no_cover

Cell = tuple[str, tuple[str, ...]]
BIRMINGHAM, LAMBETH = "E08000025", "E09000022"
FAMILIES: Cell = ("TA1", ("Total number of households in TA with children",))
PSL: Cell = ("TA1", ("Private sector", "Total number"))
COUPLES: Cell = ("TA2", ("Couple with",))
SINGLE_MEN: Cell = ("TA2", ("Single adult", "Male"))


def altered(changes: dict[Cell, int], quarter: str = "2018-Q2", authority: str = BIRMINGHAM) -> Sheet:
    """A row that holds together, with some cells printed so much higher or lower."""
    sheet = read_sheet(row_of(quarter, authority), authority)
    for (table, words), change in changes.items():
        path = sheet.find(table, *words)
        assert path is not None
        cell = sheet.cells[table, path, "count"]
        assert cell.value is not None
        sheet.cells[table, path, "count"] = cell._replace(value=cell.value + change)
    return sheet


# One cell altered, and a cell that its clash must name. What is printed of Birmingham for April to June 2018 holds
# together, so that the altered cell alone, or another one of its sum, must give way (synthesis-facts 1.2).
KINDS = [
    pytest.param({COUPLES: 2}, ("TA2", "Couple with"), id="TA2 parts and total"),
    pytest.param(
        {COUPLES: 400, ("TA2", ("All other",)): -200}, ("TA2", "Couple with"), id="fewer families than parents"
    ),
    pytest.param({FAMILIES: 300}, ("TA1", "Total number of households in TA with"), id="more families than TA2 has"),
    pytest.param({PSL: 3}, ("TA1", "Private sector"), id="TA1 six types and total"),
    pytest.param({FAMILIES: 3}, ("TA1", "Total number of households in TA with"), id="families by type and total"),
    pytest.param({("TA1", ("Private sector", "Total with")): 200}, ("TA1", "Private sector"), id="families of a type"),
    pytest.param({("A5P", ("Total",)): 4}, ("A5P", "Total"), id="A5P parts and total"),
    pytest.param({("A6", ("18-24",)): 4}, ("A6", "18-24"), id="A6 parts and total"),
    pytest.param({("A8", ("White", "Any other")): 250}, ("A8", "White"), id="A8 white"),
    pytest.param({("MD3", ("Household includes a preg",)): 1}, ("MD3", "Household includes a preg"), id="MD3 parts"),
    pytest.param({("MD1", ("Homeless + no",)): 10}, ("MD1", "Homeless + no"), id="MD1 parts and total"),
    pytest.param({("P2", ("Owner",)): 1}, ("P2", "Owner"), id="P2 and P1 secured"),
    pytest.param({("A3", ("Households with one or more", "3+")): 40}, ("A3", "Households with one"), id="A3 degrees"),
]


@pytest.mark.parametrize(("changes", "named"), KINDS)
def test_one_altered_cell_makes_one_cell_give_way_and_the_clash_has_its_sum(
    changes: dict[Cell, int], named: tuple[str, str]
) -> None:
    sheet = altered(changes)
    settled = settle(sheet, {table for table, _ in changes})
    assert 1 <= len(settled.sheet.proofs) <= len(changes)
    every = set()
    for cell, proof in settled.sheet.proofs.items():
        clashing = {cell, *((other.table, other.column_path) for other in proof.cells)}
        assert_sum_is_right(proof.sentence)
        for table, path in clashing:
            assert f"{table} {path} ({sheet.count(table, path):,})" in proof.sentence
        every |= clashing
    assert any((table, path[: len(named[1])]) == named for table, path in every), every
    again = settle(settled.sheet, {table for table, _ in changes})
    assert again.sheet.cells == settled.sheet.cells, "the settled sheet holds together"


def assert_sum_is_right(sentence: str) -> None:
    """Each side adds to what it says, and the side that must be larger is smaller."""
    left, right = sentence.split(", which can be no less than ")
    totals = []
    for side in (left, right):
        text = side.split(" = ")[0]
        sizes = re.findall(r"(?:(\d+) × )?[^×()]+(?:\([^()]*[a-z][^()]*\)[^×()]*)*\(([\d,]+)\)", text)
        more = re.findall(r"([\d,]+) more at least", text)
        total = sum(int(times or 1) * int(n.replace(",", "")) for times, n in sizes)
        total += sum(int(n.replace(",", "")) for n in more)
        total -= sum(int(n.replace(",", "")) for n in re.findall(r"less ([\d,]+) at most", text))
        said = re.search(r" = ([\d,]+)", side)
        assert said is not None
        assert total == int(said[1].replace(",", "")), side
        totals.append(total)
    assert totals[0] < totals[1]


def test_two_cells_give_way_where_the_dealing_alone_misses_eight() -> None:
    """Wandsworth of October to December 2018 in kind: TA1's families, its types and TA2 contradict each other."""
    from pipelines.synthesise.draws import Draws
    from pipelines.synthesise.synthetic import _ask

    sheet = altered({FAMILIES: 400, SINGLE_MEN: 1})
    _ask(sheet, 0, Draws("1"))
    alone = {(r["table"], r["column_path"]) for r in sheet.clashes if r["published"] != r["reached"]}
    assert len(alone) == 8
    settled = settle(sheet, {"TA1", "TA2"})
    assert len(settled.sheet.proofs) == 2
    _ask(settled.sheet, 0, Draws("1"))
    assert not [row for row in settled.sheet.clashes if row["published"] != row["reached"]]


def test_no_single_cell_is_enough_where_two_give_way() -> None:
    from pipelines.synthesise.exact.snapshot import in_accommodation
    from pipelines.synthesise.exact.solver import Solver

    tables, _ = in_accommodation(altered({FAMILIES: 400, SINGLE_MEN: 1}))
    solver = Solver(tables.model)
    for spared in tables.model.cells:
        alone = frozenset(n for n, row in enumerate(tables.model.rows) if row.cell == spared)
        assert solver.answer(alone) is None, f"{spared.table} {spared.column_path} alone is enough"


# Authorities of the excerpts whose print contradicts itself, and how many cells must give way (synthesis-facts 1.2):
# Barking and Dagenham's families exceed TA2's; Merton's needs fit no households; Broxbourne's families by type are two
# more than its families, and its TA2 is one short of its total.
@pytest.mark.parametrize(
    ("quarter", "authority", "tables"),
    [
        ("2018-Q2", "E09000002", {"TA1": 2}),
        ("2018-Q2", "E09000024", {"A3": 2}),
        ("2020-Q3", "E07000095", {"TA1": 1, "TA2": 1}),
    ],
)
def test_a_published_contradiction_is_proved(quarter: str, authority: str, tables: dict[str, int]) -> None:
    made = synthesise([row_of(quarter, authority)], authority, 1, recounted=True)
    found = made.clashes.filter(made.clashes["kind"] != DEFECT)
    assert set(found["kind"]) == {PROVED}
    assert dict(found.group_by("table").len().rows()) == tables


def test_what_is_listed_is_what_a_recount_of_the_finished_rows_differs_in() -> None:
    made = synthesise([row_of("2025-Q3", LAMBETH)], LAMBETH, 1, recounted=True)
    sheet = read_sheet(row_of("2025-Q3", LAMBETH), LAMBETH)
    free = set(made.free.select("table", "column_path", "measure").rows())
    differs = {
        (row["table"], row["column_path"], row["value"])
        for row in recount(made, made.quarters[0]).iter_rows(named=True)
        if row["measure"] in ("count", "days")
        and (row["table"], row["column_path"], row["measure"]) not in free
        and (cell := sheet.cells.get((row["table"], row["column_path"], row["measure"]))) is not None
        and cell.value is not None
        and cell.value != row["value"]
    }
    assert differs
    listed = made.clashes.filter(made.clashes["kind"] != HIDDEN)
    assert set(listed.select("table", "column_path", "reached").rows()) == differs


def test_without_the_solver_nothing_is_called_contradictory_and_the_words_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pipelines.synthesise.synthetic.is_installed", lambda: False)
    made = synthesise([row_of("2018-Q2", "E09000002")], "E09000002", 1)
    assert set(made.clashes["kind"]) == {NOT_PROVED}
    assert set(made.clashes["reason"]) == {NO_SOLVER}
    assert "not reached without a proof" in in_words(made.clashes)
    assert "pip install 'hclic[exact]'" in in_words(made.clashes)


def test_the_solver_is_not_asked_where_every_cell_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: object) -> None:
        raise AssertionError("asked without need")

    monkeypatch.setattr("pipelines.synthesise.exact.settle.settle", ask)
    assert synthesise([row_of("2025-Q3", "E06000017")], "E06000017", 1, recounted=True).clashes.is_empty()


def test_when_time_runs_out_the_miss_is_listed_and_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.synthesise.exact.settle.SECONDS", 0.0)
    made = synthesise([row_of("2018-Q2", "E09000002")], "E09000002", 1)
    assert made.clashes.height
    assert set(made.clashes["kind"]) == {NOT_PROVED}
    assert made.clashes["reason"].str.contains("no more time").all()


def test_the_cells_of_a_sheet_that_holds_together_stay_as_they_are() -> None:
    sheet = altered({})
    settled = settle(sheet, [table for table, _, _ in sheet.cells])
    assert settled.sheet.cells == sheet.cells
    assert not settled.sheet.proofs
    assert not settled.out_of_time


def test_a_contradiction_that_the_dealing_does_not_note_is_found_by_the_recount(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The dealing is made blind to what it misses: the recount alone tells that TA1 and TA2 contradict each other."""
    monkeypatch.setattr("pipelines.synthesise.synthetic.missed", lambda _sheet: set())
    made = synthesise([row_of("2018-Q2", "E09000002")], "E09000002", 1, recounted=True)
    assert set(made.clashes["kind"]) == {PROVED}
    assert made.clashes.height == 2


def test_a_row_hidden_with_a_base_of_seven_is_listed_and_says_so() -> None:
    """Brent hid its support needs with 7 households (synthesis-facts 3), which no suppression rule does."""
    made = synthesise([row_of("2019-Q1", "E09000005")], "E09000005", 1, recounted=True)
    hidden = made.clashes.filter(made.clashes["kind"] == HIDDEN)
    assert set(hidden["table"]) == {"A3"}
    assert hidden["published"].is_null().all()
    assert hidden["reason"].str.contains("although it prints 7 as").all()
