"""The files of ``tables/``: official.csv, official_internal.csv, official.xlsx, official.ods."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.disclosure.official import suppress
from pipelines.emit.tables.build import Projections, compute_tables
from pipelines.emit.tables.workbook import About, official_book
from pipelines.emit.workbooks.ods import write_ods
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.published.cells import plain_number
from pipelines.state import RunState
from pipelines.warehouse.gone import OFFICIAL, OFFICIAL_INTERNAL
from pipelines.warehouse.quarter import KeptQuarter
from pipelines.whole import into


@dataclass(frozen=True)
class TablesOf:
    """The cells of one quarter, one row per cell in the published order: suppressed as MHCLG does, and internal."""

    shown: pl.DataFrame
    internal: pl.DataFrame
    about: About
    """What the workbooks say besides."""

    @property
    def marked(self) -> pl.DataFrame:
        """The internal cells; every row says ``internal`` in its last column."""
        return self.internal.with_columns(edition=pl.lit("internal"))


def tables_of(
    con: duckdb.DuckDBPyConnection,
    projections: Projections | None = None,
    *,
    state: RunState,
    published: pl.DataFrame | None = None,
) -> TablesOf:
    """The official tables of the quarter that the marts were built for.

    ``published`` is the authority's row of MHCLG's workbook of that quarter: the workbooks then show it beside ours.
    """
    internal = compute_tables(con, projections)
    row = con.execute("select as_at, suppress_below, contact from reporting_period cross join setting").fetchone()
    assert row is not None
    as_at, below, contact = row
    about = About(as_at, state, below, contact, published)
    return TablesOf(suppress(internal, below), internal, about)


def tables_kept(kept: KeptQuarter) -> TablesOf:
    """The official tables that were kept of a quarter of which cases are gone, as they were counted then."""
    frames = {
        name: pl.read_csv(kept.figures[name].encode(), infer_schema=False).with_columns(
            pl.col("value").cast(pl.Float64)
        )
        for name in (OFFICIAL, OFFICIAL_INTERNAL)
    }
    about = About(kept.run.as_at, kept.state, kept.settings.suppress_below, kept.settings.contact, None)
    return TablesOf(frames[OFFICIAL], frames[OFFICIAL_INTERNAL].drop("edition"), about)


def lay_down(made: TablesOf, out: Path) -> list[Path]:
    """Write one quarter's tables into the folder ``out``: everything but ``official_internal.csv`` is suppressed."""
    names = ("official.csv", "official_internal.csv", "official.xlsx", "official.ods")
    with into(out) as new:
        shown, marked, xlsx, ods = (new / name for name in names)
        write_tidy(made.shown, shown)
        write_tidy(made.marked, marked)
        book = official_book(made.shown, made.about)
        write_xlsx(book, xlsx)
        write_ods(book, ods)
    return [out / name for name in names]


def write_tidy(tidy: pl.DataFrame, path: Path) -> None:
    """Write tidy cells as CSV, numbers plain, in the order they are in."""
    plain = tidy.with_columns(pl.col("value").map_elements(plain_number, return_dtype=pl.String, skip_nulls=True))
    plain.with_columns(pl.all().fill_null("")).write_csv(path, quote_style="necessary")
