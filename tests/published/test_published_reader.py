"""A real workbook is read cell by cell: July to September 2025, kept in data/published."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from pipelines.errors import InputError, UsageError
from pipelines.published.command import published, write_lines, write_tidy
from pipelines.published.figures import TIDY_SCHEMA
from pipelines.published.reader import KEY, edition_of, read_workbook, table_of
from tests.conftest import ROOT, WHOLE_WORKBOOKS
from tests.published.excerpts.chosen import AREAS
from tests.published.workbooks import EXCERPTS, KEPT, every_workbook, name_of, read

THURROCK = "E06000034"
# England, Thurrock, Rutland (often suppressed) and Westminster (partly missing), read by another program.
INDEPENDENT = ROOT / "tests" / "published" / "independent_reading_202509.csv"


def cell(
    frame: pl.DataFrame, table: str, path: str, measure: str = "count", code: str = THURROCK
) -> tuple[object, ...]:
    found = frame.filter(
        (pl.col("la_code") == code)
        & (pl.col("table") == table)
        & (pl.col("column_path") == path)
        & (pl.col("measure") == measure)
    )
    assert found.height == 1, f"{found.height} rows for {table} {path}"
    return found.select("value", "note", "sheet", "cell").row(0)


def test_values_and_addresses_are_those_printed_for_thurrock() -> None:
    tidy = read(KEPT).tidy
    # Read by eye from the workbook: sheets A1 and TA1, row 276; TA7, row 259.
    assert cell(tidy, "A1", "Total initial assessments") == (167, "", "A1", "E276")
    assert cell(tidy, "A1", "Assessed as owed a duty > Homeless - Relief duty owed") == (129, "", "A1", "J276")
    assert cell(tidy, "A1", "Number of households in area (000s)", "thousands")[0] == 71.09
    assert cell(tidy, "TA1", "Total number of households in TA") == (702, "", "TA1", "E276")
    assert cell(tidy, "TA7", "Other/NK > Median (days)", "days") == (541.5, "", "TA7", "K259")


def test_rates_are_not_rounded() -> None:
    rate = cell(read(KEPT).tidy, "A1", "Households assessed as homeless per (000s)", "rate")[0]
    assert rate == pytest.approx(129 / 71.09, abs=1e-9)


def test_a_suppressed_cell_is_not_zero() -> None:
    # One household in B&B, so its breakdown is printed as "-" (published-tables.md §2: below 5).
    path = "Bed and breakfast hotels (including shared annexes) > Total with children"
    assert cell(read(KEPT).tidy, "TA1", path) == (None, "suppressed", "TA1", "L276")


def test_a_missing_authority_is_not_zero() -> None:
    # Bournemouth, Christchurch and Poole prints ".." in A1 of this edition.
    assert cell(read(KEPT).tidy, "A1", "Total initial assessments", code="E06000058")[:2] == (None, "missing")


def test_a_value_and_a_note_never_stand_together() -> None:
    tidy = read(KEPT).tidy
    assert tidy.filter(pl.col("value").is_null() == (pl.col("note") == "")).is_empty()


def test_an_old_code_in_one_sheet_joins_the_new_code_of_the_others() -> None:
    # A7 of this edition still prints E08000016 and E08000019 (published-tables.md §2, defect 6).
    tidy = read(KEPT).tidy
    assert tidy.filter(pl.col("la_code").is_in(["E08000016", "E08000019"])).is_empty()
    for code in ("E08000038", "E08000039"):
        rows = tidy.filter(pl.col("la_code") == code)
        assert rows["table"].n_unique() == 38
        assert rows.filter(pl.col("table") == "A7").height == 17


def test_only_authorities_regions_and_england_are_rows() -> None:
    codes = read(KEPT).tidy["la_code"].unique().to_list()
    assert Counter(code[:3] for code in codes if code[:3] in ("E12", "E92")) == {"E12": 9, "E92": 1}
    assert sum(code[:2] == "E0" and code[:3] in ("E06", "E07", "E08", "E09") for code in codes) == 296
    assert len(codes) == 306


def test_an_authority_can_be_asked_for_by_its_old_code() -> None:
    assert read_workbook(KEPT, "E08000016").tidy["la_code"].unique().to_list() == ["E08000038"]


def test_one_authority_has_one_row_per_published_column() -> None:
    book = read_workbook(KEPT, THURROCK)
    assert book.tidy["la_code"].unique().to_list() == [THURROCK]
    assert book.tidy.select("table", "column_path", "measure").rows() == [
        (c.table, c.column_path, c.measure) for c in book.layout.columns
    ]


@pytest.mark.parametrize("path", every_workbook(), ids=name_of)
def test_every_workbook_names_each_cell_once_and_has_exactly_the_columns_of_its_quarter(path: Path) -> None:
    book = read(path)
    assert book.tidy.select(KEY).is_duplicated().sum() == 0
    known = {(c.table, c.column_path, c.measure) for c in book.layout.columns}
    assert set(book.tidy.select("table", "column_path", "measure").unique().rows()) == known
    kinds = {problem.kind for problem in book.problems}
    assert kinds <= {"unknown column", "0% beside a suppressed count, read as suppressed"}, book.problems


@pytest.mark.parametrize("path", every_workbook(), ids=name_of)
def test_counts_are_whole_and_shares_are_fractions_in_every_workbook(path: Path) -> None:
    numbers = read(path).tidy.filter(pl.col("value").is_not_null())
    counts = numbers.filter(pl.col("measure") == "count")["value"]
    assert (counts == counts.floor()).all()
    assert (counts >= 0).all()
    shares = numbers.filter((pl.col("measure") == "percent") & ~pl.col("value").is_between(0, 1))
    # Buckinghamshire prints 125% and 111% in TA2 of 2020-Q2 (synthesis-facts.md §6: 8 wrong cells).
    assert set(shares.select("quarter", "table", "la_code").rows()) <= {("2020-Q2", "TA2", "E06000060")}


@pytest.mark.parametrize("name", AREAS, ids=lambda name: Path(name).stem)
def test_an_excerpt_reads_as_the_rows_of_its_whole_workbook(name: str) -> None:
    whole, excerpt = read(WHOLE_WORKBOOKS / name), read(EXCERPTS / name)
    assert (excerpt.quarter, excerpt.edition) == (whole.quarter, whole.edition)
    assert excerpt.tidy.equals(whole.tidy.filter(pl.col("la_code").is_in(AREAS[name])))
    assert set(excerpt.tidy["la_code"]) <= set(AREAS[name])


def test_the_kept_workbook_reads_as_an_independent_reading_of_it_does() -> None:
    tidy = read(KEPT).tidy
    ours = {(r[0], r[1], r[2]): (r[3], r[4]) for r in tidy.select("la_code", "table", "cell", "value", "note").rows()}
    by_column = {(code, table, address.rstrip("0123456789")): v for (code, table, address), v in ours.items()}
    notes = {"..": "missing", "-": "suppressed", "": "not published"}
    compared = 0
    with INDEPENDENT.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            value, note = by_column[row["la_code"], row["table"], row["col"]]
            raw = row["value_raw"]
            if raw in notes:
                assert (value, note) == (None, notes[raw]), row
            else:
                assert value == pytest.approx(float(raw), rel=1e-9), row
            compared += 1
    assert compared == 3159


@pytest.mark.parametrize(
    ("sheet", "table"),
    [
        ("A1 - Apr-Jun 18", "A1"),
        ("A2R_", "A2R"),
        ("Table A2R", "A2R"),
        ("A1_Initial_assessments", "A1"),
        ("TA9_TA type", "TA9_TATYPE"),
        ("TA9: Out of area", "TA9"),
        ("Table of contents", None),
        ("A2p", "A2P"),
        ("TA4c", "TA4c"),
        ("TA9_TATYPE", "TA9_TATYPE"),
        ("Contents", None),
        ("LA_dropdown_(A1-A12)", None),
        ("'file:///D:/Users/A1'#$A1", None),
    ],
)
def test_a_sheet_is_known_by_its_name_without_suffix(sheet: str, table: str | None) -> None:
    assert table_of(sheet) == table


@pytest.mark.parametrize(
    ("name", "edition"),
    [
        ("DetailedLA_201806.xlsx", "first"),
        ("DetailedLA_202009_REVISED.ods", "revised"),
        ("Detailed_LA_202406__republished_2025-02-27.xlsx", "republished_2025-02-27"),
    ],
)
def test_the_edition_is_what_the_file_name_says(name: str, edition: str) -> None:
    assert edition_of(Path(name)) == edition


def test_an_authority_that_is_not_listed_is_an_input_error() -> None:
    with pytest.raises(InputError):
        read_workbook(KEPT, "E06000999")


@pytest.mark.parametrize("code", ["Thurrock", "E12000006", "06000034"])
def test_what_is_no_authority_code_is_a_usage_error(code: str) -> None:
    with pytest.raises(UsageError):
        read_workbook(KEPT, code)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken"])
def test_a_file_that_is_no_workbook_is_an_input_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.ods"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_workbook(path)


def test_the_csv_has_plain_numbers_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "tidy.csv", tmp_path / "tidy.csv"
    summary = published(KEPT, THURROCK, first)
    published(KEPT, THURROCK, second)
    assert first.read_bytes() == second.read_bytes()
    assert (summary.quarter, summary.areas, summary.cells) == ("2025-Q3", 1, 798)
    with first.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert list(rows[0]) == ["la_code", "quarter", "table", "column_path", "measure", "value", "note", "sheet", "cell"]
    assert rows[0]["value"] == "167"
    assert {row["note"] for row in rows if row["value"] == ""} == {"suppressed"}
    assert not [row for row in rows if "e" in row["value"].lower() or "," in row["value"]]


def test_a_csv_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "tidy.csv"
    out.write_text("old")

    def full(part: Path, data: bytes) -> int:
        with part.open("wb") as handle:
            handle.write(data[:100])
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError):
        published(KEPT, THURROCK, out)
    assert out.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["tidy.csv"]


def test_a_place_below_a_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    with pytest.raises(UsageError, match=r"cells\.csv cannot be written in that folder\."):
        write_tidy(pl.DataFrame(schema=TIDY_SCHEMA), in_the_way / "cells.csv")
    with pytest.raises(UsageError, match=r"headings\.csv cannot be written in that folder\."):
        write_lines([["table"]], in_the_way / "headings.csv")
