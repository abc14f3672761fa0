"""The rules as a whole: complete, well formed, each with its examples."""

from __future__ import annotations

import re
from collections import Counter
from typing import get_args

import pytest

import sql
from schemas.rules import RULES, Rule
from schemas.sections import SECTION
from schemas.sections._fields import Confidence

# Part 3 of the specification notes: V-01 to V-09, N-01 to N-10, L-01 to L-26. V-10 and V-11 say how DELTA behaves.
SPECIFICATION = (
    [f"V-{n:02d}" for n in range(1, 10)] + [f"N-{n:02d}" for n in range(1, 11)] + [f"L-{n:02d}" for n in range(1, 27)]
)

# Section 3.3, "Severity", of the specification notes: these are errors, everything else of V, N and L warns.
# Suffixes: V-06 is an error on the table of 2.10 only; N-01 for a missing relief section; N-08 but for the day a table
# was first printed; L-10, L-21, L-25, L-26 as far as the notes call them errors.
ERROR_IDS = """
V-01 V-02 V-03a V-03b V-04 V-05 V-06a V-08 V-09a V-09b V-09c
N-01a N-01c N-05a N-05b N-05c N-05d N-05e N-06 N-08a N-08b
L-01a L-01b L-01c L-01d L-01e L-01f L-01g L-01h L-01i L-01j L-01k L-01l L-01m L-01n L-01o L-01p
L-01q L-03 L-06 L-09 L-10a L-10c L-13 L-21a L-21b L-21c L-25a L-25b L-25e L-26a L-26b
"""
ERRORS = set(ERROR_IDS.split())

DECIDABLE = [rule for rule in RULES if rule.decidable]


def test_rule_ids_are_unique() -> None:
    assert [rule_id for rule_id, count in Counter(rule.rule_id for rule in RULES).items() if count > 1] == []


def test_at_least_80_rules_are_decidable() -> None:
    assert len(DECIDABLE) >= 80


@pytest.mark.parametrize("spec_id", SPECIFICATION)
def test_every_rule_of_the_specification_notes_is_there(spec_id: str) -> None:
    assert any(rule.spec_id == spec_id for rule in RULES), f"no rule carries out {spec_id}"


def test_severities_are_those_of_the_specification_notes() -> None:
    ours = {rule.rule_id for rule in RULES if rule.spec_id and rule.severity == "error"}
    assert ours == ERRORS


def test_rules_that_no_field_decides_say_so() -> None:
    # Specification notes 3.3: "Not decidable from the fields"
    assert {rule.rule_id for rule in RULES if not rule.decidable} == {"L-02a", "L-04", "L-08", "L-16", "L-18b", "L-20"}
    assert all(rule.note for rule in RULES if not rule.decidable)


def is_sentence(text: str) -> bool:
    return text.endswith(".") and ".." not in text and re.match(r"[A-Z'0-9]", text) is not None


def test_messages_and_actions_are_sentences() -> None:
    assert [rule.rule_id for rule in RULES if not (is_sentence(rule.message) and is_sentence(rule.action))] == []


def in_catalogue(rule: Rule, field: str) -> bool:
    section, _, column = field.rpartition(".")
    return column in SECTION[section or rule.section].names


def test_fields_are_of_the_catalogue() -> None:
    unknown = [(rule.rule_id, field) for rule in RULES for field in rule.fields if not in_catalogue(rule, field)]
    assert unknown == []
    assert all(rule.fields for rule in RULES)


def test_every_decidable_rule_has_passing_failing_and_null_examples() -> None:
    assert [rule.rule_id for rule in DECIDABLE if not (rule.passes and rule.fails and rule.nulls)] == []


def test_every_rule_says_where_it_comes_from() -> None:
    assert [rule.rule_id for rule in RULES if not rule.source or rule.confidence not in get_args(Confidence)] == []


def test_every_check_has_a_rule_and_every_sql_rule_a_check() -> None:
    files = {name for name in sql.names("checks") if re.match(r"[A-Z]-", name)}
    assert files == {rule.relation or rule.rule_id for rule in RULES if rule.kind == "sql"}


def test_a_sql_rule_names_its_file() -> None:
    files = {f"sql/checks/{name}.sql" for name in sql.names("checks")}
    assert [rule.rule_id for rule in RULES if rule.kind == "sql" and rule.name not in files] == []


def test_no_check_reads_what_names_a_person() -> None:
    hidden = {column.name for column in SECTION["people"].columns if column.personal} - {"date_of_birth"}
    words = {name: set(re.findall(r"\w+", sql.text(f"checks/{name}.sql"))) for name in sql.names("checks")}
    assert [name for name, used in words.items() if used & hidden] == []


def test_only_the_table_of_ages_reads_a_date_of_birth() -> None:
    readers = [
        f"{folder}/{name}"
        for folder in ("checks", "facts", "marts", "tables", "return")
        for name in sql.names(folder)
        if "date_of_birth" in sql.text(f"{folder}/{name}.sql")
    ]
    assert readers == ["facts/ages", "return/return_personal"]


def test_no_rule_body_names_a_year() -> None:
    """Dates live beside the rule (valid_from, valid_to) or in a code list."""
    bodies = [sql.text(f"checks/{name}.sql") for name in sql.names("checks")]
    assert [body for body in bodies if re.search(r"\b(19|20)\d\d\b", body)] == []
