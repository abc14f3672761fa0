"""The rules as people read them: list, explanation, page."""

from __future__ import annotations

import csv
import io
import json

import pytest

from pipelines.errors import UsageError
from pipelines.validate.catalogue import explain, render, render_markdown
from schemas.rules import RULES


def test_csv_lists_every_rule_once() -> None:
    rows = list(csv.DictReader(io.StringIO(render("csv"))))
    assert [row["rule_id"] for row in rows] == [rule.rule_id for rule in RULES]


def test_json_lists_the_same_rules_as_csv() -> None:
    assert [row["rule_id"] for row in json.loads(render("json"))] == [rule.rule_id for rule in RULES]


def test_table_names_every_rule_and_counts_them() -> None:
    table = render("table")
    assert all(f"  {rule.rule_id} " in table for rule in RULES)
    assert f"{sum(rule.decidable for rule in RULES)} rules that the data can decide" in table


def test_page_has_a_row_for_every_rule() -> None:
    page = render_markdown()
    assert all(f"\n| {rule.rule_id} |" in page for rule in RULES)


def test_page_is_the_same_every_time() -> None:
    assert render_markdown() == render_markdown()


def test_explanation_shows_message_action_source_and_examples() -> None:
    text = explain("L-06")
    for part in ("the 56th day had not come.", "day 1 is the start.", "s189B", "Passes:", "Fails:", "elapsed_56"):
        assert part in text


def test_explanation_finds_a_rule_in_lower_case() -> None:
    assert explain("l-06") == explain("L-06")


def test_explanation_says_which_dates_a_rule_follows() -> None:
    assert "applications from 2021-07-05" in explain("L-24")
    assert "assessments from 2026-05-01" in explain("V-06e")


def test_every_rule_can_be_explained() -> None:
    assert [rule.rule_id for rule in RULES if not explain(rule.rule_id).startswith(f"{rule.rule_id}  ")] == []


def test_a_rule_of_the_specification_is_explained_with_all_its_checks() -> None:
    text = explain("l-01")
    assert [rule.rule_id for rule in RULES if rule.rule_id.startswith("L-01") and f"{rule.rule_id}  " not in text] == []


def test_what_can_be_wrong_with_an_export_is_explained_too() -> None:
    assert "the spelling is none of the answers to" in explain("X-35")


def test_unknown_rule_is_a_sentence_that_helps() -> None:
    with pytest.raises(UsageError, match=r"hclic rules lists them all"):
        explain("Q-99")


@pytest.mark.parametrize(
    "rule_id", ["M-temporary_accommodation-ta_type-required", "X-35", "REF-01", "w-unused", "R-not-run"]
)
def test_what_is_no_rule_but_carries_an_id_can_be_explained_too(rule_id: str) -> None:
    text = explain(rule_id)
    assert text.lower().startswith(f"{rule_id.lower()}  ")
    assert "{" not in text
