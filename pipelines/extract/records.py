"""Lines of delimited text as rows: by the reader that is fast where it can be, and by the careful one otherwise."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from pipelines.errors import InputError
from pipelines.extract.decoding import MIB
from pipelines.extract.tabular import BLOCK_ROWS, BadRow, cleaned, frame_of

BLOCK_CHARS = 16 * MIB
"""A longer text is read in blocks of whole lines, so that memory does not grow with the file."""
LONGEST_RECORD = 32 * MIB
"""Characters of one row in a text of several blocks; a quotation mark that opens more is one too many."""

LOOKED_AT = 64 * 1024
"""Characters of a block that show whether its cells hold line breaks."""

# As the largest integer of C: a cell is bounded by the length of a row.
csv.field_size_limit(2**31 - 1)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# What Python takes for white space or the end of a line, and Polars does not.
_NOT_FAST = "\r\x1c\x1d\x1e\x1f"
_NOT_PLAIN = '"\x0b\x0c' + _NOT_FAST
UNDECODED = "\ufffd"


class Lines:
    """The lines of a text that comes in pieces, some whole ones at a time."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0

    def take(self, chars: int) -> str:
        """The lines down to the first line feed after so many characters; empty at the end of the text.

        A line feed ends each of them but the last of the text.
        """
        while (end := self._text.find("\n", self._at + chars)) < 0 and self._grow():
            pass
        start, self._at = self._at, len(self._text) if end < 0 else end + 1
        return self._text[start : self._at]

    def skip(self, chars: int) -> None:
        """Go on by so many characters."""
        while (left := len(self._text) - self._at) < chars:
            chars, self._at = chars - left, len(self._text)
            if not self._grow():
                return
        self._at += chars

    def give_back(self, chars: int) -> None:
        """Let the last characters of what was taken last be taken again."""
        self._at -= chars

    def _grow(self) -> bool:
        piece = next(self._pieces, None)
        if piece is not None:
            self._text, self._at = self._text[self._at :] + piece, 0
        return piece is not None


@dataclass
class Block:
    """The rows of some lines."""

    frame: pl.DataFrame
    """``_row`` and the cells."""
    bad: list[BadRow] = field(default_factory=list)
    records: int = 0
    """Rows of the file, empty ones and bad ones among them."""
    chars: int = 0
    damaged_row: int | None = None
    """First row with characters that could not be decoded."""


@dataclass(frozen=True)
class Layout:
    """What the rows of a text are like."""

    name: str
    """What messages call it."""
    delimiter: str
    width: int
    """Number of the headings."""

    def read(self, lines: Lines, text: str, first: int, *, damaged: bool) -> Block:
        """The rows of ``text``, just taken from ``lines``, the first of them with that number.

        A row that goes on beyond ``text`` is read to its end. ``damaged``: a row with characters that could not be
        decoded is looked for.

        Raises:
            InputError: a row goes on for far too long.
        """
        body = text.removesuffix("\n")
        if self.width > 1 and text and not (damaged and UNDECODED in text):
            block = fast(body, self.delimiter, self.width, first) or plain(body, self.delimiter, self.width, first)
            if block is not None:
                block.records, block.chars = body.count("\n") + 1, len(text)
                return block
        return self._careful(Records(lines, text, self, first), damaged=damaged)

    def _careful(self, records: Records, *, damaged: bool) -> Block:
        """Record by record: line breaks in cells, ragged rows, unclosed quotation marks."""
        parts: list[pl.DataFrame] = []
        cells: list[list[str]] = []
        rows: list[int] = []
        block = Block(frame_of([], [], self.width))
        for number, record, raw in records:
            block.records += 1
            if damaged and block.damaged_row is None and any(UNDECODED in cell for cell in record):
                block.damaged_row = number
            if records.is_at_end and is_unclosed(raw, self.delimiter):
                block.bad += unclosed_pieces(raw, number)
                break
            if not "".join(record).strip():
                continue
            if len(record) > self.width and not any(cell.strip() for cell in record[self.width :]):
                record = record[: self.width]
            if len(record) != self.width:
                block.bad.append(BadRow(number, "X-20", "".join(raw).rstrip("\r\n"), len(record)))
                continue
            cells.append(record)
            rows.append(number)
            if len(rows) == BLOCK_ROWS:
                parts.append(frame_of(cells, rows, self.width))
                cells, rows = [], []
        parts.append(frame_of(cells, rows, self.width))
        block.frame = pl.concat(parts)
        block.chars = records.chars
        return block


class Records:
    """Rows by the csv module: each with its number and the lines that it stands in."""

    def __init__(self, lines: Lines, text: str, layout: Layout, first: int, *, until: int = 0) -> None:
        """``until``: a row of that number is wanted, beyond the text if need be."""
        self._lines, self._text, self._layout, self._number, self._until = lines, text, layout, first, until
        self._raw: list[str] = []
        self._before = 0
        """Characters of the texts before this one."""
        self._end = 0

    @property
    def chars(self) -> int:
        """Characters of the rows given so far."""
        return self._before + self._end

    @property
    def is_at_end(self) -> bool:
        """Whether no character of the text follows."""
        return self._end == len(self._text) and not self._text.endswith("\n")

    def __iter__(self) -> Iterator[tuple[int, list[str], list[str]]]:
        for record in csv.reader(self._feed(), delimiter=self._layout.delimiter):
            raw, self._raw = self._raw, []
            self._number += 1
            yield self._number - 1, record, raw
            if self._before and self._number > self._until:
                # The row that went on has ended; the next ones are read with the lines after it.
                break
        if self._before:
            self._lines.give_back(len(self._text) - self._end)

    def _feed(self) -> Iterator[str]:
        while True:
            for end in _line_ends(self._text):
                line, self._end = self._text[self._end : end], end
                self._raw.append(line)
                yield line
            is_between = not self._raw and self._number > self._until
            if is_between or not (more := self._lines.take(BLOCK_CHARS)):
                return
            self._before += len(self._text)
            self._text, self._end = more, 0
            if sum(map(len, self._raw)) > LONGEST_RECORD:
                raise InputError(
                    f"The file {self._layout.name} cannot be read: a quotation mark opens a cell in row"
                    f" {self._number:,} that has more than {LONGEST_RECORD:,} characters. Put the mark right there, or"
                    " export the file again."
                )


def _line_ends(text: str) -> Iterator[int]:
    if "\r" in text:
        yield from (match.end() for match in _LINE.finditer(text))
        return
    end = 0
    while end < len(text):
        end = text.find("\n", end) + 1 or len(text)
        yield end


def is_unclosed(lines: Sequence[str], delimiter: str) -> bool:
    """Whether the lines end within quotation marks."""
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def unclosed_pieces(lines: Sequence[str], number: int) -> list[BadRow]:
    """The lines of a row that never ends, each as a row of its own."""
    pieces = [line.rstrip("\r\n") for line in lines]
    return [BadRow(number + offset, "X-21", piece) for offset, piece in enumerate(pieces) if piece.strip()]


def fast(lines: str, delimiter: str, width: int, first: int) -> Block | None:
    """The rows of some whole lines; none where some line is not one well-formed row of the right length."""
    if any(mark in lines for mark in _NOT_FAST):
        return None
    between = lines.count(delimiter)
    if '"' in lines:
        # Where cells hold line breaks, the first lines tell, at less cost than all of them.
        if any(line.count('"') % 2 for line in lines[:LOOKED_AT].split("\n")[:-1]):
            return None
        inside = _inside_quotes(lines, delimiter)
        if inside is None:
            return None
        between -= inside
    try:
        frame = pl.read_csv(
            lines.encode(),
            has_header=False,
            separator=delimiter,
            schema={f"c{index}": pl.String() for index in range(width)},
            infer_schema=False,
        )
    except pl.exceptions.PolarsError:
        return None  # some line is too long
    # No line is longer, so none is shorter either where the delimiters are as many as they should be.
    if frame.height != lines.count("\n") + 1 or between != frame.height * (width - 1):
        return None
    # Of the last line alone, Polars takes an empty cell too many.
    last = lines[lines.rfind("\n") + 1 :]
    if last.endswith(delimiter) and len(next(csv.reader([last], delimiter=delimiter))) != width:
        return None
    rows = pl.int_range(first, first + frame.height, dtype=pl.Int64, eager=True).alias("_row")
    return Block(cleaned(frame.with_columns(rows), strip=_has_edges(lines, delimiter)))


def _inside_quotes(rest: str, delimiter: str) -> int | None:
    """Delimiters within quotation marks; none where some line is not well-formed by itself."""
    lines = pl.Series("line", [rest]).str.split("\n").explode()
    lines = lines.filter(lines.str.contains('"', literal=True))
    mark = re.escape(delimiter)
    cell = rf'(?:"[^"]*"(?:"[^"]*")*|[^"{mark}]*)'
    if not lines.str.contains(rf"^{cell}(?:{mark}{cell})*$").all():
        return None
    bare = lines.str.replace_all(r'"[^"]*"', "")
    counts = [int(one.str.count_matches(delimiter, literal=True).sum()) for one in (lines, bare)]
    return counts[0] - counts[1]


def _has_edges(rest: str, delimiter: str) -> bool:
    """Whether some cell may begin or end with white space, or be empty within quotation marks."""
    if not rest.isascii() or '""' in rest or "\x0b" in rest or "\x0c" in rest:
        return True
    marks = (delimiter, "\n", '"')
    spaces = (" ",) if delimiter == "\t" else (" ", "\t")
    if rest[:1].isspace() or rest[-1:].isspace():
        return True
    return any(f"{mark}{space}" in rest or f"{space}{mark}" in rest for mark in marks for space in spaces)


def plain(text: str, delimiter: str, width: int, first: int) -> Block | None:
    """Lines without quotation marks, each of which is a row whatever its length; none for any other lines."""
    if any(mark in text for mark in _NOT_PLAIN):
        return None
    line = pl.col("line")
    lines = pl.Series("line", [text]).str.split("\n").explode().to_frame().with_row_index("_row", offset=first)
    lines = lines.with_columns(pl.col("_row").cast(pl.Int64))
    lines = lines.filter(line.str.replace_all(delimiter, "", literal=True).str.strip_chars() != "")
    lines = lines.with_columns((line.str.count_matches(delimiter, literal=True) + 1).alias("found"))
    # Cells beyond the last heading that hold nothing are no cells.
    cells = line.str.split(delimiter)
    longer = lines.filter((pl.col("found") > width) & (cells.list.slice(width).list.join("").str.strip_chars() == ""))
    longer = longer.select("_row", cells.list.head(width).list.join(delimiter).alias("kept"))
    lines = lines.join(longer, on="_row", how="left", maintain_order="left")
    fits = (pl.col("found") == width) | pl.col("kept").is_not_null()
    bad = [BadRow(row, "X-20", content, count) for row, content, count in lines.filter(~fits).drop("kept").iter_rows()]
    good = lines.filter(fits).select("_row", pl.coalesce("kept", "line").alias("line"))
    if good.is_empty():
        return Block(frame_of([], [], width), bad)
    frame = pl.read_csv(
        "\n".join(good.get_column("line")).encode(),
        has_header=False,
        separator=delimiter,
        quote_char=None,
        schema={f"c{index}": pl.String() for index in range(width)},
        infer_schema=False,
    )
    return Block(cleaned(frame.with_columns(good.get_column("_row"))), bad)
