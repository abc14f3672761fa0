"""Delimited text as a table: every row is either in it or set aside with a reason."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from pipelines.extract.decoding import decode
from pipelines.extract.parsing import fold
from pipelines.extract.tabular import (
    BLOCK_ROWS,
    NO_ROWS,
    BadRow,
    TextTable,
    cleaned,
    counted,
    fitting,
    frame_of,
)

DELIMITERS = (",", ";", "\t", "|")
BLOCK_CHARS = 16 * 1024**2
"""A longer text is read in blocks of whole lines, so that memory does not grow with the file."""

# As the largest integer of C: a cell is bounded by the length of a line, or by the file where a quotation mark is open.
csv.field_size_limit(2**31 - 1)
_STATED = re.compile(r'"?sep=([^\w\s"]|\t)"?[ \t]*(?:\n|$)', re.IGNORECASE)
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class RaggedError(Exception):
    """Some line of a long text is not one row of the right length: read the table again, with ``ragged``."""


def read_csv(
    data: bytes,
    name: str,
    *,
    expected: frozenset[str],
    header_row: int = 1,
    delimiter: str | None = None,
    ragged: bool = False,
) -> TextTable:
    """Read a delimited text file; ``expected`` are folded headings, by which the delimiter is found.

    ``ragged`` says that some line is known not to be one well-formed row.

    Raises:
        UnreadableError: the bytes are no text.
    """
    decoded = decode(data)
    text, encoding, damaged = decoded.text, decoded.encoding, decoded.is_damaged
    del data, decoded  # a large file is held once, as text
    stated, text = _stated_delimiter(text, expected, header_row)
    records, start = _head(text, header_row)
    if not records:
        return TextTable(name, (), frame_of([], [], 0), encoding=encoding, delimiter="")
    delimiter = stated or delimiter or _delimiter(records[-1], expected)
    fast = None if damaged or ragged else _fast(text, name, delimiter, header_row, records[-1], start)
    if fast is not None:
        return fitting(replace(fast, encoding=encoding))
    plain = None if damaged else _unquoted(text, name, delimiter, header_row)
    if plain is not None:
        return fitting(replace(plain, encoding=encoding))
    return fitting(_slow(text, name, encoding, delimiter, header_row, damaged=damaged))


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


def _fast(text: str, name: str, delimiter: str, header_row: int, header: str, start: int = 0) -> TextTable | None:
    """Polars' reader, where every line from ``start`` on is one well-formed row of the right length; otherwise none."""
    if "\r" in header or header.count('"') % 2 or start >= len(text):
        return None
    headings = tuple(next(csv.reader([header], delimiter=delimiter)))
    if len(headings) < 2 or not any(headings):
        return None
    if len(text) - start > BLOCK_CHARS:
        more = partial(_in_blocks, text, start, delimiter, len(headings), header_row + 1)
        raw = partial(_raw_lines, text, start, header_row + 1)
        return TextTable(name, headings, NO_ROWS, delimiter=delimiter, more=more, raw=raw)
    frame = _block(text[start:], delimiter, len(headings), header_row + 1)
    return None if frame is None else TextTable(name, headings, counted(frame, 0), delimiter=delimiter)


def _cut(text: str, start: int, first_row: int) -> Iterator[tuple[str, int]]:
    """Some whole lines at a time, and the number of the first of them."""
    while start < len(text):
        end = text.find("\n", start + BLOCK_CHARS)
        end = len(text) if end < 0 else end
        lines = text[start:end]
        yield lines, first_row
        first_row += lines.count("\n") + 1
        start = end + 1


def _in_blocks(text: str, start: int, delimiter: str, width: int, first_row: int) -> Iterator[pl.DataFrame]:
    """The rows of a long text, some lines at a time.

    Raises:
        RaggedError: some line of the block is not one well-formed row of the right length.
    """
    index = 0
    for lines, first in _cut(text, start, first_row):
        frame = _block(lines, delimiter, width, first)
        if frame is None:
            raise RaggedError
        yield counted(frame, index)
        index += frame.height


def _raw_lines(text: str, start: int, first_row: int, wanted: pl.Series) -> pl.DataFrame:
    """``_row`` and ``content``: the lines of the rows of those numbers, as they stand in the file."""
    found = [pl.DataFrame(schema={"_row": pl.Int64(), "content": pl.String()})]
    for lines, first in _cut(text, start, first_row):
        content = pl.Series("content", [lines]).str.split("\n").explode()
        rows = pl.int_range(first, first + content.len(), dtype=pl.Int64, eager=True).alias("_row")
        block = pl.DataFrame([rows, content])
        # What is kept is a copy, so that the rest of the block can go.
        found.append(block.filter(pl.col("_row").is_in(wanted.implode())).rechunk())
    return pl.concat(found)


def _block(lines: str, delimiter: str, width: int, first_row: int) -> pl.DataFrame | None:
    """The rows of some whole lines; none where some line is not one well-formed row of the right length."""
    if "\r" in lines:
        return None
    between = lines.count(delimiter)
    if '"' in lines:
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
    rows = pl.int_range(first_row, first_row + frame.height, dtype=pl.Int64, eager=True).alias("_row")
    return cleaned(frame.with_columns(rows), strip=_has_edges(lines, delimiter))


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
    if not rest.isascii() or '""' in rest or any(mark in rest for mark in "\x0b\x0c\x1c\x1d\x1e\x1f\r"):
        return True
    marks = (delimiter, "\n", '"')
    spaces = (" ",) if delimiter == "\t" else (" ", "\t")
    if rest[:1].isspace() or rest[-1:].isspace():
        return True
    return any(f"{mark}{space}" in rest or f"{space}{mark}" in rest for mark in marks for space in spaces)


def _unquoted(text: str, name: str, delimiter: str, header_row: int) -> TextTable | None:
    """A text without quotation marks, in which a line is a row whatever its length; none for any other text."""
    # What follows is what Python takes for white space or the end of a line, and Polars does not.
    if any(mark in text for mark in '"\r\x0b\x0c\x1c\x1d\x1e\x1f'):
        return None
    lines = pl.Series("line", [text]).str.split("\n").explode().to_frame().with_row_index("_row", offset=1)
    lines = lines.with_columns(pl.col("_row").cast(pl.Int64))
    headings = next(csv.reader([lines.item(header_row - 1, "line")], delimiter=delimiter), [])
    width = len(headings)
    if width < 2:
        return None
    line = pl.col("line")
    filled = line.str.replace_all(delimiter, "", literal=True).str.strip_chars() != ""
    lines = lines.filter((pl.col("_row") > header_row) & filled)
    lines = lines.with_columns((line.str.count_matches(delimiter, literal=True) + 1).alias("found"))
    # Cells beyond the last heading that hold nothing are no cells.
    cells = line.str.split(delimiter)
    longer = lines.filter((pl.col("found") > width) & (cells.list.slice(width).list.join("").str.strip_chars() == ""))
    longer = longer.select("_row", cells.list.head(width).list.join(delimiter).alias("kept"))
    lines = lines.join(longer, on="_row", how="left", maintain_order="left")
    fits = (pl.col("found") == width) | pl.col("kept").is_not_null()
    bad = tuple(
        BadRow(row, "X-20", content, count) for row, content, count in lines.filter(~fits).drop("kept").iter_rows()
    )
    good = lines.filter(fits).select("_row", pl.coalesce("kept", "line").alias("line"))
    del lines
    if good.is_empty():
        return TextTable(name, tuple(headings), frame_of([], [], width), bad, delimiter=delimiter)
    frame = pl.read_csv(
        "\n".join(good.get_column("line")).encode(),
        has_header=False,
        separator=delimiter,
        quote_char=None,
        schema={f"c{index}": pl.String() for index in range(width)},
        infer_schema=False,
    ).with_columns(good.get_column("_row"))
    raw = partial(_raw_lines, text, 0, 1) if len(text) > BLOCK_CHARS else None
    return TextTable(name, tuple(headings), counted(cleaned(frame), 0), bad, delimiter=delimiter, raw=raw)


def _slow(text: str, name: str, encoding: str, delimiter: str, header_row: int, *, damaged: bool) -> TextTable:
    """The csv module, record by record: line breaks in cells, ragged rows, unclosed quotation marks."""
    taken: list[str] = []
    end = 0

    def lines() -> Iterator[str]:
        nonlocal end
        for match in _LINE.finditer(text):
            end, line = match.end(), match[0]
            taken.append(line)
            yield line

    headings: list[str] = []
    width = 0
    parts: list[pl.DataFrame] = []
    cells: list[list[str]] = []
    rows: list[int] = []
    bad: list[BadRow] = []
    first_damaged = None
    is_line_by_line = "\r" not in text
    for number, record in enumerate(csv.reader(lines(), delimiter=delimiter), start=1):
        raw, taken = taken, []
        is_line_by_line = is_line_by_line and len(raw) == 1
        if damaged and first_damaged is None and any("\ufffd" in cell for cell in record):
            first_damaged = number
        if end == len(text) and _unclosed(raw, delimiter):
            pieces = [line.rstrip("\r\n") for line in raw]
            bad += [
                BadRow(max(number + offset, header_row + 1), "X-21", piece)
                for offset, piece in enumerate(pieces)
                if piece.strip() and number + offset >= header_row
            ]
            break
        if number < header_row:
            continue
        if number == header_row:
            headings, width = record, len(record)
            continue
        if not "".join(record).strip():
            continue
        if len(record) > width and not any(cell.strip() for cell in record[width:]):
            record = record[:width]
        if len(record) != width:
            bad.append(BadRow(number, "X-20", "".join(raw).rstrip("\r\n"), len(record)))
            continue
        cells.append(record)
        rows.append(number)
        if len(rows) == BLOCK_ROWS:
            parts.append(frame_of(cells, rows, width))
            cells, rows = [], []
    parts.append(frame_of(cells, rows, len(headings)))
    return TextTable(
        name,
        tuple(headings),
        counted(pl.concat(parts), 0),
        tuple(bad),
        encoding=encoding,
        delimiter=delimiter,
        damaged_row=first_damaged,
        raw=partial(_raw_lines, text, 0, 1) if is_line_by_line and len(text) > BLOCK_CHARS else None,
    )


def _unclosed(lines: Sequence[str], delimiter: str) -> bool:
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False
