"""The one-row layout announced for 2026, from a workbook constructed after published-tables.md §5.

No workbook of that layout was at hand. Labels there quoted are used as quoted; the rest follow their pattern.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from pipelines.published.reader import PublishedWorkbook, read_workbook

AREA = ["Area code", "Area name", "Region"]
ENGLAND = ["E92000001", "England", "[z]"]
THURROCK = ["E06000034", "Thurrock", "East of England"]
BRENT = ["E09000005", "Brent", "London"]
WHAT = "This worksheet contains one table. Some cells use shorthand, see the notes worksheet."
Rows = list[list[object]]

NEEDS = [
    "Young person aged 16 to 17",
    "Care leaver aged 25 or over",
    "Old age",
    "At risk of / has experienced domestic abuse",
]

SHEETS: dict[str, Rows] = {
    "Cover": [["Statutory homelessness in England, January to March 2026"]],
    "Notes": [["Note number", "Note text"], ["note 12", "Households in TA at the end of the quarter"]],
    "A1": [
        ["Table A1: Initial assessments, England, January to March 2026 [note 1]"],
        [WHAT],
        [
            *AREA,
            "Initial assessments Total [note 2]",
            "Assessed as owed a duty Owed a prevention or relief duty Total",
            "Assessed as owed a duty Threatened with homelessness within 56 days, prevention duty owed",
            "Assessed as owed a duty Homeless, relief duty owed [note 4]",
        ],
        [*ENGLAND, 86000, 78000, 34000, 44000],
        [*THURROCK, 170, 160, 30, 130],
        [*BRENT, "[x]", "[x]", "[x]", "[x]"],
    ],
    "A3": [
        ["Table A3: Support needs, England, January to March 2026"],
        [
            *AREA,
            "Owed a prevention or relief duty Total",
            "Households with no support needs",
            "Households with one support need",
            "Households with three or more support needs",
            "Number of support needs Total [note 5]",
            *(f"Support need {need}" for need in NEEDS),
        ],
        [*THURROCK, 160, 90, 40, 10, 96, 1, 2, 3, 4],
        [*BRENT, 3, 2, "[c]", "[c]", "[c]", "[c]", "[c]", "[c]", "[c]"],
    ],
    "A5P": [
        ["Table A5P: Household composition, England, January to March 2026"],
        [*AREA, "Owed a prevention duty Total", "Single adult Male", "Single adult Male (%)", "Not known"],
        [*THURROCK, 30, 3, 0.1, "[z]"],
    ],
    "TA1": [
        ["Table TA1: Temporary accommodation, England, 31 March 2026"],
        [*AREA, "Households in TA Total [note 12]", "Households in TA Total (per thousand) Total"],
        [*THURROCK, 702, 9.87480658320439],
    ],
}  # fmt: skip


def as_xlsx(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in SHEETS.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return path


def as_ods(path: Path) -> Path:
    book = OpenDocumentSpreadsheet()
    for name, rows in SHEETS.items():
        table = Table(name=name)
        for row in rows:
            line = TableRow()
            for value in row:
                text = isinstance(value, str)
                cell = TableCell(valuetype="string") if text else TableCell(valuetype="float", value=str(value))
                cell.addElement(P(text=str(value)))
                line.addElement(cell)
            table.addElement(line)
        book.spreadsheet.addElement(table)
    book.save(str(path))
    return path


@pytest.fixture(params=["xlsx", "ods"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> PublishedWorkbook:
    make = {"xlsx": as_xlsx, "ods": as_ods}[request.param]
    return read_workbook(make(tmp_path / f"Detailed_Local_Authority_Data_202603.{request.param}"))


def values(book: PublishedWorkbook, table: str, code: str = "E06000034") -> dict[tuple[str, str], object]:
    rows = book.tidy.filter((book.tidy["la_code"] == code) & (book.tidy["table"] == table))
    return {(path, measure): note or value for path, measure, value, note in
            rows.select("column_path", "measure", "value", "note").rows()}  # fmt: skip


def test_flat_labels_are_read_into_the_same_column_paths(book: PublishedWorkbook) -> None:
    assert book.quarter == "2026-Q1"
    assert book.layout.is_assumed
    owed = "Assessed as owed a duty"
    assert values(book, "A1") == {
        ("Total initial assessments", "count"): 170,
        (f"{owed} > Total owed a prevention or relief duty", "count"): 160,
        (f"{owed} > Threatened with homelessness within 56 days - Prevention duty owed", "count"): 30,
        (f"{owed} > Homeless - Relief duty owed", "count"): 130,
    }
    assert values(book, "TA1") == {
        ("Total number of households in TA", "count"): 702,
        ("Total number of households in TA per (000s)", "rate"): 9.87480658320439,
    }


def test_a3_is_read_by_label_though_its_block_has_moved(book: PublishedWorkbook) -> None:
    found = values(book, "A3")
    needs = "Of which households with: > "
    assert found[f"{needs}At risk of / has experienced domestic abuse", "count"] == 4
    assert found[f"{needs}Care leaver aged 25+", "count"] == 2
    assert found[f"{needs}Young person aged 16-17 years", "count"] == 1
    some = "Households with one or more support needs owed duty > "
    assert (found[f"{some}1", "count"], found[f"{some}3+", "count"]) == (40, 10)
    assert found["Households with no support needs owed duty", "count"] == 90
    assert found["Total number of support needs", "count"] == 96


def test_a_column_that_no_earlier_layout_had_is_reported(book: PublishedWorkbook) -> None:
    unknown = [(p.table, p.label) for p in book.problems if p.kind == "unknown column"]
    assert unknown == [("A3", "D: Owed a prevention or relief duty Total")]


def test_a_percentage_is_told_by_its_label(book: PublishedWorkbook) -> None:
    found = values(book, "A5P")
    assert found["Single adult > Male", "count"] == 3
    assert found["Single adult > Male", "percent"] == 0.1
    assert found["Total owed a prevention duty", "count"] == 30


def test_the_shorthand_in_brackets_keeps_its_three_meanings(book: PublishedWorkbook) -> None:
    assert set(values(book, "A1", "E09000005").values()) == {"missing"}
    assert values(book, "A3", "E09000005")["Total number of support needs", "count"] == "suppressed"
    assert values(book, "A5P")["Not known", "count"] == "not applicable"


def test_cover_and_notes_are_no_unknown_sheets(book: PublishedWorkbook) -> None:
    assert not [p for p in book.problems if p.kind == "unknown sheet"]


@pytest.mark.parametrize(
    "title",
    [
        "England, January to March 2026",
        "Jan-Mar 2026",
        "January – March 2026",
        "Quarter ending March 2026",
        "31 March 2026",
    ],
)
def test_the_quarter_is_read_from_a_title_however_far_down(tmp_path: Path, title: str) -> None:
    head = [*AREA, "Initial assessments Total"]
    rows = [["Statutory homelessness"], ["Guidance"], [], [], [f"Table A1, {title}"], [], head, [*THURROCK, 170]]
    path = tmp_path / "workbook.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("Table A1")
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    book = read_workbook(path)
    assert book.quarter == "2026-Q1"
    assert values(book, "A1") == {("Total initial assessments", "count"): 170}


def test_the_area_code_may_stand_behind_the_name(tmp_path: Path) -> None:
    path = tmp_path / "Detailed_202603.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("A1")
        page.write_row(0, 0, ["Region code", "Area", "Area code", "Initial assessments Total"])
        page.write_row(1, 0, ["E12000006", "Thurrock", "E06000034", "1,170"])
        page.write_row(2, 0, ["E12000006", "Luton", "E06000032", "200"])
    assert values(read_workbook(path), "A1") == {("Total initial assessments", "count"): 1170}


def test_a_percentage_printed_as_44_for_044_is_not_read_as_a_fraction(tmp_path: Path) -> None:
    head = [*AREA, "Owed a prevention duty Total", "Single adult Male", "Single adult Male (%)"]
    path = tmp_path / "Detailed_202603.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("A5P")
        for number, row in enumerate(
            [head, [*THURROCK, 50, 22, 44], ["E06000032", "Luton", "East of England", 10, 3, 30]]
        ):
            page.write_row(number, 0, row)
    read = read_workbook(path)
    assert values(read, "A5P") == {("Total owed a prevention duty", "count"): 50, ("Single adult > Male", "count"): 22}
    said = [p.label for p in read.problems if p.kind == "unknown column"]
    assert said == ["F: Single adult Male (%) (nearest: Single adult > Male (percent))"]
