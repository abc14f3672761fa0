"""Reading back what officers wrote into a workbook of findings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipelines.errors import InputError

# As the headings of the workbook are written, in small letters.
ID, NOTE = "finding id", ("note", "your note")
HEADINGS_WITHIN = 10
"""Rows of a sheet among which its headings stand."""

_SCHEMA = {"finding_id": pl.String(), "note": pl.String()}


def read_notes(path: Path) -> pl.DataFrame:
    """One row per line that has a note: finding_id, note. A finding that stands on several sheets can occur again.

    Raises:
        InputError: the workbook cannot be read.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    rows: list[tuple[str, str]] = []
    try:
        with CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                rows += _of_sheet(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    except (CalamineError, OSError):
        raise InputError(
            f"The workbook {path.name} cannot be read, so that the notes in it would be lost. Close it, or move it"
            " away, and run again."
        ) from None
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").unique(maintain_order=True)


def _of_sheet(rows: Sequence[Sequence[object]]) -> list[tuple[str, str]]:
    for place, row in enumerate(rows[:HEADINGS_WITHIN]):
        titles = [str(cell).strip().lower().replace("_", " ") for cell in row]
        notes = [number for number, title in enumerate(titles) if title in NOTE]
        if ID in titles and notes:
            key, note = titles.index(ID), notes[0]
            return [
                (str(line[key]).strip(), str(line[note]).strip())
                for line in rows[place + 1 :]
                if str(line[key]).strip() and str(line[note]).strip()
            ]
    return []
