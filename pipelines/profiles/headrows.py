"""Which row of a sheet holds the headings, or which two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.extract.parsing import fold
from pipelines.profiles.names import likenesses

LOOKED_AT = 25
"""Rows from the top among which the headings are looked for."""
LONGEST = 160
"""Characters of a heading; questions are put whole."""
JOINER = " > "
"""Between the heading of a group and what stands under it."""
KNOWN_FROM = 0.8
FILLED, LIKE = 0.6, 0.9
"""Share of the width that a row of headings fills; share of its filled cells that may be headings."""

_VALUE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?"  # a day
    r"|[£$€+-]?\s*[\d,]+(\.\d+)?%?"  # a number
    r"|[A-Za-z]{2}\d{6}[A-Da-d]?"  # a National Insurance number, or a reference
    r"|[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}"  # a postcode
    r"|\S+@\S+"
    r"|\S*\d{4,}\S*"  # a reference, a telephone number
)


@dataclass(frozen=True)
class HeadRows:
    """Where the headings stand."""

    rows: tuple[int, ...]
    """Row numbers from 1; two where a row of groups stands above; none where no row holds headings."""
    headings: tuple[str, ...]
    """One for each column; of two rows, the group, `` > ``, and what stands under it."""


def may_be_heading(cell: str) -> bool:
    """Whether the text can be a heading: it has letters, is not long, and looks like no value."""
    text = cell.strip()
    return bool(text and len(text) <= LONGEST and any(one.isalpha() for one in text) and _VALUE.fullmatch(text) is None)


def find(rows: Sequence[Sequence[str]]) -> HeadRows:
    """The rows of headings among the first rows of a sheet."""
    top = [[cell.strip() for cell in row] for row in rows[:LOOKED_AT]]
    # The last cells of a row above the table may be missing.
    width = max((_width(row) for row in top), default=0)
    filled = [sum(bool(cell) for cell in row) for row in top]
    most = max(filled, default=0)
    for number, row in enumerate(top):
        like = sum(may_be_heading(cell) for cell in row)
        if filled[number] < max(FILLED * most, 1) or like < LIKE * filled[number]:
            continue
        if most == 1 and _known(row) == 0:
            break
        below = top[number + 1] if number + 1 < len(top) else []
        if _is_group_row(row, below, width):
            return HeadRows((number + 1, number + 2), _joined(row, below, width))
        if number and _is_group_row(top[number - 1], row, width) and filled[number - 1] > 1:
            return HeadRows((number, number + 1), _joined(top[number - 1], row, width))
        if _is_data(row, top[number + 1 :]):
            break
        return HeadRows((number + 1,), tuple((*row, *[""] * (width - len(row)))))
    return HeadRows((), ())


def _width(row: Sequence[str]) -> int:
    return max((place + 1 for place, cell in enumerate(row) if cell), default=0)


def _known(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell and (found := likenesses(cell)) and found[0].score >= KNOWN_FROM)


def _is_group_row(above: Sequence[str], row: Sequence[str], width: int) -> bool:
    """Whether ``above`` names groups of the headings in ``row``: it has gaps, under which headings stand."""
    gaps = [place for place in range(width) if _cell(row, place) and not _cell(above, place)]
    if not gaps or sum(bool(cell) for cell in above) < 2:
        return False
    cells = [cell for cell in row if cell]
    if len(cells) < LIKE * width or not all(may_be_heading(cell) for cell in cells):
        return False
    twice = len({fold(cell) for cell in cells}) < len(cells)
    return twice or _known(_joined(above, row, width)) > max(_known(row), _known(above))


def _joined(above: Sequence[str], row: Sequence[str], width: int) -> tuple[str, ...]:
    group, found = "", []
    for place in range(width):
        group = _cell(above, place) or group
        found.append(JOINER.join(part for part in (group, _cell(row, place)) if part))
    return tuple(found)


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _is_data(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the cells come again under themselves, as values do and headings do not."""
    if len(below) < 3 or _known(row) > len(row) / 4:
        return False
    cells = [(place, fold(cell)) for place, cell in enumerate(row) if cell]
    again = sum(any(fold(_cell(one, place)) == cell for one in below) for place, cell in cells)
    return again * 2 >= len(cells) > 0
