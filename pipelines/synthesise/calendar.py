"""Draws of days: inside quarters, before and after other days, and along chains of steps."""

from __future__ import annotations

import random
from datetime import date, timedelta

from pipelines.period import Quarter


class Calendar:
    """The window: its quarters, their days, and draws of days inside them."""

    def __init__(self, quarters: list[Quarter], rng: random.Random) -> None:
        self.quarters = quarters
        self.rng = rng
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
            day = low + timedelta(days=self.rng.randint(0, span))
            if day.weekday() < 5:
                return day
        return day

    def chain(self, steps: list[tuple[int, int]], low: date | None = None) -> list[date]:
        """Days of steps given as quarter of the window and least number of days since the step before."""
        latest = [date.max] * (len(steps) + 1)
        for i in range(len(steps) - 1, -1, -1):
            quarter, _ = steps[i]
            limit = latest[i + 1]
            if i + 1 < len(steps):
                limit = limit - timedelta(days=steps[i + 1][1])
            latest[i] = min(self.quarters[quarter].last_day, limit)
        days: list[date] = []
        for i, (quarter, gap) in enumerate(steps):
            first = max(self.quarters[quarter].first_day, low or date.min)
            if days:
                first = max(first, days[-1] + timedelta(days=gap))
            days.append(self.between(first, latest[i]))
        return days
