"""Sheets after the government's conventions for statistics in spreadsheets.

One tagged table a sheet, one heading row, nothing merged or hidden, no cell left empty, named styles of headings,
12 point, notes and shorthand in sheets of their own (Government Analysis Function, "Releasing statistics in
spreadsheets").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from pipelines.emit.workbooks.model import (
    DAY,
    DECIMAL,
    MONEY,
    MONTH,
    NUMBER,
    PERCENT,
    Book,
    Cell,
    Column,
    Sheet,
    Style,
    Table,
)

TEXT = "text"
ONE_TABLE = "This worksheet contains one table."
NO_BLANKS = "No cell of the table is empty."
KEPT_IN_SIGHT = "The heading row stays in sight and its buttons filter the table; View, Unfreeze panes lets it go."

LANGUAGE = "en-GB"
_FONT, _SIZE = "Arial", 12
_TITLE = Style("title", bold=True, size=16, level=1)
_SUBHEADING = Style("subheading", bold=True, size=14, wrap=True, level=2)
_HEADING = Style("heading", bold=True, wrap=True, is_on_top=True)
_NUMBERS = Style("heading_of_numbers", bold=True, wrap=True, is_on_top=True, is_right=True)
_LINE = Style("line")
_PROSE = Style("prose", wrap=True, is_on_top=True)
_COLUMNS = {
    TEXT: Style("plain", wrap=True, is_on_top=True),
    NUMBER: Style("number", NUMBER, is_on_top=True, is_right=True),
    DECIMAL: Style("decimal", DECIMAL, is_on_top=True, is_right=True),
    PERCENT: Style("percent", PERCENT, is_on_top=True, is_right=True),
    MONEY: Style("money", MONEY, is_on_top=True, is_right=True),
    DAY: Style("day", DAY, is_on_top=True, is_right=True),
    MONTH: Style("month", MONTH, is_on_top=True, is_right=True),
}
_PROSE_WIDTH = 100


class Formatted(NamedTuple):
    """A value with a format of its own, in a column of several."""

    value: str | float
    format: str


class Subheading(NamedTuple):
    """A line that heads those below it."""

    text: str


Value = str | int | float | date | Formatted


@dataclass(frozen=True)
class TaggedSheet:
    """One sheet: a heading, lines of text, and at most one table."""

    name: str
    title: str
    lines: tuple[str | Subheading, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[Value, ...], ...] = ()
    formats: tuple[str, ...] = ()
    """Format of each column, by name."""
    widths: tuple[int, ...] = ()
    links: bool = False
    """The first column names sheets of the book and links to them."""
    is_worked_in: bool = False
    """The heading row stays in sight and filters the table, which ``lines`` have to say."""


def tagged_book(title: str, made_on: date, sheets: tuple[TaggedSheet, ...]) -> Book:
    """The book of the sheets; ``made_on`` is the day written into the file's properties."""
    return Book(
        datetime.combine(made_on, time(), UTC),
        tuple(_sheet(sheet) for sheet in sheets),
        title=title,
        author="hclic",
        styles=(_TITLE, _SUBHEADING, _HEADING, _NUMBERS, _LINE, _PROSE, *_COLUMNS.values()),
        language=LANGUAGE,
        font=_FONT,
        size=_SIZE,
    )


def _sheet(sheet: TaggedSheet) -> Sheet:
    if not sheet.header:
        return Sheet(sheet.name, tuple(_cells(sheet)), (Column(_PROSE_WIDTH),), is_fitted=True)
    row = 1 + len(sheet.lines)
    name = re.sub(r"\W+", "_", f"table_{sheet.name}".lower())
    table = Table(
        name,
        row,
        sheet.header,
        _HEADING,
        len(sheet.rows),
        is_filtered=sheet.is_worked_in,
        over_numbers=_NUMBERS,
        numbers=frozenset(column for column, kind in enumerate(sheet.formats) if kind != TEXT),
    )
    return Sheet(
        sheet.name,
        tuple(_cells(sheet)),
        tuple(Column(width) for width in sheet.widths),
        table,
        frozen_rows=row + 1 if sheet.is_worked_in else 0,
        is_fitted=True,
    )


def _cells(sheet: TaggedSheet) -> Iterator[Cell]:
    # Beside a table the first column is narrow: what stands above it runs on over the empty cells to its right.
    line_style = _LINE if sheet.header else _PROSE
    yield Cell(0, 0, sheet.title, _TITLE)
    for number, line in enumerate(sheet.lines, start=1):
        if isinstance(line, Subheading):
            yield Cell(number, 0, line.text, _SUBHEADING)
        else:
            yield Cell(number, 0, line, line_style)
    for number, row in enumerate(sheet.rows, start=2 + len(sheet.lines)):
        for column, value in enumerate(row):
            yield _cell(number, column, value, sheet.formats[column], is_link=sheet.links and column == 0)


def _cell(row: int, column: int, given: Value, kind: str, *, is_link: bool) -> Cell:
    value, kind = given if isinstance(given, Formatted) else (given, kind)
    # Shorthand in a column of numbers stands where its numbers do.
    style = _COLUMNS[NUMBER if isinstance(value, str) and kind != TEXT else kind]
    return Cell(row, column, value, style, is_link)


def contents(sheets: Sequence[TaggedSheet]) -> TaggedSheet:
    """The sheet that names the others, in their order, and links to them."""
    return TaggedSheet(
        "Contents",
        "Contents",
        (f"{ONE_TABLE} Its first column links to the other worksheets.", NO_BLANKS),
        ("Worksheet", "Title"),
        tuple((sheet.name, sheet.title) for sheet in sheets),
        (TEXT, TEXT),
        (20, 120),
        links=True,
    )
