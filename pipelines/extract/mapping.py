"""From the text of one table to the rows of one section."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from pipelines.extract.parsing import blank_texts, fold
from pipelines.extract.raw_cells import cell, is_empty, replaced_texts, whole_cell
from pipelines.extract.typed_cells import spellings_met, spellings_read, typed_cells
from schemas.sources import Feed, Profile

# Beside the column of that name: whether its cell is filled before it is cut into pieces, and whether it is empty.
_WHOLE, _EMPTY = "_whole ", "_empty "


@dataclass
class Met:
    """Which parts of the profile met something in the rows of a table; texts are folded."""

    when: dict[str, set[str]] = field(default_factory=dict)
    """Heading → those of the ``when`` values that some row has."""
    spellings: dict[str, set[str]] = field(default_factory=dict)
    """Code column with any cell filled → those of the profile's spellings that some cell has."""

    taken: int = 0
    """Rows taken."""
    cells: dict[str, int] = field(default_factory=dict)
    """Column that is a piece of a cell (``split``) → filled cells."""
    pieces: dict[str, int] = field(default_factory=dict)
    """The same column → those of them that have the piece."""
    replaced: dict[str, set[str]] = field(default_factory=dict)
    """Column with texts to replace → those that some cell has."""
    read: dict[str, dict[str, str]] = field(default_factory=dict)
    """Column of codes → code by spelling, of those that some cell has and that are understood."""

    def add(self, other: Met) -> None:
        """Put what another part of the rows met to this."""
        self.taken += other.taken
        for mine, theirs in ((self.cells, other.cells), (self.pieces, other.pieces)):
            for name, count in theirs.items():
                mine[name] = mine.get(name, 0) + count
        for known, more in (
            (self.when, other.when),
            (self.spellings, other.spellings),
            (self.replaced, other.replaced),
        ):
            for name, texts in more.items():
                known.setdefault(name, set()).update(texts)
        for name, read in other.read.items():
            self.read.setdefault(name, {}).update(read)


@dataclass
class Fed:
    """What one table gave to one section."""

    feed: Feed
    rows: pl.DataFrame
    """``_i``, ``_row``, ``_slot``, ``_part`` and the section's mapped columns, typed."""
    failures: pl.DataFrame
    timed: dict[str, int] = field(default_factory=dict)
    """Heading → cells whose time of day was left out."""
    met: Met = field(default_factory=Met)


class Columns:
    """Which column of the table stands under which heading; headings compare folded."""

    def __init__(self, headings: Iterable[str]) -> None:
        self.headings = tuple(headings)
        self._index: dict[str, str] = {}
        for index, heading in enumerate(self.headings):
            self._index.setdefault(fold(heading), f"c{index}")

    def get(self, heading: str) -> str | None:
        """The table's column under the heading, or none."""
        return self._index.get(fold(heading))

    def position(self, heading: str) -> int | None:
        """Place of the column from 0."""
        name = self.get(heading)
        return int(name[1:]) if name else None


def feed_section(frame: pl.DataFrame, columns: Columns, feed: Feed, profile: Profile, *, always: bool) -> Fed:
    """One row per section row that the table's rows give; ``always``: every row gives one."""
    slots = range(1, feed.repeat + 1) if feed.repeat else (0,)
    parts = []
    met = Met()
    for slot in slots:
        if feed.repeat and not _slot_present(columns, feed, slot):
            continue
        part = _raw(frame, columns, feed, slot)
        if not always or feed.when_filled or feed.when_value:
            part = part.filter(_takes(frame, columns, feed, slot, part, profile, met))
        parts.append(part)
    raw = pl.concat(parts) if parts else _raw(frame.clear(), columns, feed, 1 if feed.repeat else 0)
    met.taken = raw.height
    for name, source in feed.columns.items():
        if source.split is not None:
            met.cells[name] = int(raw.get_column(f"{_WHOLE}{name}").sum())
            met.pieces[name] = raw.get_column(name).count()
    raw = raw.drop(f"{_WHOLE}{name}" for name in met.cells)
    if feed.split_rows:
        raw = _split_rows(raw, *feed.split_rows)
    raw = _speaking(raw)
    typed, failures, timed = typed_cells(raw, feed, profile)
    met.spellings = spellings_met(raw, feed, profile)
    met.read = spellings_read(raw, feed, profile)
    for name, source in feed.columns.items():
        if source.replace:
            met.replaced[name] = {text for slot in slots for text in replaced_texts(frame, columns.get, source, slot)}
    return Fed(feed, typed, failures, timed, met)


def joined(parts: list[Fed]) -> Fed:
    """What the blocks of one table gave to one section, as if it had been read at once."""
    if len(parts) == 1:
        return parts[0]
    order = {name: place for place, name in enumerate(parts[0].feed.columns)}
    timed: Counter[str] = Counter()
    met = Met()
    for part in parts:
        timed.update(part.timed)
        met.add(part.met)
    rows = pl.concat(part.rows for part in parts)
    return Fed(
        parts[0].feed,
        rows.sort("_slot", maintain_order=True) if parts[0].feed.repeat else rows,
        pl.concat(part.failures for part in parts).sort(
            pl.col("column").replace_strict(order, return_dtype=pl.Int64()), maintain_order=True
        ),
        dict(timed),
        met,
    )


def _slot_present(columns: Columns, feed: Feed, slot: int) -> bool:
    return any(
        columns.get(name.replace("{n}", str(slot)))
        for source in feed.columns.values()
        for name in source.columns
        if "{n}" in name
    )


def _raw(frame: pl.DataFrame, columns: Columns, feed: Feed, slot: int) -> pl.DataFrame:
    chosen = [pl.col("_i"), pl.col("_row"), pl.lit(slot, dtype=pl.Int64).alias("_slot"), pl.lit(0).alias("_part")]
    for name, source in feed.columns.items():
        chosen.append(cell(columns.get, source, slot).alias(name))
        if source.split is not None:
            chosen.append(whole_cell(columns.get, source, slot).is_not_null().alias(f"{_WHOLE}{name}"))
        if "" in source.codes:
            chosen.append(is_empty(columns.get, source, slot).alias(f"{_EMPTY}{name}"))
    if frame.is_empty():
        return frame.select(chosen).clear()
    return frame.select(chosen)


def _takes(
    frame: pl.DataFrame, columns: Columns, feed: Feed, slot: int, part: pl.DataFrame, profile: Profile, met: Met
) -> pl.Series:
    if feed.when_value:
        tests = []
        for heading, values in feed.when_value.items():
            name = columns.get(heading.replace("{n}", str(slot)))
            matching = texts_of(frame, name, values) if name else []
            met.when.setdefault(heading, set()).update(fold(text) for text in matching)
            tests.append(pl.col(name).is_in(matching) if name else pl.lit(False))
        return frame.select(pl.all_horizontal(tests).fill_null(False)).to_series()
    if feed.when_filled:
        names = [columns.get(heading.replace("{n}", str(slot))) for heading in feed.when_filled]
        source: pl.DataFrame = frame.select(list(dict.fromkeys(name for name in names if name)))
    else:
        source = part.select(name for name, one in feed.columns.items() if name != "case_ref" and one.constant is None)
    if not source.width:
        return pl.Series([False] * frame.height, dtype=pl.Boolean())
    blank = sorted(blank_texts(in_text=True) | {fold(one) for one in profile.blanks})
    filled = [pl.col(name).is_not_null() & ~pl.col(name).str.to_lowercase().is_in(blank) for name in source.columns]
    return source.select(pl.any_horizontal(filled).fill_null(False)).to_series()


def texts_of(frame: pl.DataFrame, column: str, values: Iterable[str]) -> list[str]:
    """The texts of a column that are one of the values, as they stand in it."""
    wanted = {fold(value) for value in values}
    return [text for text in frame.get_column(column).unique().drop_nulls() if fold(text) in wanted]


def _split_rows(raw: pl.DataFrame, column: str, by: str) -> pl.DataFrame:
    pieces = raw.with_columns(pl.col(column).str.split(by)).explode(column)
    pieces = pieces.with_columns(pl.col(column).str.strip_chars())
    pieces = pieces.filter(pl.col(column).is_null() | (pl.col(column) != ""))
    return pieces.with_columns(pl.int_range(pl.len()).over("_i", "_slot").cast(pl.Int32).alias("_part"))


def _speaking(raw: pl.DataFrame) -> pl.DataFrame:
    """Cells that are empty, as the text "" where the profile says what that means."""
    names = [name.removeprefix(_EMPTY) for name in raw.columns if name.startswith(_EMPTY)]
    if not names:
        return raw
    said = [pl.when(f"{_EMPTY}{name}").then(pl.lit("")).otherwise(pl.col(name)).alias(name) for name in names]
    return raw.with_columns(said).drop(f"{_EMPTY}{name}" for name in names)
