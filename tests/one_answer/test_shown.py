"""A figure is rounded one way, wherever it is shown."""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from pathlib import Path

import pytest

import pipelines
from pipelines import shown
from pipelines.emit.pages.words import change, number

ROOT = Path(pipelines.__file__).parent


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(5, 8, "63%"), (3, 8, "38%"), (1, 200, "1%"), (57, 200, "29%"), (1, 3, "33%"), (0, 7, "0%"), (7, 7, "100%")],
)
def test_halves_of_a_percentage_go_up_from_counts_and_from_shares_alike(part: int, whole: int, text: str) -> None:
    assert shown.percent(part, whole).text == shown.percentage(part / whole) == number(part / whole, "%") == text


def test_a_percentage_of_fewer_than_twenty_is_marked() -> None:
    assert shown.percent(5, 19).is_of_few
    assert not shown.percent(5, 20).is_of_few


def test_a_share_rounded_before_is_not_rounded_again() -> None:
    # 62.4999…%, which four places would make 62.5.
    assert shown.percent(624_999, 1_000_000).text == "62%"


def test_a_mean_of_days_is_cut_as_in_table_ta7_and_a_median_is_shown_as_it_is() -> None:
    assert number(414.9978586723769, "mean") == "414"
    assert number(541.5, "median") == "541.5"
    assert number(1041.0, "median") == "1,041"
    assert number(12.5, "days") == "12.5 days"


@pytest.mark.parametrize(("value", "text"), [(Decimal("0.50"), "£1"), (Decimal("2.50"), "£3"), (-2.5, "-£3")])
def test_halves_of_a_pound_go_up(value: Decimal | float, text: str) -> None:
    assert shown.money(value) == text


def test_a_change_is_the_difference_of_the_figures_shown() -> None:
    assert change(0.625, 0.5, "before", "%", missing="") == "Up 13 percentage points from 50% before."
    assert change(0.625, 0.625, "before", "%", missing="") == "The same as before."
    assert change(12.5, 12.0, "before", "days", missing="") == "Up 0.5 days (4%) from 12 days before."


_ROOMS = ("emit", "finance", "metrics", "report", "serve", "worklists")
_NOT_ROUNDED = {
    # Differences of counts, which are whole.
    "emit/tables/reconcile.py",
    # Whole numbers, and a width on paper.
    "emit/workbooks/ods.py",
    # Leaves of trees, in a file of the model.
    "metrics/forecast/trees.py",
    # How long an answer took.
    "serve/guard.py",
}


def test_no_room_that_shows_figures_rounds_them_in_a_way_of_its_own() -> None:
    """A format such as ``:.0f``, ``:,.2f`` or ``:.0%`` takes halves to the even neighbour."""
    found = set()
    for path in (path for room in _ROOMS for path in sorted((ROOT / room).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
                spec = "".join(str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant))
                if re.fullmatch(r"[+]?\d*,?\.\d[f%]", spec):
                    found.add(path.relative_to(ROOT).as_posix())
    assert found == _NOT_ROUNDED
