"""One writer for every workbook: the same cells in XLSX and in ODS, and no text of the data taken for anything else."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from pipelines.emit.workbooks.model import PERCENT, Book, Cell, Column, Sheet, Style, Table, Value
from pipelines.emit.workbooks.ods import write_ods
from pipelines.emit.workbooks.xlsx import write_xlsx

ROOT = Path(__file__).resolve().parents[2]
SHARE, HEADING = Style("share", PERCENT), Style("heading", bold=True)
MADE = datetime(2025, 9, 30)  # noqa: DTZ001 - the format knows no zone


def book(*values: tuple[Value | None, ...]) -> Book:
    """One sheet: a title, a table of two headings, and the rows under it from A3 on."""
    cells = [Cell(0, 0, "Title")]
    for number, row in enumerate(values, start=2):
        cells += [
            Cell(number, column, value, SHARE if isinstance(value, float) else None) for column, value in enumerate(row)
        ]
    table = Table("table_a", 1, ("First", "Second"), HEADING, len(values))
    return Book(MADE, [Sheet("a", cells, (Column(30), Column(12)), table)], styles=(SHARE, HEADING))


@pytest.mark.parametrize("write", [write_xlsx, write_ods])
def test_cells_stand_where_they_were_put_and_a_gap_stays_empty(tmp_path: Path, write: object) -> None:
    path = tmp_path / f"a{'.xlsx' if write is write_xlsx else '.ods'}"
    write(book(("x", 0.25), (None, 3)), path)  # type: ignore[operator]
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert rows == [["Title", ""], ["First", "Second"], ["x", 0.25], ["", 3]]


@pytest.mark.parametrize("text", ["=1+1", "http://example.org", "007"])
def test_text_of_the_data_stays_text(tmp_path: Path, text: str) -> None:
    write_xlsx(book((text, 1)), tmp_path / "a.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]["A3"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_styles_widths_and_table_are_written(tmp_path: Path) -> None:
    write_xlsx(book(("x", 0.25)), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]
    assert sheet["B3"].number_format == "0%"
    assert sheet["B2"].font.b
    assert [round(sheet.column_dimensions[name].width) for name in "AB"] == [31, 13]
    assert sheet.tables["table_a"].ref == "A2:B3"


def test_nothing_but_the_writers_opens_a_library_for_workbooks() -> None:
    asks = re.compile(r"^\s*(?:import|from) (?:xlsxwriter|odf)\b", re.MULTILINE)
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "pipelines").rglob("*.py")
        if asks.search(path.read_text("utf-8"))
    }
    writers = {f"pipelines/emit/workbooks/{name}.py" for name in ("listed", "ods", "relations", "xlsx")}
    assert found == writers
