"""What stands beside the runs of a comparison: households in the area, and what MHCLG has published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from pipelines.emit.tables.build import read_projections
from pipelines.emit.tables.reconcile import published_row
from pipelines.errors import InputError, UsageError
from pipelines.fleet.comparing import definitions
from pipelines.fleet.comparing.figures import Outside
from pipelines.fleet.comparing.gather import Gathered
from pipelines.metrics.benchmarks import ENGLAND
from pipelines.period import Quarter
from pipelines.published.cells import SUPPRESSED
from pipelines.published.reader import PublishedWorkbook, read_workbook

_THOUSANDS, _TABLE = "thousands", "A1"
_PLACE = {"la_code": pl.String(), "official_table": pl.String(), "column_path": pl.String()}


def read_outside(
    gathered: Sequence[Gathered], quarter: Quarter, *, published: Path | None = None, projections: Path | None = None
) -> Outside:
    """Households in area and published cells of these authorities.

    Households come from the file of projections, else from the workbook, else from the run's own cells.

    Args:
        gathered: the authorities.
        quarter: of which the workbook has to be.
        published: MHCLG's workbook of the quarter.
        projections: CSV of households in area: la_code, quarter, households_000s.

    Raises:
        InputError: a file cannot be read.
        UsageError: the workbook is of another quarter.
    """
    households = {code: known for one in gathered if (known := _households(one.cells)) for code in (one.run.la_code,)}
    printed: list[pl.DataFrame] = []
    england: dict[str, float] = {}
    if published is not None:
        book = read_workbook(published)
        if book.quarter != str(quarter):
            raise UsageError(f"The workbook {published.name} is of {book.quarter}, and the comparison is of {quarter}.")
        for one in gathered:
            cells = _published(book, one.run.la_code, quarter)
            if known := _households(cells):
                households[one.run.la_code] = known
            printed.append(cells.filter(pl.col("note") == SUPPRESSED))
        england = _of_england(book, quarter)
    if projections is not None:
        households |= {code: known for (code, of), known in read_projections(projections).items() if of == str(quarter)}
    suppressed = (
        pl.concat([cells.select(*_PLACE) for cells in printed]).unique() if printed else pl.DataFrame(schema=_PLACE)
    )
    return Outside(households, suppressed.sort(*_PLACE), england)


def _published(book: PublishedWorkbook, la_code: str, quarter: Quarter) -> pl.DataFrame:
    try:
        cells = published_row(book, la_code, quarter)
    except InputError:
        # One that made no return, or came to be later.
        cells = book.tidy.clear()
    return cells.rename({"table": "official_table"}).with_columns(la_code=pl.lit(la_code))


def _households(cells: pl.DataFrame) -> float | None:
    found = cells.filter(
        (pl.col("official_table") == _TABLE) & (pl.col("measure") == _THOUSANDS) & pl.col("value").is_not_null()
    )["value"]
    return float(found[0]) if found.len() else None


def _of_england(book: PublishedWorkbook, quarter: Quarter) -> dict[str, float]:
    """The measures of the tables as published for England, whose counts MHCLG rounds to 10."""
    cells = book.tidy.filter((pl.col("la_code") == ENGLAND) & pl.col("value").is_not_null())
    counts = cells.filter(pl.col("measure") == "count")
    printed = {
        (table, path): value for table, path, value in counts.select("table", "column_path", "value").iter_rows()
    }
    columns: dict[str, list[tuple[str, str]]] = {}
    for name, table, path in definitions.columns_of(quarter):
        columns.setdefault(name, []).append((table, path))
    known = {
        name: sum(printed[place] for place in places)
        for name, places in columns.items()
        if all(place in printed for place in places)
    }
    if thousands := _households(cells.rename({"table": "official_table"})):
        known[definitions.HOUSEHOLDS] = thousands * 1000
    return _ratios(known)


def _ratios(known: Mapping[str, float]) -> dict[str, float]:
    return {
        one.name: known[one.numerator] / known[one.denominator] * one.per
        for one in definitions.measures()
        if known.get(one.denominator) and one.numerator in known
    }
