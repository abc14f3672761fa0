"""Frames as a workbook to sort and filter in: one sheet a frame, one header row."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp, so that the same rows give the same bytes
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_rows(path: Path, sheets: dict[str, pl.DataFrame], *, widths: dict[str, int] | None = None) -> None:
    """Write each frame to a sheet of its name. Same frames, same bytes."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        book.set_properties({"created": EPOCH})
        header = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        days = book.add_format({"num_format": "dd/mm/yyyy"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for column, title in enumerate(rows.columns):
                sheet.write_string(0, column, title.replace("_", " ").capitalize(), header)
                sheet.set_column(column, column, (widths or {}).get(title, max(12, min(60, len(title) + 4))))
                for line, value in enumerate(rows[title].to_list(), start=1):
                    _cell(sheet, line, column, value, days)
            sheet.freeze_panes(1, 0)
            if rows.height:
                sheet.autofilter(0, 0, rows.height, len(rows.columns) - 1)


def _cell(sheet: Any, line: int, column: int, value: Any, days: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(line, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(line, column, datetime(value.year, value.month, value.day), days)  # noqa: DTZ001
    else:
        sheet.write_string(line, column, str(value))
