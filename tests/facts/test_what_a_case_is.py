"""What the facts say of a case, in one caseload: each case differs from its neighbours in one thing.

Sources: hclic-spec 1.6 and 2.10, Housing Act 1996 Part 7 as the SQL files quote it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from pipelines.transform import RECORDED, build_facts, load_sections, prepare
from tests.transform.test_marts import case, placed
from tests.transform.warehouse import LA, QUARTER, RUN, ref, rows_of, section_frame

DAY = timedelta(days=1)
LAST = QUARTER.last_day
START = date(2025, 10, 1)
END, LATER, LATEST = date(2025, 11, 3), date(2025, 11, 5), date(2025, 11, 9)
Row = dict[str, Any]


def prevention(outcome: str | None = None, end: date | None = END) -> Row:
    return {"prevention_start": START, "prevention_end": end if outcome else None, "prevention_outcome": outcome}


def relief(outcome: str | None = None, end: date | None = LATER) -> Row:
    return {"relief_start": START, "relief_end": end if outcome else None, "relief_outcome": outcome}


def decision(code: str | None, day: date | None = LATEST, end: date | None = None, why: str | None = None) -> Row:
    return {"main_decision_date": day, "main_decision": code, "main_duty_end": end, "main_duty_outcome": why}


def facts(sections: dict[str, list[Row]]) -> duckdb.DuckDBPyConnection:
    """The facts of the cases as recorded."""
    con = duckdb.connect(":memory:")
    load_sections(con, {name: section_frame(name, rows) for name, rows in sections.items()})
    prepare(con, run_id=RUN, la_code=LA, quarter=QUARTER, as_at=LAST)
    build_facts(con, RECORDED)
    return con


def numbered(given: list[dict[str, Any]]) -> dict[str, list[Row]]:
    """Sections of examples, each a case by its place, from 1: a section's row, or its rows."""
    sections: dict[str, list[Row]] = {"main": []}
    for number, example in enumerate(given, start=1):
        sections["main"].append(case(number, **example.get("main", {})))
        for name, rows in example.items():
            if name != "main":
                sections.setdefault(name, []).extend(
                    {"case_ref": number, **row} for row in (rows if isinstance(rows, list) else [rows])
                )
    return sections


def of_each_case(con: duckdb.DuckDBPyConnection, columns: str, relation: str = "cases") -> list[tuple[Any, ...]]:
    return rows_of(con, f"select {columns} from {relation} order by case_ref")


ASSESSED = {"assess_date": START}
PREVENTION, RELIEF = {**ASSESSED, "assess1": "prevention"}, {**ASSESSED, "assess1": "relief"}
MAIN_DUTY = {**placed(START, None), "taduty": "s193_2"}
INTERIM = {**placed(START, None), "taduty": "s188_1"}
LEGACY = {"application_date": date(2018, 4, 2)}


def left(placement: Row, day: date, no: int = 1) -> Row:
    return {
        **{name: value for name, value in placement.items() if name != "case_ref"},
        "exit_date": day,
        "placement_no": no,
    }


def still(placement: Row, no: int = 1) -> Row:
    return {name: value for name, value in placement.items() if name != "case_ref"} | {"placement_no": no}


# Sections of a case, its stage and the day on which it was closed.
STAGES: list[tuple[dict[str, Any], str, date | None]] = [
    ({}, "assessment", None),
    ({"main": PREVENTION}, "prevention", None),
    ({"main": RELIEF}, "relief", None),
    ({"main": {**ASSESSED, "assess1": "not_threatened_56"}}, "no duty", START),
    # The code of a duty counts where nothing of the duty itself is recorded.
    ({"main": RELIEF, "prevention": prevention()}, "prevention", None),
    ({"main": PREVENTION, "prevention": prevention("secured_existing")}, "closed", END),
    ({"main": PREVENTION, "prevention": prevention("homeless")}, "relief", None),
    ({"main": PREVENTION, "prevention": prevention("refused_coop")}, "closed", END),
    ({"main": PREVENTION, "prevention": prevention("refused_coop"), "relief": relief()}, "relief", None),
    ({"main": PREVENTION, "prevention": prevention("contact_lost"), "relief": relief("secured")}, "closed", LATER),
    ({"main": PREVENTION, "prevention": prevention("homeless"), "relief": relief("secured")}, "closed", LATER),
    # An earlier step left open by mistake does not reopen the case.
    ({"main": PREVENTION, "prevention": prevention(), "relief": relief("secured")}, "closed", LATER),
    ({"main": RELIEF, "relief": relief("elapsed_56")}, "decision", None),
    ({"main": RELIEF, "relief": relief("intentional")}, "closed", LATER),
    ({"main": RELIEF, "relief": relief("elapsed_56"), "final_duties": decision("intentional")}, "closed", LATEST),
    ({"main": RELIEF, "relief": relief(), "final_duties": decision("intentional")}, "closed", LATEST),
    # Decided while relief went on: closed by the later of the two.
    ({"main": RELIEF, "relief": relief("elapsed_56", LATEST + DAY), "final_duties": decision("withdrew")}, "closed",
     LATEST + DAY),
    ({"main": RELIEF, "relief": relief("elapsed_56"), "final_duties": decision("accepted")}, "main", None),
    ({"main": RELIEF, "relief": relief("elapsed_56"), "final_duties": decision("accepted", end=LAST)}, "closed", LAST),
    # Without a decision, a row of final duties says nothing.
    ({"main": RELIEF, "relief": relief(), "final_duties": decision(None, end=LAST)}, "relief", None),
    ({"main": LEGACY, "temporary_accommodation": still(MAIN_DUTY)}, "main", None),
    ({"main": LEGACY, "temporary_accommodation": left(MAIN_DUTY, END)}, "closed", END),
    ({"main": LEGACY, "temporary_accommodation": still(INTERIM)}, "assessment", None),
    ({"main": LEGACY, "temporary_accommodation": [left(MAIN_DUTY, END), still(INTERIM, 2)]}, "closed", END),
    ({"main": LEGACY, "temporary_accommodation": [left(MAIN_DUTY, END), left(MAIN_DUTY, LATER, 2),
                                                  left(INTERIM, LAST, 3)]}, "closed", LATER),
    ({"main": LEGACY, "temporary_accommodation": [left(MAIN_DUTY, END), still(MAIN_DUTY, 2)]}, "main", None),
    ({"temporary_accommodation": still(MAIN_DUTY)}, "assessment", None),
    ({"temporary_accommodation": left(MAIN_DUTY, END)}, "assessment", None),
]  # fmt: skip


def test_the_furthest_step_that_is_recorded_says_where_a_case_stands_and_when_it_closed() -> None:
    with facts(numbered([given for given, _, _ in STAGES])) as con:
        assert of_each_case(con, "stage, case_closed_date") == [(stage, closed) for _, stage, closed in STAGES]


# An example, then columns of ``cases`` that are true of it: every other one of ``FLAGS`` is false, or unknown.
FLAGS = (
    *("is_prevention_owed", "is_relief_owed", "is_duty_owed", "is_ineligible", "is_domestic_abuse_victim"),
    *("has_local_connection_here", "is_legacy", "is_advice_only", "has_prevention", "has_relief", "has_decision"),
    *("is_accepted", "is_eligibility_lost_later", "has_main_duty_placement", "has_open_main_duty_placement"),
    *("has_dependent_children", "has_or_had_dependent_children", "has_pregnant_member", "has_children"),
    *("is_every_age_known", "has_domestic_abuse_victim_need", "is_referred_on"),
)
ADVICE = {"advice_only": True}
APPLICANT = {"person_no": 1, "relationship": "main_applicant"}
CHILD = {"person_no": 2, "relationship": "dependent_child", "dependent": True}
GROWN = {"person_no": 2, "relationship": "other_child", "date_of_birth": date(2009, 12, 1)}
SAID: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"main": PREVENTION}, "is_prevention_owed is_duty_owed"),
    ({"main": RELIEF}, "is_relief_owed is_duty_owed"),
    ({"main": {"assess1": "not_eligible"}}, "is_ineligible"),
    ({"main": {"assess1": "not_threatened_56"}}, ""),
    ({"main": {"eligibility": "ineligible"}}, "is_ineligible"),
    ({"main": {"eligibility": "refugee"}}, ""),
    ({"main": {"reasonloss": "da_victim"}}, "is_domestic_abuse_victim"),
    ({"main": {"reasonloss": "da_perpetrator"}}, ""),
    # The code before April 2023 covers victim and perpetrator alike.
    ({"main": {"reasonloss": "da"}}, ""),
    ({"relief": relief("local_connection")}, "has_relief is_referred_on"),
    ({"final_duties": decision("local_connection")}, "has_decision is_referred_on"),
    ({"main": {"local_connection": "family"}}, "has_local_connection_here"),
    ({"main": {"local_connection": "other_la_wales"}}, ""),
    ({"main": {"application_date": date(2018, 4, 2)}}, "is_legacy"),
    ({"main": {"application_date": date(2018, 4, 3)}}, ""),
    ({"main": {"legacy": True}}, "is_legacy"),
    ({"main": {"application_date": None}}, ""),
    ({"main": ADVICE}, "is_advice_only"),
    ({"main": {**ADVICE, "assess1": "not_threatened_56"}}, "is_advice_only"),
    ({"main": {**ADVICE, "assess1": "relief"}}, "is_relief_owed is_duty_owed"),
    ({"main": ADVICE, "prevention": prevention()}, "has_prevention"),
    ({"main": ADVICE, "relief": relief()}, "has_relief"),
    ({"main": ADVICE, "final_duties": decision("withdrew")}, "has_decision"),
    ({"main": ADVICE, "temporary_accommodation": still(INTERIM)}, ""),
    ({"main": {"assess1": "not_threatened_56", "advice_only": False}}, ""),
    ({"final_duties": decision("accepted")}, "has_decision is_accepted"),
    ({"final_duties": decision("not_eligible")}, "has_decision is_eligibility_lost_later"),
    ({"final_duties": decision("accepted", end=LAST, why="ineligible")},
     "has_decision is_accepted is_eligibility_lost_later"),
    ({"prevention": prevention("ineligible")}, "has_prevention is_eligibility_lost_later"),
    ({"relief": relief("ineligible")}, "has_relief is_eligibility_lost_later"),
    ({"temporary_accommodation": still(MAIN_DUTY)}, "has_main_duty_placement has_open_main_duty_placement"),
    ({"temporary_accommodation": left(MAIN_DUTY, END)}, "has_main_duty_placement"),
    ({"temporary_accommodation": [left(MAIN_DUTY, END), still(INTERIM, 2)]}, "has_main_duty_placement"),
    ({"people": [APPLICANT, CHILD]}, "has_dependent_children has_or_had_dependent_children has_children"),
    # Of an applicant nothing is known, so neither is the household's composition.
    ({"people": [CHILD]}, "has_dependent_children has_or_had_dependent_children"),
    # A child who was 15 when the case was assessed and is 16 on the last day.
    ({"main": {"assess_date": date(2025, 11, 30)}, "people": [APPLICANT, GROWN]}, "has_or_had_dependent_children"),
    ({"main": {"assess_date": date(2025, 12, 1)}, "people": [APPLICANT, GROWN]}, ""),
    # Without an assessment, on the day of the application.
    ({"main": {"application_date": date(2025, 11, 30)}, "people": [APPLICANT, GROWN]},
     "has_or_had_dependent_children"),
    # On which day is not known: a child of today only.
    ({"main": {"application_date": None}, "people": [APPLICANT, {**GROWN, "date_of_birth": date(2020, 1, 1)}]},
     "has_dependent_children has_or_had_dependent_children has_children"),
    ({"people": [{**APPLICANT, "age": 30}]}, "is_every_age_known"),
    ({"people": [{**APPLICANT, "age": 30}, {**CHILD, "dependent": False}]}, ""),
    ({"people": [APPLICANT, {**CHILD, "dependent": False, "pregnant": True}]}, "has_pregnant_member"),
    ({"support_needs": [{"support_need": "domestic_abuse"}, {"support_need": "drug"}]},
     "has_domestic_abuse_victim_need"),
    ({"support_needs": [{"support_need": "drug"}]}, ""),
]  # fmt: skip
UNKNOWN_UNASSESSED = {"is_prevention_owed", "is_relief_owed", "is_duty_owed"}


@pytest.fixture(scope="module")
def flags() -> Iterator[list[dict[str, bool | None]]]:
    with facts(numbered([given for given, _ in SAID])) as con:
        yield [dict(zip(FLAGS, row, strict=True)) for row in of_each_case(con, ", ".join(FLAGS))]


@pytest.mark.parametrize("place", range(len(SAID)), ids=[f"{place}-{said}" for place, (_, said) in enumerate(SAID)])
def test_what_is_true_of_a_case(flags: list[dict[str, bool | None]], place: int) -> None:
    given, said = SAID[place]
    unknown = UNKNOWN_UNASSESSED if "assess1" not in given.get("main", {}) else set()
    assert flags[place] == {
        name: True if name in said.split() else None if name in unknown else False for name in FLAGS
    }


def test_a_duty_goes_where_its_outcome_says() -> None:
    outcomes: list[tuple[dict[str, Any], list[tuple[str, str | None, bool]]]] = [
        ({"prevention": prevention()}, [("prevention", None, False)]),
        ({"prevention": prevention("homeless")}, [("prevention", "relief", False)]),
        ({"prevention": prevention("secured_existing")}, [("prevention", "closed", True)]),
        ({"prevention": prevention("refused_accom")}, [("prevention", "closed", False)]),
        ({"prevention": prevention("refused_accom"), "relief": relief()},
         [("prevention", "relief", False), ("relief", None, False)]),
        ({"prevention": prevention("contact_lost"), "relief": relief("elapsed_56")},
         [("prevention", "closed", False), ("relief", "decision", False)]),
        ({"relief": relief("secured")}, [("relief", "closed", True)]),
        ({"relief": relief("intentional")}, [("relief", "closed", False)]),
        ({"relief": {**relief(), "relief_end": END}}, [("relief", "closed", False)]),
        ({"prevention": {**prevention(), "prevention_end": END}}, [("prevention", "closed", False)]),
        ({"final_duties": decision("accepted")}, [("main", None, False)]),
        ({"final_duties": decision("accepted", end=LAST, why="contact_lost")}, [("main", "closed", False)]),
        ({"final_duties": decision("intentional")}, []),
    ]  # fmt: skip
    with facts(numbered([given for given, _ in outcomes])) as con:
        found = rows_of(con, "select case_ref, duty, next_step, is_secured from duties order by case_ref, duty desc")
    found.sort(key=lambda row: (row[0], {"prevention": 1, "relief": 2, "main": 3}[row[1]]))
    assert found == [(ref(n), *duty) for n, (_, duties) in enumerate(outcomes, start=1) for duty in duties]


def test_support_needs_are_counted_once_each_and_none_is_not_unknown() -> None:
    given = [
        ["drug", "drug", "mental"],
        ["none"],
        ["unknown"],
        ["none", "unknown"],
        ["none", "drug"],
        [],
        ["unheard_of"],
    ]
    with facts(numbered([{"support_needs": [{"support_need": need} for need in needs]} for needs in given])) as con:
        found = of_each_case(con, "count_need_rows, count_support_needs, support_need_state")
    assert found == [(3, 2, "some"), (1, 0, "none"), (1, 0, "unknown"), (2, 0, "none"), (2, 1, "some"),
                     (0, 0, "unknown"), (1, 0, "unknown")]  # fmt: skip


ADULT = {"relationship": "other_adult", "dependent": False, "age": 40}
HOUSEHOLDS: list[tuple[list[Row], str, tuple[int, int, int, int, int]]] = [
    # Members, type of household, how many people, main applicants, partners, dependants and adults.
    ([], "nk", (0, 0, 0, 0, 0)),
    ([CHILD], "nk", (1, 0, 0, 1, 0)),
    ([{**APPLICANT, "sex": "female"}], "single_adult_female", (1, 1, 0, 0, 1)),
    ([{**APPLICANT, "sex": "male"}, CHILD], "single_parent_male", (2, 1, 0, 1, 1)),
    ([{**APPLICANT, "sex": "other"}, CHILD], "single_parent_other", (2, 1, 0, 1, 1)),
    ([APPLICANT, {**APPLICANT, "person_no": 2, "relationship": "partner"}], "couple_no_children", (2, 1, 1, 0, 2)),
    ([APPLICANT, CHILD, {**ADULT, "person_no": 3}], "couple_children", (3, 1, 0, 1, 2)),
    ([APPLICANT, {**ADULT, "person_no": 2}, {**ADULT, "person_no": 3}], "three_adults_no_children", (3, 1, 0, 0, 3)),
    ([APPLICANT, CHILD, {**ADULT, "person_no": 3}, {**ADULT, "person_no": 4}], "three_adults_children",
     (4, 1, 0, 1, 3)),
    ([APPLICANT, CHILD, *({**ADULT, "person_no": number} for number in (3, 4, 5))], "three_adults_children",
     (5, 1, 0, 1, 4)),
    # Of two main applicants the first speaks for the household.
    ([{**APPLICANT, "sex": "male"}, {**APPLICANT, "person_no": 2, "sex": "female"}, CHILD | {"person_no": 3}],
     "couple_children", (3, 2, 0, 1, 2)),
]  # fmt: skip


def test_a_household_is_named_by_its_adults_and_dependants() -> None:
    columns = (
        "household_type, count_people, count_main_applicants, count_partners, count_dependent_children, count_adults"
    )
    with facts(numbered([{"people": people} for people, _, _ in HOUSEHOLDS])) as con:
        assert of_each_case(con, columns) == [(kind, *counts) for _, kind, counts in HOUSEHOLDS]


def test_the_first_main_applicant_and_the_oldest_member() -> None:
    people = [
        {**APPLICANT, "person_no": 3, "age": 50},
        {**APPLICANT, "person_no": 2, "age": 40},
        {**ADULT, "person_no": 1, "age": 60},
        {**ADULT, "person_no": 4, "age": 10},
    ]
    with facts(numbered([{"people": people}])) as con:
        columns = "applicant_no, applicant_age_at_assessment, applicant_age_at_last_day, oldest_age_at_decision"
        assert of_each_case(con, columns) == [(2, 40, 40, 60)]


# An example of one person, then ages at the assessment and on the last day, and whether under 18 and whether pregnant.
AGES: list[tuple[Row, Row, tuple[Any, ...]]] = [
    ({"assess_date": date(2025, 10, 10)}, {"date_of_birth": date(1990, 10, 10)}, (35, 35, False, False)),
    ({"assess_date": date(2025, 10, 9)}, {"date_of_birth": date(1990, 10, 10)}, (34, 35, False, False)),
    ({"application_date": date(2025, 10, 9)}, {"date_of_birth": date(1990, 10, 10)}, (34, 35, False, False)),
    ({"application_date": None}, {"date_of_birth": date(1990, 10, 10)}, (None, 35, False, False)),
    # A number speaks only without a day of birth.
    ({}, {"date_of_birth": date(1990, 10, 10), "age": 99}, (34, 35, False, False)),
    ({"application_date": None}, {"date_of_birth": date(1990, 10, 10), "age": 99}, (None, 35, False, False)),
    ({}, {"age": 17}, (17, 17, True, False)),
    ({}, {"age": 18, "pregnant": True}, (18, 18, False, True)),
    # It is carried from the day on which it was taken to each of the days, a year at a half.
    ({"assess_date": date(2025, 10, 10)}, {"age": 17, "age_date": date(2025, 6, 30)}, (17, 18, False, False)),
    ({"assess_date": date(2025, 10, 10)}, {"age": 17, "age_date": date(2023, 10, 10)}, (19, 19, False, False)),
    ({"assess_date": date(2025, 10, 10)}, {"age": 17, "age_date": date(2026, 10, 10)}, (16, 16, True, False)),
    ({}, {"age": 17, "age_date": date(1999, 1, 1), "date_of_birth": date(1990, 10, 10)}, (34, 35, False, False)),
    ({}, {"age_date": date(2025, 6, 30)}, (None, None, None, False)),
    ({}, {}, (None, None, None, False)),
]


def test_the_ages_of_a_member() -> None:
    given = [{"main": main, "people": {**APPLICANT, **values}} for main, values, _ in AGES]
    columns = "age_at_assessment, age_at_last_day, is_under_18_at_last_day, pregnant"
    with facts(numbered(given)) as con:
        assert of_each_case(con, columns, "ages") == [said for _, _, said in AGES]


def test_the_age_on_the_day_of_the_decision() -> None:
    """A number speaks without a day of birth, as at the assessment; without a decision there is no age on its day."""
    born = {"date_of_birth": date(2007, 12, 1)}
    given = [
        {"people": {**APPLICANT, **born}, "final_duties": decision("accepted", date(2025, 11, 30))},
        {"people": {**APPLICANT, **born}, "final_duties": decision("accepted", date(2025, 12, 1))},
        {"people": {**APPLICANT, "age": 17}, "final_duties": decision("accepted", date(2025, 12, 1))},
        {"people": {**APPLICANT, **born, "age": 17}},
        {
            "people": {**APPLICANT, "age": 17, "age_date": date(2025, 6, 1)},
            "final_duties": decision("accepted", date(2025, 12, 1)),
        },
    ]
    with facts(numbered(given)) as con:
        assert of_each_case(con, "age_at_decision", "ages") == [(17,), (18,), (17,), (None,), (18,)]
        assert of_each_case(con, "applicant_age_at_decision") == [(17,), (18,), (17,), (None,), (18,)]


def at_most_once(days: list[tuple[int, int | None]], kind: str = "bb") -> list[Row]:
    return [
        {"placement_no": number, "entry_date": LAST - a * DAY, "ta_type": kind,
         "exit_date": None if b is None else LAST - b * DAY}
        for number, (a, b) in enumerate(days, start=1)
    ]  # fmt: skip


# Days before the last one on which placements in bed and breakfast began and ended; nights there by the last day.
NIGHTS: list[tuple[list[tuple[int, int | None]], int | None]] = [
    ([(10, None)], 10),
    ([(10, 4)], 6),
    ([(10, -5)], 10),
    ([(0, None)], 0),
    ([(-1, None)], None),
    ([(10, 10)], None),
    ([(10, 4), (4, None)], 10),
    ([(10, 4), (3, None)], 9),
    ([(10, 4), (6, None)], 10),
    ([(10, None), (6, 2)], 10),
    ([(10, 2), (6, 4)], 8),
    # The third begins in the first, which reached further than the second.
    ([(20, 5), (18, 16), (10, 2)], 18),
    ([(20, 5), (20, 16), (10, 2)], 18),
    ([(20, 16), (20, 5), (16, 2)], 18),
    ([(20, 16), (10, None)], 14),
]


def test_a_night_in_two_rooms_is_one_night() -> None:
    given = [{"temporary_accommodation": at_most_once(days)} for days, _ in NIGHTS]
    with facts(numbered([*given, {"temporary_accommodation": at_most_once([(10, None)], "nightly")}])) as con:
        assert dict(rows_of(con, "select case_ref, nights from bb_nights")) == {
            ref(number): nights for number, (_, nights) in enumerate(NIGHTS, start=1) if nights is not None
        }
        stretches = rows_of(con, f"select from_date, to_date from bb_spans where case_ref = '{ref(12)}' order by 1")
        assert stretches == [(LAST - 20 * DAY, LAST - 5 * DAY), (LAST - 5 * DAY, LAST - 2 * DAY)]
        entered_together = rows_of(con, f"select to_date from bb_spans where case_ref = '{ref(13)}' order by from_date")
        assert entered_together == [(LAST - 16 * DAY,), (LAST - 5 * DAY,), (LAST - 2 * DAY,)]
        assert rows_of(con, f"select to_date from bb_spans where case_ref = '{ref(1)}'") == [(None,)]


# Days before the last one on which placements in bed and breakfast began and ended; how many days before the last one
# the 43rd day came, or will come (less than 0), or None: the household left before.
LIMITS: list[tuple[list[tuple[int, int | None]], int | None]] = [
    ([(44, None)], 1),
    ([(43, None)], 0),
    ([(42, None)], -1),
    ([(0, None)], -43),
    ([(60, 18)], None),
    ([(60, 17)], 17),
    ([(60, 16)], 17),
    # 30 days, then 12, 13 and 14 more
    ([(60, 30), (20, 8)], None),
    ([(60, 30), (20, 7)], 7),
    ([(60, 30), (20, 6)], 7),
    ([(60, 30), (20, None)], 7),
    # Nights in two rooms count once.
    ([(60, 30), (60, 30), (35, 22)], None),
    ([(60, 30), (60, 30), (35, 17)], 17),
    ([(90, 40), (20, None)], 47),
    ([(60, 18), (10, None)], 9),
]


def test_the_day_on_which_six_weeks_in_bed_and_breakfast_are_passed() -> None:
    with facts(numbered([{"temporary_accommodation": at_most_once(days)} for days, _ in LIMITS])) as con:
        assert dict(rows_of(con, "select case_ref, passes_limit_on from bb_limits")) == {
            ref(number): LAST - before * DAY for number, (_, before) in enumerate(LIMITS, start=1) if before is not None
        }


def test_a_review_is_due_after_the_weeks_of_what_is_reviewed() -> None:
    """SI 2018/223 regulation 9(1): eight weeks or three, the day of the request or representations being the first."""
    asked = {"review_no": 1, "review_requested_date": START}
    heard = {"representations_received_date": START + 5 * DAY}
    ended = {"prevention_end": START - DAY, "prevention_outcome": "refused_coop"}
    given = [
        {**asked, "decision_reviewed": "suitability"},
        {**asked, "decision_reviewed": "php_steps"},
        {**asked},
        {**asked, "decision_reviewed": "php_steps", "review_due_date": LAST},
    ]
    rows: list[dict[str, Any]] = [
        *({"reviews": row} for row in given),
        {"reviews": {**asked, **heard, "decision_reviewed": "prevention_ended"}},
        {"reviews": {**asked, **heard, "decision_reviewed": "relief_ended"}},
        {"reviews": {**asked, "decision_reviewed": "s193b_notice"}, "prevention": ended},
        *(
            {
                "reviews": {**asked, "decision_reviewed": "s193b_notice"},
                "prevention": ended,
                "relief": {"relief_end": end, "relief_outcome": outcome},
            }
            for end, outcome in (
                (START, "refused_coop"),
                (START + DAY, "refused_coop"),
                (START, "contact_lost"),
                (None, None),
            )
        ),
        {"reviews": {**asked, "decision_reviewed": "s193b_notice"}},
    ]
    with facts(numbered(rows)) as con:
        assert of_each_case(con, "due_date, decision_reviewed", "review_dates") == [
            (START + 55 * DAY, "suitability"),
            (START + 20 * DAY, "php_steps"),
            (START + 55 * DAY, "not recorded"),
            (LAST, "php_steps"),
            (START + 25 * DAY, "prevention_ended"),
            (START + 55 * DAY, "relief_ended"),
            (START + 20 * DAY, "s193b_notice"),
            # Relief had ended by such a notice when the request came, was still to end so, or ended otherwise.
            (START + 55 * DAY, "s193b_notice"),
            (START + 20 * DAY, "s193b_notice"),
            (START + 20 * DAY, "s193b_notice"),
            (START + 20 * DAY, "s193b_notice"),
            (START + 55 * DAY, "s193b_notice"),
        ]


def test_where_a_placement_lies_and_what_it_is() -> None:
    given = [
        {"ta_type": "own", "taduty": "s193_2", "ta_la": LA},
        {"ta_type": "bb", "taduty": "nk", "ta_la": "E09000025"},
        {"ta_type": None, "taduty": None, "ta_la": None},
        {"ta_type": "psl", "taduty": "s188_1", "ta_la": "nk"},
    ]
    rows = [{"temporary_accommodation": {"placement_no": 1, "entry_date": START, **row}} for row in given]
    with facts(numbered(rows)) as con:
        columns = "is_own_arrangements, taduty_group, is_out_of_district, ta_region_code"
        assert of_each_case(con, columns, "placements") == [
            (True, "s193", False, "E12000006"),
            (False, "not_classifiable", True, "E12000007"),
            (False, "not_classifiable", False, None),
            (False, "interim", True, None),
        ]


REVIEW = {"review_no": 1, "review_requested_date": START}
OVER = {"review_outcome_date": END, "review_outcome": "upheld"}
NO_PRIORITY = decision("no_priority_need")
# The duty that a placement names, what else happened, whether that duty has ended by the last day and whether it is of
# later: it began only after the masking day, here the last day of the quarter.
DUTIES: list[tuple[str | None, dict[str, Any], bool, bool]] = [
    ("s193_2", {"final_duties": decision("accepted")}, False, False),
    ("s193_2", {"final_duties": decision("accepted", LAST)}, False, False),
    ("s193_2", {"final_duties": decision("accepted", LAST + DAY)}, False, True),
    ("s193_2", {"final_duties": decision("intentional", LAST + DAY)}, False, False),
    ("s193_2", {"final_duties": decision("accepted", end=LAST)}, True, False),
    ("s193_2", {"final_duties": decision("accepted", end=LAST + DAY)}, False, False),
    ("s193_2", {"final_duties": decision("intentional", end=LAST)}, False, False),
    ("s190_2", {"final_duties": decision("intentional", LAST)}, False, False),
    ("s190_2", {"final_duties": decision("intentional", LAST + DAY)}, False, True),
    ("s190_2", {"final_duties": decision("accepted", LAST + DAY)}, False, False),
    ("s193c_4", {"relief": relief("refused_coop", LAST)}, False, False),
    ("s193c_4", {"relief": relief("refused_coop", LAST + DAY)}, False, True),
    ("s193c_4", {"relief": relief("contact_lost", LAST + DAY)}, False, False),
    ("s189b_2", {"relief": relief()}, False, False),
    ("s189b_2", {"relief": {"relief_start": LAST}}, False, False),
    ("s189b_2", {"relief": {"relief_start": LAST + DAY}}, False, True),
    ("s189b_2", {"relief": relief("secured", LAST)}, True, False),
    ("s189b_2", {"relief": relief("secured", LAST + DAY)}, False, False),
    ("s188_3", {}, False, False),
    ("s188_3", {"reviews": REVIEW}, False, False),
    ("s188_3", {"reviews": {**REVIEW, **OVER}}, True, False),
    ("s188_3", {"reviews": [{**REVIEW, **OVER}, {**REVIEW, "review_no": 2}]}, False, False),
    ("s188_3", {"reviews": {**REVIEW, "review_requested_date": LAST}}, False, False),
    ("s188_3", {"reviews": {**REVIEW, "review_requested_date": LAST, "review_outcome": "withdrawn"}}, True, False),
    ("s188_3", {"reviews": {**REVIEW, "review_requested_date": LAST + DAY}}, False, True),
    # The first review began the duty.
    ("s188_3", {"reviews": [REVIEW, {**REVIEW, "review_no": 2, "review_requested_date": LAST + DAY}]}, False, False),
    ("s188_1", {}, False, False),
    ("s188_1", {"main": {"assess_date": LAST, "assess1": "not_threatened_56"}}, True, False),
    ("s188_1", {"main": {"assess_date": LAST + DAY, "assess1": "not_threatened_56"}}, False, False),
    ("s188_1", {"main": RELIEF}, False, False),
    ("s188_1", {"main": RELIEF, "relief": relief("elapsed_56")}, False, False),
    ("s188_1", {"main": RELIEF, "relief": relief("contact_lost", LAST)}, True, False),
    ("s188_1", {"main": RELIEF, "relief": relief("contact_lost", LAST + DAY)}, False, False),
    ("s188_1", {"main": ASSESSED, "relief": relief("contact_lost", LAST)}, True, False),
    ("s188_1", {"relief": relief("contact_lost")}, False, False),
    ("s188_1", {"main": RELIEF, "final_duties": NO_PRIORITY}, True, False),
    ("s188_1", {"main": RELIEF, "final_duties": decision("no_priority_need", LAST)}, True, False),
    ("s188_1", {"main": RELIEF, "final_duties": decision("no_priority_need", LAST + DAY)}, False, False),
    ("s188_1", {"main": RELIEF, "relief": relief("elapsed_56"), "final_duties": decision("intentional")}, False, False),
    ("s188_1", {"main": RELIEF, "relief": relief("refused_coop"), "final_duties": decision("intentional")}, False,
     False),
    ("s188_1", {"main": RELIEF, "final_duties": decision("accepted")}, False, False),
    ("s188_1", {"main": RELIEF, "final_duties": decision("accepted", end=LAST)}, True, False),
    ("s188_1", {"final_duties": NO_PRIORITY}, False, False),
    ("s199a_2", {"main": RELIEF, "relief": relief("local_connection")}, False, False),
    (None, {"main": RELIEF, "final_duties": NO_PRIORITY}, False, False),
]  # fmt: skip


def test_whether_the_duty_behind_a_placement_has_ended_or_is_of_later() -> None:
    placement = {"placement_no": 1, "entry_date": START}
    given = [{**rest, "temporary_accommodation": {**placement, "taduty": duty}} for duty, rest, _, _ in DUTIES]
    with facts(numbered(given)) as con:
        found = of_each_case(con, "taduty, is_duty_ended, is_duty_of_later", "placement_duties")
    assert [(*row, rest) for row, (_, rest, _, _) in zip(found, DUTIES, strict=True)] == [
        (duty, ended, later, rest) for duty, rest, ended, later in DUTIES
    ]


def test_a_placement_is_open_to_the_day_before_its_end_and_one_of_later_names_no_duty_of_later() -> None:
    days = [(START, None), (START, LAST), (START, LAST + DAY), (LAST, None), (LAST + DAY, None), (None, None)]
    given = [
        {"final_duties": decision("accepted", LAST + DAY),
         "temporary_accommodation": {"placement_no": 1, "entry_date": entry, "exit_date": end, "taduty": "s193_2"}}
        for entry, end in days
    ]  # fmt: skip
    with facts(numbered(given)) as con:
        found = of_each_case(con, "is_open_on_last_day, is_duty_of_later", "placement_duties")
    assert found == [(True, True), (False, True), (True, True), (True, True), (False, False), (False, False)]


def test_records_of_no_case_and_members_of_no_known_relation_have_their_facts() -> None:
    """Both are findings of their own."""
    sections = {
        "people": [{"case_ref": 9, "person_no": 1, "relationship": None, "age": 3}],
        "temporary_accommodation": [placed(START, None, 9, taduty="s188_1")],
    }
    with facts(sections) as con:
        assert rows_of(con, "select is_dependent, age_at_last_day, heads_household from ages") == [(True, 3, False)]
        assert rows_of(con, "select is_open_on_last_day, is_duty_ended from placement_duties") == [(True, False)]
