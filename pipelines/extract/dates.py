"""From the text of a cell to a day. One spelling at a time: callers pass each distinct text once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import polars as pl

from schemas.codelists.spellings import plain
from schemas.sources import DATE_FORMATS, Profile

DATE, YEAR, WEEKDAY = "X-30", "X-31", "X-75"

_MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_WEEKDAY = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|rs?|rsday|urday)?\.?,? +", re.IGNORECASE)
_ZONE = r"(Z|UTC|GMT|BST|[+-]\d\d(?::?\d\d)?)"
_TIME = re.compile(
    rf"(.*?\d)(?:T|,? +)(\d{{1,2}})[:.](\d\d)(?:[:.](\d\d)(?:[.,]\d+)?)?(?: ?([ap])\.?m\.?)?(?: ?{_ZONE})?",
    re.IGNORECASE,
)
_COMPACT_TIME = re.compile(rf"(\d{{8}})T(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?()(?:{_ZONE})?", re.IGNORECASE)

_PLAIN_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2}) ?[-/. ] ?(\d{1,2}) ?[-/. ] ?(\d{4}|\d{2})")
_YEAR = r"[-/., ]*'?(\d{4}|\d{2})"
_DAY_MONTH = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?(?: of)?[-/., ]*([a-z]{{3,9}}){_YEAR}", re.IGNORECASE)
_MONTH_DAY = re.compile(r"([a-z]{3,9})[-/., ]*(\d{1,2})(?:st|nd|rd|th)?[-/., ]+'?(\d{4}|\d{2})", re.IGNORECASE)
_YEAR_MONTH = re.compile(r"(\d{4})[-/., ]*([a-z]{3,9})[-/., ]*(\d{1,2})(?:st|nd|rd|th)?", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_SERIAL = re.compile(r"(\d{5})(?:\.(\d+))?")

# Day 0 of the date system of Excel for Windows, its false 29 February 1900 allowed for: right from 1 March 1900.
_SERIAL_ZERO = date(1899, 12, 30)


def expected_dates(profile: Profile) -> str:
    """The accepted forms of a date, in words."""
    return " or ".join(DATE_FORMATS[name] for name in profile.dates)


def parse_date(
    text: str, formats: tuple[str, ...], two_digit_years: int | None = None
) -> tuple[date | None, str | None, bool]:
    """The day, or the id of the problem; and whether a time of day other than midnight was left out.

    Args:
        text: the cell. The form yyyy-mm-dd is read whatever the formats are, since it means one day only.
        formats: names of the accepted forms, in order.
        two_digit_years: the last of the hundred years that two digits stand for; none are accepted without it.
    """
    text, weekday = plain(text), None
    if match := _WEEKDAY.match(text):
        weekday, text = _DAYS.index(match[1].lower()), text[match.end() :]
    time = None
    if match := _TIME.fullmatch(text) or _COMPACT_TIME.fullmatch(text):
        time = _time(match[2], match[3], match[4], match[5])
        if time is None:
            return None, DATE, False
        text, zone = match[1], match[6]
    day, problem, fraction = _read(text, formats, two_digit_years)
    if day is None:
        return None, problem, False
    if weekday is not None and day.weekday() != weekday:
        return None, WEEKDAY, False
    if time is None:
        return day, None, fraction
    is_midnight = not time
    if zone:
        day, is_midnight_here = _in_london(day, time, zone)
        is_midnight = is_midnight or is_midnight_here
    return day, None, not is_midnight


def _time(hour: str, minute: str, second: str | None, half: str | None) -> timedelta | None:
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    if half:
        hours = hours % 12 + (12 if half.lower() == "p" else 0) if hours <= 12 else hours
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _in_london(day: date, time: timedelta, zone: str) -> tuple[date, bool]:
    """The day in London, and whether it was midnight there."""
    zone = zone.upper()
    if zone == "BST":
        return day, not time
    moment = datetime(day.year, day.month, day.day) + time  # noqa: DTZ001 - the zone is taken off by hand
    if zone not in ("Z", "UTC", "GMT"):
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        try:
            moment -= offset if zone[0] == "+" else -offset
        except OverflowError:
            # The first and the last day that there is stand for a blank in some systems.
            return day, False
    # The zones of Polars come with it; those of Python may be missing from a machine.
    here = pl.Series([moment]).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/London")
    local = here.dt.replace_time_zone(None).item()
    return local.date(), (local.hour, local.minute, local.second) == (0, 0, 0)


_Read = tuple[date, bool] | str | None


def _read(text: str, formats: tuple[str, ...], until: int | None) -> tuple[date | None, str | None, bool]:
    readers = [_READERS[name] for name in formats]
    for reader in [_iso, *readers] if _PLAIN_ISO.fullmatch(text) else readers:
        found = reader(text, until)
        if isinstance(found, str):
            return None, found, False
        if found is not None:
            return found[0], None, found[1]
    return None, DATE, False


def _day(year: str, month: int | None, day: str, until: int | None = None) -> _Read:
    if month is None:
        return None
    number = int(year)
    if len(year) == 2:
        if until is None:
            return YEAR
        number = until - (until - number) % 100
    try:
        return date(number, month, int(day)), False
    except ValueError:
        return DATE


def _iso(text: str, until: int | None) -> _Read:
    match = _ISO.fullmatch(text)
    return _day(match[1], int(match[2]), match[3]) if match else None


def _uk(text: str, until: int | None) -> _Read:
    match = _SLASHED.fullmatch(text)
    return _day(match[3], int(match[2]), match[1], until) if match else None


def _us(text: str, until: int | None) -> _Read:
    match = _SLASHED.fullmatch(text)
    return _day(match[3], int(match[1]), match[2], until) if match else None


def _named(text: str, until: int | None) -> _Read:
    if match := _DAY_MONTH.fullmatch(text):
        return _day(match[3], _MONTHS.get(match[2].lower()), match[1], until)
    if match := _MONTH_DAY.fullmatch(text):
        return _day(match[3], _MONTHS.get(match[1].lower()), match[2], until)
    if match := _YEAR_MONTH.fullmatch(text):
        return _day(match[1], _MONTHS.get(match[2].lower()), match[3])
    return None


def _compact(text: str, until: int | None) -> _Read:
    match = _COMPACT.fullmatch(text)
    return _day(match[1], int(match[2]), match[3]) if match else None


def _serial(text: str, until: int | None) -> _Read:
    match = _SERIAL.fullmatch(text)
    if match is None:
        return None
    return _SERIAL_ZERO + timedelta(days=int(match[1])), bool((match[2] or "").strip("0"))


_READERS: dict[str, Callable[[str, int | None], _Read]] = {
    "iso": _iso,
    "uk": _uk,
    "us": _us,
    "month": _named,
    "compact": _compact,
    "serial": _serial,
}
