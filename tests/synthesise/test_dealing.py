"""The tools that deal counts to rows keep every margin, whatever they are given."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.synthesise.deal import Flow, deal, fit_table, split
from pipelines.synthesise.durations import fit_days
from pipelines.synthesise.spread import fit_limits
from pipelines.synthesise.tree import Node, resolve

SIZES = st.lists(st.integers(0, 60), min_size=1, max_size=7)


@given(st.integers(0, 500), st.lists(st.floats(0, 100), min_size=1, max_size=9))
def test_split_adds_up(total: int, weights: list[float]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    assert min(parts) >= 0


@given(SIZES, st.integers(1, 7), st.integers(0, 10_000))
@settings(max_examples=60)
def test_table_keeps_both_margins(rows: list[int], columns: int, seed: int) -> None:
    rng = random.Random(seed)
    wanted = split(sum(rows), [rng.random() for _ in range(columns)])
    table = fit_table(rows, wanted, lambda i, j: 1.0 + (i * j) % 3)
    assert [sum(line) for line in table] == rows
    assert [sum(column) for column in zip(*table, strict=True)] == wanted


def test_likely_pairs_come_first() -> None:
    classes = ["a"] * 50 + ["b"] * 50
    dealt = deal(random.Random(1), classes, {"x": 50, "y": 50}, lambda k, v: 100.0 if (k, v) != ("a", "y") else 1.0)
    assert dealt.count("x") == 50
    assert dealt[:50].count("x") > 40


def test_flow_finds_the_greatest_flow() -> None:
    # Two ways of 3 and 2 from s to t share an arc of 4: four get through.
    flow = Flow()
    flow.arc("s", "a", 3)
    flow.arc("s", "b", 2)
    flow.arc("a", "c", 3)
    flow.arc("b", "c", 2)
    flow.arc("c", "t", 4)
    assert flow.push("s", "t") == 4


@given(st.lists(st.integers(0, 4000), min_size=1, max_size=40), st.integers(0, 10_000))
@settings(max_examples=80)
def test_days_have_the_printed_median_and_mean(days: list[int], seed: int) -> None:
    """Any real list of days can be met again from its own bands, median and cut-off mean."""
    bands = [(0, 182), (183, 364), (365, 729), (730, 1824), (1825, 12_000)]
    days = sorted(days)
    n = len(days)
    median = (days[(n - 1) // 2] + days[n // 2]) / 2
    mean = sum(days) // n
    limits = [next(band for band in bands if band[0] <= day <= band[1]) for day in days]
    for found in (
        fit_days([a for a, _ in limits], [b for _, b in limits], median, mean, random.Random(seed)),
        fit_limits(limits, median, mean, random.Random(seed)),
    ):
        assert found is not None, "the days themselves are one answer"
        ordered = sorted(found)
        assert (ordered[(n - 1) // 2] + ordered[n // 2]) / 2 == median
        assert sum(found) // n == mean
        assert all(a <= day <= b for day, (a, b) in zip(found, limits, strict=True))


def test_a_wrong_total_gives_way_to_its_parts() -> None:
    """July to September 2020 prints White without Gypsy or Irish Traveller: parts fit the base, the total does not."""
    white = Node("White", "White > Total", [Node("a", "a", published=50), Node("b", "b", published=3)], published=50)
    root = Node("all", "all", [white, Node("Not known", "n", published=47)], published=100)
    resolve(root, 100, random.Random(1))
    assert [node.value for node in root.leaves()] == [50, 3, 47]
    assert white.value == 53
