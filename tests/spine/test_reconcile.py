"""Our cells beside the published ones, with the reason of a difference where it can be known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from pipelines.disclosure.official import suppress
from pipelines.emit.tables.build import compute_tables
from pipelines.emit.tables.reconcile import published_row, reconcile
from pipelines.errors import InputError
from pipelines.link.references import empty_map
from pipelines.period import Quarter
from pipelines.synthesise.routes import make_cases
from pipelines.transform import build
from pipelines.warehouse.store import Warehouse

AUTHORITY = "E06000034"
QUARTER = Quarter(2025, 3)
PREVENTION = "Assessed as owed a duty > Threatened with homelessness within 56 days - Prevention duty owed"


@pytest.fixture(scope="module")
def con() -> Iterator[Any]:
    sections = make_cases(
        200, authority=AUTHORITY, neighbour="E09000002", first_day=date(2025, 4, 1), last_day=QUARTER.last_day, seed=3
    )
    sections["main"] = sections["main"].with_columns(
        recorded_date=pl.when(pl.col("assess1").str.starts_with("prevention"))
        .then(date(2025, 12, 1))
        .otherwise("recorded_date")
    )
    with Warehouse(None) as store:
        run = {"run_id": "r", "la_code": AUTHORITY, "quarter": str(QUARTER), "as_at": QUARTER.last_day}
        store.freeze(run, sections, empty_map())
        build(store.connection, run_id="r", la_code=AUTHORITY, quarter=QUARTER, as_at=QUARTER.last_day)
        yield store.connection


def printed(con: Any, edition: str = "first", **changes: float | None) -> Any:
    """A published row equal to ours but for the named A1 or A13 columns."""
    tidy = suppress(compute_tables(con))
    for path, value in changes.items():
        tidy = tidy.with_columns(
            value=pl.when((pl.col("column_path") == path) & (pl.col("measure") == "count"))
            .then(pl.lit(value, dtype=pl.Float64))
            .otherwise("value")
        )
    return SimpleNamespace(tidy=tidy, quarter=str(QUARTER), edition=edition)


def cell(con: Any, book: Any, path: str) -> dict[str, Any]:
    found = reconcile(con, book, authority=AUTHORITY).cells
    return found.filter((pl.col("table") == "A1") & (pl.col("column_path") == path)).to_dicts()[0]


def test_equal_rows_leave_no_difference(con: Any) -> None:
    found = reconcile(con, printed(con), authority=AUTHORITY)
    assert found.compared.filter(pl.col("difference") != 0).height == 0
    assert found.compared.height > 300


def test_a_case_recorded_after_the_cut_off_is_named_as_the_likely_reason(con: Any) -> None:
    ours = cell(con, printed(con), PREVENTION)["ours"]
    row = cell(con, printed(con, **{PREVENTION: ours - 2}), PREVENTION)
    assert row["difference"] == 2
    assert row["reason"].startswith("Recorded after the cut-off of 2025-11-11")  # 30 September + 42 days


def test_a_revised_edition_is_the_reason_when_nothing_else_is(con: Any) -> None:
    path = "Assessed as owed a duty > Homeless - Relief duty owed"
    ours = cell(con, printed(con), path)["ours"]
    row = cell(con, printed(con, edition="revised", **{path: ours + 3}), path)
    assert row["difference"] == -3
    assert "'revised'" in row["reason"]


def test_a_missing_published_cell_is_no_difference_and_no_zero(con: Any) -> None:
    book = printed(con)
    book.tidy = book.tidy.with_columns(
        value=pl.when(pl.col("table") == "A1").then(None).otherwise("value"),
        note=pl.when(pl.col("table") == "A1").then(pl.lit("missing")).otherwise("note"),
    )
    row = cell(con, book, PREVENTION)
    assert row["difference"] is None and row["published"] is None
    assert row["reason"] == "Missing in print"


def test_the_columns_that_print_another_table_are_called_defects(con: Any) -> None:
    book = printed(con, **{"Gender identity the same as sex registered at birth": 1.0})
    found = reconcile(con, book, authority=AUTHORITY).cells
    reasons = found.filter((pl.col("table") == "A13") & (pl.col("difference") != 0))["reason"].to_list()
    assert reasons and all(reason.startswith("Published defect") for reason in reasons)


def test_the_wrong_quarters_workbook_is_refused(con: Any) -> None:
    book = printed(con)
    book.quarter = "2025-Q2"
    with pytest.raises(InputError, match="2025-Q2, not of 2025-Q3"):
        reconcile(con, book, authority=AUTHORITY)


def test_an_abolished_code_in_print_is_found_by_its_successor(con: Any) -> None:
    book = printed(con)
    book.tidy = book.tidy.with_columns(la_code=pl.lit("E08000016"))
    assert published_row(book, "E08000038", QUARTER).height == book.tidy.height
