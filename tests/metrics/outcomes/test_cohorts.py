"""Cohorts restrict every metric; characteristics are compared by a published method."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from pipelines.disclosure.edition import release
from pipelines.errors import UsageError
from pipelines.metrics import caseload
from pipelines.metrics.outcomes import by_characteristic, prepare, relation, restrict
from pipelines.metrics.outcomes.cohorts import FIELDS, create_members, named_cohorts, parse_filter
from pipelines.proportions import newcombe_interval, wilson_interval
from pipelines.transform import create_window
from schemas.codelists import codelist
from tests.transform.warehouse import LA, built, ref, rows_of

DAY = date(2025, 10, 1)


def case(number: int, **more: Any) -> dict[str, Any]:
    return {
        "la_code": LA,
        "case_ref": number,
        "application_date": DAY,
        "assess_date": DAY,
        "assess1": "relief",
        **more,
    }


def warehouse() -> duckdb.DuckDBPyConnection:
    return built(
        main=[
            case(1, reasonloss="inst_custody"),
            case(2, referral="dtr", referral_body="prison_adult"),
            case(3, reasonloss="prs_ast"),
            case(4, currentaccom="rough_sleeping", reasonloss="inst_custody"),
        ],
        people=[
            {"case_ref": n, "person_no": 1, "relationship": "main_applicant", "age": age}
            for n, age in ((1, 30), (2, 17), (3, 40), (4, 30))
        ],
        support_needs=[{"case_ref": 3, "support_need": "hm_forces"}, {"case_ref": 1, "support_need": "mental"}],
        relief=[{"case_ref": n, "relief_start": DAY} for n in (1, 2, 3, 4)],
        temporary_accommodation=[
            {"case_ref": n, "placement_no": 1, "entry_date": DAY, "ta_type": "bb", "taduty": "s188_1"} for n in (1, 3)
        ],
    )


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("prison_leaver", [1, 2, 4]),
        ("former_armed_forces", [3]),
        ("young_16_17", [2]),
        ("prison_leaver+mental_health", [1]),
        ("prison_leaver+rough_sleeping", [4]),
        ("reasonloss=inst_custody,prs_ast", [1, 3, 4]),
        ("age=30", [1, 4]),
        ("age=17-30+support_need=mental", [1]),
        ("domestic_abuse", []),
    ],
)
def test_a_filter_leaves_the_cases_that_are_in_every_part(text: str, numbers: list[int]) -> None:
    with warehouse() as con:
        count = restrict(con, text)
        left = [row[0] for row in rows_of(con, "select case_ref from households order by case_ref")]
    assert left == [ref(number) for number in numbers]
    assert count == len(numbers)


@pytest.mark.parametrize(
    ("age", "cohorts"),
    [(15, set()), (16, {"young_16_17"}), (17, {"young_16_17"}), (18, {"young_18_24"}), (64, set()), (65, {"older"})],
)
def test_cohorts_of_an_age_are_about_the_applicant(age: int, cohorts: set[str]) -> None:
    """Whatever the needs of others in the household, and whatever priority need was found."""
    needs = ("young_16_17", "old_age")
    with built(
        main=[case(1)],
        people=[{"case_ref": 1, "person_no": 1, "relationship": "main_applicant", "age": age}],
        support_needs=[{"case_ref": 1, "support_need": need} for need in needs],
        final_duties=[{"case_ref": 1, "main_decision": "accepted", "main_decision_date": DAY, "pneed": "old_age"}],
    ) as con:
        create_members(con)
        found = {name for (name,) in rows_of(con, "select cohort from cohort_members")}
    assert found & {"young_16_17", "young_18_24", "older"} == cohorts


@pytest.mark.parametrize(
    ("facts", "discharged"),
    [
        ({"referral": "dtr", "referral_body": "hospital"}, False),  # it may have come from A&E
        ({"referral": "dtr", "referral_body": "mental_health"}, True),
        ({"reasonloss": "inst_hosp_general"}, True),
        ({"currentaccom": "inst_hospital_psych"}, True),
    ],
)
def test_a_referral_by_a_hospital_is_no_discharge(facts: dict[str, str], discharged: bool) -> None:
    with built(main=[case(1, **facts)]) as con:
        create_members(con)
        found = {name for (name,) in rows_of(con, "select cohort from cohort_members")}
    assert ("hospital_discharge" in found) == discharged


def test_every_mart_and_so_every_metric_is_restricted() -> None:
    with warehouse() as con:
        restrict(con, "former_armed_forces")
        create_window(con)
        caseload.prepare(con)
        prepare(con)
        assert caseload.open_cases(con, date(2025, 12, 31))["open_cases"].to_list() == [1]
        assert caseload.relation(con, "case_ta_no_decision")["case_ref"].to_list() == [ref(3)]
        assert rows_of(con, "select case_ref from stays") == [(ref(3),)]
        assert set(relation(con, "cohort_year")["cohort"]) == {"all", "former_armed_forces", "private_tenancy"}


def test_a_return_outside_the_cohort_is_a_return() -> None:
    with built(
        main=[
            case(1, assess1="prevention", application_date=date(2025, 1, 2), reasonloss="inst_custody"),
            case(2, application_date=date(2025, 3, 1), reasonloss="prs_ast"),
        ],
        people=[{"case_ref": n, "person_no": 1, "relationship": "main_applicant", "nino": "QQ123456A"} for n in (1, 2)],
        prevention=[
            {
                "case_ref": 1,
                "prevention_start": date(2025, 1, 2),
                "prevention_end": date(2025, 2, 1),
                "prevention_outcome": "secured_existing",
            }
        ],
    ) as con:
        assert restrict(con, "prison_leaver") == 1
        create_window(con)
        prepare(con)
        assert relation(con, "outcome_accommodated")["return_date"].to_list() == [date(2025, 3, 1)]


@pytest.mark.parametrize("text", ["nobody", "forename=Ada", "age=old", "prison_leaver+", "support_need="])
def test_a_filter_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_filter(text)


def test_codes_of_named_cohorts_are_codes_of_their_lists() -> None:
    lists = {"currentaccom": "accommodation", "lastaccom": "accommodation"}
    assert any(cohort.conditions for cohort in named_cohorts().values())
    for cohort in named_cohorts().values():
        for condition in cohort.conditions:
            assert condition.field in FIELDS, cohort.name
            if condition.field not in ("age", "household"):
                known = codelist(lists.get(condition.field, condition.field)).codes
                assert set(condition.codes) <= set(known), (cohort.name, condition.field)


def test_cohorts_of_a_year_stand_beside_all_households() -> None:
    with warehouse() as con:
        create_window(con)
        prepare(con)
        rows = {row["cohort"]: row for row in relation(con, "cohort_year").to_dicts()}
    assert rows["all"]["assessed"] == 4
    assert rows["prison_leaver"]["assessed"] == 3
    assert (rows["all"]["ever_in_ta"], rows["prison_leaver"]["ever_in_ta"]) == (2, 1)


def test_wilson_interval_is_the_one_of_the_paper() -> None:
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3: 81/263 and 15/148.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ],
)
def test_interval_of_a_difference_is_the_one_of_the_paper(
    first: tuple[int, int], second: tuple[int, int], expected: tuple[float, float]
) -> None:
    # Newcombe, Statistics in Medicine 17 (1998) 873-890, table II, method 10, contrasts (a), (b)/(c) and (d).
    assert newcombe_interval(*first, *second) == pytest.approx(expected, abs=5e-5)


def test_a_proportion_of_nothing_has_no_interval() -> None:
    with pytest.raises(ValueError, match="total"):
        wilson_interval(0, 0)


def endings() -> duckdb.DuckDBPyConnection:
    """Twenty men of whom 14 kept a home, ten women of whom 5, three whose sex is not known."""
    rows = [("male", n < 14) for n in range(20)] + [("female", n < 5) for n in range(10)] + [("nk", True)] * 3
    con = built(
        main=[case(n, assess1="prevention") for n in range(1, len(rows) + 1)],
        people=[
            {"case_ref": n, "person_no": 1, "relationship": "main_applicant", "sex": sex, "age": 40}
            for n, (sex, _) in enumerate(rows, 1)
        ],
        prevention=[
            {
                "case_ref": n,
                "prevention_start": DAY,
                "prevention_end": date(2025, 11, 1),
                "prevention_outcome": "secured_existing" if well else "homeless",
            }
            for n, (_, well) in enumerate(rows, 1)
        ],
    )
    create_window(con)
    prepare(con)
    return con


def test_outcomes_by_characteristic_are_compared_with_everyone_else_known() -> None:
    with endings() as con:
        frame = by_characteristic(con).filter(characteristic="sex")
    men = frame.filter(value="male").row(0, named=True)
    assert (men["ended"], men["accommodated"], men["share"], men["share_others"]) == (20, 14, 0.7, 0.5)
    assert men["difference"] == 0.2
    assert (men["difference_low"], men["difference_high"]) == pytest.approx(newcombe_interval(14, 20, 5, 10), abs=5e-5)
    assert frame.filter(value="all").row(0, named=True)["ended"] == 33
    assert frame.filter(value="not known").row(0, named=True)["difference"] is None


def test_the_shareable_edition_compares_rounded_groups_of_ten_or_more() -> None:
    with endings() as con:
        name = "outcome_characteristic"
        frame = release({name: by_characteristic(con)}, date(2025, 12, 31), b"key").frames[name]
    rows = {row["value"]: row for row in frame.filter(characteristic="sex").to_dicts()}
    men, everyone = rows["male"], rows["all"]
    assert (men["ended"] % 5, men["accommodated"] % 5) == (0, 0)
    assert men["share"] == pytest.approx(men["accommodated"] / men["ended"], abs=5e-5)
    known = everyone["ended"] - rows.get("not known", {"ended": 0})["ended"] - men["ended"]
    assert (men["share_others"] is None) == (known < 10)
    # Three of unknown sex are printed as 0 or 5: no share of them, and no row if as 0.
    assert "not known" not in rows or rows["not known"]["share"] is None
