"""Counts as multiples of 5, and what a reader of a printed one can say of the count.

Each count has a secret shift from 0 to 4, drawn by a key that no reader has: it is added before what is over a
multiple of 5 is cut off. Over many counts the printed figures are right on average, and a figure says no more than that
the count is less than 5 away: a 0 stands for 0 to 4, a 10 for 6 to 14. That stays so when a figure is kept from an
earlier edition, since it is kept while it is true in that sense. (Random rounding to base 5, as statistical offices use
it; the shift is the same whenever the same count is printed, so that nothing is won by asking twice.)
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from pipelines.disclosure.thresholds import ROUND_TO, STAYS_WITHIN

NO_LIMIT = 10**9
"""The upper end of what is not bounded."""


@dataclass(frozen=True)
class Window:
    """The counts that a figure can stand for, both ends among them."""

    low: int
    high: int

    def within(self, other: Window) -> Window:
        """The counts that are in both."""
        return Window(max(self.low, other.low), min(self.high, other.high))


OPEN = Window(0, NO_LIMIT)
"""What is known of a count that is not printed."""


def shift(key: bytes, cell: str) -> int:
    """The shift of a count, from 0 to 4."""
    return int.from_bytes(blake2b(cell.encode(), key=key, digest_size=4).digest(), "big") % ROUND_TO


def shifted(count: int, by: int) -> int:
    """The figure printed for a count."""
    return (count + by) // ROUND_TO * ROUND_TO


def stays(count: int, before: int) -> bool:
    """Whether the figure of an earlier edition is printed again.

    A 5 also stays when nothing is left: a 0 after it could stand for 0 alone.
    """
    return abs(count - before) <= STAYS_WITHIN or (before == ROUND_TO and count < before)


def window(figure: int, before: int | None = None) -> Window:
    """What a figure can stand for, to a reader who knows ``before``, that of an earlier edition."""
    low, high = max(figure - STAYS_WITHIN, 0), figure + STAYS_WITHIN
    if before is None:
        return Window(low, high)
    if figure == before:
        return Window(0 if before == ROUND_TO else low, high)
    # It would have stayed, had the count been nearer.
    if figure > before:
        return Window(max(low, before + STAYS_WITHIN + 1), high)
    return Window(low, min(high, before - STAYS_WITHIN - 1))
