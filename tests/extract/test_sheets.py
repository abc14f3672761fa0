"""What a sheet hides from its reader is said: a cell read as empty that is none, a row that nobody sees."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from odf import table as ods
from odf.opendocument import OpenDocumentSpreadsheet
from odf.text import P

from pipelines.extract import Extracted
from pipelines.extract.sheet_marks import letters_of, marks_of, number_of
from pipelines.findings import ERROR, WARNING

Read = Callable[..., Extracted]
HEADINGS = ("case_ref", "support_need")
ROWS = (("E06000034_000000000001", "mental"), ("E06000034_000000000002", "none"))


def sheet(export: Path, change: Callable[[Any, Any], None]) -> Path:
    """The small export, its support needs in a workbook that has been changed."""
    (export / "support_needs.csv").unlink()
    with xlsxwriter.Workbook(str(export / "support_needs.xlsx")) as book:
        one = book.add_worksheet("support_needs")
        for number, row in enumerate((HEADINGS, *ROWS)):
            one.write_row(number, 0, row)
        change(one, book)
    return export


def only(extracted: Extracted) -> dict[str, Any]:
    """The single finding of the sheet."""
    found = extracted.findings.filter(extracted.findings["rule_id"].is_in(["X-65", "X-66", "X-67", "X-68"]))
    assert found.height == 1, extracted.findings.rows()
    return found.row(0, named=True)


@pytest.mark.parametrize("error", ["#REF!", "#N/A", "#DIV/0!"])
def test_a_formula_that_failed_is_an_error_and_not_an_empty_cell(export: Path, read: Read, error: str) -> None:
    found = only(read(sheet(export, lambda one, _: one.write_formula("B3", "=B99", None, error))))
    assert (found["rule_id"], found["severity"], found["row"]) == ("X-65", ERROR, 3)
    assert found["message"].startswith("support_needs.xlsx [support_needs], row 3, column 'support_need': 1 cells")


def test_a_formula_without_a_result_is_an_error_and_not_an_empty_cell(export: Path, read: Read) -> None:
    sheet(export, lambda one, _: one.write_formula("B3", '="mental"', None, ""))
    path = export / "support_needs.xlsx"
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in parts.items():
            packed.writestr(name, data.replace(b"</f><v></v>", b"</f>"))
    assert (only(read(export))["rule_id"], only(read(export))["row"]) == ("X-66", 3)


def test_merged_cells_among_the_rows_are_an_error_and_above_them_none(export: Path, read: Read) -> None:
    found = only(read(sheet(export, lambda one, _: one.merge_range("B2:B3", "mental"))))
    assert (found["rule_id"], found["severity"], found["row"]) == ("X-67", ERROR, 2)


def test_merged_headings_are_nobodys_trouble(export: Path, read: Read) -> None:
    found = read(sheet(export, lambda one, _: one.merge_range("D1:E1", "notes")))
    assert "X-67" not in found.findings.get_column("rule_id").to_list()


def test_hidden_rows_are_read_and_named(export: Path, read: Read) -> None:
    found = read(sheet(export, lambda one, _: one.set_row(2, None, None, {"hidden": True})))
    assert (only(found)["rule_id"], only(found)["severity"], only(found)["row"]) == ("X-68", WARNING, 3)
    assert found.sections["support_needs"].height == 2


def test_dates_of_the_calendar_of_1904_are_read_as_shown(tmp_path: Path) -> None:
    from datetime import date

    from pipelines.extract.workbooks import Workbook

    path = tmp_path / "mac.xlsx"
    with xlsxwriter.Workbook(str(path), {"date_1904": True}) as book:
        one = book.add_worksheet("a")
        one.write_row(0, 0, ["day"])
        one.write_datetime(1, 0, date(2025, 1, 2), book.add_format({"num_format": "dd/mm/yyyy"}))
    assert Workbook(path.read_bytes()).read("a", "a", 1).frame.get_column("c0").to_list() == ["2025-01-02"]


def test_marks_of_an_ods_sheet_count_repeated_rows_and_cells(tmp_path: Path) -> None:
    one = ods.Table(name="a&b")
    row = ods.TableRow(numberrowsrepeated=3)
    row.addElement(_cell("x", numbercolumnsrepeated=4))
    one.addElement(row)
    row = ods.TableRow(visibility="collapse")
    row.addElement(_cell("y", numbercolumnsspanned=1, numberrowsspanned=2))
    one.addElement(row)
    row = ods.TableRow(numberrowsrepeated=1_048_570)
    row.addElement(ods.TableCell(numbercolumnsrepeated=16_384))
    one.addElement(row)
    book = OpenDocumentSpreadsheet()
    book.spreadsheet.addElement(one)
    path = tmp_path / "a.ods"
    book.save(str(path))
    with zipfile.ZipFile(path) as packed:
        marks = marks_of(packed)["a&b"]
    assert (marks.cells, marks.hidden_rows, marks.merged) == (4 * 4, (4,), ((4, 5),))


def _cell(text: str, **attributes: int) -> ods.TableCell:
    cell = ods.TableCell(valuetype="string", **attributes)
    cell.addElement(P(text=text))
    return cell


@pytest.mark.parametrize("size", [1, 700, 4 * 1024**2])
def test_marks_do_not_depend_on_how_the_sheet_is_cut(export: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.extract import sheet_marks

    def change(one: Any, _: Any) -> None:
        one.write_formula("B3", "=B99", None, "#REF!")
        one.set_row(2, None, None, {"hidden": True})
        one.merge_range("A4:B5", "x")

    monkeypatch.setattr(sheet_marks, "CHUNK", size)
    with zipfile.ZipFile(sheet(export, change) / "support_needs.xlsx") as packed:
        marks = marks_of(packed)["support_needs"]
    assert (marks.cells, marks.hidden_rows, marks.merged, marks.errors) == (8, (3,), ((4, 5),), ((3, "B"),))


def test_letters_of_columns() -> None:
    assert [letters_of(number) for number in (1, 26, 27, 16_384)] == ["A", "Z", "AA", "XFD"]
    assert all(number_of(letters_of(number)) == number for number in range(1, 1_000))
