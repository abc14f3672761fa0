"""What MHCLG's tables print of the same counts is known to whoever reads the edition for sharing."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipelines.disclosure.audit import bounds, exposed
from pipelines.disclosure.edition import release
from pipelines.disclosure.rounding import NO_LIMIT, OPEN, Window
from pipelines.disclosure.system import System
from tests.disclosure.test_edition import DAY, END, KEY, children_in_homes, ended, plans


def known_total(count: int, *parts: int) -> System:
    """A total that is known from elsewhere, of parts that are not printed."""
    system = System()
    system.know(system.add(("total",), count), Window(count, count))
    cells = [("part", number) for number, _ in enumerate(parts)]
    for cell, part in zip(cells, parts, strict=True):
        system.add(cell, part)
    system.total(("total",), cells)
    return system


def test_what_others_print_gives_away_is_followed_along_the_relations() -> None:
    system = known_total(9, 6, 3)
    system.know(1, Window(6, 6))
    system.spread()
    assert (system.known[2], system.room) == (Window(3, 3), {0: 0, 1: 0, 2: 0})
    assert exposed(system) == []


def test_where_others_leave_two_values_ours_may_not_leave_one() -> None:
    system = known_total(1, 1, 0)
    system.spread()
    assert system.room == {0: 0, 1: 1, 2: 1}
    assert exposed(system) == []
    # A figure of 5 stands for 1 to 9, and no more than 1 is left.
    system.print_as(1, Window(1, 9))
    assert exposed(system) == [1, 2]


def test_an_unknown_count_is_not_narrowed_by_another_unknown_one() -> None:
    system = System()
    for number, value in enumerate((30, 10, 20)):
        system.add(("count", number), value)
    system.total(("count", 0), [("count", 1), ("count", 2)])
    system.know(1, Window(10, 10))
    system.spread()
    assert system.known == {1: Window(10, 10), 0: Window(10, NO_LIMIT)}
    assert OPEN not in system.known.values()


def test_a_count_that_a_known_one_would_give_away_is_left_out() -> None:
    """All 21 are owed a duty and all have a plan: with a plan printed as 25 and owed 21 in A1, it could only be 21."""
    frames = {"case_plans": plans(("North", 9, 9), ("South", 12, 12), ("all", 21, 21))}
    printed = {}
    for number in range(12):
        key = str(number).encode()
        rounded = release(frames, END, key, official=False)
        found = release(frames, END, key)
        ends = [bounds(found.system, at) for at in range(len(found.system.cells)) if not found.system.is_public(at)]
        assert all(high - low >= 2 for low, high in ends), ends
        assert rounded.left_out == 0
        printed[rounded.frames["case_plans"]["with_plan"].max()] = found.left_out > 0
    assert printed == {20: False, 25: True}


def test_only_the_quarter_of_the_edition_is_taken_as_known() -> None:
    frames = {"outcome_quarter": pl.concat([ended(("all", 7), day=date(2025, 7, 1)), ended(("all", 8))])}
    system = release(frames, END, KEY).system
    assert {system.cells[at][1] for at in system.known if system.is_public(at)} == {("prevention", DAY, "all")}


@pytest.mark.parametrize(("in_bb", "is_known"), [(4, False), (5, True)])
def test_what_the_tables_hide_is_not_taken_as_known(in_bb: int, is_known: bool) -> None:
    """Families over six weeks in bed and breakfast are hidden where fewer than 5 households are there."""
    month = date(2025, 12, 1)
    homes = children_in_homes()["stock_month"].with_columns(first_day=pl.lit(month))
    is_bb = pl.col("value") == "bb"
    homes = homes.with_columns(stock=pl.when(is_bb).then(in_bb).otherwise(pl.col("stock")))
    bb = pl.DataFrame(
        {
            "first_day": [month],
            "count_households": [in_bb],
            "count_over_42": [3],
            "count_families": [3],
            "count_families_over_42": [2],
        }
    )
    system = release({"stock_month": homes, "stay_bb_month": bb}, END, KEY).system
    number = system.number_of["stay_bb_month", (month,), "count_families_over_42"]
    assert system.is_public(number) == is_known
    assert system.is_public(system.number_of["stay_bb_month", (month,), "count_families"])
