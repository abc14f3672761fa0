"""A workbook before it is written: sheets of cells, each with a value and a style."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

import polars as pl

NUMBER = "number"
PERCENT = "percent"
DECIMAL = "decimal"
DAY = "day"
MONEY = "money"
MONTH = "month"

Value = str | int | float | date
"""What a cell holds; a day is a ``date``."""


@dataclass(frozen=True)
class Style:
    """How cells look. ``number`` is one of the formats above, or empty for text."""

    name: str
    number: str = ""
    bold: bool = False
    size: int = 0
    """In points; 0: as large as the book's text."""
    wrap: bool = False
    is_on_top: bool = False
    is_right: bool = False
    """Against the right edge of the cell, a little off it."""
    is_boxed: bool = False
    """A thin line around the cell, such as one to write in by hand."""
    level: int = 0
    """1 for the heading of a sheet, 2 for one below it: such cells have the named style of a heading; 0 for others."""


class Cell(NamedTuple):
    """One cell; ``row`` and ``column`` count from 0. A linked cell holds the name of a sheet and leads there."""

    row: int
    column: int
    value: Value | None
    style: Style | None = None
    is_link: bool = False
    leads_to: str | None = None
    """Address of a page of the web that a text leads to (XLSX only)."""


@dataclass(frozen=True)
class Column:
    """Width in characters, and the style of cells without one."""

    width: float
    style: Style | None = None


@dataclass(frozen=True)
class Table:
    """A named table: its heading row, which the writer fills, and the rows under it."""

    name: str
    row: int
    headings: tuple[str, ...]
    style: Style
    height: int
    is_filtered: bool = False
    """Its headings have buttons to filter by (XLSX only)."""
    over_numbers: Style | None = None
    """Style of the headings of ``numbers``, the columns (from 0) that stand against the right edge."""
    numbers: frozenset[int] = frozenset()

    def cells(self) -> list[Cell]:
        """The heading row."""
        over = self.over_numbers or self.style
        return [
            Cell(self.row, column, text, over if column in self.numbers else self.style)
            for column, text in enumerate(self.headings)
        ]


@dataclass(frozen=True)
class Listing:
    """Rows of a frame as lines of a sheet: text, whole numbers and days; where there is nothing, there is no cell."""

    rows: pl.DataFrame
    styles: tuple[Style, ...]
    """Of each column's cells."""
    first: int
    """The line of the first row."""
    links: Mapping[int, pl.Series] = field(default_factory=dict)
    """Addresses of pages of the web to which the texts of a column lead, by its place; null where one leads nowhere."""

    def cells(self) -> Iterator[Cell]:
        """The same as cells, in reading order."""
        links = {place: addresses.to_list() for place, addresses in self.links.items()}
        for line, values in enumerate(self.rows.iter_rows()):
            for place, value in enumerate(values):
                if value is not None:
                    leads_to = links[place][line] if place in links else None
                    yield Cell(self.first + line, place, value, self.styles[place], leads_to=leads_to)


@dataclass(frozen=True)
class Sheet:
    """One sheet. ``cells`` are read once, in any order, the headings of ``table`` and ``listing`` not among them."""

    name: str
    cells: Iterable[Cell]
    columns: tuple[Column, ...] = ()
    table: Table | None = None
    frozen_rows: int = 0
    filtered: tuple[int, int] | None = None
    """Rows under the headings that can be filtered, and the number of columns."""

    heading_row: int = 0
    """The row of the headings that filters hang on."""

    is_printed_wide: bool = False
    """Printed on landscape A4, one page wide, with the frozen rows at the head of each page (XLSX only)."""

    printed_columns: int | None = None
    """How many columns are printed, from the left; by default all."""

    footer: str = ""
    """Words at the foot of each printed page, before its number; given with ``is_printed_wide``."""

    is_fitted: bool = False
    """Each row is as high as its wrapped texts, and on landscape A4 or A3 the columns are one page wide if they can be
    read so."""

    listing: Listing | None = None
    """What stands under the cells: many lines of one kind, which are written faster than cells."""

    def every_cell(self) -> Iterator[Cell]:
        """The cells, those of ``listing`` among them."""
        yield from self.cells
        if self.listing:
            yield from self.listing.cells()

    @property
    def width(self) -> float:
        """Of all columns together, in characters."""
        return sum(column.width for column in self.columns)


ON_A4 = 180
"""Characters of a row that can still be read when it is drawn together to the width of A4; of A3 twice as many."""


@dataclass(frozen=True)
class Book:
    """All sheets. ``created`` is written into the file's properties: the caller's time, never the clock's."""

    created: datetime
    sheets: Iterable[Sheet]
    title: str = ""
    author: str = ""
    styles: tuple[Style, ...] = ()
    """Every style of the sheets; ODS declares them at its head."""
    language: str = ""
    """Of its words, such as en-GB: written into the file's properties."""
    font: str = ""
    """By default the one of the program that opens the file."""
    size: int = 11
    """Of its text, in points."""
