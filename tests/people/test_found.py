"""On an invented town with known slips the linking finds nearly everybody and lists nearly nobody else."""

from __future__ import annotations

import pytest

from bench.same_person import FEW, MANY, Slips, measure
from pipelines.people.candidates import THRESHOLD

pytest.importorskip("splink", reason="the extra 'people' is not installed")


@pytest.mark.parametrize(("slips", "least_recall"), [(FEW, 0.94), (MANY, 0.83)], ids=["few slips", "many slips"])
def test_a_change_of_the_model_does_not_lose_people(slips: Slips, least_recall: float) -> None:
    """The bounds are a little below what bench/same_person.md has for the largest town: 95.7 % and 85.1 %."""
    listed, right, missed = measure(150, slips, seed=4).at(THRESHOLD)
    assert right + missed > 5, "too few pairs in the town to judge by"
    assert right / (right + missed) >= least_recall
    assert right / listed >= 0.9
