"""The official tables of one quarter or of several, each from the run of the warehouse that knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.authority import check_authority
from pipelines.emit.tables.build import Projections, explanation, layout_of
from pipelines.emit.tables.explain_book import explain_book
from pipelines.emit.tables.files import TablesOf, lay_down, tables_kept, tables_of, write_tidy
from pipelines.emit.tables.reconcile import published_row
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.place import Place
from pipelines.published.reader import read_workbook
from pipelines.warehouse.quarter import kept_quarter, open_quarter, quarters_told
from pipelines.whole import into

ALL = "all"
"""In place of a quarter: every quarter that a run of the authority was made for."""


def is_span(text: str) -> bool:
    """Whether the text may mean several quarters."""
    return ".." in text or text.strip().casefold() == ALL


def choose(warehouse: Place, authority: str, text: str) -> list[Quarter]:
    """The quarters that ``text`` names (``2025-Q3``, ``2025-Q2..2025-Q3`` or ``all``), in order.

    Raises:
        UsageError: the text or the authority is not understood; a quarter was before the Act; or it ended after the day
            of the newest export and no run was made for it: no case can tell it.
        InputError: the file cannot be read or holds no run of the authority.
    """
    check_authority(authority)
    named = None if text.strip().casefold() == ALL else Quarter.parse_span(text)
    return quarters_told(warehouse, authority, named)


def read_published(paths: Sequence[Path], authority: str, quarters: Sequence[Quarter]) -> dict[Quarter, pl.DataFrame]:
    """The authority's row of each of MHCLG's workbooks, by its quarter: one row per cell (``published.TIDY_SCHEMA``).

    Raises:
        UsageError: a workbook is of none of the quarters.
        InputError: a file is no such workbook, or does not list the authority.
    """
    found = {}
    for path in paths:
        book = read_workbook(path)
        quarter = Quarter.parse(book.quarter)
        if quarter not in quarters:
            raise UsageError(
                f"The workbook {path.name} is of {quarter}, {quarter.words}, for which no tables are made here. Leave"
                " it out, or name that quarter with --quarter."
            )
        found[quarter] = published_row(book, authority, quarter)
    return found


@dataclass(frozen=True)
class OfQuarter:
    """What was made of one quarter."""

    quarter: Quarter
    run: str
    """Which run it comes from, for the user."""
    remarks: tuple[str, ...]
    paths: tuple[Path, ...]


def write_each(
    warehouse: Place,
    authority: str,
    quarters: Sequence[Quarter],
    folder: Callable[[Quarter], Path],
    *,
    projections: Projections | None = None,
    published: Mapping[Quarter, pl.DataFrame] | None = None,
    explain: Sequence[str] | None = None,
) -> Iterator[tuple[OfQuarter, TablesOf]]:
    """Write the official tables of each quarter into its folder, and give what was made, quarter by quarter.

    Args:
        warehouse: the file; it is opened for each quarter and let go.
        authority: GSS code.
        quarters: as ``choose`` gives them.
        folder: where a quarter's files go.
        projections: households in area, for the rates.
        published: MHCLG's figures of a quarter, to stand beside ours in the workbooks (``read_published``).
        explain: tables whose cases are listed in ``explain.csv`` and ``.xlsx``, all where empty; None: no such files.

    Raises:
        UsageError: a quarter has no table of that name.
        InputError: the file cannot be read or holds no run of the authority.
    """
    for quarter in quarters:
        if kept := kept_quarter(warehouse, authority, quarter):
            made = tables_kept(kept)
            yield OfQuarter(quarter, kept.words, (), tuple(lay_down(made, folder(quarter)))), made
            continue
        with open_quarter(warehouse, authority, quarter, as_signed=True) as opened:
            con = opened.connection
            behind = None if explain is None else explanation(con, explain)
            made = tables_of(con, projections, state=opened.state, published=(published or {}).get(quarter))
            with into(folder(quarter)) as new:
                paths = lay_down(made, new)
                if behind is not None:
                    paths += _write_explanation(behind, new, made, authority)
            paths = [folder(quarter) / path.name for path in paths]
            yield OfQuarter(quarter, opened.words, tuple(_remarks(con, quarter)), tuple(paths)), made


def _write_explanation(behind: pl.DataFrame, folder: Path, made: TablesOf, authority: str) -> list[Path]:
    paths = [folder / "explain.csv", folder / "explain.xlsx"]
    behind.write_csv(paths[0], quote_style="necessary")
    quarter = made.internal["quarter"][0]
    about = made.about
    book = explain_book(behind, quarter=quarter, state=about.state, la_code=authority, as_at=about.as_at)
    write_xlsx(book, paths[1])
    return paths


def _remarks(con: duckdb.DuckDBPyConnection, quarter: Quarter) -> Iterator[str]:
    if layout_of(con).is_assumed:
        yield f"The columns of {quarter} are not known yet: those of the last known quarter are used."
    row = con.execute(
        "select count(*) from events where event_date between ? and ?", [quarter.first_day, quarter.last_day]
    ).fetchone()
    if row == (0,):
        yield (
            f"Nothing in that run is dated in {quarter} ({quarter.words}): if the export does not reach back so far,"
            " the tables count too little. Use an export that holds the cases of that quarter."
        )


def write_together(made: Sequence[TablesOf], out: Path) -> list[Path]:
    """Write the cells of all quarters under each other into ``out``: ``official.csv`` and ``official_internal.csv``.

    One row per quarter, table, column and measure, in the form of each quarter's own files.
    """
    with into(out) as new:
        write_tidy(pl.concat([each.shown for each in made]), new / "official.csv")
        write_tidy(pl.concat([each.marked for each in made]), new / "official_internal.csv")
    return [out / "official.csv", out / "official_internal.csv"]
