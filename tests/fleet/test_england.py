"""The rows of England and its regions: what is added up, what is worked out again, and what stays apart."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.cli import main
from pipelines.emit.tables.build import compute_tables
from pipelines.errors import HeldError, InputError, UsageError
from pipelines.fleet import held
from pipelines.fleet.england.book import england_book
from pipelines.fleet.england.made import England, england, england_of
from pipelines.fleet.england.rows import ENGLAND, shares
from pipelines.fleet.held import COUNTED_AGAIN, KEPT, Held, authorities_of
from pipelines.period import Quarter
from pipelines.place import Lake
from pipelines.published.headings import layout_for
from pipelines.published.reader import PublishedWorkbook
from pipelines.state import CLEAN, DRAFT, RunState
from pipelines.synthesise.routes import make_cases
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.store import StoredRun, Warehouse
from tests.fleet.england_made import (
    BARKING,
    BARNSLEY,
    CAMDEN,
    QUARTER,
    THURROCK,
    WORKBOOK,
    cells_of,
    run,
    sign,
    workbook,
)

LONDON, EAST = "E12000007", "E12000006"
TOTAL = ("A1", "Total initial assessments", "count")
Make = Callable[..., England]


@pytest.fixture(scope="module")
def book() -> PublishedWorkbook:
    return workbook()


@pytest.fixture(scope="module")
def make(book: PublishedWorkbook) -> Make:
    """England of one draft of each authority, by code: its cells, or what ``cells_of`` changes."""

    def made(**given: Any) -> England:
        authorities, frames = [], []
        for code, cells in given.items():
            rows = cells if isinstance(cells, pl.DataFrame) else cells_of(book, code, **cells)
            stored = StoredRun(f"run of {code}", code, QUARTER, QUARTER.last_day, exact=True)
            authorities.append(Held(code, stored, RunState(CLEAN, sign_off=DRAFT), source=KEPT))
            frames.append(rows.select(pl.lit(code).alias("la_code"), pl.all()))
        return england_of(authorities, pl.concat(frames), QUARTER, book)

    return made


def row(rows: pl.DataFrame, area: str, table: str, path: str, measure: str) -> dict[str, Any]:
    found = rows.filter(la_code=area, table=table, measure=measure).filter(pl.col("column_path").str.starts_with(path))
    assert found.height == 1, found["column_path"].to_list()
    return found.to_dicts()[0]


def why(made: England, code: str) -> tuple[bool, str]:
    (one,) = made.authorities.filter(la_code=code).select("is_used", "why").rows()
    return one


def test_a_count_is_the_sum_of_the_authorities_and_of_those_of_each_region(make: Make) -> None:
    made = make(
        **{THURROCK: {"A1_Total_initial": 5}, BARKING: {"A1_Total_initial": 7}, CAMDEN: {"A1_Total_initial": 9}}
    )
    for area, value, authorities, size in ((ENGLAND, 21, 3, 296), (LONDON, 16, 2, 33), (EAST, 5, 1, 45)):
        found = row(made.internal, area, *TOTAL)
        counts = found["value"], found["authorities"], found["authorities_without"]
        assert counts == (value, authorities, size - authorities)


def test_where_no_authority_counts_there_is_no_figure_and_no_0(make: Make) -> None:
    made = make(**{THURROCK: {}})
    found = row(made.internal, LONDON, *TOTAL)
    assert (found["value"], found["note"], found["authorities"]) == (None, "missing", 0)
    assert made.unused.height == 295 and why(made, CAMDEN) == (False, "The warehouse holds nothing of it.")


def test_a_percentage_is_worked_out_from_added_counts(make: Make) -> None:
    few = {"A6_Total_owed": 10, "A6_18-24": 1}
    many = {"A6_Total_owed": 90, "A6_18-24": 59}
    found = row(make(**{THURROCK: few, BARKING: many}).internal, ENGLAND, "A6", "18-24", "percent")
    assert found["value"] == pytest.approx(0.6)


def test_a_rate_stands_on_the_households_that_the_workbook_prints_for_the_same_authorities(
    make: Make, book: PublishedWorkbook
) -> None:
    made = make(
        **{
            THURROCK: {"TA1_Total_number_of_households_in_TA": 100},
            BARKING: {"TA1_Total_number_of_households_in_TA": 500},
        }
    )
    thousands = book.tidy.filter(
        pl.col("la_code").is_in([THURROCK, BARKING]), pl.col("table") == "TA1", pl.col("measure") == "thousands"
    )["value"].sum()
    found = row(made.internal, ENGLAND, "TA1", "Total number of households in TA per", "rate")
    assert found["value"] == pytest.approx(600 / thousands)


def test_a_share_without_a_count_of_its_own_is_worked_out_from_each_exact_share(
    make: Make, book: PublishedWorkbook
) -> None:
    cells = {}
    for code, sent, share in ((THURROCK, 12, 3 / 12), (BARKING, 300, 100 / 300)):
        is_share = (pl.col("official_table") == "TA9") & (pl.col("measure") == "percent")
        cells[code] = cells_of(book, code, TA9_Total_Sent_to_another_local_authority=sent).with_columns(
            value=pl.when(is_share).then(share).otherwise(pl.col("value"))
        )
    found = row(make(**cells).internal, ENGLAND, "TA9", "Percentage sent to the same region", "percent")
    assert found["value"] == pytest.approx(103 / 312)


@pytest.mark.parametrize("quarter", ["2018-Q2", "2020-Q3", "2023-Q3", "2025-Q1", "2025-Q4"])
def test_every_percentage_and_rate_of_a_layout_can_be_worked_out_again(quarter: str) -> None:
    layout = layout_for(quarter)
    found = {one.column: one for one in shares(layout)}
    assert set(found) == {one for one in layout.columns if one.measure in ("percent", "rate")}
    without = [one.column.column_path for one in found.values() if one.above is None]
    assert without == [one.column_path for one in layout.of("TA9") if one.measure == "percent"]


def test_days_are_not_added_up(make: Make) -> None:
    found = make(**{THURROCK: {}, BARKING: {}}).internal.filter(la_code=ENGLAND, measure="days")
    assert found.height == 14
    assert set(found.select("value", "note").rows()) == {(None, "not added up")}


def test_the_gap_is_what_is_published_less_the_published_rows_whatever_is_ours(
    make: Make, book: PublishedWorkbook
) -> None:
    rows = book.tidy.filter(table="A1", column_path=TOTAL[1], measure="count")
    printed = rows.filter(pl.col("la_code").str.contains("^E0[6-9]"))
    (published,) = rows.filter(la_code=ENGLAND)["value"]
    gap = published - printed["value"].sum()
    for cells in ({}, {"A1_Total_initial": 5}):
        found = row(make(**{THURROCK: cells}).internal, ENGLAND, *TOTAL)
        assert (found["published"], found["imputed_gap"]) == (published, gap)
        assert (found["published_authorities"], found["published_missing"]) == (291, 5)


def test_the_difference_is_over_the_authorities_of_which_both_hold_a_number(
    make: Make, book: PublishedWorkbook
) -> None:
    rows = book.tidy.filter(table="A1", column_path=TOTAL[1], measure="count")
    missing = rows.filter(pl.col("note") == "missing")["la_code"][0]
    (printed,) = rows.filter(la_code=THURROCK)["value"]
    made = make(**{THURROCK: {"A1_Total_initial": printed + 3}, missing: {"A1_Total_initial": 50}})
    found = row(made.internal, ENGLAND, *TOTAL)
    assert (found["value"], found["authorities"]) == (printed + 53, 2)
    assert (found["difference"], found["compared"]) == (3, 1)


def test_a_column_that_is_known_to_be_wrong_in_print_says_so(make: Make) -> None:
    rows = make(**{THURROCK: {}}).shown
    assert "prints A12" in row(rows, ENGLAND, "A13", "Gender identity the same", "count")["remark"]
    assert row(rows, ENGLAND, *TOTAL)["remark"] == ""


def test_nothing_that_an_authority_hides_can_be_told_from_what_is_for_sharing(make: Make) -> None:
    """Whatever is hidden in one authority, what is for sharing is the same."""
    small = {"A6_Total_owed": 4, "A6_18-24": 0, "A6_25-34": 4}
    other = small | {"A6_18-24": 4, "A6_25-34": 0}
    large = {"A6_Total_owed": 50, "A6_18-24": 20, "A6_25-34": 30}
    one, two = (make(**{THURROCK: hidden, BARKING: large}) for hidden in (small, other))
    assert not one.internal.equals(two.internal)
    assert one.shown.equals(two.shown) and one.authorities.equals(two.authorities)
    assert england_book(one) == england_book(two)
    found = row(one.shown, ENGLAND, "A6", "18-24", "count")
    assert (found["value"], found["authorities"], found["authorities_suppressed"]) == (20, 1, 1)
    assert row(one.shown, ENGLAND, "A6", "Total owed", "count")["value"] == 54


def test_a_sum_over_one_authority_hides_what_it_hides(make: Make) -> None:
    made = make(**{THURROCK: {"A6_Total_owed": 4, "A6_18-24": 4}})
    found = row(made.shown, ENGLAND, "A6", "18-24", "count")
    assert (found["value"], found["note"], found["authorities"]) == (None, "suppressed", 0)
    assert row(made.internal, ENGLAND, "A6", "18-24", "count")["value"] == 4
    assert set(made.marked["edition"]) == {"internal"}


def test_a_rate_of_which_some_counts_are_hidden_is_hidden(make: Make) -> None:
    """Those that are hidden are hidden for being few: the rate of the others is nobody's."""
    sent = "TA9_Total_Sent_to_another_local_authority"
    made = make(**{THURROCK: {sent: 2}, BARKING: {sent: 300}})
    shown, internal = (row(rows, ENGLAND, "TA9", "Total Sent", "rate") for rows in (made.shown, made.internal))
    assert (shown["value"], shown["note"]) == (None, "suppressed")
    assert internal["value"] > 0


def test_only_runs_whose_return_was_made_count_and_the_signed_one_before_a_later_one(
    tmp_path: Path, book: PublishedWorkbook
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path) as warehouse:
        run(warehouse, "signed", THURROCK, cells_of(book, THURROCK, A1_Total_initial=5))
        sign(warehouse, "signed", THURROCK)
        run(warehouse, "later", THURROCK, cells_of(book, THURROCK, A1_Total_initial=1000))
        run(warehouse, "draft", BARKING, cells_of(book, BARKING, A1_Total_initial=7))
        run(warehouse, "check", BARKING, None, only="check")
        run(warehouse, "blocked", CAMDEN, cells_of(book, CAMDEN), result="blocked", findings={"blocking": 2})
        run(warehouse, "old code", "E08000016", cells_of(book, BARNSLEY, A1_Total_initial=11))
        run(warehouse, "next quarter", "E09000004", cells_of(book, "E09000004"), quarter="2025-Q4")
    made = england(path, QUARTER, book)
    found = row(made.internal, ENGLAND, *TOTAL)
    assert (found["value"], found["authorities"]) == (23, 3)
    assert dict(made.used.select("run_id", "why").rows()) == {
        "signed": "Return signed off.",
        "draft": "Draft return.",
        "old code": "Draft return.",
    }
    assert why(made, CAMDEN) == (False, "Return blocked: not for sharing.")
    assert why(made, "E09000004") == (
        False,
        "No run was made for the quarter; the newest there is was made for 2025-Q4.",
    )
    assert "1 with a return that is signed off, 2 with" in made.words


def test_a_run_from_before_cells_were_kept_is_counted_from_the_sections_that_it_froze(
    tmp_path: Path, book: PublishedWorkbook
) -> None:
    path = tmp_path / "warehouse.duckdb"
    sections = make_cases(
        8, authority=THURROCK, neighbour=BARKING, first_day=date(2025, 7, 1), last_day=date(2025, 9, 30), seed=3
    )
    with Warehouse(path) as warehouse:
        run(warehouse, "older", THURROCK, None, sections=sections)
        run(warehouse, "newer", BARKING, cells_of(book, BARKING, A1_Total_initial=7))
    with open_quarter(path, THURROCK, QUARTER) as opened:
        (counted,) = compute_tables(opened.connection).filter(table="A1", column_path=TOTAL[1])["value"]
    assert counted > 0
    made = england(path, QUARTER, book)
    assert row(made.internal, ENGLAND, *TOTAL)["value"] == counted + 7
    assert dict(made.used.select("run_id", "cells").rows()) == {"older": COUNTED_AGAIN, "newer": KEPT}


def test_authorities_of_a_ducklake_are_opened_in_turn_and_add_up_alike(
    lake: Lake, make: Make, book: PublishedWorkbook
) -> None:
    for code in (THURROCK, BARKING):
        with Warehouse(lake.of(code)) as warehouse:
            run(warehouse, f"run of {code}", code, cells_of(book, code))
    assert authorities_of(lake) == [THURROCK, BARKING]
    found, beside = england(lake, QUARTER, book), make(**{THURROCK: {}, BARKING: {}})
    assert found.internal.equals(beside.internal)
    assert found.authorities.equals(beside.authorities)


def test_in_a_folder_each_authority_has_a_file_of_its_own(tmp_path: Path, make: Make, book: PublishedWorkbook) -> None:
    for code in (THURROCK, BARKING):
        (tmp_path / code).mkdir()
        with Warehouse(tmp_path / code / "warehouse.duckdb") as warehouse:
            run(warehouse, f"run of {code}", code, cells_of(book, code))
    (tmp_path / CAMDEN).mkdir()
    (tmp_path / CAMDEN / "warehouse.duckdb").write_bytes(b"no warehouse")
    found, beside = england(tmp_path, QUARTER, book), make(**{THURROCK: {}, BARKING: {}})
    assert found.internal.equals(beside.internal)
    is_used, reason = why(found, CAMDEN)
    assert not is_used and reason and reason != why(beside, CAMDEN)[1]


def test_an_authority_that_cannot_be_read_just_now_is_not_left_out_of_the_sum(
    tmp_path: Path, book: PublishedWorkbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / THURROCK).mkdir()
    (tmp_path / THURROCK / "warehouse.duckdb").touch()

    def is_held(*_: object) -> None:
        raise HeldError("Another program holds the warehouse.")

    monkeypatch.setattr(held, "_of_part", is_held)
    with pytest.raises(HeldError):
        england(tmp_path, QUARTER, book)


def test_a_warehouse_without_a_return_or_a_workbook_of_another_quarter_is_refused(
    tmp_path: Path, book: PublishedWorkbook
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path):
        pass
    with pytest.raises(InputError, match="whose return was made"):
        england(path, QUARTER, book)
    with pytest.raises(UsageError, match="of 2025-Q3"):
        england(path, Quarter(2025, 4), book)


def test_the_command_writes_its_files_for_their_owner(
    tmp_path: Path, book: PublishedWorkbook, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path) as warehouse:
        run(warehouse, "one", THURROCK, cells_of(book, THURROCK))
    given = ["--warehouse", str(path), "--quarter", "2025-Q3", "--published", str(WORKBOOK), "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["hclic", "fleet", "tables", *given])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "1 of 296 authorities are added up" in said and "295 are in no sum" in said
    folder = tmp_path / "fleet" / "2025-Q3"
    assert sorted(each.name for each in folder.iterdir()) == [
        "authorities.csv",
        "england.csv",
        "england.xlsx",
        "england_internal.csv",
    ]
    with (folder / "england.csv").open(encoding="utf-8", newline="") as file:
        (first, *_) = csv.DictReader(file)
    assert list(first)[:7] == ["la_code", "quarter", "table", "column_path", "measure", "value", "note"]
    with (folder / "authorities.csv").open(encoding="utf-8", newline="") as file:
        used = {each["la_code"]: (each["is_used"], each["result"]) for each in csv.DictReader(file)}
    assert used[THURROCK] == ("yes", "clean") and used[CAMDEN] == ("no", "")
