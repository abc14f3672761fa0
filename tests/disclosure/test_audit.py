"""What a reader can work out, and that the audit sees it."""

from __future__ import annotations

from itertools import pairwise

from pipelines.disclosure.audit import bounds, exposed
from pipelines.disclosure.rounding import OPEN, Window, window
from pipelines.disclosure.system import System


def line(total: tuple[int, Window], *parts: tuple[int, Window]) -> System:
    """A total and its parts, each with its count and what is known of it."""
    system = System()
    names = [("total",), *(("part", number) for number in range(len(parts)))]
    for name, (count, known) in zip(names, (total, *parts), strict=True):
        system.add(name, count, known, is_printed=known is not OPEN)
    system.total(names[0], names[1:])
    return system


def test_a_count_left_out_beside_its_total_and_the_others_is_worked_out() -> None:
    system = line((40, Window(40, 40)), (37, Window(37, 37)), (3, OPEN))
    assert bounds(system, 2) == (3, 3)
    assert exposed(system) == [2]


def test_two_counts_left_out_are_as_many_as_their_sum_allows() -> None:
    system = line((40, Window(40, 40)), (36, Window(36, 36)), (3, OPEN), (1, OPEN))
    assert [bounds(system, number) for number in (2, 3)] == [(0, 4), (0, 4)]
    assert exposed(system) == []
    narrow = line((40, Window(40, 40)), (39, Window(39, 39)), (1, OPEN), (0, OPEN))
    assert exposed(narrow) == [2, 3]


def test_counts_rounded_to_the_nearest_five_are_worked_out_where_all_are_cut_down_alike() -> None:
    # Four counts of 7 are printed as 5 each, and their sum of 28 as 30: no other counts give these figures.
    nearest = line((28, Window(28, 32)), *[(7, Window(3, 7))] * 4)
    assert [bounds(nearest, number) for number in range(5)] == [(28, 28), *[(7, 7)] * 4]
    assert exposed(nearest) == [0, 1, 2, 3, 4]


def test_a_figure_that_is_less_than_five_away_leaves_room() -> None:
    assert exposed(line((28, window(30)), *[(7, window(5))] * 4)) == []


def test_relations_in_a_chain_are_seen_through() -> None:
    """Three totals in a row, each of the one before and a known count: only the last is printed."""
    system = System()
    for number, count in enumerate((2, 12, 22, 32)):
        system.add(("sum", number), count, Window(32, 32) if number == 3 else OPEN)
    for before, after in pairwise(range(4)):
        system.add(("came", after), 10, Window(10, 10))
        system.relate([(1, ("came", after)), (1, ("sum", before)), (-1, ("sum", after))])
    assert exposed(system) == [0, 1, 2]


def test_what_is_known_anyway_is_not_looked_at() -> None:
    assert exposed(line((40, Window(40, 40)), (37, Window(37, 37)), (3, Window(3, 3)))) == []


def test_a_relation_that_is_not_true_is_not_taken_in() -> None:
    system = line((40, Window(40, 40)), (37, Window(37, 37)), (4, OPEN))
    assert system.equations == [] and exposed(system) == []


def test_bounds_are_those_of_whole_counts_where_halves_would_allow_more() -> None:
    # At most one of each two of three counts: halves of each would add up to one and a half.
    system = System()
    for number, count in enumerate((1, 0, 0)):
        system.add(("part", number), count)
    pairs = [(0, 1), (1, 2), (0, 2)]
    for one, other in pairs:
        left = 1 - system.values[one] - system.values[other]
        system.add(("left", one, other), left)
        system.add(("one", one, other), 1, Window(1, 1))
        system.total(("one", one, other), [("part", one), ("part", other), ("left", one, other)])
    system.add(("all",), 1)
    system.total(("all",), [("part", number) for number in range(3)])
    assert bounds(system, system.number_of[("all",)]) == (0, 1)
