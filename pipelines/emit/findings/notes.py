"""Reading back what officers wrote into a workbook of findings, as Excel or LibreOffice saved it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipelines.emit.findings.workbook import ID, NOTE
from pipelines.errors import InputError
from pipelines.sheet_reader import BrokenWorkbookError, SheetReader

IDS, NOTES = frozenset({ID.lower(), "finding id"}), frozenset({NOTE.lower(), "note"})
"""Headings in small letters: those of the workbook, and of ``findings.csv`` saved as one."""

HEADINGS_WITHIN = 10
"""Rows of a sheet among which its headings stand."""

_KNOWN = re.compile(r"[0-9a-f]{16}")
_SCHEMA = {"finding_id": pl.String(), "note": pl.String()}


def read_notes(path: Path, *, must_be_findings: bool = True) -> pl.DataFrame:
    """One row per note on a finding: finding_id, note. What was noted on several sheets is all there.

    Columns may have moved, lines may be sorted, hidden or gone, and sheets renamed: a note is found by the headings of
    its column and of the column of ids.

    Args:
        path: XLSX or ODS.
        must_be_findings: refuse a workbook without these headings; otherwise it has no notes.

    Raises:
        InputError: the workbook cannot be read, or holds no findings.
    """
    rows: list[tuple[str, str]] = []
    is_of_findings = False
    try:
        book = SheetReader(path.read_bytes())
        for name in book.names:
            sheet = _of_sheet(list(book.rows(name)))
            is_of_findings = is_of_findings or sheet is not None
            rows += sheet or []
        book.close()
    except (BrokenWorkbookError, OSError):
        raise InputError(
            f"The workbook {path.name} cannot be read, so that the notes in it would be lost. Close it, or move it"
            " away, and run again."
        ) from None
    if must_be_findings and not is_of_findings:
        raise InputError(
            f"{path.name} is no workbook of findings: no sheet has the headings {NOTE} and {ID}. Hand in the workbook"
            " that a run wrote, with both columns in it."
        )
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row").unique(maintain_order=True)


def _of_sheet(rows: Sequence[Sequence[object]]) -> list[tuple[str, str]] | None:
    """Id and note of each line with both; None for a sheet without the headings."""
    for place, row in enumerate(rows[:HEADINGS_WITHIN]):
        titles = [str(cell).strip().lower().replace("_", " ") for cell in row]
        keys = [number for number, title in enumerate(titles) if title in IDS]
        notes = [number for number, title in enumerate(titles) if title in NOTES]
        if keys and notes:
            said = (
                (str(line[keys[0]]).strip().lower(), str(line[note]).strip())
                for line in rows[place + 1 :]
                for note in notes
            )
            return [(key, note) for key, note in said if _KNOWN.fullmatch(key) and note]
    return None
