"""Findings in the words of an officer: labels, UK days, no code and no name of a field."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.emit.findings.officers import officers_frame, recorded_words
from pipelines.findings import ERROR, MASK, WARNING, Finding, frame


def finding(**values: Any) -> Finding:
    given = {
        "rule_id": "V-01",
        "severity": ERROR,
        "message": "The assessment is dated before the application.",
        "action": "Correct the assessment date.",
        "section": "main",
        "case_ref": "E06000034_000000000007",
        "in_return": "yes",
        "kind": "fix",
        **values,
    }
    return Finding(**given)


@pytest.mark.parametrize(
    ("section", "fields", "value", "words"),
    [
        (
            "main",
            "application_date, assess_date",
            "application_date=2025-07-30; assess_date=(blank)",
            "Application date: 30 July 2025; assessment date: not recorded",
        ),
        (
            "main",
            "referral, referral_body",
            "referral=no; referral_body=(blank)",
            "Referral: No; referring public body: not recorded",
        ),
        ("relief", "main.eligibility, main.assess1, relief_outcome", "ineligible", "Not eligible"),
        ("main", "closed_date", "2024-11-25", "25 November 2024"),
        ("main", "closed_date", "(blank)", "not recorded"),
        ("main", "advice_only", "true", "yes"),
        ("people", "surname", MASK, "A personal value, which is not shown here"),
        (
            "people",
            "relationship, surname",
            f"relationship=partner; surname={MASK}",
            "Relationship to the main applicant: Partner; surname: A personal value, which is not shown here",
        ),
        (
            "temporary_accommodation",
            "entry_date, ta_type",
            "60 days, the limit passed on 2025-06-15",
            "60 days, the limit passed on 15 June 2025",
        ),
        # A value that holds what parts values: only the rule's own fields part them.
        (
            "temporary_accommodation",
            "site, landlord",
            "site=A; ltd=1; landlord=B",
            "Building or scheme: A; ltd=1; landlord: B",
        ),
        ("main", "local_ref", "2025-13-40", "2025-13-40"),
        ("main", None, None, None),
        (None, None, "7 cases", "7 cases"),
    ],
)
def test_what_is_recorded_is_said_in_labels_and_uk_days(
    section: str | None, fields: str | None, value: str | None, words: str | None
) -> None:
    assert recorded_words("V-01", section, fields, value) == words


def test_what_the_reading_did_not_understand_is_shown_as_the_export_has_it() -> None:
    assert recorded_words("X-30", "main", "assess_date", "31/02/2025") == "31/02/2025"
    assert recorded_words("X-35", "main", "reasonloss", "2025-07-01") == "2025-07-01"
    assert recorded_words("X-35", "people", "surname", MASK) == "A personal value, which is not shown here"


def test_one_row_has_the_reference_that_the_officer_knows_and_says_whether_it_blocks() -> None:
    rows = officers_frame(
        frame(
            [
                finding(local_ref="HC/7", since="2025-09-01", state="open", team="Relief", file="main.csv", row=12),
                finding(rule_id="L-07", severity=WARNING, kind="casework", in_return="no"),
                finding(rule_id="H-07", in_return="unknown", case_ref=None),
                finding(rule_id="H-80", in_return="no"),
            ]
        )
    )
    shown = rows.sort("rule_id").select("rule_id", "your_reference", "blocks", "in_return", "since", "place").rows()
    assert shown == [
        ("H-07", None, True, "May be", None, None),
        ("H-80", "E06000034_000000000007", False, "No", None, None),
        ("L-07", "E06000034_000000000007", False, "No", None, None),
        ("V-01", "HC/7", True, "Yes", date(2025, 9, 1), "main.csv, row 12"),
    ]


def test_what_has_one_cause_is_one_row_with_its_rows() -> None:
    same = [
        finding(
            rule_id="X-35",
            fields="reasonloss",
            value="dragon",
            message=f"main.csv, row {row}: not known.",
            file="main.csv",
            row=row,
        )
        for row in (2, 3, 4)
    ]
    (row,) = officers_frame(frame(same)).iter_rows(named=True)
    assert (row["count"], row["place"], row["recorded"]) == (3, "main.csv, rows 2-4", "dragon")


def test_a_run_without_findings_has_no_rows() -> None:
    assert officers_frame(frame([])).height == 0
    assert officers_frame(frame([])).schema == officers_frame(frame([finding()])).schema


def test_the_frame_has_the_columns_of_its_contract() -> None:
    columns = (
        "finding_id rule_id kind blocks officer team your_reference case_ref what todo recorded in_return since state"
        " note link count place rule_page"
    )
    rows = officers_frame(frame([finding()]))
    assert rows.columns == columns.split()
    assert rows.schema["since"] == pl.Date and rows.schema["blocks"] == pl.Boolean
