"""Every rule does what its examples say, through the engine that judges a return."""

from __future__ import annotations

from collections import Counter
from functools import cache

import polars as pl
import pytest

from pipelines.period import Quarter
from pipelines.validate import Context, apply_rules
from schemas.codelists import codelist
from schemas.rules import RULES, Rule
from schemas.rules._examples import EXAMPLE_KNOWN, sections_of
from schemas.rules._rule import Example
from schemas.sections import SECTION

CONTEXT = Context(EXAMPLE_KNOWN.authority, Quarter.containing(EXAMPLE_KNOWN.last_day), EXAMPLE_KNOWN.as_at)

LISTED = [
    (rule, example, expected, f"{rule.rule_id}-{kind}-{number}")
    for rule in RULES
    if rule.decidable
    for kind, examples, expected in (("passes", rule.passes, 0), ("fails", rule.fails, 1), ("nulls", rule.nulls, 0))
    for number, example in enumerate(examples)
]


def own_cases(frames: dict[str, pl.DataFrame], place: int) -> dict[str, pl.DataFrame]:
    """The example under case references of its own: two cases of one example stay two."""
    moved = (pl.col("case_ref").str.slice(21).cast(pl.Int64) + place * 10).cast(pl.String).str.zfill(12)
    return {
        name: frame.with_columns(pl.concat_str(pl.col("case_ref").str.head(10), moved).alias("case_ref"))
        for name, frame in frames.items()
    }


@cache
def judged() -> tuple[Counter[tuple[str, int]], dict[str, tuple[str, str | None]]]:
    """All examples judged at once, as the cases of one return: findings by rule and example, and how each rule ran."""
    parts = [own_cases(sections_of(example), place) for place, (_, example, _, _) in enumerate(LISTED)]
    sections = {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
    findings, states = apply_rules(RULES, sections, CONTEXT)
    seen: Counter[tuple[str, int]] = Counter()
    for part in findings:
        for rule_id, case_ref in part.select("rule_id", "case_ref").iter_rows():
            seen[rule_id, int(case_ref[10:]) // 10 if case_ref else -1] += 1
    return seen, {rule_id: (status, reason) for rule_id, _, status, _, reason in states}


EXAMPLES = [pytest.param(place, rule, example, bad, id=name) for place, (rule, example, bad, name) in enumerate(LISTED)]


@pytest.mark.parametrize(("place", "rule", "example", "expected"), EXAMPLES)
def test_rule_examples(place: int, rule: Rule, example: Example, expected: int) -> None:
    seen, states = judged()
    status, reason = states[rule.rule_id]
    assert status == "run", f"{rule.rule_id} did not run: {reason}"
    found = seen[rule.rule_id, place]
    assert min(found, 1) == expected, f"{rule.message} ({found} findings in {example})"


def test_no_check_across_sections_flags_a_row_without_a_case() -> None:
    """The examples hold rows whose reference is blank: the model's own constraint speaks of those."""
    seen, _ = judged()
    across = {rule.rule_id for rule in RULES if rule.kind == "sql"}
    assert [rule_id for rule_id, place in seen if place == -1 and rule_id in across] == []


def test_examples_use_the_codes_of_the_lists() -> None:
    unknown = [
        (rule.rule_id, section, column, row[column])
        for rule, example, _, _ in LISTED
        for section, rows in example.items()
        for row in rows
        for column in row
        if (name := SECTION[section].column(column).codelist) and row[column] and row[column] not in codelist(name)
    ]
    assert unknown == []
