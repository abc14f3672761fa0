"""Columns with one heading are told by a sum only where no other choice comes near it."""

from __future__ import annotations

from pipelines.published.by_sums import FEWEST, told_by_sums
from pipelines.published.identity import Identity, Kind

MANY = 2 * FEWEST
TOTAL, ONE, TWO = ("T", "total"), ("T", "one"), ("T", "two")
SUM = Identity("sum", TOTAL, (ONE, TWO))
RISING = [float(place) for place in range(MANY)]
EVEN = [2.0 * place + 1 for place in range(MANY)]
BOTH = [a + b for a, b in zip(RISING, EVEN, strict=True)]
ZEROS = [0.0] * MANY


def test_the_part_that_makes_the_total_is_taken() -> None:
    choices = {TWO: {7: RISING, 8: EVEN}}
    assert told_by_sums([SUM], {TOTAL: BOTH, ONE: RISING}, choices) == {TWO: 8}


def test_the_total_that_the_parts_make_is_taken() -> None:
    assert told_by_sums([SUM], {ONE: RISING, TWO: EVEN}, {TOTAL: {3: EVEN, 4: BOTH}}) == {TOTAL: 4}


def test_two_parts_of_which_either_may_be_the_other_are_not_told() -> None:
    choices = {ONE: {7: RISING, 8: EVEN}, TWO: {7: RISING, 8: EVEN}}
    assert told_by_sums([SUM], {TOTAL: BOTH}, choices) == {}


def test_a_second_column_that_nearly_makes_the_total_leaves_both_unread() -> None:
    nearly = [*EVEN[:-4], *([0.0] * 4)]
    assert told_by_sums([SUM], {TOTAL: BOTH, ONE: RISING}, {TWO: {7: EVEN, 8: nearly}}) == {}


def test_a_sum_over_few_authorities_tells_nothing() -> None:
    few = FEWEST - 1
    known = {TOTAL: BOTH[:few], ONE: RISING[:few]}
    assert told_by_sums([SUM], known, {TWO: {7: EVEN[:few]}}) == {}
    known = {TOTAL: BOTH[:FEWEST], ONE: RISING[:FEWEST]}
    assert told_by_sums([SUM], known, {TWO: {7: EVEN[:FEWEST]}}) == {TWO: 7}


def test_columns_of_nothing_but_zeros_are_not_told_by_a_sum() -> None:
    assert told_by_sums([SUM], {TOTAL: ZEROS, ONE: ZEROS}, {TWO: {7: ZEROS}}) == {}


def test_only_sums_that_are_equal_tell_a_column() -> None:
    bound = Identity("bound", TOTAL, (ONE, TWO), Kind.AT_LEAST)
    assert told_by_sums([bound], {TOTAL: BOTH, ONE: RISING}, {TWO: {8: EVEN}}) == {}
