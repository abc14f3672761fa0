"""Books as XLSX. The same book gives the same bytes."""

from __future__ import annotations

import math
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from textwrap import wrap
from typing import Any

import polars as pl

from pipelines.emit.workbooks.headings import MARK, with_headings
from pipelines.emit.workbooks.model import (
    DAY,
    DECIMAL,
    MONEY,
    MONTH,
    NUMBER,
    ON_A4,
    PERCENT,
    Book,
    Cell,
    Listing,
    Sheet,
    Style,
    Table,
)

_FORMATS = {
    NUMBER: "#,##0",
    PERCENT: "0%",
    DECIMAL: "#,##0.00",
    MONEY: "£#,##0.00",
    DAY: "dd/mm/yyyy",
    MONTH: "mmmm yyyy",
}
# A value of the data that starts with = or http:// is text like any other. In memory: the parts would else be laid into
# the system's folder for temporary files.
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_A4, _A3 = 9, 8
_LINE, _LINE_OF, _HIGHEST = 15, 11, 409
"""Height of a line of text, of how many points its letters are, and the highest row that Excel takes, in points."""
_SPARE = 1.1
"""Room that a text needs for breaking at its words, against what its letters need."""
MOST_LINKS = 65_000
"""Links that Excel takes on one sheet, a little less; what comes after them is text alone."""
_LINK = {"underline": 1, "font_color": "#0563C1", "valign": "top"}


def write_xlsx(book: Book, path: Path) -> None:
    """Write the book as XLSX."""
    import xlsxwriter

    font = {"default_format_properties": {"font_name": book.font, "font_size": book.size}} if book.font else {}
    # The library knows neither named styles nor the language of a document: they are put into what it wrote.
    marked = BytesIO() if book.language else None
    with xlsxwriter.Workbook(marked or str(path), {**_OPTIONS, **font}) as file:
        named = {"title": book.title} if book.title else {}
        file.set_properties({**named, "author": book.author, "created": book.created.replace(tzinfo=None)})
        writer = _Writer(file, book.size)
        for sheet in book.sheets:
            writer.add(sheet)
    if marked:
        path.write_bytes(with_headings(marked.getvalue(), book.language))


class _Writer:
    def __init__(self, file: Any, size: int) -> None:
        self._file = file
        self._line = math.ceil(_LINE * size / _LINE_OF)
        self._looks: dict[Style | None, Any] = {None: None}
        self._known: dict[int, tuple[Style | None, Any]] = {}
        self._link: Any = None
        self._links = 0

    def add(self, sheet: Sheet) -> None:
        from pipelines.emit.workbooks.listed import ListedSheet, can_be_listed

        listing = sheet.listing if sheet.listing and can_be_listed(sheet.listing) else None
        out = self._file.add_worksheet(sheet.name, ListedSheet if listing else None)
        self._links = 0
        for number, column in enumerate(sheet.columns):
            out.set_column(number, number, column.width, self._look(column.style))
        table, lines = sheet.table, _Lines(sheet)
        for cell in sheet.cells if listing else sheet.every_cell():
            lines.count(cell)
            # In reading order, so that the headings' texts stand where they come in the table of shared texts.
            if table is not None and cell.row > table.row:
                self._add_table(out, table, lines)
                table = None
            self._write(out, cell)
        if table is not None:
            self._add_table(out, table, lines)
        if sheet.frozen_rows:
            out.freeze_panes(sheet.frozen_rows, 0)
        if sheet.filtered:
            rows, columns = sheet.filtered
            out.autofilter(sheet.heading_row, 0, sheet.heading_row + rows, columns - 1)
        if sheet.is_printed_wide:
            _set_print(out, sheet)
        elif sheet.is_fitted:
            _set_page(out, sheet)
        for row, number in lines.of_rows.items():
            out.set_row(row, min(number * self._line, _HIGHEST))
        if listing:
            self._add_listing(out, listing, lines)

    def _add_listing(self, out: Any, listing: Listing, lines: _Lines) -> None:
        from pipelines.emit.workbooks.listed import lines_needed

        needed = lines_needed(listing, lines.rooms)
        heights = {number: min(number * self._line, _HIGHEST) for number in needed.unique() if number > 1}
        looks = [self._look(style) for style in listing.styles]
        out.lay(listing, looks, needed.replace_strict(heights, default=None, return_dtype=pl.Int64))
        for place, addresses in listing.links.items():
            texts = listing.rows.to_series(place)
            there = (addresses.is_not_null() & texts.is_not_null()).arg_true()[: MOST_LINKS - self._links]
            for line, address, text in zip(there, addresses.gather(there), texts.gather(there), strict=True):
                out.link(listing.first + line, place, address, looks[place], text)
            self._links += len(there)

    def _look(self, style: Style | None) -> Any:
        # A million cells have ten styles: each is looked at once, and then known by being the same object.
        if (known := self._known.get(id(style))) is not None:
            return known[1]
        if style not in self._looks:
            look = _look(style) if style is not None else {}
            self._looks[style] = self._file.add_format(look) if look else None
            if style is not None and style.level:
                self._looks[style].xf_id = MARK + style.level
        self._known[id(style)] = style, self._looks[style]
        return self._looks[style]

    def _add_table(self, out: Any, table: Table, lines: _Lines) -> None:
        headings = table.cells()
        for cell in headings:
            lines.count(cell)
        out.add_table(
            table.row,
            0,
            table.row + table.height,
            len(table.headings) - 1,
            {
                "name": table.name,
                "autofilter": table.is_filtered,
                "banded_rows": False,
                "style": None,
                "columns": [{"header": cell.value, "header_format": self._look(cell.style)} for cell in headings],
            },
        )

    def _write(self, out: Any, cell: Cell) -> None:
        row, column, value, style, is_link, leads_to = cell
        if value is None:
            return
        if is_link:
            self._link = self._link or self._file.add_format(_LINK)
            out.write_url(row, column, f"internal:'{value}'!A1", self._link, str(value))
        elif leads_to is not None and isinstance(value, str) and self._links < MOST_LINKS:
            self._links += 1
            out.write_url(row, column, leads_to, self._look(style), value)
        elif isinstance(value, str):
            out.write_string(row, column, value, self._look(style))
        elif isinstance(value, bool):
            out.write_boolean(row, column, value, self._look(style))
        elif isinstance(value, int | float):
            out.write_number(row, column, value, self._look(style))
        else:
            out.write_datetime(row, column, _midnight(value), self._look(style))


class _Lines:
    """How many lines the wrapped texts of each row take, by its number; rows of one line are not there.

    LibreOffice does not fit the rows of a file from elsewhere to their texts: without a height they print over another.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.of_rows: dict[int, int] = {}
        is_fitted = sheet.is_printed_wide or sheet.is_fitted
        # A width counts digits, which in a sans-serif font of a book's own are wider than its letters.
        spare = _SPARE if sheet.is_printed_wide else 1 / _SPARE
        self._by_words = not sheet.is_printed_wide
        self.rooms = [column.width / spare for column in sheet.columns] if is_fitted else []

    def count(self, cell: Cell) -> None:
        if cell.column >= len(self.rooms) or type(cell.value) is not str or not (cell.style and cell.style.wrap):
            return
        room = self.rooms[cell.column] / (_SPARE if self._by_words and cell.style.bold else 1)
        if len(cell.value) <= room and "\n" not in cell.value:
            return
        if self._by_words:
            number = sum(len(wrap(part, max(1, int(room)))) for part in cell.value.split("\n"))
        else:
            number = sum(max(1, math.ceil(len(part) / room)) for part in cell.value.split("\n"))
        if number > self.of_rows.get(cell.row, 1):
            self.of_rows[cell.row] = number


def _set_page(out: Any, sheet: Sheet) -> None:
    width = sheet.width
    out.set_landscape()
    out.set_paper(_A4 if width <= ON_A4 else _A3)
    if width <= 2 * ON_A4:
        out.fit_to_pages(1, 0)


def _set_print(out: Any, sheet: Sheet) -> None:
    out.set_landscape()
    out.set_paper(_A4)
    out.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    out.fit_to_pages(1, 0)
    if sheet.printed_columns and sheet.filtered:
        out.print_area(0, 0, sheet.heading_row + sheet.filtered[0], sheet.printed_columns - 1)
    if sheet.frozen_rows:
        out.repeat_rows(sheet.heading_row, sheet.frozen_rows - 1)
    # An ampersand begins a command of the footer.
    out.set_footer(f"&L{sheet.footer.replace('&', '&&')}&RPage &P of &N")


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the format knows no zone


def _look(style: Style) -> dict[str, Any]:
    look: dict[str, Any] = {}
    if style.bold:
        look["bold"] = True
    if style.size:
        look["font_size"] = style.size
    if style.wrap:
        look["text_wrap"] = True
    if style.is_on_top:
        look["valign"] = "top"
    if style.is_right:
        look |= {"align": "right", "indent": 1}
    if style.is_boxed:
        look["border"] = 1
    if style.number:
        look["num_format"] = _FORMATS[style.number]
    return look
