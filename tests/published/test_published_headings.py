"""The columns of every published table are known for any quarter."""

from __future__ import annotations

import pytest

from pipelines.errors import UsageError
from pipelines.published.headings import LAST_KNOWN_QUARTER, MEASURES, clean_label, layout_for

QUARTERS = [f"{year}-Q{n}" for year in range(2018, 2026) for n in range(1, 5) if (year, n) >= (2018, 2)]

# Figures that MHCLG prints in each table of October to December 2025 (published-tables.md §3, "Columns (n figures)").
FIGURES_2025_Q4 = {"A1": 11, "A2P": 42, "A2R": 42, "A3": 31, "A4P": 26, "A4R": 26}


def test_31_quarters_are_known() -> None:
    assert len(QUARTERS) == 31
    assert QUARTERS[-1] == LAST_KNOWN_QUARTER


@pytest.mark.parametrize("quarter", QUARTERS)
def test_every_table_numbers_its_columns_without_gaps_and_names_each_once(quarter: str) -> None:
    layout = layout_for(quarter)
    assert "A1" in layout.tables and "TA1" in layout.tables
    for table in layout.tables:
        columns = layout.of(table)
        assert [c.position for c in columns] == list(range(1, len(columns) + 1)), table
        assert len({(c.column_path, c.measure) for c in columns}) == len(columns), table
        assert {c.measure for c in columns} <= set(MEASURES), table
        assert all(c.title for c in columns), table


def test_the_last_known_quarter_has_as_many_figures_as_its_tables_print() -> None:
    layout = layout_for("2025-Q4")
    assert {table: len(layout.of(table)) for table in FIGURES_2025_Q4} == FIGURES_2025_Q4


def test_tables_come_in_the_published_order_of_their_quarter() -> None:
    # published-tables.md §1: what was published quarterly in the first quarter and in the trial quarter of A2P.
    first = [
        *["A1", "A2", "A3", "A4", "A5P", "A5R", "A6", "A8", "A9", "A10", "A11"],
        *["P1", "P2", "P3", "P4", "P5", "R1", "R2", "R3", "R4", "R5", "MD1", "MD2", "MD3", "TA1", "TA2"],
    ]
    assert list(layout_for("2018-Q2").tables) == first
    assert "A2P" in layout_for("2020-Q2").tables
    assert "A2R" not in layout_for("2020-Q2").tables
    assert layout_for("2025-Q4").tables[-3:] == ("TA9", "TA9_TATYPE", "TA9_HHTYPE")


def test_a_quarter_after_the_last_known_one_is_given_the_last_layout_and_says_so() -> None:
    assumed = layout_for("2027-Q1")
    assert assumed.is_assumed
    assert not layout_for("2025-Q4").is_assumed
    assert assumed.columns == layout_for("2025-Q4").columns


@pytest.mark.parametrize("quarter", ["2018-Q1", "2017-Q4", "202509", "2025-Q5", "2025 Q3"])
def test_a_quarter_without_such_tables_is_refused(quarter: str) -> None:
    with pytest.raises(UsageError):
        layout_for(quarter)


def test_columns_change_when_the_codes_changed() -> None:
    # published-tables.md §7: 2023-Q3 splits domestic abuse and drops the single column.
    before = {c.column_path for c in layout_for("2023-Q2").of("A2P")}
    after = {c.column_path for c in layout_for("2023-Q3").of("A2P")}
    assert "Domestic abuse" in before - after
    assert "Domestic abuse > Alleged perpetrator" in after - before


def test_a_republished_quarter_has_the_columns_of_its_later_edition() -> None:
    paths = {c.column_path for c in layout_for("2024-Q2").of("A2P")}
    assert "Loss of placement or sponsorship provided through a resettlement scheme" in paths
    assert "TA9_TATYPE" in layout_for("2025-Q2").tables


def test_measures_tell_counts_from_shares_rates_thousands_and_days() -> None:
    found = {(c.table, c.column_path): c.measure for c in layout_for("2025-Q4").columns if c.measure != "percent"}
    assert found["A1", "Number of households in area (000s)"] == "thousands"
    assert found["A1", "Households assessed as homeless per (000s)"] == "rate"
    assert found["TA7", "Own arrangements > Median (days)"] == "days"
    assert found["TA8", "17"] == "count"
    percents = {c.column_path for c in layout_for("2025-Q4").of("TA9") if c.measure == "percent"}
    assert percents == {"Percentage sent to the same region"}


WITHDREW = "Withdrew application before assessment - no duty owed"
DIGITS_THAT_ARE_LABELS = ["16-17", "75+", "1", "2", "3+", "0", "17", "Secured accommodation for 6+ months"]


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("Total initial assessments1,2,6", "Total initial assessments"),
        ("Not known2", "Not known"),
        ("Care leaver aged 21-24 3", "Care leaver aged 21-24"),
        ("Care leaver aged 25+ 4", "Care leaver aged 25+"),
        ("Number of households in area5 (000s)", "Number of households in area (000s)"),
        ("Sent to1,2,3,4: South West", "Sent to: South West"),
        (f"{WITHDREW}⁷", WITHDREW),
        ("Total \nvulnerable households", "Total vulnerable households"),
        ("Old age9", "Old age"),  # a footnote that no quarter had yet
        ("Old age [note 12]", "Old age"),
        *((label, label) for label in DIGITS_THAT_ARE_LABELS),
    ],
)
def test_footnote_marks_go_and_digits_that_are_labels_stay(printed: str, label: str) -> None:
    assert clean_label(printed) == label


def test_no_column_path_keeps_a_footnote_mark() -> None:
    marked = {
        part
        for quarter in QUARTERS
        for c in layout_for(quarter).columns
        for part in c.column_path.split(" > ")
        if part[-1:].isdigit() and not part.isdigit()
    }
    assert marked == {"16-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "Care leaver aged 21-24"}
