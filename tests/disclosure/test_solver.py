"""Small numbers: what is left out, and that nothing left out can be worked out again."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.disclosure.solver import lines_of_table, suppressed_cells
from pipelines.disclosure.thresholds import SUPPRESS_BELOW

Key = tuple[str, ...]


def with_margins(cells: dict[Key, int]) -> dict[Key, int]:
    """The table with its totals, written 'all'."""
    filled = dict(cells)
    for key, value in cells.items():
        for choice in itertools.product(*((part, "all") for part in key)):
            if choice != key:
                filled[choice] = filled.get(choice, 0) + value
    return filled


def hidden(cells: dict[Key, int], threshold: int = SUPPRESS_BELOW) -> set[Key]:
    table = with_margins(cells)
    return suppressed_cells(table, lines_of_table(list(table)), threshold)


def other_value(table: dict[Key, int], gone: set[Key], cell: Key) -> int | None:
    """Another value from 0 to 9 that a hidden inner cell can have in a table that fits what is shown, by trying."""
    unknown = [cell, *(key for key in table if "all" not in key and key in gone and key != cell)]
    sums = []
    for key in table:
        if "all" in key and key not in gone:
            inner = [
                other
                for other in table
                if "all" not in other and all(k in ("all", o) for k, o in zip(key, other, strict=True))
            ]
            places = {unknown.index(other) for other in inner if other in gone}
            sums.append((places, table[key] - sum(table[other] for other in inner if other not in gone)))

    def fits(guess: tuple[int, ...]) -> bool:
        for places, wanted in sums:
            so_far = sum(guess[place] for place in places if place < len(guess))
            left = sum(place >= len(guess) for place in places)
            if not so_far <= wanted <= so_far + 9 * left:
                return False
        return len(guess) == len(unknown) or any(fits((*guess, value)) for value in range(10))

    return next((value for value in range(10) if value != table[cell] and fits((value,))), None)


@pytest.mark.parametrize(("count", "is_hidden"), [(0, False), (1, True), (4, True), (5, False), (6, False)])
def test_the_threshold_is_five_and_zero_is_shown(count: int, is_hidden: bool) -> None:
    assert (("a",) in suppressed_cells({("a",): count}, [], SUPPRESS_BELOW)) is is_hidden


@pytest.mark.parametrize(("count", "gone"), [(0, set()), (4, {("b",), ("c",)}), (5, set()), (6, set())])
def test_beside_a_total_a_second_cell_goes_with_a_small_one(count: int, gone: set[Key]) -> None:
    # a = 40, b = count, c = 9: with the total shown, b alone would be the total less the rest; c is the next smallest.
    assert hidden({("a",): 40, ("b",): count, ("c",): 9}) == gone


def test_two_small_cells_whose_sum_is_small_need_a_third() -> None:
    # 1 + 1 beside a shown total leaves a sum of 2, which two cells of at least 1 share in one way only.
    assert hidden({("a",): 1, ("b",): 1, ("c",): 8, ("d",): 30}) == {("a",), ("b",), ("c",)}


def test_a_small_cell_with_only_zeros_beside_it_takes_the_total_along() -> None:
    # The total is 4 too: shown, it would be the cell.
    assert hidden({("a",): 4, ("b",): 0}) == {("a",), ("all",)}


def test_in_two_dimensions_rows_and_columns_are_both_closed() -> None:
    #        x   y   z  all
    # a      3  20  30   53
    # b     20  20  30   70
    # c     30  30  30   90
    cells = dict(zip(itertools.product("abc", "xyz"), (3, 20, 30, 20, 20, 30, 30, 30, 30), strict=True))
    # The 3 needs a partner in its row and one in its column, and these need one where they cross.
    assert hidden(cells) == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}


def test_a_small_cell_that_only_a_chain_of_sums_gives_back_is_protected_too() -> None:
    #       x   y   z   w
    # a     3   3  30  30
    # b     3   3   4  30
    # c    30  30   3   3
    # d    30  30   3   3
    # Every row and column has two small cells or more. Yet the hidden parts of rows a and b, known from their totals,
    # sum to 16, those of columns x and y to 12, and the difference is b/z: 4.
    counts = (3, 3, 30, 30, 3, 3, 4, 30, 30, 30, 3, 3, 30, 30, 3, 3)
    cells = dict(zip(itertools.product("abcd", "xyzw"), counts, strict=True))
    small = {key for key, value in cells.items() if value < 5}
    gone = hidden(cells)
    # a/z is the first of the smallest cells beside it: with it, only the sum of a/z and b/z is known.
    assert gone - small == {("a", "z")}


def test_a_total_of_two_tables_does_not_give_away_a_part() -> None:
    # Temporary accommodation by type: all households = with children + adults only, three tables published together.
    tables = {"children": {"bb": 3, "psl": 2, "hostel": 40}, "adults": {"bb": 30, "psl": 20, "hostel": 60}}
    cells = {(name, kind): count for name, table in tables.items() for kind, count in table.items()}
    gone = hidden(cells)
    # Alone, the table of families would leave out 3 and 2; beside the total, the same cells of adults must go too,
    # or of the total.
    assert {("children", "bb"), ("children", "psl")} <= gone
    for kind in ("bb", "psl"):
        assert gone & {("adults", kind), ("all", kind)}, f"{kind} of families is the total less adults"


def test_without_the_guard_for_the_total_the_part_would_be_found() -> None:
    alone = {("bb",): 3, ("psl",): 2, ("hostel",): 40}
    assert ("all",) not in hidden(alone)
    assert suppressed_cells({("bb",): 33}, [], SUPPRESS_BELOW) == set()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 8), min_size=6, max_size=6))
def test_no_hidden_cell_has_one_possible_value(counts: list[int]) -> None:
    cells = dict(zip(itertools.product("ab", "xyz"), counts, strict=True))
    table = with_margins(cells)
    gone = hidden(cells)
    for key in gone:
        if "all" not in key:
            assert other_value(table, gone, key) is not None, f"{key} can only be {table[key]}"


def test_larger_random_tables_are_closed_and_quick() -> None:
    rng = random.Random(7)
    for _ in range(20):
        cells = {
            key: rng.choice((0, 0, 1, 2, 4, 5, 8, 20, 60))
            for key in itertools.product("abcdefgh", "uvwxyz", ("m", "n"))
        }
        table = with_margins(cells)
        lines = lines_of_table(list(table))
        gone = suppressed_cells(table, lines, SUPPRESS_BELOW)
        assert all(key in gone for key, value in table.items() if 0 < value < 5)
        for total, parts in lines:
            left_out = [part for part in parts if part in gone]
            if total not in gone and left_out:
                assert len(left_out) > 1
                assert sum(table[part] for part in left_out) >= 5


def test_a_total_is_no_part_of_its_own_line() -> None:
    assert lines_of_table([("a", "x"), ("b", "x"), ("all", "x")]) == [(("all", "x"), [("a", "x"), ("b", "x")])]


def test_three_pairs_of_three_small_counts_give_each_of_them_so_a_total_goes() -> None:
    """(a + b) + (a + c) - (b + c) is twice a: the first of the totals beside a is left out too."""
    values = {"a": 3, "b": 3, "c": 3, "a and b": 6, "b and c": 6, "a and c": 6}
    lines = [("b and c", ["b", "c"]), ("a and c", ["a", "c"]), ("a and b", ["a", "b"])]
    assert suppressed_cells(values, lines, SUPPRESS_BELOW) == {"a", "b", "c", "a and b"}


def test_a_total_that_is_left_out_takes_a_part_of_its_own_with_it() -> None:
    values = {"all": 17, "small": 3, "total": 7, "other": 7, "seven": 7, "zero": 0}
    lines = [("all", ["small", "total", "other"]), ("total", ["seven", "zero"])]
    assert suppressed_cells(values, lines, SUPPRESS_BELOW) == {"small", "total", "seven"}


def test_one_sum_printed_twice_gives_nothing_away() -> None:
    """Both lines say that the three are ten: of the pair and the third nothing follows."""
    values = {"all": 10, "again": 10, "pair": 7, "third": 3, "one": 3, "two": 4}
    lines = [("all", ["pair", "third"]), ("again", ["one", "two", "third"]), ("pair", ["one", "two"])]
    assert suppressed_cells(values, lines, SUPPRESS_BELOW) == {"pair", "third", "one", "two"}


def test_a_total_goes_with_its_only_part_and_alone_where_no_part_is_counted() -> None:
    assert suppressed_cells({"total": 20, "part": 3}, [("total", ["part"])], SUPPRESS_BELOW) == {"total", "part"}
    assert suppressed_cells({"total": 3}, [("total", ["part"])], SUPPRESS_BELOW) == {"total"}
