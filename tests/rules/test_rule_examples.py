"""Every rule does what its examples say, through the engine that judges a return."""

from __future__ import annotations

import pytest

from pipelines.period import Quarter
from pipelines.validate import Context, validate
from schemas.rules import RULES, Rule
from schemas.rules._examples import EXAMPLE_KNOWN, sections_of
from schemas.rules._rule import Example

CONTEXT = Context(EXAMPLE_KNOWN.authority, Quarter.containing(EXAMPLE_KNOWN.last_day), EXAMPLE_KNOWN.as_at)

EXAMPLES = [
    pytest.param(rule, example, expected, id=f"{rule.rule_id}-{kind}-{number}")
    for rule in RULES
    if rule.decidable
    for kind, examples, expected in (
        ("passes", rule.passes, 0),
        ("fails", rule.fails, 1),
        ("nulls", rule.nulls, 0),
    )
    for number, example in enumerate(examples)
]


@pytest.mark.parametrize(("rule", "example", "expected"), EXAMPLES)
def test_rule_examples(rule: Rule, example: Example, expected: int) -> None:
    result = validate(sections_of(example), CONTEXT, rules=[rule])
    state = result.rules.filter(result.rules["rule_id"] == rule.rule_id).row(0, named=True)
    assert state["status"] == "run", f"{rule.rule_id} did not run: {state['reason']}"
    assert min(state["findings"], 1) == expected, f"{rule.message} ({state['findings']} findings in {example})"
