"""From the bytes of one file to a table of text: every row is either in the table or set aside with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import polars as pl

from pipelines.errors import InputError
from pipelines.extract.decoding import MIB, UnreadableError
from pipelines.extract.numbers import RowNumbers
from pipelines.extract.sheet_marks import letters_of

BLOCK_ROWS = 50_000
MOST_COLUMNS = 2_000
LONGEST_HEADING = 1_000
"""Characters."""
MOST_ROWS_ASIDE, MOST_ASIDE = 10_000_000, 128 * MIB
"""Rows of one table that can be set aside, and characters of them: they are held in memory."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be laid under the headings."""

    row: int
    problem: str
    content: str
    found: int = 0
    """Cells in it."""


@dataclass
class Seen:
    """What is met while a table is read, beside its rows."""

    bad: tuple[BadRow, ...] = ()
    damaged_row: int | None = None
    is_complete: bool = True
    """Whether all of the table has been read."""


@dataclass
class Skipped:
    """Rows left out by ``skip_rows_where``, counted while the table is read."""

    leaves_out: Callable[[BadRow], bool] | None = None
    """Whether a row that cannot be laid under the headings is one of them."""
    by_part: dict[int, int] = field(default_factory=dict)
    """First row of a part of the table → rows left out of it: a part that is read again counts once."""
    met: set[tuple[str, str]] = field(default_factory=set)
    """Heading and text of the source profile that some row left out has."""

    @property
    def rows(self) -> int:
        """How many of them could be laid under the headings."""
        return sum(self.by_part.values())


NO_ROWS = pl.DataFrame(schema={"_i": pl.Int64(), "_row": pl.Int64()})


@dataclass(frozen=True)
class TextTable:
    """One file or sheet as text."""

    name: str
    headings: tuple[str, ...]
    frame: pl.DataFrame
    """One row per data row: ``_i`` (counts them from 0), ``_row`` and the cells; with ``more`` only what was seen."""
    seen: Seen = field(default_factory=Seen)
    encoding: str = ""
    delimiter: str = ""
    more: Callable[[], Iterator[pl.DataFrame]] | None = None
    """Gives the rows with their cells, in blocks, anew at each call; none where ``frame`` has them itself."""
    kept: RowNumbers | None = None
    """Which rows there are, where neither ``frame`` nor memory has them."""
    near: Callable[[pl.Series], Iterator[pl.DataFrame]] | None = None
    """Gives of those blocks the ones that the rows of such numbers stand in; none where that saves nothing."""
    above: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Cells of those rows not below the headings that were asked for, by number."""
    titles: tuple[str, ...] = ()
    """What stands over the columns, where ``headings`` are their letters; empty where nothing does."""
    has_dates: bool = False
    """Whether the file, or a step, holds days as such, not as text: they are read as ``2025-12-31``."""
    skipped: Skipped = field(default_factory=Skipped)
    """Rows that the source profile leaves out before all else; none of ``frame``, ``bad`` and ``blocks`` has them."""

    @property
    def bad(self) -> tuple[BadRow, ...]:
        """The rows that cannot be laid under the headings; the whole table is read for them, if it was not before."""
        leaves_out = self.skipped.leaves_out
        return tuple(one for one in self._read_through().bad if leaves_out is None or not leaves_out(one))

    @property
    def damaged_row(self) -> int | None:
        """First row with characters that could not be decoded, found as ``bad`` is."""
        return self._read_through().damaged_row

    def _read_through(self) -> Seen:
        if not self.seen.is_complete:
            for _ in self.blocks():
                pass
        return self.seen

    def blocks(self) -> Iterator[pl.DataFrame]:
        """``_i``, ``_row`` and ``c0``, ``c1`` …, some rows at a time: cells stripped, empty ones null.

        Raises:
            InputError: too many rows cannot be laid under the headings.
            PassingError: the file is another one than before.
        """
        return iter((self.frame,)) if self.more is None else self.more()

    def blank_columns(self, indexes: Sequence[int]) -> set[int]:
        """Those of the columns in which no row has anything, all found in one reading."""
        left = set(indexes)
        for block in self.blocks() if left else ():
            left = {index for index in left if block.get_column(f"c{index}").null_count() == block.height}
        return left

    @property
    def numbers(self) -> RowNumbers:
        """Which rows there are; of a table of several blocks, once it has been let go."""
        return self.kept or RowNumbers([self.frame])

    def let_go(self, rows: RowNumbers, read_again: Callable[[], TextTable]) -> TextTable:
        """The table with the numbers of its rows only; its cells are read again when somebody asks for them."""
        return replace(self, frame=NO_ROWS, kept=rows, more=self.more or (lambda: read_again().blocks()))

    def refuse_to_set_aside(self, rows: int, chars: int = 0) -> None:
        """See to it that what is set aside of the table can be held.

        Raises:
            InputError: it is too much.
        """
        if rows > MOST_ROWS_ASIDE or chars > MOST_ASIDE:
            raise InputError(
                f"The file {self.name} cannot be read: of its rows more than can be held would be set aside, {rows:,}"
                " so far. Its headings, or the texts by which rows are taken (`when`), are not those of the source"
                " profile; what may be left out is named by `leave_out` or `skip_rows_where`."
            )

    def lines(self, wanted: pl.Series) -> pl.DataFrame:
        """``_row`` and ``content``, a line of CSV each, of the rows of those numbers."""
        names = [f"c{index}" for index in range(len(self.headings))]
        content = pl.concat_str([_quoted(name) for name in names], separator=",") if names else pl.lit("")
        found = [pl.DataFrame(schema={"_row": pl.Int64(), "content": pl.String()})]
        self.refuse_to_set_aside(wanted.len())
        chars = 0
        for block in self.blocks() if self.near is None else self.near(wanted):
            kept = block.filter(pl.col("_row").is_in(wanted.implode()))
            found.append(apart(kept.select("_row", content.alias("content")), block))
            chars += int(found[-1].get_column("content").str.len_bytes().sum())
            self.refuse_to_set_aside(wanted.len(), chars)
        return pl.concat(found)

    @property
    def rows_skipped(self) -> int:
        """Rows that the source profile leaves out before all else, once the table has been read."""
        return self.skipped.rows + len(self._read_through().bad) - len(self.bad)

    @property
    def rows_read(self) -> int:
        """Data rows, those set aside and left out among them; empty rows hold nothing and are not counted."""
        return self.numbers.height + len(self._read_through().bad) + self.skipped.rows


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


def apart(rows: pl.DataFrame, block: pl.DataFrame) -> pl.DataFrame:
    """Rows that are part of a block, as a copy if they are few, so that they do not hold the texts of all of it."""
    if rows.height > block.height // 2:
        return rows
    texts = [name for name, kind in rows.schema.items() if kind == pl.String()]
    # Polars' own copies go on pointing into the block; joined to something, a text is written anew.
    return rows.with_columns(pl.concat_str(pl.col(name), pl.lit("")).alias(name) for name in texts)


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


def from_cells(name: str, records: Iterable[list[str]], header_row: int, keep: Sequence[int] = ()) -> TextTable:
    """A table from the rows of a sheet, all of the same length; row 1 is the sheet's first.

    ``header_row`` 0: there are no headings, and letters stand for them; ``keep``: rows not below the headings whose
    cells are wanted too.

    Raises:
        UnreadableError: its headings cannot be some.
    """
    headings: list[str] | None = None
    above: dict[int, tuple[str, ...]] = {}
    parts = []
    numbered = enumerate(records, start=1)
    while some := list(islice(numbered, BLOCK_ROWS)):
        above |= {number: tuple(record) for number, record in some if number in keep}
        if headings is None and not header_row:
            headings = [letters_of(number + 1) for number in range(len(some[0][1]))]
            fitting(TextTable(name, tuple(headings), NO_ROWS))
        elif headings is None:
            headings = next((record for number, record in some if number == header_row), None)
            some = [one for one in some if one[0] > header_row]
            fitting(TextTable(name, tuple(headings or ()), NO_ROWS))
        parts.append(frame_of([record for _, record in some], [number for number, _ in some], len(headings or ())))
    if headings is None:
        return TextTable(name, (), frame_of([], [], 0))
    return TextTable(name, tuple(headings), counted(pl.concat(parts), 0), above=above, has_dates=True)
