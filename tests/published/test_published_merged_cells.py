"""What stands under merged cells nobody sees: it names no column, no area and no quarter, and is no figure."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

from pipelines.published.grids import column_number, read_grids
from pipelines.published.headings import layout_for
from pipelines.published.reader import read_workbook
from tests.published.test_published_layouts import THURROCK, Sheet, kinds, values, write

IN_2019 = "Table {} - Number of households in temporary accommodation, England, 30 September 2019"
TOTAL = "Total number of households in TA"
RATE = "Total number of households in TA per (000s)"
FAMILIES = "Total number of households in TA with children"
# Printed to January-March 2019; from the quarter after, what is left of it lies under the new label.
OLD_RATE = "Total number of households in TA per (000s) households"


def _place(address: str) -> tuple[int, int]:
    letters = address.rstrip("0123456789")
    return int(address.removeprefix(letters)) - 1, column_number(letters)


def write_ods(path: Path, *sheets: Sheet) -> Path:
    """The sheets as ODS: what lies under a merge stays in its covered cells, as LibreOffice leaves it there."""
    book = OpenDocumentSpreadsheet()
    for sheet in sheets:
        cells = {_place(address): value for address, value in sheet.cells.items()}
        spans, covered = {}, set()
        for merge, label in sheet.merged.items():
            (r1, c1), (r2, c2) = (_place(corner) for corner in merge.split(":"))
            spans[r1, c1] = (r2 - r1 + 1, c2 - c1 + 1)
            cells.setdefault((r1, c1), label)
            covered |= {(r, c) for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)} - {(r1, c1)}
        table = Table(name=sheet.name)
        for r in range(max(row for row, _ in cells) + 1):
            line = TableRow(**({"visibility": "collapse"} if r + 1 in sheet.hidden else {}))
            for c in range(max(column for _, column in cells) + 1):
                value = cells.get((r, c))
                given: dict[str, object] = {}
                if isinstance(value, str):
                    given = {"valuetype": "string"}
                elif value is not None:
                    given = {"valuetype": "float", "value": str(value)}
                if (r, c) in spans:
                    down, across = spans[r, c]
                    given |= {"numberrowsspanned": str(down), "numbercolumnsspanned": str(across)}
                cell = (CoveredTableCell if (r, c) in covered else TableCell)(**given)
                if value is not None:
                    cell.addElement(P(text=str(value)))
                line.addElement(cell)
            table.addElement(line)
        book.spreadsheet.addElement(table)
    book.save(str(path))
    return path


@pytest.fixture(params=["xlsx", "ods"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    make = {"xlsx": write, "ods": write_ods}[request.param]
    return lambda *sheets: make(tmp_path / f"b.{request.param}", *sheets)


def ta1() -> Sheet:
    return Sheet("TA1", title=IN_2019).put(E3=TOTAL, K3=FAMILIES).row(6, THURROCK, "Thurrock", E=702, G=9.87, K=400)


OF_THURROCK = {"count": {TOTAL: 702, FAMILIES: 400}, "rate": {RATE: 9.87}}


@pytest.mark.parametrize(
    ("merge", "covered"),
    [("G2:G3", "G3"), ("G2:G5", "G4"), ("G2:I4", "H4"), ("G3:G5", "G5")],
    ids=["down", "far down", "block", "last heading row"],
)
def test_a_label_under_a_merge_does_not_rename_the_column(book: Callable[..., Path], merge: str, covered: str) -> None:
    # TA1 of the four quarters of 2019-20 prints the new label over G2:G3 and keeps the old one in G3.
    sheet = ta1().merge(merge, RATE).put(**{covered: OLD_RATE})
    read = read_workbook(book(sheet))
    assert {measure: values(read, measure=measure) for measure in OF_THURROCK} == OF_THURROCK
    assert kinds(read) == set()


@pytest.mark.parametrize(
    ("quarter", "label"),
    [("2019-Q1", OLD_RATE), ("2019-Q2", RATE), ("2019-Q3", RATE), ("2019-Q4", RATE), ("2020-Q1", RATE)],
)
def test_the_rate_of_ta1_is_named_by_what_its_quarter_shows(quarter: str, label: str) -> None:
    rates = [column.column_path for column in layout_for(quarter).of("TA1") if column.measure == "rate"]
    assert rates == [label]


def test_a_label_under_a_merge_across_does_not_name_the_percentage_beside_the_count(book: Callable[..., Path]) -> None:
    sheet = (
        Sheet("TA2", title=IN_2019)
        .merge("E3:F3", TOTAL)
        .put(F3="Couple with dependent children")
        .merge("H3:I3", "All other household types1")
    )
    sheet.put(I3="Couple with dependent children").row(6, THURROCK, "Thurrock", E=702, F=1.0, H=351, I=0.5)
    read = read_workbook(book(sheet))
    assert values(read) == {TOTAL: 702, "All other household types": 351}
    assert values(read, measure="percent") == {TOTAL: 1, "All other household types": 0.5}


def test_a_label_merged_from_a_hidden_row_down_is_seen(book: Callable[..., Path]) -> None:
    sheet = ta1().merge("G2:G3", RATE).put(G4=OLD_RATE)
    sheet.hidden = [2, 4]
    assert values(read_workbook(book(sheet)), measure="rate") == {RATE: 9.87}


def test_a_title_under_a_merge_does_not_name_the_quarter(book: Callable[..., Path]) -> None:
    sheet = Sheet("TA1", title="Table {}").put(A2="England, 30 September 2019", E3=TOTAL)
    sheet.merge("A1:C1", "Table TA1").put(B1="England, October to December 2018").row(6, THURROCK, "Thurrock", E=702)
    assert read_workbook(book(sheet)).quarter == "2019-Q3"


@pytest.mark.parametrize("row", [6, 60], ids=["in the first rows", "far below the headings"])
def test_a_figure_under_a_merge_is_no_figure_and_is_named(book: Callable[..., Path], row: int) -> None:
    sheet = Sheet("TA1", title=IN_2019).put(E3=TOTAL, H3=FAMILIES, G3=RATE)
    sheet.row(row, "E06000043", "Brighton & Hove", E=1, H=1).row(row + 1, THURROCK, "Thurrock", E=702, H=400, G=9.87)
    sheet.merge(f"H{row}:H{row + 1}", "1").put(**{f"H{row}": 1})
    read = read_workbook(book(sheet))
    assert values(read) == {TOTAL: 702, FAMILIES: "not published"}
    assert values(read, "E06000043") == {TOTAL: 1, FAMILIES: 1}
    assert kinds(read) == {("figure under merged cells", f"H{row + 1}")}


def test_an_area_code_under_a_merge_is_no_area_and_is_named(book: Callable[..., Path]) -> None:
    sheet = ta1().put(G3=RATE).row(7, "E06000043", "Brighton & Hove", E=1).merge("A6:A7", THURROCK)
    read = read_workbook(book(sheet))
    assert set(read.tidy["la_code"]) == {THURROCK}
    assert kinds(read) == {("area code under merged cells", "A7")}


def test_an_empty_sheet_does_not_take_the_merged_cells_of_the_next_one(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "b.ods", Sheet("TA2", title=IN_2019).merge("A6:B7", "Notes"))
    emptied = tmp_path / "emptied.ods"
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(emptied, "w") as out:
        for name in given.namelist():
            text = given.read(name)
            if name == "content.xml":
                text = text.replace(b"<office:spreadsheet>", b'<office:spreadsheet><table:table table:name="TA3"/>')
            out.writestr(name, text)
    _, grids = read_grids(emptied.read_bytes(), "emptied.ods", lambda sheet: True)
    assert {grid.sheet: grid.merges for grid in grids} == {"TA2": [(5, 0, 6, 1)], "TA3": []}
