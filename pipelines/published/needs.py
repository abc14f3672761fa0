"""Columns that somebody needs of a workbook: without them a figure would be taken for 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import polars as pl

from pipelines.errors import InputError
from pipelines.published.cells import NOT_READ
from pipelines.published.headings import Column
from pipelines.published.reader import TIDY_SCHEMA, PublishedWorkbook

WAY_OUT = (
    "Run hclic published WORKBOOK --out CSV --propose-headings FILE, fill in which column each heading is, and give "
    "FILE here as --headings."
)


def unread_columns(book: PublishedWorkbook, needed: Callable[[Column], bool]) -> list[Column]:
    """Those of the columns needed that the quarter's layout has and that were not read, in the published order."""
    return [column for column in book.unread if needed(column)]


def in_tables(columns: list[Column]) -> str:
    """How many columns of which tables: 'A3 (2), TA1 (1)'."""
    return ", ".join(f"{table} ({many})" for table, many in Counter(column.table for column in columns).items())


def require_columns(book: PublishedWorkbook, needed: Callable[[Column], bool], what_for: str) -> None:
    """Raise ``InputError`` where a column that is needed was not read, with how many of which tables and what to do."""
    unread = unread_columns(book, needed)
    if unread:
        many = "1 column" if len(unread) == 1 else f"{len(unread)} columns"
        raise InputError(
            f"{many} of the workbook of {book.quarter} that {what_for} needs could not be read: {in_tables(unread)}. "
            f"{WAY_OUT}"
        )


def unread_cells(book: PublishedWorkbook) -> pl.DataFrame:
    """One row per column of an assumed layout that was not read: table, column_path, measure, no value, the note."""
    unread = book.unread if book.layout.is_assumed else []
    rows = [(column.table, column.column_path, column.measure, None, NOT_READ) for column in unread]
    schema = {name: TIDY_SCHEMA[name] for name in ("table", "column_path", "measure", "value", "note")}
    return pl.DataFrame(rows, schema=schema, orient="row")
