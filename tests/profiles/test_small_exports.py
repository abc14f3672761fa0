"""Exports of few cases: sheets of months under headings in two rows, and answers by the numbers of their questions."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from pipelines.profiles.draft import draft
from pipelines.profiles.trial import try_out
from tests.profiles.mapped import data

Cell = str | int | date | None
BED, HOSTEL = "Bed and breakfast hotels (including shared annexes)", "Hostels (including reception centres)"


def _workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> None:
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(number, place, cell)


def _file(folder: Path, name: str, rows: Sequence[Sequence[Cell]]) -> None:
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["" if cell is None else cell for cell in row] for row in rows])


def _drafted(export: Path) -> tuple[str, list[Mapping[str, object]]]:
    text = draft(export, "drafted").text
    return text, data(text)["table"]  # type: ignore[return-value]


def _read(export: Path, text: str, folder: Path) -> dict[str, pl.DataFrame]:
    profile = folder / "drafted.toml"
    profile.write_text(text, encoding="utf-8")
    made = try_out(export, str(profile), authority="E06000034", as_at=date(2025, 9, 30))
    return dict(made.extracted.sections)


def _cases() -> list[list[Cell]]:
    rows = [[f"C{one:04}", date(2025, 7, one), "Relief duty owed", "X", date(1980 + one, 1, 1)] for one in range(1, 7)]
    head: list[Cell] = ["Case no", "Applied", "Decision", "Name", "DOB"]
    return [head, *rows]


def _month(name: str, cases: Sequence[int]) -> list[list[Cell]]:
    rows: list[list[Cell]] = [
        [
            f"C{one:04}",
            BED if one < 4 else HOSTEL,
            date(2025, 7, one + 5),
            date(2025, 8, 20) if one == 2 and name != "TA Jul 2025" else None,
            350,
            "HB",
        ]
        for one in cases
    ]
    return [
        [f"Temporary accommodation: {name}"],
        ["Case no", "Placement", None, None, "Money", None],
        [None, "Type", "Start", "End", "Rent pw", "Paid by"],
        *rows,
        ["Total", None, None, None, 999, None],
    ]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An empty folder for an export."""
    folder = tmp_path / "export"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("last", [[3, 4, 5, 6], [6], []], ids=["several", "one row", "no row"])
def test_sheets_of_months_under_two_rows_of_headings_are_one_table(
    last: list[int], export: Path, tmp_path: Path
) -> None:
    months = {"TA Jul 2025": [1, 2, 3, 4, 5, 6], "TA Aug 2025": [2, 3, 4, 5, 6], "TA Sep 2025": last}
    _workbook(export / "export.xlsx", {"Cases": _cases(), **{name: _month(name, who) for name, who in months.items()}})
    text, tables = _drafted(export)
    placed = next(table for table in tables if "temporary_accommodation" in table)
    assert placed["sheet"] == "TA *"
    assert placed["header_rows"] == [2, 3]
    assert placed["skip_rows_where"] == {"Case no": ["Total*"]}
    assert (placed["keep"], placed["order_by"]) == ("last", "_file")
    assert placed["per"] == ["Case no", "Placement > Start"]
    fields = placed["temporary_accommodation"]
    assert isinstance(fields, dict)
    assert fields["case_ref"] == "Case no"
    assert fields["ta_type"] == "Placement > Type"
    assert fields["exit_date"] == "Placement > End"
    read = _read(export, text, tmp_path)
    assert read["temporary_accommodation"].height == 6
    assert read["temporary_accommodation"]["exit_date"].drop_nulls().to_list() == [date(2025, 8, 20)]


def test_a_birth_beside_the_case_is_that_of_the_main_applicant(export: Path, tmp_path: Path) -> None:
    _file(export, "Cases", [[str(cell)[:10] if cell else cell for cell in row] for row in _cases()])
    text, tables = _drafted(export)
    people = next(table["people"] for table in tables if "people" in table)
    assert people == {
        "case_ref": "Case no",
        "date_of_birth": "DOB",
        "relationship": {"constant": "main_applicant"},
    }
    assert "X" not in text.split("[table.main]")[1].split("#")[0]
    assert _read(export, text, tmp_path)["people"]["date_of_birth"].null_count() == 0


def test_a_column_without_a_heading_is_no_reference(export: Path) -> None:
    rows = _cases()
    rows[0][0] = None
    rows = [[*row, "Ref" if number == 0 else f"R{number:03}"] for number, row in enumerate(rows)]
    _file(export, "Cases", [[str(cell)[:10] if cell else cell for cell in row] for row in rows])
    _file(export, "Visits", [["Case no", "Visitor"], *[[f"C{one:04}", "X"] for one in range(1, 7)]])
    text, _ = _drafted(export)
    assert '= ""' not in text


_LABELS: list[list[Cell]] = [
    ["Kind", "ID", "Label"],
    ["question", "Q1", "Date applied"],
    ["question", "Q2", "Assessment"],
    ["question", "Q3", "Needs"],
    ["question", "Q9", "Anything else"],
    ["answer", "A7", "Prevention duty owed"],
    ["answer", "A8", "Relief duty owed"],
    ["answer", "A11", "Old age"],
    ["answer", "A12", "Offending history"],
]
_ANSWERS: list[list[Cell]] = [
    ["CaseID", "QuestionID", "AnswerID", "Text", "Keyed"],
    [1001, "Q1", None, "03/07/2025", "01/08/2025 10:00"],
    [1001, "Q2", "A7", None, "01/08/2025 10:00"],
    [1001, "Q3", "A11", None, "01/08/2025 10:00"],
    [1001, "Q3", "A12", None, "01/08/2025 10:00"],
    [1002, "Q1", None, "14/07/2025", "01/08/2025 10:00"],
    [1002, "Q2", "A7", None, "01/08/2025 10:00"],
    [1002, "Q2", "A8", None, "02/08/2025 10:00"],
    [1002, "Q9", None, "some free text", "02/08/2025 10:00"],
]


def _household(export: Path) -> None:
    _file(
        export,
        "household",
        [
            ["CaseID", "PersonID", "Role"],
            [1001, 77, "Main applicant"],
            [1001, 78, "Partner"],
            [1002, 79, "Main applicant"],
        ],
    )
    _file(
        export,
        "persons",
        [
            ["PersonID", "Born", "Sex"],
            [77, "01/02/1980", "F"],
            [78, "05/03/1981", "M"],
            [79, "16/07/1990", "M"],
            [80, "16/07/1990", "M"],
        ],
    )


def test_answers_by_number_are_turned_by_their_look_up(export: Path, tmp_path: Path) -> None:
    _file(export, "answers", _ANSWERS)
    _file(export, "lookup", _LABELS)
    _household(export)
    text, tables = _drafted(export)
    answers = next(table for table in tables if table["file"] == "answers")
    assert answers["codes_from"] == [
        {"column": name, "file": "lookup", "key": "ID", "label": "Label", "where": {"Kind": kind}}
        for name, kind in (("QuestionID", "question"), ("AnswerID", "answer"))
    ]
    assert answers["pivot"] == {
        "per": "CaseID",
        "name": "QuestionID",
        "value": ["AnswerID", "Text"],
        "collect": ["Needs"],
    }
    assert (answers["keep"], answers["order_by"]) == ("last", "Keyed")
    read = _read(export, text, tmp_path)
    assert read["main"].sort("case_ref").select("case_ref", "application_date", "assess1").rows() == [
        ("1001", date(2025, 7, 3), "prevention"),
        ("1002", date(2025, 7, 14), "relief"),
    ]
    assert sorted(read["support_needs"].select("case_ref", "support_need").rows()) == [
        ("1001", "offending"),
        ("1001", "old_age"),
    ]
    assert read["people"].height == 3
    assert read["people"]["date_of_birth"].null_count() == 0


def test_answers_that_cannot_be_turned_leave_the_reference_of_the_case_and_a_reason(export: Path) -> None:
    odd = ["Zlorp", "Quux", "Frobnicate", "Blargh"]
    labels = [row if row[0] != "question" else [*row[:2], odd.pop()] for row in _LABELS]
    _file(export, "answers", _ANSWERS)
    _file(export, "lookup", labels)
    _household(export)
    text, tables = _drafted(export)
    feeds = [part for table in tables for part in table.values() if isinstance(part, dict) and "case_ref" in part]
    assert {part["case_ref"] for part in feeds} == {"CaseID"}
    assert "Not decided: the answers" in text.replace("\n# ", " ")


def test_files_of_months_with_the_reference_last_are_one_table(export: Path, tmp_path: Path) -> None:
    _file(
        export,
        "register",
        [
            ["Presented on", "Applicant surname", "Application ref", "Outcome of assessment"],
            *[[f"{one}/07/2025", "X", f"HA/{one}", "Relief duty owed"] for one in range(11, 17)],
        ],
    )
    for month, who in (("07", range(11, 17)), ("08", range(13, 17)), ("09", range(0))):
        stays: list[list[Cell]] = [
            [f"{one}/07/2025", "20/08/2025" if (one, month) == (13, "08") else None, BED, "L", 45, f"HA/{one}"]
            for one in who
        ]
        _file(
            export,
            f"nightly_2025-{month}",
            [
                ["Nightly lets", *[None] * 5],
                ["Stay", None, "Accommodation", None, "Charge", "Application ref"],
                ["Moved in", "Moved out", "Kind", "Landlord", "Per night", None],
                *stays,
                ["Total", None, None, None, 99, None],
            ],
        )
    text, tables = _drafted(export)
    placed = next(table for table in tables if "temporary_accommodation" in table)
    assert placed["file"] == "nightly_2025-*"
    assert placed["header_rows"] == [2, 3]
    assert placed["per"] == ["Application ref", "Stay > Moved in"]
    read = _read(export, text, tmp_path)
    assert read["temporary_accommodation"].height == 6
    assert read["temporary_accommodation"]["exit_date"].drop_nulls().to_list() == [date(2025, 8, 20)]


def test_answers_beside_texts_under_other_headings_need_no_look_up(export: Path, tmp_path: Path) -> None:
    rows: list[list[Cell]] = [["Question", "Chosen", "Free text", "Application number", "Entered"]]
    for case in (1, 2, 3):
        answers: list[tuple[str, str | None, str | None]] = [
            ("Date of application", None, f"1{case}/07/2025"),
            ("Initial assessment", "Relief duty owed", None),
            ("Support needs", "Old age", None),
            ("Support needs", "Offending history", None),
            ("Anything else to tell us", None, "none"),
        ]
        rows += [[*answer, case, "2025-08-01 09:00"] for answer in answers]
    _file(export, "responses", rows)
    text, _ = _drafted(export)
    read = _read(export, text, tmp_path)
    assert read["main"]["application_date"].to_list() == [date(2025, 7, day) for day in (11, 12, 13)]
    assert read["main"]["assess1"].to_list() == ["relief"] * 3
    assert read["support_needs"].height == 6


def test_questions_and_answers_with_the_same_numbers_have_each_their_own_look_up(export: Path, tmp_path: Path) -> None:
    _file(export, "form_questions", [["id", "question"], [1, "Application date"], [2, "Initial assessment"]])
    _file(export, "form_options", [["id", "label"], [1, "Relief duty owed"], [2, "Prevention duty owed"]])
    rows: list[list[Cell]] = [["answer_id", "form_question_id", "free_text", "application_id", "modified"]]
    for case in (1, 2, 3):
        rows += [
            [None, 1, f"1{case}/07/2025", case, "2025-08-01"],
            [2, 2, None, case, "2025-08-01"],
            [1, 2, None, case, "2025-08-03"],
        ]
    _file(export, "form_answers", rows)
    text, _ = _drafted(export)
    read = _read(export, text, tmp_path)
    assert read["main"].select("case_ref", "application_date", "assess1").rows() == [
        (str(case), date(2025, 7, 10 + case), "relief") for case in (1, 2, 3)
    ]
