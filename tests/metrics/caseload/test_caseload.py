"""Caseload figures against cases small enough to work out by hand."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.errors import OutputError, UsageError
from pipelines.link.references import empty_map
from pipelines.metrics.caseload import build
from pipelines.metrics.caseload.build import assert_caseload_identity, open_cases, prepare, relation
from pipelines.metrics.options import MetricOptions
from pipelines.period import Quarter
from pipelines.synthesise.routes import make_cases
from pipelines.transform import build as build_marts
from pipelines.transform import create_window
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTION
from tests.transform.warehouse import LA, RUN, built, in_memory, load, ref, rows_of, section_frame

NEIGHBOUR = "E07000070"
D31 = date(2025, 12, 31)


def case(number: int, applied: date, **more: Any) -> dict[str, Any]:
    return {"la_code": LA, "case_ref": number, "application_date": applied, **more}


def assessed(number: int, applied: date, outcome: str, **more: Any) -> dict[str, Any]:
    return case(number, applied, assess_date=applied, assess1=outcome, **more)


def relief(number: int, start: date, end: date | None = None, outcome: str | None = None) -> dict[str, Any]:
    return {"case_ref": number, "relief_start": start, "relief_end": end, "relief_outcome": outcome}


def prevention(number: int, start: date, end: date | None = None, outcome: str | None = None) -> dict[str, Any]:
    return {"case_ref": number, "prevention_start": start, "prevention_end": end, "prevention_outcome": outcome}


def decision(number: int, day: date, what: str = "accepted", **more: Any) -> dict[str, Any]:
    return {"case_ref": number, "main_decision_date": day, "main_decision": what, **more}


def prepared(
    *, options: MetricOptions | None = None, first_day: date = date(2025, 10, 1), **sections: Any
) -> duckdb.DuckDBPyConnection:
    con = built(**sections)
    create_window(con, first_day=first_day)
    prepare(con, options)
    return con


def one(frame: pl.DataFrame, **wanted: Any) -> dict[str, Any]:
    return frame.filter(**wanted).row(0, named=True)


@pytest.fixture(scope="module")
def invented() -> duckdb.DuckDBPyConnection:
    """Six hundred invented cases over two years, as in the year's last quarter."""
    frames = make_cases(600, authority=LA, neighbour=NEIGHBOUR, first_day=date(2024, 1, 1), last_day=D31, seed=5)
    con = in_memory()
    load(con, frames)
    build_marts(con, run_id=RUN, la_code=LA, quarter=Quarter(2025, 4), as_at=D31)
    create_window(con)
    prepare(con)
    return con


def test_a_case_is_followed_through_its_stages() -> None:
    with prepared(
        main=[assessed(1, date(2025, 10, 3), "prevention", officer="HO01", team="North")],
        prevention=[prevention(1, date(2025, 10, 3), date(2025, 11, 10), "homeless")],
        relief=[relief(1, date(2025, 11, 10))],
    ) as con:
        stages = {
            day: open_cases(con, day)["stage"].to_list()
            for day in (date(2025, 10, 2), date(2025, 10, 3), date(2025, 11, 9), date(2025, 11, 10), D31)
        }
        months = relation(con, "case_open_month").filter(team="all", officer="all", stage="relief")
        moves = rows_of(con, "select from_stage, to_stage, is_prevention_to_relief from case_stage_changes")
    # Applied and assessed on one day, so no night was spent in assessment.
    assert stages == {
        date(2025, 10, 2): [],
        date(2025, 10, 3): ["prevention"],
        date(2025, 11, 9): ["prevention"],
        date(2025, 11, 10): ["relief"],
        D31: ["relief"],
    }
    assert months["open_cases"].to_list() == [0, 1, 1]
    assert ("prevention", "relief", True) in moves


def test_months_add_up_in_a_caseload_worked_by_hand() -> None:
    # Case 1 is open before the window; 2 comes and closes in October; 3 comes in November and stays;
    # 4 is assessed on the day it applies as owed nothing; 5 asks for advice only.
    with prepared(
        main=[
            assessed(1, date(2025, 9, 1), "relief", team="North"),
            assessed(2, date(2025, 10, 5), "prevention", team="North"),
            assessed(3, date(2025, 11, 20), "relief", team="South"),
            assessed(4, date(2025, 11, 21), "not_threatened_56", team="South"),
            case(5, date(2025, 10, 9), advice_only=True),
        ],
        prevention=[prevention(2, date(2025, 10, 5), date(2025, 10, 25), "secured_existing")],
        relief=[relief(1, date(2025, 9, 1), date(2025, 12, 15), "secured"), relief(3, date(2025, 11, 20))],
    ) as con:
        assert_caseload_identity(con)
        rows = relation(con, "case_flow_month").filter(team="all").drop("last_day", "team", "stage_moves").rows()
        closed = relation(con, "case_arrivals_quarter")["closures"].to_list()
    assert closed == [3]
    assert rows == [
        # first day, opening, arrivals, reopened, closures, open at the end
        (date(2025, 10, 1), 1, 1, 0, 1, 1),
        (date(2025, 11, 1), 1, 2, 0, 1, 2),
        (date(2025, 12, 1), 2, 0, 0, 1, 1),
    ]


def test_a_case_that_comes_back_after_prevention_is_reopened_and_not_a_new_arrival() -> None:
    with prepared(
        main=[assessed(1, date(2025, 10, 1), "prevention")],
        prevention=[prevention(1, date(2025, 10, 1), date(2025, 10, 20), "secured_existing")],
        relief=[relief(1, date(2025, 12, 1))],
    ) as con:
        flows = relation(con, "case_flow_month").filter(team="all")
    assert flows["arrivals"].to_list() == [1, 0, 0]
    assert flows["closures"].to_list() == [1, 0, 0]
    assert flows["reopened"].to_list() == [0, 0, 1]
    assert flows["open_cases"].to_list() == [0, 0, 1]


def test_before_the_change_of_officer_the_previous_officer_held_the_case() -> None:
    with prepared(
        main=[
            assessed(
                1,
                date(2025, 10, 1),
                "relief",
                officer="HO02",
                previous_officer="HO01",
                officer_since=date(2025, 11, 15),
                team="North",
            )
        ],
        relief=[relief(1, date(2025, 10, 1))],
    ) as con:
        held = {day: open_cases(con, day)["officer"].to_list() for day in (date(2025, 11, 14), date(2025, 11, 15))}
        changes = relation(con, "case_officer_changes").rows()
    assert held == {date(2025, 11, 14): ["HO01"], date(2025, 11, 15): ["HO02"]}
    assert changes == [(date(2025, 11, 1), "North", 1), (date(2025, 11, 1), "all", 1)]


def test_officers_that_change_between_two_runs_are_counted(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "warehouse.duckdb") as warehouse:
        for run, quarter, as_at, officers in [
            ("q3", "2025-Q3", date(2025, 9, 30), ["HO01", "HO01", "HO02", None]),
            ("q4 first", "2025-Q4", date(2025, 12, 20), ["HO09", "HO09", "HO09", "HO09"]),
            ("q4", "2025-Q4", D31, ["HO01", "HO03", "HO03", "HO03"]),
        ]:
            rows = {"main": [case(n, date(2025, 5, 1), officer=officer) for n, officer in enumerate(officers, 1)]}
            sections = {name: section_frame(name, rows.get(name, [])) for name in SECTION}
            warehouse.freeze({"run_id": run, "la_code": LA, "quarter": quarter, "as_at": as_at}, sections, empty_map())
    with open_quarter(tmp_path / "warehouse.duckdb", LA, Quarter(2025, 4)) as opened:
        con = opened.connection
        create_window(con)
        prepare(con)
        row = one(relation(con, "case_officer_changes_runs"), team="all")
    # The first run of the quarter was made again, so it does not count. Case 4 had no officer before: no change.
    assert (row["from_day"], row["to_day"]) == (date(2025, 9, 30), D31)
    assert (row["cases_in_both"], row["cases_with_officer_in_both"], row["cases_changed"]) == (4, 3, 2)


@pytest.mark.parametrize(
    ("start", "is_listed", "day_no"),
    [(date(2025, 11, 6), False, 56), (date(2025, 11, 5), True, 57), (date(2025, 10, 1), True, 92)],
)
def test_relief_is_past_day_56_from_day_57(start: date, is_listed: bool, day_no: int) -> None:
    with prepared(main=[assessed(1, start, "relief")], relief=[relief(1, start)]) as con:
        listed = relation(con, "case_relief_past_56")
        waiting = relation(con, "case_watch_month").filter(first_day=date(2025, 12, 1))["relief_past_56_days"].item()
    assert (D31 - start).days + 1 == day_no
    assert listed["day_no"].to_list() == ([day_no] if is_listed else [])
    assert waiting == int(is_listed)


def test_a_decided_or_otherwise_ended_case_does_not_wait_for_a_decision() -> None:
    start = date(2025, 9, 1)
    with prepared(
        main=[assessed(n, start, "relief") for n in (1, 2, 3)],
        relief=[
            relief(1, start, date(2025, 10, 27), "elapsed_56"),
            relief(2, start, date(2025, 10, 20), "contact_lost"),
            relief(3, start, date(2025, 10, 27), "elapsed_56"),
        ],
        final_duties=[decision(1, date(2025, 11, 3))],
    ) as con:
        waiting = relation(con, "case_relief_past_56")["case_ref"].to_list()
        month_ends = relation(con, "case_watch_month")["relief_past_56_days"].to_list()
    assert waiting == [ref(3)]
    # On 31 October cases 1 and 3 are on day 61; case 1 is decided on 3 November.
    assert month_ends == [2, 1, 1]


def test_decisions_are_placed_against_day_57() -> None:
    start = date(2025, 10, 1)
    days = {1: 55, 2: 56, 3: 57, 4: 70, 5: 71}
    with prepared(
        main=[assessed(n, start, "relief") for n in (*days, 6)],
        relief=[relief(n, start, start + timedelta(55), "elapsed_56") for n in days],
        final_duties=[decision(n, start + timedelta(after)) for n, after in days.items()]
        + [decision(6, date(2025, 12, 1), "not_homeless")],
    ) as con:
        row = relation(con, "case_decision_day").row(0, named=True)
    # 55 and 56 days after the start are days 56 and 57; 57 is day 58, 70 is day 71, 71 is day 72.
    assert row["by_day_57"] == 2
    assert row["day_58_to_71"] == 2
    assert row["day_72_to_85"] == 1
    assert row["without_relief_duty"] == 1
    assert row["share_by_day_57"] == 0.4
    assert row["median_day"] == 58


def test_days_between_steps_are_averaged_over_what_ended_in_the_quarter() -> None:
    with prepared(
        main=[
            case(n, date(2025, 10, 1), assess_date=date(2025, 10, 1) + timedelta(days), assess1="relief")
            for n, days in enumerate((0, 2, 4, 10), 1)
        ]
        + [case(5, date(2025, 10, 9), assess_date=date(2025, 10, 8), assess1="relief")],
    ) as con:
        row = one(relation(con, "case_durations"), interval="application to assessment", period="quarter")
    assert (row["count_cases"], row["mean_days"], row["median_days"]) == (4, 4.0, 3.0)
    # Quartiles by linear interpolation: positions 0.75 and 2.25 of 0, 2, 4, 10.
    assert (row["lower_quartile_days"], row["upper_quartile_days"]) == (1.5, 5.5)
    assert row["count_out_of_order"] == 1


def test_households_in_temporary_accommodation_without_a_decision_are_listed() -> None:
    start = date(2025, 11, 1)
    with prepared(
        main=[assessed(n, start, "relief") for n in (1, 2, 3, 4)],
        relief=[relief(n, start) for n in (1, 2, 3, 4)],
        final_duties=[decision(2, date(2025, 12, 30))],
        temporary_accommodation=[
            {
                "case_ref": n,
                "placement_no": 1,
                "entry_date": start,
                "ta_type": kind,
                "taduty": "s188_1",
                "exit_date": end,
            }
            for n, kind, end in ((1, "bb", None), (2, "bb", None), (3, "own", None), (4, "bb", D31))
        ],
    ) as con:
        listed = relation(con, "case_ta_no_decision")
    # 2 is decided, 3 made its own arrangements, 4 left on the day.
    assert listed.select("case_ref", "taduty", "days_in_ta", "relief_day_no").rows() == [(ref(1), "s188_1", 60, 61)]


def test_cases_are_quiet_from_the_chosen_day_and_unrecorded_activity_is_not_forgotten() -> None:
    with prepared(
        options=MetricOptions(quiet_days=28),
        main=[
            assessed(1, date(2025, 10, 1), "relief", last_activity_date=D31 - timedelta(27)),
            assessed(2, date(2025, 10, 1), "relief", last_activity_date=D31 - timedelta(28)),
            assessed(3, date(2025, 10, 1), "relief"),
        ],
        relief=[relief(n, date(2025, 10, 1)) for n in (1, 2, 3)],
    ) as con:
        quiet = relation(con, "case_quiet").select("case_ref", "quiet_days").rows()
        summary = one(relation(con, "case_quiet_summary"), team="all", stage="all")
    assert quiet == [(ref(3), None), (ref(2), 28)]
    assert {key: summary[key] for key in ("open_cases", "under_28_days", "days_28_to_55", "not_recorded")} == {
        "open_cases": 3,
        "under_28_days": 1,
        "days_28_to_55": 1,
        "not_recorded": 1,
    }


def test_applications_are_set_beside_the_same_quarter_a_year_before() -> None:
    days = [date(2024, 11, 1)] * 2 + [date(2025, 11, 1)] * 3
    with prepared(first_day=date(2024, 10, 1), main=[case(n, day) for n, day in enumerate(days, 1)]) as con:
        rows = relation(con, "case_arrivals_quarter").drop("last_day", "advice_only", "closures").rows()
    # Nothing is known of 2023-Q4: empty, not 0.
    assert rows[0] == (date(2024, 10, 1), 2, None, None, None)
    assert rows[1] == (date(2025, 1, 1), 0, None, None, None)
    assert rows[4] == (date(2025, 10, 1), 3, 2, 1, 0.5)


def test_plans_and_first_duty_are_shares_of_households_owed_a_duty() -> None:
    day = date(2025, 10, 1)
    with prepared(
        main=[
            assessed(1, day, "prevention", php_date=day + timedelta(10)),
            assessed(2, day, "relief", php_date=day + timedelta(20)),
            assessed(3, day, "relief"),
            assessed(4, day, "relief"),
            assessed(5, day, "not_threatened_56"),
        ],
        prevention=[prevention(1, day, date(2025, 12, 1), "secured_existing")],
    ) as con:
        plans = one(relation(con, "case_plans"), team="all")
        first = relation(con, "case_first_stage_quarter").row(0, named=True)
    assert (plans["owed_a_duty"], plans["with_plan"], plans["share_with_plan"]) == (4, 2, 0.5)
    assert plans["median_days_to_plan"] == 15
    assert (first["owed_prevention"], first["owed_relief"], first["share_first_seen_at_relief"]) == (1, 3, 0.75)
    assert (first["prevention_ended"], first["prevented"], first["share_prevented"]) == (1, 1, 1.0)


def test_caseload_per_officer_leaves_out_cases_without_one() -> None:
    with prepared(
        main=[
            assessed(n, date(2025, 10, 2), "relief", officer=officer)
            for n, officer in enumerate(("HO01", "HO01", "HO01", "HO02", None), 1)
        ]
    ) as con:
        row = one(relation(con, "case_staffing_month"), first_day=date(2025, 10, 1))
    assert (row["open_cases"], row["officers_with_cases"], row["open_cases_per_officer"]) == (5, 2, 2.0)
    assert (row["largest_caseload"], row["arrivals_per_officer"]) == (3, 2.5)


def test_the_sample_depends_on_seed_and_cases_only(invented: duckdb.DuckDBPyConnection) -> None:
    frames = make_cases(600, authority=LA, neighbour=NEIGHBOUR, first_day=date(2024, 1, 1), last_day=D31, seed=5)
    frames["main"] = frames["main"].reverse()
    with in_memory() as con:
        load(con, frames)
        build_marts(con, run_id=RUN, la_code=LA, quarter=Quarter(2025, 4), as_at=D31)
        create_window(con)
        prepare(con)
        again = relation(con, "case_sample")
        prepare(con, MetricOptions(sample_seed=2))
        other = relation(con, "case_sample")
    sample = relation(invented, "case_sample")
    assert again.equals(sample), "the order of rows changed the sample"
    assert sample.height == 50
    assert set(sample["seed"]) == {1}
    assert set(other["case_ref"]) != set(sample["case_ref"])
    # Dealt in turns: strata with enough cases differ by one at most.
    drawn = sample.group_by("stratum").agg(pl.len(), pl.col("count_in_stratum").first())
    full = drawn.filter(pl.col("len") < pl.col("count_in_stratum"))["len"]
    assert full.max() - full.min() <= 1  # type: ignore[operator]


def test_the_sample_keeps_its_cases_when_another_case_is_added() -> None:
    def sample(numbers: range) -> set[str]:
        with prepared(
            options=MetricOptions(file_review_sample=5),
            main=[assessed(n, date(2025, 10, 1), "relief") for n in numbers],
        ) as con:
            return set(relation(con, "case_sample")["case_ref"])

    assert len(sample(range(1, 41)) & sample(range(1, 42))) >= 4


def test_stage_of_every_invented_case_is_the_one_of_the_households_mart(invented: duckdb.DuckDBPyConnection) -> None:
    wrong = rows_of(
        invented,
        """
        select households.case_ref
        from households
        left join case_open_list on households.case_ref = case_open_list.case_ref
        where not households.is_advice_only
            and coalesce(case_open_list.stage, 'not open')
                <> if(households.stage in ('closed', 'no duty'), 'not open', households.stage)
        """,
    )
    assert wrong == []


def test_daily_monthly_and_case_by_case_counts_agree(invented: duckdb.DuckDBPyConnection) -> None:
    assert_caseload_identity(invented)
    daily = relation(invented, "case_open_day")
    monthly = relation(invented, "case_open_month")
    for day in (date(2024, 6, 30), date(2025, 3, 31), D31):
        counted = open_cases(invented, day)
        for stage in ("prevention", "relief", "main"):
            expected = counted.filter(stage=stage)["open_cases"].sum()
            assert one(daily, day=day, team="all", stage=stage)["open_cases"] == expected
            assert one(monthly, last_day=day, team="all", officer="all", stage=stage)["open_cases"] == expected
        total = one(monthly, last_day=day, team="all", officer="all", stage="all")["open_cases"]
        assert counted["open_cases"].sum() == total
        by_officer = monthly.filter(pl.col("officer") != "all", last_day=day, team="all", stage="all")
        assert by_officer["open_cases"].sum() == total


def test_relations_have_the_key_they_name(invented: duckdb.DuckDBPyConnection) -> None:
    import sql

    for name in build.RELATIONS:
        key = list(sql.key(f"metrics/{name}.sql"))
        assert not relation(invented, name).select(key).is_duplicated().any(), name


def test_a_caseload_that_does_not_add_up_is_refused(invented: duckdb.DuckDBPyConnection) -> None:
    with invented.cursor() as con:
        con.execute(
            "create temp table case_flow_month as select 'all' as team, 1 as first_day, 5 as opening_cases,"
            " 7 as open_cases union all select 'all', 2, 8, 9"
        )
        with pytest.raises(OutputError, match="in 1 months"):
            assert_caseload_identity(con)


def test_months_add_up_whatever_the_dates_are() -> None:
    # Dates in any order, missing, equal, far away: a blocked run has metrics too, and they add up.
    rng = random.Random(3)
    days = [date(2025, 1, 1) + timedelta(n) for n in range(0, 364, 7)] + [date(1925, 1, 1), None, None]
    outcomes = ("homeless", "secured_existing", "refused_coop", "contact_lost", None)
    numbers = range(1, 301)
    with (
        prepared(
            first_day=date(2025, 4, 1),
            main=[
                case(
                    n,
                    rng.choice(days[:-2]),  # type: ignore[arg-type]
                    assess_date=rng.choice(days),
                    assess1=rng.choice(("prevention", "relief", "not_threatened_56", None)),
                    officer=rng.choice(("HO01", "HO02", None)),
                    previous_officer=rng.choice(("HO03", None)),
                    officer_since=rng.choice(days),
                    team=rng.choice(("North", None)),
                    advice_only=rng.random() < 0.1,
                    legacy=rng.random() < 0.1,
                )
                for n in numbers
            ],
            prevention=[
                prevention(n, rng.choice(days[:-2]), rng.choice(days), rng.choice(outcomes))  # type: ignore[arg-type]
                for n in numbers
                if n % 2
            ],
            relief=[
                relief(n, rng.choice(days[:-2]), rng.choice(days), rng.choice(("elapsed_56", "secured", None)))  # type: ignore[arg-type]
                for n in numbers
                if n % 3
            ],
            final_duties=[
                decision(
                    n, rng.choice(days[:-2]), rng.choice(("accepted", "intentional")), main_duty_end=rng.choice(days)
                )  # type: ignore[arg-type]
                for n in numbers
                if not n % 5
            ],
            temporary_accommodation=[
                {
                    "case_ref": n,
                    "placement_no": 1,
                    "entry_date": rng.choice(days[:-2]),
                    "exit_date": rng.choice(days),
                    "ta_type": "bb",
                    "taduty": "s193_2",
                }
                for n in numbers
                if not n % 7
            ],
        ) as con
    ):
        assert_caseload_identity(con)
        flows = relation(con, "case_flow_month").filter(team="all")
        last = open_cases(con, D31)["open_cases"].sum()
        for name in build.RELATIONS:
            relation(con, name)
    assert flows["open_cases"].to_list()[-1] == last
    assert flows["arrivals"].sum() > 0 and flows["closures"].sum() > 0 and flows["reopened"].sum() > 0


def test_options_and_window_are_refused_when_they_make_no_sense() -> None:
    with built() as con:
        with pytest.raises(UsageError, match="first month"):
            create_window(con, first_day=date(2026, 1, 1))
        create_window(con)
        with pytest.raises(UsageError, match="1 or more"):
            prepare(con, MetricOptions(quiet_days=0))
        prepare(con)
        with pytest.raises(UsageError, match="no metric"):
            relation(con, "case_nothing")
