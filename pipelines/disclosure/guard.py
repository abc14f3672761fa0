"""Small numbers on a whole page: sums that share cells, and stocks that follow from flows."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from pipelines.disclosure.counts import SUPPRESS_BELOW, suppressed_cells

Cell = tuple[Hashable, ...]


@dataclass
class Links:
    """Every equation between the counts of a page.

    sums: a total and its parts. A part need not be printed: what is left of a total beside a printed part is one too.
    balances: stock before, stock after, came, left: after = before + came - left. A period whose stock before is not
        printed has one too.
    """

    sums: list[tuple[Cell, tuple[Cell, ...]]] = field(default_factory=list)
    balances: list[tuple[Cell, Cell, Cell, Cell]] = field(default_factory=list)


def protect(values: Mapping[Cell, int], links: Links, threshold: int = SUPPRESS_BELOW) -> set[Cell]:
    """The counts to leave out so that none from 1 to ``threshold - 1`` is printed or follows from printed ones.

    Sums are judged by ``suppressed_cells``. In a balance those who came and those who left go together, as soon as any
    of its four counts is left out: with both unknown, adding one to either leaves every balance true.
    """
    forced: set[Cell] = set()
    while True:
        # A count that must go is handed over as one that is small; as small as it can be, so that none rests on it.
        shaped = {
            cell: min(max(value, 1), threshold - 1) if cell in forced else value for cell, value in values.items()
        }
        hidden = suppressed_cells(shaped, links.sums, threshold)
        more = {
            flow
            for balance in links.balances
            if any(cell in hidden for cell in balance)
            for flow in balance[2:]
            if flow in values and flow not in hidden
        }
        if not more:
            return hidden
        forced |= more
