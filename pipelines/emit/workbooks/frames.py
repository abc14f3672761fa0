"""Frames as sheets to sort and filter in: one header row, which stays in sight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl

from pipelines.emit.workbooks.model import DAY, Cell, Column, Sheet, Style

HEADING = Style("heading", bold=True, wrap=True, is_on_top=True)
DAYS = Style("day", DAY)


def frame_sheet(
    name: str,
    rows: pl.DataFrame,
    *,
    heading: Style = HEADING,
    width: Callable[[str], float] = lambda title: max(12, min(60, len(title) + 4)),
    styles: Mapping[str, Style] | None = None,
) -> Sheet:
    """A sheet of the frame.

    Args:
        name: of the sheet.
        rows: columns of text, numbers, days or flags; anything else is written as text.
        heading: style of the header row.
        width: of the column of that name, in characters.
        styles: of the columns of that name.
    """
    return Sheet(
        name,
        _cells(rows, heading),
        tuple(Column(width(title), (styles or {}).get(title)) for title in rows.columns),
        frozen_rows=1,
        filtered=(rows.height, rows.width) if rows.height else None,
    )


def _cells(rows: pl.DataFrame, heading: Style) -> Iterator[Cell]:
    for column, title in enumerate(rows.columns):
        yield Cell(0, column, title.replace("_", " ").capitalize(), heading)
        for line, value in enumerate(rows[title].to_list(), start=1):
            if value is not None:
                yield _cell(line, column, value)


def _cell(line: int, column: int, value: Any) -> Cell:
    if isinstance(value, bool | int | float):
        return Cell(line, column, value)
    if isinstance(value, date):
        return Cell(line, column, value, DAYS)
    return Cell(line, column, str(value))
