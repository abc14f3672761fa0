"""How figures, days and changes are put into words (GOV.UK content style)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import Enum

import polars as pl

from pipelines import shown

STAGES = {
    "assessment": "Assessment",
    "prevention": "Prevention duty",
    "relief": "Relief duty",
    "decision": "Relief ended, decision to come",
    "main": "Main duty",
}
TYPES = {
    "bb": "Bed and breakfast",
    "nightly": "Nightly paid",
    "hostel": "Hostel or refuge",
    "psl": "Private sector leased",
    "la_ha": "Social housing stock",
    "other": "Other",
}
"""Short names for the types of MHCLG's table TA1; LA/HA stock is social housing."""

HIDDEN_MARK = "[c]"
UNKNOWN_MARK = "[x]"


class Missing(Enum):
    """Why there is no figure."""

    HIDDEN = "small numbers"
    UNKNOWN = "not known"


Number = int | float | Decimal
Value = Number | Missing

# Control characters are no text in XML, and unpaired surrogates cannot be written as UTF-8.
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """Text from the data without characters that a page or picture cannot hold."""
    return _NOT_TEXT.sub("\ufffd", text)


def clean_column(text: pl.Expr) -> pl.Expr:
    """``clean`` of every text of a column, which holds no unpaired surrogates."""
    return text.str.replace_all(_NOT_TEXT.pattern.replace("\ud800-\udfff", ""), "\ufffd")


def day(value: date) -> str:
    """``30 September 2025``."""
    return f"{value.day} {value:%B %Y}"


def month(value: date) -> str:
    """``September 2025``."""
    return f"{value:%B %Y}"


def number(value: Value, unit: str = "") -> str:
    """A figure for reading; ``unit`` is empty, ``£``, ``%`` (of a share), ``mean``, ``median`` or ``days``."""
    if value is Missing.HIDDEN:
        return HIDDEN_MARK
    if value is Missing.UNKNOWN:
        return UNKNOWN_MARK
    assert not isinstance(value, Missing)
    return _SHOWN[unit](value)


_SHOWN: dict[str, Callable[[Number], str]] = {
    "": shown.count,
    "£": shown.money,
    "%": shown.percentage,
    "mean": shown.mean_days,
    "median": shown.median_days,
    "days": lambda value: f"{shown.median_days(value)} days",
}


def change(now: Value, before: Value, when: str, unit: str = "", *, missing: str, slack: int = 0) -> str:
    """A sentence about the change from an earlier period; ``when``: ``on 30 June 2025``, ``in April to June 2025``.

    ``missing``: what is said where there was no figure then. ``slack``: how far each count can be from its figure,
    where they are rounded: a difference that can come of that is none.
    """
    if before is Missing.UNKNOWN:
        return missing
    if isinstance(now, Missing) or isinstance(before, Missing):
        return f"The change from the figure {when} is not shown."
    if unit == "%":
        difference: Number = shown.percentage_points(now) - shown.percentage_points(before)
        by = f"{abs(difference)} percentage point{'' if abs(difference) == 1 else 's'}"
    else:
        # Of a median halves are shown, so they are in the change from one to the other.
        places = 1 if unit == "days" else 0
        first, last = shown.rounded(before, places), shown.rounded(now, places)
        moved = last - first
        difference, by = moved, f"{number(abs(moved), unit)}{_in_percent(moved, first, unit)}"
    if difference == 0 and not slack:
        return f"The same as {when}."
    if slack:
        size = difference if difference > 0 else -difference
        if size <= 2 * slack:
            return f"About the same as {when}."
        return (
            f"{'Up' if difference > 0 else 'Down'} about {number(size, unit)} from about {number(before, unit)} {when}."
        )
    return f"{'Up' if difference > 0 else 'Down'} {by} from {number(before, unit)} {when}."


def _in_percent(difference: Decimal, first: Decimal, unit: str) -> str:
    """`` (12%)``: a change in percent of what it changed from; empty where that is a count of few."""
    if not first or (not unit and abs(first) < shown.PERCENT_BASE):
        return ""
    percent = shown.percentage(abs(difference) / abs(first))
    return f" ({'less than 1%' if difference and percent == '0%' else percent})"
