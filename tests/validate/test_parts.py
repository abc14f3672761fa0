"""Many cases are judged in parts of whole cases; what is said of them is the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import pipelines.validate as engine
from pipelines.period import Quarter
from pipelines.synthesise.routes import make_cases
from pipelines.validate import NOT_RUN, Context, parts_of_whole_cases, validate

CONTEXT = Context("E08000025", Quarter(2025, 3), date(2025, 9, 30))


@pytest.fixture(scope="module")
def cases() -> dict[str, pl.DataFrame]:
    """A hundred invented cases, of which some break rules: every third placement has no type."""
    made = make_cases(
        100,
        authority="E08000025",
        neighbour="E08000031",
        first_day=date(2024, 1, 1),
        last_day=date(2025, 9, 30),
        seed=3,
    )
    every_third = pl.int_range(pl.len()) % 3 == 0
    made["temporary_accommodation"] = made["temporary_accommodation"].with_columns(
        pl.when(every_third).then(None).otherwise(pl.col("ta_type")).alias("ta_type")
    )
    return made


@pytest.mark.parametrize("most", [1, 7, 99])
def test_parts_hold_every_row_once_and_whole_cases(cases: Mapping[str, pl.DataFrame], most: int) -> None:
    parts = list(parts_of_whole_cases(cases, most))
    assert len(parts) == -(-100 // most)
    for name, frame in cases.items():
        assert_frame_equal(pl.concat(part[name] for part in parts), frame, check_row_order=False)
    homes = [set(part["main"]["case_ref"]) for part in parts]
    for part, home in zip(parts, homes, strict=True):
        assert len(home) <= most
        assert all(set(frame["case_ref"]) <= home for frame in part.values())


def test_a_verdict_in_parts_is_the_verdict_at_once(
    cases: Mapping[str, pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = validate(cases, CONTEXT)
    assert at_once.findings.height > 20
    monkeypatch.setattr(engine, "CASES_A_PART", 9)
    in_parts = validate(cases, CONTEXT)
    assert_frame_equal(in_parts.findings, at_once.findings)
    assert_frame_equal(in_parts.rules, at_once.rules)


def test_a_rule_that_could_not_run_on_one_part_was_not_run(
    cases: Mapping[str, pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    without = dict(cases) | {"reviews": cases["reviews"].drop("review_requested_date")}
    monkeypatch.setattr(engine, "CASES_A_PART", 9)
    in_parts = validate(without, CONTEXT)
    monkeypatch.setattr(engine, "CASES_A_PART", 1_000)
    at_once = validate(without, CONTEXT)
    assert in_parts.rules.filter(pl.col("status") == "not run").height > 0
    assert_frame_equal(in_parts.rules, at_once.rules)
    said = in_parts.findings.filter(pl.col("rule_id") == NOT_RUN)
    assert_frame_equal(said, at_once.findings.filter(pl.col("rule_id") == NOT_RUN))
