"""Text as a moment or a number, in SQL, so that rows sort by time and not by the letters of a date."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.extract.steps.step import literal

_DAY = r"(\d{1,2})"
_MARK = r"[-/.]"
_FORMS = {
    "iso": (rf"(\d{{4}}){_MARK}{_DAY}{_MARK}{_DAY}", ("y", "m", "d"), "%Y-%m-%d"),
    "uk": (rf"{_DAY}{_MARK}{_DAY}{_MARK}(\d{{4}})", ("d", "m", "y"), "%Y-%m-%d"),
    "us": (rf"{_DAY}{_MARK}{_DAY}{_MARK}(\d{{4}})", ("m", "d", "y"), "%Y-%m-%d"),
    "compact": (r"(\d{4})(\d\d)(\d\d)", ("y", "m", "d"), "%Y-%m-%d"),
    "month": (
        rf"{_DAY}[- /](?i:(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
        r"(?:t|uary|ruary|ch|il|e|y|ust|tember|ober|ember)?)[- /,]+(\d{4})",
        ("d", "m", "y"),
        "%Y-%b-%d",
    ),
}
_TIMES = ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M")
_HALF_DAYS = ("%I:%M:%S %p", "%I:%M %p", "%I:%M:%S%p", "%I:%M%p")
_WITH_TIME = r"^(.*?\d)(?:[T ]+(\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?)( ?[AaPp][Mm])?)?$"
_NUMBER = r"[-+]?£?\d[\d,]*(?:\.\d+)?"

_MONTH_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NAMED_MONTH = rf"(?i)(?:^|[^a-z])({_MONTH_NAMES})[a-z]*[-_ .]*(\d{{4}})(?:\D|$)"
_NUMBERED_MONTH = r"(?:^|\D)(20\d\d)[-_ .]?(0[1-9]|1[0-2])(?:[-_ .]?(0[1-9]|[12]\d|3[01]))?(?:\D|$)"


def moment(text: str, forms: Iterable[str]) -> str:
    """Seconds from 1970 to the moment that the text says, or null; the time of day counts, unlike in a field.

    Args:
        text: an expression.
        forms: accepted forms of dates, by the names of ``schemas.sources.DATE_FORMATS``.
    """
    parts = f"regexp_extract({text}, {literal(_WITH_TIME)}, ['day', 'time', 'half'])"
    tests = []
    for form in forms:
        if form == "serial":
            days = rf"case when regexp_full_match({text}, '\d{{5}}(?:\.\d+)?') then try_cast({text} as double) end"
            tests.append(f"({days} - 25569) * 86400")  # 25569: 1 January 1970 as a day number of Excel
            continue
        pattern, order, written = _FORMS[form]
        names = ", ".join(literal(one) for one in order)
        found = f"regexp_extract({parts}.day, {literal(f'^{pattern}$')}, [{names}])"
        day = f"try_strptime({found}.y || '-' || {found}.m || '-' || {found}.d, {literal(written)})"
        tests.append(f"epoch({day}) + {_seconds(parts)}")
    return f"coalesce({', '.join(tests)})" if tests else "null::double"


def _seconds(parts: str) -> str:
    """Seconds since midnight; 0 where no time is given, null where it is none."""
    midnight = "epoch(timestamp '1900-01-01')"
    plain, half = (f"[{', '.join(map(literal, one))}]" for one in (_TIMES, _HALF_DAYS))
    return (
        f"case when {parts}.time = '' then 0"
        f" when {parts}.half = '' then epoch(try_strptime({parts}.time, {plain})) - {midnight}"
        f" else epoch(try_strptime({parts}.time || {parts}.half, {half})) - {midnight} end"
    )


def number(text: str) -> str:
    """The number that the text is, £ and thousands commas allowed, or null."""
    plain = f"replace(replace({text}, ',', ''), '£', '')"
    return f"case when regexp_full_match({text}, {literal(_NUMBER)}) then try_cast({plain} as double) end"


def month_in_name(text: str) -> str:
    """Seconds from 1970 to the month or day in the name of a file or sheet (Apr 2025, 2025-04, 20250430), or null."""
    named = f"regexp_extract({text}, {literal(_NAMED_MONTH)}, ['m', 'y'])"
    numbered = f"regexp_extract({text}, {literal(_NUMBERED_MONTH)}, ['y', 'm', 'd'])"
    day = f"case when {numbered}.d = '' then '01' else {numbered}.d end"
    return (
        f"coalesce(epoch(try_strptime({numbered}.y || '-' || {numbered}.m || '-' || {day}, '%Y-%m-%d')),"
        f" epoch(try_strptime({named}.y || '-' || {named}.m || '-01', '%Y-%b-%d')))"
    )
