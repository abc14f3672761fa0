"""Files of ``tables/``: what is hidden, what a workbook says, and that it reads back as it was written."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from lxml import etree

from pipelines.disclosure.official import suppress
from pipelines.emit.tables.build import compute_tables
from pipelines.emit.tables.files import lay_down, tables_of
from pipelines.emit.tables.workbook import About, official_book
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.period import Quarter
from pipelines.published.headings import layout_for
from pipelines.published.reader import read_workbook
from pipelines.state import CLEAN, RunState
from tests.tables.caseload import caseload
from tests.transform.warehouse import LA, built

KEY = ["table", "column_path", "measure"]


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    when = Quarter.parse("2025-Q4")
    with built(quarter=when, **caseload(11, when, 250)) as made:
        yield made


@pytest.fixture(scope="module")
def written(con: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = tables_of(con, state=RunState(CLEAN))
    return {path.name: path for path in lay_down(made, tmp_path_factory.mktemp("tables"))}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_four_files_are_written_in_the_published_order(written: dict[str, Path]) -> None:
    assert sorted(written) == ["official.csv", "official.ods", "official.xlsx", "official_internal.csv"]
    expected = [(c.table, c.column_path, c.measure) for c in layout_for("2025-Q4").columns]
    for name in ("official.csv", "official_internal.csv"):
        assert [(r["table"], r["column_path"], r["measure"]) for r in rows(written[name])] == expected


def test_only_the_internal_file_says_so_and_shows_every_count(written: dict[str, Path]) -> None:
    internal, official = rows(written["official_internal.csv"]), rows(written["official.csv"])
    assert {row["edition"] for row in internal} == {"internal"}
    assert list(official[0]) == ["la_code", "quarter", "table", "column_path", "measure", "value", "note"]
    assert not any(row["note"] == "suppressed" for row in internal)
    assert any(row["note"] == "suppressed" for row in official)


def test_a_count_is_written_plain_and_a_note_leaves_the_value_empty(written: dict[str, Path]) -> None:
    official = rows(written["official.csv"])
    assert [row for row in official if bool(row["value"]) == bool(row["note"])] == []
    counts = [row["value"] for row in official if row["measure"] == "count" and row["value"]]
    assert len(counts) > 100
    assert [count for count in counts if not count.isdigit()] == []


@pytest.mark.parametrize("name", ["official.xlsx", "official.ods"])
def test_a_workbook_reads_back_as_the_csv(written: dict[str, Path], name: str) -> None:
    book = read_workbook(written[name])
    assert book.problems == []
    own = pl.read_csv(written["official.csv"], schema_overrides={"value": pl.Float64, "note": pl.String})
    # Both "not published" and "missing" print as [x].
    own = own.with_columns(pl.col("note").fill_null("").replace("not published", "missing"))
    both = own.join(book.tidy, on=KEY, how="full", coalesce=True)
    assert both.height == own.height
    differing = both.filter(
        (pl.col("note") != pl.col("note_right"))
        | ((pl.col("value").fill_null(-1) - pl.col("value_right").fill_null(-1)).abs() > 1e-9)
    )
    assert differing.select(KEY).rows() == []


@pytest.mark.parametrize("quarter", ["2019-Q2", "2026-Q1"])
def test_the_headings_of_every_layout_are_read_back(tmp_path: Path, quarter: str) -> None:
    """An early layout, and the first one after the last that is known."""
    rows = [
        (LA, quarter, c.table, c.column_path, c.measure, (at % 50 + 1) / (100 if c.measure == "percent" else 1), "")
        for at, c in enumerate(layout_for(quarter).columns)
    ]
    tidy = pl.DataFrame(rows, schema=compute_schema(), orient="row")
    write_xlsx(official_book(tidy, About(date(2026, 4, 1), RunState(CLEAN), 5)), tmp_path / "official.xlsx")
    book = read_workbook(tmp_path / "official.xlsx")
    assert book.problems == []
    assert book.tidy.select(*KEY, "value").sort(KEY).rows() == tidy.select(*KEY, "value").sort(KEY).rows()


def test_the_same_tables_give_the_same_bytes(
    con: duckdb.DuckDBPyConnection, written: dict[str, Path], tmp_path: Path
) -> None:
    again = {path.name: path for path in lay_down(tables_of(con, state=RunState(CLEAN)), tmp_path)}
    assert {name: path.read_bytes() == written[name].read_bytes() for name, path in again.items()} == dict.fromkeys(
        written, True
    )


def parts(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name).decode() for name in file.namelist() if name.endswith(".xml")}


def test_nothing_is_merged_or_hidden_and_every_sheet_with_a_table_is_tagged(written: dict[str, Path]) -> None:
    tables = len(layout_for("2025-Q4").tables)
    xlsx = parts(written["official.xlsx"])
    sheets = [text for name, text in xlsx.items() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == tables + 4
    assert not any("mergeCell" in text or 'hidden="1"' in text for text in sheets)
    assert len([name for name in xlsx if name.startswith("xl/tables/")]) == tables + 3
    content = parts(written["official.ods"])["content.xml"]
    assert "spanned" not in content
    assert 'visibility="collapse"' not in content
    root = etree.fromstring(content.encode())
    ranges = root.findall(".//{urn:oasis:names:tc:opendocument:xmlns:table:1.0}database-range")
    assert len(ranges) == tables + 3


def test_the_cover_says_that_hiding_can_be_undone_and_who_decides_to_publish(written: dict[str, Path]) -> None:
    for name in ("official.xlsx", "official.ods"):
        said = " ".join(parts(written[name]).values())
        assert "can be undone by subtraction" in said
        assert "authority&apos;s own decision" in said or "authority's own decision" in said
        assert "Provisional" in said
        for mark in ("[x]", "[c]", "[z]", "[note 1]"):
            assert mark in said


def test_after_the_last_known_quarter_the_last_layout_is_used_and_said_so(tmp_path: Path) -> None:
    when = Quarter.parse("2026-Q2")
    with built(quarter=when, main=[{"la_code": LA, "case_ref": 1, "application_date": when.first_day}]) as con:
        paths = lay_down(tables_of(con, state=RunState(CLEAN)), tmp_path)
    assert "the last layout that is known" in " ".join(parts(paths[2]).values())
    assert {row["quarter"] for row in rows(paths[0])} == {"2026-Q2"}


def row_of(quarter: str, table: str, base: int, other: int) -> pl.DataFrame:
    """One row of a table: ``base`` in its first column, ``other`` in all others."""
    return pl.DataFrame(
        [
            (LA, quarter, table, c.column_path, c.measure, float(base if c.position == 1 else other), "")
            for c in layout_for(quarter).of(table)
        ],
        schema=compute_schema(),
        orient="row",
    )


def compute_schema() -> dict[str, type[pl.DataType]]:
    from pipelines.emit.tables.build import SCHEMA

    return SCHEMA


def shown(tidy: pl.DataFrame) -> list[int]:
    """Positions that stay shown after suppression."""
    return [at for at, note in enumerate(suppress(tidy)["note"], start=1) if note == ""]


@pytest.mark.parametrize(
    ("quarter", "table", "base", "expected"),
    [
        # Origin: positions of "-" in the twelve workbooks of shared/published.
        ("2025-Q3", "A6", 4, [1]),
        ("2025-Q3", "A6", 5, list(range(1, 21))),
        ("2018-Q2", "A5P", 4, [1, 2]),
        ("2025-Q3", "MD3", 0, [1]),
        ("2025-Q3", "TA5", 3, [1, 2]),
        ("2025-Q3", "TA8", 3, [1]),
        ("2025-Q3", "TA9_TATYPE", 4, [1]),
        ("2025-Q4", "TA9_TATYPE", 4, []),
        ("2025-Q4", "TA9_HHTYPE", 0, []),
        ("2025-Q3", "A1", 0, list(range(1, 12))),
        ("2025-Q3", "TA3", 0, list(range(1, 7))),
        ("2025-Q3", "TA7", 0, list(range(1, 15))),
    ],
)
def test_breakdowns_are_hidden_below_five_as_mhclg_does(
    quarter: str, table: str, base: int, expected: list[int]
) -> None:
    assert shown(row_of(quarter, table, base, base)) == expected


def test_the_number_of_needs_stayed_printed_until_2023() -> None:
    # Origin: A3 prints "-" in columns 7-27 of 202209 and in 4-31 of 202403.
    assert shown(row_of("2022-Q3", "A3", 9, 4)) == [1, 2, 3, 4, 5, 6]
    assert shown(row_of("2024-Q1", "A3", 9, 4)) == [1, 2, 3]


def test_only_the_bed_and_breakfast_block_and_the_out_of_district_count_are_hidden_in_ta1() -> None:
    # Origin: 202509 prints "-" in columns 7-10 and, from 202506, in 21.
    hidden = set(range(7, 11))
    assert set(range(1, 24)) - set(shown(row_of("2024-Q4", "TA1", 90, 4))) == hidden
    assert set(range(1, 24)) - set(shown(row_of("2025-Q3", "TA1", 90, 4))) == hidden | {21}
    assert set(range(1, 38)) - set(shown(row_of("2025-Q3", "TA4c", 90, 4))) == set(range(3, 8))


def test_rates_need_projections(con: duckdb.DuckDBPyConnection) -> None:
    def rate(tidy: pl.DataFrame) -> tuple[float | None, str]:
        return (
            tidy.filter(pl.col("column_path") == "Households assessed as homeless per (000s)")
            .select("value", "note")
            .row(0)
        )

    assert rate(compute_tables(con)) == (None, "not published")
    homeless = compute_tables(con).filter(pl.col("column_path").str.ends_with("Relief duty owed"))["value"][0]
    assert rate(compute_tables(con, {(LA, "2025-Q4"): 50.0})) == (homeless / 50, "")
