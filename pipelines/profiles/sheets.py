"""The files and sheets of an export, read whatever their layout: where the headings are is found, not told."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from pipelines.extract.decoding import UnreadableError
from pipelines.extract.delimited import DELIMITERS
from pipelines.extract.exports import TEXT_SUFFIXES, WORKBOOK_SUFFIXES, ExportFile, files_of, shown
from pipelines.extract.locate import Located
from pipelines.extract.stray import is_footer
from pipelines.extract.tabular import TextTable
from pipelines.profiles.headrows import LOOKED_AT, HeadRows, find, joined
from schemas.sources import Table
from schemas.sources.readings import Reading

MOST_CELLS = 40_000_000
"""Cells of one file or sheet that are held; of a larger one the first rows tell."""
HEAD_CHARS = 256 * 1024
READ_TWICE_TO = 1_000
"""Rows of a sheet that is read again where others tell where its headings stand."""
TOTALS_IN = 3
"""The first columns, in one of which a row says that it is a total."""
_TOTAL = r"^(?:grand |sub-?)?totals?\b"
FOOTER_WORDS = 2
"""Words of a footer that are told; a name may follow them ("Printed by …")."""
FOOTER_ROWS = 20
"""Rows at the end among which a footer is looked for."""


@dataclass
class Sheet:
    """One file or sheet of the export, as text."""

    file: ExportFile
    sheet: str | None
    head: HeadRows
    frame: pl.DataFrame
    """One row per data row: ``_row`` and ``c0``, ``c1`` …; a footer is left out."""
    delimiter: str = ""
    footers: tuple[str, ...] = ()
    """Beginnings of the rows that close the report."""
    footer_in: int = 0
    """Column in which they begin."""
    totals: tuple[int, str] | None = None
    """Column and beginning of rows among the others that begin as totals do; they are left out too."""
    is_part: bool = False
    """Whether more rows are there than are held."""
    bad_rows: int = 0
    notes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """Lines of the profile that make these rows from those of the file."""
    file_pattern: str | None = None
    sheet_pattern: str | None = None
    """Where several files or sheets are one table."""
    codes_from: dict[int, str] = field(default_factory=dict)
    """Column → the look-up that its cells are translated by, as it is written in the profile."""
    shorts: dict[int, str] = field(default_factory=dict)
    """Column → what its heading says, where other words say it better."""
    about: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Column → sections of which its heading speaks."""
    undecided: str = ""
    """Why its rows are not used although they belong to cases."""
    parts: tuple[str, ...] = ()
    """Names of the files and sheets that it takes in besides its own."""

    @property
    def is_turned(self) -> bool:
        """Whether its headings are texts of cells."""
        return any(line.startswith("pivot = ") for line in self.keys)

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.file.name} [{self.sheet}]" if self.sheet is not None else self.file.name

    @property
    def label(self) -> str:
        """What an officer would call it: the sheet, or the file without suffix."""
        return self.sheet if self.sheet is not None else self.file.stem

    @property
    def headings(self) -> tuple[str, ...]:
        """One for each column."""
        return self.head.headings


class TableSheet(Sheet):
    """A table of a database, read into a file of its name."""

    @property
    def name(self) -> str:
        """The table, with its schema if need be."""
        return self.label


@dataclass(frozen=True)
class Unread:
    """A file or sheet that holds no table."""

    name: str
    why: str


def read_sheets(export: Path) -> tuple[list[Sheet], list[Unread]]:
    """Every file and sheet with headings, in the order of the export, and those without, with the reason.

    Raises:
        InputError: the export cannot be opened.
    """
    unread: list[Unread] = []
    reads = [part for file in files_of(export) for part in _parts(file, unread)]
    made = [_tried(read) for _, read in reads]
    grouped = {one.head.rows: one.head for one in made if isinstance(one, Sheet) and len(one.head.rows) > 1}
    for number, one in enumerate(made):
        # A month with few rows does not tell by itself that its headings stand in two rows.
        if grouped and (isinstance(one, str) or (one.head.rows not in grouped and one.frame.height <= READ_TWICE_TO)):
            made[number] = _tried(replace(reads[number][1], like=tuple(grouped.values())))
    unread += [Unread(name, one) for (name, _), one in zip(reads, made, strict=True) if isinstance(one, str)]
    return [one for one in made if isinstance(one, Sheet)], unread


def _tried(read: _Read) -> Sheet | str:
    try:
        return read()
    except UnreadableError as error:
        return str(error)


def _parts(file: ExportFile, unread: list[Unread]) -> Iterator[tuple[str, _Read]]:
    if file.suffix in WORKBOOK_SUFFIXES:
        try:
            sheets = file.workbook.sheets
        except UnreadableError as error:
            unread.append(Unread(file.name, str(error)))
            return
        for sheet in sheets:
            yield f"{file.name} [{sheet}]", _Read(file, sheet)
    else:
        yield file.name, _Read(file, None)


@dataclass(frozen=True)
class _Read:
    file: ExportFile
    sheet: str | None
    like: tuple[HeadRows, ...] = ()
    """Rows of headings of other sheets, which are taken where the same headings stand in them."""

    def __call__(self) -> Sheet | str:
        """The sheet, or why there is none."""
        delimiter = ""
        if self.sheet is None and self.file.suffix in TEXT_SUFFIXES:
            rows, delimiter = _first_lines(self.file)
        elif self.sheet is None:
            table = self._table((), "", 1)
            return _sheet(self, HeadRows((1,), table.headings), table, "")
        else:
            first = self._table((), "", 1)
            if not first.headings:
                return "the sheet is empty"
            rows = [list(first.headings), *_rows_of(first, LOOKED_AT - 1)]
        if not rows:
            return "the file is empty"
        alike = [one for one in self.like if (same := joined(rows, one.rows)) and same == _trimmed(one.headings)]
        head = alike[0] if alike else find(rows)
        if not head.rows:
            return "no row of it holds headings"
        return _sheet(self, head, self._table(rows[head.rows[-1] - 1], delimiter, head.rows[-1]), delimiter)

    def _table(self, headings: Sequence[str], delimiter: str, header_row: int) -> TextTable:
        table = Table(
            file=self.file.stem,
            sheet=self.sheet,
            optional=False,
            reading=Reading(header_row),
            delimiter=delimiter or None,
            ignore=tuple(headings),
            allow_unused_rows=True,
            feeds=(),
        )
        return Located(table, self.file, self.sheet).read()


def _trimmed(headings: Sequence[str]) -> tuple[str, ...]:
    width = max((place + 1 for place, heading in enumerate(headings) if heading), default=0)
    return tuple(headings[:width])


def _first_lines(file: ExportFile) -> tuple[list[list[str]], str]:
    """The first rows of a delimited text, and what parts its cells."""
    text = next(file.text().pieces(), "")
    if len(text) > HEAD_CHARS:
        cut = text.rfind("\n", 0, HEAD_CHARS)
        text = text[: cut if cut > 0 else HEAD_CHARS]
    stated = next((one for one in DELIMITERS if text[:8].lower().lstrip('"').startswith(f"sep={one}")), None)
    if stated:
        text = text.split("\n", 1)[1] if "\n" in text else ""
    best: tuple[tuple[int, int], list[list[str]], str] = ((-1, -1), [], ",")
    for one in (stated,) if stated else DELIMITERS:
        rows = []
        for row in csv.reader(text.split("\n"), delimiter=one):
            rows.append(row)
            if len(rows) == LOOKED_AT:
                break
        widths = Counter(len(row) for row in rows if len(row) > 1)
        width, often = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if (often, width) > best[0]:
            best = ((often, width), rows, one)
    return best[1], best[2]


def _rows_of(table: TextTable, most: int) -> list[list[str]]:
    """The first rows, blank ones among them, so that their places are those in the sheet."""
    frame = table.frame.head(most)
    names = [f"c{index}" for index in range(len(table.headings))]
    rows: list[list[str]] = []
    for number, *cells in frame.select("_row", *names).iter_rows():
        while len(rows) + 2 < number and len(rows) < most:
            rows.append([])
        rows.append([cell or "" for cell in cells])
    return rows[:most]


def _sheet(read: _Read, head: HeadRows, table: TextTable, delimiter: str) -> Sheet | str:
    width = len(table.headings)
    names = [f"c{index}" for index in range(width)]
    most = max(MOST_CELLS // max(width, 1), 1)
    blocks, height, is_part = [], 0, False
    for block in table.blocks():
        blocks.append(block.select("_row", *names))
        height += block.height
        if height > most:
            is_part = True
            break
    frame = pl.concat(blocks).head(most)
    headings = (*head.headings, *[""] * (width - len(head.headings)))[:width]
    kept, footers, footer_in = _without_footer(frame, names)
    kept, totals = _without_totals(kept, names)
    return Sheet(
        read.file,
        read.sheet,
        HeadRows(head.rows, headings),
        kept,
        delimiter,
        footers,
        footer_in,
        totals,
        is_part,
        0 if is_part else len(table.bad),
    )


def _without_footer(frame: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, tuple[str, ...], int]:
    """The rows without those at the end that close the report, the words by which they begin, and in which column."""
    if not names:
        return frame, (), 0
    rows: list[int] = []
    words: dict[str, None] = {}
    place = 0
    for row, *cells in frame.tail(FOOTER_ROWS).select("_row", *names).iter_rows():
        index = next((index for index, cell in enumerate(cells) if cell), None)
        if index is None or not is_footer(cells[index]):
            continue
        rows.append(row)
        if word := _beginning(cells[index]):
            words[word] = None
            place = index
    return frame.filter(~pl.col("_row").is_in(rows)), tuple(words), place


def _without_totals(frame: pl.DataFrame, names: Sequence[str]) -> tuple[pl.DataFrame, tuple[int, str] | None]:
    """The rows without sums of those above them, and where such rows say what they are."""
    for index, name in enumerate(names[:TOTALS_IN]):
        is_total = pl.col(name).str.to_lowercase().str.contains(_TOTAL).fill_null(value=False)
        found = frame.filter(is_total)
        if 0 < found.height < 0.2 * frame.height:
            word = str(found.get_column(name)[0]).split()[0]
            return frame.filter(~is_total), (index, word)
    return frame, None


def _beginning(text: str) -> str:
    """The words by which a footer begins, without the figures and names that follow."""
    words = []
    for word in shown(text).split()[:FOOTER_WORDS]:
        if any(one.isdigit() for one in word):
            break
        words.append(word)
        if word.endswith(":"):
            break
    return " ".join(words)
