"""What temporary accommodation costs, as a workbook: pounds as pounds, months as months, nothing left empty."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import polars as pl
import pytest

from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.finance.cost.book import SHEETS, cost_book
from pipelines.period import Quarter
from pipelines.state import BLOCKED, RunState

STATE = RunState(BLOCKED, 3)
FRAMES = {
    "cost_type_year": pl.DataFrame(
        {
            "first_day": [date(2025, 4, 1)] * 2,
            "ta_type": ["all", "bb"],
            "placement_nights": [40, 10],
            "gross": [Decimal("1234.50"), None],
            "basis": ["rates of rates.csv"] * 2,
        }
    ),
    "cost_type_month": pl.DataFrame(
        {"first_day": [date(2025, 9, 1)], "ta_type": ["bb"], "gross": [Decimal("0.00")], "basis": ["x"]}
    ),
    "cost_missing": pl.DataFrame(schema={"missing": pl.String, "ta_type": pl.String, "nights": pl.Int64}),
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("cost") / "cost.xlsx"
    book = cost_book(
        FRAMES,
        basis="rates of rates.csv",
        missing=["Missing rate: 10 nights."],
        state=STATE,
        la_code="E06000034",
        quarter=Quarter(2025, 3),
        as_at=date(2025, 9, 30),
    )
    write_xlsx(book, path)
    return openpyxl.load_workbook(path)


def test_each_relation_has_its_sheet_and_none_is_there_for_one_that_was_not_made(seen: Any) -> None:
    assert seen.sheetnames == ["Cover", "Contents", *(SHEETS[name].name for name in SHEETS if name in FRAMES)]


def test_every_sheet_says_how_the_run_stands_and_what_the_amounts_rest_on(seen: Any) -> None:
    for sheet in seen:
        if sheet.title != "Contents":
            assert sheet["A2"].value == STATE.sentence, sheet.title
            assert "Basis: rates of rates.csv." in sheet["A3"].value, sheet.title


def test_amounts_are_pounds_and_what_is_not_known_says_so(seen: Any) -> None:
    head, *rows = seen["Years"][seen["Years"].tables["table_years"].ref]
    assert [cell.value for cell in head] == ["Financial year", "Type of accommodation", "Placement nights", "Gross"]
    assert [[cell.value for cell in row] for row in rows] == [
        ["2025-26", "All types", 40, 1234.5],
        ["2025-26", "B&B or shared annex", 10, "[x]"],
    ]
    assert rows[0][3].number_format == "£#,##0.00"


def test_a_month_is_a_day_to_reckon_with_and_reads_as_a_month(seen: Any) -> None:
    cell = seen["Months"][seen["Months"].tables["table_months"].ref][1][0]
    assert (cell.value, cell.number_format) == (datetime(2025, 9, 1), "mmmm yyyy")  # noqa: DTZ001 - openpyxl's own


def test_a_relation_without_a_row_says_so_instead_of_an_empty_table(seen: Any) -> None:
    assert not seen["Missing"].tables
    assert seen["Missing"]["A5"].value == "There is no such row. This worksheet has no table."


def test_what_is_missing_stands_on_the_cover(seen: Any) -> None:
    said = [cell.value for cell in seen["Cover"]["A"]]
    assert said[said.index("What is missing") + 1] == "Missing rate: 10 nights."
