"""A warehouse in which authorities have runs with official cells, without their cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.period import Quarter
from pipelines.published.reader import PublishedWorkbook, read_workbook
from pipelines.state import CHECKED, CLEAN, SIGNED_OFF
from pipelines.warehouse import official_cells, requests, sign_offs
from pipelines.warehouse.store import Warehouse
from tests.warehouse.stored import freeze, sections_of

ROOT = Path(__file__).resolve().parents[2]
WORKBOOK = ROOT / "data/published/Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods"
QUARTER = Quarter(2025, 3)
THURROCK, BARKING, CAMDEN, BARNSLEY = "E06000034", "E09000002", "E09000007", "E08000038"


def workbook() -> PublishedWorkbook:
    """The workbook that is in the repository."""
    return read_workbook(WORKBOOK)


def cells_of(book: PublishedWorkbook, code: str, **changed: float) -> pl.DataFrame:
    """What a run of the authority counts: the printed cells, 1 for what is hidden, and no households in the area.

    ``changed``: values by table and first words of the column path, as ``A1_Total_initial=5``.
    """
    counts = ["count", "percent"]
    rows = book.tidy.filter(pl.col("la_code") == code).with_columns(
        value=pl.when(pl.col("measure").is_in(counts)).then(pl.col("value").fill_null(1.0)),
        note=pl.when(pl.col("measure").is_in(counts)).then(pl.lit("")).otherwise(pl.lit("not published")),
    )
    for name, value in changed.items():
        table, words = name.split("_", 1)
        words = words.replace("_", " ")
        is_it = (pl.col("table") == table) & (pl.col("measure") == "count")
        whole = is_it & (pl.col("column_path") == words)
        is_it = whole if rows.filter(whole).height else is_it & pl.col("column_path").str.starts_with(words)
        assert rows.filter(is_it).height == 1, name
        rows = rows.with_columns(value=pl.when(is_it).then(value).otherwise(pl.col("value")))
    return rows.rename({"table": "official_table"}).select(list(official_cells.SCHEMA))


def run(
    warehouse: Warehouse,
    run_id: str,
    authority: str,
    cells: pl.DataFrame | None,
    *,
    result: str = CLEAN,
    quarter: str = "2025-Q3",
    only: str | None = None,
    sections: Mapping[str, pl.DataFrame] | None = None,
    **ledger: Any,
) -> None:
    """One more run of an authority, ended."""
    freeze(warehouse, run_id, dict(sections or sections_of()), authority=authority, quarter=quarter)
    requests.save(warehouse.connection, run_id, {"only": only} if only else {})
    book = {"result": result, **ledger}
    warehouse.keep_ledger(run_id, book, cells=cells)
    warehouse.save_ledger(run_id, book, result)


def sign(warehouse: Warehouse, run_id: str, authority: str) -> None:
    """Have the return of a run signed off."""
    with warehouse.transaction():
        for state in (CHECKED, SIGNED_OFF):
            sign_offs.add_state(
                warehouse.connection,
                authority,
                QUARTER,
                run_id,
                state,
                by="A",
                at=datetime(2025, 11, 1, tzinfo=UTC),
                why=None,
            )
