"""The files of the rows of England: ``OUT/fleet/<quarter>/``."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.fleet.england.book import england_book
from pipelines.fleet.england.made import England
from pipelines.published.cells import plain_number
from pipelines.whole import into

FOLDER = "fleet"
"""Beside the folders of the authorities in an output folder: what concerns many."""


def write(made: England, out: Path) -> list[Path]:
    """Write ``england.csv`` and ``.xlsx``, for sharing; ``england_internal.csv``, which is not; ``authorities.csv``."""
    folder = out / FOLDER / str(made.quarter)
    names = ("england.csv", "england.xlsx", "england_internal.csv", "authorities.csv")
    with into(folder) as new:
        shown, book, internal, authorities = (new / name for name in names)
        _write_rows(made.shown, shown)
        write_xlsx(england_book(made), book)
        _write_rows(made.marked, internal)
        is_used = pl.when(pl.col("is_used")).then(pl.lit("yes")).otherwise(pl.lit("no"))
        made.authorities.with_columns(is_used=is_used).write_csv(authorities, quote_style="necessary")
    return [folder / name for name in names]


def _write_rows(rows: pl.DataFrame, path: Path) -> None:
    """Rows as CSV, numbers plain, in the order in which they are."""
    numbers = [name for name, kind in rows.schema.items() if kind == pl.Float64]
    plain = (pl.col(name).map_elements(plain_number, return_dtype=pl.String, skip_nulls=True) for name in numbers)
    rows.with_columns(plain).with_columns(pl.col(pl.String).fill_null("")).write_csv(path, quote_style="necessary")
