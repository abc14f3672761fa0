"""From which quarter each column is hidden in print, found in the workbooks and held against ``suppression.csv``."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from pipelines.disclosure.official import of_row
from pipelines.disclosure.thresholds import OFFICIAL_BASE_BELOW
from pipelines.period import Quarter
from pipelines.published.cells import SUPPRESSED
from pipelines.published.headings import FIRST_QUARTER, LAST_KNOWN_QUARTER, Column, in_force, read_data
from tests.conftest import ROOT, WHOLE_WORKBOOKS
from tests.published.excerpts.chosen import WORKBOOKS
from tests.published.workbooks import by_quarter, every_workbook, name_of, read

# The rules themselves are covered by test_official_suppression.
pytestmark = pytest.mark.no_cover

RULES = list(read_data("suppression.csv"))
OUT_OF_DISTRICT = ("TA1", "In TA in another local authority district", "count")
Key = tuple[str, str, str]  # table, column path, measure
HIDDEN, PRINTED = "hidden", "printed"

_DETAILED = re.compile(r"detailed.*20\d{4}.*\.(ods|xlsx)", re.IGNORECASE)


def further_workbooks() -> list[Path]:
    """Whole workbooks that lie beside those that all tests read: another quarter that came to hand is judged too."""
    known = {path.name for path in every_workbook()}
    here = sorted(WHOLE_WORKBOOKS.iterdir()) if WHOLE_WORKBOOKS.is_dir() else []
    return [path for path in here if _DETAILED.search(path.name) and path.name not in known]


# Rows of figures that do not follow the rule, with their source (synthesis-facts §3 and §6).
HIDDEN_THOUGH_NOT_SMALL = {
    ("2018-Q4", "A3", "E09000005"),
    ("2019-Q1", "A3", "E09000005"),
    ("2019-Q3", "A3", "E09000005"),
}
PRINTED_THOUGH_SMALL = {("2020-Q4", "A8")}
ZERO_PER_CENT_OF_A_PRINTED_TOTAL = {"2024-Q1", "2024-Q3", "2024-Q4"}


def key_of(column: Column) -> Key:
    return column.table, column.column_path, column.measure


def said(quarter: str, rules: list[dict[str, str]]) -> set[Key]:
    """Columns that the file hides in a quarter where their base is small."""
    in_force_then = (row for row in rules if in_force(row, quarter))
    return {key_of(column) for row in in_force_then for rule in of_row(row, quarter) for column in rule.hidden}


@cache
def bases(quarter: str) -> dict[Key, Key]:
    """The base of every column that the file hides in any quarter."""
    return {
        key_of(column): key_of(rule.base) for row in RULES for rule in of_row(row, quarter) for column in rule.hidden
    }


def rows_with_base(tidy: pl.DataFrame, quarter: str) -> pl.DataFrame:
    """One row per authority and column that is ever hidden, with whether its base is small (null: not known)."""
    keys = ["table", "column_path", "measure"]
    known = pl.DataFrame(
        [(*column, *base) for column, base in bases(quarter).items()],
        schema=[*keys, *(f"base_{name}" for name in keys)],
        orient="row",
    )
    own = tidy.filter(pl.col("la_code").str.contains("^E0[6-9]"))
    base = own.select("la_code", *(pl.col(name).alias(f"base_{name}") for name in keys), base="value", base_note="note")
    return (
        own.join(known, on=keys)
        .join(base, on=["la_code", *(f"base_{name}" for name in keys)], how="left")
        .with_columns(
            # A base that is hidden itself is small, or there would be no reason to hide it.
            small=pl.when(pl.col("base_note") == SUPPRESSED).then(True).otherwise(pl.col("base") < OFFICIAL_BASE_BELOW)
        )
        .filter(~_is_zero_beside_a_printed_total(quarter))
        .filter(~pl.col("table").is_in([table for when, table in PRINTED_THOUGH_SMALL if when == quarter]))
    )


def _is_zero_beside_a_printed_total(quarter: str) -> pl.Expr:
    zero = (
        (pl.col("measure") == "percent")
        & (pl.col("value") == 0)
        & (pl.col("column_path") == pl.col("base_column_path"))
    )
    return zero & (quarter in ZERO_PER_CENT_OF_A_PRINTED_TOTAL)


def observed(tidy: pl.DataFrame, quarter: str) -> dict[Key, set[str]]:
    """What is printed of each column where its base is small: 'hidden', 'printed' or, against every rule, both."""
    small = rows_with_base(tidy, quarter).filter(
        pl.col("small") & ((pl.col("note") == SUPPRESSED) | pl.col("value").is_not_null())
    )
    found: dict[Key, set[str]] = {}
    for table, path, measure, note in small.select("table", "column_path", "measure", "note").unique().rows():
        found.setdefault((table, path, measure), set()).add(HIDDEN if note == SUPPRESSED else PRINTED)
    return found


def disagreements(seen: Mapping[str, dict[Key, set[str]]], rules: list[dict[str, str]]) -> Iterator[str]:
    """Where print and file differ, and where a column began or ceased to be hidden in another quarter than filed."""
    filed = {quarter: said(quarter, rules) for quarter in quarters_between(min(seen), max(seen))}
    for quarter, columns in sorted(seen.items()):
        for column, states in columns.items():
            if states != {HIDDEN if column in filed[quarter] else PRINTED}:
                yield f"{quarter} {column}: {' and '.join(sorted(states))} in print, not so in the file"
    for column in sorted({column for columns in seen.values() for column in columns}):
        with_it = [quarter for quarter in sorted(seen) if column in seen[quarter]]
        for before, after in pairwise(with_it):
            there = [quarter for quarter in quarters_between(before, after) if column in bases(quarter)]
            changes = [b for a, b in pairwise(there) if (column in filed[a]) != (column in filed[b])]
            if len(changes) != (seen[before][column] != seen[after][column]):
                yield f"{column} between {before} and {after}: the file changes in {changes or 'no quarter'}"


def quarters_between(first: str, last: str) -> list[str]:
    """Both included."""
    quarters = [Quarter.parse(first)]
    while str(quarters[-1]) < last:
        quarters.append(quarters[-1].shift(1))
    return [str(quarter) for quarter in quarters]


def started(rules: list[dict[str, str]], first_quarter: str) -> list[dict[str, str]]:
    """The rules, with the count out of district hidden from another quarter."""
    return [{**row, "valid_from_quarter": first_quarter} if row["base"] == "out_of_district" else row for row in rules]


@pytest.mark.parametrize("path", [*every_workbook(), *further_workbooks()], ids=name_of)
def test_a_workbook_hides_what_the_file_says_and_nothing_else(path: Path) -> None:
    book = read(path)
    rows = rows_with_base(book.tidy, book.quarter)
    hidden = pl.DataFrame(
        sorted(said(book.quarter, RULES)), schema=["table", "column_path", "measure"], orient="row"
    ).with_columns(by_the_file=True)
    rows = book.tidy.filter(pl.col("la_code").str.contains("^E0[6-9]")).join(
        rows.select("la_code", "table", "column_path", "measure", "small"),
        on=["la_code", "table", "column_path", "measure"],
        how="left",
    )
    rows = rows.join(hidden, on=["table", "column_path", "measure"], how="left").with_columns(
        pl.col("by_the_file").fill_null(False)
    )
    in_print = pl.col("note") == SUPPRESSED
    printed = rows.filter(pl.col("by_the_file") & pl.col("small") & pl.col("value").is_not_null())
    assert printed.is_empty(), printed.select("la_code", "table", "column_path", "measure").rows()[:10]
    besides = rows.filter(in_print & ~(pl.col("by_the_file") & pl.col("small").fill_null(True)))
    places = {(book.quarter, *place) for place in besides.select("table", "la_code").unique().rows()}
    assert places <= HIDDEN_THOUGH_NOT_SMALL


def test_each_column_is_hidden_from_the_quarter_in_which_print_begins_to() -> None:
    seen = {quarter: observed(read(path).tidy, quarter) for quarter, path in by_quarter().items()}
    assert seen["2024-Q4"][OUT_OF_DISTRICT] == {PRINTED}
    assert seen["2025-Q2"][OUT_OF_DISTRICT] == {HIDDEN}
    assert list(disagreements(seen, RULES)) == []


def test_each_column_is_hidden_from_the_quarter_in_which_whole_workbooks_begin_to() -> None:
    seen = {quarter: observed(read(WHOLE_WORKBOOKS / name).tidy, quarter) for quarter, name in WORKBOOKS.items()}
    seen["2025-Q3"] = observed(read(by_quarter()["2025-Q3"]).tidy, "2025-Q3")
    chosen = sorted(seen)
    for path in further_workbooks():
        book = read(path)
        for column, states in observed(book.tidy, book.quarter).items():
            seen.setdefault(book.quarter, {}).setdefault(column, set()).update(states)
    assert list(disagreements(seen, RULES)) == []
    # Columns with a change between two workbooks: the per cent of five totals, 1, 2 and 3+ of A3, out of district.
    changed = {
        (column[0], before, after)
        for column in bases(LAST_KNOWN_QUARTER)
        for before, after in pairwise(quarter for quarter in chosen if column in seen[quarter])
        if seen[before][column] != seen[after][column]
    }
    assert changed == {
        ("A3", "2023-Q3", "2024-Q1"),
        ("TA1", "2024-Q4", "2025-Q2"),
        *((table, "2019-Q1", "2021-Q4") for table in ("A5P", "A5R", "P5", "R5", "TA2")),
    }


def test_a_workbook_of_another_quarter_moves_the_beginning() -> None:
    # Were the sheet of April to June 2025 that of January to March, as it was reported to be in this column.
    tidy = read(by_quarter()["2025-Q2"]).tidy.filter(pl.col("table") == "TA1")
    seen = {
        "2024-Q4": observed(read(by_quarter()["2024-Q4"]).tidy, "2024-Q4"),
        "2025-Q1": observed(tidy.with_columns(quarter=pl.lit("2025-Q1")), "2025-Q1"),
    }
    assert list(disagreements(seen, RULES)) == []
    assert list(disagreements(seen, started(RULES, "2025-Q2"))) == [
        f"2025-Q1 {OUT_OF_DISTRICT}: hidden in print, not so in the file",
        f"{OUT_OF_DISTRICT} between 2024-Q4 and 2025-Q1: the file changes in no quarter",
    ]
    assert list(disagreements(seen, started(RULES, "2024-Q4"))) == [
        f"2024-Q4 {OUT_OF_DISTRICT}: printed in print, not so in the file",
        f"{OUT_OF_DISTRICT} between 2024-Q4 and 2025-Q1: the file changes in no quarter",
    ]


def test_fewer_than_five_out_of_district_are_printed_in_every_quarter_to_2024() -> None:
    # tests/forecast/README.md: figures of TA1 from every workbook April 2018 to December 2024.
    with (ROOT / "tests" / "forecast" / "panel_excerpt.csv").open(encoding="utf-8", newline="") as handle:
        printed = [row for row in csv.DictReader(handle) if row["measure"] == "ta_out_of_district" and row["value"]]
    small = {row["quarter"] for row in printed if int(row["value"]) < OFFICIAL_BASE_BELOW}
    assert max(small) == "2024-Q4"
    assert {quarter for quarter in small if OUT_OF_DISTRICT in said(quarter, RULES)} == set()


def test_a_table_hides_in_the_quarters_in_which_the_note_below_it_says_so() -> None:
    path = WHOLE_WORKBOOKS / "notes_all_quarters.csv"
    if not path.is_file():
        pytest.skip("notes_all_quarters.csv of ../shared/published is not here")
    with path.open(encoding="utf-8", newline="") as handle:
        notes = {
            (f"{row['period'][:4]}-Q{int(row['period'][4:]) // 3}", row["table"])
            for row in csv.DictReader(handle)
            if row["marker"] == "-" and "suppressed" in row["note"] and "fewer than 5" in row["note"]
        }
    quarters = sorted({quarter for quarter, _ in notes})
    assert (quarters[0], quarters[-1], len(quarters)) == (FIRST_QUARTER, LAST_KNOWN_QUARTER, 31)
    filed = {(quarter, table) for quarter in quarters for table, _, _ in said(quarter, RULES)}
    # The first edition of April to June 2025 has not the two tables behind TA9; the one published again has. TA8 hides
    # the ages of fewer than five under-18s and does not say so.
    without_a_note = {("2025-Q2", "TA9_TATYPE"), ("2025-Q2", "TA9_HHTYPE")}
    assert filed ^ notes == without_a_note | {(quarter, "TA8") for quarter in ("2025-Q2", "2025-Q3", "2025-Q4")}
