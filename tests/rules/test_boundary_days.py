"""Every rule whose verdict turns on a day shows both sides of that day: moved by one day, its examples change sides.

The days are not listed here but found: every date of every example is moved, near and far, and where the verdict
changes the date matters. Then an example that passes and one that fails must stand beside the day itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest

from pipelines.period import Quarter
from pipelines.validate import Context, apply_rules
from schemas.rules import RULES, Rule
from schemas.rules._examples import EXAMPLE_KNOWN
from schemas.rules._rule import Example
from schemas.sections import SECTION, SECTIONS

CONTEXT = Context(EXAMPLE_KNOWN.authority, Quarter.containing(EXAMPLE_KNOWN.last_day), EXAMPLE_KNOWN.as_at)
NEAR = (-2, -1, 1, 2)
FAR = (-11000, -45, 45, 11000)
"""Days; the farthest is thirty years, for ages."""

Place = tuple[str, str]
"""Section and column of a date."""
Trial = tuple[str, int, Place, int, int]
"""Rule, number of the example, place of the date, number of the row, and days by which it is moved (0: not at all)."""


def date_cells(example: Example) -> Iterator[tuple[str, int, str]]:
    """Section, number of the row and column of every date of an example."""
    for section, rows in example.items():
        for number, row in enumerate(rows):
            for column, value in row.items():
                if value and SECTION[section].column(column).kind == "date":
                    yield section, number, column


def moved(example: Example, section: str, number: int, column: str, days: int) -> dict[str, list[dict[str, Any]]]:
    """The example with one date moved."""
    rows = {name: [dict(row) for row in given] for name, given in example.items()}
    if days:
        cell = rows[section][number]
        cell[column] = (date.fromisoformat(cell[column]) + timedelta(days=days)).isoformat()
    return rows


def trials() -> Iterator[tuple[Trial, dict[str, list[dict[str, Any]]]]]:
    """Every example of every rule as it stands, and with each of its dates moved."""
    for rule in RULES:
        if not rule.decidable:
            continue
        for example_no, example in enumerate((*rule.passes, *rule.fails)):
            for section, number, column in date_cells(example):
                for days in (0, *NEAR, *FAR):
                    trial = (rule.rule_id, example_no, (section, column), number, days)
                    yield trial, moved(example, section, number, column, days)


def frames(cases: list[dict[str, list[dict[str, Any]]]]) -> dict[str, pl.DataFrame]:
    """The sections of a return whose cases are the examples, each under a reference of its own."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for place, case in enumerate(cases):
        for section, given in case.items():
            for number, row in enumerate(given, start=1):
                keys = {
                    one: number for one in ("person_no", "placement_no", "review_no") if one in SECTION[section].names
                }
                rows[section].append({**keys, **row, "case_ref": f"{EXAMPLE_KNOWN.authority}_{place:012d}"})
    found = {}
    for section in SECTIONS:
        dates = [one.name for one in section.columns if one.kind == "date"]
        schema = {one.name: pl.String() if one.name in dates else one.dtype for one in section.columns}
        frame = pl.DataFrame(rows[section.name], schema=schema, orient="row")
        found[section.name] = frame.with_columns(pl.col(dates).str.to_date())
    return found


@cache
def verdicts() -> dict[Trial, bool]:
    """Whether the rule finds something in each trial; all are judged at once, as the cases of one return."""
    named = list(trials())
    findings, _ = apply_rules(RULES, frames([case for _, case in named]), CONTEXT)
    bad = {
        (rule_id, int(case_ref[10:]))
        for part in findings
        for rule_id, case_ref in part.select("rule_id", "case_ref").iter_rows()
        if case_ref
    }
    return {trial: (trial[0], place) in bad for place, (trial, _) in enumerate(named)}


@cache
def by_rule() -> dict[str, dict[Place, list[tuple[bool, dict[int, bool]]]]]:
    """By rule and place of a date: for each example its own verdict, and whether each move changes it."""
    grouped: dict[tuple[str, int, Place, int], dict[int, bool]] = defaultdict(dict)
    for (rule_id, example_no, place, number, days), is_bad in verdicts().items():
        grouped[rule_id, example_no, place, number][days] = is_bad
    found: dict[str, dict[Place, list[tuple[bool, dict[int, bool]]]]] = defaultdict(lambda: defaultdict(list))
    for (rule_id, _, place, _), seen in grouped.items():
        own = seen.pop(0)
        found[rule_id][place].append((own, {days: is_bad != own for days, is_bad in seen.items()}))
    return found


def stands_beside_a_day(changes: dict[int, bool], of_one_day: bool) -> bool:
    """One day on, or back, the verdict is the other one; the day after that too, unless the rule is about one day."""
    return any(changes[way] and (changes[2 * way] or of_one_day) for way in (-1, 1))


DECIDABLE = [rule for rule in RULES if rule.decidable]


def test_every_date_that_a_rule_names_stands_in_an_example_of_it() -> None:
    missing = [
        (rule.rule_id, field)
        for rule in DECIDABLE
        for field in rule.fields
        for section, _, column in (field.rpartition("."),)
        if SECTION[section or rule.section].column(column).kind == "date"
        and (section or rule.section, column)
        not in {(name, found) for one in (*rule.passes, *rule.fails) for name, _, found in date_cells(one)}
    ]
    assert missing == []


@pytest.mark.parametrize("rule", DECIDABLE, ids=lambda rule: rule.rule_id)
def test_a_rule_that_turns_on_a_day_has_examples_on_both_sides_of_it(rule: Rule) -> None:
    missing = []
    for (section, column), seen in by_rule()[rule.rule_id].items():
        if not any(any(changes.values()) for _, changes in seen):
            continue
        of_one_day = any(changes[-1] and changes[1] for _, changes in seen)
        missing += [
            (f"{section}.{column}", "fails" if side else "passes")
            for side in (False, True)
            if not any(own == side and stands_beside_a_day(changes, of_one_day) for own, changes in seen)
        ]
    assert missing == [], f"{rule.rule_id} has no example on the day beside the one that decides"
