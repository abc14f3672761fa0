"""A table as its keys say it is read: rows of headings made one, columns by letter, rows left out before all else."""

from __future__ import annotations

import csv
import fnmatch
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from pipelines.extract.mapping import Columns
from pipelines.extract.parsing import fold
from pipelines.extract.sheet_marks import letters_of
from pipelines.extract.tabular import BadRow, Skipped, TextTable
from schemas.sources.readings import JOINER, Condition, Reading

_NO_HEADING = re.compile(r"[\d\s.,£%-]+|.*\d[-/.]\d{1,2}[-/.]\d{2}.*")
"""A number, or a text with a date in it."""

_WILD = re.compile(r"[*?]")
_CORE = re.compile(r"[a-z0-9]+")


def kept_rows(reading: Reading) -> tuple[int, ...]:
    """Rows whose cells are wanted beside the rows of data."""
    return reading.header_rows if reading.letters else reading.above


def as_read(table: TextTable, reading: Reading) -> TextTable:
    """The table under the headings that the reading says, without the rows that it leaves out."""
    if reading.letters:
        rows = [table.above[row] for row in reading.header_rows if row in table.above]
        width = len(table.headings)
        titles = [one.strip() for one in joined_headings([row[:width] for row in rows])] if rows else []
        titles += [""] * (width - len(titles))
        letters = tuple(letters_of(number + 1) for number in range(width))
        table = replace(table, headings=letters, titles=tuple(titles) if _are_headings(titles) else ())
    elif reading.above:
        # A row above may be longer than the last row of headings, which says how many columns there are.
        above = [table.above.get(row, ())[: len(table.headings)] for row in reading.above]
        table = replace(table, headings=tuple(joined_headings([*above, table.headings])))
    return _without(table, reading.skip) if reading.skip else table


def joined_headings(rows: Sequence[Sequence[str]]) -> list[str]:
    """One heading a column of several rows of them, from above.

    The heading of a group stands over its first column; the cells to the right of it are blank, or merged with it, and
    belong to it up to the next heading. A heading with nothing below it is that of its own column alone, such as one
    merged downwards.
    """
    width = max((len(row) for row in rows), default=0)
    cells = [[*map(str.strip, row), *[""] * (width - len(row))] for row in rows]
    group = [""] * len(cells)
    found = []
    for column in range(width):
        own = [row[column] for row in cells]
        last = max((level for level, cell in enumerate(own) if cell), default=-1)
        parts = []
        for level, cell in enumerate(own[: last + 1]):
            if cell and level < last:
                group[level:] = [cell, *[""] * (len(cells) - level - 1)]
            elif cell and level < len(cells) - 1:
                group = [""] * len(cells)
            parts.append(cell if level == last else group[level])
        found.append(JOINER.join(part for part in parts if part))
    return found


def _are_headings(titles: Iterable[str]) -> bool:
    """Whether what stands over the columns can be told: a row of data in its place holds values."""
    return any(titles) and not any(_NO_HEADING.fullmatch(title) for title in titles if title)


def _without(table: TextTable, conditions: Sequence[Condition]) -> TextTable:
    columns, skipped = Columns(table.headings), Skipped()
    skipped.leaves_out = partial(_is_left_out, table=table, columns=columns, conditions=conditions, skipped=skipped)
    blocks = table.more
    if blocks is None:
        return replace(table, frame=_filtered(table.frame, columns, conditions, skipped), skipped=skipped)

    def more() -> Iterator[pl.DataFrame]:
        some = None
        for block in blocks():
            some = _filtered(block, columns, conditions, skipped)
            if some.height:
                yield some
        if some is not None and not some.height:
            yield some  # so that there is one at least

    return replace(table, more=more, skipped=skipped)


def _filtered(block: pl.DataFrame, columns: Columns, conditions: Sequence[Condition], skipped: Skipped) -> pl.DataFrame:
    tests = []
    for condition in conditions:
        parts = {}
        for heading, patterns in condition.items():
            name = columns.get(heading)
            for pattern in patterns:
                parts[heading, pattern] = pl.lit(value=False) if name is None else _has(block, name, pattern)
        every = [pl.any_horizontal(parts[heading, one] for one in of) for heading, of in condition.items()]
        rows = block.select(
            pl.all_horizontal(every).alias("all"), *[part.alias(f"p{n}") for n, part in enumerate(parts.values())]
        ).filter(pl.col("all"))
        skipped.met |= {key for n, key in enumerate(parts) if rows.get_column(f"p{n}").any()}
        tests.append(pl.all_horizontal(every))
    kept = block.filter(~pl.any_horizontal(tests))
    if kept.height < block.height:
        skipped.by_part[int(block.item(0, "_i"))] = block.height - kept.height
    return kept


def _has(block: pl.DataFrame, name: str, pattern: str) -> pl.Expr:
    if not pattern:
        return pl.col(name).is_null()
    cell = pl.col(name)
    cores = _CORE.findall(_WILD.sub(" ", fold(pattern)))
    # Folding is slow: only texts are folded that may come to fit.
    core = max(cores, key=len, default="")
    may_fit = cell.str.to_lowercase().str.contains(core, literal=True) | cell.str.contains(r"[^\x00-\x7f]")
    texts = block.select(cell.filter(may_fit).unique()).to_series().drop_nulls()
    return cell.is_in([text for text in texts if _fits(text, pattern)]).fill_null(value=False)


def _fits(text: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(fold(text), fold(pattern).replace("[", "[[]"))


def _is_left_out(
    row: BadRow, table: TextTable, columns: Columns, conditions: Sequence[Condition], skipped: Skipped
) -> bool:
    """Whether a row of another length is left out: a total often has fewer cells."""
    if row.problem != "X-20":
        return False
    reader = csv.reader(io.StringIO(row.content), delimiter=table.delimiter or ",")
    cells = [cell.strip() for cell in next(reader, [])]
    for condition in conditions:
        met = set()
        for heading, patterns in condition.items():
            place = columns.position(heading)
            cell = cells[place] if place is not None and place < len(cells) else ""
            met |= {(heading, one) for one in patterns if place is not None and (_fits(cell, one) if one else not cell)}
        # A cell that is not there is no reason by itself: the row may have been cut off.
        if {heading for heading, _ in met} == set(condition) and any(pattern for _, pattern in met):
            skipped.met |= met
            return True
    return False
