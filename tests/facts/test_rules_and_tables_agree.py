"""A rule and the table that shows the same thing say the same of the same cases."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from pipelines.emit.tables.build import prepare as prepare_tables
from pipelines.synthesise.routes import make_cases
from pipelines.transform import SENT, build, use
from pipelines.validate.checks import check_edition
from schemas.codelists import codelist
from schemas.rules import RULE
from tests.transform.warehouse import LA, QUARTER, RUN, built, in_memory, load, ref, rows_of

LAST_DAY = QUARTER.last_day


@pytest.fixture(scope="module")
def caseload() -> Iterator[duckdb.DuckDBPyConnection]:
    """Invented cases of several years, as sent, with the populations of the tables."""
    sections = make_cases(
        1500, authority=LA, neighbour="E09000002", first_day=date(2023, 1, 1), last_day=LAST_DAY, seed=11
    )
    with in_memory() as con:
        load(con, sections)
        build(con, run_id=RUN, la_code=LA, quarter=QUARTER, as_at=LAST_DAY)
        use(con, SENT)
        prepare_tables(con)
        yield con


def flagged(con: duckdb.DuckDBPyConnection, rule_id: str) -> set[tuple[str, str | None]]:
    """Case and record of every finding of the rule."""
    found, not_run = check_edition(con, [RULE[rule_id]])
    assert not not_run
    return set(found[rule_id].select("case_ref", "record_key").rows()) if rule_id in found else set()


def test_a_placement_is_flagged_as_outliving_its_duty_where_ta3_says_duty_ended() -> None:
    ways = itertools.product(
        codelist("taduty").codes,
        [None, *codelist("main_decision").codes],
        ["relief", "not_threatened_56"],
        [None, "elapsed_56", "secured"],
    )
    numbered = list(enumerate(ways, start=1))
    con = built(
        main=[
            {
                "la_code": LA,
                "case_ref": n,
                "application_date": date(2025, 10, 1),
                "assess_date": date(2025, 10, 1),
                "assess1": assess1,
            }
            for n, (_, _, assess1, _) in numbered
        ],
        relief=[
            {"case_ref": n, "relief_start": date(2025, 10, 1), "relief_end": LAST_DAY, "relief_outcome": outcome}
            for n, (_, _, _, outcome) in numbered
            if outcome
        ],
        final_duties=[
            {
                "case_ref": n,
                "main_decision_date": date(2025, 12, 1),
                "main_decision": decision,
                "main_duty_end": LAST_DAY if decision == "accepted" and n % 2 else None,
            }
            for n, (_, decision, _, _) in numbered
            if decision
        ],
        temporary_accommodation=[
            {
                "case_ref": n,
                "placement_no": 1,
                "entry_date": date(2025, 11, 1),
                "ta_type": "psl",
                "ta_la": LA,
                "taduty": duty,
            }
            for n, (duty, _, _, _) in numbered
        ],
    )
    use(con, SENT)
    prepare_tables(con)
    ended = {case for (case,) in rows_of(con, "select case_ref from base_in_ta where duty_group = 'ended'")}
    assert 0 < len(ended) < len(numbered)
    assert {case for case, _ in flagged(con, "L-26c")} == ended
    followed = {
        ref(n)
        for n, (duty, decision, assess1, _) in numbered
        if (duty, assess1) == ("s188_1", "relief") and decision in ("intentional", "local_connection", "refused_coop")
    }
    assert not followed & ended
    no_duty = {ref(n) for n, (duty, _, assess1, _) in numbered if (duty, assess1) == ("s188_1", "not_threatened_56")}
    assert no_duty <= ended
    ended_that_day = {
        ref(n) for n, (duty, decision, _, _) in numbered if (duty, decision) == ("s193_2", "accepted") and n % 2
    }
    assert ended_that_day and ended_that_day <= ended


def test_families_over_six_weeks_in_bed_and_breakfast_are_those_of_ta1(caseload: duckdb.DuckDBPyConnection) -> None:
    over = {case for (case,) in rows_of(caseload, "select case_ref from base_in_ta where is_family_over_bb_limit")}
    with_children = {case for (case,) in rows_of(caseload, "select case_ref from base_in_ta where has_children")}
    counted_as_bb = {case for (case,) in rows_of(caseload, "select case_ref from base_in_ta where ta_type = 'bb'")}
    assert over, "the example shows no family over six weeks"
    # The rule also protects a household with a pregnant member, and one of whose placements alone is bed and breakfast.
    assert {case for case, _ in flagged(caseload, "L-17a")} & with_children & counted_as_bb == over


def test_another_priority_need_than_children_is_flagged_where_md3_says_children_but(
    caseload: duckdb.DuckDBPyConnection,
) -> None:
    con = built(
        main=[
            {"la_code": LA, "case_ref": n, "application_date": date(2025, 10, 1), "assess_date": date(2025, 10, 1)}
            for n in (1, 2, 3)
        ],
        people=[
            person
            for n, age in ((1, 10), (2, 19), (3, 10))
            for person in (
                {"case_ref": n, "person_no": 1, "relationship": "main_applicant", "age": 30},
                {"case_ref": n, "person_no": 2, "relationship": "other_child", "age": age},
            )
        ],
        final_duties=[
            {
                "case_ref": n,
                "main_decision_date": date(2025, 12, 1),
                "main_decision": "accepted",
                "pneed": need,
            }
            for n, need in ((1, "mental"), (2, "mental"), (3, "children"))
        ],
    )
    use(con, SENT)
    prepare_tables(con)
    shown = rows_of(con, "select case_ref from base_decided where has_children and pneed <> 'children'")
    assert shown == [(ref(1),)]
    assert {case for case, _ in flagged(con, "N-09")} == {ref(1)}


def test_the_day_a_case_was_closed_is_the_day_of_its_last_event(caseload: duckdb.DuckDBPyConnection) -> None:
    closed = "select case_ref, case_closed_date from cases where case_closed_date is not null"
    events = "select case_ref, event_date from events where event = 'closed'"
    assert sorted(rows_of(caseload, closed)) == sorted(rows_of(caseload, events)) != []
    later = rows_of(
        caseload,
        "select count(*) from cases where main_decision is not null and not is_accepted"
        " and case_closed_date < relief_end",
    )
    assert later == [(0,)]


@pytest.mark.parametrize(
    ("closed_on", "is_flagged"),
    [(date(2025, 12, 10), False), (date(2025, 12, 1), True)],
    ids=["relief end", "decision"],
)
def test_a_case_decided_while_relief_goes_on_closes_with_relief(closed_on: date, is_flagged: bool) -> None:
    con = built(
        main=[
            {
                "la_code": LA,
                "case_ref": 1,
                "application_date": date(2025, 10, 1),
                "assess_date": date(2025, 10, 1),
                "assess1": "relief",
                "closed_date": closed_on,
            }
        ],
        relief=[
            {
                "case_ref": 1,
                "relief_start": date(2025, 10, 1),
                "relief_end": date(2025, 12, 10),
                "relief_outcome": "secured",
            }
        ],
        final_duties=[{"case_ref": 1, "main_decision_date": date(2025, 12, 1), "main_decision": "no_priority_need"}],
    )
    use(con, SENT)
    assert rows_of(con, "select event_date from events where event = 'closed'") == [(date(2025, 12, 10),)]
    assert bool(flagged(con, "H-23")) == is_flagged


@pytest.mark.parametrize("outcome", ["refused_accom", "refused_coop"])
@pytest.mark.parametrize(("has_relief", "step"), [(True, "relief"), (False, "closed")])
def test_a_refusal_ends_prevention_and_the_case_unless_relief_is_owed(
    outcome: str, has_relief: bool, step: str
) -> None:
    day = date(2025, 11, 1)
    relief = [{"case_ref": 1, "relief_start": date(2025, 11, 20)}] if has_relief else []
    con = built(
        main=[
            {
                "la_code": LA,
                "case_ref": 1,
                "application_date": date(2025, 10, 1),
                "assess_date": date(2025, 10, 1),
                "assess1": "prevention",
            }
        ],
        prevention=[
            {
                "case_ref": 1,
                "prevention_start": date(2025, 10, 1),
                "prevention_end": day,
                "prevention_outcome": outcome,
            }
        ],
        relief=relief,
    )
    use(con, SENT)
    assert rows_of(con, "select next_step from duties where duty = 'prevention'") == [(step,)]
    assert rows_of(con, "select stage, case_closed_date from cases") == [(step, None if has_relief else day)]
    # A refusal may go on to relief; any other ending may not.
    assert flagged(con, "N-02a") == set()


@pytest.mark.parametrize(
    ("on_date", "age"),
    [
        (date(2025, 2, 28), 24),
        (date(2025, 3, 1), 25),
        (date(2024, 2, 28), 23),
        (date(2024, 2, 29), 24),
    ],
)
def test_born_on_29_february_an_age_is_attained_on_1_march_in_a_common_year(on_date: date, age: int) -> None:
    con = built()
    assert con.execute("select age_on(date '2000-02-29', ?::date)", [on_date]).fetchone() == (age,)


def test_households_with_several_placements_count_under_the_one_entered_last_then_by_type_then_by_number() -> None:
    entered = date(2025, 12, 1)

    def placed(case: int, number: int, ta_type: str, day: date = entered, taduty: str = "s188_1") -> dict[str, object]:
        return {
            "case_ref": case,
            "placement_no": number,
            "entry_date": day,
            "ta_type": ta_type,
            "taduty": taduty,
        }

    con = built(
        main=[{"la_code": LA, "case_ref": n, "application_date": date(2025, 10, 1)} for n in (1, 2, 3)],
        temporary_accommodation=[
            placed(1, 1, "bb", date(2025, 11, 1)),
            placed(1, 2, "hostel"),
            placed(2, 1, "bb"),
            placed(2, 2, "hostel"),
            placed(3, 1, "psl", taduty="s190_2"),
            placed(3, 2, "psl"),
        ],
    )
    use(con, SENT)
    prepare_tables(con)
    assert rows_of(con, "select case_ref, placement_no, ta_type from base_in_ta order by 1") == [
        (ref(1), 2, "hostel"),
        (ref(2), 1, "bb"),
        (ref(3), 2, "psl"),
    ]


def test_a_household_placed_long_ago_and_still_there_is_in_the_return() -> None:
    con = built(
        main=[
            {"la_code": LA, "case_ref": n, "application_date": date(2020, 1, 1), "assess_date": date(2020, 1, 1)}
            for n in (1, 2)
        ],
        temporary_accommodation=[
            {"case_ref": 1, "placement_no": 1, "entry_date": date(2020, 1, 1), "ta_type": "psl"},
            {
                "case_ref": 2,
                "placement_no": 1,
                "entry_date": date(2020, 1, 1),
                "exit_date": date(2025, 9, 30),
                "ta_type": "psl",
            },
        ],
    )
    assert rows_of(con, "select case_ref from sent.main") == [(ref(1),)]
