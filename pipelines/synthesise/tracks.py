"""Households over several quarters, and whole numbers of them dealt to what they are in each quarter.

A way is what a household can be over the quarters in which it is counted: one cell, a value in a quarter, for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.deal import split
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.exact.model import CellRef, Model
from pipelines.synthesise.exact.solver import OutOfTimeError, Solver, is_installed
from pipelines.synthesise.link import chain_of
from pipelines.synthesise.tree import build, report, resolve

Cell = tuple[int, Any]
Key = tuple[Any, ...]
K = TypeVar("K", bound=Key)
_PLENTY = 10**9
_SECONDS = 5.0


class Way(NamedTuple):
    """What a household can be: its cells, and how likely it is beside the others."""

    cells: tuple[Cell, ...]
    weight: float = 1.0


class Printed(NamedTuple):
    """A printed count over cells of one quarter."""

    ref: CellRef
    cells: frozenset[Cell]
    number: int
    at_most: bool = False
    """No more than the number, where others take the rest."""


@dataclass(slots=True, eq=False)
class Track:
    """One household over the quarters in which it is counted."""

    stays: list[Stay]

    @property
    def household(self) -> str:
        """Its composition, the same throughout."""
        return self.stays[0].household

    @property
    def placed(self) -> tuple[int, ...]:
        """Quarters at whose end it is in temporary accommodation, own arrangements left out."""
        return tuple(stay.quarter for stay in self.stays if stay.kind != "own")

    def at(self, quarter: int) -> Stay:
        """Its stay at the end of a quarter in which it is counted."""
        return self.stays[quarter - self.stays[0].quarter]


def tracks_of(found: Sequence[Sequence[Stay]]) -> list[Track]:
    """Every household of the quarters, in the order of their stays."""
    led_to = {id(stay.later) for rows in found for stay in rows if stay.later is not None}
    return [Track(chain_of(stay)) for rows in found for stay in rows if id(stay) not in led_to]


def by_quarters(tracks: Sequence[Track]) -> dict[tuple[int, ...], list[Track]]:
    """Households by the quarters in which they are in temporary accommodation; those never there are left out."""
    found: dict[tuple[int, ...], list[Track]] = {}
    for track in tracks:
        if track.placed:
            found.setdefault(track.placed, []).append(track)
    return found


@dataclass
class Margin:
    """One table of one quarter, settled: so many of each value, and what of that is printed."""

    values: dict[str, int]
    printed: list[tuple[str, frozenset[str], int]]
    """Column, the values that it counts, and the count."""


def settle_margin(sheet: Sheet, table: str, total: int, code: Callable[[str], str], rng: Draws) -> Margin | None:
    """The margin of a table for ``total`` households or people, None where the quarter has no such table."""
    root = build(sheet, table)
    if root is None:
        return None
    resolve(root, total, rng)
    report(sheet, table, root, "TA1: total")
    values: dict[str, int] = {}
    for node in root.leaves():
        values[code(node.label)] = values.get(code(node.label), 0) + node.value
    printed = [
        (node.path, frozenset(code(leaf.label) for leaf in node.leaves()), node.published)
        for node in root.walk()
        if node.path is not None and node.published is not None
    ]
    return Margin(values, printed)


def printed_cells(sheets: Sequence[Sheet], table: str, margins: Sequence[Margin | None]) -> list[Printed]:
    """What the quarters print of a table."""
    return [
        Printed(CellRef(str(sheet.quarter), table, path), frozenset((k, v) for v in values), count)
        for k, (sheet, margin) in enumerate(zip(sheets, margins, strict=True))
        if margin is not None
        for path, values, count in margin.printed
    ]


def deal_ways(
    sizes: Mapping[K, int],
    ways: Callable[[K], Sequence[Way]],
    room: Mapping[Cell, int],
    printed: Sequence[Printed],
) -> dict[K, list[int]]:
    """How many of each class of households go each of its ways, so that what is printed is met.

    Args:
        sizes: households of each class; a class is named by the quarters in which it is counted.
        ways: what a household of a class can be.
        room: how many each cell has; one that is not named takes any number.
        printed: counts to be met. Where the quick way misses one, the exact solver is asked if it is there.
    """
    options = {key: list(ways(key)) for key in sizes}
    counts = _pack(sizes, options, dict(room))
    if _misses(counts, options, printed) and is_installed():
        exact = _exactly(sizes, options, printed)
        if exact is not None and _misses(exact, options, printed) < _misses(counts, options, printed):
            return exact
    return counts


def _pack(sizes: Mapping[K, int], options: Mapping[K, Sequence[Way]], room: dict[Cell, int]) -> dict[K, list[int]]:
    """Longest first, in proportion to the room in all quarters at once; those of one quarter take what is left."""
    counts: dict[K, list[int]] = {}
    for key in sorted(sizes, key=lambda k: (-len(k), str(k))):
        choice, left = options[key], sizes[key]
        rooms = [min((room.get(cell, _PLENTY) for cell in way.cells), default=_PLENTY) for way in choice]
        wanted = split(left, [max(min(r, sizes[key]), 0) * way.weight for r, way in zip(rooms, choice, strict=True)])
        taken = [0] * len(choice)
        for number, most in [*enumerate(wanted), *((n, left) for n in _widest(rooms))]:
            n = min(most, left, *(room.get(cell, _PLENTY) for cell in choice[number].cells))
            if n > 0:
                taken[number] += n
                left -= n
                for cell in choice[number].cells:
                    if cell in room:
                        room[cell] -= n
        if left:
            taken[max(range(len(choice)), key=lambda i: choice[i].weight)] += left
        counts[key] = taken
    return counts


def _widest(rooms: Sequence[int]) -> list[int]:
    return sorted(range(len(rooms)), key=lambda i: -rooms[i])


def _misses(counts: Mapping[K, Sequence[int]], options: Mapping[K, Sequence[Way]], printed: Sequence[Printed]) -> int:
    reached: dict[Cell, int] = {}
    for key, taken in counts.items():
        for way, n in zip(options[key], taken, strict=True):
            for cell in way.cells:
                reached[cell] = reached.get(cell, 0) + n
    sums = ((sum(reached.get(cell, 0) for cell in p.cells), p) for p in printed)
    return sum(n > p.number if p.at_most else n != p.number for n, p in sums)


def _exactly(
    sizes: Mapping[K, int], options: Mapping[K, Sequence[Way]], printed: Sequence[Printed]
) -> dict[K, list[int]] | None:
    model = Model()
    numbers: dict[K, list[int]] = {}
    at: dict[Cell, list[int]] = {}
    for key, size in sizes.items():
        steep = max(way.weight for way in options[key])
        numbers[key] = [model.variable(0, size, cost=int(way.weight < steep)) for way in options[key]]
        model.law([(v, 1) for v in numbers[key]], size, size, "every household is one thing in each quarter")
        for way, variable in zip(options[key], numbers[key], strict=True):
            for cell in way.cells:
                at.setdefault(cell, []).append(variable)
    for p in printed:
        terms = [(v, 1) for cell in sorted(p.cells, key=str) for v in at.get(cell, ())]
        model.printed(p.ref, terms, 0 if p.at_most else p.number, p.number)
    values = nearest(model, _SECONDS)
    return None if values is None else {key: [values[v] for v in found] for key, found in numbers.items()}


def nearest(model: Model, seconds: float) -> list[int] | None:
    """Values of all variables that come as near to what is printed as they can, None where time runs out."""
    elastic = Model(list(model.lows), list(model.highs), list(model.costs), [])
    steep = 1 + 100 * max(model.costs, default=0)
    for row in model.rows:
        if row.cell is not None:
            over, under = elastic.variable(cost=steep), elastic.variable(cost=steep)
            row = replace(row, terms=(*row.terms, (over, -1), (under, 1)), cell=None)
        elastic.rows.append(row)
    try:
        values = Solver(elastic, seconds).answer()
    except OutOfTimeError:
        return None
    return None if values is None else values[: len(model.lows)]
