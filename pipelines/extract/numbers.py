"""Numbers of rows, held in little memory: a file may have more rows than there is room for a number of each."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl


class RowNumbers:
    """The rows of a table and where each stands in its file, as runs of rows that follow each other.

    ``_i`` counts the rows of the table from 0; some may be left out. ``_row`` is the number in the file.
    """

    def __init__(self, blocks: Iterable[pl.DataFrame] = ()) -> None:
        self.height = 0
        self._end: tuple[int, int] | None = None
        self._runs = pl.DataFrame(schema={"_i": pl.Int64(), "_row": pl.Int64(), "_at": pl.Int64()})
        self._new: list[pl.DataFrame] = []
        for block in blocks:
            self.add(block)

    def add(self, block: pl.DataFrame) -> None:
        """Add rows below those added before: ``_i`` and ``_row``."""
        if block.is_empty():
            return
        rows = block.select("_i", "_row", pl.int_range(self.height, self.height + block.height).alias("_at"))
        goes_on = self._end == (rows.item(0, "_i") - 1, rows.item(0, "_row") - 1)
        follows = (pl.col("_i").diff() == 1) & (pl.col("_row").diff() == 1)
        self._new.append(rows.filter(~follows.fill_null(value=goes_on)))
        self.height += block.height
        self._end = (rows.item(-1, "_i"), rows.item(-1, "_row"))

    @property
    def last(self) -> int | None:
        """Number in the file of the last row."""
        return self._end[1] if self._end else None

    def of(self, rows: pl.DataFrame) -> pl.DataFrame:
        """``rows``, which have ``_i``, with their ``_row``."""
        by = self.runs().select("_i", (pl.col("_row") - pl.col("_i")).alias("_by"))
        if by.height == 1:
            return rows.with_columns((pl.col("_i") + by.item(0, "_by")).alias("_row"))
        numbered = rows.with_row_index("_n").sort("_i").join_asof(by, on="_i", strategy="backward")
        numbered = numbered.with_columns((pl.col("_i") + pl.col("_by")).alias("_row"))
        return numbered.sort("_n").drop("_n", "_by")

    def runs(self) -> pl.DataFrame:
        """One row per run: its first ``_i`` and ``_row``, and ``_at``, how many rows stand above it."""
        if self._new:
            self._runs, self._new = pl.concat([self._runs, *self._new]), []
        return self._runs

    def all(self) -> pl.DataFrame:
        """``_i`` and ``_row`` of every row."""
        runs = self.runs().with_columns((pl.col("_at").shift(-1, fill_value=self.height) - pl.col("_at")).alias("_n"))
        return runs.select(pl.int_ranges(pl.col(name), pl.col(name) + pl.col("_n")) for name in ("_i", "_row")).explode(
            "_i", "_row"
        )

    def but(self, *others: RowSet) -> RowSet:
        """The rows that are in none of the others."""
        found = RowSet()
        if self._end is not None:
            if self._end[0] == self.height - 1:
                found.bits = pl.repeat(True, self.height, dtype=pl.Boolean, eager=True)
            else:
                found.add(self.all().get_column("_i"))
            for other in others:
                found.bits = found.bits & ~other.reaching(found.bits.len())
        return found


class RowSet:
    """Some rows of a table, by ``_i``: a bit each."""

    def __init__(self, rows: pl.Series | None = None) -> None:
        self.bits = pl.Series(dtype=pl.Boolean())
        if rows is not None:
            self.add(rows)

    def add(self, rows: pl.Series) -> None:
        """Add rows of those ``_i``."""
        last = rows.max()
        if isinstance(last, int):
            if last >= self.bits.len():
                # Twice as many as there were: that is done seldom.
                self.bits = self.reaching(max(last + 1, 2 * self.bits.len()))
            self.bits = self.bits.scatter(rows, True)

    def reaching(self, length: int) -> pl.Series:
        """The bits of the first so many rows."""
        more = max(length - self.bits.len(), 0)
        return pl.concat([self.bits, pl.repeat(False, more, dtype=pl.Boolean, eager=True)]).head(length)

    def has(self, rows: pl.Series) -> pl.Series:
        """Whether each of the rows is one of them."""
        last = rows.max()
        return self.reaching(last + 1).gather(rows) if isinstance(last, int) else pl.Series(dtype=pl.Boolean())

    def __len__(self) -> int:
        return int(self.bits.sum() or 0)

    def rows(self) -> pl.Series:
        """Their ``_i``, sorted."""
        return self.bits.arg_true().cast(pl.Int64()).alias("_i")
