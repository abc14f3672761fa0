"""What of a run may be shared: the one pass through which all its metrics go together, and its audit."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipelines.disclosure import derived
from pipelines.disclosure.audit import exposed
from pipelines.disclosure.official_counts import take_as_known
from pipelines.disclosure.relations import Key, Tables, months_back, relate, same_as
from pipelines.disclosure.rounding import shift, shifted, stays, window
from pipelines.disclosure.shareable import PARTS_MONTHS, SHAREABLE, Shareable
from pipelines.disclosure.system import Cell, System
from pipelines.disclosure.thresholds import MEASURED_FROM, ROUND_TO
from pipelines.published.cells import SUPPRESSED

TOTAL = "all"

ROUNDED = f"rounded to a multiple of {ROUND_TO}"
"""What ``note`` says of a row in which nothing is left out."""

Figure = tuple[str, str, str]
"""A figure as it is remembered: table, row and column."""


@dataclass(frozen=True)
class Release:
    """What leaves.

    ``frames``: each metric by name. ``figures``: what is printed for each count, to be remembered. ``left_out``: how
    many counts are left out because they could be worked out otherwise.
    """

    frames: dict[str, pl.DataFrame]
    figures: dict[Figure, int]
    left_out: int
    system: System


def release(
    frames: Mapping[str, pl.DataFrame],
    quarter_end: date,
    key: bytes,
    before: Mapping[Figure, int] | None = None,
    *,
    official: bool = True,
) -> Release:
    """Metrics as they may be shared: counts as multiples of 5, and what rests on them worked out again.

    All tables are treated together, because one count stands in several of them and their sums are related. Each count
    can afterwards still be at least three, whatever a reader works out from all tables; one for which that fails is
    left out, and others until it holds.

    Args:
        frames: the internal edition of each metric by name, one row per its grain.
        quarter_end: last day of the quarter of the edition.
        key: draws the shifts of the counts (``rounding``); the same for every edition of an authority.
        before: the figures of earlier editions; one that is still near its count stays.
        official: take what MHCLG's tables print of the same counts as known to every reader.

    Raises:
        KeyError: a metric is not one that is shared.
    """
    for name in frames:
        if not is_shared(name):
            raise KeyError(name)
    kept = {name: _kept(name, frames[name], quarter_end) for name in SHAREABLE if name in frames}
    system = System()
    tables = Tables(system)
    _add_counts(tables, kept, quarter_end)
    relate(tables)
    if official:
        take_as_known(tables, quarter_end)
    figures = _figures(tables, key, before or {})
    gone = left_out(system)
    shown = {cell: figures[cell] for cell in figures if system.number_of[cell] not in gone}
    return Release(
        {name: _frame(name, frame, tables, shown) for name, frame in kept.items()},
        {_named(cell): value for cell, value in shown.items()},
        len(gone),
        system,
    )


def is_shared(name: str) -> bool:
    """Whether the shareable edition holds the metric."""
    return name in SHAREABLE


def _kept(name: str, frame: pl.DataFrame, quarter_end: date) -> pl.DataFrame:
    """The rows and columns of a metric that are shared at all."""
    how = SHAREABLE[name]
    for column, value in how.only.items():
        frame = frame.filter(pl.col(column) == value).drop(column)
    for column, values in how.rows_of.items():
        frame = frame.filter(pl.col(column).is_in(values))
    if how.recent:
        is_part = pl.any_horizontal(pl.col(column) != TOTAL for column in how.recent)
        frame = frame.filter(~is_part | (pl.col(how.dated or "") >= months_back(quarter_end, PARTS_MONTHS)))
    if how.only_total:
        assert how.parts_of_all is not None
        is_total = pl.col(how.parts_of_all[0]) == TOTAL
        frame = frame.with_columns(pl.when(is_total).then(pl.col(column)).alias(column) for column in how.only_total)
    return frame.drop(*how.drop, "note", strict=False)


def _named(cell: Cell) -> Figure:
    table, key, column = cell
    assert isinstance(key, tuple)
    return str(table), "|".join(str(part) for part in key), str(column)


def _is_counted(how: Shareable) -> pl.Expr:
    checks = [pl.col(column).is_in(values) for column, values in how.counted.items()]
    return pl.all_horizontal(checks) if checks else pl.lit(value=True)


def _add_counts(tables: Tables, kept: Mapping[str, pl.DataFrame], quarter_end: date) -> None:
    """Every count that is to be printed, as a cell of the system."""
    system, last_month = tables.system, quarter_end.replace(day=1)
    for name, frame in kept.items():
        how = SHAREABLE[name]
        counted = frame.filter(_is_counted(how))
        keys: list[Key] = counted.select(how.dimensions).rows()
        tables.rows[name] = keys
        if how.part_of is not None:
            groups = counted[how.part_of].to_list()
            tables.group_of.update({(name, key): group for key, group in zip(keys, groups, strict=True)})
        for column in how.counts:
            for key, value in zip(keys, counted[column].to_list(), strict=True):
                if value is None:
                    continue
                count = int(value)
                cell: Cell | None = same_as(name, key, column, last_month)
                number = system.number_of.get(cell) if cell is not None else None
                if cell is None or (number is not None and system.values[number] != count):
                    # Without a day of its own, a count is one of the quarter.
                    cell = (name, key if how.dated else (last_month, *key), column)
                tables.cell[name, key, column] = cell
                system.add(cell, count, is_printed=True)


def _figures(tables: Tables, key: bytes, before: Mapping[Figure, int]) -> dict[Cell, int]:
    """The figure that is printed for each count; what it can stand for goes into the system."""
    system, figures, stuck = tables.system, {}, {}
    for cell, count, is_printed in zip(system.cells, system.values, system.is_printed, strict=True):
        if is_printed:
            name = _named(cell)
            earlier = before.get(name)
            if earlier is not None:
                stuck[cell] = earlier
            is_kept = earlier is not None and stays(count, earlier)
            figures[cell] = earlier if is_kept and earlier is not None else shifted(count, shift(key, "|".join(name)))
    # A whole is not printed smaller than its part; the part's figure is less than 5 away from the whole too.
    for whole, part in sorted(tables.parts, key=lambda pair: system.values[system.number_of[pair[0]]]):
        if whole not in stuck and figures.get(part, 0) > figures[whole]:
            figures[whole] = figures[part]
    for cell, figure in figures.items():
        system.print_as(system.number_of[cell], window(figure, stuck.get(cell)))
    return figures


def left_out(system: System) -> set[int]:
    """The printed counts that are left out so that every count can be at least three values.

    What is left out can only widen what others can be, so that each count that fails is looked at until it holds.
    """
    gone: set[int] = set()
    for number in exposed(system):
        while exposed(system, [number]):
            near = number if _can_go(system, number) else _nearest_printed(system, number)
            if near is None:
                # Nothing printed is related to it any more: no figure says anything of it.
                break
            system.leave_out(near)
            gone.add(near)
    return gone


def _can_go(system: System, number: int) -> bool:
    """Whether a count is printed that MHCLG does not print: to leave out another one hides nothing."""
    return system.is_printed[number] and not system.is_public(number)


def _nearest_printed(system: System, number: int) -> int | None:
    """Of the printed counts in the fewest relations' distance, the smallest: it is missed the least."""
    seen, ring = {number}, deque([number])
    while ring:
        following: dict[int, None] = {}
        for one in ring:
            for equation, _ in system.of_cell[one]:
                following.update(dict.fromkeys(other for _, other in system.equations[equation] if other not in seen))
        found = [other for other in following if _can_go(system, other)]
        if found:
            return min(found, key=lambda other: (system.values[other], other))
        seen |= set(following)
        ring = deque(following)
    return None


def _frame(name: str, frame: pl.DataFrame, tables: Tables, shown: Mapping[Cell, int]) -> pl.DataFrame:
    """One metric as it leaves."""
    how = SHAREABLE[name]
    keys: list[Key] = frame.select(how.dimensions).rows()
    out = frame
    for column in how.counts:
        cells = [tables.cell.get((name, key, column)) for key in keys]
        values = [None if cell is None else shown.get(cell) for cell in cells]
        rounded = pl.Series(column, values, dtype=pl.Int64).cast(frame.schema[column])
        out = out.with_columns(pl.when(_is_counted(how)).then(rounded).otherwise(pl.col(column)).alias(column))
    if how.nights is not None:
        out = out.with_columns(derived.nights(pl.col(how.nights)).cast(frame.schema[how.nights]))
    if how.amounts:
        assert how.nights is not None
        group, part = how.dimensions
        out = derived.amounts(out, group, part, how.nights, how.amounts)
    if how.derived:
        base = pl.col(how.base or how.counts[0])
        out = out.with_columns(
            pl.when(base >= MEASURED_FROM).then((pl.col(column) + 0.5).floor()).alias(column) for column in how.derived
        )
    if how.again is not None:
        out = how.again(out)
    return _without_nobody(_noted(frame, out, how), how)


def _without_nobody(frame: pl.DataFrame, how: Shareable) -> pl.DataFrame:
    """The frame without the rows whose presence alone would say that there is somebody.

    Of a metric that has a row in each period, a group goes in which every figure of every period is 0.
    """
    if not how.counts or how.counted:
        return frame
    is_nobody = pl.all_horizontal(
        pl.col(column).fill_null(1 if column not in how.only_total else 0) == 0 for column in how.counts
    )
    if how.is_complete:
        groups = [column for column in how.dimensions if column != how.dated]
        if not groups:
            return frame
        is_nobody = is_nobody.all().over(groups)
    return frame.filter(~is_nobody)


def _noted(frame: pl.DataFrame, out: pl.DataFrame, how: Shareable) -> pl.DataFrame:
    """The frame with ``note``: which rows lack what the internal edition has."""
    beside = frame.select(*how.dimensions, *(pl.col(one).is_not_null().alias(f"had {one}") for one in frame.columns))
    joined = out.join(beside, on=how.dimensions, how="left", maintain_order="left")
    lacks: list[Any] = [pl.col(one).is_null() & pl.col(f"had {one}") for one in frame.columns if one in out.columns]
    whole = ROUNDED if how.counts else ""
    note = pl.when(pl.any_horizontal(lacks)).then(pl.lit(SUPPRESSED)).otherwise(pl.lit(whole))
    return joined.with_columns(note=note).drop([f"had {one}" for one in frame.columns])
