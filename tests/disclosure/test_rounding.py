"""Counts as multiples of 5: what is printed, and what a reader can make of it."""

from __future__ import annotations

import pytest

from pipelines.disclosure.rounding import Window, shift, shifted, stays, window

SHIFTS = range(5)


@pytest.mark.parametrize("count", range(25))
def test_a_figure_is_less_than_five_away_from_its_count(count: int) -> None:
    figures = {shifted(count, by) for by in SHIFTS}
    assert all(figure % 5 == 0 and abs(figure - count) <= 4 for figure in figures)
    assert all(window(figure).low <= count <= window(figure).high for figure in figures)
    # On average over the shifts the figure is the count.
    assert sum(shifted(count, by) for by in SHIFTS) == 5 * count


@pytest.mark.parametrize("figure", [0, 5, 10, 500])
def test_every_count_in_the_window_of_a_figure_can_have_led_to_it(figure: int) -> None:
    bounds = window(figure)
    counts = range(bounds.low, bounds.high + 1)
    assert len(counts) == (5 if figure == 0 else 9)
    assert all(figure in {shifted(count, by) for by in SHIFTS} for count in counts)


def test_shifts_are_drawn_by_the_key_alone_and_evenly() -> None:
    cells = [f"case_plans|{number}|with_plan" for number in range(5000)]
    drawn = [shift(b"key", cell) for cell in cells]
    assert drawn == [shift(b"key", cell) for cell in cells]
    assert drawn != [shift(b"other", cell) for cell in cells]
    assert all(900 < drawn.count(by) < 1100 for by in SHIFTS)


@pytest.mark.parametrize(
    ("before", "count", "is_kept"),
    [(505, 501, True), (505, 509, True), (505, 500, False), (505, 510, False), (0, 4, True), (0, 5, False)],
)
def test_a_figure_that_has_left_stays_while_it_is_less_than_five_away(before: int, count: int, is_kept: bool) -> None:
    assert stays(count, before) == is_kept


def test_a_five_stays_when_nobody_is_left_because_a_zero_would_say_so() -> None:
    assert stays(0, 5)
    assert window(5, before=5) == Window(0, 9)


@pytest.mark.parametrize("before", [0, 5, 10, 15, 100])
@pytest.mark.parametrize("count", range(30))
def test_a_figure_that_moves_leaves_three_values_or_more_to_who_knows_the_one_before(before: int, count: int) -> None:
    for by in SHIFTS:
        figure = before if stays(count, before) else shifted(count, by)
        bounds = window(figure, before)
        assert bounds.low <= count <= bounds.high
        # From 510 after 505 the reader learns that the count is 510 or more: 510 to 514.
        assert bounds.high - bounds.low >= 2, (figure, bounds)
