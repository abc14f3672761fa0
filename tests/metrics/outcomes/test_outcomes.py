"""Outcomes, reviews, referrals and returns against cases small enough to work out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest

import sql
from pipelines.metrics.outcomes import build, prepare, relation
from pipelines.metrics.outcomes.persons import person_keys
from pipelines.period import Quarter
from pipelines.synthesise.routes import make_cases
from pipelines.transform import build as build_marts
from pipelines.transform import create_window
from schemas.codelists import codelist
from tests.transform.warehouse import LA, RUN, built, in_memory, load, ref

D31 = date(2025, 12, 31)


def assessed(number: int, day: date, outcome: str = "prevention", **more: Any) -> dict[str, Any]:
    return {
        "la_code": LA,
        "case_ref": number,
        "application_date": day,
        "assess_date": day,
        "assess1": outcome,
        **more,
    }


def prevention(number: int, start: date, end: date | None = None, outcome: str | None = None) -> dict[str, Any]:
    return {"case_ref": number, "prevention_start": start, "prevention_end": end, "prevention_outcome": outcome}


def prepared(*, first_day: date = date(2024, 4, 1), **sections: Any) -> duckdb.DuckDBPyConnection:
    con = built(**sections)
    create_window(con, first_day=first_day)
    prepare(con)
    return con


def states(con: duckdb.DuckDBPyConnection, months: int, reason: str = "all") -> dict[str, int]:
    rows = relation(con, "outcome_duty_reason").filter(horizon_months=months, reasonloss=reason, duty="prevention")
    return dict(rows.filter(pl.col("count_cases") > 0).select("state", "count_cases").rows())


def test_what_became_of_a_duty_is_asked_on_the_day_of_the_horizon() -> None:
    start = date(2024, 4, 10)
    # Six months on is 10 October 2024, twelve 10 April 2025.
    ends = {
        1: (date(2024, 10, 10), "secured_existing", "family_friends"),
        2: (date(2024, 10, 11), "secured_alternative", "prs_ast"),
        3: (date(2024, 6, 1), "homeless", "prs_ast"),
        4: (None, None, "prs_ast"),
    }
    with prepared(
        main=[assessed(n, start, reasonloss=reason) for n, (_, _, reason) in ends.items()],
        prevention=[prevention(n, start, end, outcome) for n, (end, outcome, _) in ends.items()],
    ) as con:
        six, twelve = states(con, 6), states(con, 12)
        tenancies = states(con, 6, "prs_ast")
    assert six == {"accommodated": 1, "homeless": 1, "still open": 2, "all": 4}
    assert twelve == {"accommodated": 2, "homeless": 1, "still open": 1, "all": 4}
    assert tenancies == {"homeless": 1, "still open": 2, "all": 3}


def test_duties_that_started_too_late_for_the_horizon_are_counted_apart() -> None:
    # On 31 December 2025 the six months of 30 June have just passed; those of 2 July have not.
    with prepared(
        main=[assessed(1, date(2025, 6, 30)), assessed(2, date(2025, 7, 2))],
        prevention=[
            prevention(1, date(2025, 6, 30), date(2025, 7, 1), "secured_existing"),
            prevention(2, date(2025, 7, 2), date(2025, 7, 3), "secured_existing"),
        ],
    ) as con:
        row = relation(con, "outcome_duty_reason").filter(horizon_months=6, reasonloss="all", state="all")
        year = relation(con, "outcome_duty_reason").filter(horizon_months=12, reasonloss="all", state="all")
    assert row.select("count_cases", "later_started").row(0) == (1, 1)
    assert year.select("count_cases", "share", "later_started").row(0) == (0, None, 2)


def applicant(number: int, **more: Any) -> dict[str, Any]:
    return {"case_ref": number, "person_no": 1, "relationship": "main_applicant", **more}


def test_a_household_that_applies_again_within_six_months_has_not_sustained() -> None:
    born = date(1990, 5, 5)
    end = date(2025, 2, 1)
    back = date(2025, 8, 1)  # six months after the end
    with prepared(
        main=[assessed(n, date(2025, 1, 2)) for n in (1, 2, 3, 4, 5)]
        + [assessed(11, back), assessed(12, back + timedelta(1)), assessed(13, back)],
        people=[
            applicant(1, nino="qq 12 34 56 c"),
            applicant(2, nino="QQ654321A"),
            applicant(3, forename="Zoë", surname="O'Neil", date_of_birth=born),
            applicant(4),
            applicant(5, nino="QQ111111A"),
            applicant(11, nino="QQ123456"),
            applicant(12, nino="QQ654321A"),
            applicant(13, forename="zoë", surname="ONeil", date_of_birth=born),
        ],
        prevention=[prevention(n, date(2025, 1, 2), end, "secured_existing") for n in (1, 2, 3, 4, 5)],
    ) as con:
        row = relation(con, "outcome_sustained").filter(duty="all", first_day=date(2025, 1, 1)).row(0, named=True)
        returns = dict(relation(con, "outcome_accommodated").select("case_ref", "return_date").rows())
    # 1 and 3 came back on the day six months on, 2 a day later, 4 cannot be recognised, 5 was not seen again.
    assert (row["returned"], row["no_return_seen"], row["cannot_be_linked"]) == (2, 2, 1)
    assert row["share_sustained"] == 0.5
    assert returns == {ref(1): back, ref(2): back + timedelta(1), ref(3): back, ref(4): None, ref(5): None}


def test_six_months_not_yet_over_are_neither_sustained_nor_not() -> None:
    with prepared(
        main=[assessed(1, date(2025, 7, 1))],
        people=[applicant(1, nino="QQ123456A")],
        prevention=[prevention(1, date(2025, 7, 1), date(2025, 7, 2), "secured_existing")],
    ) as con:
        row = relation(con, "outcome_sustained").filter(duty="all").row(0, named=True)
    assert (row["not_yet_reached"], row["no_return_seen"], row["share_sustained"]) == (1, 0, None)


def test_keys_of_a_person_depend_on_the_secret_and_hold_nothing_readable() -> None:
    ada = {"nino": "QQ123456A", "forename": "Ada", "surname": "Ashby", "born": "1990-01-02"}
    people = pl.DataFrame(
        [{"case_ref": "c1"} | ada, {"case_ref": "c2"} | ada, {"case_ref": "c3"} | ada | {"nino": None}]
    )
    keys = person_keys(people, b"one")
    assert keys["case_ref"].to_list() == ["c1", "c1", "c2", "c2", "c3"]
    assert keys["person_key"].n_unique() == 2, "one of the number, one of the names and the date of birth"
    assert set(keys["person_key"]).isdisjoint(person_keys(people, b"two")["person_key"])
    assert all(len(key) == 64 and "ada" not in key.lower() for key in keys["person_key"])


def test_a_person_in_one_case_only_has_no_key_and_one_without_number_and_names_no_row() -> None:
    ada = {"case_ref": "c1", "nino": "QQ123456A", "forename": "Ada", "surname": "Ashby", "born": "1990-01-02"}
    nobody = {"case_ref": "c2", "nino": None, "forename": "Ada", "surname": None, "born": "1990-01-02"}
    # The same case twice is no second case.
    keys = person_keys(pl.DataFrame([ada, ada, nobody]), b"one")
    assert keys.unique().rows() == [("c1", None)]


def test_reasons_are_ranked_and_compared_with_the_year_before() -> None:
    last, now = date(2024, 11, 1), date(2025, 11, 1)
    reasons = [(last, "family_friends")] * 3 + [(last, "prs_ast")] * 2 + [(last, "srs")]
    reasons += [(now, "family_friends")] * 2 + [(now, "prs_ast")] * 5 + [(now, "mortgage")] * 2
    with prepared(main=[assessed(n, day, reasonloss=why) for n, (day, why) in enumerate(reasons, 1)]) as con:
        rows = relation(con, "reason_quarter").filter(first_day=date(2025, 10, 1))
    assert rows.select("reasonloss", "count_cases", "rank_no", "rank_no_year_before", "places_gained").rows() == [
        ("prs_ast", 5, 1, 2, 1),
        ("family_friends", 2, 2, 1, -1),
        ("mortgage", 2, 2, None, None),
    ]
    assert rows["share"].to_list() == [0.5556, 0.2222, 0.2222]  # of nine


def test_arrears_stand_out_among_the_reasons_why_tenancies_ended() -> None:
    day = date(2025, 11, 1)
    with prepared(
        main=[
            assessed(1, day, reasonloss="prs_ast", reason_tenancy_end="arrears_benefit"),
            assessed(2, day, reasonloss="prs_ast"),
            assessed(3, day, reasonloss="mortgage"),
        ]
    ) as con:
        rows = relation(con, "reason_tenancy_quarter").select("reason_tenancy_end", "is_arrears", "count_cases").rows()
    assert rows == [("arrears_benefit", True, 1), ("not recorded", False, 1)]


def review(number: int, asked: date, decided: date | None, outcome: str | None, **more: Any) -> dict[str, Any]:
    return {
        "case_ref": number,
        "review_no": 1,
        "review_requested_date": asked,
        "decision_reviewed": "duty_owed",
        "review_outcome_date": decided,
        "review_outcome": outcome,
        **more,
    }


def test_reviews_are_due_after_eight_weeks_and_counted_where_they_fall() -> None:
    asked = date(2025, 10, 6)
    due = date(2025, 11, 30)  # 56 days, the day of the request being the first
    with prepared(
        main=[assessed(n, date(2025, 9, 1)) for n in range(1, 7)],
        reviews=[
            review(1, asked, due, "upheld"),
            review(2, asked, due + timedelta(1), "overturned"),
            review(3, asked, None, None),
            review(4, asked, date(2025, 10, 20), "withdrawn"),
            review(5, asked, date(2025, 10, 28), "upheld", decision_reviewed="php_steps"),
            review(6, asked, None, None, review_due_date=date(2026, 1, 10)),
        ],
    ) as con:
        row = relation(con, "review_quarter").filter(decision_reviewed="all", first_day=date(2025, 10, 1))
        waiting = relation(con, "review_open_list").select("case_ref", "due_date", "days_overdue").rows()
    got = row.row(0, named=True)
    # Due in the quarter: all but 6. In time: 1 and 4. Late: 2, 3 (still open) and 5 (three weeks end on 26 October).
    assert (got["requested"], got["due"], got["due_decided_in_time"], got["due_late_or_outstanding"]) == (6, 5, 2, 3)
    assert (got["decided"], got["overturned"], got["ended_undecided"]) == (3, 1, 1)
    assert got["share_in_time"] == 0.4
    assert waiting == [(ref(3), due, 31), (ref(6), date(2026, 1, 10), -10)]


def test_referrals_are_followed_to_what_became_of_them() -> None:
    day = date(2025, 10, 8)
    with prepared(
        main=[
            assessed(1, day, referral="dtr", referral_body="hospital"),
            assessed(2, day, referral="dtr", referral_body="hospital"),
            assessed(3, day, "not_threatened_56", referral="dtr", referral_body="probation"),
            {"la_code": LA, "case_ref": 4, "application_date": day, "referral": "agency"},
            assessed(5, day, referral="no"),
        ],
        prevention=[prevention(1, day, date(2025, 11, 1), "secured_existing"), prevention(2, day)],
    ) as con:
        rows = relation(con, "referral_quarter")
    columns = ["count_referrals", "not_assessed", "owed_prevention", "no_duty", "accommodated", "still_open"]
    hospital = rows.filter(referral_body="hospital").select(columns).row(0)
    total = rows.filter(referral="all").select(columns).row(0)
    assert hospital == (2, 0, 2, 0, 1, 1)
    assert total == (4, 1, 2, 1, 1, 1)


def test_outcomes_of_a_quarter_add_up() -> None:
    day = date(2025, 10, 1)
    outcomes = ("secured_existing", "secured_alternative", "homeless", "contact_lost", None)
    with prepared(
        main=[assessed(n, day) for n in range(1, 6)],
        prevention=[prevention(n, day, date(2025, 11, 1), outcome) for n, outcome in enumerate(outcomes, 1)],
    ) as con:
        rows = relation(con, "outcome_quarter").select("outcome_group", "count_cases", "share").rows()
    assert rows == [
        ("accommodated", 2, 0.4),
        ("all", 5, 1.0),
        ("contact lost or withdrew", 1, 0.2),
        ("homeless", 1, 0.2),
        ("not known", 1, 0.2),
    ]


def test_every_outcome_of_the_code_lists_has_a_group() -> None:
    groups = pl.read_csv(build.GROUPS)
    for duty in ("prevention", "relief", "main"):
        name = "main_duty_outcome" if duty == "main" else f"{duty}_outcome"
        assert set(groups.filter(duty=duty)["outcome"]) == set(codelist(name).codes), duty


def test_relations_have_the_key_they_name_and_no_personal_column() -> None:
    frames = make_cases(400, authority=LA, neighbour="E07000070", first_day=date(2024, 1, 1), last_day=D31, seed=9)
    with in_memory() as con:
        load(con, frames)
        build_marts(con, run_id=RUN, la_code=LA, quarter=Quarter(2025, 4), as_at=D31)
        create_window(con)
        prepare(con)
        for name in build.RELATIONS:
            frame = relation(con, name)
            assert frame.height or name == "review_open_list", name
            assert not frame.select(sql.key(f"metrics/{name}.sql")).is_duplicated().any(), name
            assert not {"forename", "surname", "nino", "date_of_birth", "person_key"} & set(frame.columns), name


@pytest.mark.parametrize("secret", [b"one", b"two"])
def test_returns_do_not_depend_on_the_secret(secret: bytes) -> None:
    end = date(2025, 2, 1)
    con = built(
        main=[assessed(1, date(2025, 1, 2)), assessed(2, date(2025, 3, 1))],
        people=[applicant(1, nino="QQ123456A"), applicant(2, nino="QQ123456A")],
        prevention=[prevention(1, date(2025, 1, 2), end, "secured_existing")],
    )
    with con:
        create_window(con)
        prepare(con, pseudonym_key=secret)
        assert relation(con, "outcome_accommodated")["return_date"].to_list() == [date(2025, 3, 1)]
