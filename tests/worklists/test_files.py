"""What is written of the worklists: a workbook that other programs open, and a page that holds nothing personal."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from lxml import html

from pipelines.emit.pages.words import clean
from pipelines.errors import OutputError
from pipelines.warehouse.store import Warehouse
from pipelines.worklists import Worklist
from pipelines.worklists.page import page
from pipelines.worklists.write import write_worklists
from tests.dashboard.pages import HOSTILE_TEAM, cases
from tests.transform.warehouse import LA
from tests.warehouse.stored import freeze
from tests.worklists.invented import MADE, about, invented

BLOCKED = "The return of these cases is blocked: 3 errors keep it from being written."


@pytest.fixture(scope="module")
def lists() -> tuple[Worklist, ...]:
    return invented()


@pytest.fixture(scope="module")
def folder(lists: tuple[Worklist, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worklists")
    write_worklists(lists, folder, about())
    return folder


@pytest.fixture(scope="module")
def workbook(folder: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(folder / "worklists.xlsx")


def heading_row(sheet: openpyxl.worksheet.worksheet.Worksheet) -> int:
    """The last frozen row."""
    return int(re.sub(r"\D", "", sheet.freeze_panes)) - 1


def test_the_workbook_has_a_cover_and_a_sheet_for_each_list(
    workbook: openpyxl.Workbook, lists: tuple[Worklist, ...]
) -> None:
    assert workbook.sheetnames == ["Cover", *(one.title for one in lists)]
    cover = [row for row in workbook["Cover"].iter_rows(values_only=True) if any(row)]
    assert cover[0][0] == "Worklists: Thurrock (E06000034), July to September 2025"
    assert cover[1][0].startswith(BLOCKED)
    assert cover[2][0] == "As at 30 September 2025, the day of the export."
    told = {row[0]: row[1:] for row in cover}
    for one in lists:
        assert told[one.title] == (one.rows.height, one.question, " ".join(one.about))
    assert "drawn with seed 41" in told["Six-month calls"][2] and "drawn with seed 41" in told["Files to review"][2]


def test_a_sheet_holds_its_list_in_order_with_room_for_answers(
    workbook: openpyxl.Workbook, lists: tuple[Worklist, ...]
) -> None:
    for one in lists:
        assert one.rows.height, one.ident
        sheet = workbook[one.title]
        top = heading_row(sheet)
        values = [
            [value.date() if isinstance(value, datetime) else value for value in row]
            for row in sheet.iter_rows(min_row=top, values_only=True)
        ]
        assert values[0] == [*(column.title for column in one.columns), *one.answers]
        width = len(one.columns)
        # An empty cell for the officer is one that a value may be written into.
        shown = [[clean(value) if isinstance(value, str) else value for value in row] for row in one.rows.iter_rows()]
        assert [row[:width] for row in values[1:]] == shown
        assert not any(any(row[width:]) for row in values[1:])
        assert [row[0].value for row in sheet.iter_rows(max_row=top - 1, max_col=1)] == [
            one.title,
            one.question,
            *one.about,
            "As at 30 September 2025, the day of the export.",
        ]


def test_a_sheet_filters_prints_wide_and_repeats_its_headings(
    workbook: openpyxl.Workbook, lists: tuple[Worklist, ...]
) -> None:
    for one in lists:
        sheet = workbook[one.title]
        top, last = heading_row(sheet), openpyxl.utils.get_column_letter(len(one.columns) + len(one.answers))
        assert sheet.auto_filter.ref == f"A{top}:{last}{top + one.rows.height}"
        assert sheet.print_title_rows == f"${top}:${top}"
        # One page wide is what a file means that does not say how many; none is as many as it takes.
        fit = sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight
        assert (sheet.page_setup.orientation, fit) == ("landscape", (1, 0))
        assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_no_cell_is_a_formula_and_days_are_days(workbook: openpyxl.Workbook) -> None:
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}
    assert {cell.number_format for cell in cells if cell.data_type == "d"} == {"dd/mm/yyyy"}
    assert any(cell.value == HOSTILE_TEAM for cell in cells)


def test_an_empty_list_says_so(lists: tuple[Worklist, ...], tmp_path: Path) -> None:
    write_worklists([replace(one, rows=one.rows.clear()) for one in lists], tmp_path, about())
    for sheet in openpyxl.load_workbook(tmp_path / "worklists.xlsx").worksheets[1:]:
        assert sheet.cell(heading_row(sheet) + 1, 1).value == "There is nobody on this list."
        assert sheet.auto_filter.ref is None
    text = html.parse(tmp_path / "worklists.html").getroot().text_content()
    assert text.count("There is nobody on this list.") == len(lists)


def test_both_files_are_for_their_owner_only(folder: Path) -> None:
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "worklists.xlsx": 0o600,
        "worklists.html": 0o600,
    }


def test_an_older_file_that_others_could_read_is_not_written_into(lists: tuple[Worklist, ...], tmp_path: Path) -> None:
    (tmp_path / "worklists.html").write_text("older")
    (tmp_path / "worklists.html").chmod(0o644)
    with (tmp_path / "worklists.html").open() as held:
        write_worklists(lists, tmp_path, about())
        assert held.read() == "older"
    assert (tmp_path / "worklists.html").stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_is_a_sentence(lists: tuple[Worklist, ...], tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match="could not be written"):
        write_worklists(lists, tmp_path / "taken", about())


def test_the_same_lists_give_the_same_bytes(lists: tuple[Worklist, ...], folder: Path, tmp_path: Path) -> None:
    for path in write_worklists(lists, tmp_path, about()):
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_the_page_says_first_how_the_run_stands_and_of_which_day_it_is(folder: Path) -> None:
    main = html.parse(folder / "worklists.html").getroot().get_element_by_id("main")
    said = [element.text_content() for element in main.xpath(".//p")]
    assert said[0].startswith(f"State of the return: {BLOCKED}")
    assert said[1] == "As at 30 September 2025, the day of the export."


def test_the_page_has_a_section_for_each_list_in_its_order(folder: Path, lists: tuple[Worklist, ...]) -> None:
    root = html.parse(folder / "worklists.html").getroot()
    sections = root.xpath("//section")
    assert [part.xpath("./h2")[0].text for part in sections] == [one.title for one in lists]
    assert [link.get("href") for link in root.xpath("//nav//a")] == [f"#{one.ident}" for one in lists]
    for part, one in zip(sections, lists, strict=True):
        assert part.xpath("./p[@class='question']")[0].text == one.question
        heads = [cell.text for cell in part.xpath(".//thead//th")]
        assert heads == [*(column.title for column in one.columns), *one.answers]
        assert [row.xpath("./th")[0].text for row in part.xpath(".//tbody/tr")] == one.rows["case_ref"].to_list()


def test_the_page_writes_days_in_words_and_escapes_what_the_data_holds(folder: Path) -> None:
    text = (folder / "worklists.html").read_text(encoding="utf-8")
    assert "<script" not in text and "onerror=alert(2)>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert re.search(r"<td>\d{1,2}\u00a0(Jan|Aug)\u00a020\d\d</td>", text)
    assert not re.search(r">20\d\d-\d\d-\d\d<", text)


def test_neither_file_holds_anything_personal(folder: Path) -> None:
    """No name, date of birth, National Insurance number or address of anybody among the cases."""
    people = cases(300)["people"]
    words = {
        value
        for name in ("forename", "surname", "nino", "postcode", "address", "uprn")
        if name in people.columns
        for value in people[name].drop_nulls().cast(str).to_list()
        if len(value) > 3
    }
    # Of those born before the first case, since a day of birth may be another's day of application.
    born = people["date_of_birth"].drop_nulls()
    words |= {f"{day.day} {day:%b %Y}" for day in born.filter(born < date(2015, 1, 1))}
    assert len(words) > 100
    cells = html.parse(folder / "worklists.html").getroot().xpath("//td/text() | //th/text()")
    texts = {cell.replace("\u00a0", " ") for cell in cells}
    for sheet in openpyxl.load_workbook(folder / "worklists.xlsx"):
        for row in sheet.iter_rows(values_only=True):
            texts |= {f"{x.day} {x:%b %Y}" if isinstance(x, date) else str(x) for x in row if x is not None}
    assert texts & words == set()


def test_the_time_of_making_stands_on_the_cover_and_at_the_pages_foot_only(lists: tuple[Worklist, ...]) -> None:
    one, other = (page(lists, about(made)) for made in (MADE, MADE.replace(hour=11)))
    assert one != other
    assert one.replace("09:30", "11:30") == other


def test_the_command_writes_the_lists_of_a_warehouse_with_its_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipelines.commands.worklists import worklists as command

    with Warehouse(tmp_path / "w.duckdb") as warehouse:
        freeze(warehouse, "run", cases(60))
        warehouse.save_ledger("run", json.loads('{"settings": {"sample_seed": 9}}'), "clean")
    for seed, said in ((None, 9), (3, 3)):
        command(tmp_path / "w.duckdb", LA, "2025-Q3", tmp_path / str(said), seed)
        cover = openpyxl.load_workbook(tmp_path / str(said) / "worklists.xlsx")["Cover"]
        text = " ".join(str(cell.value) for row in cover.iter_rows() for cell in row if cell.value is not None)
        assert f"drawn with seed {said}" in text
        assert f"drawn with seed {said}" in capsys.readouterr().out
