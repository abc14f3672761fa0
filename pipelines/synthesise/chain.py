"""One household in temporary accommodation over consecutive quarters: one entry day, from which all its days follow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from pipelines.period import Quarter
from pipelines.synthesise.case import Stay


@dataclass(slots=True, eq=False)
class Chain:
    """A household from its first quarter of the window on: its composition and entry day do not change.

    A household whose composition changes is another case in the return, so it counts as one that leaves and one that
    comes.
    """

    household: str
    entry: date
    first: int
    """Number of the quarter at whose end it is counted first."""
    kinds: list[str] = field(default_factory=list)
    """Type of temporary accommodation at the end of that quarter and of each that follows."""
    away: list[bool] = field(default_factory=list)
    """Whether it is in another district, at the same days."""

    def is_there(self, quarter: int) -> bool:
        """Whether it is counted at the end of a quarter."""
        return self.first <= quarter < self.first + len(self.kinds)

    def stays(self, quarters: Sequence[Quarter]) -> list[Stay]:
        """One stay for the end of each quarter, each leading to the next."""
        made = [
            Stay(number, kind, self.household, away, days=(quarters[number].last_day - self.entry).days)
            for number, (kind, away) in enumerate(zip(self.kinds, self.away, strict=True), self.first)
        ]
        for stay, later in pairwise(made):
            stay.later, later.stayed = later, True
        return made


def stays_of(chains: Iterable[Chain], quarters: Sequence[Quarter]) -> list[list[Stay]]:
    """The stays of each quarter, in the order of the chains."""
    found: list[list[Stay]] = [[] for _ in quarters]
    for chain in chains:
        for stay in chain.stays(quarters):
            found[stay.quarter].append(stay)
    return found
