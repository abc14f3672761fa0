"""Marts: given rows of sections, expect rows of relations. Dates are small ones around the end of a quarter."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import sql
from pipelines.period import Quarter
from pipelines.settings import Settings
from pipelines.transform import MARTS, STAGING
from tests.transform.warehouse import LA, built, ref, rows_of

Q4 = Quarter(2025, 4)
LAST_DAY = date(2025, 12, 31)


def case(number: int = 1, **values: Any) -> dict[str, Any]:
    """A case applied for in October 2025."""
    return {"la_code": LA, "case_ref": number, "application_date": date(2025, 10, 1), **values}


def placed(entry: date, exit_date: date | None = None, number: int = 1, no: int = 1, **values: Any) -> dict[str, Any]:
    """A placement of the case, in B&B unless said otherwise."""
    return {
        "case_ref": number,
        "placement_no": no,
        "entry_date": entry,
        "exit_date": exit_date,
        "ta_type": "bb",
        **values,
    }


def person(relationship: str, number: int = 1, no: int = 1, **values: Any) -> dict[str, Any]:
    """A member of the household."""
    return {"case_ref": number, "person_no": no, "relationship": relationship, **values}


def stays(*placements: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    """Stays of the case: entry, exit, placements, nights."""
    con = built(main=[case()], temporary_accommodation=list(placements), **options)
    return rows_of(con, "select entry_date, exit_date, count_placements, nights from stays order by stay_no")


def october(day: int) -> date:
    return date(2025, 10, day)


def test_the_exit_day_of_a_stay_is_not_a_night() -> None:
    assert stays(placed(october(1), october(4))) == [(october(1), october(4), 1, 3)]


def test_an_open_stay_has_no_exit_and_no_nights() -> None:
    assert stays(placed(october(1))) == [(october(1), None, 1, None)]


def test_overlapping_placements_count_once() -> None:
    assert stays(placed(october(1), october(10)), placed(october(5), october(12), no=2)) == [
        (october(1), october(12), 2, 11)
    ]


def test_a_placement_inside_another_does_not_end_the_stay_early() -> None:
    assert stays(placed(october(1), october(20)), placed(october(5), october(6), no=2)) == [
        (october(1), october(20), 2, 19)
    ]


def test_touching_placements_are_one_stay() -> None:
    assert stays(placed(october(1), october(5)), placed(october(5), october(9), no=2)) == [
        (october(1), october(9), 2, 8)
    ]


def test_one_night_away_makes_two_stays_unless_the_gap_is_set() -> None:
    away = (placed(october(1), october(5)), placed(october(6), october(9), no=2))
    assert stays(*away) == [(october(1), october(5), 1, 4), (october(6), october(9), 1, 3)]
    joined = stays(*away, settings=Settings(stay_gap_nights=1))
    assert joined == [(october(1), october(9), 2, 7)], "nights of the gap were not spent in temporary accommodation"
    goes_on = stays(placed(october(1), october(5)), placed(october(6), no=2), settings=Settings(stay_gap_nights=1))
    assert goes_on == [(october(1), None, 2, None)]
    con = built(main=[case()], temporary_accommodation=list(away))
    assert rows_of(con, "select stay_no from stays order by entry_date") == [(1,), (2,)]


def test_a_same_day_placement_is_a_stay_of_no_nights() -> None:
    assert stays(placed(october(3), october(3))) == [(october(3), october(3), 1, 0)]


def test_own_arrangements_are_no_part_of_a_stay() -> None:
    assert stays(placed(october(1), october(5), ta_type="own"), placed(october(5), no=2)) == [
        (october(5), None, 1, None)
    ]


def test_an_exit_after_the_quarter_leaves_the_placement_open() -> None:
    con = built(
        as_at=date(2026, 1, 20),
        main=[case()],
        temporary_accommodation=[placed(october(1), date(2026, 1, 5), exit_reason="left")],
    )
    assert rows_of(con, "select exit_date, exit_reason from placements") == [(None, None)]


def test_masking_can_be_switched_off() -> None:
    con = built(
        as_at=date(2026, 1, 20),
        settings=Settings(mask_after_quarter_end=False),
        main=[case()],
        temporary_accommodation=[placed(october(1), date(2026, 1, 5), exit_reason="left")],
    )
    assert rows_of(con, "select exit_date, exit_reason from placements") == [(date(2026, 1, 5), "left")]


def test_an_ending_after_the_quarter_shows_an_open_duty_without_what_depends_on_it() -> None:
    con = built(
        as_at=date(2026, 1, 20),
        main=[case(assess_date=october(2), assess1="prevention")],
        prevention=[
            {
                "case_ref": 1,
                "prevention_start": october(2),
                "prevention_end": date(2026, 1, 3),
                "prevention_outcome": "secured_alternative",
                "prevention_activity": "dhp",
                "accom_pr": "prs_self",
                "prevention_accom_la": LA,
            }
        ],
        assistance=[{"case_ref": 1, "support_need": "mental", "assistance": "provided"}],
    )
    assert rows_of(con, "select end_date, outcome, activity, accommodation, accommodation_la from duties") == [
        (None,) * 5
    ]
    assert rows_of(con, "select stage, case_closed_date from households") == [("prevention", None)]
    assert rows_of(con, "select count(*) from assistance") == [(0,)]


def test_a_case_applied_for_after_the_quarter_is_not_known_yet() -> None:
    con = built(
        as_at=date(2026, 1, 20), main=[case(application_date=date(2026, 1, 2))], people=[person("main_applicant")]
    )
    assert rows_of(con, "select count(*) from households") == [(0,)]
    assert rows_of(con, "select count(*) from ages") == [(0,)]


def test_an_earlier_quarter_of_the_same_run_shows_the_case_as_it_stood() -> None:
    sections: dict[str, Any] = {
        "main": [case(application_date=date(2025, 8, 1), assess_date=date(2025, 8, 5), assess1="relief")],
        "relief": [
            {
                "case_ref": 1,
                "relief_start": date(2025, 8, 5),
                "relief_end": october(3),
                "relief_outcome": "elapsed_56",
            }
        ],
        "final_duties": [{"case_ref": 1, "main_decision_date": october(10), "main_decision": "accepted"}],
    }
    stage = "select stage from households"
    assert rows_of(built(quarter=Quarter(2025, 2), **sections), stage) == []
    assert rows_of(built(quarter=Quarter(2025, 3), **sections), stage) == [("relief",)]
    assert rows_of(built(quarter=Q4, **sections), stage) == [("main",)]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ([person("main_applicant", sex="female")], "single_adult_female"),
        ([person("main_applicant", sex="nk")], "single_adult_other"),
        ([person("main_applicant")], "single_adult_other"),
        ([person("main_applicant", sex="male"), person("dependent_child", no=2, dependent=True)], "single_parent_male"),
        ([person("main_applicant"), person("partner", no=2)], "couple_no_children"),
        ([person("main_applicant"), person("other_adult", no=2, dependent=True)], "single_parent_other"),
        ([person("main_applicant"), person("other_child", no=2, age=12, dependent=False)], "single_adult_other"),
        ([person("main_applicant"), person("other", no=2, dependent=False)], "couple_no_children"),
        (
            [
                person("main_applicant"),
                person("partner", no=2),
                person("other_adult", no=3, dependent=False),
                person("dependent_child", no=4, dependent=True),
            ],
            "three_adults_children",
        ),
        ([person("main_applicant"), person("nk", no=2)], "nk"),
        ([person("main_applicant"), person("nk", no=2, age=40)], "couple_no_children"),
        ([person("main_applicant"), person("nk", no=2, dependent=True)], "single_parent_other"),
        ([person("main_applicant"), person("nk", no=2, dependent=False)], "couple_no_children"),
        ([person("main_applicant"), person("other", no=2)], "couple_no_children"),
        ([person("partner")], "nk"),
        ([], "nk"),
    ],
)
def test_household_type_follows_adults_and_dependent_children(members: list[dict[str, Any]], expected: str) -> None:
    con = built(main=[case()], people=members)
    assert rows_of(con, "select household_type from households") == [(expected,)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"age": 15}, True),
        ({"age": 16}, False),
        ({"age": 18, "in_education": True}, True),
        ({"age": 18, "unable_to_support": True}, True),
        ({"age": 19, "in_education": True}, False),
        ({"age": 15, "lives_with_applicant": False}, False),
        ({"age": 15, "dependent": False}, False),
        ({"age": 30, "dependent": True}, True),
    ],
)
def test_the_flag_says_who_is_dependent_and_age_only_without_one(values: dict[str, Any], expected: bool) -> None:
    con = built(main=[case()], people=[person("other_child", **values)])
    assert rows_of(con, "select is_dependent from ages") == [(expected,)]


def test_age_is_reached_on_the_birthday() -> None:
    con = built(
        main=[case(assess_date=october(10), assess1="relief")],
        people=[
            person("main_applicant", date_of_birth=date(2000, 10, 11)),
            person("other_child", no=2, date_of_birth=date(2007, 12, 31)),
            person("other_child", no=3, date_of_birth=date(2008, 1, 1)),
        ],
    )
    assert rows_of(con, "select age_at_assessment from households") == [(24,)]
    assert rows_of(con, "select age_at_last_day, is_under_18_at_last_day from ages order by person_no") == [
        (25, False),
        (18, False),
        (17, True),
    ]


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({}, ("assessment", None)),
        ({"assess1": "not_threatened_56"}, ("no duty", october(2))),
        ({"assess1": "prevention_notice"}, ("prevention", None)),
        ({"prevention": "secured_existing"}, ("closed", october(20))),
        ({"prevention": "homeless"}, ("relief", None)),
        ({"prevention": "refused_coop"}, ("closed", october(20))),
        ({"prevention": "refused_accom", "relief": "secured"}, ("closed", october(25))),
        ({"relief": "secured"}, ("closed", october(25))),
        ({"relief": "elapsed_56"}, ("decision", None)),
        ({"relief": "elapsed_56", "decision": "no_priority_need"}, ("closed", october(28))),
        ({"relief": "intentional", "decision": "accepted"}, ("main", None)),
    ],
)
def test_a_case_closes_when_nothing_follows_its_last_ending(
    sections: dict[str, str], expected: tuple[str, date | None]
) -> None:
    assess1 = sections.get("assess1") or ("relief" if "relief" in sections else "prevention" if sections else None)
    con = built(
        main=[case(assess_date=october(2) if assess1 else None, assess1=assess1)],
        prevention=[
            {
                "case_ref": 1,
                "prevention_start": october(2),
                "prevention_end": october(20),
                "prevention_outcome": sections["prevention"],
            }
        ]
        if "prevention" in sections
        else [],
        relief=[
            {
                "case_ref": 1,
                "relief_start": october(2),
                "relief_end": october(25),
                "relief_outcome": sections["relief"],
            }
        ]
        if "relief" in sections
        else [],
        final_duties=[{"case_ref": 1, "main_decision_date": october(28), "main_decision": sections["decision"]}]
        if "decision" in sections
        else [],
    )
    assert rows_of(con, "select stage, case_closed_date from households") == [expected]


@pytest.mark.parametrize(
    ("own", "host", "expected"),
    [
        ("E06000034", "E06000034", False),
        ("E06000034", "E09000025", True),
        # Barnsley before and after its code changed (hclic-spec 1.2).
        ("E08000038", "E08000016", False),
        ("E06000034", "W06000015", True),
        ("E06000034", "nk", True),
        ("E06000034", None, False),
    ],
)
def test_districts_are_compared_by_their_present_codes(own: str, host: str | None, expected: bool) -> None:
    con = built(la_code=own, main=[case()], temporary_accommodation=[placed(october(1), ta_la=host)])
    assert rows_of(con, "select is_out_of_district from placements") == [(expected,)]


def test_a_missing_duty_is_not_classifiable() -> None:
    con = built(main=[case()], temporary_accommodation=[placed(october(1))])
    assert rows_of(con, "select taduty_group from placements") == [("not_classifiable",)]


def test_only_an_acceptance_is_a_main_duty() -> None:
    con = built(
        main=[case(1), case(2)],
        final_duties=[
            {"case_ref": 1, "main_decision_date": october(9), "main_decision": "accepted", "pneed": "children"},
            {"case_ref": 2, "main_decision_date": october(9), "main_decision": "intentional", "pneed": "mental"},
        ],
    )
    assert rows_of(con, "select case_ref from duties where duty = 'main'") == [(ref(1),)]
    assert rows_of(con, "select count(*) from decisions") == [(2,)]


def test_no_personal_column_passes_staging_but_the_date_of_birth() -> None:
    con = built(main=[case()], people=[person("main_applicant", surname="Example", nino="QQ123456C")])
    columns = {row[0] for row in rows_of(con, "describe quarter_end.people")}
    assert not columns & {"forename", "surname", "nino", "last_address"}
    marts = ", ".join(f"'{name}'" for name in MARTS)
    found = rows_of(con, f"select distinct column_name from duckdb_columns() where table_name in ({marts})")
    assert "date_of_birth" not in {row[0] for row in found}


@pytest.mark.parametrize(
    ("folder", "name"), [("staging", name) for name in STAGING] + [("marts", name) for name in MARTS]
)
def test_the_key_in_a_file_is_unique_and_never_null(folder: str, name: str) -> None:
    path = f"{folder}/{name}.sql"
    assert sql.text(path).startswith("-- One row per ")
    key = sql.key(path)
    con = busy_case()
    filled = rows_of(con, f"select count(*) from {name}")[0][0]
    assert filled > 0, f"{name} has no row to test its key on"
    columns = ", ".join(key)
    nulls = " or ".join(f"{column} is null" for column in key)
    assert rows_of(con, f"select count(*) from {name} where {nulls}") == [(0,)]
    assert rows_of(con, f"select count(*) from (select distinct {columns} from {name})") == [(filled,)]


def busy_case() -> Any:
    """Two cases with rows in every section and two placements entered on one day."""
    return built(
        main=[case(number, assess_date=october(2), assess1="prevention") for number in (1, 2)],
        people=[person("main_applicant", number, sex="female") for number in (1, 2)]
        + [person("dependent_child", number, no=2, dependent=True) for number in (1, 2)],
        support_needs=[{"case_ref": n, "support_need": need} for n in (1, 2) for need in ("mental", "drug")],
        prevention=[
            {
                "case_ref": n,
                "prevention_start": october(2),
                "prevention_end": october(9),
                "prevention_outcome": "homeless",
            }
            for n in (1, 2)
        ],
        relief=[
            {"case_ref": n, "relief_start": october(9), "relief_end": date(2025, 12, 4), "relief_outcome": "elapsed_56"}
            for n in (1, 2)
        ],
        final_duties=[
            {
                "case_ref": n,
                "main_decision_date": date(2025, 12, 5),
                "main_decision": "accepted",
                "pneed": "children",
                "main_duty_end": date(2025, 12, 20),
                "main_duty_outcome": "part6_accepted",
            }
            for n in (1, 2)
        ],
        assistance=[{"case_ref": n, "support_need": "mental", "assistance": "provided"} for n in (1, 2)],
        temporary_accommodation=[placed(october(9), number=n, no=no) for n in (1, 2) for no in (1, 2)],
        reviews=[
            {"case_ref": n, "review_no": 1, "review_requested_date": october(20), "decision_reviewed": "suitability"}
            for n in (1, 2)
        ],
    )


def test_events_of_a_case_are_numbered_in_order_of_day() -> None:
    found = rows_of(busy_case(), f"select event from events where case_ref = '{ref(1)}' order by event_no")
    assert [row[0] for row in found] == [
        "applied",
        "assessed",
        "prevention_started",
        "prevention_ended",
        "relief_started",
        "placed",
        "placed",
        "review_requested",
        "relief_ended",
        "main_decided",
        "main_started",
        "main_ended",
        "closed",
    ]


def test_every_event_of_a_case_with_its_day_and_detail_in_the_order_of_the_days_then_of_the_steps() -> None:
    """All on one day but the application, so that the step decides."""
    day, before = october(20), october(1)
    con = built(
        main=[case(1, assess_date=day, assess1="prevention"), case(2)],
        prevention=[
            {"case_ref": 1, "prevention_start": day, "prevention_end": day, "prevention_outcome": "contact_lost"}
        ],
        relief=[{"case_ref": 1, "relief_start": day, "relief_end": day, "relief_outcome": "elapsed_56"}],
        final_duties=[
            {"case_ref": 1, "main_decision_date": day, "main_decision": "accepted", "pneed": "other",
             "main_duty_end": day, "main_duty_outcome": "intentional"},
            {"case_ref": 2, "main_decision_date": day, "main_decision": "accepted"},
        ],
        temporary_accommodation=[
            placed(day, day, exit_reason="evicted", ta_type="psl"),
            placed(day, no=2, ta_type="bb"),
            placed(day, no=3, ta_type=None),
        ],
        reviews=[
            {"case_ref": 1, "review_no": 1, "review_requested_date": day, "decision_reviewed": "prevention_ended",
             "review_outcome_date": day, "review_outcome": "out_of_time"}
        ],
    )  # fmt: skip
    found = rows_of(con, "select case_ref, event_no, event_date, event, detail from events order by case_ref, event_no")
    assert found == [
        (ref(1), 1, before, "applied", None),
        (ref(1), 2, day, "assessed", "prevention"),
        (ref(1), 3, day, "prevention_started", None),
        (ref(1), 4, day, "prevention_ended", "contact_lost"),
        (ref(1), 5, day, "relief_started", None),
        (ref(1), 6, day, "relief_ended", "elapsed_56"),
        (ref(1), 7, day, "main_decided", "accepted"),
        (ref(1), 8, day, "main_started", "other"),
        (ref(1), 9, day, "main_ended", "intentional"),
        (ref(1), 10, day, "left", "evicted"),
        (ref(1), 11, day, "placed", None),
        (ref(1), 12, day, "placed", "bb"),
        (ref(1), 13, day, "placed", "psl"),
        (ref(1), 14, day, "review_requested", "prevention_ended"),
        (ref(1), 15, day, "review_decided", "out_of_time"),
        (ref(1), 16, day, "closed", None),
        (ref(2), 1, before, "applied", None),
        (ref(2), 2, day, "main_decided", "accepted"),
        (ref(2), 3, day, "main_started", None),
    ]


@pytest.mark.parametrize(
    ("placements", "expected"),
    [
        # An ending before the entry is a placement of no nights.
        ([placed(october(9), october(3))], [(october(9), october(9), 1, 0)]),
        # The longer of two entered on one day reaches to the third.
        (
            [
                placed(october(1), october(9)),
                placed(october(1), october(3), no=2),
                placed(october(9), october(11), no=3),
            ],
            [(october(1), october(11), 3, 10)],
        ),
        (
            [placed(october(1), october(2)), placed(october(3), october(5), no=2), placed(october(4), no=3)],
            [(october(1), october(2), 1, 1), (october(3), None, 2, None)],
        ),
        # Entered as the stay of yesterday still goes on.
        ([placed(october(1)), placed(october(5), october(7), no=2)], [(october(1), None, 2, None)]),
    ],
)
def test_stays_over_placements_that_overlap(placements: list[dict[str, Any]], expected: list[tuple[Any, ...]]) -> None:
    assert stays(*placements) == expected


def test_a_gap_of_as_many_nights_as_are_set_joins_and_one_more_does_not() -> None:
    away = (placed(october(1), october(5)), placed(october(7), october(9), no=2))
    assert stays(*away, settings=Settings(stay_gap_nights=2)) == [(october(1), october(9), 2, 6)]
    assert len(stays(*away, settings=Settings(stay_gap_nights=1))) == 2


def test_the_first_of_two_main_applicants_speaks_for_the_household() -> None:
    people = [person("main_applicant", no=2, sex="male"), person("main_applicant", no=1, sex="female")]
    con = built(main=[case(1), case(2)], people=people)
    assert rows_of(con, "select case_ref, sex from households order by 1") == [(ref(1), "female"), (ref(2), None)]
