"""The one reader of the small CSV files that stand beside an export: waivers, forced cases, maps, rates, series."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import HclicError, InputError

COMMENT = "#"


@dataclass(frozen=True)
class SideRow:
    """One row of the file: its number, the headings being row 1, and its cells by column, stripped; blank is ``""``."""

    number: int
    cells: dict[str, str]


def read_rows(
    path: Path,
    columns: Sequence[str],
    *,
    what: str,
    optional: Sequence[str] = (),
    only: bool = False,
    comments: bool = False,
    error: type[HclicError] = InputError,
) -> list[SideRow]:
    """Every row of a CSV file in UTF-8, with the columns asked for. No message repeats a cell.

    Args:
        path: the file.
        columns: the columns it must have.
        what: what the file is, for the sentences: ``waiver file``.
        optional: columns it may have; without one its cells are blank.
        only: refuse columns that are neither.
        comments: leave out lines that begin with ``#``.
        error: the kind of fault that a wrong file is.

    Raises:
        HclicError: of the kind ``error``: the file cannot be read, is no text in UTF-8, lacks a column, has one that
            is not known, or has a row with more cells than headings.
    """
    known = [*columns, *optional]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError:
        raise error(f"The {what} {path.name} could not be read.") from None
    except UnicodeDecodeError:
        raise error(f"The {what} {path.name} is not text in UTF-8. Save it as CSV UTF-8.") from None
    lines = text.splitlines(keepends=True)
    left_out = sum(line.startswith(COMMENT) for line in lines) if comments else 0
    reader = csv.reader(line for line in lines if not (comments and line.startswith(COMMENT)))
    try:
        records = list(reader)
    except csv.Error:
        raise error(f"The {what} {path.name} could not be read: it is not a CSV file.") from None
    headings = [heading.strip() for heading in records[0]] if records else []
    if missing := [name for name in columns if name not in headings]:
        lacking = " and no column ".join(missing)
        raise error(f"The {what} {path.name} has no column {lacking}. Its columns are {', '.join(known)}.")
    if only and set(headings) - set(known):
        raise error(f"The {what} {path.name} has a column that is not known. Its columns are {', '.join(known)}.")
    rows = []
    for number, record in enumerate(records[1:], start=2 + left_out):
        if not record:
            continue
        if len(record) > len(headings):
            raise error(f"The {what}, row {number}, has more cells than there are headings.")
        given = dict(zip(headings, (cell.strip() for cell in record), strict=False))
        rows.append(SideRow(number, {name: given.get(name, "") for name in known}))
    return rows
