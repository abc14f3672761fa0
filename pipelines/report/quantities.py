"""Figures that know which cells of which metric they were worked out from, and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from math import sqrt
from statistics import median
from string import ascii_lowercase
from typing import Any

from pipelines import shown
from pipelines.disclosure.thresholds import ROUND_TO
from pipelines.metrics.editions import Edition
from pipelines.proportions import Z_95, count_interval, newcombe_interval
from pipelines.published.cells import SUPPRESSED

Number = int | float | Decimal
ROUNDED = "rounded"
"""How ``note`` begins in rows whose counts are rounded."""
RowKey = tuple[tuple[str, str], ...]


class Gap(Enum):
    """Why there is no figure."""

    HIDDEN = "left out because of small numbers"
    UNKNOWN = "not known"
    EARLY = "the records are not complete that far back"


@dataclass(frozen=True)
class Cell:
    """One cell of a metric: the row by its key columns, the column, and what stands there."""

    metric: str
    row: RowKey
    column: str
    value: Number

    @property
    def row_words(self) -> str:
        """The row as it is written into the trace: ``dimension=all; value=all; first_day=2025-09-01``."""
        return "; ".join(f"{column}={value}" for column, value in self.row)


@dataclass(frozen=True)
class Quantity:
    """A number with its origin: ``terms`` is the formula, in which each cell stands where its value is used.

    ``slack``: how far the count that it stands for can be from it, because counts are rounded before they are shared.
    """

    value: Number
    terms: tuple[Cell | str, ...]
    slack: int = 0

    @classmethod
    def of(cls, cell: Cell, slack: int = 0) -> Quantity:
        """The value of one cell as it stands."""
        return cls(cell.value, (cell,), slack)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells it rests on, each once, in the order of the formula."""
        return tuple(dict.fromkeys(term for term in self.terms if isinstance(term, Cell)))

    @property
    def formula(self) -> str:
        """How the value comes of the cells, which are named ``a``, ``b``, … in their order."""
        names = dict(zip(self.cells, ascii_lowercase, strict=False))
        return "".join(term if isinstance(term, str) else names[term] for term in self.terms)

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(_exact(self) + _exact(other), (*self.terms, " + ", *other.terms), self.slack + other.slack)

    def __sub__(self, other: Quantity) -> Quantity:
        terms = (*_grouped(self), " - ", *_grouped(other))
        return Quantity(_exact(self) - _exact(other), terms, self.slack + other.slack)

    def size(self) -> Quantity:
        """The value without its sign."""
        return Quantity(self.value if self.value >= 0 else -self.value, ("abs(", *self.terms, ")"), self.slack)

    @property
    def lowest(self) -> Quantity:
        """The smallest count that it can stand for."""
        return self._moved(-self.slack)

    @property
    def highest(self) -> Quantity:
        """The largest count that it can stand for."""
        return self._moved(self.slack)

    def _moved(self, by: int) -> Quantity:
        if not self.slack:
            return self
        terms = ("max(", *self.terms, f" {'+' if by > 0 else '-'} {abs(by)}, 0)")
        return Quantity(max(_exact(self) + by, 0), terms)

    def percent_of(self, whole: Quantity) -> Quantity:
        """The value in whole percentage points of another, as it is shown; ``whole`` is not 0."""
        return _called("percent", percent_points(self.value, whole.value), (self, whole))

    def in_pounds(self) -> Quantity:
        """The value in whole pounds: differences of printed amounts are taken of such."""
        return _called("whole", shown.rounded(self.value), (self,))


def _exact(quantity: Quantity) -> Any:
    # Floats are medians; by their shortest spelling, as they stand in the metric's file.
    return quantity.value if isinstance(quantity.value, int) else Decimal(str(quantity.value))


def _grouped(quantity: Quantity) -> tuple[Cell | str, ...]:
    return quantity.terms if len(quantity.terms) == 1 else ("(", *quantity.terms, ")")


def percent_points(part: Number, whole: Number) -> int:
    """Whole percentage points, a half upwards."""
    return shown.percentage_points(Decimal(str(part)) / Decimal(str(whole)))


def difference_of_shares(
    now: tuple[Quantity, Quantity], before: tuple[Quantity, Quantity]
) -> tuple[Quantity, Quantity]:
    """The 95 % interval of the difference of two shares, each a part and its whole (Newcombe's method 10).

    Of rounded counts it is as wide as it could be for any counts that they can stand for.
    """
    least, most = (*_least(now), *_most(before)), (*_most(now), *_least(before))
    low, _ = newcombe_interval(*(int(part.value) for part in least))
    _, high = newcombe_interval(*(int(part.value) for part in most))
    return _called("newcombe_low", low, least), _called("newcombe_high", high, most)


def can_be_told_apart(now: tuple[Quantity, Quantity], before: tuple[Quantity, Quantity]) -> bool:
    """Whether two shares, each a part and its whole, differ for any counts that rounded ones can stand for."""
    up, down = (*_least(now), *_most(before)), (*_least(before), *_most(now))
    return any(int(low.value) * int(of.value) > int(top.value) * int(on.value) for low, on, top, of in (up, down))


def _least(pair: tuple[Quantity, Quantity]) -> tuple[Quantity, Quantity]:
    return pair[0].lowest, pair[1].highest


def _most(pair: tuple[Quantity, Quantity]) -> tuple[Quantity, Quantity]:
    part, whole = pair[0].highest, pair[1].lowest
    return part, _called("max", max(part.value, whole.value), (part, whole)) if whole.value < part.value else whole


def difference_of_counts(now: Quantity, before: Quantity) -> tuple[Quantity, Quantity]:
    """The 95 % interval of the difference of two counts of events, such as applications; the widest of rounded ones."""
    least, most = (now.lowest, before.highest), (now.highest, before.lowest)
    low, _ = interval_of_difference(*(int(part.value) for part in least))
    _, high = interval_of_difference(*(int(part.value) for part in most))
    return _called("counts_low", low, least), _called("counts_high", high, most)


def interval_of_difference(now: int, before: int, z: float = Z_95) -> tuple[float, float]:
    """Interval of the difference of two independent Poisson counts, now - before.

    From the score limits of each, put together by the method of variance estimates recovery (Zou and Donner,
    Construction of confidence limits about effect measures, Statistics in Medicine 27, 2008, 1693-1702).
    """
    low, high = count_interval(now, z)
    before_low, before_high = count_interval(before, z)
    difference = now - before
    return (
        difference - sqrt((now - low) ** 2 + (before_high - before) ** 2),
        difference + sqrt((high - now) ** 2 + (before - before_low) ** 2),
    )


def median_of(parts: Sequence[Quantity]) -> Quantity:
    """The middle of several values."""
    return _called("median", median(float(part.value) for part in parts), tuple(parts))


def _called(name: str, value: Number, arguments: tuple[Quantity, ...]) -> Quantity:
    terms: list[Cell | str] = [f"{name}("]
    for argument in arguments:
        terms += [*argument.terms, ", "]
    return Quantity(value, (*terms[:-1], ")"))


FUNCTIONS: dict[str, Callable[..., Number]] = {
    "abs": abs,
    "max": max,
    "whole": shown.rounded,
    "percent": percent_points,
    "median": lambda *values: median(map(float, values)),
    "newcombe_low": lambda *counts: newcombe_interval(*map(int, counts))[0],
    "newcombe_high": lambda *counts: newcombe_interval(*map(int, counts))[1],
    "counts_low": lambda *counts: interval_of_difference(*map(int, counts))[0],
    "counts_high": lambda *counts: interval_of_difference(*map(int, counts))[1],
}
"""What the formulas of the trace call, by name."""


@dataclass
class Reader:
    """Reads cells of one edition's metrics."""

    edition: Edition
    _rows: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], dict[str, object]]] = field(default_factory=dict)

    def has(self, metric: str, column: str) -> bool:
        """Whether the edition holds the metric and the metric the column."""
        return self.edition.has(metric) and column in self.edition.table(metric).columns

    def cell(
        self, metric: str, column: str, row: RowKey, *, absent_is_none: bool = False, is_count: bool = True
    ) -> Quantity | Gap:
        """The value of one cell, or why there is none.

        ``absent_is_none``: the metric leaves out rows without a case, so that a row that is not there is a count of 0.
        ``is_count``: it counts households or cases, and so is rounded where the edition rounds counts.
        """
        keys = tuple(name for name, _ in row)
        if not self.has(metric, column) or not set(keys) <= set(self.edition.table(metric).columns):
            return Gap.UNKNOWN
        slack = self._slack(metric) if is_count else 0
        found = self._by(metric, keys).get(tuple(value for _, value in row))
        if found is None:
            return Quantity.of(Cell(metric, row, column, 0), slack) if absent_is_none else Gap.UNKNOWN
        value = found[column]
        if value is None:
            return Gap.HIDDEN if found.get("note") == SUPPRESSED else Gap.UNKNOWN
        assert isinstance(value, int | float | Decimal)
        return Quantity.of(Cell(metric, row, column, value), slack)

    def _slack(self, metric: str) -> int:
        frame = self.edition.table(metric)
        is_rounded = "note" in frame.columns and frame["note"].str.starts_with(ROUNDED).any()
        return ROUND_TO - 1 if is_rounded else 0

    @property
    def is_rounded(self) -> bool:
        """Whether counts that were read are rounded."""
        return any(self._slack(metric) for metric, _ in self._rows)

    def rows(self, metric: str, key: RowKey) -> list[dict[str, Any]]:
        """The rows of a metric that the edition holds with these values, in its order."""
        return [
            row
            for row in self.edition.table(metric).iter_rows(named=True)
            if all(key_text(row[column]) == value for column, value in key)
        ]

    def _by(self, metric: str, keys: tuple[str, ...]) -> dict[tuple[str, ...], dict[str, object]]:
        if (metric, keys) not in self._rows:
            self._rows[metric, keys] = {
                tuple(key_text(row[key]) for key in keys): row
                for row in self.edition.table(metric).iter_rows(named=True)
            }
        return self._rows[metric, keys]


def key_text(value: object) -> str:
    """A value of a key column as text: days as 2025-09-01."""
    return value.isoformat() if isinstance(value, date) else str(value)
