"""What an authority reads for itself as workbooks: the reconciliation, the former P1E form, the cases behind counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from pipelines.emit.tables.explain_book import explain_book
from pipelines.emit.tables.p1e import SCHEMA, SECTIONS
from pipelines.emit.tables.p1e_book import RECALLED, TITLES, p1e_book
from pipelines.emit.tables.reconcile import Reconciled
from pipelines.emit.tables.reconcile_book import reconcile_book, write
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.published.headings import read_data
from pipelines.state import BLOCKED, CLEAN, RunState

AS_AT = date(2025, 9, 30)
CELLS = ("table", "column_path", "measure", "ours", "ours_note", "published", "published_note", "difference")
WHY = ("reason_kind", "reason", "explained", "left")


def why(size: float) -> tuple[str, str, float | None, float | None]:
    return ("unknown", f"not known: {size}", 0.0, size) if size else ("", "", None, None)


def reconciled(*differences: float) -> Reconciled:
    """Columns of TA1 with these differences, each with its reason, and one that is not in print."""
    paths = [
        "Total number of households in TA",
        "Total number of households in TA with children",
        "Total number of children in TA",
    ]
    rows: list[tuple[Any, ...]] = [
        ("TA1", path, "count", 50.0 + size, "", 50.0, "", size, *why(size))
        for path, size in zip(paths, differences, strict=False)
    ]
    projected = ("TA1", "Number of households in area (000s)", "thousands")
    rows.append((*projected, None, "not published", 71.09, "", None, "", "Not computable", None, None))
    frame = pl.DataFrame(rows, schema=[*CELLS, *WHY], orient="row", infer_schema_length=None)
    return Reconciled(frame, pl.DataFrame(), "first", "2025-Q3", "E06000034")


def opened(found: Reconciled, tmp_path: Path, state: RunState) -> openpyxl.Workbook:
    write_xlsx(reconcile_book(found, state=state, as_at=AS_AT), tmp_path / "a.xlsx")
    return openpyxl.load_workbook(tmp_path / "a.xlsx")


def table(sheet: Any) -> list[list[Any]]:
    """The rows of the sheet's one table, the headings first."""
    (name,) = sheet.tables
    return [[cell.value for cell in row] for row in sheet[sheet.tables[name].ref]]


def test_the_reconciliation_opens_on_the_differences_the_largest_first(tmp_path: Path) -> None:
    book = opened(reconciled(2, 0, -7), tmp_path, RunState(CLEAN))
    assert book.sheetnames == ["Differences", "All cells", "Reasons", "About"]
    assert book.active is book["Differences"]
    head, *rows = table(book["Differences"])
    assert head[:7] == ["Table", "Label", "Unit", "Ours", "Published", "Difference", "Reason"]
    assert [row[1:7] for row in rows] == [
        ["Total number of children in TA", "Number of children in TA", 43, 50, -7, "not known: -7"],
        ["Total number of households in TA", "Number of households", 52, 50, 2, "not known: 2"],
    ]


def test_all_cells_keep_the_published_order_and_leave_none_empty(tmp_path: Path) -> None:
    _, *rows = table(opened(reconciled(2, 0, -7), tmp_path, RunState(CLEAN))["All cells"])
    assert [row[5] for row in rows] == [2, 0, -7, "[z]"]
    assert rows[1][6] == "None: the figures agree"
    assert rows[3][3:8] == ["[x]", 71.09, "[z]", "Not computable", "[z]"]
    assert all(cell is not None for row in rows for cell in row)


def test_where_nothing_differs_the_first_sheet_says_so(tmp_path: Path) -> None:
    book = opened(reconciled(0, 0), tmp_path, RunState(CLEAN))
    assert not book["Differences"].tables
    assert "No figure differs" in str([cell.value for cell in book["Differences"]["A"]])
    assert "Reasons" not in book.sheetnames


def test_a_blocked_run_stands_at_the_head_of_every_sheet_of_figures(tmp_path: Path) -> None:
    state = RunState(BLOCKED, 2)
    book = opened(reconciled(2, 0), tmp_path, state)
    assert [book[name]["A2"].value for name in ("Differences", "All cells")] == [state.sentence] * 2
    form = p1e_book(cells(), None, "", state=state, la_code="E06000034", as_at=AS_AT)
    write_xlsx(form, tmp_path / "p.xlsx")
    sheets = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert {sheet["A2"].value for sheet in sheets if sheet.title != "Contents"} == {state.sentence}


def test_the_files_of_a_reconciliation_keep_their_names_and_bytes(tmp_path: Path) -> None:
    found = reconciled(2, 0)
    once = write(found, tmp_path / "once" / "r.csv", state=RunState(CLEAN), as_at=AS_AT)
    again = write(found, tmp_path / "again" / "r.csv", state=RunState(CLEAN), as_at=AS_AT)
    assert [path.name for path in once] == ["r.csv", "r.xlsx", "r.txt"]
    assert [path.read_bytes() for path in once] == [path.read_bytes() for path in again]


def cells() -> pl.DataFrame:
    """Every cell of the form with a number of its own; none for those that no field fills."""
    rows = [
        {
            "quarter": "2025-Q3",
            **{name: row[name] for name in ("section", "cell", "label", "confidence", "equals")},
            "value": str(number) if row["cells"] else "",
            "era": "hclic",
            "edition": "internal",
        }
        for number, row in enumerate(read_data("p1e_cells.csv"), start=100)
    ]
    return pl.DataFrame(rows, schema=SCHEMA)


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    old = pl.DataFrame(
        [("2008-Q1", "E2", "e2_total", "41", "Total households"), ("2014-Q3", "E2", "e2_old_age", ".", "Old age")],
        schema=["quarter", "section", "cell", "value", "label"],
        orient="row",
    )
    path = tmp_path_factory.mktemp("form") / "p1e.xlsx"
    book = p1e_book(cells(), old, "Break.", state=RunState(CLEAN), la_code="E06000034", as_at=AS_AT)
    write_xlsx(book, path)
    return path


def test_the_form_has_its_sections_in_order_and_each_cell_in_its_line_and_column(form: Path) -> None:
    book = openpyxl.load_workbook(form)
    assert book.sheetnames == ["Cover", "Contents", *TITLES, "All cells", "Older series"]
    assert list(dict.fromkeys(name.split()[0].removesuffix("b") for name in TITLES)) == list(SECTIONS)
    number = dict(cells().select("cell", "value").iter_rows())
    for part in TITLES:
        head, *rows = table(book[part])
        placed = {(row[0], column): value for row in rows for column, value in zip(head, row, strict=True)}
        expected = {
            (row["line"], row["column"]): int(number[row["cell"]]) if row["cells"] else "[x]"
            for row in read_data("p1e_cells.csv")
            if row["part"] == part
        }
        assert expected
        assert {place: placed[place] for place in expected} == expected
        others = set(placed) - set(expected) - {(row[0], head[n]) for row in rows for n in (0, -1)}
        assert {placed[place] for place in others} <= {"[z]"}


def test_every_cell_has_a_place_of_its_own() -> None:
    places = [(row["part"], row["line"], row["column"]) for row in read_data("p1e_cells.csv")]
    assert len(set(places)) == len(places)
    assert {part for part, _, _ in places} == set(TITLES)


def test_the_cells_of_a_line_are_equally_sure() -> None:
    sure: dict[tuple[str, str], set[str]] = {}
    for row in read_data("p1e_cells.csv"):
        sure.setdefault((row["part"], row["line"]), set()).add(row["confidence"])
    assert {line: said for line, said in sure.items() if len(said) > 1} == {}


def test_what_is_recalled_is_called_provisional_in_its_line_and_on_its_sheet(form: Path) -> None:
    recalled = {row["part"] for row in read_data("p1e_cells.csv") if row["confidence"] == RECALLED}
    for sheet in openpyxl.load_workbook(form):
        if sheet.title in TITLES:
            said = {row[-1] for row in table(sheet)[1:]}
            assert any("provisional" in words for words in said) == (sheet.title in recalled), sheet.title
            assert "provisional" in sheet["A3"].value
            assert ("recalled" in sheet["A3"].value) == (sheet.title in recalled), sheet.title


def test_help_outside_the_duties_is_not_compared_with_the_duties(form: Path) -> None:
    book = openpyxl.load_workbook(form)
    said = {name: any("Not comparable" in str(cell.value) for cell in book[name]["A"]) for name in TITLES}
    assert [name for name, is_said in said.items() if is_said] == ["E10 A", "E10 B"]


def test_the_older_series_keeps_its_markers_and_says_the_break(form: Path) -> None:
    sheet = openpyxl.load_workbook(form)["Older series"]
    assert [row[-1] for row in table(sheet)] == ["Number", 41, "."]
    assert sheet["A3"].value == "Break."


def test_the_cases_behind_each_count_stand_under_its_label(tmp_path: Path) -> None:
    bed_and_breakfast = "Bed and breakfast hotels (including shared annexes)"
    rows = [
        ("A3", "Total number of support needs", "E06000034_000000000001#drug"),
        ("TA1", f"{bed_and_breakfast} > Total with children", "E06000034_000000000002"),
    ]
    behind = pl.DataFrame(rows, schema=["table", "column_path", "reference"], orient="row")
    book = explain_book(behind, quarter="2025-Q3", state=RunState(CLEAN), la_code="E06000034", as_at=AS_AT)
    write_xlsx(book, tmp_path / "e.xlsx")
    seen = openpyxl.load_workbook(tmp_path / "e.xlsx")
    assert table(seen["Cases"])[1:] == [
        ["A3", "Total number of support needs", "E06000034_000000000001", "drug"],
        ["TA1", f"{bed_and_breakfast} – Total with children", "E06000034_000000000002", "[z]"],
    ]
    assert [row[2] for row in table(seen["Counts"])[1:]] == [1, 1]
    assert seen["Cases"]["A3"].value.startswith("Internal")


def test_the_form_opens_in_calamine_as_in_openpyxl(form: Path) -> None:
    book = openpyxl.load_workbook(form)
    for name in ("E1", "E6", "E10 B"):
        seen = CalamineWorkbook.from_path(str(form)).get_sheet_by_name(name).to_python(skip_empty_area=False)
        ours = [["" if cell is None else cell for cell in row] for row in book[name].iter_rows(values_only=True)]
        assert seen == ours
