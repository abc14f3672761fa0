"""Every rule says what an officer does about its findings: fix for this return, tidy the record, or casework."""

from __future__ import annotations

import polars as pl
import pytest

from pipelines import findings as found
from pipelines.extract.problem import Problem
from pipelines.extract.problems import PROBLEMS
from pipelines.period import Quarter
from pipelines.run.located import known, places_of
from pipelines.validate.catalogue import KIND_WORDS, explain, kind_of, known_ids, render
from pipelines.validate.constraints import constraints_of
from pipelines.validate.kinds import EXPORT_KINDS
from pipelines.validate.others import OTHERS
from schemas.rules import RULES
from schemas.rules._rule import RuleBook
from schemas.sections import SECTION, SECTIONS

LOCAL = {(section.name, column.name) for section in SECTIONS for column in section.columns if column.local}


def test_every_id_has_a_kind_and_an_error_is_always_to_be_fixed() -> None:
    severities = {rule.rule_id: rule.severity for rule in RULES}
    severities |= {one.id: one.severity for one in (*PROBLEMS.values(), *EXPORT_KINDS.values(), *OTHERS.values())}
    severities |= {one.rule_id: one.severity for section in SECTIONS for one in constraints_of(section.name)}
    assert set(severities) == known_ids()
    assert {kind_of(rule_id) for rule_id in severities} == set(KIND_WORDS)
    assert [one for one, severity in severities.items() if severity == "error" and kind_of(one) != "fix"] == []


def test_a_rule_that_warns_must_say_its_kind() -> None:
    rules = RuleBook("main")
    with pytest.raises(TypeError, match="finding_kind"):
        rules.sql("H-0", "la_code", "…", action="…", severity="warning", source="", confidence="")
    with pytest.raises(ValueError, match="H-0 is an error"):
        rules.sql("H-0", "la_code", "…", action="…", severity="error", finding_kind="tidy", source="", confidence="")
    with pytest.raises(ValueError, match="X-0 is a warning and says no kind"):
        Problem("X-0", "warning", "record", "…", "…")


def test_a_duty_past_its_time_and_a_missing_decision_are_casework() -> None:
    assert {kind_of(one) for one in ("L-05", "L-07", "L-19a", "L-19b", "N-03a", "L-17a")} == {"casework"}


def test_what_the_return_sends_wrongly_is_to_be_fixed() -> None:
    assert {kind_of(one) for one in ("L-26c", "L-26d", "L-22a", "L-23a", "L-23d", "L-25d", "O-17")} == {"fix"}


def test_a_warning_that_reads_local_fields_alone_is_no_data_of_the_return() -> None:
    """L-18a reads the day of the notification, which is local, and asks a question about the case."""
    for rule in RULES:
        own = {(rule.section, field) if "." not in field else tuple(field.split(".", 1)) for field in rule.fields}
        if rule.decidable and own and own <= LOCAL:
            assert rule.finding_kind == "tidy", rule.rule_id
    for section in SECTIONS:
        for one in constraints_of(section.name):
            if (section.name, one.column) in LOCAL:
                assert kind_of(one.rule_id) == "tidy", one.rule_id


def test_a_cell_that_cannot_be_read_is_to_be_fixed_unless_the_field_is_local() -> None:
    assert kind_of("X-30", "error") == "fix"
    assert kind_of("X-30", "warning") == "tidy"
    # A warning wherever it stands: the rows are counted twice.
    assert kind_of("X-26", "warning") == "fix"


def test_the_kind_of_a_finding_follows_its_rule_its_field_and_whether_its_case_is_in_the_return() -> None:
    def finding(rule_id: str, severity: str, in_return: str) -> dict[str, object]:
        return {"rule_id": rule_id, "severity": severity, "scope": "record", "in_return": in_return}

    rows = [
        finding("L-01c", "error", "yes"),
        finding("L-01c", "error", "no"),
        finding("L-05", "warning", "no"),
        finding("X-30", "error", "yes"),
        finding("X-30", "warning", "yes"),
    ]
    frame = found.complete(pl.DataFrame(rows))
    judged = known(frame, places_of({section.name: section.empty() for section in SECTIONS}), Quarter(2025, 3))
    assert judged["kind"].to_list() == ["fix", "tidy", "casework", "fix", "tidy"]


def test_the_kind_stands_in_the_list_of_rules_and_with_each_rule() -> None:
    assert "casework  The prevention duty has been open" in render("table")
    assert explain("L-05").splitlines()[0] == "L-05  warning, active, casework"
    assert explain("H-03").splitlines()[0] == "H-03  warning, active, tidy the record"
    assert "tidy the record" in explain("X-08")
    assert "fix for this return" in explain("M-main-assess_date-type")


def test_every_field_is_called_by_words_that_are_its_own_within_its_section() -> None:
    for section in SECTIONS:
        words = [column.words for column in section.columns]
        assert len(set(words)) == len(words), section.name
        assert [one for one in words if "_" in one or not one or one != one.strip()] == []
    assert SECTION["main"].column("reasonloss").words == "main reason for loss of the settled home"
