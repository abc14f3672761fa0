"""A finding is known again in a later export by what it is about, never by where it stands."""

from __future__ import annotations

import polars as pl
import pytest

from pipelines.findings import RETURN, WARNING, Finding, frame
from pipelines.findings_id import with_ids
from pipelines.period import Quarter

QUARTER = Quarter.parse("2025-Q4")


def a_finding(**given: object) -> Finding:
    """One finding on a placement, with what is given."""
    said = {
        "rule_id": "L-26c",
        "severity": WARNING,
        "message": "Still there.",
        "action": "Enter the exit.",
        "section": "temporary_accommodation",
        "case_ref": "E06000034_000000000001",
        "record_key": "placement_no=1",
        "fields": "exit_date",
        "value": "(blank)",
        "file": "ta.csv",
        "row": 7,
    }
    return Finding(**{**said, **given})  # type: ignore[arg-type]


def ids(*findings: Finding, quarter: Quarter = QUARTER) -> list[str]:
    return with_ids(frame(findings), quarter)["finding_id"].to_list()


@pytest.mark.parametrize(
    "moved",
    [
        {"row": 8},
        {"file": "other.csv"},
        {"value": "2025-12-01"},
        {"message": "It still stands there."},
        {"severity": "error"},
        {"officer": "HO02"},
        {"in_return": "no"},
    ],
    ids=lambda moved: next(iter(moved)),
)
def test_a_finding_on_a_case_is_the_same_when_only_this_differs(moved: dict[str, object]) -> None:
    assert ids(a_finding(**moved)) == ids(a_finding())


@pytest.mark.parametrize(
    "other",
    [
        {"rule_id": "L-26d"},
        {"case_ref": "E06000034_000000000002"},
        {"record_key": "placement_no=2"},
        {"fields": "entry_date"},
        {"section": "main"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_finding_is_another_one_when_this_differs(other: dict[str, object]) -> None:
    assert ids(a_finding(**other)) != ids(a_finding())


def test_without_a_case_the_file_and_the_value_tell_findings_apart_and_the_row_does_not() -> None:
    one = a_finding(case_ref=None)
    assert ids(one) == ids(a_finding(case_ref=None, row=99))
    assert ids(one) != ids(a_finding(case_ref=None, file="other.csv"))
    assert ids(one) != ids(a_finding(case_ref=None, value="another"))


def test_a_case_without_a_reference_of_the_return_is_known_by_the_council_s_own() -> None:
    assert ids(a_finding(case_ref=None, local_ref="HS1")) != ids(a_finding(case_ref=None, local_ref="HS2"))
    assert ids(a_finding(case_ref=None, local_ref="HS1")) == ids(a_finding(case_ref=None, local_ref="HS1", row=9))


def test_what_is_said_of_a_return_is_said_of_its_quarter_and_what_is_said_of_a_record_is_not() -> None:
    other = Quarter.parse("2026-Q1")
    of_return = a_finding(rule_id="E-01", scope=RETURN, case_ref=None, section=None, record_key=None)
    assert ids(of_return) != ids(of_return, quarter=other)
    assert ids(a_finding()) == ids(a_finding(), quarter=other)


def test_of_findings_that_are_alike_as_many_ids_go_as_are_put_right() -> None:
    three = ids(*(a_finding(value=value) for value in ("c", "a", "b")))
    two = ids(a_finding(value="c"), a_finding(value="a"))
    assert len(set(three)) == 3
    assert set(two) < set(three)


def test_a_placement_is_known_by_its_reference_or_first_night_when_its_number_is_given_anew() -> None:
    rows = frame([a_finding(), a_finding(record_key="placement_no=2")])
    named = rows.with_columns(known_as=pl.Series(["PL1", "PL2"]))
    anew = rows.with_columns(known_as=pl.Series(["PL2", "PL1"]))
    assert with_ids(named, QUARTER)["finding_id"].to_list() == with_ids(anew, QUARTER)["finding_id"].to_list()[::-1]
