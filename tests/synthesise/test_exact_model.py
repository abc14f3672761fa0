"""What must give way among printed cells that cannot hold together, and the sum that says so."""

from __future__ import annotations

from pipelines.synthesise.exact.model import UNBOUNDED, CellRef, Model
from pipelines.synthesise.exact.proof import fewest_missed


def cell(path: str) -> CellRef:
    return CellRef("2018-Q4", "TA1", path)


def households(total: int, *by_type: int) -> tuple[Model, list[int]]:
    model = Model()
    types = [model.variable() for _ in by_type]
    for number, (variable, printed) in enumerate(zip(types, by_type, strict=True)):
        model.printed(cell(f"type {number}"), [(variable, 1)], printed)
    model.printed(cell("total"), [(variable, 1) for variable in types], total, priority=1)
    return model, types


def test_cells_that_hold_together_are_all_met() -> None:
    model, types = households(22, 10, 5, 7)
    found = fewest_missed(model)
    assert (found.missed, [found.values[v] for v in types]) == (frozenset(), [10, 5, 7])


def test_one_cell_gives_way_to_a_sum_and_the_sum_is_said() -> None:
    model, _ = households(21, 10, 5, 7)
    found = fewest_missed(model)
    assert found.missed == {cell("total")}
    assert [clash.sentence for clash in found.clashes] == [
        "TA1 total (21) = 21, which can be no less than "
        "TA1 type 0 (10) + TA1 type 1 (5) + TA1 type 2 (7) = 22"
    ]  # fmt: skip


def test_two_cells_give_way_where_one_is_not_enough_and_none_of_a_clash_can_be_spared() -> None:
    model, types = households(21, 10, 5, 7)
    families = [model.variable() for _ in types]
    for part, whole in zip(families, types, strict=True):
        model.law([(part, 1), (whole, -1)], -UNBOUNDED, 0, "families of a type are households of the type")
    model.printed(cell("families"), [(variable, 1) for variable in families], 30)
    found = fewest_missed(model)
    assert len(found.missed) == 2
    for clash in found.clashes:
        for spared in clash.cells:
            kept = [row for row in model.rows if row.cell is None or row.cell in set(clash.cells) - {spared}]
            alone = Model(model.lows, model.highs, model.costs, kept)
            assert not fewest_missed(alone).missed, f"{clash.sentence}: {spared.column_path} can be spared"


def test_a_missed_cell_comes_as_near_to_its_print_as_the_others_let_it() -> None:
    model, types = households(20, 10, 5, 7)
    found = fewest_missed(model)
    assert sum(found.values[v] for v in types) == 22


def test_what_only_whole_numbers_forbid_is_found() -> None:
    model = Model()
    pairs = model.variable()
    model.printed(cell("odd"), [(pairs, 2)], 3)
    found = fewest_missed(model)
    assert found.missed == {cell("odd")}
    assert found.clashes[0].sentence == "no whole numbers of households fit TA1 odd together"
