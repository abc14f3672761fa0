"""From the bytes of one file to a table of text: every row is either in the table or set aside with a reason."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import polars as pl

from pipelines.extract.decoding import UnreadableError, decode
from pipelines.extract.parsing import fold

DELIMITERS = (",", ";", "\t", "|")
BLOCK_CHARS = 16 * 1024**2
"""A longer text is read in blocks of whole lines, so that memory does not grow with the file."""
BLOCK_ROWS = 50_000
MOST_COLUMNS = 2_000
LONGEST_HEADING = 1_000
"""Characters."""

# As the largest integer of C: a cell is bounded by the length of a line, or by the file where a quotation mark is open.
csv.field_size_limit(2**31 - 1)
_STATED = re.compile(r'"?sep=([^\w\s"]|\t)"?[ \t]*(?:\n|$)', re.IGNORECASE)


class RaggedError(Exception):
    """Some line of a long text is not one row of the right length: read the table again, with ``ragged``."""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be laid under the headings."""

    row: int
    problem: str
    content: str
    found: int = 0
    """Cells in it."""


NO_ROWS = pl.DataFrame(schema={"_i": pl.Int64(), "_row": pl.Int64()})


@dataclass(frozen=True)
class TextTable:
    """One file or sheet as text."""

    name: str
    headings: tuple[str, ...]
    frame: pl.DataFrame
    """One row per data row: ``_i`` (counts them from 0), ``_row`` and the cells; with ``more`` only what was seen."""
    bad: tuple[BadRow, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    damaged_row: int | None = None
    """First row with characters that could not be decoded."""
    more: Callable[[], Iterator[pl.DataFrame]] | None = None
    """Gives the rows with their cells, in blocks, anew at each call; none where ``frame`` has them itself."""

    def blocks(self) -> Iterator[pl.DataFrame]:
        """``_i``, ``_row`` and ``c0``, ``c1`` …, some rows at a time: cells stripped, empty ones null.

        Raises:
            RaggedError: the text is not what it seemed to be; only at the first reading.
        """
        return iter((self.frame,)) if self.more is None else self.more()

    def blank_columns(self, indexes: Sequence[int]) -> set[int]:
        """Those of the columns in which no row has anything, all found in one reading."""
        left = set(indexes)
        for block in self.blocks() if left else ():
            left = {index for index in left if block.get_column(f"c{index}").null_count() == block.height}
        return left

    def let_go(self, rows: pl.DataFrame, read_again: Callable[[], TextTable]) -> TextTable:
        """The table with ``_i`` and ``_row`` only; its cells are read again when somebody asks for them."""
        return replace(self, frame=rows, more=lambda: read_again().blocks())

    @property
    def rows_read(self) -> int:
        """Data rows, those set aside among them; empty rows hold nothing and are not counted."""
        return self.frame.height + len(self.bad)


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
    stated, text = _stated_delimiter(text, expected, header_row)
    records, rest = _head(text, header_row)
    if not records:
        return TextTable(name, (), _frame([], [], 0), encoding=encoding, delimiter="")
    delimiter = stated or delimiter or _delimiter(records[-1], expected)
    fast = None if damaged or ragged else _fast(rest, name, delimiter, header_row, records[-1])
    if fast is not None:
        return _fitting(replace(fast, encoding=encoding))
    return _fitting(_slow(text, name, encoding, delimiter, header_row, damaged=damaged))


def _fitting(table: TextTable) -> TextTable:
    """The table, if its headings can be some.

    Raises:
        UnreadableError: there are far too many, or one is far too long.
    """
    if len(table.headings) > MOST_COLUMNS:
        raise UnreadableError(f"it has {len(table.headings):,} columns, more than the {MOST_COLUMNS:,} that are read")
    for number, heading in enumerate(table.headings, start=1):
        if len(heading) > LONGEST_HEADING:
            raise UnreadableError(f"the heading of column {number} has {len(heading):,} characters, so it is none")
    return table


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


def _head(text: str, header_row: int) -> tuple[list[str], str]:
    parts = text.split("\n", header_row)
    if not text.strip() or len(parts) < header_row:
        return [], ""
    return parts[:header_row], parts[header_row] if len(parts) > header_row else ""


def _delimiter(header: str, expected: frozenset[str]) -> str:
    return max(DELIMITERS, key=lambda one: _known(header, one, expected))


def _fast(rest: str, name: str, delimiter: str, header_row: int, header: str) -> TextTable | None:
    """Polars' reader, where every line is one well-formed row of the right length; otherwise none."""
    if "\r" in header or header.count('"') % 2 or not rest:
        return None
    headings = tuple(next(csv.reader([header], delimiter=delimiter)))
    if len(headings) < 2 or not any(headings):
        return None
    if len(rest) > BLOCK_CHARS:
        more = partial(_in_blocks, rest, delimiter, len(headings), header_row + 1)
        return TextTable(name, headings, NO_ROWS, delimiter=delimiter, more=more)
    frame = _block(rest, delimiter, len(headings), header_row + 1)
    return None if frame is None else TextTable(name, headings, _counted(frame, 0), delimiter=delimiter)


def _in_blocks(rest: str, delimiter: str, width: int, first_row: int) -> Iterator[pl.DataFrame]:
    """The rows of a long text, some lines at a time.

    Raises:
        RaggedError: some line of the block is not one well-formed row of the right length.
    """
    start = index = 0
    while start < len(rest):
        end = rest.find("\n", start + BLOCK_CHARS)
        end = len(rest) if end < 0 else end
        lines = rest[start:end]
        frame = _block(lines, delimiter, width, first_row)
        if frame is None:
            raise RaggedError
        yield _counted(frame, index)
        index += frame.height
        first_row += lines.count("\n") + 1
        start = end + 1


def _counted(frame: pl.DataFrame, first: int) -> pl.DataFrame:
    return frame.with_columns(pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias("_i"))


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
    return _cleaned(frame.with_columns(rows), strip=_has_edges(lines, delimiter))


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


def _slow(text: str, name: str, encoding: str, delimiter: str, header_row: int, *, damaged: bool) -> TextTable:
    """The csv module, record by record: line breaks in cells, ragged rows, unclosed quotation marks."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    headings: list[str] = []
    cells: list[list[str]] = []
    rows: list[int] = []
    bad: list[BadRow] = []
    first_damaged = None
    start = 0
    lines = io.StringIO(text, newline="").readlines()
    for number, record in enumerate(reader, start=1):
        raw, start = lines[start : reader.line_num], reader.line_num
        if damaged and first_damaged is None and any("\ufffd" in cell for cell in record):
            first_damaged = number
        if reader.line_num >= len(lines) and _unclosed(raw, delimiter):
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
            headings = record
            continue
        if not any(cell.strip() for cell in record):
            continue
        width = len(headings)
        if len(record) > width and not any(cell.strip() for cell in record[width:]):
            record = record[:width]
        if len(record) != width:
            bad.append(BadRow(number, "X-20", "".join(raw).rstrip("\r\n"), len(record)))
            continue
        cells.append(record)
        rows.append(number)
    return TextTable(
        name,
        tuple(headings),
        _frame(cells, rows, len(headings)),
        tuple(bad),
        encoding=encoding,
        delimiter=delimiter,
        damaged_row=first_damaged,
    )


def _unclosed(lines: Sequence[str], delimiter: str) -> bool:
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _frame(cells: list[list[str]], rows: list[int], width: int) -> pl.DataFrame:
    columns = list(zip(*cells, strict=True)) if cells else [() for _ in range(width)]
    data = {f"c{index}": pl.Series(list(column), dtype=pl.String()) for index, column in enumerate(columns)}
    return _counted(_cleaned(pl.DataFrame({**data, "_row": pl.Series(rows, dtype=pl.Int64())})), 0)


def _cleaned(frame: pl.DataFrame, *, strip: bool = True) -> pl.DataFrame:
    """Cells stripped, empty ones null, rows without any content left out."""
    names = [name for name in frame.columns if name != "_row"]
    if not names:
        return frame
    if strip:
        frame = frame.with_columns(pl.col(names).str.strip_chars())
        # Unquoted empty cells are null already; the search for others is cheaper than replacing in every column.
        empty = frame.select((pl.col(names) == "").any()).row(0)
        some = [name for name, any_empty in zip(names, empty, strict=True) if any_empty]
        if some:
            frame = frame.with_columns(pl.when(pl.col(some) != "").then(pl.col(some)).otherwise(None).name.keep())
    return frame.filter(pl.any_horizontal(pl.col(names).is_not_null()))


def from_cells(name: str, records: Iterable[list[str]], header_row: int) -> TextTable:
    """A table from the rows of a sheet, all of the same length; row 1 is the sheet's first.

    Raises:
        UnreadableError: its headings cannot be some.
    """
    headings: list[str] | None = None
    parts = []
    numbered = enumerate(records, start=1)
    while some := list(islice(numbered, BLOCK_ROWS)):
        if headings is None:
            headings = next((record for number, record in some if number == header_row), None)
            some = [one for one in some if one[0] > header_row]
            _fitting(TextTable(name, tuple(headings or ()), NO_ROWS))
        parts.append(_frame([record for _, record in some], [number for number, _ in some], len(headings or ())))
    if headings is None:
        return TextTable(name, (), _frame([], [], 0))
    return TextTable(name, tuple(headings), _counted(pl.concat(parts), 0))


def read_parquet(data: bytes, name: str) -> TextTable:
    """Read a Parquet file; row 1 is the first record.

    Raises:
        UnreadableError: it is no Parquet file, or holds nested columns.
    """
    try:
        frame = pl.read_parquet(io.BytesIO(data))
        texts = [_as_text(frame.get_column(column)) for column in frame.columns]
    except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException):
        raise UnreadableError("it is not a whole Parquet file of plain columns") from None
    table = pl.DataFrame({f"c{index}": text for index, text in enumerate(texts)}).with_columns(
        pl.int_range(1, frame.height + 1, dtype=pl.Int64).alias("_row")
    )
    return _fitting(TextTable(name, tuple(frame.columns), _counted(_cleaned(table), 0), encoding="Parquet"))


def _as_text(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind == pl.String:
        return column
    if kind == pl.Boolean:
        return column.replace_strict({True: "yes", False: "no"}, return_dtype=pl.String())
    if kind == pl.Date:
        return column.dt.strftime("%Y-%m-%d")
    if isinstance(kind, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S")
    if kind.is_float():
        whole = column.cast(pl.Int64, strict=False)
        return whole.cast(pl.String).zip_with((whole == column).fill_null(False), column.cast(pl.String))
    if isinstance(kind, pl.List):
        return column.cast(pl.List(pl.String())).list.join(";")
    if kind.is_nested() or kind == pl.Binary or kind == pl.Object:
        raise UnreadableError("it holds a column that is not plain text, number or date")
    return column.cast(pl.String)
