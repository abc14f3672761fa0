"""Delimited text as a table: every row is either in it or set aside with a reason."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import polars as pl

from pipelines.errors import InputError
from pipelines.extract import records, tabular
from pipelines.extract.decoding import Text, decode
from pipelines.extract.parsing import fold
from pipelines.extract.records import Layout, Lines, Records
from pipelines.extract.sheet_marks import letters_of
from pipelines.extract.tabular import NO_ROWS, BadRow, Seen, TextTable, counted, fitting, frame_of

DELIMITERS = (",", ";", "\t", "|")
LOOKED_AT = 100
"""Rows by which the number of columns is found where no headings tell it."""
_STATED = re.compile(r'"?sep=([^\w\s"]|\t)"?[ \t]*(?:\n|$)', re.IGNORECASE)


def read_csv(
    source: bytes | Text,
    name: str,
    *,
    expected: frozenset[str],
    header_row: int = 1,
    delimiter: str | None = None,
    by_letter: bool = False,
    keep: Sequence[int] = (),
) -> TextTable:
    """Read a delimited text; ``expected`` are folded headings, by which the delimiter is found.

    ``by_letter``: letters stand for the headings, as many as most rows have cells (with ``header_row`` 0 there are no
    others); ``keep``: rows not below the headings whose cells are wanted too.

    A text of more than one block is not held: its blocks are read anew each time that they are asked for.

    Raises:
        UnreadableError: the bytes are no text, or its headings cannot be some.
        InputError: far too many of its rows cannot be laid under the headings.
    """
    text = source if isinstance(source, Text) else decode(lambda: iter((source,)))
    lines = Lines(text.pieces())
    first = lines.take(records.BLOCK_CHARS)
    while _is_short(first, header_row) and (more := lines.take(records.BLOCK_CHARS)):
        first += more
    stated, rest = _stated_delimiter(first, expected, header_row)
    above = len(first) - len(rest)
    titles, start = _head(rest, header_row)
    if not titles and (header_row or not rest or rest.isspace()):
        return TextTable(name, (), frame_of([], [], 0), encoding=text.encoding, delimiter="")
    if by_letter:
        delimiter = stated or delimiter or max(DELIMITERS, key=lambda one: _width(rest[start:], one))
    delimiter = stated or delimiter or _delimiter(titles[-1], expected)
    head = _Head()
    if header_row:
        layout = Layout(name, delimiter, 0)
        head = _read_head(lines, rest, layout, titles[-1], header_row, start, damaged=text.is_damaged)
    if by_letter:
        head.headings = tuple(letters_of(number + 1) for number in range(_width(rest[head.chars :], delimiter)))
    table = TextTable(
        name,
        head.headings,
        NO_ROWS,
        seen=Seen(head.bad, head.damaged_row),
        encoding=text.encoding,
        delimiter=delimiter,
        above=_cells_of(rest, delimiter, keep),
    )
    fitting(table)
    if not head.has_rows:
        return replace(table, frame=frame_of([], [], len(head.headings)))
    layout = Layout(name, delimiter, len(head.headings))
    body = _Body(text, layout, above + head.chars, header_row + 1, head.damaged_row, table.seen)
    if first.endswith("\n"):
        table.seen.is_complete = False
        return replace(table, more=body.blocks, near=body.near)
    return replace(table, frame=pl.concat(body.read(Lines(iter((rest[head.chars :],))))))


def _width(text: str, delimiter: str) -> int:
    """How many cells most of the first rows have."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    widths = Counter(len(row) for row in islice(rows, LOOKED_AT) if row)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _cells_of(text: str, delimiter: str, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The cells of the rows of those numbers."""
    if not numbers:
        return {}
    rows = enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1)
    return {number: tuple(row) for number, row in islice(rows, max(numbers)) if number in numbers}


def _is_short(text: str, header_row: int) -> bool:
    """Whether the headings may not stand in it."""
    return text.count("\n") <= header_row or (text.isspace() and len(text) < records.LONGEST_RECORD)


def _stated_delimiter(text: str, expected: frozenset[str], header_row: int) -> tuple[str | None, str]:
    """The delimiter that the first line states as ``sep=;``, and the text without that line.

    Excel obeys and hides such a line, so it counts as no row; unless the profile's ``header_row`` counts it.
    """
    match = _STATED.match(text)
    if match is None:
        return None, text
    stated, rest = match[1], text[match.end() :]

    def headings(lines: str) -> int:
        at = lines.split("\n", header_row)
        return _known(at[header_row - 1], stated, expected)[0] if len(at) >= header_row else 0

    return stated, text if header_row > 1 and headings(text) > headings(rest) else rest


def _known(line: str, delimiter: str, expected: frozenset[str]) -> tuple[int, int]:
    """How many cells of the line are expected headings, and how many there are."""
    cells = next(csv.reader([line.replace("\r", " ")], delimiter=delimiter), [])
    return sum(fold(cell) in expected for cell in cells), len(cells)


def _head(text: str, header_row: int) -> tuple[list[str], int]:
    """The lines down to the headings, and where the rows begin."""
    lines: list[str] = []
    start = 0
    while len(lines) < header_row and start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        lines.append(text[start:end])
        start = end + 1
    if len(lines) < header_row or not text or text.isspace():
        return [], 0
    return lines, min(start, len(text))


def _delimiter(header: str, expected: frozenset[str]) -> str:
    return max(DELIMITERS, key=lambda one: _known(header, one, expected))


@dataclass
class _Head:
    """What stands above the rows."""

    headings: tuple[str, ...] = ()
    chars: int = 0
    """Characters down to the rows."""
    damaged_row: int | None = None
    bad: tuple[BadRow, ...] = ()
    has_rows: bool = True


def _read_head(
    lines: Lines, text: str, layout: Layout, header: str, header_row: int, start: int, *, damaged: bool
) -> _Head:
    """The headings in the row of that number; ``header``: the line of that number, and ``start``: where it ends."""
    is_plain = not any(mark in text[:start] for mark in '"\r')
    if is_plain and not damaged:
        return _Head(tuple(next(csv.reader([header], delimiter=layout.delimiter), [])), start)
    by_line = None
    if "\r" not in header and header.count('"') % 2 == 0 and not damaged:
        by_line = _Head(tuple(next(csv.reader([header], delimiter=layout.delimiter), [])), start)
    by_record = _head_by_record(lines, text, layout, header_row, damaged=damaged)
    if by_line is None or by_record.chars == start or len(by_line.headings) < 2 or not any(by_line.headings):
        return by_record
    # Where a quotation mark opens above the headings, the rows tell whether it was meant.
    rows = text[start:].removesuffix("\n")
    block = records.fast(rows, layout.delimiter, len(by_line.headings), header_row + 1) if rows else None
    return by_record if block is None else by_line


def _head_by_record(lines: Lines, text: str, layout: Layout, header_row: int, *, damaged: bool) -> _Head:
    head = _Head()
    above = Records(lines, text, layout, 1, until=header_row)
    for number, record, raw in above:
        if damaged and head.damaged_row is None and any(records.UNDECODED in cell for cell in record):
            head.damaged_row = number
        if above.is_at_end and records.is_unclosed(raw, layout.delimiter):
            pieces = [one for one in records.unclosed_pieces(raw, number) if one.row >= header_row]
            head.bad = tuple(replace(one, row=max(one.row, header_row + 1)) for one in pieces)
            break
        if number == header_row:
            head.headings, head.chars = tuple(record), above.chars
            return head
    head.has_rows = False
    return head


@dataclass
class _Body:
    """The rows of a text."""

    text: Text
    layout: Layout
    start: int
    """Characters above them."""
    first: int
    """Number of the first row."""
    damaged_row: int | None
    """Row above them with characters that could not be decoded."""
    seen: Seen
    marks: list[tuple[int, int]] = field(default_factory=list)
    """Characters and first row of each block, once they have been read."""

    def blocks(self) -> Iterator[pl.DataFrame]:
        """The rows, as ``TextTable.blocks`` gives them."""
        return self.read(self._lines())

    def read(self, lines: Lines) -> Iterator[pl.DataFrame]:
        """The rows in ``lines``."""
        bad: list[BadRow] = []
        marks: list[tuple[int, int]] = []
        damaged_row, row, index, set_aside = self.damaged_row, self.first, 0, 0
        while text := lines.take(records.BLOCK_CHARS):
            is_asked = self.text.is_damaged and damaged_row is None
            block = self.layout.read(lines, text, row, damaged=is_asked)
            damaged_row = damaged_row or block.damaged_row
            bad += block.bad
            set_aside += sum(len(one.content) for one in block.bad)
            if set_aside > tabular.MOST_ASIDE:
                raise InputError(
                    f"The file {self.layout.name} cannot be read: {len(bad):,} of its first {row + block.records - 1:,}"
                    f" rows have another number of cells than the {self.layout.width:,} headings. Check which row has"
                    " the headings and what parts the cells."
                )
            marks.append((block.chars, row))
            row += block.records
            self.text.tell(row - self.first)
            if block.frame.height:
                yield counted(block.frame, index)
            index += block.frame.height
        if not index:
            yield frame_of([], [], self.layout.width)
        self.seen.bad, self.seen.damaged_row, self.seen.is_complete = tuple(bad), damaged_row, True
        self.marks = marks

    def near(self, wanted: pl.Series) -> Iterator[pl.DataFrame]:
        """The rows of the blocks that the rows of those numbers stand in."""
        if not self.marks:
            yield from self.blocks()
            return
        lines = self._lines()
        ends = [*(row for _, row in self.marks[1:]), None]
        for (chars, first), end in zip(self.marks, ends, strict=True):
            if wanted.filter(wanted >= first if end is None else wanted.is_between(first, end - 1)).is_empty():
                lines.skip(chars)
            else:
                yield self.layout.read(lines, lines.take(records.BLOCK_CHARS), first, damaged=False).frame
        lines.take(1)  # to the end, so that a change in the file is seen

    def _lines(self) -> Lines:
        lines = Lines(self.text.pieces())
        lines.skip(self.start)
        return lines
