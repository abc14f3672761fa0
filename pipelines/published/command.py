"""``hclic published``: a published workbook as one CSV file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.errors import UsageError
from pipelines.published.cells import plain_number
from pipelines.published.reader import Problem, read_workbook


@dataclass(frozen=True)
class PublishedSummary:
    """What was read: counts of rows (cells) and areas, the quarter and edition, and what did not fit."""

    quarter: str
    edition: str
    sha256: str
    tables: int
    areas: int
    cells: int
    cells_without_number: int
    layout_is_assumed: bool
    problems: tuple[Problem, ...]
    out: Path


def published(workbook: Path, authority: str | None, out: Path) -> PublishedSummary:
    """Write one row per published cell to ``out``, by area, then in the published order of columns.

    The file is written whole or not at all. Raises ``InputError`` for a workbook that cannot be read or lacks
    the authority, ``UsageError`` for a code that is none or a place that cannot be written.
    """
    book = read_workbook(workbook, authority)
    tidy = book.tidy.sort("la_code", maintain_order=True)
    write_tidy(tidy, out)
    return PublishedSummary(
        quarter=book.quarter,
        edition=book.edition,
        sha256=book.sha256,
        tables=tidy["table"].n_unique(),
        areas=tidy["la_code"].n_unique(),
        cells=tidy.height,
        cells_without_number=tidy["value"].null_count(),
        layout_is_assumed=book.layout.is_assumed,
        problems=tuple(book.problems),
        out=out,
    )


def write_tidy(tidy: pl.DataFrame, out: Path) -> None:
    """Write a tidy frame as CSV, numbers plain; whole or not at all. Raises ``UsageError`` when it cannot."""
    part = out.with_name(f".{out.name}.part")
    try:
        # As many different numbers as a tenth of the cells.
        different = tidy["value"].drop_nulls().unique()
        plain = [plain_number(value) for value in different]
        written = tidy.with_columns(
            pl.col("value").replace_strict(different, plain, return_dtype=pl.String),
            # An empty text would be written in quotation marks.
            *(pl.col(name).replace("", None) for name, kind in tidy.schema.items() if kind == pl.String),
        )
        out.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(written.write_csv(), encoding="utf-8", newline="")
        part.replace(out)
    except OSError:
        part.unlink(missing_ok=True)
        raise UsageError(f"{out.name} cannot be written in that folder.") from None
