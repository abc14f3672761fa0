"""How the pages read an edition: one figure by its key, or why there is none, and where each series begins."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from pipelines.authority import authority_name
from pipelines.disclosure.thresholds import STAYS_WITHIN
from pipelines.emit.pages.words import Missing, Number, Value, day
from pipelines.period import Quarter
from pipelines.published.headings import data_in_force

if TYPE_CHECKING:
    from pipelines.metrics.editions import Edition

ALL = "all"
MONTHS_SHOWN, QUARTERS_SHOWN = 24, 8

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Begin:
    """The first day of a series, and a sentence why it begins there (empty where it begins with the window).

    ``stock_from``: the first day on which all who were there are on record.
    """

    first_day: date | None
    reason: str = ""
    stock_from: date | None = None


@dataclass(frozen=True)
class View:
    """One edition of the metrics as the pages read it. Nothing else is asked of the cases."""

    edition: Edition
    _rows: dict[tuple[str, ...], dict[tuple[Any, ...], Row]] = field(default_factory=dict, init=False, repr=False)
    _begins: dict[str, Begin] = field(default_factory=dict, init=False, repr=False)

    @property
    def internal(self) -> bool:
        """Whether the view is of the internal edition."""
        return self.edition.internal

    @property
    def slack(self) -> int:
        """How far a count can be from its figure: counts of the edition for sharing are rounded."""
        return 0 if self.internal else STAYS_WITHIN

    @property
    def quarter(self) -> Quarter:
        """The quarter that the pages are about."""
        return self.edition.quarter

    @cached_property
    def place(self) -> str:
        """The name of the authority."""
        return authority_name(self.edition.la_code)

    @cached_property
    def quarters(self) -> tuple[Quarter, ...]:
        """The quarter and the seven before it."""
        return tuple(self.quarter.shift(number - QUARTERS_SHOWN + 1) for number in range(QUARTERS_SHOWN))

    @cached_property
    def months(self) -> tuple[date, ...]:
        """First days of the months of these quarters."""
        return tuple(month for quarter in self.quarters for month in months_of(quarter))

    @property
    def last_month(self) -> date:
        """First day of the quarter's last month."""
        return self.months[-1]

    @property
    def end(self) -> str:
        """``30 September 2025``: the quarter's last day."""
        return day(self.quarter.last_day)

    def rows(self, name: str, *key: str) -> dict[tuple[Any, ...], Row]:
        """The rows of a metric by the columns of ``key``; none where the edition does not hold it."""
        if (name, *key) not in self._rows:
            frame = self.edition.table(name) if self.edition.has(name) else pl.DataFrame()
            if "first_day" in frame.columns:
                frame = frame.filter(pl.col("first_day") >= self.months[0])
            found = frame.iter_rows(named=True)
            # In the edition for sharing a column may be dropped that has but one value there.
            self._rows[name, *key] = {tuple(row.get(column, ALL) for column in key): row for row in found}
        return self._rows[name, *key]

    def value(self, name: str, column: str, key: Mapping[str, Any], absent: Value = Missing.UNKNOWN) -> Value:
        """One figure of a metric, or why there is none; ``absent`` where it has no such row."""
        if not self.edition.has(name):
            return Missing.HIDDEN
        row = self.rows(name, *key).get(tuple(key.values()))
        if row is None:
            return absent
        if column not in row:
            return Missing.HIDDEN
        found: Value | None = row[column]
        if found is None:
            return Missing.HIDDEN if row.get("note") else Missing.UNKNOWN
        return found

    @cached_property
    def _starts(self) -> dict[str, Row]:
        return {key[0]: row for key, row in self.rows("history_start", "subject").items()}

    def begin(self, subject: str) -> Begin:
        """Where the series of a subject begin: ``applications``, ``ta``."""
        # Asked for each month of each chart.
        if subject not in self._begins:
            self._begins[subject] = self._begun(subject)
        return self._begins[subject]

    def _begun(self, subject: str) -> Begin:
        name, columns = ("case_arrivals_quarter", ("applications",)) if subject == "applications" else _TA
        frame = self.edition.table(name) if self.edition.has(name) else pl.DataFrame()
        counted = [pl.col(column) > 0 for column in columns if column in frame.columns]
        first = frame.filter(pl.any_horizontal(counted))["first_day"].min() if counted else None
        if not isinstance(first, date):
            return Begin(None)
        begun, row = Quarter.containing(first).first_day, self._starts.get(subject)
        if row is None:
            return Begin(begun, stock_from=begun)
        stock_from = row.get("stock_from", row["first_quarter"]) if row["first_quarter"] >= begun else begun
        return Begin(max(begun, row["first_quarter"]), row["reason"] or "", stock_from)

    def months_of(self, subject: str) -> tuple[date, ...]:
        """First days of the months shown from which on the series of a subject are complete."""
        return tuple(first for first in self.months if self.is_on_record(subject, first))

    def quarters_of(self, subject: str) -> tuple[Quarter, ...]:
        """The quarters shown from which on the series of a subject are complete."""
        return tuple(quarter for quarter in self.quarters if self.is_on_record(subject, quarter.first_day))

    def is_on_record(self, subject: str, first_day: date) -> bool:
        """Whether the series of a subject has begun on that day."""
        start = self.begin(subject).first_day
        return start is not None and first_day >= start

    def is_stock_on_record(self, subject: str, first_day: date) -> bool:
        """Whether all who were there at the end of the month that begins on that day are on record."""
        start = self.begin(subject).stock_from
        last_day = (first_day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return start is not None and last_day >= start


_TA = ("stock_month", ("stock", "entries", "nights"))


def months_of(quarter: Quarter) -> tuple[date, ...]:
    """First days of the quarter's months."""
    return tuple(quarter.first_day.replace(month=quarter.first_day.month + number) for number in range(3))


def end_of(quarter: Quarter) -> date:
    """First day of a quarter's last month: the key of what is counted at the quarter's end."""
    return quarter.last_day.replace(day=1)


def is_known(value: Value) -> bool:
    return not isinstance(value, Missing)


def drawn(value: Value) -> float | None:
    return None if isinstance(value, Missing) else float(value)


def total(values: Sequence[Value]) -> Value:
    """The sum, or why there is none: what is not shown goes before what is not known."""
    known: list[Number] = []
    for value in values:
        if isinstance(value, Missing):
            return Missing.HIDDEN if Missing.HIDDEN in values else Missing.UNKNOWN
        known.append(value)
    found: Number = sum(known)
    return found


def type_labels(quarter: Quarter) -> dict[str, str]:
    """MHCLG's labels of the types of temporary accommodation in table TA1, in its order, by code.

    Without what stands in brackets at their end.
    """
    found: dict[str, str] = {}
    for row in data_in_force("cells.csv", str(quarter)):
        name, _, code = row["cells"].partition(".")
        if row["tables"] == "TA1" and name == "type" and " > " in row["column_path"]:
            found.setdefault(code, re.sub(r" \([^()]*\)$", "", row["column_path"].split(" > ")[0]))
    return found
