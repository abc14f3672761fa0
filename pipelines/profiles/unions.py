"""Files or sheets that hold the same columns for one month each, as one table."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

import polars as pl

from pipelines.extract.parsing import fold
from pipelines.profiles.sheets import Sheet

_MONTHS = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
_CHANGING = re.compile(rf"(?<![a-z])(?:{_MONTHS}|nov(?:ember)?|dec(?:ember)?|q[1-4]|week|month|part)(?![a-z])|\d+")
ALIKE = 0.9
"""Share of headings that two sheets have in common if they are one table."""
FROM = "_from"
"""Column of the number of the sheet that a row comes from."""


def united(sheets: Sequence[Sheet]) -> list[Sheet]:
    """The sheets, those of months put together, each group at the place of its first."""
    groups: dict[tuple[object, ...], list[Sheet]] = defaultdict(list)
    for one in sheets:
        stem = one.file.name if one.sheet is not None else ""
        groups[(stem, one.sheet is None, _skeleton(one.label), one.head.rows)].append(one)
    taken: dict[str, Sheet | None] = {}
    for group in groups.values():
        alike = [one for one in group if _alike(one, group[0])]
        if len(alike) < 2:
            continue
        pattern = _pattern(alike, sheets)
        if pattern is None:
            continue
        taken |= dict.fromkeys((one.name for one in alike[1:]), None)
        taken[alike[0].name] = _one(alike, pattern)
    return [made for one in sheets if (made := taken.get(one.name, one)) is not None]


def _skeleton(label: str) -> str:
    """The name without what changes from month to month."""
    return re.sub(r"[\s_\-.]+", " ", _CHANGING.sub(" ", fold(label).replace("_", " "))).strip()


def _alike(one: Sheet, other: Sheet) -> bool:
    mine, theirs = set(map(fold, one.headings)), set(map(fold, other.headings))
    return len(mine & theirs) >= ALIKE * len(mine | theirs)


def _pattern(group: Sequence[Sheet], sheets: Iterable[Sheet]) -> str | None:
    """A name with ``*`` or ``?`` that fits these and no other."""
    names = [one.label for one in group]
    inside = {one.name for one in group}
    is_sheet = group[0].sheet is not None
    others = [one.label for one in sheets if one.name not in inside and (one.sheet is not None) == is_sheet]
    low = [name.casefold() for name in names]
    begin, end = _common(low), _common([name[::-1] for name in low])[::-1]
    begin = re.sub(r"\d+$", "", begin)
    end = re.sub(r"^\d+", "", end) if len(begin) + len(end) > min(map(len, low)) else end
    begin = names[0][: len(begin)]
    last = names[0][len(names[0]) - len(end) :] if end else ""
    marks = "?" * (len(names[0]) - len(begin) - len(last))
    same_length = len({len(name) for name in names}) == 1
    for pattern in (f"{begin}*", f"*{last}", f"{begin}*{last}", *((f"{begin}{marks}{last}",) if same_length else ())):
        fits = [fnmatchcase(name, pattern.casefold()) for name in low]
        if pattern.strip("*?") == "" and others:
            continue
        if any(mark in pattern for mark in "[]") or not all(fits):
            continue
        if not any(fnmatchcase(name.casefold(), pattern.casefold()) for name in others):
            return pattern
    return None


def _common(names: Sequence[str]) -> str:
    first = min(names)
    last = max(names)
    for place, letter in enumerate(first):
        if place >= len(last) or last[place] != letter:
            return first[:place]
    return first


def _one(group: Sequence[Sheet], pattern: str) -> Sheet:
    first = group[0]
    frames = []
    for number, one in enumerate(group):
        place = {fold(heading): index for index, heading in reversed(list(enumerate(one.headings)))}
        found = [place.get(fold(heading)) for heading in first.headings]
        cells = [pl.lit(None, pl.String()) if at is None else pl.col(f"c{at}") for at in found]
        columns = [cell.alias(f"c{index}") for index, cell in enumerate(cells)]
        frames.append(one.frame.select("_row", *columns, pl.lit(number).alias(FROM)))
    what = "sheets" if first.sheet is not None else "files"
    return replace(
        first,
        frame=pl.concat(frames),
        file_pattern=pattern if first.sheet is None else None,
        sheet_pattern=pattern if first.sheet is not None else None,
        notes=(*first.notes, f"{len(group)} {what} with the same columns are read as one table."),
        parts=tuple(one.name for one in group[1:]),
        footers=tuple(dict.fromkeys(word for one in group for word in one.footers)),
        footer_in=next((one.footer_in for one in group if one.footers), first.footer_in),
        totals=next((one.totals for one in group if one.totals is not None), None),
    )
