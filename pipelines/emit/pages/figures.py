"""What a page may print: counts by cell, amounts that rest on a count, and what an edition shows of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from pipelines.disclosure.policies import Cell, Links, rests_on_few
from pipelines.emit.pages.words import Missing, Value
from pipelines.period import Quarter

ALL = "all"

Step = tuple[int, float, float | None, float | None]
"""Day of the stay, share still there after it, and its limits."""


@dataclass
class Figures:
    """Everything that a page may print, before small numbers are left out.

    A cell is a tuple: ``("stock", first day of the month, type)``. ``counts`` and ``amounts`` hold the known ones only.
    ``base``: the count that an amount describes; where that is small or left out, the amount is left out too.
    """

    la_code: str
    quarter: Quarter
    as_at: date
    quarters: tuple[Quarter, ...]
    months: tuple[date, ...]
    cases_since: Quarter | None = None
    homes_since: Quarter | None = None
    counts: dict[Cell, int] = field(default_factory=dict)
    amounts: dict[Cell, Any] = field(default_factory=dict)
    base: dict[Cell, Cell] = field(default_factory=dict)
    links: Links = field(default_factory=Links)
    teams: tuple[str, ...] = ()
    officers: tuple[tuple[str, dict[str, int], float | None], ...] = ()
    bands: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    curves: dict[str, list[Step]] = field(default_factory=dict)
    survival: dict[str, dict[str, Any]] = field(default_factory=dict)
    cost_by_type: tuple[tuple[str, Any, Any], ...] = ()
    has_cost: bool = False
    forecasts: dict[str, Forecast] = field(default_factory=dict)
    forecast_refused: str = ""

    @property
    def last_month(self) -> date:
        """First day of the quarter's last month."""
        return self.months[-1]

    def end_of(self, quarter: Quarter) -> date:
        """First day of a quarter's last month: the key of its stock."""
        return quarter.last_day.replace(day=1)

    def add_amount(self, cell: Cell, value: Any, base: Cell) -> None:
        """An amount with the count that it describes."""
        self.amounts[cell] = value
        self.base[cell] = base


@dataclass(frozen=True)
class Forecast:
    """One series: rows of quarter (words), point, lo_80, hi_80; or why there is none."""

    rows: tuple[tuple[str, float, float, float], ...]
    reason: str
    model: str


@dataclass(frozen=True)
class Edition:
    """The figures as one edition may print them."""

    figures: Figures
    internal: bool
    hidden: frozenset[Cell]

    def count(self, *cell: Any) -> Value:
        """A count, or why there is none."""
        if cell in self.hidden:
            return Missing.HIDDEN
        return self.figures.counts.get(cell, Missing.UNKNOWN)

    def amount(self, *cell: Any) -> Value:
        """A mean, median or sum of money, or why there is none."""
        figures = self.figures
        if cell not in figures.amounts:
            return Missing.UNKNOWN
        base, value = figures.base[cell], figures.amounts[cell]
        # A month's cost may be that of few households although none is left on its last day.
        is_small = bool(value) and rests_on_few(figures.counts.get(base, 0))
        if not self.internal and (base in self.hidden or is_small):
            return Missing.HIDDEN
        found: Value = value
        return found

    def share(self, part: Cell, whole: Cell) -> Value:
        """A count as a share of another."""
        top, bottom = self.count(*part), self.count(*whole)
        if isinstance(top, Missing) or isinstance(bottom, Missing):
            return Missing.HIDDEN if Missing.HIDDEN in (top, bottom) else Missing.UNKNOWN
        return float(top) / float(bottom) if bottom else Missing.UNKNOWN


def dicts(con: duckdb.DuckDBPyConnection, query: str, **values: Any) -> Iterator[dict[str, Any]]:
    """The rows of a query, by column."""
    return con.execute(query, values or None).pl().iter_rows(named=True)


def months_of(*quarters: Quarter) -> Iterator[date]:
    """First days of the quarters' months."""
    for quarter in quarters:
        for number in range(3):
            yield quarter.first_day.replace(month=quarter.first_day.month + number)
