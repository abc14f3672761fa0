"""Sheets after the government's conventions for statistics in spreadsheets.

One tagged table a sheet, one heading row, nothing merged or hidden, notes and shorthand in sheets of their own
(Government Analysis Function, "Releasing statistics in spreadsheets").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from pipelines.emit.workbooks.model import DECIMAL, NUMBER, PERCENT, Book, Cell, Column, Sheet, Style, Table

TEXT = "text"

_TITLE = Style("title", bold=True, size=14)
_HEADING = Style("heading", bold=True, wrap=True, is_on_top=True)
_LINE = Style("line")
_COLUMNS = {
    TEXT: Style("plain", wrap=True, is_on_top=True),
    NUMBER: Style("number", NUMBER, is_on_top=True, is_right=True),
    DECIMAL: Style("decimal", DECIMAL, is_on_top=True, is_right=True),
    PERCENT: Style("percent", PERCENT, is_on_top=True, is_right=True),
}

Value = str | int | float


@dataclass(frozen=True)
class TaggedSheet:
    """One sheet: a heading, lines of text, and at most one table."""

    name: str
    title: str
    lines: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    formats: tuple[str, ...] = ()
    """Format of each column, by name."""
    widths: tuple[int, ...] = ()
    links: bool = False
    """The first column names sheets of the book and links to them."""


def tagged_book(title: str, made_on: date, sheets: tuple[TaggedSheet, ...]) -> Book:
    """The book of the sheets; ``made_on`` is the day written into the file's properties."""
    return Book(
        datetime.combine(made_on, time(), UTC),
        tuple(_sheet(sheet) for sheet in sheets),
        title=title,
        author="hclic",
        styles=(_TITLE, _HEADING, _LINE, *_COLUMNS.values()),
    )


def _sheet(sheet: TaggedSheet) -> Sheet:
    if not sheet.header:
        return Sheet(sheet.name, tuple(_cells(sheet)), (Column(100),))
    table = Table(f"table_{sheet.name.lower()}", 1 + len(sheet.lines), sheet.header, _HEADING, len(sheet.rows))
    return Sheet(sheet.name, tuple(_cells(sheet)), tuple(Column(width) for width in sheet.widths), table)


def _cells(sheet: TaggedSheet) -> Iterator[Cell]:
    yield Cell(0, 0, sheet.title, _TITLE)
    for number, line in enumerate(sheet.lines, start=1):
        yield Cell(number, 0, line, _LINE)
    for number, row in enumerate(sheet.rows, start=2 + len(sheet.lines)):
        for column, value in enumerate(row):
            kind = sheet.formats[column]
            # Shorthand in a column of numbers stands where its numbers do.
            style = _COLUMNS[NUMBER if isinstance(value, str) and kind != TEXT else kind]
            yield Cell(number, column, value, style, sheet.links and column == 0)
