"""How the cells of a file or sheet are laid under headings, and which of its rows are left out before all else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.sources.errors import ProfileError

KEYS = ("header_row", "header_rows", "columns_by", "skip_rows_where")
"""Keys of a ``[[table]]`` or ``[input.NAME]`` that say how a file is read."""

MOST_HEADER_ROWS = 4
JOINER = " > "
"""Between a group's heading and the headings below it, as in the published tables' tidy form."""

_LETTERS = re.compile(r"[A-Za-z]{1,3}")

Condition = Mapping[str, tuple[str, ...]]
"""Heading → texts, of which a row has one under each of the headings; ``*`` and ``?`` stand for anything, an empty
text for an empty cell."""


@dataclass(frozen=True)
class Reading:
    """How a file or sheet is read. Rows are numbered from 1."""

    header_row: int = 1
    """The last row of headings; 0 where there are none."""
    above: tuple[int, ...] = ()
    """Rows that hold the headings of groups, above the last one."""
    letters: bool = False
    """Whether the profile names the columns by their letters."""
    skip: tuple[Condition, ...] = ()
    """A row that meets any of the conditions is left out."""

    @property
    def header_rows(self) -> tuple[int, ...]:
        """All rows of headings, in order."""
        return (*self.above, self.header_row) if self.header_row else ()


def reading_of(data: Mapping[str, Any], place: str) -> Reading:
    """What the keys of a table say about its reading; ``place`` is what messages call the table.

    Raises:
        ProfileError: a key has a value that is none for it.
    """
    header_row, above = _header_rows(data, place)
    by = data.get("columns_by", "heading" if header_row else "letter")
    if by not in ("heading", "letter"):
        raise ProfileError(f'{place}: columns_by is "heading" or "letter".')
    if by == "heading" and not header_row:
        raise ProfileError(f'{place}: with header_row = 0 there are no headings; write columns_by = "letter".')
    return Reading(header_row, above, by == "letter", _conditions(data.get("skip_rows_where", []), place))


def check_letters(reading: Reading, names: Iterable[str], place: str) -> None:
    """Refuse a name of a column that is no letter where all have to be.

    Raises:
        ProfileError: one is none.
    """
    if wrong := [name for name in names if not _LETTERS.fullmatch(name)] if reading.letters else []:
        raise ProfileError(
            f'{place}: with columns_by = "letter", or header_row = 0, each column is named by its letter, such as'
            f' "C"; "{wrong[0]}" is none.'
        )


def _header_rows(data: Mapping[str, Any], place: str) -> tuple[int, tuple[int, ...]]:
    if "header_row" in data and "header_rows" in data:
        raise ProfileError(f"{place}: give header_row or header_rows, not both.")
    if "header_rows" in data:
        rows = data["header_rows"]
        if (
            not isinstance(rows, list)
            or not 1 <= len(rows) <= MOST_HEADER_ROWS
            or not all(_is_number(one, 1) for one in rows)
            or sorted(set(rows)) != rows
        ):
            raise ProfileError(
                f"{place}: header_rows is the list of the rows that hold the headings, from above, such as [2, 3]."
            )
        return rows[-1], tuple(rows[:-1])
    row = data.get("header_row", 1)
    if not _is_number(row, 0):
        raise ProfileError(
            f"{place}: header_row is the number of the row that holds the headings, from 1; 0 where the file has none."
        )
    return row, ()


def _is_number(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _conditions(data: Any, place: str) -> tuple[Condition, ...]:
    return tuple(_condition(one, place) for one in (data if isinstance(data, list) else [data]))


def _condition(data: Any, place: str) -> Condition:
    found: dict[str, tuple[str, ...]] = {}
    for heading, texts in data.items() if isinstance(data, Mapping) else ():
        texts = [texts] if isinstance(texts, str) else texts
        if not isinstance(texts, list) or not texts or not all(isinstance(one, str) for one in texts):
            found = {}
            break
        found[str(heading)] = tuple(texts)
    if not found:
        raise ProfileError(
            f'{place}: skip_rows_where is for example {{ "Case no" = ["Total", "Subtotal *"] }}, or a list of such'
            " blocks."
        )
    return found
