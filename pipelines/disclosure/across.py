"""What of several authorities may stand beside each other: their counts, rounded and audited over all of them together.

A count leaves as a multiple of 5, as in an authority's own edition, and as the same one where it has left there. What
is said of all authorities together (sums, medians) is worked out from what is shown of each, so that no choice of
authorities, and no difference between two comparisons, tells more than the figures of each do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.disclosure.audit import SLACK
from pipelines.disclosure.edition import ROUNDED, Figure, left_out
from pipelines.disclosure.rounding import Window, shift, shifted, stays, window
from pipelines.disclosure.system import Cell, System
from pipelines.disclosure.thresholds import ENGLAND_ROUNDED_TO, FEWEST_COMPARED, MEASURED_FROM, STAYS_WITHIN
from pipelines.errors import UsageError
from pipelines.published.cells import SUPPRESSED

LEAST_BASE = MEASURED_FROM
"""Rounded count from which a share or rate of the counted is shared."""

MOST_AWAY = STAYS_WITHIN
"""How far a figure can be from its count: intervals are as wide as that makes them."""

_OF_ITS_OWN = "case_open_month"
"""A table that each edition of an authority's own prints a figure of for every month."""

_SUMMED_AT_ONCE = 16

_TOGETHER = "all"
"""In place of an authority: all of them, whose sum MHCLG prints."""


@dataclass(frozen=True)
class Relation:
    """What a reader knows of one count by its definition, whatever the authority."""

    name: str
    sum_of: tuple[str, ...] = ()
    part_of: str = ""
    hidden_part_of: str = ""
    """The count that holds what MHCLG hides of this one, where it hides a part."""


@dataclass(frozen=True)
class Shared:
    """What leaves.

    ``counts``: one row per authority and count: la_code, count_name, value, note. ``figures``: what is printed for each
    count, by authority, to be remembered. ``left_out``: how many are left out because they could be worked out.
    """

    counts: pl.DataFrame
    figures: dict[str, dict[Figure, int]]
    left_out: int
    system: System


def check_are_enough(authorities: int) -> None:
    """Refuse a comparison for sharing of so few that one can work out another.

    Raises:
        UsageError: they are fewer than ``FEWEST_COMPARED``.
    """
    if authorities < FEWEST_COMPARED:
        raise UsageError(
            f"A comparison for sharing needs {FEWEST_COMPARED} authorities or more whose return is not blocked, and"
            f" there {'is 1' if authorities == 1 else f'are {authorities}'}: of fewer, each would read the other's"
            " figures from what is said of all. With --internal there is one for those who may see every number."
        )


def share(
    counts: pl.DataFrame,
    relations: Sequence[Relation],
    keys: Mapping[str, bytes],
    before: Mapping[str, Mapping[Figure, int]],
    named: Callable[[str], Figure],
    last_month: str,
) -> Shared:
    """The counts of a quarter of several authorities as they may be shared.

    Hidden stays what MHCLG hides, and what the authority's own edition of the quarter leaves out. Each of the others is
    printed as its own edition prints it; where a count could afterwards be fewer than three values, by all that is
    shown here of all authorities and what MHCLG prints of them and of England, it is left out, and others until that
    holds. It holds for a quarter that MHCLG has not published yet, too.

    Args:
        counts: one row per authority and count: la_code, count_name, value; ``shown_value``, that part of the value
            which MHCLG's rule shows (null: it prints nothing of it, or hides all); ``is_hidden``, whether it hides it
            all; ``is_counted``, whether it is a count of somebody, and not of days, or a number that is public.
        relations: what is known of the counts by definition.
        keys: what draws the shifts of an authority's counts (``rounding``), by authority.
        before: the figures that have left, by authority.
        named: the name under which a count is remembered.
        last_month: first day of the quarter's last month, as editions write it.

    Raises:
        UsageError: the authorities are too few.
    """
    check_are_enough(counts["la_code"].n_unique())
    counted = counts.filter(pl.col("is_counted") & pl.col("value").is_not_null())
    system = System()
    for la_code, name, value in counted.select("la_code", "count_name", "value").iter_rows():
        system.add((la_code, name), int(value))
    parts = _relate(system, relations, sorted(counted["la_code"].unique()))
    _sums(system, counted)
    hidden = {
        (la_code, name)
        for la_code, name, is_hidden in counted.select("la_code", "count_name", "is_hidden").iter_rows()
        if is_hidden or _is_left_out(named(name), before.get(la_code, {}), last_month)
    }
    figures = _figures(system, parts, hidden, keys, before, named)
    gone = left_out(system)
    _take_as_known(system, counted, relations)
    gone |= left_out(system)
    shown = {cell: value for cell, value in figures.items() if system.number_of[cell] not in gone}
    by_authority: dict[str, dict[Figure, int]] = defaultdict(dict)
    for (la_code, name), value in shown.items():
        by_authority[str(la_code)][named(str(name))] = value
    return Shared(_frame(counts, shown), dict(by_authority), len(gone), system)


def _relate(system: System, relations: Sequence[Relation], authorities: Sequence[str]) -> list[tuple[Cell, Cell]]:
    """The relations between the counts of each authority; a whole and a part of it each, of which they are true."""
    parts: list[tuple[Cell, Cell]] = []
    for la_code in authorities:
        for one in relations:
            cell: Cell = (la_code, one.name)
            summed: list[Cell] = [(la_code, name) for name in one.sum_of]
            known = system.number_of
            if summed and cell in known and all(part in known for part in summed) and system.total(cell, summed):
                parts += [(cell, part) for part in summed]
            whole: Cell = (la_code, one.part_of)
            if cell in known and whole in known and system.at_most([(1, cell)], [(1, whole)], (SLACK, whole, cell)):
                parts.append((whole, cell))
    return parts


def _sums(system: System, counted: pl.DataFrame) -> None:
    """The sum over all authorities of each count of MHCLG's tables: the row of England prints it to the nearest 10."""
    for (name,), rows in counted.filter(pl.col("is_public")).group_by("count_name", maintain_order=True):
        count = int(rows["value"].sum())
        figure = (count + ENGLAND_ROUNDED_TO // 2) // ENGLAND_ROUNDED_TO * ENGLAND_ROUNDED_TO
        half = ENGLAND_ROUNDED_TO // 2
        cell: Cell = (_TOGETHER, name)
        system.add(cell, count, Window(max(figure - half, 0), figure + half))
        # By sums of a few: one relation of all would be gone through for each of them.
        of_some: list[Cell] = []
        for some in rows.iter_slices(_SUMMED_AT_ONCE):
            part: Cell = (SLACK, _TOGETHER, name, len(of_some))
            system.add(part, int(some["value"].sum()))
            system.total(part, [(la_code, name) for la_code in some["la_code"]])
            of_some.append(part)
        system.total(cell, of_some)


def _is_left_out(name: Figure, before: Mapping[Figure, int], last_month: str) -> bool:
    """Whether the authority's own edition of the quarter has left without that count, which it else would print."""
    has_left = any(table == _OF_ITS_OWN and row.startswith(last_month) for table, row, _ in before)
    return has_left and name not in before and any(table == name[0] for table, _, _ in before)


def _figures(
    system: System,
    parts: Collection[tuple[Cell, Cell]],
    hidden: Collection[Cell],
    keys: Mapping[str, bytes],
    before: Mapping[str, Mapping[Figure, int]],
    named: Callable[[str], Figure],
) -> dict[Cell, int]:
    """The figure that is printed for each count; what it can stand for goes into the system."""
    figures: dict[Cell, int] = {}
    stuck: dict[Cell, int] = {}
    for number, cell in enumerate(system.cells):
        if cell in hidden or cell[0] in (SLACK, _TOGETHER):
            continue
        la_code, name = str(cell[0]), named(str(cell[1]))
        earlier = before.get(la_code, {}).get(name)
        if earlier is not None:
            stuck[cell] = earlier
        count = system.values[number]
        is_kept = earlier is not None and stays(count, earlier)
        drawn = shifted(count, shift(keys[la_code], "|".join(name)))
        figures[cell] = earlier if is_kept and earlier is not None else drawn
        system.is_printed[number] = True
    # A whole is not printed smaller than its part; the part's figure is less than 5 away from the whole too.
    for whole, part in sorted(parts, key=lambda pair: system.values[system.number_of[pair[0]]]):
        if whole in figures and whole not in stuck and figures.get(part, 0) > figures[whole]:
            figures[whole] = figures[part]
    for cell, figure in figures.items():
        system.print_as(system.number_of[cell], window(figure, stuck.get(cell)))
    return figures


def _take_as_known(system: System, counted: pl.DataFrame, relations: Sequence[Relation]) -> None:
    """Lay what MHCLG prints of each authority and of England beside what is shown here."""
    holder = {one.name: one.hidden_part_of for one in relations}
    columns = ("la_code", "count_name", "value", "shown_value")
    for la_code, name, value, public in counted.filter(pl.col("is_public")).select(columns).iter_rows():
        if public is None:
            continue
        cell: Cell = (la_code, name)
        if public == value:
            system.know(system.number_of[cell], Window(int(value), int(value)))
            continue
        rest: Cell = (la_code, name, "hidden")
        system.add(rest, int(value - public))
        printed: Cell = (la_code, name, "printed")
        system.know(system.add(printed, int(public)), Window(int(public), int(public)))
        system.total(cell, [printed, rest])
        whole: Cell = (la_code, holder[name])
        if whole in system.number_of:
            system.at_most([(1, rest)], [(1, whole)], (SLACK, whole, rest))
    for cell, number in list(system.number_of.items()):
        if cell[0] == _TOGETHER:
            system.know(number, system.windows[number])
    system.spread()


def _frame(counts: pl.DataFrame, shown: Mapping[Cell, int]) -> pl.DataFrame:
    """The counts as they leave, with a note of what was done to each."""
    rows = []
    for la_code, name, value, note, is_counted in counts.select(
        "la_code", "count_name", "value", "note", "is_counted"
    ).iter_rows():
        if value is None or not is_counted:
            rows.append((la_code, name, value, note))
        elif (la_code, name) in shown:
            rows.append((la_code, name, float(shown[la_code, name]), ROUNDED))
        else:
            rows.append((la_code, name, None, SUPPRESSED))
    schema = {"la_code": pl.String(), "count_name": pl.String(), "value": pl.Float64(), "note": pl.String()}
    return pl.DataFrame(rows, schema=schema, orient="row")
