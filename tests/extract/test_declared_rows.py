"""Exports whose rows must be joined, looked up, turned or thinned out, read by the keys of a profile alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import InputError
from pipelines.extract import Extracted
from pipelines.findings import ERROR, WARNING
from tests.extract.mapped import CASES, run

Read = Callable[..., Extracted]

ONE = "Case,Applied\n1,2025-07-01"
SHAPES = """
[[table]]
file = "household"
join = { file = "persons", on = { "Person no" = "PERSON_ID" } }
[table.people]
case_ref = "Case"
relationship = "Relationship"
date_of_birth = "DOB"
[[table]]
file = "cases"
[table.main]
case_ref = "Case"
application_date = "Applied"
assess1 = { column = "Decision", codes_from = { file = "lookups", key = "ID", label = "TEXT" } }
[[table]]
file = "answers"
pivot = { name = "Question", value = "Answer" }
[table.prevention]
case_ref = "Case"
prevention_start = "Start?"
prevention_end = "End?"
[[table]]
file = "placements*"
keep = "last"
order_by = "_file"
per = "Ref"
[table.temporary_accommodation]
case_ref = "Case"
entry_date = "In"
exit_date = "Out"
placement_ref = "Ref"
[[table]]
file = "benefits"
collect = { column = "Benefit" }
[table.main]
adds_columns = true
case_ref = "Case"
benefits = "Benefit"
[[table]]
file = "needs"
unpivot = { columns = ["Need *"], name = "Need", value = "Ticked" }
leave_out = { "Ticked" = ["N"] }
[table.support_needs]
when = { "Ticked" = ["Y"] }
case_ref = "Case"
support_need = "Need"
"""
FILES = {
    "household": "Case,Person no,Relationship\n1,P1,main_applicant\n1,P2,partner",
    "persons": "PERSON_ID,DOB\nP2,1991-02-30\nP1,1990-01-02\nP3,1980-01-01",
    "cases": "Case,Applied,Decision\n1,2025-07-01,d1",
    "lookups": "ID,TEXT\nd1,prevention",
    "answers": "Case,Question,Answer\n1,Start?,2025-07-02\n1,End?,2025-13-01",
    "placements Aug 2025": "Case,Ref,In,Out\n1,R1,2025-07-20,",
    "placements Sep 2025": "Case,Ref,In,Out\n1,R1,2025-07-20,2025-09-03",
    "benefits": "Case,Benefit\n1,uc\n1,hb",
    "needs": "Case,Need Old age,Need Learning disability\n1,Y,N",
}


def kinds(found: Extracted) -> list[tuple[str, str]]:
    """Findings on steps: id and severity."""
    rows = found.findings.filter(pl.col("rule_id").str.contains("^X-[89]")).sort("rule_id")
    return list(rows.select("rule_id", "severity").iter_rows())


def test_one_export_in_all_shapes_gives_the_sections(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, SHAPES, **FILES)
    sections = {name: frame.drop("_file", "_row") for name, frame in found.sections.items()}
    assert sections["main"].select("case_ref", "application_date", "assess1", "benefits").rows() == [
        ("1", date(2025, 7, 1), "prevention", "hb;uc")
    ]
    people = sections["people"].select("person_no", "relationship", "date_of_birth").rows()
    assert people == [(1, "main_applicant", date(1990, 1, 2)), (2, "partner", None)]
    assert sections["prevention"].select("prevention_start", "prevention_end").rows() == [(date(2025, 7, 2), None)]
    stays = sections["temporary_accommodation"].select("entry_date", "exit_date", "placement_ref").rows()
    assert stays == [(date(2025, 7, 20), date(2025, 9, 3), "R1")]
    assert sections["support_needs"].get_column("support_need").to_list() == ["old_age"]
    assert kinds(found) == []


def test_a_finding_names_the_cell_of_the_file_that_holds_it(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, SHAPES, **FILES)
    cells = found.findings.filter(pl.col("rule_id") == "X-30").sort("file").select("file", "row", "message").rows()
    assert [(file, row) for file, row, _ in cells] == [("answers.csv", 3), ("persons.csv", 2)]
    assert cells[0][2].startswith("answers.csv, row 3, column 'End?': the cell is not a date.")
    assert cells[1][2].startswith("persons.csv, row 2, column 'DOB': the cell is not a date.")


def test_a_cell_of_a_joined_and_turned_row_is_that_of_the_answer(tmp_path: Path, read: Read) -> None:
    profile = (
        CASES
        + """
[[table]]
file = "answers"
join = { file = "questions", on = { "Q" = "ID" } }
pivot = { name = "Text", value = "Answer" }
[table.prevention]
case_ref = "Case"
prevention_start = "Start?"
"""
    )
    files = {"answers": "Case,Q,Answer\n1,q1,2025-13-01", "questions": "ID,Text\nq0,End?\nq1,Start?"}
    found = run(tmp_path, read, profile, cases=ONE, **files)
    (cell,) = found.findings.filter(pl.col("rule_id") == "X-30").to_dicts()
    assert (cell["file"], cell["row"]) == ("answers.csv", 2)


def test_every_row_of_every_file_is_accounted_for(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, SHAPES, **FILES)
    counts = {one.name: (one.rows_read, one.rows_loaded, one.rows_set_aside, one.rows_left_out) for one in found.files}
    assert counts["persons.csv"] == (3, 2, 0, 1)
    assert counts["placements Aug 2025.csv"] == (1, 0, 0, 1)
    assert counts["placements Sep 2025.csv"] == (1, 1, 0, 0)
    assert counts["answers.csv"] == (2, 2, 0, 0)
    assert counts["benefits.csv"] == (2, 2, 0, 0)
    assert all(read == sum(rest) for read, *rest in counts.values())
    steps = {one.name: one for one in found.steps}
    assert steps["table placements*, keep last by '_file'"].reads == (("placements*", 2, 1),)
    assert steps["table household, join persons by 'Person no'"].reads == (("household", 2, 0), ("persons", 3, 1))


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("persons", "PERSON_ID,DOB\nP1,1990-01-02", []),  # exactly half
        ("persons", "PERSON_ID,DOB\nP9,1990-01-02", [("X-83", ERROR)]),
        ("persons", "PERSON_ID,DOB\nP1,1990-01-02\nP1,1990-01-03\nP2,1990-01-03", [("X-81", ERROR)]),
        ("persons", "PERSON_ID,DOB,Relationship\nP1,1990-01-02,partner\nP2,,partner", [("X-85", ERROR)]),
        ("household", "Case,Person no,Relationship\n1,P1,main_applicant\n1,P8,partner\n1,P9,other", [("X-82", ERROR)]),
        ("lookups", "ID,TEXT\nd1,prevention\nd1,relief", [("X-88", ERROR)]),
        ("lookups", "ID,TEXT\nd2,prevention", [("X-89", ERROR)]),
        ("lookups", "ID,TEXT\n", [("X-87", ERROR)]),
        ("placements Sep 2025", "Case,Ref,In,Out\n1,R1,2025-07-20,2025-09-03\n1,R1,2025-07-20,", [("X-91", ERROR)]),
        ("answers", "Case,Question,Answer\n1,Start?,2025-07-02\n1,End?,\n1,Start?,2025-07-03", [("X-94", ERROR)]),
        ("answers", "Case,Question,Answer\n1,Start?,2025-07-02", [("X-95", WARNING)]),
        ("answers", "Case,Question,Answer\n1,Start?,2025-07-02\n1,Ende?,", [("X-95", ERROR), ("X-96", WARNING)]),
        ("answers", "Case,Question,Answer,By\n1,Start?,2025-07-02,A\n1,End?,,B", [("X-86", WARNING)]),
        ("benefits", "Case,Benefit\n1,uc;hb", [("X-99", ERROR)]),
    ],
)
def test_each_key_says_what_is_wrong_with_the_rows(
    tmp_path: Path, read: Read, file: str, text: str, expected: list[tuple[str, str]]
) -> None:
    assert kinds(run(tmp_path, read, SHAPES, **{**FILES, file: text})) == expected


@pytest.mark.parametrize(
    ("order", "rows", "expected"),
    [
        ("", "1,R1,,2025-09-03,1\n1,R1,,,2", "X-90"),
        ('order_by = "Seq"', "1,R1,,2025-09-03,1\n1,R1,,,1", "X-91"),
        ('order_by = "Seq"', "1,R1,,2025-09-03,1\n1,R1,,,", "X-92"),
        ('order_by = "Seq"', "1,R1,,2025-09-03,1\n1,R1,,,newest", "X-93"),
    ],
)
def test_a_keep_that_cannot_tell_blocks(tmp_path: Path, read: Read, order: str, rows: str, expected: str) -> None:
    profile = f"""{CASES}
[[table]]
file = "stays"
keep = "last"
per = "Ref"
ignore = ["Seq"]
{order}
[table.temporary_accommodation]
case_ref = "Case"
entry_date = "In"
exit_date = "Out"
placement_ref = "Ref"
"""
    found = run(tmp_path, read, profile, cases=ONE, stays=f"Case,Ref,In,Out,Seq\n{rows}")
    assert kinds(found) == [(expected, ERROR)]
    assert found.sections["temporary_accommodation"].height == 1


def test_a_column_that_differs_in_rows_that_become_one_blocks(tmp_path: Path, read: Read) -> None:
    profile = (
        CASES
        + """
[[table]]
file = "answers"
pivot = { name = "Question", value = "Answer" }
[table.prevention]
case_ref = "Case"
prevention_start = "Start?"
prevention_notified_date = "Sent"
"""
    )
    answers = "Case,Question,Answer,Sent\n1,Start?,2025-07-02,2025-07-03\n1,Start?,2025-07-02,2025-07-04"
    found = run(tmp_path, read, profile, cases=ONE, answers=answers)
    assert kinds(found) == [("X-97", ERROR)]


def test_two_tables_make_rows_of_one_log_and_each_knows_its_own(tmp_path: Path, read: Read) -> None:
    profile = (
        CASES
        + """
[input.log]
[[table]]
from = "log"
keep = "last"
order_by = "Keyed"
allow_unused_rows = true
[table.prevention]
when = { "Event" = ["Prevention accepted"] }
case_ref = "Case"
prevention_start = "Date"
[[table]]
from = "log"
keep = "first"
order_by = "Keyed"
allow_unused_rows = true
[table.relief]
when = { "Event" = ["Relief accepted"] }
case_ref = "Case"
relief_start = "Date"
"""
    )
    events = [("Prevention", "01", 9), ("Prevention", "02", 10), ("Relief", "03", 9), ("Relief", "04", 10)]
    log = "\n".join(f"1,{kind} accepted,2025-07-{day},{keyed}" for kind, day, keyed in events)
    found = run(tmp_path, read, profile, cases=ONE, log=f"Case,Event,Date,Keyed\n{log}")
    prevention, relief = (found.sections[name].row(0, named=True) for name in ("prevention", "relief"))
    assert (prevention["prevention_start"], prevention["_row"]) == (date(2025, 7, 2), 3)
    assert (relief["relief_start"], relief["_row"]) == (date(2025, 7, 3), 4)
    assert kinds(found) == []


def test_a_key_without_its_column_stops_with_one_sentence(tmp_path: Path, read: Read) -> None:
    with pytest.raises(InputError, match=r"\[\[table\]\] household, join: persons has no column 'PERSON_ID'"):
        run(tmp_path, read, SHAPES, **{**FILES, "persons": "Person,DOB\nP1,1990-01-02"})


def test_a_file_that_a_key_looks_into_and_the_export_lacks_is_an_error(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, SHAPES, **{name: text for name, text in FILES.items() if name != "persons"})
    assert [row["message"] for row in found.findings.filter(pl.col("rule_id") == "X-01").to_dicts()] == [
        "persons: the export has no such file or sheet."
    ]
    assert found.sections["people"].height == 0
    assert found.sections["main"].height == 1


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("02/08/2025 10:00", ["offending", "old_age"]),  # keyed at the same minute: both are answers of one day
        ("02/08/2025 10:01", ["offending"]),  # keyed anew a minute later: the first answer is no more
    ],
)
def test_the_answers_to_a_question_with_several_are_kept_together(
    tmp_path: Path, read: Read, second: str, expected: list[str]
) -> None:
    profile = """
[[table]]
file = "answers"
pivot = { per = "Case", name = "Question", value = "Answer", collect = ["Needs"] }
keep = "last"
order_by = "Keyed"
[table.main]
case_ref = "Case"
application_date = "Applied"
[table.support_needs]
case_ref = "Case"
support_need = "Needs"
split_rows = { column = "support_need", by = ";" }
[table.people]
case_ref = "Case"
relationship = { constant = "main_applicant" }
"""
    answers = (
        "Case,Question,Answer,Keyed\n1,Applied,01/07/2025,02/08/2025 10:00\n1,Needs,Old age,02/08/2025 10:00\n"
        f"1,Needs,Offending history,{second}\n"
    )
    found = run(tmp_path, read, profile, answers=answers)
    assert found.sections["support_needs"]["support_need"].to_list() == expected
    assert not [one for one in kinds(found) if one[0].startswith("X-9")]
