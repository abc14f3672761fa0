"""Printed figures that others bound: families, bed and breakfast, out of area, and the support needs of A3."""

from __future__ import annotations

from itertools import combinations, product

import polars as pl
import pytest

from pipelines.published.degrees import fits, households_with_three_or_more
from pipelines.published.headings import layout_for
from pipelines.published.identities import Identity, Kind, check_identities, identities_for, known_defects
from tests.published.workbooks import KEPT, by_quarter, read

NEEDS = "A3: households with 3+ needs beside each need"


def violations(quarter: str) -> set[tuple[str, str, int, str, int]]:
    book = read(by_quarter()[quarter])
    found = check_identities(book.tidy, book.edition)
    return set(found.select("identity", "la_code", "printed", "must_be", "sum").rows())


# Figures of the workbooks; contradictions and the largest of their kind as in synthesis-facts §1.2.
DOCUMENTED = [
    ("2018-Q2", "TA1 families as in TA2", "E09000002", 1704, "at most", 1043),  # Barking and Dagenham: 661 above
    ("2020-Q2", "TA1 families as in TA2", "E09000006", 1089, "at least", 1498),  # Bromley: 409 below
    ("2020-Q3", "TA1: families in B&B by subtraction", "E07000095", 124, "at least", 126),  # Broxbourne
    ("2018-Q2", NEEDS, "E09000024", 0, "at least", 1),  # Merton
    ("2019-Q1", NEEDS, "E09000006", 1, "at least", 3),  # Bromley
]


@pytest.mark.parametrize(
    ("quarter", "identity", "authority", "printed", "must_be", "bound"), DOCUMENTED, ids=lambda value: str(value)
)
def test_a_documented_contradiction_is_found_in_print(
    quarter: str, identity: str, authority: str, printed: int, must_be: str, bound: int
) -> None:
    assert (identity, authority, printed, must_be, bound) in violations(quarter)


def test_no_figure_printed_since_october_2021_is_outside_its_bounds() -> None:
    # synthesis-facts §1.4; 2020-Q3 is the last workbook here in which some are.
    bounded = {i.name for quarter in by_quarter() for i in identities_for(quarter) if i.kind is not Kind.EQUAL}
    outside = known_defects().filter(pl.col("identity").is_in(sorted(bounded)))
    assert outside["quarter"].unique().sort().to_list() == ["2018-Q2", "2019-Q1", "2020-Q2", "2020-Q3"]


def one_authority() -> dict[tuple[str, str], int]:
    """Newham in July to September 2025, where hardly anything is hidden."""
    rows = read(KEPT).tidy.filter((pl.col("la_code") == "E09000025") & (pl.col("measure") == "count"))
    return {(t, p): int(v) for t, p, v in rows.select("table", "column_path", "value").rows() if v is not None}


def test_every_bound_is_seen_where_a_figure_leaves_it() -> None:
    figures = one_authority()
    cases: list[tuple[Identity, str, int, int]] = []
    for identity in identities_for("2025-Q3"):
        if identity.kind is Kind.EQUAL or not figures.keys() >= set(identity.refs):
            continue
        low, high = identity.bounds(figures)
        cases += [(identity, "at least", low - 1, low)] if low else []
        cases += [(identity, "at most", high + 1, high)] if high is not None else []
    assert {(i.kind, must_be) for i, must_be, *_ in cases} == {
        (Kind.AT_LEAST, "at least"),
        (Kind.AT_MOST, "at most"),
        *((kind, must_be) for kind in (Kind.BETWEEN, Kind.DEGREES) for must_be in ("at least", "at most")),
    }
    # One invented authority for each: Newham, but for that figure.
    tidy = pl.DataFrame(
        [
            (f"E069{at:05}", table, path, float(printed if (table, path) == identity.printed else value))
            for at, (identity, _, printed, _) in enumerate(cases)
            for (table, path), value in figures.items()
        ],
        schema=["la_code", "table", "column_path", "value"],
        orient="row",
    ).with_columns(quarter=pl.lit("2025-Q3"), measure=pl.lit("count"))
    found = set(check_identities(tidy).select("la_code", "identity", "printed", "must_be", "sum").rows())
    wanted = {
        (f"E069{at:05}", identity.name, printed, must_be, bound)
        for at, (identity, must_be, printed, bound) in enumerate(cases)
    }
    assert wanted - found == set()


def test_a_bound_of_which_one_figure_is_hidden_says_nothing() -> None:
    figures = one_authority()
    identity = next(i for i in identities_for("2025-Q3") if i.name == "TA1 families as in TA2")
    *_, other = identity.refs
    tidy = pl.DataFrame(
        [
            (*ref, None if ref == other else 0.0 if ref == identity.printed else float(figures[ref]))
            for ref in identity.refs
        ],
        schema={"table": pl.String, "column_path": pl.String, "value": pl.Float64},
        orient="row",
    ).with_columns(la_code=pl.lit("E09000025"), quarter=pl.lit("2025-Q3"), measure=pl.lit("count"))
    assert check_identities(tidy).is_empty()
    assert check_identities(tidy.with_columns(pl.col("value").fill_null(0)))["identity"].to_list() == [identity.name]


def test_every_identity_says_where_it_comes_from_and_names_counted_columns() -> None:
    for quarter in ("2018-Q2", "2019-Q4", "2023-Q3", "2025-Q4", "2026-Q2"):
        counted = {(c.table, c.column_path) for c in layout_for(quarter).columns if c.measure == "count"}
        for identity in identities_for(quarter):
            assert identity.source, identity.name
            assert set(identity.refs) <= counted, identity.name
            assert len(set(identity.refs)) == len(identity.refs), identity.name
        one_each = [(i.name, i.printed) for i in identities_for(quarter)]
        assert len(set(one_each)) == len(one_each)


def test_referrals_are_held_against_assessments_since_a1_counts_the_ineligible() -> None:
    # published-tables §7: July to September 2023 adds those withdrawn and not eligible to the total.
    named = {quarter: {i.name for i in identities_for(quarter)} for quarter in ("2023-Q2", "2023-Q3")}
    assert {quarter for quarter, names in named.items() if "A7 total among A1" in names} == {"2023-Q3"}


def test_families_are_held_against_bed_and_breakfast_of_ta4c_where_ta1_hides_its_own() -> None:
    book = read(by_quarter()["2025-Q2"])
    in_bb = (pl.col("table") == "TA4c") & pl.col("column_path").str.contains("^Bed and breakfast.*> Total")
    hidden = book.tidy.filter(
        (pl.col("table") == "TA1")
        & pl.col("column_path").str.contains("^Bed and breakfast.*> Total with children$")
        & (pl.col("note") == "suppressed")
    )["la_code"]
    assert hidden.len() > 0
    wrong = book.tidy.with_columns(value=pl.when(in_bb).then(pl.col("value") + 1).otherwise("value"))
    found = check_identities(wrong).filter(pl.col("identity") == "TA1: families with B&B of TA4c")
    assert set(hidden) <= set(found["la_code"])


# What one household may have of three needs, and how many needs that is.
SUBSETS = [needs for size in (1, 2, 3) for needs in combinations(range(3), size)]


def test_the_degrees_agree_with_trying_every_way_to_give_households_their_needs() -> None:
    # Three needs, up to two households each with one and with two, up to two with all three.
    reachable = {
        (tuple(sum(need in SUBSETS[at] for at in chosen) for need in range(3)), *counts)
        for counts in product(range(3), repeat=3)
        for chosen in product(
            *(
                [
                    [at for at, s in enumerate(SUBSETS) if len(s) == size]
                    for size in (1, 2, 3)
                    for _ in range(counts[size - 1])
                ]
            )
        )
    }
    for columns in product(range(7), repeat=3):
        for one, two, three in product(range(3), repeat=3):
            wanted = (columns, one, two, three) in reachable
            assert fits(columns, one, two, three) == wanted, (columns, one, two, three)


def test_the_fewest_and_most_with_three_or_more_enclose_exactly_what_fits() -> None:
    for columns in product((0, 1, 3, 5), repeat=4):
        for one, two in product(range(4), repeat=2):
            fewest, most = households_with_three_or_more(columns, one, two)
            fitting = [number for number in range(10) if fits(columns, one, two, number)]
            assert fitting == list(range(fewest, most + 1)), (columns, one, two)
