"""A finding names file, row and local reference of its record, whoever made it."""

from __future__ import annotations

import polars as pl

from pipelines import findings as found
from pipelines.run.located import located, places_of, under_case_refs
from schemas.sections import SECTIONS

CASE, OTHER = "E06000034_000000000039", "E06000034_000000000040"
MAP = pl.DataFrame({"local_ref": ["HB/1", OTHER], "case_ref": [CASE, OTHER]})


def sections() -> dict[str, pl.DataFrame]:
    """Two cases; the first has two people, in rows 3 and 7 of their file."""
    frames = {one.name: pl.DataFrame(schema={column.name: column.dtype for column in one.columns}) for one in SECTIONS}
    given = {
        "main": {
            "case_ref": [CASE, OTHER],
            "officer": ["AB", None],
            "team": ["Options", None],
            "_file": ["main.csv"] * 2,
            "_row": [2, 3],
        },
        "people": {"case_ref": [CASE] * 2, "person_no": [2, 1], "_file": ["people.csv"] * 2, "_row": [7, 3]},
    }
    return frames | {name: pl.DataFrame(columns) for name, columns in given.items()}


def places(*findings: found.Finding) -> list[tuple[object, ...]]:
    """File, row and local reference of each finding."""
    rows = located(found.frame(findings), places_of(sections()), MAP)
    return rows.select("file", "row", "local_ref").rows()


def finding(**more: object) -> found.Finding:
    """A finding on the first case."""
    return found.Finding(
        **{"rule_id": "H-1", "severity": found.ERROR, "message": "m", "action": "a", "case_ref": CASE, **more}
    )  # type: ignore[arg-type]


def test_a_rule_on_a_person_names_the_row_of_that_person() -> None:
    assert places(finding(section="people", record_key="person_no=2")) == [("people.csv", 7, "HB/1")]


def test_a_rule_on_a_household_names_its_first_row() -> None:
    assert places(finding(section="people")) == [("people.csv", 3, "HB/1")]


def test_a_rule_on_a_section_in_which_the_case_has_no_row_names_its_row_of_main() -> None:
    assert places(finding(section="relief")) == [("main.csv", 2, "HB/1")]


def test_what_is_said_of_a_case_names_its_officer() -> None:
    given = found.frame([finding(section="people"), finding(officer="CD"), finding(case_ref=OTHER)])
    assert located(given, places_of(sections()), MAP)["officer"].to_list() == ["AB", "CD", None]


def test_what_is_said_of_a_case_names_its_team() -> None:
    given = found.frame([finding(section="people"), finding(team="Prevention"), finding(case_ref=OTHER)])
    assert located(given, places_of(sections()), MAP)["team"].to_list() == ["Options", "Prevention", None]


def test_a_place_that_was_given_is_kept() -> None:
    assert places(finding(section="people", file="p2.csv", row=9)) == [("p2.csv", 9, "HB/1")]


def test_the_return_as_a_whole_has_no_row_and_a_case_with_its_h_clic_reference_alone_no_local_one() -> None:
    assert places(finding(scope=found.RETURN, case_ref=None, section="main")) == [(None, None, None)]
    assert places(finding(case_ref=OTHER, section="main")) == [("main.csv", 3, None)]


def test_what_the_reading_says_of_a_local_reference_stands_under_the_case() -> None:
    read = under_case_refs(found.frame([finding(case_ref="HB/1"), finding(case_ref=OTHER)]), MAP)
    assert read.select("case_ref", "local_ref").rows() == [(CASE, "HB/1"), (OTHER, None)]


def test_findings_of_fewer_columns_are_completed() -> None:
    rows = found.combine([found.frame([finding()]).drop("count", "file", "row", "rows", "in_return", "local_ref")])
    assert rows.columns == list(found.SCHEMA) and rows["count"].to_list() == [1]
