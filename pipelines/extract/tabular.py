"""From the bytes of one file to a table of text: every row is either in the table or set aside with a reason."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

DELIMITERS = (",", ";", "\t", "|")
BLOCK_CHARS = 16 * 1024**2
"""A longer text is read in blocks of whole lines, so that memory does not grow with the file."""

# Multi-byte UTF-8 sequences, by which a file in two encodings is told from one in Windows-1252.
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]{1,3}|\xc2[\x80-\xbf]")


class UnreadableError(Exception):
    """The file is no table. The text says why, in words that fit after "cannot be read:"; never a value."""


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

    def is_blank(self, column: str) -> bool:
        """Whether no row has anything in the column."""
        return all(block.get_column(column).null_count() == block.height for block in self.blocks())

    def let_go(self, rows: pl.DataFrame, read_again: Callable[[], TextTable]) -> TextTable:
        """The table with ``_i`` and ``_row`` only; its cells are read again when somebody asks for them."""
        return replace(self, frame=rows, more=lambda: read_again().blocks())

    @property
    def rows_read(self) -> int:
        """Data rows, those set aside among them; empty rows hold nothing and are not counted."""
        return self.frame.height + len(self.bad)


def decode(data: bytes) -> tuple[str, str, bool]:
    """Text, encoding, and whether some characters could not be decoded.

    Raises:
        UnreadableError: the bytes are no text.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:65536]:
        sixteen = data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[1:64:2].count(0) > 16
        raise UnreadableError("it is in UTF-16, not UTF-8" if sixteen else "it holds binary data, not text")
    if data.startswith(b"PK\x03\x04"):
        raise UnreadableError("it is a workbook or zip file under the name of a text file")
    if b"\0" in data:
        raise UnreadableError("it holds binary data, not text")
    marked = data.startswith(b"\xef\xbb\xbf")
    body = data[3:] if marked else data
    try:
        return body.decode("utf-8"), "UTF-8 with BOM" if marked else "UTF-8", False
    except UnicodeDecodeError:
        if marked or _UTF8_SEQUENCE.search(body):
            return body.decode("utf-8", errors="replace"), "UTF-8", True
    try:
        return body.decode("cp1252"), "Windows-1252", False
    except UnicodeDecodeError:
        raise UnreadableError("it is in neither UTF-8 nor Windows-1252") from None


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
    text, encoding, damaged = decode(data)
    text = text.replace("\r\n", "\n")
    if "\n" not in text:
        text = text.replace("\r", "\n")
    text = text.rstrip("\n\x1a")
    records, rest = _head(text, header_row)
    if not records:
        return TextTable(name, (), _frame([], [], 0), encoding=encoding, delimiter="")
    delimiter = delimiter or _delimiter(records[-1], expected)
    fast = None if damaged or ragged else _fast(rest, name, delimiter, header_row, records[-1])
    if fast is not None:
        return replace(fast, encoding=encoding)
    return _slow(text, name, encoding, delimiter, header_row, damaged=damaged)


def _head(text: str, header_row: int) -> tuple[list[str], str]:
    parts = text.split("\n", header_row)
    if not text.strip() or len(parts) < header_row:
        return [], ""
    return parts[:header_row], parts[header_row] if len(parts) > header_row else ""


def _delimiter(header: str, expected: frozenset[str]) -> str:
    from pipelines.extract.parsing import fold

    def score(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader([header.replace("\r", " ")], delimiter=delimiter), [])
        return sum(fold(cell) in expected for cell in cells), len(cells)

    return max(DELIMITERS, key=score)


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
    csv.field_size_limit(2**31 - 1)
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


def from_cells(name: str, records: Sequence[Sequence[str]], header_row: int) -> TextTable:
    """A table from the rows of a sheet, all of the same length; row 1 is the sheet's first."""
    if len(records) < header_row:
        return TextTable(name, (), _frame([], [], 0))
    headings = tuple(records[header_row - 1])
    body = [list(record) for record in records[header_row:]]
    return TextTable(name, headings, _frame(body, list(range(header_row + 1, len(records) + 1)), len(headings)))


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
    return TextTable(name, tuple(frame.columns), _counted(_cleaned(table), 0), encoding="Parquet")


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
