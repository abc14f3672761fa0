"""Which row of a sheet holds the headings, or which two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.extract.parsing import fold
from pipelines.extract.reading import joined_headings
from pipelines.profiles.names import likenesses

LOOKED_AT = 25
"""Rows from the top among which the headings are looked for."""
LONGEST = 160
"""Characters of a heading; questions are put whole."""
JOINER = " > "
"""Between the heading of a group and what stands under it."""
KNOWN_FROM = 0.8
OVER_VALUES, FILLED_BY_VALUES = 2, 0.8
"""Columns of values below a row that make it one of headings; share of their cells that are values."""
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
        if _is_group_row(row, below, width, top[number + 2 :]) and not _is_data(below, top[number + 2 :]):
            return HeadRows((number + 1, number + 2), _joined(row, below, width))
        if number and _is_group_row(top[number - 1], row, width, top[number + 1 :]) and filled[number - 1] > 1:
            return HeadRows((number, number + 1), _joined(top[number - 1], row, width))
        if _is_data(row, top[number + 1 :]):
            break
        return HeadRows((number + 1,), tuple((*row, *[""] * (width - len(row)))))
    return HeadRows((), ())


def _width(row: Sequence[str]) -> int:
    return max((place + 1 for place, cell in enumerate(row) if cell), default=0)


def _known(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell and (found := likenesses(cell)) and found[0].score >= KNOWN_FROM)


def _is_group_row(above: Sequence[str], row: Sequence[str], width: int, rest: Sequence[Sequence[str]]) -> bool:
    """Whether ``above`` names groups of the headings in ``row``: it has gaps, under which headings stand."""
    gaps = [place for place in range(width) if _cell(row, place) and not _cell(above, place)]
    if not gaps or sum(bool(cell) for cell in above) < 2:
        return False
    cells = [cell for cell in row if cell]
    # A heading of the upper row with nothing below it is that of its own column.
    covered = sum(bool(_cell(above, place) or _cell(row, place)) for place in range(width))
    if covered < LIKE * width or not all(may_be_heading(cell) for cell in cells):
        return False
    twice = len({fold(cell) for cell in cells}) < len(cells)
    if _over_values(row, rest) >= OVER_VALUES and any(
        _cell(above, place) and not _cell(row, place) for place in range(width)
    ):
        return True
    return twice or _known(_joined(above, row, width)) > max(_known(row), _known(above))


def _over_values(row: Sequence[str], rest: Sequence[Sequence[str]]) -> int:
    """Cells of the row with days, numbers or references below them, which a row of data would have itself."""
    count = 0
    for place, cell in enumerate(row):
        below = [_cell(one, place) for one in rest if _cell(one, place)]
        values = sum(_VALUE.fullmatch(one) is not None for one in below)
        count += bool(cell and below and values >= FILLED_BY_VALUES * len(below))
    return count


def joined(rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> tuple[str, ...]:
    """The headings that these rows (from 1) hold together, without blank ones at the end; none beyond the last row."""
    if not numbers or max(numbers) > len(rows):
        return ()
    found = joined_headings([rows[number - 1] for number in numbers])
    return tuple(found[: _width(found)])


def _joined(above: Sequence[str], row: Sequence[str], width: int) -> tuple[str, ...]:
    found = joined_headings([above, row])
    return tuple((*found, *[""] * (width - len(found))))


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _is_data(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the cells come again under themselves, as values do and headings do not."""
    if len(below) < 3 or _known(row) > len(row) / 4:
        return False
    cells = [(place, fold(cell)) for place, cell in enumerate(row) if cell]
    again = sum(any(fold(_cell(one, place)) == cell for one in below) for place, cell in cells)
    return again * 2 >= len(cells) > 0
