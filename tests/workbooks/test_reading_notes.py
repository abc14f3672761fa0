"""Notes typed into a workbook of findings are read back, whatever officers did to the rest of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.emit.findings.notes import read_notes
from pipelines.emit.findings.workbook import ID, NOTE
from pipelines.emit.workbooks.model import Book, Cell, Sheet
from pipelines.emit.workbooks.ods import write_ods
from pipelines.errors import InputError
from tests.workbooks.test_findings_workbook import EXAMPLES, finding, written

BLOCKING, TIDIED = "0123456789abcdef", "d" * 16
TYPED, KEPT = "=Asked the landlord", "Asked the landlord."
"""A note that looks like a formula, and the one that the workbook is written with."""


def columns_moved(sheet: Worksheet) -> None:
    """Id and note stand at the left, under the first heading that was there."""
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    titles = values[0]
    order = sorted(range(len(titles)), key=lambda place: titles[place] not in (ID, NOTE))
    for row, line in enumerate(values, start=1):
        for place, old in enumerate(order, start=1):
            cell = sheet.cell(row, place)
            cell.value = line[old]
            cell.data_type = "s" if isinstance(line[old], str) else cell.data_type


def column_hidden(sheet: Worksheet) -> None:
    sheet.column_dimensions["M"].hidden = True


def line_hidden(sheet: Worksheet) -> None:
    sheet.row_dimensions[2].hidden = True


def sheet_renamed(sheet: Worksheet) -> None:
    sheet.title = "For Monday"


def title_above(sheet: Worksheet) -> None:
    sheet.insert_rows(1, 3)
    sheet["A1"] = "Team meeting"


def columns_gone(sheet: Worksheet) -> None:
    sheet.delete_cols(1, 8)


def typed_into(path: Path, change: Callable[[Worksheet], None]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["What blocks"]
    sheet["K2"] = TYPED
    sheet["K2"].data_type = "s"
    change(sheet)
    book.save(path)


@pytest.mark.parametrize(
    "change", [columns_moved, column_hidden, line_hidden, sheet_renamed, title_above, columns_gone, lambda _: None]
)
def test_a_note_is_found_by_its_heading_and_the_id(tmp_path: Path, change: Callable[[Worksheet], None]) -> None:
    path = written(tmp_path) / "findings.xlsx"
    typed_into(path, change)
    assert read_notes(path).rows() == [(BLOCKING, TYPED), (TIDIED, KEPT)]


def test_a_workbook_as_it_was_written_holds_the_notes_that_it_shows(tmp_path: Path) -> None:
    assert read_notes(written(tmp_path) / "findings.xlsx").rows() == [(TIDIED, KEPT)]
    by = written(tmp_path, by="officer") / "by_officer"
    assert read_notes(by / "HO01.xlsx").rows() == [(TIDIED, KEPT)]
    assert read_notes(by / "HO02.xlsx").rows() == []


def test_notes_on_several_sheets_are_all_kept(tmp_path: Path) -> None:
    path = written(tmp_path, (*EXAMPLES, finding(in_return="no", note="second"))) / "findings.xlsx"
    typed_into(path, lambda _: None)
    assert (BLOCKING, "second") in read_notes(path).rows()
    assert (BLOCKING, TYPED) in read_notes(path).rows()


def test_a_workbook_saved_as_ods_is_read_like_the_other(tmp_path: Path) -> None:
    cells = [Cell(0, 0, NOTE), Cell(0, 1, ID), Cell(1, 0, "Rang twice"), Cell(1, 1, BLOCKING), Cell(2, 1, TIDIED)]
    made = datetime(2025, 9, 30)  # noqa: DTZ001 - the format knows no zone
    write_ods(Book(made, [Sheet("What blocks", cells)]), tmp_path / "findings.ods")
    assert read_notes(tmp_path / "findings.ods").rows() == [(BLOCKING, "Rang twice")]


def test_a_line_without_the_id_of_a_finding_notes_nothing(tmp_path: Path) -> None:
    path = written(tmp_path) / "findings.xlsx"
    book = openpyxl.load_workbook(path)
    book["What blocks"]["K3"], book["What blocks"]["M3"] = "a line of my own", "see above"
    book.save(path)
    assert read_notes(path).rows() == [(TIDIED, KEPT)]


def test_a_workbook_of_something_else_is_refused_in_a_sentence(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "rota.xlsx")
    with pytest.raises(InputError, match=r"rota\.xlsx is no workbook of findings: no sheet has the headings Your note"):
        read_notes(tmp_path / "rota.xlsx")
    assert read_notes(tmp_path / "rota.xlsx", must_be_findings=False).is_empty()


def test_a_file_that_is_no_workbook_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.xlsx").write_text("Asked the landlord", encoding="utf-8")
    with pytest.raises(InputError, match=r"The workbook notes\.xlsx cannot be read"):
        read_notes(tmp_path / "notes.xlsx")
