"""Rules and codes on the first and the last day of their validity, and on the days beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest

from pipelines.period import Quarter
from pipelines.validate import Context, apply_rules
from schemas.codelists import codelist
from schemas.rules import RULE, RULES, Rule, rules_in_force
from schemas.rules._examples import EXAMPLE_KNOWN, sections_of
from schemas.rules._rule import Example
from schemas.sections import SECTIONS

DAY = timedelta(days=1)
CONTEXT = Context(EXAMPLE_KNOWN.authority, Quarter.containing(EXAMPLE_KNOWN.last_day), EXAMPLE_KNOWN.as_at)
DATED = [rule for rule in RULES if rule.valid_from or rule.valid_to]


def found(rules: list[Rule], example: Example, context: Context = CONTEXT) -> set[str]:
    """Rules that find something in the example."""
    parts, _ = apply_rules(rules, sections_of(example), context)
    return {rule_id for part in parts for rule_id in part["rule_id"]}


# ---- rules ----------------------------------------------------------------------------------------------------------


def days_of(rule: Rule, examples: tuple[Example, ...]) -> set[date]:
    """The days by which the rule's examples are in or out of its validity."""
    days: set[date] = set()
    for example in examples:
        for row in example.get("main", ()):
            if row.get(rule.valid_by):
                days.add(date.fromisoformat(row[rule.valid_by]))
    return days


def boundary(rule: Rule) -> Iterator[tuple[date, bool]]:
    """Days beside the ends of validity, and whether the rule covers them."""
    if rule.valid_from:
        yield from ((rule.valid_from - DAY, False), (rule.valid_from, True))
    if rule.valid_to:
        yield from ((rule.valid_to, True), (rule.valid_to + DAY, False))


def test_every_dated_rule_shows_the_days_beside_its_ends() -> None:
    missing = [
        (rule.rule_id, str(day), "fails" if covered else "passes")
        for rule in DATED
        for day, covered in boundary(rule)
        if day not in days_of(rule, rule.fails if covered else rule.passes)
    ]
    assert DATED and missing == []


@pytest.mark.parametrize("rule", DATED, ids=lambda rule: rule.rule_id)
def test_a_dated_rule_finds_the_same_fault_only_within_its_dates(rule: Rule) -> None:
    """Its failing example, moved to each day beside an end of its validity."""
    for day, covered in boundary(rule):
        for example in rule.fails:
            moved = {**example, "main": [{**row, rule.valid_by: day.isoformat()} for row in example["main"]]}
            assert (rule.rule_id in found([rule], moved)) == covered, f"{rule.rule_id} on {day}"


@pytest.mark.parametrize("valid_by", ["application_date", "assess_date"])
@pytest.mark.parametrize(
    ("day", "judged"), [("2025-10-09", 0), ("2025-10-10", 1), ("2025-10-20", 1), ("2025-10-21", 0)]
)
def test_first_and_last_day_of_a_rule_that_follows_the_case_belong_to_it(valid_by: Any, day: str, judged: int) -> None:
    rule = replace(RULE["V-06e"], valid_by=valid_by, valid_from=date(2025, 10, 10), valid_to=date(2025, 10, 20))
    case = {
        "assess1": "prevention_notice",
        "reasonloss": "relationship",
        "application_date": "2025-10-15",
        "assess_date": "2025-10-15",
        valid_by: day,
    }
    assert len(found([rule], {"main": [case]})) == judged


@pytest.mark.parametrize(
    ("quarter", "reason"),
    [("2025-Q1", "not in force"), ("2025-Q2", None), ("2025-Q3", None), ("2025-Q4", "not in force")],
)
def test_a_rule_that_follows_the_quarter_is_run_when_its_dates_hold_the_last_day(
    quarter: str, reason: str | None
) -> None:
    """Both ends are themselves last days of quarters: 30 June and 30 September 2025."""
    rule = replace(RULE["V-06e"], valid_by="quarter", valid_from=date(2025, 6, 30), valid_to=date(2025, 9, 30))
    run, left = rules_in_force(Quarter.parse(quarter).last_day, [rule])
    assert (list(run), [why for _, why in left]) == (([], [reason]) if reason else ([rule], []))


# ---- codes ----------------------------------------------------------------------------------------------------------

LISTS = {
    (section.name, column.name): column.codelist
    for section in SECTIONS
    for column in section.columns
    if column.codelist and any(code.valid_from or code.valid_to for code in codelist(column.codelist).codes.values())
}
# Which day counts, where it is not the day of the assessment (hclic-spec 2.8.1: guidance of 18 May 2020).
COUNTS = {"taduty": "entry_date"}
CODES = [
    (section, column, code.code, day, good)
    for (section, column), name in LISTS.items()
    for code in codelist(name).codes.values()
    for day, good in (
        *(((code.valid_from - DAY, False), (code.valid_from, True)) if code.valid_from else ()),
        *(((code.valid_to, True), (code.valid_to + DAY, False)) if code.valid_to else ()),
    )
]


def judges_of(section: str, column: str) -> list[str]:
    """The rules that judge whether a code of the column was in use (hclic-spec N-07, N-08)."""
    return [
        rule.rule_id
        for rule in RULES
        if (rule.spec_id == "N-07" or rule.rule_id == "N-08b")
        and ((rule.section == section and column in rule.fields) or f"{section}.{column}" in rule.fields)
    ]


@pytest.mark.parametrize(("section", "column"), LISTS)
def test_every_column_whose_list_has_dated_codes_is_judged_by_one_rule(section: str, column: str) -> None:
    assert len(judges_of(section, column)) == 1


@cache
def found_in_codes() -> set[tuple[str, int]]:
    """Rule and example, of all codes judged at once: each is a case of its own."""
    parts = []
    for place, (section, column, code, day, _) in enumerate(CODES):
        rows: dict[str, list[dict[str, Any]]] = {"main": [{"assess_date": day.isoformat()}]}
        rows.setdefault(section, [{}])[0][column] = code
        if column in COUNTS:
            rows[section][0][COUNTS[column]] = day.isoformat()
        own = pl.lit(f"{EXAMPLE_KNOWN.authority}_{place:012d}").alias("case_ref")
        parts.append({name: frame.with_columns(own) for name, frame in sections_of(rows).items()})
    sections = {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
    judges = {judge for section, column, *_ in CODES for judge in judges_of(section, column)}
    findings, _ = apply_rules([RULE[judge] for judge in sorted(judges)], sections, CONTEXT)
    return {
        (rule_id, int(case_ref[10:]))
        for part in findings
        for rule_id, case_ref in part.select("rule_id", "case_ref").iter_rows()
    }


@pytest.mark.parametrize("place", range(len(CODES)), ids=["-".join(map(str, one[1:4])) for one in CODES])
def test_a_code_may_be_used_from_its_first_to_its_last_day(place: int) -> None:
    section, column, code, day, good = CODES[place]
    (judge,) = judges_of(section, column)
    assert ((judge, place) not in found_in_codes()) == good, f"{code} of {column} on {day}"
