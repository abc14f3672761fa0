"""Amounts for a week or a month made amounts for a night."""

from __future__ import annotations

import re
from fractions import Fraction
from math import floor

import polars as pl

from pipelines.extract.parsing import fold, parse_number
from schemas.sources.values import PERIODS

_UNITS = (
    ("night", r"p/?n|p\.n\.?|nightly|daily|(?:per|a|/) ?(?:night|day)"),
    ("week", r"p/?w|p\.w\.?|weekly|(?:per|a|/) ?(?:week|wk)"),
    ("month", r"p/?c?m|p\.c?\.?m\.?|monthly|(?:per|a|/) ?(?:calendar )?(?:month|mth)"),
    ("year", r"p/?a|p\.a\.?|yearly|annually|per annum|(?:per|a|/) ?year"),
)
_AMOUNT = re.compile(rf"(.*?) ?\(?(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _UNITS)})\)?")


def parse_rate(text: str, per: str) -> float | None:
    """The nightly rate of a cell; what the cell itself says of its period (``pw``, ``per month``) goes first."""
    if match := _AMOUNT.fullmatch(fold(text)):
        (period,) = (name for name, words in match.groupdict().items() if words)
        text, per = match[1], period
    amount = parse_number(text)
    return None if amount is None else nightly(amount, per)


def nightly(amount: float, per: str) -> float:
    """£ a night of an amount for a period, to the penny, halves up; one per night stays as it is."""
    nights = PERIODS[per]
    return amount if nights == 1 else floor(Fraction(round(amount * 100)) / nights + Fraction(1, 2)) / 100


def nightly_column(amounts: pl.Expr, per: str) -> pl.Expr:
    """The same of a whole column."""
    nights = PERIODS[per]
    if nights == 1:
        return amounts
    over, under = nights.numerator, nights.denominator
    pence = ((amounts * 100).round().cast(pl.Int64) * (2 * under) + over) // (2 * over)
    # Polars divides by a number as it multiplies by the inverse: 6066 / 100 would be 60.660000000000004.
    return (pence / 100).round(2)
