"""How a figure is shown: one rounding for every page, workbook and document.

Halves go up (0.625 is 63%), away from 0 below it: what a reader who checks a figure by hand expects, and what
spreadsheets do. Python's own rounding takes halves to the even neighbour and would print 62%. A mean of days is cut to
whole days, as MHCLG cuts it in table TA7, so that one mean is one figure wherever it stands; a median is shown as it
is.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

Number = int | float | Decimal

PERCENT_BASE = 20
"""A percentage of fewer is marked: one case more or less would move it by more than 5 points."""


def _exact(value: Number) -> Decimal:
    # By its shortest spelling: 0.285 is meant, not the binary fraction a little below it.
    return value if isinstance(value, Decimal) else Decimal(str(value))


def rounded(value: Number, places: int = 0) -> Decimal:
    """The number with so many places, halves up."""
    return _exact(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@dataclass(frozen=True)
class Percent:
    """A percentage for reading; ``is_of_few`` where its base is below ``PERCENT_BASE``."""

    text: str
    is_of_few: bool

    def __str__(self) -> str:
        return self.text


def percent(part: int, whole: int) -> Percent:
    """``63%`` for 5 of 8, marked as of few.

    Raises:
        ZeroDivisionError: nothing is no share of nothing; say that there is no figure.
    """
    # In whole numbers: a share that was rounded before would be rounded twice.
    sign = -1 if part * whole < 0 else 1
    points = sign * ((200 * abs(part) + abs(whole)) // (2 * abs(whole)))
    return Percent(f"{points}%", whole < PERCENT_BASE)


def percentage(share: Number) -> str:
    """``63%`` for the share 0.625, where part and whole are not at hand."""
    return f"{percentage_points(share)}%"


def percentage_points(share: Number) -> int:
    """Whole percentage points of a share, so that differences are those of the percentages shown."""
    return int(rounded(_exact(share) * 100))


def count(value: Number) -> str:
    """``1,234``."""
    return f"{int(rounded(value)):,}"


def money(value: Number) -> str:
    """``£1,234``, in whole pounds."""
    pounds = int(rounded(value))
    return f"-£{-pounds:,}" if pounds < 0 else f"£{pounds:,}"


def money_pence(value: Number) -> str:
    """``£1,234.50``."""
    pounds = rounded(value, 2)
    return f"-£{-pounds:,.2f}" if pounds < 0 else f"£{pounds:,.2f}"


def mean_days(value: Number) -> str:
    """``414`` for a mean of 414.99 days: whole days completed."""
    return f"{int(_exact(value).to_integral_value(ROUND_FLOOR)):,}"


def median_days(value: Number) -> str:
    """``541.5``: a median lies on a day or half-way between two."""
    found = rounded(value, 1)
    return f"{int(found):,}" if found == found.to_integral_value() else f"{found:,}"


def decimal(value: Number, places: int = 1) -> str:
    """``12.5``, with no more places than it has."""
    text = f"{rounded(value, places):,}"
    return text.rstrip("0").rstrip(".") if "." in text else text
