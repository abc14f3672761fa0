"""Every code of a list and every age beside a limit, given to the rule that tells some of them from the others."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
import pytest

from pipelines.period import Quarter
from pipelines.validate import Context, apply_rules
from schemas.codelists import codelist
from schemas.rules import RULE, RULES
from schemas.rules._examples import EXAMPLE_KNOWN, sections_of
from schemas.sections import SECTION

CONTEXT = Context(EXAMPLE_KNOWN.authority, Quarter.containing(EXAMPLE_KNOWN.last_day), EXAMPLE_KNOWN.as_at)

# hclic-spec 2.4.3: never the accommodation that ends a duty as secured.
ROOFLESS = "ta nfa_rough_last_year nfa_rough_previously nfa_never_rough nfa rough_sleeping inst_custody"
# hclic-spec 2.1.6: in the list of current accommodation only.
NEVER_SETTLED = f"{ROOFLESS} refuge nass inst_hospital_general inst_hospital_psych inst_lac"
OFFERS = "part6_accepted prs_accepted rp_accepted"
# Rule, section, what else stands in the row, the column, and the codes that the rule finds.
SWEEPS: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("H-65", "prevention", {"prevention_outcome": "secured_existing"}, "accom_pr", ROOFLESS),
    ("H-65", "prevention", {"prevention_outcome": "secured_alternative"}, "accom_pr", ROOFLESS),
    ("H-65", "prevention", {"prevention_outcome": "homeless"}, "accom_pr", ""),
    ("H-76", "relief", {"relief_outcome": "secured"}, "relief_accom", ROOFLESS),
    ("H-76", "relief", {"relief_outcome": "contact_lost"}, "relief_accom", ""),
    ("V-06c", "main", {}, "lastaccom", NEVER_SETTLED),
    ("H-87", "final_duties", {}, "main_duty_outcome", OFFERS),
    ("H-88", "final_duties", {}, "main_duty_outcome", OFFERS),
    ("H-89", "final_duties", {"main_duty_outcome": "part6_accepted"}, "main_accom", "prs_self prs_hmo prs_lodging"),
    ("H-89", "final_duties", {"main_duty_outcome": "prs_accepted"}, "main_accom", "srs_council srs_rp srs_supported"),
    (
        "H-20",
        "main",
        {"referral": "other_la"},
        "local_connection",
        "other_la_england other_la_scotland other_la_wales none",
    ),
]
# Rule, rows, and whether the rule finds something: the day and the age on each side of a limit.
LIMITS: list[tuple[str, dict[str, list[dict[str, Any]]], bool]] = [
    ("H-32", {"people": [{"age": 110}]}, False),
    ("H-32", {"people": [{"age": 111}]}, True),
    ("H-32", {"people": [{"age": 0}]}, False),
    ("H-41", {"people": [{"dependent": True, "age": 25}]}, False),
    ("H-41", {"people": [{"dependent": True, "age": 26}]}, True),
    ("H-41", {"people": [{"dependent": True, "date_of_birth": "2000-01-01"}]}, False),
    ("H-41", {"people": [{"dependent": True, "date_of_birth": "1999-12-31"}]}, True),
]
AGES = [
    (name, code.code, int(code.extra["age_from"]), int(code.extra["age_to"] or 0), code.extra["age_rule"])
    for name in ("support_need", "pneed")
    for code in codelist(name).codes.values()
    if code.extra["age_rule"]
]


def aged(name: str, code: str, age: int) -> dict[str, list[dict[str, Any]]]:
    """A household of one person of that age with the need, or owed the main duty for it."""
    rows: dict[str, list[dict[str, Any]]] = {
        "main": [{"application_date": "2025-10-06", "assess_date": "2025-10-06"}],
        "people": [{"relationship": "main_applicant", "age": age}],
    }
    if name == "support_need":
        return rows | {"support_needs": [{"support_need": code}]}
    decided = {"main_decision": "accepted", "main_decision_date": "2025-12-01", "pneed": code}
    return rows | {"final_duties": [decided]}


EXAMPLES: list[tuple[str, str, dict[str, list[dict[str, Any]]], bool]] = [
    *(
        (
            f"{rule}-{column}-{code}-{'-'.join(map(str, rest.values()))}",
            rule,
            {section: [{**rest, column: code}]},
            code in bad.split(),
        )
        for rule, section, rest, column, bad in SWEEPS
        for code in codelist(SECTION[section].column(column).codelist or "").codes
    ),
    *((f"{rule}-limit-{place}", rule, rows, bad) for place, (rule, rows, bad) in enumerate(LIMITS)),
    *(
        (f"{rule}-{code}-{age}", rule, aged(name, code, age), bad)
        for name, code, low, high, rule in AGES
        for age, bad in ((low - 1, True), (low, False), *(((high, False), (high + 1, True)) if high else ()))
    ),
]


@cache
def found() -> set[tuple[str, int]]:
    """Rule and example, of all examples judged at once: each is a case of its own."""
    parts = []
    for place, (_, _, rows, _) in enumerate(EXAMPLES):
        own = pl.lit(f"{EXAMPLE_KNOWN.authority}_{place:012d}").alias("case_ref")
        parts.append({name: frame.with_columns(own) for name, frame in sections_of(rows).items()})
    sections = {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
    judges = {rule for _, rule, _, _ in EXAMPLES}
    findings, _ = apply_rules([RULE[rule] for rule in sorted(judges)], sections, CONTEXT)
    return {
        (rule_id, int(case_ref[10:]))
        for part in findings
        for rule_id, case_ref in part.select("rule_id", "case_ref").iter_rows()
    }


@pytest.mark.parametrize("place", range(len(EXAMPLES)), ids=[name for name, *_ in EXAMPLES])
def test_the_verdict_by_code_and_by_age(place: int) -> None:
    _, rule, rows, bad = EXAMPLES[place]
    assert ((rule, place) in found()) == bad, f"{rule}: {rows}"


# Ours that block: a key or a day is broken, or what a duty needs (hclic-spec 1.1, part 2) is not there.
OUR_ERRORS = """
H-01 H-04 H-05 H-07 H-08 H-09 H-21 H-44 H-54 H-61 H-64 H-67 H-71 H-74 H-80 H-84 H-86 H-91 H-107 H-121
"""


def test_of_our_own_rules_only_these_block_the_return() -> None:
    assert {rule.rule_id for rule in RULES if not rule.spec_id and rule.severity == "error"} == set(OUR_ERRORS.split())
