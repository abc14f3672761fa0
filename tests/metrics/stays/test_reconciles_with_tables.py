"""Figures of the last day equal those of the official tables, which are counted by other SQL."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.emit.tables.build import compute_tables
from pipelines.metrics.stays.build import prepare, relation, stock_by
from tests.transform.warehouse import LA, built

LAST = date(2025, 12, 31)
TYPES = {
    "bb": "Bed and breakfast hotels (including shared annexes)",
    "nightly": "Nightly paid, privately managed accommodation, self-contained",
    "hostel": "Hostels (including reception centres, emergency units and refuges)",
    "psl": "Private sector accommodation leased by your authority or leased or managed by a registered provider",
    "la_ha": "Local authority or Housing association (LA/HA) stock",
    "other": "Any other type of temporary accommodation (including private landlord and not known)",
}
TA7_TYPES = {
    "bb": "B&B or shared annex",
    "nightly": "Other nightly paid, privately managed accommodation, self-contained",
    "hostel": "Hostel or refuge",
    "psl": TYPES["psl"],
    "la_ha": "LA/HA stock",
    "other": "Other/NK",
}


def sections(seed: int, households: int = 250) -> dict[str, list[dict[str, Any]]]:
    """Households that move, are split over two placements, have gaps, or make their own arrangements in between."""
    rng = random.Random(seed)
    rows: dict[str, list[dict[str, Any]]] = {"main": [], "people": [], "temporary_accommodation": []}
    for case in range(1, households + 1):
        rows["main"].append({"la_code": LA, "case_ref": case, "application_date": date(2020, 1, 1)})
        rows["people"].append(
            {"case_ref": case, "person_no": 1, "relationship": "main_applicant", "age": 30, "sex": "female"}
        )
        for no in range(rng.choice([0, 0, 1, 3])):
            rows["people"].append(
                {"case_ref": case, "person_no": 2 + no, "relationship": "dependent_child", "age": rng.randrange(19)}
            )
        entry = LAST - timedelta(rng.choice([1, 10, 60, 200, 400, 900, 2500]))
        for no in range(1, rng.choice([2, 3, 4])):
            left = min(entry + timedelta(rng.randrange(400)), LAST - timedelta(rng.randrange(3)))
            left = max(left, entry)
            is_open = rng.random() < 0.4
            rows["temporary_accommodation"].append(
                {
                    "case_ref": case,
                    "placement_no": no,
                    "ta_type": rng.choice([*TYPES, "own"]),
                    "ta_la": rng.choice([LA, LA, "E09000002"]),
                    "entry_date": entry,
                    "exit_date": None if is_open else left,
                }
            )
            entry = min(left + timedelta(rng.choice([-5, 0, 0, 20])), LAST)
    return rows


def own_later(rows: list[dict[str, Any]]) -> set[int]:
    """Households whose placement entered last is their own arrangement while another is still open.

    TA1 counts them as homeless at home, the stay is still open: the one difference between the two.
    """
    found = set()
    for case in {row["case_ref"] for row in rows}:
        still = [r for r in rows if r["case_ref"] == case and (r["exit_date"] is None or r["exit_date"] > LAST)]
        if len(still) > 1:
            latest = max(r["entry_date"] for r in still)
            if all(r["ta_type"] == "own" for r in still if r["entry_date"] == latest):
                found.add(case)
    return found


@pytest.fixture(scope="module", params=[1, 2])
def both(request: pytest.FixtureRequest) -> Iterator[tuple[duckdb.DuckDBPyConnection, pl.DataFrame]]:
    """A warehouse and its official tables, without the households of ``own_later``."""
    rows = sections(request.param)
    apart = own_later(rows["temporary_accommodation"])
    assert apart, "the example shows no household that must be left apart"
    con = built(**{name: [row for row in part if row["case_ref"] not in apart] for name, part in rows.items()})
    prepare(con)
    yield con, compute_tables(con)
    con.close()


def published(tables: pl.DataFrame, table: str, path: str) -> float:
    value = tables.filter(table=table, column_path=path)["value"].item()
    assert isinstance(value, float)
    return value


Both = tuple[duckdb.DuckDBPyConnection, pl.DataFrame]


def test_stock_by_type_and_with_children_is_that_of_ta1(both: Both) -> None:
    con, tables = both
    stock = dict(stock_by(con, "type").filter(last_day=LAST).select("value", "stock").rows())
    families = dict(stock_by(con, "type_children").filter(last_day=LAST).select("value", "stock").rows())
    for code, heading in TYPES.items():
        assert stock.get(code, 0) == published(tables, "TA1", f"{heading} > Total number of households")
        assert families.get(f"{code} children", 0) == published(tables, "TA1", f"{heading} > Total with children")
    total = published(tables, "TA1", "Total number of households in TA")
    assert total == sum(stock.values()) > 50


def test_children_and_families_over_six_weeks_are_those_of_ta1(both: Both) -> None:
    con, tables = both
    children = relation(con, "stock_children_month").filter(first_day=LAST.replace(day=1))["count_children"].sum()
    assert children == published(tables, "TA1", "Total number of children in TA")
    over = relation(con, "stay_bb_month").filter(last_day=LAST)["count_families_over_42"].item()
    heading = f"{TYPES['bb']} > Total with children and resident more than 6 weeks"
    assert over == published(tables, "TA1", heading) > 0
    listed = relation(con, "stay_bb_families").filter(
        pl.col("is_counted_as_bb"), pl.col("has_dependent_children"), state="over the limit"
    )
    assert listed.height == over


@pytest.mark.parametrize(("table", "suffix"), [("TA4", ""), ("TA4c", " children"), ("TA4s", " adults only")])
def test_bands_are_those_of_ta4(both: Both, table: str, suffix: str) -> None:
    con, tables = both
    bands = relation(con, "stay_in_progress_bands").filter(day=LAST, dimension="type_children" if suffix else "type")
    for code, heading in TYPES.items():
        for band in ("Less than 6 months", "6 months to 1 year", "1 to 2 years", "2 to 5 years", "5+ years"):
            count = bands.filter(value=code + suffix, band=band)["count_households"].sum()
            assert count == published(tables, table, f"{heading} > {band}"), (code, band)


def test_mean_and_median_are_those_of_ta7(both: Both) -> None:
    con, tables = both
    rows = relation(con, "stay_in_progress_summary").filter(day=LAST, dimension="type").rows(named=True)
    assert {row["value"] for row in rows} == set(TYPES)
    for row in rows:
        heading = TA7_TYPES[row["value"]]
        assert row["mean_days_cut"] == published(tables, "TA7", f"{heading} > Mean (days)")
        assert row["median_days"] == published(tables, "TA7", f"{heading} > Median (days)")


def test_out_of_district_with_own_arrangements_is_that_of_ta1(both: Both) -> None:
    con, tables = both
    rows = relation(con, "stay_out_of_district").filter(first_day=LAST.replace(day=1))
    count = published(tables, "TA1", "In TA in another local authority district")
    assert rows["count_households"].sum() == count > 0
    in_ta = stock_by(con, "out_of_district").filter(last_day=LAST, value="out of district")["stock"].item()
    assert in_ta == rows["count_households"].sum() - rows["count_own_arrangements"].sum()
