"""An integer model of what households can be counted: variables, laws that always hold, and printed cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Terms = Mapping[int, int] | Iterable[tuple[int, int]]

UNBOUNDED = 10**7
"""Greater than any count or sum of days of one authority; keeps every variable bounded, so that sums can be checked."""

FREE = 10**12
"""A row that is bounded on one side only has this, or its negative, for its other bound."""


class CellRef(NamedTuple):
    """One printed figure of the authority."""

    quarter: str
    table: str
    column_path: str


@dataclass(frozen=True)
class Proof:
    """Why a printed cell cannot be reached: the other cells of its clash, and the sum that forces it."""

    cells: tuple[CellRef, ...]
    sentence: str


@dataclass(frozen=True)
class Row:
    """``low <= sum(coefficient * variable) <= high``; a law when ``cell`` is None, else what one cell prints."""

    terms: tuple[tuple[int, int], ...]
    low: int
    high: int
    cell: CellRef | None
    says: str
    """In words: the law, or the printed figure."""
    priority: int = 0
    """Of two cells that can give way equally well the one with the greater number does."""


@dataclass
class Model:
    """Non-negative integer variables, the rows that bind them, and what is likelier where all is free."""

    lows: list[int] = field(default_factory=list)
    highs: list[int] = field(default_factory=list)
    costs: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)

    def variable(self, low: int = 0, high: int = UNBOUNDED, cost: int = 0) -> int:
        """A new variable between ``low`` and ``high``; of all answers one with the least sum of costs is taken."""
        if low > high:
            raise ValueError("A variable needs room between its bounds.")
        self.lows.append(low)
        self.highs.append(high)
        self.costs.append(cost)
        return len(self.lows) - 1

    def law(self, terms: Terms, low: int, high: int, says: str) -> None:
        """What holds for every household whatever is printed, such as that a family of a type is of that type."""
        self.rows.append(Row(_merged(terms), low, high, None, says))

    def printed(
        self, cell: CellRef, terms: Terms, low: int, high: int | None = None, *, says: str = "", priority: int = 0
    ) -> None:
        """What a cell prints of the variables: ``low`` exactly, or anything from ``low`` to ``high``.

        A cell may have several rows (a median has two); they hold or give way together.
        """
        top = low if high is None else high
        self.rows.append(Row(_merged(terms), low, top, cell, says or f"{cell.table} {cell.column_path}", priority))

    @property
    def cells(self) -> frozenset[CellRef]:
        """Every printed cell that the model holds."""
        return frozenset(row.cell for row in self.rows if row.cell is not None)


def _merged(terms: Terms) -> tuple[tuple[int, int], ...]:
    together: dict[int, int] = {}
    for variable, coefficient in terms.items() if isinstance(terms, Mapping) else terms:
        together[variable] = together.get(variable, 0) + coefficient
    return tuple((v, c) for v, c in sorted(together.items()) if c)
