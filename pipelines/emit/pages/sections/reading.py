"""How sections read a metric: figures by key, why one is missing, quarters to look back on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pipelines import shown
from pipelines.disclosure.thresholds import MEASURED_FROM, ROUND_TO, STAYS_WITHIN
from pipelines.emit.pages.words import Missing, Value, number
from pipelines.period import Quarter

if TYPE_CHECKING:
    from pipelines.metrics.editions import Edition

QUARTERS_SHOWN = 8

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figures:
    """The rows of one metric by their key; ``absent`` is what a key without a row means: 0 where a group is empty."""

    rows: Mapping[tuple[Any, ...], Row]
    absent: Value

    def value(self, column: str, *key: Any) -> Value:
        """A figure, or why there is none."""
        row = self.rows.get(key)
        if row is None:
            return self.absent
        found: Value | None = row[column]
        if found is not None:
            return found
        return Missing.HIDDEN if row.get("note") else Missing.UNKNOWN


def figures(edition: Edition, name: str, *key: str, absent: Value = Missing.UNKNOWN) -> Figures:
    """The rows of a metric by the columns of ``key``."""
    rows = edition.table(name).iter_rows(named=True)
    return Figures({tuple(row[column] for column in key): row for row in rows}, absent)


def history(edition: Edition, subject: str) -> tuple[Quarter | None, tuple[str, ...]]:
    """The quarter from which on the export is complete for a subject of ``history_start``, and a sentence why."""
    if not edition.has("history_start"):
        return None, ()
    for row in edition.table("history_start").filter(subject=subject).iter_rows(named=True):
        reason = (row["reason"],) if row["reason"] else ()
        return Quarter.containing(row["first_quarter"]), reason
    return None, ()


def is_complete(edition: Edition, subject: str, quarter: Quarter) -> bool:
    """Whether a quarter can be compared with: the export was complete by then, as far as is known."""
    complete, _ = history(edition, subject)
    return complete is None or complete <= quarter


NO_EARLIER = "There is no chart: no earlier quarter is on record that could stand beside it."


def quarters_before(edition: Edition, subject: str, known: Iterable[Quarter]) -> tuple[Quarter, ...]:
    """The quarter and up to seven before it, from the first that is ``known`` and complete on."""
    first = min(known, default=edition.quarter)
    complete, _ = history(edition, subject)
    first = first if complete is None else max(first, min(complete, edition.quarter))
    back = (edition.quarter.shift(step - QUARTERS_SHOWN + 1) for step in range(QUARTERS_SHOWN))
    return tuple(quarter for quarter in back if quarter >= first)


@dataclass(frozen=True)
class Shares:
    """How an edition says what share one count is of another.

    In the edition for sharing both are rounded, so that a share of them is vague where the base is a hundred or less.
    """

    internal: bool

    @property
    def least(self) -> int:
        """The base from which one household, or one step of the rounding, moves a percentage by 5 points at most."""
        return shown.PERCENT_BASE if self.internal else shown.PERCENT_BASE * ROUND_TO

    def about(self, value: Value) -> str:
        """``35``; of a rounded count ``about 35``, and ``fewer than 5`` where it is rounded to 0."""
        if self.internal or isinstance(value, Missing):
            return number(value)
        return f"about {number(value)}" if value else f"fewer than {ROUND_TO}"

    def is_moved(self, difference: int) -> bool:
        """Whether a difference of two counts is one of the counts, and cannot be of their rounding alone."""
        return abs(difference) > (0 if self.internal else 2 * STAYS_WITHIN)

    def share(self, part: Value, whole: Value) -> Value:
        """One count as a share of another, or why there is none."""
        for value in (part, whole):
            if isinstance(value, Missing):
                return value
        assert not isinstance(part, Missing) and not isinstance(whole, Missing)
        if not self.internal and whole < MEASURED_FROM:
            return Missing.HIDDEN
        return float(part) / float(whole) if whole else Missing.UNKNOWN

    def is_of_few(self, whole: Value) -> bool:
        """Whether a percentage of so few says little."""
        return not isinstance(whole, Missing) and whole < self.least

    def percent(self, part: Value, whole: Value) -> str:
        """``50%``; in brackets where it is a percentage of few."""
        found = self.share(part, whole)
        if isinstance(found, Missing) or isinstance(part, Missing) or isinstance(whole, Missing):
            return number(found)
        said = shown.percent(int(part), int(whole))
        return f"({said})" if self.is_of_few(whole) else str(said)

    def of(self, part: Value, whole: Value) -> str:
        """``24 of 48 (50%)``; the counts alone where the percentage would be of few; a rounded 0 is ``0 to 4``."""
        if not self.internal and part == 0:
            return f"0 to {STAYS_WITHIN} of {number(whole)}"
        said = f"{number(part)} of {number(whole)}"
        if isinstance(self.share(part, whole), Missing) or self.is_of_few(whole):
            return said
        return f"{said} ({self.percent(part, whole)})"


def is_known(value: Value) -> bool:
    return not isinstance(value, Missing)


def total(values: Iterable[Value]) -> Value:
    """The sum of counts, or why there is none."""
    known = 0.0
    for value in values:
        if isinstance(value, Missing):
            return value
        known += float(value)
    return int(known)


def end_of(quarter: Quarter) -> date:
    """First day of a quarter's last month: the key of what is counted on the quarter's last day."""
    return quarter.last_day.replace(day=1)


_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def ordinal(place: int) -> str:
    """``third``; in figures from the eleventh on."""
    if place <= len(_PLACES):
        return _PLACES[place - 1]
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"


def are_worth_drawing(points: Sequence[tuple[date, float | None, str, bool]], say: Shares) -> bool:
    """Whether shares by quarter show a course: there are two, and of rounded counts not most are of few."""
    known = [is_of_few for _, value, _, is_of_few in points if value is not None]
    return len(known) > 1 and (say.internal or 2 * sum(known) < len(known))
