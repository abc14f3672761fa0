"""What temporary accommodation costs is one amount, to the penny, wherever it is asked for."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipelines import shown
from pipelines.errors import InputError
from pipelines.finance.cost.build import CostFiles
from pipelines.finance.mart.relations import COSTS, read_mart
from pipelines.finance.mart.run import open_run
from pipelines.metrics import foi
from pipelines.metrics.costs import write_costs
from pipelines.metrics.editions import Edition
from pipelines.metrics.emit import prepare_metrics
from pipelines.report import Report
from pipelines.report.blocks import Quoted
from pipelines.run.inputs import made_from
from pipelines.run.request import Request
from pipelines.run.run import make
from pipelines.warehouse.quarter import open_quarter
from tests.one_answer.conftest import AUTHORITY, FINANCE, QUARTER, ROOT, Ran

BASIS = "rates of rates.csv, else rates of the export; caps by lha_2011.csv and ceilings.csv"
MONTHS = {date(2025, month, 1): f"2025-{month:02}" for month in (7, 8, 9)}
Amounts = dict[tuple[str, str], Decimal]
"""By amount (gross, net) and month."""


def of_months(frame: pl.DataFrame) -> Amounts:
    months = frame.filter(pl.col("ta_type") == "all", pl.col("first_day").is_in([str(day) for day in MONTHS]))
    return {
        (name, row["first_day"][:7]): Decimal(row[name])
        for row in months.iter_rows(named=True)
        for name in ("gross", "net")
    }


@pytest.fixture(scope="module")
def told(ran: Ran) -> Amounts:
    """The amounts of the run."""
    return of_months(ran.metric("cost_type_month"))


def test_the_run_charges_by_the_files_it_was_given(ran: Ran, told: Amounts) -> None:
    assert set(ran.metric("cost_type_month")["basis"]) == {BASIS}
    # The sample's only household in bed and breakfast: £58 for each of its 8 nights (data/sample/finance/rates.csv).
    row = ran.metric("cost_type_month").filter(ta_type="bb", first_day="2025-09-01").row(0, named=True)
    assert (row["placement_nights"], row["gross"]) == ("8", "464.00")
    assert len(told) == 6


def test_hclic_cost_gives_the_amounts_of_the_run_in_files_of_the_same_names(
    ran: Ran, told: Amounts, tmp_path: Path
) -> None:
    written = write_costs(ran.warehouse, AUTHORITY, QUARTER, tmp_path, CostFiles())
    assert written.basis == BASIS
    names = {path.stem for path, _ in written.files}
    assert names - {path.stem for path in (ran.folder / "metrics").glob("*.csv")} == {"cost_what_if_month"}
    for name in sorted(names - {"cost_what_if_month"}):
        assert (tmp_path / f"{name}.csv").read_text() == (ran.folder / "metrics" / f"{name}.csv").read_text(), name
    assert of_months(pl.read_csv(tmp_path / "cost_type_month.csv", infer_schema=False)) == told
    sheet = openpyxl.load_workbook(written.workbook)["Months"]
    assert BASIS in sheet["A3"].value
    head, *rows = ([cell.value for cell in row] for row in sheet[sheet.tables["table_months"].ref])
    shown_there = [dict(zip(head, row, strict=True)) for row in rows]
    assert {
        (name, f"{row['Month']:%Y-%m}"): Decimal(f"{row[name.capitalize()]:.2f}")
        for row in shown_there
        for name in ("gross", "net")
        if row["Type of accommodation"] == "All types" and row["Month"].date() in MONTHS
    } == told


def test_an_answer_to_a_request_for_information_gives_the_amounts_of_the_run(ran: Ran, told: Amounts) -> None:
    asked = foi.answer(ran.warehouse, min(MONTHS), max(MONTHS), internal=True).frame
    found = {
        (name, month): Decimal(value)
        for name, item in (("gross", "Gross spend"), ("net", "Net spend"))
        for month, value in asked.filter(item=item).select("month", "value").iter_rows()
    }
    assert found == told
    assert all(f"Basis: {BASIS}." in words for words in asked.filter(unit="£")["definition"])


def test_an_answer_that_leaves_names_its_basis_without_the_name_of_a_file(ran: Ran) -> None:
    asked = foi.answer(ran.warehouse, min(MONTHS), max(MONTHS)).frame
    words = set(asked.filter(unit="£")["definition"].str.extract(r"Basis: (.*)\.$"))
    assert words == {"a rates file, else rates of the export"}


def test_the_mart_gives_the_amounts_of_the_run(ran: Ran, told: Amounts) -> None:
    with open_run(ran.warehouse, AUTHORITY, QUARTER) as opened:
        costs = pl.DataFrame(read_mart(opened.connection, key=None, names=[COSTS])[COSTS])
    assert set(costs["basis"]) == {BASIS}
    sums = costs.filter(pl.col("month").is_in(list(MONTHS))).group_by("month").agg(pl.col("gross", "net").sum())
    assert {(name, MONTHS[row["month"]]): row[name] for row in sums.to_dicts() for name in ("gross", "net")} == told


def test_the_dashboard_shows_the_amount_of_the_run_and_names_its_basis(ran: Ran, told: Amounts) -> None:
    quarter = shown.money(sum(amount for (name, _), amount in told.items() if name == "gross"))
    page = (ran.folder / "metrics" / "dashboard.html").read_text(encoding="utf-8")
    assert quarter in page
    assert BASIS in page
    shared = (ran.folder / "metrics" / "dashboard_shareable.html").read_text(encoding="utf-8")
    assert "rates.csv" not in shared
    assert quarter not in shared or "a rates file, else rates of the export" in shared


def test_the_report_names_the_basis_of_its_costs(ran: Ran) -> None:
    with open_quarter(ran.warehouse, AUTHORITY, QUARTER) as opened:
        prepare_metrics(opened.connection)
        for is_internal, basis in ((True, BASIS), (False, "a rates file, else rates of the export")):
            made = Report(Edition(opened.connection, is_internal), state=opened.state, charts=False)
            assert Quoted(f"Costs rest on {basis}.") in made.document.blocks


def test_the_lines_of_ro4_are_the_year_of_the_same_amounts_in_thousands(ran: Ran) -> None:
    years = ran.metric("cost_type_year").filter(pl.col("first_day") == "2025-04-01")
    lines = ran.metric("cost_ro4").filter(pl.col("financial_year") == "2025-26", pl.col("line_no").cast(int) <= 6)
    in_thousands = sum(int(value) for value in lines["gross_thousands"])
    (whole,) = years.filter(ta_type="all")["gross"]
    # Six lines, each rounded to a thousand by itself.
    assert abs(Decimal(in_thousands) - Decimal(whole) / 1000) <= 3


def test_to_try_out_other_rates_is_a_what_if_and_says_so_in_every_row(ran: Ran, tmp_path: Path) -> None:
    rates = tmp_path / "dearer.csv"
    rates.write_text("ta_type,rate\nnightly,99.00\n", encoding="utf-8")
    written = write_costs(ran.warehouse, AUTHORITY, QUARTER, tmp_path / "out", CostFiles(rates=rates))
    assert written.basis.startswith("what if: rates of dearer.csv")
    for path, rows in written.files:
        frame = pl.read_csv(path, infer_schema=False)
        if {"gross", "gross_thousands", "gross_per_night"} & set(frame.columns):
            assert rows == 0 or set(frame["basis"]) == {written.basis}, path.name


def test_the_ledger_and_the_warehouse_keep_the_files(ran: Ran) -> None:
    beside = {one["what"]: (one["name"], one["sha256"]) for one in ran.ledger["files_beside"]}
    for kind, name in (("rates", "rates.csv"), ("lha", "lha_2011.csv"), ("ceilings", "ceilings.csv")):
        assert beside[kind] == (name, hashlib.sha256((FINANCE / name).read_bytes()).hexdigest())
    with open_run(ran.warehouse, AUTHORITY, QUARTER, costs=False) as opened:
        kept = opened.connection.execute("select kind, content from run_file order by kind").fetchall()
    assert dict(kept)["rates"] == (FINANCE / "rates.csv").read_bytes()


def request(folder: Path, rates: str | None) -> Request:
    typed = {"export": str(ROOT / "tests/golden/one-bad-case-blocks/input"), "authority": AUTHORITY, "source": "native"}
    if rates is not None:
        (folder / "rates.csv").write_text(rates, encoding="utf-8")
        typed["rates"] = str(folder / "rates.csv")
    given = {**typed, "quarter": str(QUARTER), "out": str(folder / "out")}
    return Request.read(given, started=datetime(2025, 10, 8, tzinfo=UTC))


def test_a_run_with_other_rates_is_another_run(tmp_path: Path) -> None:
    digests = [made_from(request(tmp_path, rates)).digest for rates in (None, "rate\n50.00\n", "rate\n51.00\n")]
    assert len(set(digests)) == 3
    assert made_from(request(tmp_path, "rate\n51.00\n")).digest == digests[2]


def test_rates_that_cannot_be_read_stop_the_run_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rates\.csv, row 2, column rate: expected an amount in pounds"):
        make(request(tmp_path, "rate\nfifty\n"))
    assert not (tmp_path / "out").exists()
