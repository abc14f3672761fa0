"""The two rules under which figures stay behind, on frames a reader can check by eye."""

from __future__ import annotations

import polars as pl
import pytest

from pipelines.disclosure.policies import Breakdown, Cell, Links, blank, hide_as_mhclg, protect, rests_on_few
from pipelines.published.cells import NOT_PUBLISHED


def official(base: float | None, *, note: str = "") -> list[tuple[float | None, str]]:
    """Value and note of the total and of one breakdown of a table, suppressed as MHCLG does."""
    tidy = pl.DataFrame(
        {
            "la_code": ["E06000034"] * 2,
            "table": ["A8"] * 2,
            "column_path": ["Total", "Part"],
            "measure": ["count"] * 2,
            "value": [base, 1.0 if note == "" else None],
            "note": ["", note],
        },
        schema_overrides={"value": pl.Float64},
    )
    shown = hide_as_mhclg(tidy, [Breakdown("A8", "Total", (("Part", "count"),))])
    return shown.select("value", "note").rows()


@pytest.mark.parametrize(("base", "part"), [(0, None), (4, None), (5, 1.0)])
def test_mhclg_hides_the_breakdowns_of_a_row_below_five_zero_included(base: int, part: float | None) -> None:
    assert official(base) == [(base, ""), (part, "" if part else "suppressed")]


def test_mhclg_shows_small_cells_in_a_larger_row() -> None:
    assert official(20)[1] == (1.0, "")


def test_what_is_not_published_is_not_called_suppressed() -> None:
    assert official(3, note=NOT_PUBLISHED)[1] == (None, NOT_PUBLISHED)


@pytest.mark.parametrize(("count", "is_hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_our_own_rule_leaves_out_one_to_four_and_shows_zero(count: int, is_hidden: bool) -> None:
    assert protect({("a",): count}, Links()) == ({("a",)} if is_hidden else set())


def test_what_is_left_of_a_total_beside_its_parts_is_protected_too() -> None:
    values: dict[Cell, int] = {("total",): 20, ("part",): 17}
    links = Links()
    links.rest(values, ("total",), ("part",))
    assert protect(values, links) & {("total",), ("part",)} == {("part",)}


def test_what_is_left_of_an_unknown_total_is_no_count() -> None:
    values: dict[Cell, int] = {("part",): 17}
    links = Links()
    links.rest(values, ("total",), ("part",))
    assert (values, links.sums) == ({("part",): 17}, [])


def test_flows_go_together_with_a_stock() -> None:
    names = ("before", "after", "came", "left")
    values: dict[Cell, int] = dict(zip(((name,) for name in names), (3, 9, 6, 0), strict=True))
    balance = tuple((name,) for name in names)
    assert protect(values, Links(balances=[balance])) == {("before",), ("came",), ("left",)}  # type: ignore[list-item]


def test_a_flow_that_nobody_counts_needs_no_leaving_out() -> None:
    values: dict[Cell, int] = {("before",): 3, ("after",): 9, ("came",): 6}
    balance: tuple[Cell, Cell, Cell, Cell] = (("before",), ("after",), ("came",), ("left",))
    assert protect(values, Links(balances=[balance])) == {("before",), ("came",)}


@pytest.mark.parametrize(("count", "is_few"), [(0, True), (4, True), (5, False)])
def test_an_amount_over_fewer_than_five_is_about_few(count: int, is_few: bool) -> None:
    assert rests_on_few(count) is is_few


def test_blank_keeps_types_and_the_notes_of_other_rows() -> None:
    frame = pl.DataFrame({"n": [1, 2], "note": ["", "missing"]})
    shown = blank(frame, {"n": pl.Series([True, False])}, note=pl.Series([True, False]))
    assert shown.rows() == [(None, "suppressed"), (2, "missing")]
    assert shown.schema["n"] == pl.Int64
