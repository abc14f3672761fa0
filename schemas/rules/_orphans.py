"""The same cross-section rule for each section but main: its row needs a case."""

from __future__ import annotations

from schemas.rules._rule import ERROR, Row, RuleBook
from schemas.rules._why import BELONGS
from schemas.sections import SECTION


def orphan_rule(rules: RuleBook, rule_id: str, row: Row) -> None:
    """Every row of the section belongs to a case of section 1. ``row`` is an example row of the section."""
    section = SECTION[rules.section]
    rules.sql(
        rule_id,
        "case_ref main.case_ref",
        f"The row of {section.label.lower()} belongs to no case.",
        action="Add the case to the export, or correct the reference of the row.",
        why=BELONGS,
        severity=ERROR,
        source="1.1: a unique case identifier links all sections [S2]",
        confidence="stated",
        passes=[{"main": [{"la_code": "E06000034"}], section.name: [row]}],
        fails=[{section.name: [row]}, {"main": [{"case_ref": "E06000034_000000000002"}], section.name: [row]}],
        # Without a reference the model's own constraint speaks.
        nulls=[{"main": [{"la_code": "E06000034"}], section.name: [{**row, "case_ref": None}]}],
    )
