"""Who is on each worklist, on its boundary days, in which order, and how the samples are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.period import Quarter
from pipelines.settings import Settings
from pipelines.transform import RECORDED, build_facts, load_sections, prepare
from pipelines.worklists import Worklist, worklists
from tests.transform.warehouse import LA, RUN, in_memory, ref, section_frame

DAY = date(2025, 11, 14)
"""The export's day: within the quarter, as on a daily run."""
QUARTER = Quarter(2025, 4)
Rows = Iterable[Mapping[str, Any]]


def ago(days: int, day: date = DAY) -> date:
    return day - timedelta(days=days)


@contextmanager
def recorded(
    quarter: Quarter = QUARTER, as_at: date = DAY, settings: Settings | None = None, **sections: Rows
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The facts as recorded: all that the worklists read."""
    with in_memory() as con:
        load_sections(con, {name: section_frame(name, given) for name, given in sections.items()})
        prepare(con, run_id=RUN, la_code=LA, quarter=quarter, as_at=as_at, settings=settings)
        build_facts(con, RECORDED)
        yield con


def lists(
    *,
    as_at: date = DAY,
    quarter: Quarter = QUARTER,
    settings: Settings | None = None,
    seed: int | None = None,
    **sections: Rows,
) -> dict[str, Worklist]:
    with recorded(quarter, as_at, settings, **sections) as con:
        return {one.ident: one for one in worklists(con, seed=seed)}


def rows(ident: str, **given: Any) -> pl.DataFrame:
    return lists(**given)[ident].rows


def case(number: int, applied: date, assess1: str | None = "relief", **more: Any) -> dict[str, Any]:
    assessed = {} if assess1 is None else {"assess_date": applied, "assess1": assess1}
    return {
        "la_code": LA,
        "case_ref": number,
        "local_ref": f"HX{number}",
        "application_date": applied,
        "officer": "HO01",
        **assessed,
        **more,
    }


def placed(number: int, entry: date, left: date | None = None, no: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "case_ref": number,
        "placement_no": no,
        "entry_date": entry,
        "exit_date": left,
        "ta_type": "hostel",
        "taduty": "s188_1",
        **more,
    }


def relief(number: int, start: date, end: date | None = None, outcome: str | None = None) -> dict[str, Any]:
    return {"case_ref": number, "relief_start": start, "relief_end": end, "relief_outcome": outcome}


# Stays with no sign of life


def test_a_stay_is_asked_about_from_the_90th_day_without_a_sign() -> None:
    found = rows(
        "no-sign-of-life",
        main=[case(1, ago(200), last_activity_date=ago(90)), case(2, ago(200), last_activity_date=ago(89))],
        temporary_accommodation=[placed(1, ago(150)), placed(2, ago(150))],
    )
    assert found.rows(named=True) == [
        {
            "your_reference": "HX1",
            "case_ref": ref(1),
            "officer": "HO01",
            "team": "Not recorded",
            "reason": "No sign for 90 days",
            "ta_type": "Hostel or refuge",
            "in_ta_since": ago(150),
            "days": 150,
            "last_sign_on": ago(90),
            "last_sign": "work on the case",
            "days_without_sign": 90,
        }
    ]


def test_what_the_household_takes_part_in_is_a_sign_of_it() -> None:
    found = rows(
        "no-sign-of-life",
        settings=Settings(sign_of_life_days=30),
        main=[
            case(1, ago(200)),
            case(2, ago(200), php_date=ago(31)),
            case(3, ago(200), first_contact_date=ago(32)),
            case(4, ago(200)),
            *(case(n, ago(200)) for n in (5, 6, 7)),
        ],
        reviews=[{"case_ref": 4, "review_no": 1, "review_requested_date": ago(33)}],
        temporary_accommodation=[
            *(placed(n, ago(150)) for n in range(1, 6)),
            placed(6, ago(150), last_seen_date=ago(35)),
            placed(7, ago(150), last_rent_date=ago(36)),
            placed(1, ago(30), no=2),
            placed(5, ago(150), ago(34), no=2),
        ],
    )
    assert found.sort("case_ref").select("last_sign", "last_sign_on").rows() == [
        ("moved into a placement", ago(30)),
        ("personalised housing plan", ago(31)),
        ("first contact", ago(32)),
        ("request for a review", ago(33)),
        ("left a placement", ago(34)),
        ("seen in the accommodation", ago(35)),
        ("rent or charge paid", ago(36)),
    ]


def test_a_letter_a_decision_or_the_end_of_a_duty_is_no_sign_of_the_household() -> None:
    found = rows(
        "no-sign-of-life",
        main=[case(1, ago(200), assess_notified_date=ago(5))],
        relief=[relief(1, ago(200), ago(20), "elapsed_56")],
        final_duties=[{"case_ref": 1, "main_decision_date": ago(10), "main_decision": "accepted"}],
        temporary_accommodation=[placed(1, ago(150))],
    )
    assert found.select("last_sign_on", "last_sign").rows() == [(ago(150), "moved into a placement")]


def test_a_sign_of_a_later_day_than_the_export_is_none() -> None:
    found = rows(
        "no-sign-of-life",
        main=[case(1, ago(200), last_activity_date=ago(-1))],
        temporary_accommodation=[placed(1, ago(150))],
    )
    assert found["days_without_sign"].to_list() == [150]


def test_who_left_by_the_day_of_the_export_is_not_asked_about() -> None:
    """The day of leaving is no night; one who leaves tomorrow is still there."""
    found = rows(
        "no-sign-of-life",
        main=[case(n, ago(200)) for n in (1, 2, 3)],
        temporary_accommodation=[placed(1, ago(150), ago(0)), placed(2, ago(150), ago(-1)), placed(3, ago(150))],
    )
    assert found["case_ref"].to_list() == [ref(2), ref(3)]


def test_an_ending_that_the_return_masks_is_known_to_the_worklists() -> None:
    after = date(2026, 1, 10)
    found = rows(
        "no-sign-of-life",
        as_at=after,
        main=[case(1, ago(200))],
        temporary_accommodation=[placed(1, ago(150), date(2026, 1, 5))],
    )
    assert found.is_empty()


def test_a_stay_is_over_the_local_limit_the_day_after_it() -> None:
    found = rows(
        "no-sign-of-life",
        settings=Settings(long_stay_days=400),
        main=[case(n, ago(500), last_activity_date=ago(1)) for n in (1, 2)],
        temporary_accommodation=[placed(1, ago(400)), placed(2, ago(401))],
    )
    assert found.select("case_ref", "reason").rows() == [(ref(2), "Over your limit of 400 days")]


@pytest.mark.parametrize(("count", "outliers"), [(49, []), (50, [ref(50)])])
def test_the_longest_of_50_stays_in_a_type_is_an_outlier(count: int, outliers: list[str]) -> None:
    """Above the 98th percentile: of 49 stays none can be longer than 98 of 100."""
    numbers = range(1, count + 1)
    found = rows(
        "no-sign-of-life",
        main=[case(n, ago(80), last_activity_date=ago(1)) for n in (*numbers, 900)],
        # One longer stay in another type is the only one there.
        temporary_accommodation=[*(placed(n, ago(n)) for n in numbers), placed(900, ago(70), ta_type="bb")],
    )
    assert found["case_ref"].to_list() == outliers
    assert set(found["reason"]) <= {"Longer than 98 of 100 stays in this type"}


def test_without_a_percentile_no_stay_is_an_outlier() -> None:
    given = lists(
        settings=Settings(long_stay_percentile=100),
        main=[case(n, ago(80), last_activity_date=ago(1)) for n in range(1, 61)],
        temporary_accommodation=[placed(n, ago(n)) for n in range(1, 61)],
    )["no-sign-of-life"]
    assert given.rows.is_empty()
    assert "of 100" not in given.about[0]


def test_the_longest_without_a_sign_comes_first() -> None:
    found = rows(
        "no-sign-of-life",
        settings=Settings(long_stay_days=300),
        main=[
            case(1, ago(400), last_activity_date=ago(95)),
            case(2, ago(400), last_activity_date=ago(120)),
            case(3, ago(500), last_activity_date=ago(2)),
        ],
        temporary_accommodation=[placed(1, ago(200)), placed(2, ago(200)), placed(3, ago(450))],
    )
    assert found["case_ref"].to_list() == [ref(2), ref(1), ref(3)]


# Duties past their time


def test_a_duty_is_past_its_time_on_its_57th_day() -> None:
    found = rows(
        "duties-past-their-time",
        main=[case(n, ago(56 - n % 2), "prevention" if n < 3 else "relief") for n in range(1, 5)],
        prevention=[{"case_ref": n, "prevention_start": ago(56 - n % 2)} for n in (1, 2)],
        relief=[relief(n, ago(56 - n % 2)) for n in (3, 4)],
    )
    assert found.select("case_ref", "what", "began", "time_was_up", "days_past").rows() == [
        (ref(4), "Relief duty open after 56 days", ago(56), ago(1), 1),
        (ref(2), "Prevention duty open after 56 days", ago(56), ago(1), 1),
    ]


def test_a_decision_is_awaited_from_the_day_after_relief_ended() -> None:
    found = rows(
        "duties-past-their-time",
        main=[case(n, ago(57)) for n in (1, 2)],
        relief=[relief(1, ago(57), ago(0), "elapsed_56"), relief(2, ago(57), ago(1), "elapsed_56")],
    )
    assert found.select("case_ref", "what").rows() == [(ref(2), "No main duty decision after relief ended")]


def test_a_decision_made_takes_the_case_off_the_lists() -> None:
    found = lists(
        main=[case(1, ago(90))],
        relief=[relief(1, ago(90), ago(34), "elapsed_56")],
        final_duties=[{"case_ref": 1, "main_decision_date": ago(0), "main_decision": "accepted"}],
        temporary_accommodation=[placed(1, ago(60))],
    )
    assert found["duties-past-their-time"].rows.is_empty()
    assert found["residents-without-a-decision"].rows.is_empty()


def test_a_review_is_past_its_time_the_day_after_its_eight_weeks() -> None:
    ended = {"prevention_start": ago(100), "prevention_end": ago(70), "prevention_outcome": "secured_existing"}
    found = rows(
        "duties-past-their-time",
        main=[case(n, ago(100), "prevention") for n in (1, 2)],
        prevention=[{"case_ref": n, **ended} for n in (1, 2)],
        reviews=[{"case_ref": n, "review_no": 1, "review_requested_date": ago(54 + n)} for n in (1, 2)],
    )
    assert found.select("case_ref", "what", "began", "time_was_up", "days_past").rows() == [
        (ref(2), "Review not decided in time", ago(56), ago(1), 1)
    ]


def test_a_family_is_over_six_weeks_in_bed_and_breakfast_after_the_42nd_night() -> None:
    """Over two placements with ten nights elsewhere between them, which do not count; case 3 has no child."""
    nights = {1: 42, 2: 43, 3: 43}
    adult = {"person_no": 1, "relationship": "main_applicant", "date_of_birth": date(1990, 1, 1)}
    child = {"person_no": 2, "relationship": "dependent_child", "date_of_birth": date(2020, 1, 1)}
    found = rows(
        "duties-past-their-time",
        main=[case(n, ago(20)) for n in nights],
        people=[{"case_ref": n, **adult} for n in nights] + [{"case_ref": n, **child} for n in (1, 2)],
        temporary_accommodation=[
            row
            for n, count in nights.items()
            for row in (placed(n, ago(count + 10), ago(20), ta_type="bb"), placed(n, ago(10), no=2, ta_type="bb"))
        ],
    )
    assert found.select("case_ref", "what", "began", "days_past").rows() == [
        (ref(2), "Family in bed and breakfast for more than six weeks", ago(53), 1)
    ]


def test_what_the_law_forbids_comes_before_what_it_times_and_the_longest_first() -> None:
    child = {"case_ref": 4, "person_no": 2, "relationship": "dependent_child", "date_of_birth": date(2020, 1, 1)}
    adult = {"case_ref": 4, "person_no": 1, "relationship": "main_applicant", "date_of_birth": date(1990, 1, 1)}
    found = rows(
        "duties-past-their-time",
        main=[case(1, ago(300), "prevention"), case(2, ago(90)), case(3, ago(100)), case(4, ago(50))],
        people=[adult, child],
        prevention=[{"case_ref": 1, "prevention_start": ago(300)}],
        relief=[relief(2, ago(90)), relief(3, ago(100)), relief(4, ago(50))],
        temporary_accommodation=[placed(4, ago(50), ta_type="bb")],
    )
    assert found["case_ref"].to_list() == [ref(4), ref(3), ref(2), ref(1)]


# Residents without a decision


def test_a_resident_waits_for_a_decision_once_relief_has_ended_or_run_out() -> None:
    """Relief that ends on the day itself has not ended before it."""
    relief_of = {1: (55, None), 2: (56, None), 3: (20, 0), 4: (20, 1)}
    found = rows(
        "residents-without-a-decision",
        main=[case(n, ago(60)) for n in relief_of],
        relief=[
            relief(n, ago(start), *(() if end is None else (ago(end), "elapsed_56")))
            for n, (start, end) in relief_of.items()
        ],
        temporary_accommodation=[placed(n, ago(10)) for n in relief_of],
    )
    assert found.select("case_ref", "reason", "days_waiting").rows() == [
        (ref(2), "Relief past 56 days", 1),
        (ref(4), "Relief has ended", 1),
    ]


def test_a_resident_without_relief_on_record_is_asked_about_after_56_days() -> None:
    found = rows(
        "residents-without-a-decision",
        main=[case(n, ago(60), None) for n in (1, 2)],
        temporary_accommodation=[placed(1, ago(55)), placed(2, ago(56))],
    )
    assert found.select("case_ref", "reason", "taduty", "days", "days_waiting").rows() == [
        (ref(2), "No relief duty on record", "Section 188(1) interim duty pending enquiries", 56, 1)
    ]


def test_who_is_not_in_temporary_accommodation_is_no_resident() -> None:
    found = rows(
        "residents-without-a-decision",
        main=[case(1, ago(90))],
        relief=[relief(1, ago(90))],
        temporary_accommodation=[placed(1, ago(80), ago(0))],
    )
    assert found.is_empty()


# Quiet cases


def test_a_case_is_quiet_from_the_day_that_is_set() -> None:
    found = rows(
        "quiet-cases",
        main=[case(n, ago(50), last_activity_date=ago(quiet)) for n, quiet in ((1, 27), (2, 28))],
        relief=[relief(n, ago(50)) for n in (1, 2)],
    )
    assert found.select("case_ref", "stage", "last_activity_date", "quiet_days", "is_in_ta").rows() == [
        (ref(2), "Relief duty", ago(28), 28, "No")
    ]


def test_days_are_counted_to_the_export_and_not_to_the_quarters_end() -> None:
    given = {"main": [case(1, ago(50), last_activity_date=ago(20))], "relief": [relief(1, ago(50))]}
    assert rows("quiet-cases", **given).is_empty()
    assert rows("quiet-cases", as_at=QUARTER.last_day, **given)["quiet_days"].to_list() == [67]


def test_a_case_without_activity_on_record_comes_first_and_the_setting_is_read() -> None:
    found = rows(
        "quiet-cases",
        settings=Settings(quiet_days=7),
        main=[case(n, ago(50), last_activity_date=ago(quiet)) for n, quiet in ((1, 6), (2, 7), (3, 9))]
        + [case(4, ago(50))],
        relief=[relief(n, ago(50)) for n in range(1, 5)],
    )
    assert found["case_ref"].to_list() == [ref(4), ref(3), ref(2)]


def test_an_export_without_days_of_activity_calls_no_case_quiet_and_says_so() -> None:
    found = lists(main=[case(1, ago(50))], relief=[relief(1, ago(50))])["quiet-cases"]
    assert found.rows.is_empty()
    assert "no day of last activity" in found.about[-1]


# Six-month calls


def secured(number: int, ended: date) -> dict[str, Any]:
    return {**relief(number, ended - timedelta(days=30), ended, "secured"), "relief_accom": "prs_self"}


def calls(numbers: Iterable[int], ended: date = date(2025, 5, 20), *, size: int = 25, **more: Any) -> list[str]:
    chosen = list(numbers)
    found = rows(
        "sustainment-calls",
        settings=Settings(sustainment_sample=size),
        main=[case(n, ended - timedelta(days=30)) for n in chosen],
        relief=[secured(n, ended) for n in chosen],
        **more,
    )
    return sorted(found["case_ref"])


def test_calls_are_due_six_months_after_an_ending_in_the_quarter_in_hand() -> None:
    """30 September and 1 January are outside October to December."""
    ended = (date(2025, 3, 31), date(2025, 4, 1), date(2025, 6, 30), date(2025, 7, 1))
    found = rows(
        "sustainment-calls",
        main=[case(n, day - timedelta(days=30)) for n, day in enumerate(ended, 1)],
        relief=[secured(n, day) for n, day in enumerate(ended, 1)],
    )
    assert found.select("case_ref", "look_up_day").rows() == [
        (ref(2), date(2025, 10, 1)),
        (ref(3), date(2025, 12, 30)),
    ]


@pytest.mark.parametrize(
    ("day", "quarter", "words"),
    [
        (date(2025, 12, 30), QUARTER, "October to December 2025"),
        (date(2025, 12, 31), QUARTER, "January to March 2026"),
        (date(2026, 1, 12), QUARTER, "January to March 2026"),
    ],
)
def test_the_calls_are_those_of_the_quarter_that_holds_tomorrow(day: date, quarter: Quarter, words: str) -> None:
    found = lists(as_at=day, quarter=quarter)["sustainment-calls"]
    assert words in found.about[0]


def test_an_ending_is_drawn_in_one_quarter_only() -> None:
    """Each ending of a year is due on one day: no two quarters draw it."""
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(0, 365, 9)]
    given = {
        "main": [case(n, day - timedelta(days=30)) for n, day in enumerate(days, 1)],
        "relief": [secured(n, day) for n, day in enumerate(days, 1)],
        "settings": Settings(sustainment_sample=200),
    }
    drawn: list[str] = []
    for quarter in (Quarter(2025, 2), Quarter(2025, 3), Quarter(2025, 4), Quarter(2026, 1)):
        drawn += rows("sustainment-calls", as_at=quarter.last_day, quarter=quarter, **given)["case_ref"].to_list()
    assert len(drawn) == len(set(drawn))
    # Called in July 2025 to June 2026 are those whose duty ended from January to December 2025.
    assert len(drawn) == len(days)


def test_the_same_seed_draws_the_same_households_and_another_draws_others() -> None:
    one = calls(range(1, 61), size=10)
    assert len(one) == 10
    assert calls(reversed(range(1, 61)), size=10) == one
    assert calls(range(1, 61), size=10, seed=1) == one
    assert calls(range(1, 61), size=10, seed=2) != one


def test_another_household_takes_one_place_at_most() -> None:
    one = calls(range(1, 61), size=10)
    # Among so many added ones, some are drawn; each pushes one other out.
    added = {ref(n) for n in range(61, 81)}
    other = calls(range(1, 81), size=10)
    came = set(other) & added
    assert came
    assert len(set(one) - set(other)) == len(came)
    assert set(other) <= {*one, *added}


def test_a_household_that_has_applied_again_is_not_called() -> None:
    """Case 1 came back on the day of the export, the household of case 2 applies tomorrow."""
    person = {"person_no": 1, "relationship": "main_applicant"}
    numbers = {1: "AB123456C", 2: "AB654321C", 3: "AB123456C", 4: "AB654321C"}
    found = rows(
        "sustainment-calls",
        main=[case(1, date(2025, 4, 20)), case(2, date(2025, 4, 20)), case(3, ago(0)), case(4, ago(-1))],
        people=[{"case_ref": n, **person, "nino": nino} for n, nino in numbers.items()],
        relief=[secured(n, date(2025, 5, 20)) for n in (1, 2)],
    )
    assert found["case_ref"].to_list() == [ref(2)]


def test_calls_come_in_the_order_of_their_days_and_in_words() -> None:
    found = rows(
        "sustainment-calls",
        main=[case(1, date(2025, 4, 20)), case(2, date(2025, 4, 10)), case(3, date(2025, 4, 1))],
        relief=[
            secured(1, date(2025, 5, 20)),
            secured(2, date(2025, 5, 10)),
            relief(3, ago(200), ago(150), "withdrew"),
        ],
    )
    assert found.select("case_ref", "duty", "accommodation", "look_up_day").rows() == [
        (ref(2), "Relief duty", "Private rented sector: Self-contained", date(2025, 11, 10)),
        (ref(1), "Relief duty", "Private rented sector: Self-contained", date(2025, 11, 20)),
    ]


# Files to review


def files(quarter: Quarter = QUARTER, **more: Any) -> Worklist:
    numbers = range(1, 41)
    return lists(
        quarter=quarter,
        as_at=quarter.last_day,
        settings=Settings(file_review_sample=8, sample_seed=5),
        main=[case(n, ago(100), "relief" if n % 2 else "prevention") for n in numbers],
        relief=[relief(n, ago(100)) for n in numbers if n % 2],
        prevention=[{"case_ref": n, "prevention_start": ago(100)} for n in numbers if not n % 2],
        **more,
    )["files-to-review"]


def test_files_are_drawn_evenly_over_the_stages_with_the_seed_on_the_list() -> None:
    drawn = files()
    assert drawn.rows["stratum"].to_list() == ["Prevention duty"] * 4 + ["Relief duty"] * 4
    assert drawn.seed == 5
    assert drawn.about == (
        "A random sample of the cases that are open or were closed in October to December 2025, evenly over the"
        " stages: 8 of 40, drawn with seed 5.",
    )
    assert files().rows.equals(drawn.rows)
    assert not files(seed=6).rows.equals(drawn.rows)


def test_with_one_seed_each_quarter_has_files_of_its_own() -> None:
    this, following = (set(files(quarter).rows["case_ref"]) for quarter in (QUARTER, Quarter(2026, 1)))
    assert this != following


# All of them


def test_every_list_asks_and_holds_nothing_personal() -> None:
    found = lists(main=[case(1, ago(90))], temporary_accommodation=[placed(1, ago(80), site="12 High Street")])
    assert list(found) == [
        "no-sign-of-life",
        "duties-past-their-time",
        "residents-without-a-decision",
        "quiet-cases",
        "sustainment-calls",
        "files-to-review",
    ]
    for one in found.values():
        assert one.question.partition("?")[1] == "?", one.ident
        assert one.answers, one.ident
        assert one.day == DAY
        assert one.rows.columns == [column.name for column in one.columns]
        assert one.rows.columns[:4] == ["your_reference", "case_ref", "officer", "team"]
        assert not {"forename", "surname", "date_of_birth", "nino", "postcode", "site"} & set(one.rows.columns)
        assert not any("_" in column.title for column in one.columns)


def test_the_database_of_the_run_is_left_as_it_was() -> None:
    relations = "select table_name from duckdb_tables() where not temporary order by all"
    with recorded(main=[case(1, ago(90))]) as con:
        before, path = (
            con.execute(relations).fetchall(),
            con.execute("select current_setting('search_path')").fetchall(),
        )
        worklists(con)
        assert con.execute(relations).fetchall() == before
        assert con.execute("select current_setting('search_path')").fetchall() == path
