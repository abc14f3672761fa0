"""The bench that counts every authority again can fail: what is missed and not listed is left over, sums too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import england
from pipelines.synthesise import Synthetic, synthesise
from tests.published.workbooks import by_quarter

RUTLAND, QUARTER = "E06000017", "2025-Q2"


def count() -> england.Counted:
    (one,) = england.count_all([by_quarter()[QUARTER]], [RUTLAND], processes=1)
    return one


def test_every_cell_of_an_authority_is_accounted_for() -> None:
    one = count()
    assert one.left == []
    assert (one.authority, one.quarter) == (RUTLAND, QUARTER)
    assert one.compared > 400
    assert england.sums_left([one, one]) == []


def test_a_household_too_few_is_left_over_cell_by_cell_and_in_the_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_too_few(*given: object) -> Synthetic:
        made = synthesise(*given)  # type: ignore[arg-type]
        placed = made.sections["temporary_accommodation"]
        return replace(made, sections={**made.sections, "temporary_accommodation": placed.tail(placed.height - 1)})

    monkeypatch.setattr(england, "synthesise", one_too_few)
    one = count()
    assert any(" TA1 " in line and "not reached, not proved" in line for line in one.left)
    assert any(line.startswith("TA1 ") and "+0 known of" in line for line in england.sums_left([one]))
