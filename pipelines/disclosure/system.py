"""Every count of an edition, printed or not, and every relation between them that a reader knows."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from pipelines.disclosure.rounding import NO_LIMIT, OPEN, Window
from pipelines.disclosure.thresholds import FEWEST_VALUES

Cell = tuple[Hashable, ...]
"""What names a count: the table, its row and its column."""

Term = tuple[int, int]
"""A factor and the number of a count."""


@dataclass
class System:
    """Counts by number, and equations between them: the terms of each add up to nothing.

    ``windows`` say what a reader knows of each from its own figure. An inequality is an equation with a count more,
    which is never printed.
    """

    number_of: dict[Cell, int] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    values: list[int] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    is_printed: list[bool] = field(default_factory=list)
    equations: list[tuple[Term, ...]] = field(default_factory=list)
    of_cell: list[list[tuple[int, int]]] = field(default_factory=list)
    """The equations that a count stands in, each with its factor there."""
    known: dict[int, Window] = field(default_factory=dict)
    """What a reader knows of some counts from elsewhere, whatever is printed of them here."""
    room: dict[int, int] = field(default_factory=dict)
    """How many values more than one are left to some counts by what is known from elsewhere, where these are few."""

    def add(self, cell: Cell, value: int, window: Window = OPEN, *, is_printed: bool = False) -> int:
        """Add a count, unless it is known already; returns its number."""
        known = self.number_of.get(cell)
        if known is not None:
            return known
        number = self.number_of[cell] = len(self.cells)
        self.cells.append(cell)
        self.values.append(value)
        self.windows.append(window)
        self.is_printed.append(is_printed)
        self.of_cell.append([])
        return number

    def relate(self, terms: Iterable[tuple[int, Cell]]) -> bool:
        """Add an equation between counts that are known; returns whether it is true of them, else it is not added."""
        known = [(factor, self.number_of[cell]) for factor, cell in terms]
        return self._relate(known)

    def _relate(self, terms: Sequence[Term]) -> bool:
        if sum(factor * self.values[number] for factor, number in terms):
            return False
        for factor, number in terms:
            self.of_cell[number].append((len(self.equations), factor))
        self.equations.append(tuple(terms))
        return True

    def total(self, total: Cell, parts: Sequence[Cell]) -> bool:
        """A total is the sum of its parts; returns whether it is."""
        return self.relate([(-1, total), *((1, part) for part in parts)])

    def at_most(self, small: Sequence[tuple[int, Cell]], large: Sequence[tuple[int, Cell]], name: Cell) -> bool:
        """One sum of counts is never more than another; ``name`` names what is left between them."""
        terms = [(factor, cell) for factor, cell in large] + [(-factor, cell) for factor, cell in small]
        left = sum(factor * self.values[self.number_of[cell]] for factor, cell in terms)
        if left < 0:
            return False
        self.add(name, left)
        return self.relate([*terms, (-1, name)])

    def know(self, number: int, window: Window) -> None:
        """A count is known from elsewhere to be in a window."""
        self.known[number] = window.within(self.known.get(number, OPEN))
        self.windows[number] = window.within(self.windows[number])

    def is_public(self, number: int) -> bool:
        """Whether a count is known exactly from elsewhere."""
        known = self.known.get(number, OPEN)
        return known.low == known.high

    def spread(self) -> None:
        """Follow what is known from elsewhere along each relation; ``room`` says of which counts it leaves few values.

        Nothing that we print has any part in it.
        """
        waiting = dict.fromkeys(equation for number in self.known for equation, _ in self.of_cell[number])
        while waiting:
            equation = next(iter(waiting))
            del waiting[equation]
            for number, window in self._followed(self.equations[equation]):
                if window != self.known.get(number, OPEN):
                    self.know(number, window)
                    waiting.update(dict.fromkeys(other for other, _ in self.of_cell[number] if other != equation))
        self.room = {
            number: window.high - window.low
            for number, window in self.known.items()
            if window.high - window.low < FEWEST_VALUES - 1
        }

    def _followed(self, terms: Sequence[Term]) -> list[tuple[int, Window]]:
        """What one relation says of each of its counts, given what is known of the others."""
        ends = []
        for factor, number in terms:
            known = self.known.get(number, OPEN)
            high = math.inf if known.high >= NO_LIMIT else known.high
            ends.append(sorted((factor * known.low, factor * high)))
        least, most = [end for end, _ in ends], [end for _, end in ends]
        if sum(map(math.isinf, least)) > 1 and sum(map(math.isinf, most)) > 1:
            return []
        found = []
        for place, (factor, number) in enumerate(terms):
            low = -sum(most[:place] + most[place + 1 :]) / factor
            high = -sum(least[:place] + least[place + 1 :]) / factor
            low, high = min(low, high), max(low, high)
            known = self.known.get(number, OPEN)
            window = Window(
                known.low if math.isinf(low) else max(known.low, math.ceil(low)),
                known.high if math.isinf(high) else min(known.high, math.floor(high)),
            )
            found.append((number, window))
        return found

    def print_as(self, number: int, window: Window) -> None:
        """What is printed of a count says that it is in a window."""
        self.windows[number] = window.within(self.known.get(number, OPEN))

    def leave_out(self, number: int) -> None:
        """A count is printed no longer."""
        self.windows[number] = self.known.get(number, OPEN)
        self.is_printed[number] = False
