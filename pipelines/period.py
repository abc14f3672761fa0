"""Quarters: the calendar quarters for which a return is due."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from pipelines.errors import UsageError
from schemas.law import FIRST_DAY_OF_HRA

UK = ZoneInfo("Europe/London")
"""The clock that quarters, nights and schedules go by: British Summer Time in summer, Greenwich Mean Time in winter."""

LAST, CURRENT = "last", "current"
RELATIVE = {LAST: -1, CURRENT: 0}
"""The words for a quarter that a schedule can give, and how many quarters from today's they mean."""

_MONTHS = {
    1: ("January", "March", "jan-mar"),
    2: ("April", "June", "apr-jun"),
    3: ("July", "September", "jul-sep"),
    4: ("October", "December", "oct-dec"),
}


@dataclass(frozen=True, order=True)
class Quarter:
    """One calendar quarter, printed ``2025-Q4`` (October to December 2025)."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """Read ``2025-Q4``.

        Raises:
            UsageError: the text is not a quarter.
        """
        match = re.fullmatch(r"((?:19|2[01])[0-9]{2})-?[Qq]([1-4])", text.strip())
        if match is None:
            raise UsageError(
                "The quarter is not understood. Write the calendar quarter like 2025-Q4 (October to December 2025)."
            )
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def parse_span(cls, text: str) -> list[Quarter]:
        """Read ``2025-Q4``, or ``2025-Q2..2025-Q4``: every quarter from the first to the last, both included.

        Raises:
            UsageError: one of the two is not a quarter, or the last comes before the first.
        """
        first, dots, last = text.partition("..")
        begin = cls.parse(first)
        end = cls.parse(last) if dots else begin
        if end < begin:
            raise UsageError(f"The quarters {text.strip()} are the wrong way round. Write the earlier one first.")
        between = (end.year - begin.year) * 4 + end.number - begin.number
        return [begin.shift(step) for step in range(between + 1)]

    @classmethod
    def containing(cls, day: date) -> Quarter:
        """The quarter that ``day`` falls in."""
        return cls(day.year, (day.month - 1) // 3 + 1)

    @cached_property
    def first_day(self) -> date:
        """First day of the quarter."""
        return date(self.year, 3 * self.number - 2, 1)

    @cached_property
    def last_day(self) -> date:
        """Last day of the quarter."""
        return self.shift(1).first_day - timedelta(days=1)

    def shift(self, quarters: int) -> Quarter:
        """The quarter that many quarters later (negative: earlier)."""
        index = self.year * 4 + self.number - 1 + quarters
        return Quarter(index // 4, index % 4 + 1)

    def check_has_return(self) -> None:
        """Refuse a quarter that ended before the duties began.

        Raises:
            UsageError: there was no return of it.
        """
        if self.last_day < FIRST_DAY_OF_HRA:
            raise UsageError("There is no return of that quarter: the first one is 2018-Q2, April to June 2018.")

    @property
    def words(self) -> str:
        """``October to December 2025``."""
        first, last, _ = _MONTHS[self.number]
        return f"{first} to {last} {self.year}"

    @property
    def delta_round(self) -> str:
        """DELTA's round name, ``h-clic-2025-2026-oct-dec``: the year is the financial year (hclic-spec 1.3)."""
        start = self.year if self.number > 1 else self.year - 1
        return f"h-clic-{start}-{start + 1}-{_MONTHS[self.number][2]}"

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"


def uk_day(now: datetime) -> date:
    """The day that it is in the United Kingdom at the moment ``now``, which knows its zone."""
    return now.astimezone(UK).date()


def quarter_meant(text: str, now: datetime) -> Quarter | None:
    """The quarter that ``last`` or ``current`` means at that moment in the United Kingdom; None for any other text."""
    quarters = RELATIVE.get(text.strip().lower())
    return None if quarters is None else Quarter.containing(uk_day(now)).shift(quarters)


def in_words(day: date) -> str:
    """``6 October 2025``."""
    return f"{day.day} {day:%B %Y}"


def check_has_come(quarter: Quarter, as_at: date | None, now: datetime) -> None:
    """Refuse a quarter that has not begun, and a day of the export (by default the quarter's last) that has not come.

    Raises:
        UsageError: either lies in the future.
    """
    today = uk_day(now)
    if quarter.first_day > today:
        raise UsageError(f"The quarter {quarter} ({quarter.words}) has not begun. Correct --quarter.")
    if as_at is None and quarter.last_day > today:
        raise UsageError(
            f"The quarter {quarter} ({quarter.words}) has not ended. For a preview, give the day on which the export"
            " was taken: --as-at."
        )
    if as_at is not None and as_at > today:
        raise UsageError(f"--as-at {as_at} lies in the future. It is the day on which the export was taken.")
