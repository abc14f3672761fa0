"""The Analysis Function's checklist of the basics for accessible spreadsheets, on the official workbook point by point.

Source: "Making spreadsheets accessible: a brief checklist of the basics" (Government Analysis Function, 2021), with the
later points on links and on where the cursor stands. XLSX is read with openpyxl, ODS with odfpy. For people are plain
words (formatting 1), the spelling check and Excel's own accessibility checker (before publishing 1, 2).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from odf import config, table, text
from odf.opendocument import load

from pipelines.emit.tables.build import SCHEMA
from pipelines.emit.tables.workbook import About, official_book
from pipelines.emit.workbooks.ods import write_ods
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.published.headings import layout_for
from pipelines.state import CLEAN, RunState

LA, QUARTER = "E06000034", "2025-Q4"
NOT_TABLES = ["Cover", "Contents", "Notes", "All figures"]
MARK = re.compile(r"\[note (\d+)\]")


@dataclass
class Seen:
    """One sheet as a reader's program gives it: rows from A1 on, the table's first and last row, styles by cell."""

    rows: list[list[object]]
    area: tuple[int, int, int] | None
    """Heading row, last row (from 0) and number of columns of its table."""
    table_name: str = ""
    styles: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """What stands in column A above the table."""
        until = self.area[0] if self.area else len(self.rows)
        return [str(row[0]) for row in self.rows[:until]]

    @property
    def header(self) -> list[str]:
        assert self.area is not None
        return [str(cell) for cell in self.rows[self.area[0]]]

    @property
    def body(self) -> list[list[object]]:
        assert self.area is not None
        return self.rows[self.area[0] + 1 : self.area[1] + 1]


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The workbook in both forms: 40 in each count, some hidden, some not available; MHCLG's figures beside them."""
    notes = ["", "", "", "suppressed", "", "not published", "not applicable"]
    rows = [
        (LA, QUARTER, c.table, c.column_path, c.measure, None if (note := notes[at % 7]) else 40.0, note)
        for at, c in enumerate(layout_for(QUARTER).columns)
    ]
    tidy = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    about = About(date(2026, 1, 10), RunState(CLEAN), 5, "statistics@authority.example", tidy)
    folder = tmp_path_factory.mktemp("checklist")
    found = {"xlsx": folder / "official.xlsx", "ods": folder / "official.ods"}
    write_xlsx(official_book(tidy, about), found["xlsx"])
    write_ods(official_book(tidy, about), found["ods"])
    return found


@pytest.fixture(scope="module")
def book(paths: dict[str, Path]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(paths["xlsx"])


@pytest.fixture(scope="module")
def document(paths: dict[str, Path]) -> Any:
    return load(str(paths["ods"]))


def seen_xlsx(book: openpyxl.Workbook) -> dict[str, Seen]:
    found = {}
    for sheet in book:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        styles = {(c.row - 1, c.column - 1): c.style for row in sheet.iter_rows() for c in row if c.style != "Normal"}
        area, name = None, ""
        for name in sheet.tables:
            first, last = sheet.tables[name].ref.split(":")
            corner, end = sheet[first], sheet[last]
            assert corner.column == 1
            area = (corner.row - 1, end.row - 1, end.column)
        found[sheet.title] = Seen(rows, area, name, styles)
    return found


def seen_ods(document: Any) -> dict[str, Seen]:
    areas = {}
    for one in document.spreadsheet.getElementsByType(table.DatabaseRange):
        match = re.fullmatch(r"'(.+)'\.A(\d+):'.+'\.([A-Z]+)(\d+)", one.getAttribute("targetrangeaddress"))
        assert match is not None
        width = openpyxl.utils.column_index_from_string(match[3])
        areas[match[1]] = (one.getAttribute("name"), (int(match[2]) - 1, int(match[4]) - 1, width))
    found = {}
    for sheet in document.spreadsheet.getElementsByType(table.Table):
        rows: list[list[object]] = []
        styles = {}
        for at, row in enumerate(sheet.getElementsByType(table.TableRow)):
            cells = row.getElementsByType(table.TableCell)
            rows.append([_value(cell) for cell in cells])
            styles |= {(at, n): str(c.getAttribute("stylename")).replace("_20_", " ") for n, c in enumerate(cells)}
        name, area = areas.get(sheet.getAttribute("name"), ("", None))
        found[sheet.getAttribute("name")] = Seen(rows, area, name, styles)
    return found


def _value(cell: table.TableCell) -> object:
    value = cell.getAttribute("value")
    if value is not None:
        return float(value)
    said = "".join(str(part) for part in cell.getElementsByType(text.P))
    return said or None


@pytest.fixture(scope="module", params=["xlsx", "ods"])
def sheets(request: pytest.FixtureRequest, book: openpyxl.Workbook, document: Any) -> dict[str, Seen]:
    return seen_xlsx(book) if request.param == "xlsx" else seen_ods(document)


def tabled(sheets: dict[str, Seen]) -> Iterator[tuple[str, Seen]]:
    return ((name, sheet) for name, sheet in sheets.items() if name != "Cover")


def whole(path: Path) -> str:
    with zipfile.ZipFile(path) as file:
        return "".join(file.read(name).decode() for name in file.namelist() if name.endswith(".xml"))


def test_tables_1_every_table_is_marked_up(sheets: dict[str, Seen]) -> None:
    assert [name for name, sheet in tabled(sheets) if sheet.area is None] == []


def test_tables_2_every_table_has_a_name_of_its_own_that_says_which_it_is(sheets: dict[str, Seen]) -> None:
    names = {name: sheet.table_name for name, sheet in tabled(sheets)}
    assert names["A1"] == "table_a1"
    assert names["All figures"] == "table_all_figures"
    assert len(set(names.values())) == len(names)


def test_tables_3_nothing_is_merged_or_split(paths: dict[str, Path]) -> None:
    assert not re.search("mergeCell", whole(paths["xlsx"]))
    assert not re.search("columns-spanned|rows-spanned|is-sub-table", whole(paths["ods"]))


def test_tables_4_no_row_or_column_of_a_table_is_blank(sheets: dict[str, Seen]) -> None:
    for name, sheet in tabled(sheets):
        assert sheet.body, name
        assert all(any(cell is not None for cell in row) for row in sheet.body), name


def test_tables_5_one_heading_row_every_heading_said_and_said_once(sheets: dict[str, Seen]) -> None:
    for name, sheet in tabled(sheets):
        assert sheet.area is not None
        assert len(sheet.header) == sheet.area[2], name
        assert all(sheet.header), name
        # Excel tells headings apart without regard to case, and takes no longer ones.
        assert len({heading.casefold() for heading in sheet.header}) == len(sheet.header), name
        assert max(map(len, sheet.header)) <= 255, name


def test_tables_6_text_is_wrapped_or_runs_over_empty_cells(book: openpyxl.Workbook) -> None:
    for sheet in book:
        tables = list(sheet.tables.values())
        top = sheet[tables[0].ref.split(":")[0]].row if tables else 2
        for row in sheet.iter_rows(min_row=top):
            for cell in row:
                is_text = isinstance(cell.value, str) and not cell.value.startswith("[")
                if is_text and cell.hyperlink is None:
                    assert cell.alignment.wrap_text, f"{sheet.title}!{cell.coordinate}"


def test_tables_7_there_are_no_filters_and_no_frozen_panes(paths: dict[str, Path], book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert sheet.freeze_panes is None
        assert sheet.auto_filter.ref is None
        assert all(one.autoFilter is None for one in sheet.tables.values())
    assert "display-filter-buttons" not in whole(paths["ods"])


def test_tables_8_no_cell_of_a_table_is_empty_and_the_sheet_says_so(sheets: dict[str, Seen]) -> None:
    for name, sheet in tabled(sheets):
        assert [row for row in sheet.body if len(row) < len(sheet.header) or None in row] == [], name
        assert any("No cell of the table is empty" in line for line in sheet.lines), name


def test_tables_9_no_row_column_or_sheet_is_hidden(paths: dict[str, Path]) -> None:
    assert not re.search(r'hidden="1"|state="(very)?[hH]idden"', whole(paths["xlsx"]))
    assert not re.search('visibility="(collapse|filter)"|table:display="false"', whole(paths["ods"]))


def test_footnotes_1_nothing_is_signposted_by_symbol_or_superscript(paths: dict[str, Path]) -> None:
    said = whole(paths["xlsx"]) + whole(paths["ods"])
    assert not re.search("[*†‡¹²³⁰-⁹]|vertAlign|text-position", re.sub(r"<[^>]*>", " ", said))


def test_footnotes_2_notes_are_marked_by_word_and_number_each_in_its_brackets(sheets: dict[str, Seen]) -> None:
    marks = [
        found
        for name, sheet in sheets.items()
        if name not in NOT_TABLES
        for said in (*sheet.lines[:1], *sheet.header)
        for found in re.findall(r"\[[^\]]*note[^\]]*\]", said, re.IGNORECASE)
    ]
    assert len(marks) > 50
    assert [mark for mark in marks if not MARK.fullmatch(mark)] == []


def test_footnotes_3_no_cell_of_figures_holds_a_mark_of_a_note(sheets: dict[str, Seen]) -> None:
    for name, sheet in sheets.items():
        if name not in NOT_TABLES:
            assert not any(MARK.search(str(cell)) for row in sheet.body for cell in row), name


def test_footnotes_4_notes_stand_in_a_table_of_their_own_and_each_is_referred_to(sheets: dict[str, Seen]) -> None:
    listed = {str(row[0]): str(row[2]) for row in sheets["Notes"].body}
    used: dict[str, set[str]] = {}
    for name, sheet in sheets.items():
        if name not in NOT_TABLES:
            for number in MARK.findall(" ".join((sheet.lines[0], *sheet.header))):
                used.setdefault(f"[note {number}]", set()).add(name)
    assert set(listed) == set(used)
    every = set(sheets) - set(NOT_TABLES)
    # A note cites the tables that refer to it, none that the workbook has not.
    assert {mark: every if cited == "All tables" else set(cited.split(", ")) for mark, cited in listed.items()} == used


def test_footnotes_4_notes_are_numbered_as_a_reader_meets_them(sheets: dict[str, Seen]) -> None:
    met: list[str] = []
    for name, sheet in sheets.items():
        if name not in NOT_TABLES:
            met += MARK.findall(" ".join((sheet.lines[0], *sheet.header)))
    assert list(dict.fromkeys(met)) == [str(number) for number in range(1, len(set(met)) + 1)]


def test_formatting_2_text_is_sans_serif_twelve_point_upright_and_automatic_in_colour(
    paths: dict[str, Path], book: openpyxl.Workbook
) -> None:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                place = f"{sheet.title}!{cell.coordinate}"
                assert cell.font.name == "Arial", place
                assert cell.font.sz >= 12, place
                assert not cell.font.i, place
                assert not cell.alignment.textRotation, place
                assert cell.border.bottom.style is None, place
    content = whole(paths["ods"])
    sizes = [int(size) for size in re.findall(r'fo:font-size="(\d+)pt"', content)]
    assert min(sizes) == 12
    assert 'style:font-name="Arial"' in content
    assert not re.search("font-style=.italic|rotation-angle|fo:border", content)


def test_formatting_3_every_sheet_has_a_title_in_a1_with_the_style_heading_1(sheets: dict[str, Seen]) -> None:
    for name, sheet in sheets.items():
        assert sheet.lines[0], name
        assert sheet.styles[0, 0] == "Heading 1", name
        assert [place for place, style in sheet.styles.items() if style == "Heading 1"] == [(0, 0)], name


def test_formatting_3_headings_below_the_title_have_the_style_heading_2(sheets: dict[str, Seen]) -> None:
    cover = sheets["Cover"]
    below = [cover.rows[row][column] for (row, column), style in cover.styles.items() if style == "Heading 2"]
    assert below == ["What this is", "Dates", "Contact", "How to read the tables", "Licence"]


def test_formatting_3_the_styles_are_excels_and_libreoffices_own(paths: dict[str, Path]) -> None:
    with zipfile.ZipFile(paths["xlsx"]) as file:
        named = re.findall(r'<cellStyle name="(.+?)".*?builtinId="(\d+)"', file.read("xl/styles.xml").decode())
    assert dict(named) == {"Normal": "0", "Heading 1": "16", "Heading 2": "17"}
    with zipfile.ZipFile(paths["ods"]) as file:
        styles = file.read("styles.xml").decode()
    assert 'style:display-name="Heading 1"' in styles
    assert 'style:name="Heading_20_1"' in styles


def test_formatting_5_there_are_no_headers_footers_or_floating_boxes(paths: dict[str, Path]) -> None:
    with zipfile.ZipFile(paths["xlsx"]) as file:
        assert not any("drawing" in name for name in file.namelist())
    assert not re.search("<(oddHeader|oddFooter|headerFooter)", whole(paths["xlsx"]))
    content = whole(paths["ods"])
    assert not re.search("<(style:header|style:footer)[ >]|<draw:", content)
    # A table without a page of ours gets LibreOffice's, which has both.
    styles = re.findall(r'style:family="table" style:master-page-name="(\w+)" style:name="(\w+)"', content)
    pages = {style: page for page, style in styles}
    tables = re.findall(r'<table:table table:name="[^"]*" table:style-name="(\w+)"', content)
    assert len(tables) == content.count("<table:table ")
    assert {pages[style] for style in tables} <= set(re.findall(r'style:name="(page_\w+)"', content))


def test_formatting_6_7_no_fill_or_pattern_divides_or_colours(paths: dict[str, Path], book: openpyxl.Workbook) -> None:
    for sheet in book:
        assert {cell.fill.fill_type for row in sheet.iter_rows() for cell in row} == {None}
        assert not any(one.tableStyleInfo and one.tableStyleInfo.showRowStripes for one in sheet.tables.values())
    assert "background-color" not in whole(paths["ods"])


def test_formatting_8_9_colour_is_only_on_links_and_dark_enough(book: openpyxl.Workbook) -> None:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                colour = cell.font.color
                if colour is not None and colour.type == "rgb":
                    assert cell.hyperlink is not None
                    # Excel's blue of links: 6.6 to 1 on white, where AA asks for 4.5.
                    assert colour.rgb == "FF0563C1"


def test_formatting_10_11_there_are_no_images_and_no_macros(paths: dict[str, Path]) -> None:
    for path in paths.values():
        with zipfile.ZipFile(path) as file:
            assert not any(re.search("media|Pictures|vba|Basic|Scripts", name) for name in file.namelist())


def test_formatting_links_say_where_they_lead(sheets: dict[str, Seen], book: openpyxl.Workbook) -> None:
    linked = [str(row[0]) for row in sheets["Contents"].body]
    assert linked == [name for name in sheets if name not in ("Cover", "Contents")]
    contents = book["Contents"]
    found = {cell.value: cell.hyperlink.location for cell in contents["A"] if cell.hyperlink}
    assert found == {name: f"'{name}'!A1" for name in linked}


def test_structure_1_names_of_sheets_are_short_and_tell_them_apart(sheets: dict[str, Seen]) -> None:
    assert len({name.casefold() for name in sheets}) == len(sheets)
    assert max(map(len, sheets)) <= 31


def test_structure_2_no_sheet_is_blank(sheets: dict[str, Seen]) -> None:
    assert [name for name, sheet in sheets.items() if not sheet.rows] == []


def test_structure_3_each_sheet_says_above_its_table_what_is_on_it(sheets: dict[str, Seen]) -> None:
    for name, sheet in tabled(sheets):
        assert sheet.lines[1].startswith("This worksheet contains one table."), name
    for name, sheet in sheets.items():
        if name not in NOT_TABLES:
            assert "worksheet Notes" in sheet.lines[1], name
            for mark in ("[c]", "[x]", "[z]"):
                is_used = any(mark in row for row in sheet.body)
                assert is_used == any(mark in line for line in sheet.lines), f"{name} {mark}"


def test_structure_3_units_are_where_the_sheet_says_they_are(sheets: dict[str, Seen]) -> None:
    by_table = {name: {c.measure for c in layout_for(QUARTER).of(name)} for name in sheets}
    for name, sheet in sheets.items():
        if name in NOT_TABLES:
            continue
        said = next(line for line in sheet.lines if line.startswith(("Unit: ", "Units: ")))
        headings = [MARK.sub("", heading).rstrip() for heading in sheet.header[2:]]
        percent = [heading for heading in headings if heading.endswith("(%)")]
        assert bool(percent) == ("percent" in by_table[name]) == ("(%)" in said), name
        assert ("rate" in by_table[name]) == any(" per " in heading for heading in headings) == ("rates per" in said)
        assert ("days" in by_table[name]) == any("(days)" in heading for heading in headings), name
        assert ("count" in by_table[name]) == ("Number of" in said), name


def test_structure_4_5_6_one_table_a_sheet_from_column_a_and_nothing_below_it(sheets: dict[str, Seen]) -> None:
    for name, sheet in tabled(sheets):
        assert sheet.area is not None
        assert len(sheet.rows) == sheet.area[1] + 1, name
        assert all(len([cell for cell in row if cell is not None]) == 1 for row in sheet.rows[: sheet.area[0]]), name


def test_before_publishing_3_title_language_and_author_are_in_the_properties(
    paths: dict[str, Path], book: openpyxl.Workbook, document: Any
) -> None:
    properties = book.properties
    title = "Homelessness tables, Thurrock (E06000034), October to December 2025"
    assert (properties.title, properties.language) == (title, "en-GB")
    head = document.meta
    said = {child.tagName: str(child) for child in head.childNodes}
    assert (said["dc:title"], said["dc:language"]) == (title, "en-GB")
    with zipfile.ZipFile(paths["ods"]) as file:
        styles = file.read("styles.xml").decode()
    assert 'fo:language="en"' in styles
    assert 'fo:country="GB"' in styles


def test_before_publishing_4_the_cursor_stands_in_a1_of_the_first_sheet(
    paths: dict[str, Path], book: openpyxl.Workbook, document: Any
) -> None:
    assert book.active is book["Cover"]
    assert all(sheet.sheet_view.selection[0].activeCell == "A1" for sheet in book)
    # Without a view of its own an ODS opens on the first sheet.
    assert not document.getElementsByType(config.ConfigItem)


def test_the_cover_names_contact_and_dates(sheets: dict[str, Seen]) -> None:
    said = sheets["Cover"].lines
    assert "Questions about these figures: statistics@authority.example" in said
    assert "Quarter: 1 October 2025 to 31 December 2025." in said
    assert "Counted from the export of 10 January 2026." in said


def test_headings_have_a_dash_between_their_levels(sheets: dict[str, Seen]) -> None:
    assert "Single parent with dependent children – Male" in sheets["A5P"].header


def test_all_figures_have_label_number_and_published_side_by_side(sheets: dict[str, Seen]) -> None:
    found = sheets["All figures"]
    assert found.header == ["Table", "Label", "Unit", "Number", "Published"]
    assert len(found.body) == len(layout_for(QUARTER).columns)
    assert ["A5P", "Single parent with dependent children – Male", "Number of households"] in [
        r[:3] for r in found.body
    ]
    assert all(row[3] == row[4] for row in found.body)
