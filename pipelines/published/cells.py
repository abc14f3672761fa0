"""What one printed cell says: a number, or why there is none."""

from __future__ import annotations

import re
from decimal import Decimal

SUPPRESSED = "suppressed"
MISSING = "missing"
NOT_APPLICABLE = "not applicable"
NOT_PUBLISHED = "not published"
NOT_READ = "not read"
"""Of a column that the workbook may have, under a heading that could not be told."""

# MHCLG's shorthand to 2025-Q4, and from 2026-Q1 in brackets. 2024-Q4 prints "..00%" for a missing percentage.
_SHORTHAND = {
    "": NOT_PUBLISHED,
    "..": MISSING,
    "..00%": MISSING,
    "[x]": MISSING,
    "-": SUPPRESSED,
    "[c]": SUPPRESSED,
    "[z]": NOT_APPLICABLE,
    "z": NOT_APPLICABLE,
}
_NUMBER = re.compile(r"-?\d+(,\d{3})*(\.\d+)?%?")


class UnreadableCellError(ValueError):
    """The cell holds neither a number nor a shorthand; carries no value."""


def read_cell(cell: object) -> tuple[float | None, str]:
    """The stored number and an empty note, or no number and the note that says why.

    A zero written as text is 0, a percentage written as text a fraction. Raises ``UnreadableCellError``.
    """
    if isinstance(cell, bool):
        raise UnreadableCellError
    if isinstance(cell, int | float):
        return float(cell), ""
    text = "" if cell is None else str(cell).strip()
    note = _SHORTHAND.get(text.lower())
    if note is not None:
        return None, note
    if not _NUMBER.fullmatch(text):
        raise UnreadableCellError
    number = float(text.rstrip("%").replace(",", ""))
    return (number / 100 if text.endswith("%") else number), ""


def plain_number(value: float | None) -> str:
    """A number as written in a CSV: 26 for a whole one, else the shortest text that reads back the same."""
    if value is None:
        return ""
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
