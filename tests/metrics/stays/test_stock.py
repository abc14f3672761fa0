"""Stock and flow: worked by hand at the edges, and against counting every household on every day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest

import sql
from pipelines.errors import OutputError, UsageError
from pipelines.metrics.stays.build import (
    DAILY,
    DIMENSIONS,
    RELATIONS,
    assert_stock_identity,
    daily_series,
    prepare,
    prepare_daily,
    relation,
    stock_by,
    stock_on,
)
from pipelines.settings import Settings
from tests.transform.warehouse import LA, built

Placement = tuple[int, str, date, date | None]
FIRST = date(2025, 10, 1)


def day(number: int, month: int = 10) -> date:
    return date(2025, month, number)


def placement(number: int, case: int, ta_type: str, entry: date, left: date | None, **more: Any) -> dict[str, Any]:
    return {
        "case_ref": case,
        "placement_no": number,
        "ta_type": ta_type,
        "entry_date": entry,
        "exit_date": left,
        **more,
    }


def prepared(
    *placements: Placement, settings: Settings | None = None, people: Any = (), **more: Any
) -> duckdb.DuckDBPyConnection:
    cases = sorted({case for case, *_ in placements})
    con = built(
        main=[{"la_code": LA, "case_ref": case, "application_date": date(2025, 1, 1)} for case in cases],
        people=people,
        temporary_accommodation=[placement(no, *row, **more) for no, row in enumerate(placements, 1)],
        settings=settings,
    )
    prepare(con, first_day=FIRST)
    return con


def october(con: duckdb.DuckDBPyConnection, by: str = "all", value: str = "all") -> dict[str, Any]:
    return stock_by(con, by).filter(value=value, first_day=FIRST).row(0, named=True)


Case = tuple[str, list[Placement], int, int, int, int]
"""What it shows; placements; then of October: entries, exits, stock on the last day, nights."""
OCTOBERS: list[Case] = [
    ("one stay", [(1, "bb", day(2), day(5))], 1, 1, 0, 3),
    ("overlapping placements count once", [(1, "bb", day(2), day(10)), (1, "psl", day(6), day(12))], 1, 1, 0, 10),
    ("a split household counts once", [(1, "bb", day(2), day(5)), (1, "bb", day(2), day(5))], 1, 1, 0, 3),
    ("touching placements are one stay", [(1, "bb", day(2), day(5)), (1, "psl", day(5), day(9))], 1, 1, 0, 7),
    ("a gap of one night makes two stays", [(1, "bb", day(2), day(5)), (1, "bb", day(6), day(9))], 2, 2, 0, 6),
    ("in and out on one day is a stay of no nights", [(1, "bb", day(2), day(2))], 1, 1, 0, 0),
    ("no nights at the end of a stay", [(1, "bb", day(2), day(5)), (1, "psl", day(5), day(5))], 1, 1, 0, 3),
    ("own arrangements are not temporary accommodation", [(1, "own", day(2), day(5))], 0, 0, 0, 0),
    ("open at the start of the window", [(1, "bb", date(2025, 9, 20), day(4))], 0, 1, 0, 3),
    ("open at the end of the window", [(1, "bb", day(30), None)], 1, 0, 1, 2),
    ("open at both ends", [(1, "bb", date(2025, 9, 20), None)], 0, 0, 1, 31),
    ("left on the last day", [(1, "bb", day(30), day(31))], 1, 1, 0, 1),
    ("left on the first of the next month", [(1, "bb", day(30), date(2025, 11, 1))], 1, 0, 1, 2),
]


@pytest.fixture(scope="module")
def octobers() -> Iterator[dict[str, dict[str, Any]]]:
    """October of each case by its name: every case is a household under a landlord of its own."""
    rows = [
        placement(no, case, kind, entry, left, landlord=name)
        for case, (name, placements, *_) in enumerate(OCTOBERS, 1)
        for no, (_, kind, entry, left) in enumerate(placements, 1)
    ]
    con = built(
        main=[{"la_code": LA, "case_ref": no, "application_date": FIRST} for no in range(1, len(OCTOBERS) + 1)],
        temporary_accommodation=rows,
    )
    prepare(con, first_day=FIRST)
    frame = stock_by(con, "landlord").filter(first_day=FIRST)
    yield {row["value"]: row for row in frame.iter_rows(named=True)}
    con.close()


@pytest.mark.parametrize(("name", "entries", "exits", "stock", "nights"), [(n, *f) for n, _, *f in OCTOBERS])
def test_october_of_a_household(
    octobers: dict[str, dict[str, Any]], name: str, entries: int, exits: int, stock: int, nights: int
) -> None:
    row = octobers.get(name, dict.fromkeys(("entries", "exits", "stock", "nights"), 0))
    assert {key: row[key] for key in ("entries", "exits", "stock", "nights")} == {
        "entries": entries,
        "exits": exits,
        "stock": stock,
        "nights": nights,
    }


def test_a_move_between_types_is_a_transfer_and_not_an_entry() -> None:
    with prepared((1, "bb", day(2), day(5)), (1, "psl", day(5), None)) as con:
        hotel, leased, total = (october(con, *key) for key in (("type", "bb"), ("type", "psl"), ("all", "all")))
    flows = ("entries", "exits", "transfers_in", "transfers_out", "stock")
    assert [hotel[key] for key in flows] == [1, 0, 0, 1, 0]
    assert [leased[key] for key in flows] == [0, 0, 1, 0, 1]
    assert [total[key] for key in flows] == [1, 0, 0, 0, 1]


def test_of_several_open_placements_the_one_entered_last_counts() -> None:
    with prepared((1, "psl", day(2), None), (1, "bb", day(10), day(20))) as con:
        nights = {value: october(con, "type", value)["nights"] for value in ("bb", "psl")}
    assert nights == {"bb": 10, "psl": 8 + 12}


def test_nights_in_a_gap_that_the_setting_bridges_are_no_nights() -> None:
    gap = ((1, "bb", day(2), day(5)), (1, "bb", day(7), day(9)))
    with prepared(*gap, settings=Settings(stay_gap_nights=2)) as con:
        row = october(con)
        daily_series(con)
    assert {key: row[key] for key in ("entries", "exits", "transfers_in", "transfers_out", "nights")} == {
        "entries": 1,
        "exits": 1,
        "transfers_in": 1,
        "transfers_out": 1,
        "nights": 3 + 2,
    }


def test_children_under_five_and_twelve_are_flags_of_the_household() -> None:
    people = [
        {"case_ref": case, "person_no": no, "relationship": relationship, "age": age}
        for case, no, relationship, age in [
            (1, 1, "main_applicant", 30),
            (1, 2, "dependent_child", 4),
            (2, 1, "main_applicant", 30),
            (2, 2, "dependent_child", 11),
            (3, 1, "main_applicant", 30),
            (4, 1, "main_applicant", 30),
            (4, 2, "dependent_child", None),
        ]
    ]
    with prepared(*[(case, "bb", day(2), None) for case in (1, 2, 3, 4)], people=people) as con:
        for by, expected in [
            ("child_under_5", {"under 5": 1, "none under 5": 2, "age not known": 1}),
            ("child_under_12", {"under 12": 2, "none under 12": 1, "age not known": 1}),
        ]:
            month = stock_by(con, by).filter(first_day=FIRST)
            assert dict(month.select("value", "stock").rows()) == expected


def test_landlord_site_duty_and_receiving_district_are_broken_down() -> None:
    with prepared(
        (1, "bb", day(2), None), landlord="Made-up Lets", site="Hill House", taduty="s188_1", ta_la="E09000002"
    ) as con:
        values = {
            by: stock_by(con, by).filter(first_day=FIRST)["value"].to_list()
            for by in ("landlord", "site", "duty", "district", "out_of_district")
        }
    assert values == {
        "landlord": ["Made-up Lets"],
        "site": ["Hill House"],
        "duty": ["interim"],
        "district": ["E09000002"],
        "out_of_district": ["out of district"],
    }


def random_placements(seed: int, households: int = 60) -> list[Placement]:
    rng = random.Random(seed)
    rows: list[Placement] = []
    for case in range(1, households + 1):
        entry = FIRST - timedelta(20) + timedelta(rng.randrange(60))
        for _ in range(rng.choice([1, 1, 2, 3])):
            left = entry + timedelta(rng.choice([0, 1, 3, 15, 40]))
            rows.append(
                (case, rng.choice(["bb", "nightly", "psl", "own"]), entry, left if rng.random() < 0.8 else None)
            )
            entry = max(left + timedelta(rng.choice([-3, 0, 0, 1, 8])), entry)
    return rows


def counted_by_day(rows: list[Placement], last: date) -> dict[date, set[int]]:
    days = [FIRST + timedelta(n) for n in range((last - FIRST).days + 1)]
    return {
        today: {
            case
            for case, ta_type, entry, left in rows
            if ta_type != "own" and entry <= today and (left is None or left > today)
        }
        for today in days
    }


@pytest.mark.parametrize("seed", range(4))
def test_series_and_nights_equal_a_count_of_every_household_on_every_day(seed: int) -> None:
    rows = random_placements(seed)
    with prepared(*rows) as con:
        series = daily_series(con)
        counted = counted_by_day(rows, series["day"].max())  # type: ignore[arg-type]
        assert dict(series.select("day", "stock").rows()) == {today: len(cases) for today, cases in counted.items()}
        for by in DAILY:
            by_value = daily_series(con, by).group_by("day").agg(pl.col("stock", "entries", "exits").sum()).sort("day")
            assert by_value.equals(series.select("day", "stock", "entries", "exits")), by
        for today in (FIRST - timedelta(5), date(2025, 11, 11), date(2025, 12, 31)):
            present = {
                row[0] for row in rows if row[1] != "own" and row[2] <= today and (row[3] is None or row[3] > today)
            }
            for by in DIMENSIONS:
                assert stock_on(con, today, by)["stock"].sum() == len(present), (today, by)
        for by in DIMENSIONS:
            total = stock_by(con, by).group_by("first_day").agg(pl.col("nights", "stock", "entries", "exits").sum())
            assert total.sort("first_day").equals(
                stock_by(con).select("first_day", "nights", "stock", "entries", "exits")
            ), by
        nights = {FIRST: 0, date(2025, 11, 1): 0, date(2025, 12, 1): 0}
        for today, cases in counted.items():
            nights[today.replace(day=1)] += len(cases)
        assert dict(stock_by(con).select("first_day", "nights").rows()) == nights
        quarter = stock_by(con, period="quarter").row(0, named=True)
        assert (quarter["nights"], quarter["stock"]) == (sum(nights.values()), series["stock"][-1])
        year = stock_by(con, period="financial year").row(0, named=True)
        assert (year["first_day"], year["nights"]) == (date(2025, 4, 1), quarter["nights"])


@pytest.mark.parametrize("seed", range(2))
def test_every_relation_has_the_key_that_it_names(seed: int) -> None:
    with prepared(*random_placements(seed)) as con:
        for name in RELATIONS:
            keys = sql.key(f"metrics/{name}.sql")
            frame = relation(con, name).select(keys)
            assert not frame.is_duplicated().any(), name
            assert sum(frame.null_count().row(0)) == 0, name


def test_the_identity_is_refused_when_placements_and_stays_disagree() -> None:
    with prepared((1, "bb", day(2), day(5)), (2, "bb", day(2), day(9))) as con:
        con.execute("update stays set exit_date = exit_date + 2 where exit_date = date '2025-10-05'")
        prepare(con, first_day=FIRST)
        with pytest.raises(OutputError, match="on 1 days"):
            daily_series(con)


def test_the_identity_holds_apart_for_each_value() -> None:
    series = pl.DataFrame(
        {
            "value": ["a", "a", "b", "b"],
            "day": [day(1), day(2)] * 2,
            "stock": [5, 6, 1, 0],
            "entries": [0, 1, 0, 0],
            "exits": [0, 0, 0, 1],
            "transfers_in": [0] * 4,
            "transfers_out": [0] * 4,
        }
    )
    assert_stock_identity(series)


def test_the_daily_series_alone_is_the_same_as_with_everything_else() -> None:
    with prepared(*random_placements(5)) as con:
        everything = [daily_series(con, by) for by in DAILY]
        prepare_daily(con, first_day=FIRST)
        assert all(daily_series(con, by).equals(frame) for by, frame in zip(DAILY, everything, strict=True))


def test_the_order_of_the_placements_does_not_matter() -> None:
    rows = random_placements(7)
    with prepared(*rows) as one, prepared(*reversed(rows)) as other:
        assert relation(one, "stock_day").equals(relation(other, "stock_day"))


def test_an_unknown_breakdown_is_refused_in_a_sentence() -> None:
    with prepared((1, "bb", day(2), None)) as con, pytest.raises(UsageError, match="periods are"):
        stock_by(con, "colour")
