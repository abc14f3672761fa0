"""Faults of layout that published workbooks have had, each in a small constructed workbook."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from pipelines.errors import InputError
from pipelines.published.reader import PublishedWorkbook, read_workbook

TITLE = "Table {} - Number of households, England, October to December 2024"
OWED = "Assessed as owed a duty"
THURROCK = "E06000034"


class Sheet:
    """A sheet of a constructed workbook: cells and merged cells by address."""

    def __init__(self, table: str, name: str = "", title: str = TITLE) -> None:
        self.name = name or table
        self.cells: dict[str, object] = {"A1": title.format(table)}
        self.merged: dict[str, str] = {}
        self.hidden: list[int] = []

    def put(self, **cells: object) -> Sheet:
        self.cells.update(cells)
        return self

    def row(self, number: int, code: str, name: str, **figures: object) -> Sheet:
        self.cells.update({f"A{number}": code, f"B{number}": name})
        self.cells.update({f"{letters}{number}": figure for letters, figure in figures.items()})
        return self

    def merge(self, cells: str, label: str) -> Sheet:
        self.merged[cells] = label
        return self


def write(path: Path, *sheets: Sheet) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            for cells, label in sheet.merged.items():
                page.merge_range(cells, label)
            for cell, value in sheet.cells.items():
                page.write_string(cell, value) if isinstance(value, str) else page.write(cell, value)
            for number in sheet.hidden:
                page.set_row(number - 1, None, None, {"hidden": True})
    return path


def a1(name: str = "A1") -> Sheet:
    """A1 as it stood in 2024-Q4, in few columns, with stacked merged headings."""
    sheet = Sheet("A1", name)
    sheet.put(
        E3="Total initial assessments1,2",
        G4="Total owed a prevention or relief duty",
        J4="Homeless - Relief duty owed4",
    )
    sheet.put(H4="Threatened with homelessness within 56 days - Prevention duty owed", I4="Of which:")
    sheet.put(I5="due to service of valid Section 21 Notice3").merge("G3:J3", OWED)
    sheet.row(6, "E92000001", "ENGLAND", E=84250, G=76270, H=33630, I=4960, J=42640)
    return sheet.row(8, THURROCK, "Thurrock", E=170, G=160, H=30, I=10, J=130)


def values(book: PublishedWorkbook, code: str = THURROCK, measure: str = "count") -> dict[str, object]:
    rows = book.tidy.filter((book.tidy["la_code"] == code) & (book.tidy["measure"] == measure))
    return {path: note or value for path, value, note in rows.select("column_path", "value", "note").rows()}


def kinds(book: PublishedWorkbook, *without: str) -> set[tuple[str, str]]:
    return {(p.kind, p.label) for p in book.problems if p.kind not in ("missing table", "missing column", *without)}


A1_OF_THURROCK = {
    "Total initial assessments": 170,
    f"{OWED} > Total owed a prevention or relief duty": 160,
    f"{OWED} > Threatened with homelessness within 56 days - Prevention duty owed": 30,
    f"{OWED} > due to service of valid Section 21 Notice": 10,
    f"{OWED} > Homeless - Relief duty owed": 130,
}


def test_stacked_merged_headings_spell_the_path_without_of_which(tmp_path: Path) -> None:
    book = read_workbook(write(tmp_path / "b.xlsx", a1()))
    assert book.quarter == "2024-Q4"
    assert values(book) == A1_OF_THURROCK
    assert kinds(book) == set()


def test_one_flat_row_of_known_labels_is_read_for_a_known_quarter_and_no_other_is_guessed(tmp_path: Path) -> None:
    # An authority's own workbook, or a quarter that is published again in the later layout.
    sheet = Sheet("A1").put(C3="Total initial assessments", D3=f"{OWED} Total owed a prevention or relief duty")
    sheet.put(E3="Threatened in the next eight weeks", F3=f"{OWED} Homeless - Relief duty owed")
    sheet.row(4, "E92000001", "ENGLAND", C=84250, D=76270, E=33630, F=42640)
    sheet.row(5, THURROCK, "Thurrock", C=170, D=160, E=30, F=130)
    book = read_workbook(write(tmp_path / "b.xlsx", sheet))
    assert values(book) == {
        "Total initial assessments": 170,
        f"{OWED} > Total owed a prevention or relief duty": 160,
        f"{OWED} > Homeless - Relief duty owed": 130,
    }
    assert kinds(book) == {("unknown column", "E: Threatened in the next eight weeks")}


@pytest.mark.parametrize("name", ["A1_", "A1 - Oct-Dec 24", "a1"])
def test_suffixes_of_sheet_names_do_not_matter(tmp_path: Path, name: str) -> None:
    assert values(read_workbook(write(tmp_path / "b.xlsx", a1(name)))) == A1_OF_THURROCK


def test_columns_are_found_by_label_when_they_change_places(tmp_path: Path) -> None:
    sheet = Sheet("A1").put(H3="Total initial assessments", E4="Homeless - Relief duty owed")
    sheet.put(F4="Total owed a prevention or relief duty").merge("E3:F3", OWED)
    sheet.row(6, THURROCK, "Thurrock", E=130, F=160, H=170)
    found = values(read_workbook(write(tmp_path / "b.xlsx", sheet)))
    assert found == {path: value for path, value in A1_OF_THURROCK.items() if path in found}
    assert len(found) == 3


def test_a_working_row_left_visible_does_not_rename_columns(tmp_path: Path) -> None:
    # 2024-Q1 left row 2 of A3 visible: labels close to those below it, and some equal to them.
    sheet = a1().put(E2="Grand Total", G2="Not known", H2="Total initial assessments", J2="Old age")
    assert values(read_workbook(write(tmp_path / "b.xlsx", sheet))) == A1_OF_THURROCK


def test_a_hidden_working_row_below_the_headings_does_not_rename_columns(tmp_path: Path) -> None:
    sheet = a1()
    sheet.hidden = [5]
    sheet.put(E5="Homeless - Relief duty owed", J5="Total initial assessments")
    assert values(read_workbook(write(tmp_path / "b.xlsx", sheet))) == A1_OF_THURROCK


def test_a_heading_hidden_by_mistake_still_names_its_column(tmp_path: Path) -> None:
    # 2021-Q4 hides the row that holds "Total number of support needs" of A3.
    sheet = Sheet("A3").put(E4="Households with no support needs owed duty1,2", M3="Total number of support needs1")
    sheet.hidden = [3]
    sheet.row(6, THURROCK, "Thurrock", E=51, M=96)
    assert values(read_workbook(write(tmp_path / "b.xlsx", sheet)))["Total number of support needs"] == 96


def test_percentages_are_told_from_their_counts(tmp_path: Path) -> None:
    # A5P merges the label over both columns; A6 prints "%" in a heading of its own.
    a5p = Sheet("A5P").merge("E4:F4", "Total owed a prevention duty1").merge("H4:M4", "Single adult2")
    a5p.merge("H5:I5", "Male").merge("J5:K5", "Female")
    a5p.row(7, THURROCK, "Thurrock", E=30, F=1.0, H=3, I=0.1, J=6, K=0.2)
    a6 = Sheet("A6").put(E4="Total owed a prevention or relief duty1", G4="16-17", H4="%", I4="75+", J4="%")
    a6.row(6, THURROCK, "Thurrock", E=160, F=1.0, G=8, H="5%", I="0", J=0)
    book = read_workbook(write(tmp_path / "b.xlsx", a5p, a6))
    counts, shares = values(book), values(book, measure="percent")
    assert counts["Single adult > Female"] == 6
    assert shares["Single adult > Female"] == 0.2
    assert (counts["16-17"], shares["16-17"]) == (8, 0.05)
    assert (counts["75+"], shares["75+"]) == (0, 0)


def test_shorthand_is_told_apart_and_a_text_zero_is_zero(tmp_path: Path) -> None:
    sheet = Sheet("A6").put(E4="Total owed a prevention or relief duty1", G4="16-17", I4="18-24", K4="25-34", M4="75+")
    sheet.row(6, THURROCK, "Thurrock", E="..", G="-", I="[z]", K="0", M="")
    found = values(read_workbook(write(tmp_path / "b.xlsx", sheet)))
    assert list(found.values()) == ["missing", "suppressed", "not applicable", 0, "not published"]


def test_a_missing_percentage_printed_with_two_zeros_is_missing(tmp_path: Path) -> None:
    sheet = Sheet("A6").put(E4="Total owed a prevention or relief duty1", F4="%")
    sheet.row(6, THURROCK, "Thurrock", E="..", F="..00%")
    assert list(values(read_workbook(write(tmp_path / "b.xlsx", sheet)), measure="percent").values()) == ["missing"]


def test_zero_per_cent_of_a_suppressed_count_is_suppressed_and_reported(tmp_path: Path) -> None:
    sheet = Sheet("A6").put(E4="Total owed a prevention or relief duty1", G4="16-17", H4="%")
    sheet.row(6, THURROCK, "Thurrock", E=3, G="-", H=0)
    book = read_workbook(write(tmp_path / "b.xlsx", sheet))
    assert values(book, measure="percent")["16-17"] == "suppressed"
    assert ("0% beside a suppressed count, read as suppressed", "1 cells") in kinds(book)


def test_of_one_authority_only_its_own_cells_are_reported(tmp_path: Path) -> None:
    sheet = Sheet("A6").put(E4="Total owed a prevention or relief duty1", G4="16-17", H4="%")
    sheet.row(6, THURROCK, "Thurrock", E=3, G="-", H=0).row(7, "E06000043", "Brighton & Hove", E="see note", G="-", H=0)
    path = write(tmp_path / "b.xlsx", sheet)
    zero = "0% beside a suppressed count, read as suppressed"
    assert kinds(read_workbook(path)) == {(zero, "2 cells"), ("unreadable cell", "E7")}
    assert kinds(read_workbook(path, THURROCK)) == {(zero, "1 cells")}


def test_a_stray_block_beside_the_table_is_reported_and_not_read(tmp_path: Path) -> None:
    sheet = a1().put(X4="Grand Total")
    sheet.row(8, THURROCK, "Thurrock", X=999)
    book = read_workbook(write(tmp_path / "b.xlsx", sheet))
    assert values(book) == A1_OF_THURROCK
    assert kinds(book) == {("unknown column", "X: Grand Total")}


def test_stray_rows_below_the_table_do_not_replace_a_region(tmp_path: Path) -> None:
    # A5R has carried region codes and names under the table since 2020-Q3.
    sheet = a1().row(5 + 2, "E12000007", "London", E=13600).row(40, "E12000007", "London", E=1)
    sheet.row(41, "-", "Lookup", E=2).put(D42="E12000002", E42=3)
    book = read_workbook(write(tmp_path / "b.xlsx", sheet))
    assert values(book, "E12000007")["Total initial assessments"] == 13600
    assert set(book.tidy["la_code"]) == {"E92000001", "E12000007", THURROCK}


def test_a_missing_column_an_unknown_sheet_and_a_missing_table_are_named(tmp_path: Path) -> None:
    book = read_workbook(write(tmp_path / "b.xlsx", a1(), Sheet("Contents"), Sheet("B9")))
    problems = {(p.kind, p.table, p.label) for p in book.problems}
    assert ("missing column", "A1", "Withdrew application before assessment - no duty owed") in problems
    assert ("missing column", "A1", "Households assessed as homeless per (000s) (rate)") in problems
    assert ("missing table", "TA1", "TA1") in problems
    assert ("unknown sheet", "", "B9") in problems
    assert not [p for p in book.problems if p.label == "Contents"]


def test_a_cell_that_is_neither_number_nor_shorthand_is_reported_without_its_value(tmp_path: Path) -> None:
    sheet = a1().row(8, THURROCK, "Thurrock", E="see note")
    book = read_workbook(write(tmp_path / "b.xlsx", sheet))
    assert values(book)["Total initial assessments"] == "not published"
    assert kinds(book) == {("unreadable cell", "E8")}


def test_suppression_in_ta9_reaches_the_tables_behind_it(tmp_path: Path) -> None:
    # Republished 2025-Q2 prints ".." in TA9_TATYPE where TA9 prints "-" (published-tables.md §2, defect 6).
    title = "Table {} - Households, 30 June 2025"
    ta9 = Sheet("TA9", title=title).put(F3="Total Sent to another local authority district 1,2,3,4,5")
    ta9.row(5, THURROCK, "Thurrock", F="-").row(6, "E06000043", "Brighton & Hove", F="..")
    ta_type = Sheet("TA9_TATYPE", title=title).put(
        G2="Total placed in temporary accommodation in another local authority area"
    )
    ta_type.row(4, THURROCK, "Thurrock", G="..").row(5, "E06000043", "Brighton & Hove", G="..")
    book = read_workbook(write(tmp_path / "b.xlsx", ta9, ta_type))
    rows = book.tidy.filter(book.tidy["table"] == "TA9_TATYPE")
    assert dict(rows.select("la_code", "note").rows()) == {THURROCK: "suppressed", "E06000043": "missing"}


def test_the_quarter_comes_from_the_titles_and_else_from_the_file_name(tmp_path: Path) -> None:
    untitled = a1()
    untitled.cells["A1"] = "Table A1"
    assert read_workbook(write(tmp_path / "Detailed_LA_202412.xlsx", untitled)).quarter == "2024-Q4"
    with pytest.raises(InputError):
        read_workbook(write(tmp_path / "b.xlsx", untitled))


def test_a_file_named_for_another_quarter_than_its_titles_is_reported(tmp_path: Path) -> None:
    book = read_workbook(write(tmp_path / "Detailed_LA_202409.xlsx", a1()))
    assert book.quarter == "2024-Q4"
    assert kinds(book) == {("file name says another quarter than the titles", "2024-Q3")}


def test_a_quarter_before_these_tables_began_is_an_input_error(tmp_path: Path) -> None:
    old = a1()
    old.cells["A1"] = "Table A1, England, October to December 2017"
    with pytest.raises(InputError):
        read_workbook(write(tmp_path / "b.xlsx", old))


def test_a_workbook_without_any_such_table_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_workbook(write(tmp_path / "b.xlsx", Sheet("Budget")))
