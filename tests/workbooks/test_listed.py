"""Rows of a frame are laid into a sheet column by column; the file is the one that cell by cell would give."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest

from pipelines.emit.workbooks import listed
from pipelines.emit.workbooks.model import DAY, NUMBER, Book, Cell, Column, Listing, Sheet, Style
from pipelines.emit.workbooks.xlsx import write_xlsx

MADE = datetime(2025, 9, 30)  # noqa: DTZ001 - the format knows no zone
TEXT, PLAIN = Style("text", wrap=True, is_on_top=True), Style("plain")
DAYS, COUNT = Style("day", DAY, is_on_top=True), Style("count", NUMBER)
STYLES = (TEXT, DAYS, COUNT, PLAIN, TEXT)
ODD = ["=1+1", "a & b < c > d \"e\" 'f'", " led by a space", "two\nlines", "w" * 300, "", "_x0041_", "\x07", "é — 漢"]


def rows(count: int = 200) -> pl.DataFrame:
    """Rows of every kind that a listing holds, with gaps, the same texts again, and rows of nothing."""
    said = [
        (
            ODD[n % len(ODD)] if n % 7 else None,
            (date(1900, 2, 28), date(1900, 3, 1))[n % 2]
            if n % 3 == 0
            else date(2025, 1, 1 + n % 28)
            if n % 3 == 1
            else None,
            n * 1_000 - 5 if n % 4 else None,
            f"{n}",
            ODD[n % 3] if n % 5 else None,
        )
        if n % 50
        else (None,) * 5
        for n in range(count)
    ]
    kinds = {"a": pl.String, "b": pl.Date, "c": pl.Int64, "d": pl.String, "e": pl.String}
    return pl.DataFrame(said, schema=kinds, orient="row")


def sheet(listing: Listing, name: str = "one") -> Sheet:
    cells = [Cell(0, place, title, Style("heading", bold=True)) for place, title in enumerate(("a", "=1+1"))]
    widths = tuple(Column(width, style) for width, style in zip((9, 11, 8, 20, 30), STYLES, strict=True))
    filtered = (listing.rows.height, 5)
    return Sheet(name, cells, widths, None, 1, filtered, is_printed_wide=True, footer="foot", listing=listing)


def written(folder: Path, *sheets: Sheet) -> bytes:
    path = folder / "book.xlsx"
    write_xlsx(Book(MADE, sheets), path)
    return path.read_bytes()


def cell_by_cell(one: Sheet) -> Sheet:
    return replace(one, cells=tuple(one.every_cell()), listing=None)


@pytest.mark.parametrize("first", [1, 5, 15, 16, 40])
def test_rows_that_are_laid_give_the_bytes_of_the_same_cells(tmp_path: Path, first: int) -> None:
    sheets = [sheet(Listing(rows(), STYLES, first), "one"), sheet(Listing(rows(31).reverse(), STYLES, first), "two")]
    with patch.object(listed.ListedSheet, "lay", autospec=True, side_effect=listed.ListedSheet.lay) as laid:
        new = written(tmp_path, *sheets)
    assert laid.call_count == 2
    assert new == written(tmp_path, *map(cell_by_cell, sheets))


def test_rows_with_links_give_the_bytes_of_the_same_cells(tmp_path: Path) -> None:
    links = pl.Series([f"https://example.org/{n}?a=b&c={n}" if n % 3 else None for n in range(200)])
    one = sheet(Listing(rows(), STYLES, 1, {0: links}))
    with patch("pipelines.emit.workbooks.xlsx.MOST_LINKS", 90):
        assert written(tmp_path, one) == written(tmp_path, cell_by_cell(one))


@pytest.mark.parametrize("height", [0, 1])
def test_no_row_and_one_row_give_the_bytes_of_the_same_cells(tmp_path: Path, height: int) -> None:
    one = sheet(Listing(rows().slice(1, height), STYLES, 1))
    assert written(tmp_path, one) == written(tmp_path, cell_by_cell(one))


def test_a_text_too_long_for_a_cell_is_written_as_before(tmp_path: Path) -> None:
    longer = rows().with_columns(pl.when(pl.col("c") == 995).then(pl.lit("x" * 40_000)).otherwise("d").alias("d"))
    one = sheet(Listing(longer, STYLES, 1))
    assert not listed.can_be_listed(Listing(longer, STYLES, 1))
    assert written(tmp_path, one) == written(tmp_path, cell_by_cell(one))
