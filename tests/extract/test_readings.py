"""Headings in several rows or in none, sheets by a wildcard, and rows that are left out before all else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from odf import table as ods
from odf.opendocument import OpenDocumentSpreadsheet
from odf.text import P

from pipelines.errors import InputError
from pipelines.extract import Extracted, extract, records
from pipelines.extract.reading import joined_headings
from pipelines.findings import ERROR, WARNING
from schemas.sources import ProfileError, parse
from schemas.sources.profile import DATE_FORMATS
from tests.extract.mapped import CASES, run, write

Read = Callable[..., Extracted]
Rows = list[list[Any]]

ONE, TWO, THREE = ("E06000034_00000000000" + number for number in "123")
FEED = """
[table.temporary_accommodation]
case_ref = "Case no"
entry_date = "Placement > Start"
exit_date = "Placement > End"
ta_type = "Placement > Type"
rate = "Rent"
"""
GROUPED = f'[[table]]\nfile = "ta"\nheader_rows = [2, 3]\n{FEED}'
TWO_ROWS: Rows = [
    ["Placements, quarter 3", "", "", "", ""],
    ["Case no", "Placement", "", "", "Rent"],
    ["", "Start", "End", "Type", ""],
    [ONE, "2025-07-10", "2025-08-01", "bb", "400.50"],
    [TWO, "2025-08-02", "", "hostel", "120"],
]
CASES_CSV = f"Case,Applied\n{ONE},2025-07-01\n{TWO},2025-07-02\n{THREE},2025-07-03"


def csv_of(rows: Rows) -> str:
    return "\n".join(",".join(map(str, row)) for row in rows)


def book_of(path: Path, **sheets: Rows) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name.replace("_", " "))
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, place, cell, day)
                    elif cell != "":
                        sheet.write(number, place, cell)


def rules(extracted: Extracted) -> list[str]:
    return sorted(extracted.findings.get_column("rule_id").to_list())


def placements(extracted: Extracted) -> list[tuple[Any, ...]]:
    frame = extracted.sections["temporary_accommodation"]
    return frame.select("case_ref", "entry_date", "exit_date", "ta_type", "rate", "_row").rows()


EXPECTED = [
    (ONE, date(2025, 7, 10), date(2025, 8, 1), "bb", 400.5, 4),
    (TWO, date(2025, 8, 2), None, "hostel", 120.0, 5),
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_two_rows_of_headings_are_read_in_csv(tmp_path: Path, read: Read, delimiter: str) -> None:
    text = csv_of(TWO_ROWS).replace(",", delimiter).replace(f"Placements{delimiter}", "Placements ")
    found = run(tmp_path, read, CASES + GROUPED, cases=CASES_CSV, ta=text)
    assert placements(found) == EXPECTED
    assert "X-09" not in rules(found) and "X-08" not in rules(found), found.findings.rows()


def test_two_rows_of_headings_with_a_line_break_within_one_are_read(tmp_path: Path, read: Read) -> None:
    text = csv_of(TWO_ROWS).replace('"', "").replace("Rent", '"Rent"').replace("Start", '"Sta\nrt"')
    profile = (CASES + GROUPED).replace("Placement > Start", "Placement > Sta rt")
    found = run(tmp_path, read, profile, cases=CASES_CSV, ta=text)
    assert placements(found) == EXPECTED


def test_two_rows_of_headings_are_read_in_a_workbook_with_merged_cells(tmp_path: Path, read: Read) -> None:
    export = write(tmp_path, CASES + GROUPED, cases=CASES_CSV)
    with xlsxwriter.Workbook(str(export / "ta.xlsx")) as book:
        sheet = book.add_worksheet("ta")
        for number, row in enumerate(TWO_ROWS):
            sheet.write_row(number, 0, row)
        sheet.merge_range("A2:A3", "Case no")
        sheet.merge_range("B2:D2", "Placement")
        sheet.merge_range("E2:E3", "Rent")
    found = read(export, str(tmp_path / "mine.toml"))
    assert placements(found) == EXPECTED
    assert "X-67" not in rules(found), "merged headings are nobody's trouble"


def test_two_rows_of_headings_are_read_in_ods(tmp_path: Path, read: Read) -> None:
    export = write(tmp_path, CASES + GROUPED, cases=CASES_CSV)
    book, sheet = OpenDocumentSpreadsheet(), ods.Table(name="ta")
    for row in TWO_ROWS:
        line = ods.TableRow()
        for cell in row:
            one = ods.TableCell(valuetype="string") if cell else ods.TableCell()
            if cell:
                one.addElement(P(text=str(cell)))
            line.addElement(one)
        sheet.addElement(line)
    book.spreadsheet.addElement(sheet)
    book.save(str(export / "ta.ods"))
    assert placements(read(export, str(tmp_path / "mine.toml"))) == EXPECTED


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["A", "", ""], ["x", "y", "z"]], ["A > x", "A > y", "A > z"]),
        ([["", "A", ""], ["x", "y", "z"]], ["x", "A > y", "A > z"]),
        ([["A", "", "B"], ["x", "y", "z"]], ["A > x", "A > y", "B > z"]),
        ([["A", "", "B"], ["", "y", "z"]], ["A", "y", "B > z"]),
        ([["A", "", "B"], ["x", "y", ""]], ["A > x", "A > y", "B"]),
        ([["A", "", ""], ["x", "", "y"], ["1", "2", "3"]], ["A > x > 1", "A > x > 2", "A > y > 3"]),
        ([["A", "B", ""], ["x", "", "y"], ["1", "2", "3"]], ["A > x > 1", "B > 2", "B > y > 3"]),
        ([["A", "", "B", ""], ["x", "y", "", "z"]], ["A > x", "A > y", "B", "z"]),
        ([["A"], ["x", "y"]], ["A > x", "A > y"]),
        ([["A", ""], ["", ""]], ["A", ""]),
    ],
)
def test_a_group_heads_the_columns_up_to_the_next(rows: list[list[str]], expected: list[str]) -> None:
    assert joined_headings(rows) == expected


def test_a_heading_that_belongs_to_a_group_is_pointed_to(tmp_path: Path, read: Read) -> None:
    profile = CASES + GROUPED.replace('"Placement > Start"', '"Start"')
    found = run(tmp_path, read, profile, cases=CASES_CSV, ta=csv_of(TWO_ROWS))
    (message,) = found.findings.filter(pl.col("rule_id") == "X-09").get_column("message")
    assert "Column 2 has a heading close to it." in message


LETTERS = """
[[table]]
file = "ta"
{}
[table.temporary_accommodation]
case_ref = "A"
entry_date = "b"
exit_date = "C"
ta_type = "D"
rate = "E"
"""


@pytest.mark.parametrize("blocks", [False, True], ids=["whole", "in blocks"])
def test_a_csv_file_without_headings_is_read_by_letter(
    tmp_path: Path, read: Read, monkeypatch: pytest.MonkeyPatch, blocks: bool, balanced: Callable[[Extracted], None]
) -> None:
    if blocks:
        monkeypatch.setattr(records, "BLOCK_CHARS", 40)
    profile = CASES + LETTERS.format("header_row = 0")
    found = run(tmp_path, read, profile, cases=CASES_CSV, ta=csv_of(TWO_ROWS[3:]))
    assert placements(found) == [(*row[:-1], row[-1] - 3) for row in EXPECTED]
    assert "X-08" not in rules(found)
    balanced(found)


def test_rows_of_another_length_are_set_aside_where_no_headings_tell_the_length(
    tmp_path: Path, read: Read, balanced: Callable[[Extracted], None]
) -> None:
    text = f"{THREE},2025-07-10\n{csv_of(TWO_ROWS[3:])}\n{THREE},2025-07-10,,bb,1,2,3"
    found = run(tmp_path, read, CASES + LETTERS.format("header_row = 0"), cases=CASES_CSV, ta=text)
    short, long = found.findings.filter(pl.col("rule_id") == "X-20").sort("row").to_dicts()
    assert (short["row"], "2 cells; most rows have 5" in short["message"]) == (1, True)
    assert (long["row"], "7 cells; most rows have 5" in long["message"]) == (4, True)
    balanced(found)


def test_a_sheet_without_headings_is_read_by_letter_from_column_a_on(tmp_path: Path, read: Read) -> None:
    profile = CASES + LETTERS.format("header_row = 0").replace('"E"', '"G"').replace('"A"', '"B"')
    profile = profile.replace('"b"', '"D"').replace('"C"', '"E"').replace('ta_type = "D"', 'ta_type = "F"')
    export = write(tmp_path, profile, cases=CASES_CSV)
    rows = [["", row[0], "", *row[1:]] for row in TWO_ROWS[3:]]
    book_of(export / "ta.xlsx", ta=[[], *rows])
    found = read(export, str(tmp_path / "mine.toml"))
    assert placements(found) == [(*row[:-1], row[-1] - 2) for row in EXPECTED]


def test_a_finding_names_the_column_by_letter_and_heading(tmp_path: Path, read: Read) -> None:
    rows = [["Case", "From", "To", "Kind", "Rent"], [ONE, "10 of July", "", "bb", "100"], [TWO, "", "", "castle", "1"]]
    profile = CASES + LETTERS.format('columns_by = "letter"')
    found = run(tmp_path, read, profile, cases=CASES_CSV, ta=csv_of(rows))
    messages = found.findings.filter(pl.col("rule_id").is_in(["X-30", "X-35"])).sort("row").get_column("message")
    assert "ta.csv, row 2, column 'B (From)'" in messages[0]
    assert "ta.csv, row 3, column 'D (Kind)'" in messages[1]


def test_an_unmapped_column_is_named_by_letter_and_its_heading_stands_under_value(tmp_path: Path, read: Read) -> None:
    rows = [["Case", "From", "To", "Kind", "Rent", "Notes", ""], [ONE, "2025-07-10", "", "bb", "100", "x", ""]]
    profile = CASES + LETTERS.format('columns_by = "letter"')
    found = run(tmp_path, read, profile, cases=CASES_CSV, ta=csv_of(rows))
    (finding,) = found.findings.filter(pl.col("rule_id") == "X-08").to_dicts()
    assert "ta.csv, column 6 (F): the heading is not in the source profile" in finding["message"]
    assert finding["value"] == "Notes"


def test_a_case_in_place_of_the_headings_is_an_error_and_is_not_shown(tmp_path: Path, read: Read) -> None:
    rows = [["E06000034_000000000003", "2025-07-10", "", "Zwingli", "90"], *TWO_ROWS[3:], [THREE, "x", "", "", ""]]
    profile = CASES + LETTERS.format('columns_by = "letter"')
    found = run(tmp_path, read, profile, cases=CASES_CSV, ta=csv_of(rows))
    (finding,) = found.findings.filter(pl.col("rule_id") == "X-10").to_dicts()
    assert (finding["severity"], "ta.csv: row 1 was taken for the headings" in finding["message"]) == (ERROR, True)
    assert not found.findings.get_column("message").str.contains("Zwingli").any()


def test_headings_with_digits_are_no_case(tmp_path: Path, read: Read) -> None:
    rows = [["Ref1", "From", "To", "Kind", "Rent"], *TWO_ROWS[3:]]
    profile = CASES + LETTERS.format('columns_by = "letter"')
    assert "X-10" not in rules(run(tmp_path, read, profile, cases=CASES_CSV, ta=csv_of(rows)))


SKIP = '[[table]]\nfile = "ta"\nheader_rows = [2, 3]\nskip_rows_where = {}\n' + FEED


@pytest.mark.parametrize("blocks", [False, True], ids=["whole", "in blocks"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_totals_are_left_out_and_counted_so(
    tmp_path: Path,
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
    balanced: Callable[[Extracted], None],
    kind: str,
    blocks: bool,
) -> None:
    if blocks:
        monkeypatch.setattr(records, "BLOCK_CHARS", 60)
    rows = [*TWO_ROWS, ["SUBTOTAL  hostels", "", "", "", "120"], ["Total", "", "", "", "520.5"]]
    rows += [["", "", "", "", "printed"], [THREE, "2025-09-01", "", "bb", "10"]]
    skip = '[{ "Case no" = ["Total", "subtotal *"] }, { "Case no" = "", "Rent" = "print*" }]'
    export = write(tmp_path, CASES + SKIP.format(skip), cases=CASES_CSV)
    if kind == "csv":
        (export / "ta.csv").write_text(csv_of(rows), encoding="utf-8")
    else:
        book_of(export / "ta.xlsx", ta=rows)
    found = read(export, str(tmp_path / "mine.toml"))
    assert placements(found) == [*EXPECTED, (THREE, date(2025, 9, 1), None, "bb", 10.0, 9)]
    count = next(one for one in found.files if one.name.startswith("ta"))
    assert (count.rows_read, count.rows_loaded, count.rows_left_out, count.rows_set_aside) == (6, 3, 3, 0)
    assert not {"X-41", "X-70"} & set(rules(found)), found.findings.rows()
    balanced(found)


def test_a_total_with_fewer_cells_than_headings_is_left_out_and_a_broken_row_is_not(
    tmp_path: Path, read: Read, balanced: Callable[[Extracted], None]
) -> None:
    text = csv_of(TWO_ROWS) + f"\nTotal,520.5\n{THREE},2025-09-01"
    skip = '[{ "Case no" = "Total" }, { "Rent" = "" }]'
    found = run(tmp_path, read, CASES + SKIP.format(skip), cases=CASES_CSV, ta=text)
    assert found.findings.filter(pl.col("rule_id") == "X-20").get_column("row").to_list() == [7]
    count = next(one for one in found.files if one.name == "ta.csv")
    assert (count.rows_read, count.rows_left_out, count.rows_set_aside) == (4, 1, 1)
    balanced(found)


def test_a_condition_that_meets_nothing_is_said(tmp_path: Path, read: Read) -> None:
    skip = '{ "Case no" = ["Total", "Sum"] }'
    rows = [*TWO_ROWS, ["Total", "", "", "", "1"]]
    found = run(tmp_path, read, CASES + SKIP.format(skip), cases=CASES_CSV, ta=csv_of(rows))
    (finding,) = found.findings.filter(pl.col("rule_id") == "X-41").to_dicts()
    assert finding["severity"] == WARNING
    assert finding["message"] == "ta.csv, column 'Case no': skip_rows_where leaves out no row by 'Sum'."


def test_a_condition_on_a_column_that_is_not_there_is_an_error(tmp_path: Path, read: Read) -> None:
    found = run(tmp_path, read, CASES + SKIP.format('{ "Sort" = "Total" }'), cases=CASES_CSV, ta=csv_of(TWO_ROWS))
    (finding,) = found.findings.filter(pl.col("rule_id") == "X-09").to_dicts()
    assert (finding["severity"], "ta.csv, column 'Sort'" in finding["message"]) == (ERROR, True)


def test_square_brackets_in_a_condition_are_themselves(tmp_path: Path, read: Read) -> None:
    rows = [*TWO_ROWS, ["[end]", "", "", "", "1"]]
    found = run(tmp_path, read, CASES + SKIP.format('{ "Case no" = "[end]" }'), cases=CASES_CSV, ta=csv_of(rows))
    assert placements(found) == EXPECTED and "X-70" not in rules(found)


MONTHLY = """
[[table]]
sheet = "TA *"
[table.temporary_accommodation]
case_ref = "Case no"
entry_date = "Start"
ta_type = "Type"
"""


def _month(*rows: list[Any]) -> Rows:
    return [["Case no", "Start", "Type"], *rows]


def test_a_wildcard_takes_all_sheets_of_a_workbook_that_fit_it(tmp_path: Path, read: Read) -> None:
    export = write(tmp_path, CASES + MONTHLY, cases=CASES_CSV)
    book_of(
        export / "placements.xlsx",
        ta_July=_month([ONE, date(2025, 7, 10), "bb"]),
        TA_August=_month([TWO, date(2025, 8, 2), "hostel"], [THREE, date(2025, 8, 3), "hostel"]),
        Notes=[["nothing"]],
    )
    found = read(export, str(tmp_path / "mine.toml"))
    assert [row[:2] for row in placements(found)] == [
        (ONE, date(2025, 7, 10)),
        (TWO, date(2025, 8, 2)),
        (THREE, date(2025, 8, 3)),
    ]
    assert [one.name for one in found.not_read] == ["placements.xlsx [Notes]"]


def test_a_sheet_whose_name_is_the_pattern_itself_is_taken_alone(tmp_path: Path, read: Read) -> None:
    export = write(tmp_path, CASES + MONTHLY.replace("TA *", "TA ?"), cases=CASES_CSV)
    book_of(export / "p.xlsx", TA_1=_month([ONE, date(2025, 7, 10), "bb"]), TA_12=_month([TWO, date(2025, 7, 1), "bb"]))
    found = read(export, str(tmp_path / "mine.toml"))
    assert [row[0] for row in placements(found)] == [ONE]


def test_sheets_that_repeat_each_other_are_refused_and_keep_is_named(tmp_path: Path, read: Read) -> None:
    export = write(tmp_path, CASES + MONTHLY, cases=CASES_CSV)
    same = [ONE, date(2025, 7, 10), "bb"]
    book_of(export / "p.xlsx", TA_July=_month(same), TA_August=_month(same))
    with pytest.raises(InputError, match=r"^Sheets repeat each other: 1 of the 1 rows .*\(keep, order_by\)"):
        read(export, str(tmp_path / "mine.toml"))


def test_two_workbooks_with_the_same_sheets_are_two_exports(tmp_path: Path, read: Read) -> None:
    export = write(tmp_path, CASES + MONTHLY, cases=CASES_CSV)
    for name in "ab":
        book_of(export / f"{name}.xlsx", TA_July=_month([ONE, date(2025, 7, 10), "bb"]))
    with pytest.raises(InputError, match=r"more than once: a.xlsx .TA July. and b.xlsx .TA July."):
        read(export, str(tmp_path / "mine.toml"))


def test_workbooks_of_a_month_each_are_read_by_the_wildcard_of_their_sheets(tmp_path: Path, read: Read) -> None:
    export = write(tmp_path, CASES + MONTHLY, cases=CASES_CSV)
    book_of(export / "a.xlsx", TA_July=_month([ONE, date(2025, 7, 10), "bb"]))
    book_of(export / "b.xlsx", TA_August=_month([TWO, date(2025, 8, 2), "bb"]))
    found = read(export, str(tmp_path / "mine.toml"))
    assert [row[0] for row in placements(found)] == [ONE, TWO]


@pytest.mark.parametrize("dates", sorted(DATE_FORMATS))
def test_real_dates_of_a_workbook_are_dates_whatever_the_profile_says(tmp_path: Path, read: Read, dates: str) -> None:
    cases = CASES.replace('file = "cases"', 'sheet = "cases"')
    export = write(tmp_path, f'[options]\ndates = ["{dates}"]\n' + cases)
    book_of(export / "book.xlsx", cases=[["Case", "Applied"], [ONE, date(2025, 2, 1)]])
    found = extract(export, str(tmp_path / "mine.toml"), authority="E06000034", as_at=date(2025, 12, 31))
    assert found.sections["main"].get_column("application_date").to_list() == [date(2025, 2, 1)]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("header_row = -1", "header_row is the number of the row that holds the headings"),
        ("header_row = true", "header_row is the number of the row that holds the headings"),
        ("header_row = 1\nheader_rows = [1, 2]", "header_row or header_rows, not both"),
        ("header_rows = [3, 2]", "header_rows is the list of the rows"),
        ("header_rows = [0, 2]", "header_rows is the list of the rows"),
        ("header_rows = []", "header_rows is the list of the rows"),
        ("header_rows = [1, 2, 3, 4, 5]", "header_rows is the list of the rows"),
        ("header_rows = 2", "header_rows is the list of the rows"),
        ('columns_by = "number"', 'columns_by is "heading" or "letter"'),
        ('header_row = 0\ncolumns_by = "heading"', 'write columns_by = "letter"'),
        ('columns_by = "letter"', 'each column is named by its letter, such as "C"; "Case no" is none'),
        ('skip_rows_where = "Total"', 'skip_rows_where is for example { "Case no" = ["Total", "Subtotal *"] }'),
        ("skip_rows_where = { Status = [] }", "skip_rows_where is for example"),
        ("skip_rows_where = [{}]", "skip_rows_where is for example"),
        ("skip_rows_where = { Status = 3 }", "skip_rows_where is for example"),
    ],
)
def test_a_key_with_a_value_that_is_none_for_it_is_refused(keys: str, words: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parse(f'{CASES}\n[[table]]\nfile = "ta"\n{keys}\n{FEED}', "mine")
    assert words in str(refused.value)


def _month_with_total(*rows: list[Any]) -> Rows:
    return [["Placements"], ["Case no", "Stay", "", "Rent"], ["", "In", "Out", ""], *rows, ["Total", "", "", 999]]


def two_months(export: Path) -> None:
    book_of(
        export / "p.xlsx",
        TA_Jul_2025=_month_with_total([ONE, date(2025, 7, 10), "", 70]),
        TA_Aug_2025=_month_with_total([ONE, date(2025, 7, 10), date(2025, 8, 3), 70], [TWO, date(2025, 8, 9), "", "x"]),
    )


BY_HEADING = """
[input.ta]
sheet = "TA *"
header_rows = [2, 3]
skip_rows_where = { "Case no" = "Total" }
[[table]]
from = "ta"
keep = "last"
per = ["Case no", "Stay > In"]
order_by = "_file"
[table.temporary_accommodation]
case_ref = "Case no"
entry_date = "Stay > In"
exit_date = "Stay > Out"
rate = "Rent"
"""
BY_LETTER = """
[[table]]
sheet = "TA *"
header_rows = [2, 3]
columns_by = "letter"
skip_rows_where = { "A" = "Total" }
keep = "last"
per = ["A", "B"]
order_by = "_file"
[table.temporary_accommodation]
case_ref = "A"
entry_date = "B"
exit_date = "C"
rate = "D"
"""


@pytest.mark.parametrize(
    ("profile", "column"), [(BY_HEADING, "Rent"), (BY_LETTER, "D (Rent)")], ids=["input by heading", "table by letter"]
)
def test_rows_that_steps_read_are_read_in_the_same_way(tmp_path: Path, read: Read, profile: str, column: str) -> None:
    export = write(tmp_path, CASES + profile, cases=CASES_CSV)
    two_months(export)
    found = read(export, str(tmp_path / "mine.toml"))
    frame = found.sections["temporary_accommodation"]
    assert frame.select("case_ref", "entry_date", "exit_date").rows() == [
        (ONE, date(2025, 7, 10), date(2025, 8, 3)),
        (TWO, date(2025, 8, 9), None),
    ]
    (finding,) = found.findings.to_dicts()
    assert f"p.xlsx [TA Aug 2025], row 5, column '{column}': the cell is not" in finding["message"]
    counts = {one.name: (one.rows_read, one.rows_loaded, one.rows_left_out) for one in found.files}
    assert counts["p.xlsx [TA Jul 2025]"] == (2, 0, 2)
    assert counts["p.xlsx [TA Aug 2025]"] == (3, 2, 1)


def test_a_case_in_place_of_the_headings_is_an_error_where_steps_read_it(tmp_path: Path, read: Read) -> None:
    export = write(tmp_path, CASES + BY_LETTER.replace("[2, 3]", "[2, 4]"), cases=CASES_CSV)
    two_months(export)
    found = read(export, str(tmp_path / "mine.toml"))
    assert found.findings.filter(pl.col("rule_id") == "X-10").get_column("file").to_list() == ["p.xlsx [TA Aug 2025]"]
