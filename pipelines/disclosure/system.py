"""Every count of an edition, printed or not, and every relation between them that a reader knows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from pipelines.disclosure.rounding import OPEN, Window

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

    def leave_out(self, number: int) -> None:
        """A count is printed no longer."""
        self.windows[number] = OPEN
        self.is_printed[number] = False
