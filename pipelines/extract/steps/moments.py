"""Text as a moment or a number, in SQL, so that rows sort by time and not by the letters of a date.

The forms are those of ``pipelines.extract.dates``; the time of day counts here, and a zone is taken off.
"""

from __future__ import annotations

from pipelines.extract.steps.step import folded, literal
from schemas.sources.shape import Spelling

_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTH = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_WEEKDAY = r"^(?:mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|rs?|rsday|urday)?\.?,? +"
_PARTS = (
    r"^(.*?\d)(?:(?:t|,? +)(\d{1,2})[:.](\d\d)(?:[:.](\d\d(?:[.,]\d+)?))?(?: ?([ap])\.?m\.?)?"
    r"(?: ?(z|utc|gmt|bst|[+-]\d\d(?::?\d\d)?))?)?$"
)
_ISO = (r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", "ymd")
_YEAR = r"(\d{4}|\d{2})"
_TH = r"(?:st|nd|rd|th)?"
_FORMS = {
    "iso": (_ISO,),
    "uk": ((rf"(\d{{1,2}}) ?[-/. ] ?(\d{{1,2}}) ?[-/. ] ?{_YEAR}", "dmy"),),
    "us": ((rf"(\d{{1,2}}) ?[-/. ] ?(\d{{1,2}}) ?[-/. ] ?{_YEAR}", "mdy"),),
    "compact": ((r"(\d{4})(\d\d)(\d\d)", "ymd"),),
    "month": (
        (rf"(\d{{1,2}}){_TH}(?: of)?[-/., ]*({_MONTH})[-/., ]*'?{_YEAR}", "dmy"),
        (rf"({_MONTH})[-/., ]*(\d{{1,2}}){_TH}[-/., ]+'?{_YEAR}", "mdy"),
        (rf"(\d{{4}})[-/., ]*({_MONTH})[-/., ]*(\d{{1,2}}){_TH}", "ymd"),
    ),
}
_NUMBER = r"[-+]?£?\d[\d,]*(?:\.\d+)?"

_NAMED_MONTH = rf"(?i)(?:^|[^a-z])({_NAMES})[a-z]*[-_ .]*(\d{{4}})(?:\D|$)"
_NUMBERED_MONTH = r"(?:^|\D)(20\d\d)[-_ .]?(0[1-9]|1[0-2])(?:[-_ .]?(0[1-9]|[12]\d|3[01]))?(?:\D|$)"


def moment(text: str, spelling: Spelling) -> str:
    """Seconds from 1970 to the moment that the text says, or null.

    Args:
        text: an expression.
        spelling: which forms of dates are accepted.
    """
    plain = f"regexp_replace({folded(text)}, {literal(_WEEKDAY)}, '')"
    parts = f"regexp_extract({plain}, {literal(_PARTS)}, ['day', 'h', 'm', 's', 'half', 'zone'])"
    tests = []
    for form in dict.fromkeys(("iso", *spelling.dates)):
        if form == "serial":
            days = rf"case when regexp_full_match({text}, '\d{{5}}(?:\.\d+)?') then try_cast({text} as double) end"
            tests.append(f"({days} - 25569) * 86400")  # 25569: 1 January 1970 as a day number of Excel
        else:
            read = [_day(f"{parts}.day", pattern, order, spelling) for pattern, order in _FORMS[form]]
            tests.append(f"coalesce({', '.join(read)}) + {_seconds(parts)}")
    return f"coalesce({', '.join(tests)})"


def _day(text: str, pattern: str, order: str, spelling: Spelling) -> str:
    names = ", ".join(literal(one) for one in order)
    found = f"regexp_extract({text}, {literal(f'^{pattern}$')}, [{names}])"
    months = ", ".join(literal(one) for one in _NAMES.split("|"))
    month = f"coalesce(list_position([{months}], left({found}.m, 3))::varchar, {found}.m)"
    until = spelling.two_digit_years
    short = "null" if until is None else f"({until} - ({until} - try_cast({found}.y as integer)) % 100)::varchar"
    year = f"case when length({found}.y) = 2 then {short} else {found}.y end"
    return f"epoch(try_strptime({year} || '-' || {month} || '-' || {found}.d, '%Y-%m-%d'))"


def _seconds(parts: str) -> str:
    """Seconds since midnight, of a zone in front of the one of London less; 0 where no time is given, null for none."""
    hour = f"try_cast({parts}.h as integer)"
    half = (
        f"case when {parts}.half = '' or {hour} > 12 then {hour} else {hour} % 12 + 12 * ({parts}.half = 'p')::int end"
    )
    seconds = f"coalesce(try_cast(replace({parts}.s, ',', '.') as double), 0)"
    offset = (
        f"case when {parts}.zone in ('', 'z', 'utc', 'gmt') then 0 when {parts}.zone = 'bst' then 3600 else"
        f" (case {parts}.zone[1] when '-' then -1 else 1 end) * (try_cast({parts}.zone[2:3] as integer) * 3600"
        f" + coalesce(try_cast(right(replace({parts}.zone, ':', '')[4:], 2) as integer), 0) * 60) end"
    )
    fits = f"{hour} < 24 and try_cast({parts}.m as integer) < 60 and {seconds} < 60"
    time = f"({half}) * 3600 + try_cast({parts}.m as integer) * 60 + {seconds} - {offset}"
    return f"case when {parts}.h = '' then 0 when {fits} then {time} end"


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
