"""Draws of days: inside quarters, before and after other days, and along chains of steps."""

from __future__ import annotations

import random
from datetime import date, timedelta

from pipelines.period import Quarter

DAYS = tuple(map(timedelta, range(128)))
"""So many days, by number: a small step costs no new object."""


class Calendar:
    """The window: its quarters, their days, and draws of days inside them."""

    def __init__(self, quarters: list[Quarter], rng: random.Random) -> None:
        self.quarters = quarters
        self.rng = rng
        self.first_days = [quarter.first_day for quarter in quarters]
        self.last_days = [quarter.last_day for quarter in quarters]
        self.start = quarters[0].first_day
        self.end = quarters[-1].last_day

    def after(self, day: date, mean: float, least: int = 0) -> date:
        """A day after another, most often soon after."""
        return day + timedelta(days=least + int(self.rng.expovariate(1 / mean)))

    def before(self, day: date, mean: float, least: int = 0) -> date:
        """A day before another, most often shortly before."""
        return day - timedelta(days=least + int(self.rng.expovariate(1 / mean)))

    def between(self, low: date, high: date) -> date:
        """A day between two, both included; working days preferred."""
        span = (high - low).days
        if span <= 0:
            return high
        for _ in range(3):
            day = low + timedelta(self.rng.randint(0, span))
            if day.weekday() < 5:
                return day
        return day

    def days_of(self, quarter: int) -> tuple[date, date]:
        """First and last day of a quarter by its number, negative before the window."""
        chosen = self.quarters[0].shift(quarter)
        return chosen.first_day, chosen.last_day

    def chain(self, steps: list[tuple[int, int]], low: date | None = None) -> list[date]:
        """Days of steps given as quarter of the window and least number of days since the step before."""
        latest: list[date] = []
        limit = date.max
        for quarter, gap in reversed(steps):
            latest.append(min(self.last_days[quarter], limit))
            limit = latest[-1] - DAYS[gap]
        days: list[date] = []
        for (quarter, gap), last in zip(steps, reversed(latest), strict=True):
            first = self.first_days[quarter]
            if low is not None and low > first:
                first = low
            if days:
                first = max(first, days[-1] + DAYS[gap])
            days.append(self.between(first, last))
        return days
