"""From the bytes of one file to a table of text: every row is either in the table or set aside with a reason."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import polars as pl

from pipelines.extract.decoding import UnreadableError

BLOCK_ROWS = 50_000
MOST_COLUMNS = 2_000
LONGEST_HEADING = 1_000
"""Characters."""


@dataclass(frozen=True, slots=True)
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
    raw: Callable[[pl.Series], pl.DataFrame] | None = None
    """Gives ``_row`` and ``content`` of rows of a long text, by number; none where the cells are soon read again."""

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

    def let_go(
        self, rows: pl.DataFrame, read_again: Callable[[], TextTable], read_lines: Callable[[], TextTable]
    ) -> TextTable:
        """The table with ``_i`` and ``_row`` only; its cells, or lines, are read again when somebody asks for them."""
        raw = None if self.raw is None else lambda wanted: read_lines().lines(wanted)
        return replace(self, frame=rows, more=lambda: read_again().blocks(), raw=raw)

    def lines(self, wanted: pl.Series) -> pl.DataFrame:
        """``_row`` and ``content``, a line of CSV each, of the rows of those numbers."""
        if self.raw is not None:
            return self.raw(wanted)
        names = [f"c{index}" for index in range(len(self.headings))]
        content = pl.concat_str([_quoted(name) for name in names], separator=",") if names else pl.lit("")
        return pl.concat(
            block.filter(pl.col("_row").is_in(wanted.implode())).select("_row", content.alias("content"))
            for block in self.blocks()
        )

    @property
    def rows_read(self) -> int:
        """Data rows, those set aside among them; empty rows hold nothing and are not counted."""
        return self.frame.height + len(self.bad)


def fitting(table: TextTable) -> TextTable:
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


def counted(frame: pl.DataFrame, first: int) -> pl.DataFrame:
    return frame.with_columns(pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias("_i"))


def _quoted(name: str) -> pl.Expr:
    cell = pl.col(name).fill_null("")
    doubled = pl.concat_str(pl.lit('"'), cell.str.replace_all('"', '""', literal=True), pl.lit('"'))
    return pl.when(cell.str.contains(r'[,"\r\n]')).then(doubled).otherwise(cell)


def frame_of(cells: list[list[str]], rows: list[int], width: int) -> pl.DataFrame:
    columns = list(zip(*cells, strict=True)) if cells else [() for _ in range(width)]
    data = {f"c{index}": pl.Series(list(column), dtype=pl.String()) for index, column in enumerate(columns)}
    return counted(cleaned(pl.DataFrame({**data, "_row": pl.Series(rows, dtype=pl.Int64())})), 0)


def cleaned(frame: pl.DataFrame, *, strip: bool = True) -> pl.DataFrame:
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
            fitting(TextTable(name, tuple(headings or ()), NO_ROWS))
        parts.append(frame_of([record for _, record in some], [number for number, _ in some], len(headings or ())))
    if headings is None:
        return TextTable(name, (), frame_of([], [], 0))
    return TextTable(name, tuple(headings), counted(pl.concat(parts), 0))


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
    return fitting(TextTable(name, tuple(frame.columns), counted(cleaned(table), 0), encoding="Parquet"))


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
