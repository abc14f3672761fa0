"""Which changes are to be explained, and which are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.settings import Settings
from pipelines.submission.qa.catalogue import Total
from pipelines.submission.qa.counted import Counted
from pipelines.submission.qa.earlier import Earlier
from pipelines.warehouse.explanations import Explanation


@dataclass(frozen=True)
class Change:
    """A total beside that of an earlier quarter."""

    total: Total
    value: int
    earlier: Earlier
    was: int

    @property
    def difference(self) -> int:
        """By how many it rose (or fell, below 0)."""
        return self.value - self.was

    @property
    def share(self) -> float | None:
        """The difference as a share of what it was; None where it was 0."""
        return self.difference / self.was if self.was else None

    def is_asked(self, settings: Settings) -> bool:
        """Whether it is so large that it is to be explained: by both measures, the number and the share."""
        size = abs(self.difference)
        # In whole numbers: 0.2 * 15 is a little more than 3.
        return size >= settings.qa_change_least and round(size - settings.qa_change_share * self.was, 9) >= 0

    @property
    def speaks_of(self) -> tuple[str, int, str, int]:
        """What an explanation has to speak of to be one of this change."""
        return self.total.ident, self.value, str(self.earlier.quarter), self.was


@dataclass(frozen=True)
class Asked:
    """A change that is to be explained."""

    change: Change
    explained: Explanation | None
    """What was said of these two values last; None while it is missing."""
    lapsed: Explanation | None
    """What was said last of the total when either of its values was another; None where it is explained."""


def changes(totals: Sequence[Total], counted: Counted, compared: Sequence[Earlier]) -> list[Change]:
    """Every total beside each earlier quarter in which it is known, total by total."""
    found = []
    for total in totals:
        value = counted.values[total.ident]
        for one in compared:
            was = one.value(total)
            if value is not None and was is not None:
                found.append(Change(total, value, one, was))
    return found


def asked(found: Sequence[Change], settings: Settings, said: Sequence[Explanation]) -> list[Asked]:
    """The changes that are to be explained.

    Args:
        found: as ``changes`` gives them.
        settings: those of the run.
        said: every explanation of the quarter, in the order in which they were given.
    """
    rows = []
    for change in found:
        if not change.is_asked(settings):
            continue
        of_total = [
            one
            for one in reversed(said)
            if (one.total, one.compared_with) == (change.total.ident, str(change.earlier.quarter))
        ]
        holds = next((one for one in of_total if one.speaks_of == change.speaks_of), None)
        rows.append(Asked(change, holds, None if holds else next(iter(of_total), None)))
    return rows
