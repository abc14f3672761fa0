"""Two consecutive quarters of one caseload: who stays is the same household, and both published rows are met."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

from pipelines.errors import InputError, UsageError
from pipelines.period import Quarter
from pipelines.synthesise import Synthetic, synthesise, synthetic
from pipelines.synthesise.cells import read_sheet
from tests.published.excerpts.chosen import ADJACENT, CONTINUED, THURROCK
from tests.synthesise.caseload import errors, match, row_of, tidy

RUTLAND = "E06000017"
PAIRS = [(*pair, authority) for pair in ADJACENT for authority in CONTINUED[pair]]
# Printed cells that one caseload over both quarters does not give (seed 1). 2020: MD3 parts of Eastbourne and A8
# White of Birmingham, contradictory within their quarter. 2024-Q1: A2P, A2R and A3 totals are known defects. 2025:
# medians and means of types whose households moved to another type between the quarters.
MISSED = {
    ("2020-Q2", "2020-Q3"): 2,
    ("2024-Q1", "2024-Q2"): 5,
    ("2025-Q2", "2025-Q3"): 2,
}


@cache
def made(first: str, second: str, authority: str) -> Synthetic:
    return synthesise([row_of(first, authority), row_of(second, authority)], authority, seed=1)


def in_stock(sections: dict[str, pl.DataFrame], quarter: str) -> set[str]:
    last = Quarter.parse(quarter).last_day
    placed = sections["temporary_accommodation"]
    is_there = (pl.col("entry_date") <= last) & (pl.col("exit_date").is_null() | (pl.col("exit_date") > last))
    return set(placed.filter(is_there & (pl.col("ta_type") != "own"))["case_ref"])


@pytest.mark.parametrize(("first", "second", "authority"), PAIRS)
def test_both_rows_are_met_or_the_cell_is_named(first: str, second: str, authority: str) -> None:
    both = made(first, second, authority)
    for quarter in (first, second):
        found = match(both, row_of(quarter, authority), Quarter.parse(quarter))
        assert not found.unexplained, "\n".join(found.unexplained)


@pytest.mark.parametrize("pair", ADJACENT)
def test_few_cells_are_missed(pair: tuple[str, str]) -> None:
    missed = [
        f"{authority} {row['quarter']} {row['table']} {row['column_path']}: {row['published']:g}, {row['reached']:g}"
        for *quarters, authority in PAIRS
        if tuple(quarters) == pair
        for row in made(*pair, authority).clashes.iter_rows(named=True)
    ]
    assert len(missed) <= MISSED[pair], "\n".join(missed)


@pytest.mark.parametrize(("first", "second", "authority"), PAIRS)
def test_households_stay_leave_and_arrive(first: str, second: str, authority: str) -> None:
    sections = made(first, second, authority).sections
    before, after = in_stock(sections, first), in_stock(sections, second)
    first_day = Quarter.parse(second).first_day
    entered = sections["temporary_accommodation"].group_by("case_ref").agg(pl.col("entry_date").min())
    new = set(entered.filter(pl.col("entry_date") >= first_day)["case_ref"])
    assert after - before <= new
    for stock, quarter in ((before, first), (after, second)):
        printed = read_sheet(row_of(quarter, authority), authority).count("TA1", "Total number of households in TA")
        # Birmingham's stock of 2020 is not printed; every other one is.
        not_printed = authority == "E08000025" and printed is None
        assert not_printed or len(stock) == printed
    assert before - after and after - before, "some leave and some arrive"


@pytest.mark.parametrize(("first", "second", "authority"), [pair for pair in PAIRS if pair[2] != RUTLAND])
def test_most_households_stay(first: str, second: str, authority: str) -> None:
    sections = made(first, second, authority).sections
    before, after = in_stock(sections, first), in_stock(sections, second)
    # Birmingham prints 3,291 and then 2,236 households in 2020: no more can stay than there are afterwards.
    assert len(before & after) > min(len(before), len(after)) / 2 > 50


@pytest.mark.parametrize(("first", "second", "authority"), [p for p in PAIRS if p[2] in {THURROCK, RUTLAND}])
def test_our_own_rules_find_no_error_over_two_quarters(first: str, second: str, authority: str) -> None:
    found = errors(made(first, second, authority))
    assert found.is_empty(), found.head(10)


def test_duties_opened_in_the_first_quarter_end_in_the_second() -> None:
    first, second, authority = PAIRS[0]
    sections = made(first, second, authority).sections
    ends = sections["relief"].join(sections["main"].select("case_ref", "assess_date"), on="case_ref")
    quarter = Quarter.parse(second)
    carried = ends.filter(
        (pl.col("assess_date") < quarter.first_day)
        & (pl.col("assess_date") >= Quarter.parse(first).first_day)
        & (pl.col("relief_end") >= quarter.first_day)
    )
    assert carried.height > 5


def test_quarters_must_follow_each_other() -> None:
    row = row_of("2025-Q3", THURROCK)
    with pytest.raises(UsageError):
        synthesise([row, row], THURROCK, seed=1)


def test_more_quarters_with_durations_need_the_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthetic, "is_installed", lambda: False)
    row = row_of("2025-Q2", RUTLAND)
    names = ("2025-Q2", "2025-Q3", "2025-Q4")
    with pytest.raises(UsageError, match="3 quarters were given"):
        synthesise([row.with_columns(quarter=pl.lit(name)) for name in names], RUTLAND, seed=1)


@pytest.mark.parametrize(
    "quarters",
    [
        {"2023-Q4": "2024-Q1", "2024-Q1": "2024-Q1", "2024-Q2": "2024-Q2", "2024-Q3": "2024-Q2"},
        {"2025-Q1": "2025-Q2", "2025-Q2": "2025-Q2", "2025-Q3": "2025-Q3"},
    ],
    ids=["four-without-durations", "three-of-which-two-with"],
)
def test_rows_of_more_quarters_are_met(quarters: dict[str, str]) -> None:
    """Workbooks of so many quarters in a row are not at hand: one of the same layout stands for another quarter."""
    rows = [row_of(of, THURROCK).with_columns(quarter=pl.lit(name)) for name, of in quarters.items()]
    together = synthesise(rows, THURROCK, seed=1)
    for row, name in zip(rows, quarters, strict=True):
        found = match(together, row, Quarter.parse(name))
        in_stock_tables = [text for text in [*found.listed, *found.unexplained] if text.split()[2].startswith("TA")]
        assert not in_stock_tables, "\n".join(in_stock_tables)


def test_an_authority_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError):
        synthesise([tidy("2025-Q3").filter(pl.col("la_code") == "E06000034")], "E09000025", seed=1)
