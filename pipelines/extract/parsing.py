"""From cell text to values. One spelling at a time: callers pass each distinct text once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Any

from schemas.codelists.spellings import exact_codes as exact_codes
from schemas.codelists.spellings import fold as fold
from schemas.codelists.spellings import folded_codes as folded_codes
from schemas.sources import DATE_FORMATS, Profile, blanks

Parsed = tuple[Any, str | None]
"""The value, or null with the id of the problem (null with no problem: the cell means "nothing")."""

DATE, YEAR, INTEGER, NUMBER, FLAG, CODE, TIME = "X-30", "X-31", "X-32", "X-33", "X-34", "X-35", "X-36"

_MONTHS = {
    month: index
    for index, month in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_LONG_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october")
_MONTHS |= {month: index for index, month in enumerate((*_LONG_MONTHS, "november", "december"), start=1)}
_MONTHS["sept"] = 9

_TIME = re.compile(r"^(.*?\d)[T ]+(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?: ?([AaPp][Mm]))?$")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_NAMED = re.compile(r"(\d{1,2})[- /]([A-Za-z]{3,9})[- /,]+(\d{4}|\d{2})")
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_SERIAL = re.compile(r"(\d{5})(?:\.(\d+))?")
_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?")

# Day 0 of the date system of Excel for Windows, its false 29 February 1900 allowed for: right from 1 March 1900.
_SERIAL_ZERO = date(1899, 12, 30)

# A tick is a yes wherever one stands; a cross may be either, and a profile has to say which.
YES = ("yes", "y", "true", "t", "1", "✓", "✔", "☑", "✅")
NO = ("no", "n", "false", "f", "0")

UNHOLDABLE = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
"""What XML 1.0 cannot hold, in no spelling (its production 2, Char), as Polars writes it; surrogates cannot be read."""


def code_points(text: str) -> str:
    """The characters of the text that XML cannot hold, by their numbers: ``U+0007, U+FFFE``."""
    found = re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text)
    return ", ".join(f"U+{ord(one):04X}" for one in dict.fromkeys(found))


@cache
def blank_texts(*, in_text: bool) -> frozenset[str]:
    """Folded texts that mean an empty cell, in free text or (more of them) in typed columns."""
    return frozenset(fold(value) for value, also in blanks() if also or not in_text)


def expected_dates(profile: Profile) -> str:
    """The accepted forms of a date, in words."""
    return " or ".join(DATE_FORMATS[name] for name in profile.dates)


def parse_date(text: str, formats: tuple[str, ...]) -> tuple[date | None, str | None, bool]:
    """The day, or the id of the problem; and whether a time of day other than midnight was left out."""
    timed = False
    if match := _TIME.fullmatch(text):
        hour, minute, second = int(match[2]), int(match[3]), int(match[4] or 0)
        if hour > 23 or minute > 59 or second > 59:
            return None, DATE, False
        midnight = (hour == 0 or (hour == 12 and (match[5] or "").lower() == "am")) and minute == second == 0
        text, timed = match[1], not midnight
    for name in formats:
        found = _READERS[name](text)
        if found is None:
            continue
        if isinstance(found, str):
            return None, found, False
        day, fraction = found
        return day, None, timed or fraction
    return None, DATE, False


_Read = tuple[date, bool] | str | None


def _day(year: int, month: int, day: int) -> _Read:
    try:
        return date(year, month, day), False
    except ValueError:
        return DATE


def _iso(text: str) -> _Read:
    match = _ISO.fullmatch(text)
    return _day(int(match[1]), int(match[2]), int(match[3])) if match else None


def _uk(text: str) -> _Read:
    match = _SLASHED.fullmatch(text)
    if match is None:
        return None
    return YEAR if len(match[3]) == 2 else _day(int(match[3]), int(match[2]), int(match[1]))


def _us(text: str) -> _Read:
    match = _SLASHED.fullmatch(text)
    if match is None:
        return None
    return YEAR if len(match[3]) == 2 else _day(int(match[3]), int(match[1]), int(match[2]))


def _named(text: str) -> _Read:
    match = _NAMED.fullmatch(text)
    month = _MONTHS.get(match[2].lower()) if match else None
    if match is None or month is None:
        return None
    return YEAR if len(match[3]) == 2 else _day(int(match[3]), month, int(match[1]))


def _compact(text: str) -> _Read:
    match = _COMPACT.fullmatch(text)
    return _day(int(match[1]), int(match[2]), int(match[3])) if match else None


def _serial(text: str) -> _Read:
    match = _SERIAL.fullmatch(text)
    if match is None:
        return None
    return _SERIAL_ZERO + timedelta(days=int(match[1])), bool((match[2] or "").strip("0"))


_READERS: dict[str, Callable[[str], _Read]] = {
    "iso": _iso,
    "uk": _uk,
    "us": _us,
    "month": _named,
    "compact": _compact,
    "serial": _serial,
}


def parse_number(text: str) -> float | None:
    """The number, £ and thousands commas allowed."""
    plain = text.replace("£", "").replace("\u00a0", " ").strip()
    number = float(plain.replace(",", "")) if _NUMBER.fullmatch(plain) else None
    return number if number is not None and math.isfinite(number) else None


def parse_integer(text: str) -> int | None:
    """The whole number; 3.0 is one, 3.5 is not."""
    number = parse_number(text)
    # Beyond 2^53 a float no longer tells whole numbers apart.
    return int(number) if number is not None and number.is_integer() and abs(number) < 2**53 else None


def parse_flag(text: str) -> bool | None:
    """True for yes, false for no, in the spellings of ``YES`` and ``NO``."""
    folded = fold(text)
    return True if folded in YES else False if folded in NO else None
