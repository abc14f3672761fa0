"""An attack on a comparison: everything that a reader has is laid before a solver, and each count is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.disclosure.audit import bounds
from pipelines.disclosure.rounding import Window
from pipelines.disclosure.system import System
from pipelines.disclosure.thresholds import ENGLAND_ROUNDED_TO, FEWEST_VALUES, STAYS_WITHIN
from pipelines.fleet.comparing import definitions
from pipelines.fleet.comparing.figures import Compared
from pipelines.fleet.comparing.gather import Gathered
from tests.fleet.beside_each_other import QUARTER, internal

_BB = "Bed and breakfast"


def attacked(
    gathered: Sequence[Gathered], shown: Compared, *, is_published: bool = True
) -> tuple[dict[tuple[str, str], tuple[int, int]], int]:
    """Counts that can be fewer than three values, with the least and the most, and how many were asked for.

    A count that by what MHCLG prints alone can be two values or one may be as few. What is said of all authorities is
    taken for the true sum where it is not that of the figures shown.

    Args:
        gathered: what is true.
        shown: what a reader has.
        is_published: whether MHCLG has printed the tables of each authority.
    """
    with_page, without = (_system(gathered, one, is_published=is_published) for one in (shown, None))
    narrow, asked = {}, 0
    for cell, number in with_page.number_of.items():
        if len(cell) != 2 or cell[0] == "England" or with_page.windows[number].low == with_page.windows[number].high:
            continue
        asked += 1
        low, high = bounds(with_page, number)
        if high - low + 1 < FEWEST_VALUES:
            before = bounds(without, without.number_of[cell])
            if high - low < before[1] - before[0]:
                narrow[str(cell[0]), str(cell[1])] = (low, high)
    return narrow, asked


def _system(gathered: Sequence[Gathered], shown: Compared | None, *, is_published: bool) -> System:
    system = System()
    columns = definitions.columns_of(QUARTER)
    true = internal(list(gathered)).figures
    for one in definitions.measures():
        for side, name in (("numerator", one.numerator), ("denominator", one.denominator)):
            if name in ("", definitions.HOUSEHOLDS) or one.unit == definitions.DAYS:
                continue
            for code, value in true.filter(measure=one.name).select("la_code", side).iter_rows():
                number = system.add((code, name), int(value))
                figures = None if shown is None else shown.figures.filter(measure=one.name, la_code=code)
                if figures is not None and (figure := figures[side][0]) is not None:
                    near = Window(max(int(figure) - STAYS_WITHIN, 0), int(figure) + STAYS_WITHIN)
                    system.windows[number] = near.within(system.windows[number])
    for authority in gathered:
        _by_definition(system, authority.run.la_code)
        if is_published:
            _as_published(system, authority, columns)
    for name in {name for name, _, _ in columns}:
        cells = [(authority.run.la_code, name) for authority in gathered]
        count = sum(system.values[system.number_of[cell]] for cell in cells)
        half = ENGLAND_ROUNDED_TO // 2
        figure = (count + half) // ENGLAND_ROUNDED_TO * ENGLAND_ROUNDED_TO
        system.add(("England", name), count, Window(max(figure - half, 0), figure + half))
        assert system.total(("England", name), cells)
    if shown is not None:
        _sums(system, shown)
    return system


def _by_definition(system: System, code: str) -> None:
    known = system.number_of
    for one in definitions.counts():
        if one.sum_of and (code, one.name) in known:
            assert system.total((code, one.name), [(code, name) for name in one.sum_of])
        if one.part_of and (code, one.name) in known and (code, one.part_of) in known:
            name = ("slack", code, one.name)
            # Real figures contradict each other now and then: who took this in would find no answer.
            system.at_most([(1, (code, one.name))], [(1, (code, one.part_of))], name)


def _as_published(system: System, authority: Gathered, columns: Sequence[tuple[str, str, str]]) -> None:
    """What MHCLG prints: all but the columns of bed and breakfast below 5, and fewer than 5 out of district."""
    code = authority.run.la_code
    cells = {
        (table, path): int(value)
        for table, path, value in authority.cells.select("official_table", "column_path", "value").iter_rows()
        if value is not None
    }
    bb = system.values[system.number_of[code, "ta_bb"]]
    for count in {name for name, _, _ in columns}:
        parts = [(table, path) for name, table, path in columns if name == count]
        hidden = [
            (table, path)
            for table, path in parts
            if (path.startswith(_BB) and not path.endswith("Total number of households") and bb < 5)
            or (path == "In TA in another local authority district" and cells[table, path] < 5)
        ]
        number = system.number_of[code, count]
        if not hidden:
            system.windows[number] = Window(system.values[number], system.values[number])
        elif len(hidden) < len(parts):
            printed = sum(cells[place] for place in parts if place not in hidden)
            system.add((code, count, "printed"), printed, Window(printed, printed))
            system.add((code, count, "hidden"), system.values[number] - printed)
            assert system.total((code, count), [(code, count, "printed"), (code, count, "hidden")])
            part, whole = (code, count, "hidden"), (code, "ta_bb")
            system.at_most([(1, part)], [(1, whole)], ("slack", *part))
        elif count == "ta_elsewhere":
            system.windows[number] = Window(0, 4).within(system.windows[number])


def _sums(system: System, shown: Compared) -> None:
    for one in definitions.measures():
        rows = shown.figures.filter(pl.col("measure") == one.name, pl.col("value").is_not_null())
        together = shown.measures.row(by_predicate=pl.col("measure") == one.name, named=True)
        for side, name in (("numerator", one.numerator), ("denominator", one.denominator)):
            if name in ("", definitions.HOUSEHOLDS) or together[side] is None or together[side] == rows[side].sum():
                continue
            # Not the sum of what is shown: then a reader takes it for the true one.
            every = shown.figures.filter(measure=one.name)["la_code"]
            cells = [(code, name) for code in every]
            count = sum(system.values[system.number_of[cell]] for cell in cells)
            if count == together[side]:
                system.add(("sum", one.name, side), count, Window(count, count))
                system.total(("sum", one.name, side), cells)
