"""The invented caseloads of benchmarks and tests hold every ending, each in a lawful case."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl
import pytest

from pipelines.period import Quarter
from pipelines.synthesise.routes import make_cases
from pipelines.validate import Context, apply_rules
from schemas.codelists import codelist
from schemas.rules import RULE, RULES
from schemas.sections import SECTIONS

CASES, FIRST, LAST = 2500, date(2019, 1, 1), date(2025, 9, 30)
ENDS = {
    "assess1": "main",
    "prevention_outcome": "prevention",
    "relief_outcome": "relief",
    "main_decision": "final_duties",
    "main_duty_outcome": "final_duties",
    "taduty": "temporary_accommodation",
    "exit_reason": "temporary_accommodation",
    "decision_reviewed": "reviews",
    "review_outcome": "reviews",
}


@cache
def caseload() -> dict[str, pl.DataFrame]:
    return make_cases(CASES, authority="E06000034", neighbour="E06000033", first_day=FIRST, last_day=LAST, seed=1)


@pytest.mark.parametrize("column", ENDS)
def test_every_code_of_an_ending_occurs(column: str) -> None:
    made = set(caseload()[ENDS[column]][column].drop_nulls())
    assert [code for code in codelist(column).codes if code not in made] == []


def test_no_case_breaks_a_rule_that_blocks() -> None:
    findings, states = apply_rules(RULES, caseload(), Context("E06000034", Quarter.containing(LAST), LAST))
    broken = sorted({rule_id for part in findings for rule_id in part["rule_id"] if RULE[rule_id].severity == "error"})
    assert broken == []
    assert [rule_id for rule_id, _, status, _, _ in states if status == "not run"] == []


def test_nothing_lies_after_the_day_of_the_export() -> None:
    for section in SECTIONS:
        frame = caseload()[section.name].select(pl.col(pl.Date))
        for name in set(frame.columns) - {"review_due_date"}:
            latest = frame[name].max()
            assert latest is None or latest <= LAST, f"{section.name}.{name}"  # type: ignore[operator]
