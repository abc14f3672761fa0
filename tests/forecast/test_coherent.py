"""Forecasts that are shown together add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipelines.metrics.forecast.coherent import fitted_flow, fitted_parts

sizes = st.floats(0, 5000)


def test_what_is_less_certain_is_moved_more() -> None:
    """100 are missing: the wider part takes nine tenths, as the squares of 3 and 1."""
    assert fitted_parts(300, [100.0, 100.0], [3.0, 1.0]) == [190, 110]


def test_a_part_is_never_below_nothing() -> None:
    assert fitted_parts(4, [1.0, 9.0], [9.0, 1.0]) == [0, 4]


@given(st.integers(0, 5000), st.lists(st.tuples(sizes, sizes), min_size=1, max_size=7))
def test_parts_are_whole_and_add_up(total: int, parts: list[tuple[float, float]]) -> None:
    fitted = fitted_parts(total, [point for point, _ in parts], [width for _, width in parts])

    assert sum(fitted) == total
    assert min(fitted) >= 0


@given(st.integers(-500, 500), sizes, sizes, sizes, sizes)
def test_the_stock_before_plus_arrivals_less_exits_is_the_stock(
    change: int, arrivals: float, exits: float, came: float, left: float
) -> None:
    arrived, gone = fitted_flow(change, arrivals, exits, (came, left))

    assert arrived - gone == change
    assert min(arrived, gone) >= 0


def test_flows_that_agree_with_the_stock_stay() -> None:
    assert fitted_flow(7, 20.0, 13.0, (5.0, 5.0)) == (20, 13)
