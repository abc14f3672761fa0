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
from pipelines.published.headings import layout_for
from pipelines.synthesise.routes import make_cases
from pipelines.transform import build
from pipelines.warehouse.store import Warehouse

AUTHORITY = "E06000034"
QUARTER = Quarter(2025, 3)
RELIEF = "Assessed as owed a duty > Homeless - Relief duty owed"
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
    return SimpleNamespace(tidy=tidy, quarter=str(QUARTER), edition=edition, layout=layout_for(str(QUARTER)), unread=[])


def cell(con: Any, book: Any, path: str) -> dict[str, Any]:
    found = reconcile(con, book, authority=AUTHORITY).cells
    return found.filter((pl.col("table") == "A1") & (pl.col("column_path") == path)).to_dicts()[0]


def test_equal_rows_leave_no_difference(con: Any) -> None:
    found = reconcile(con, printed(con), authority=AUTHORITY)
    assert found.differing.height == 0 and found.cases.height == 0
    assert found.compared.height > 300


def test_a_single_figure_that_contradicts_its_row_is_a_defect_whatever_the_edition(con: Any) -> None:
    ours = cell(con, printed(con), RELIEF)["ours"]
    row = cell(con, printed(con, edition="revised", **{RELIEF: ours + 3}), RELIEF)
    assert row["difference"] == -3 and row["left"] == 0
    assert row["reason_kind"] == "published defect"


def test_an_edition_is_named_once_and_explains_no_cell(con: Any) -> None:
    children = "Total number of children in TA"
    book = printed(con, edition="revised", **{children: 1000.0})
    found = reconcile(con, book, authority=AUTHORITY)
    assert found.differing["reason_kind"].to_list() == ["unknown"]
    assert found.differing["left"].to_list() == found.differing["difference"].to_list()
    assert found.summary().count("figures may have been revised") == 1


def test_a_missing_published_cell_is_no_difference_and_no_zero(con: Any) -> None:
    book = printed(con)
    book.tidy = book.tidy.with_columns(
        value=pl.when(pl.col("table") == "A1").then(None).otherwise("value"),
        note=pl.when(pl.col("table") == "A1").then(pl.lit("missing")).otherwise("note"),
    )
    row = cell(con, book, PREVENTION)
    assert row["difference"] is None and row["published"] is None
    assert row["reason"] == "Missing in print"


def test_a_column_that_was_not_read_is_no_difference_and_is_said_in_one_sentence(con: Any) -> None:
    book = printed(con)
    unread = [column for column in book.layout.of("A1") if column.column_path == PREVENTION]
    book.tidy = book.tidy.filter((pl.col("table") != "A1") | (pl.col("column_path") != PREVENTION))
    book.layout, book.unread = SimpleNamespace(is_assumed=True), unread
    found = reconcile(con, book, authority=AUTHORITY)
    row = found.cells.filter((pl.col("table") == "A1") & (pl.col("column_path") == PREVENTION)).to_dicts()[0]
    assert row["ours"] > 0 and row["difference"] is None and row["published_note"] == "not read"
    assert row["reason"].startswith("Not read")
    assert "1 column of the workbook could not be read and is not compared. Run hclic published" in found.summary()
    assert found.differing.height == 0


def test_the_columns_that_print_another_table_are_called_defects_where_the_row_shows_it(con: Any) -> None:
    copied = {"same as": "Prefer not to say", "different from": "Homosexual (Gay/Lesbian)"}
    book = printed(con)
    value = pl.col("value")
    for what, path in copied.items():
        other = book.tidy.filter(pl.col("table") == "A12", pl.col("measure") == "count", column_path=path)["value"][0]
        is_it = (pl.col("table") == "A13") & pl.col("column_path").str.contains(what, literal=True)
        value = pl.when(is_it).then(pl.lit(other)).otherwise(value)
    book.tidy = book.tidy.with_columns(value.alias("value"))
    found = reconcile(con, book, authority=AUTHORITY).differing
    assert set(found["table"]) == {"A13"} and set(found["reason_kind"]) == {"published defect"}


def test_a_column_that_others_print_wrong_is_no_defect_where_this_row_does_not_show_it(con: Any) -> None:
    book = printed(con, **{"Gender identity the same as sex registered at birth": 1.0})
    found = reconcile(con, book, authority=AUTHORITY).differing
    assert "prints A12" not in " ".join(found["reason"])


def test_the_wrong_quarters_workbook_is_refused(con: Any) -> None:
    book = printed(con)
    book.quarter = "2025-Q2"
    with pytest.raises(InputError, match="2025-Q2, not of 2025-Q3"):
        reconcile(con, book, authority=AUTHORITY)


def test_an_abolished_code_in_print_is_found_by_its_successor(con: Any) -> None:
    book = printed(con)
    book.tidy = book.tidy.with_columns(la_code=pl.lit("E08000016"))
    assert published_row(book, "E08000038", QUARTER).height == book.tidy.height
