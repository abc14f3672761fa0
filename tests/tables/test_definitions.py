"""What puts a household into a cell. Each test names the rule; its source is hclic-spec 2.10 and 4.1 unless said."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from pipelines.emit.tables.build import compute_tables, explain
from pipelines.period import Quarter
from pipelines.settings import Settings
from tests.transform.test_marts import case, person, placed
from tests.transform.warehouse import LA, QUARTER, built, ref

D = QUARTER.last_day
BB = "Bed and breakfast hotels (including shared annexes)"
TOTAL = "Total number of households"


def days_before(days: int) -> date:
    return D - timedelta(days=days)


def figures(table: str, **given: Any) -> dict[str, float]:
    """Count and day columns of one table that are not 0."""
    sections = {name: rows for name, rows in given.items() if name not in ("quarter", "settings", "as_at")}
    sections.setdefault("main", [case()])
    options = {name: given[name] for name in ("quarter", "settings", "as_at") if name in given}
    with built(**options, **sections) as con:
        tidy = compute_tables(con).filter(
            (pl.col("table") == table) & pl.col("measure").is_in(["count", "days"]) & (pl.col("value") != 0)
        )
    return dict(tidy.select("column_path", "value").iter_rows())


FAMILY = [person("main_applicant", sex="female"), person("dependent_child", no=2, dependent=True, age=3)]


def test_a_household_that_left_on_the_last_day_is_not_in_temporary_accommodation() -> None:
    assert figures("TA1", temporary_accommodation=[placed(days_before(9), D)]) == {}
    assert figures("TA1", temporary_accommodation=[placed(D)])["Total number of households in TA"] == 1


def test_a_split_household_counts_once_under_the_placement_entered_last() -> None:
    found = figures(
        "TA1",
        temporary_accommodation=[placed(days_before(50)), placed(days_before(9), no=2, ta_type="psl")],
    )
    assert found["Total number of households in TA"] == 1
    assert f"{BB} > {TOTAL}" not in found


def test_placements_entered_on_one_day_count_in_the_order_of_ta1_with_own_arrangements_last() -> None:
    same_day = [
        placed(days_before(9), ta_type="own"),
        placed(days_before(9), no=2, ta_type="hostel"),
        placed(days_before(9), no=3, ta_type="nightly"),
    ]
    found = figures("TA1", temporary_accommodation=same_day)
    assert found[f"Nightly paid, privately managed accommodation, self-contained > {TOTAL}"] == 1
    assert found["Total number of households in TA"] == 1


def test_of_two_placements_of_one_type_entered_on_one_day_the_later_numbered_counts() -> None:
    interim = placed(days_before(9), taduty="s188_1")
    main_duty = placed(days_before(9), no=2, taduty="s193_2")
    for rows in ([interim, main_duty], [main_duty, interim]):
        assert figures("TA3", temporary_accommodation=rows) == {
            "Total number of households in TA": 1,
            "Section 193 duty: priority need and unintentionally homeless": 1,
        }


def test_the_region_of_a_split_household_is_that_of_the_placement_entered_last() -> None:
    """Newham is in London, Southend-on-Sea (E06000033) in the East; the later number decides on one day."""
    north, south = ("E09000025", "E06000033")
    for first, second, region in ((north, south, "East of England"), (south, north, "London")):
        rows = [placed(days_before(9), ta_la=first), placed(days_before(9), no=2, ta_la=second)]
        found = figures("TA9", temporary_accommodation=rows)
        assert [path for path in found if path.startswith("Sent to: ")] == [f"Sent to: {region}"]


def test_own_arrangements_are_outside_the_total_but_inside_out_of_district() -> None:
    found = figures(
        "TA1", people=FAMILY, temporary_accommodation=[placed(days_before(9), ta_type="own", ta_la="E09000025")]
    )
    assert found == {
        "In TA in another local authority district": 1,
        "Duty owed, no accommodation secured > Total number of households": 1,
        "Duty owed, no accommodation secured > Total with children": 1,
    }


def test_out_of_district_if_any_open_placement_is() -> None:
    found = figures(
        "TA1",
        temporary_accommodation=[placed(days_before(50), ta_la="E09000025"), placed(days_before(9), no=2, ta_la=LA)],
    )
    assert found["In TA in another local authority district"] == 1


OVER = f"{BB} > Total with children and resident more than 6 weeks"


@pytest.mark.parametrize(("nights", "over"), [(42, 0), (43, 1)])
def test_six_weeks_are_forty_two_nights(nights: int, over: int) -> None:
    found = figures("TA1", people=FAMILY, temporary_accommodation=[placed(days_before(nights))])
    assert found.get(OVER, 0) == over


def test_nights_of_all_bed_and_breakfast_placements_count_together_each_once() -> None:
    two = [placed(days_before(80), days_before(50)), placed(days_before(13), no=2)]
    assert figures("TA1", people=FAMILY, temporary_accommodation=two)[OVER] == 1  # 30 + 13 nights
    overlapping = [placed(days_before(40)), placed(days_before(20), no=2)]
    assert OVER not in figures("TA1", people=FAMILY, temporary_accommodation=overlapping)  # 40 nights, not 60


@pytest.mark.parametrize(("quarter", "over"), [(Quarter(2024, 1), 0), (Quarter(2024, 2), 1)])
def test_before_april_2024_only_the_present_bed_and_breakfast_placement_counts(quarter: Quarter, over: int) -> None:
    last = quarter.last_day
    two = [
        placed(last - timedelta(days=80), last - timedelta(days=50)),
        placed(last - timedelta(days=13), no=2),
    ]
    cases = [case(application_date=last - timedelta(days=90))]
    found = figures("TA1", quarter=quarter, main=cases, people=FAMILY, temporary_accommodation=two)
    assert found.get(OVER, 0) == over


def test_over_six_weeks_needs_a_dependent_child_and_pregnancy_is_none() -> None:
    expecting = [person("main_applicant", sex="female", pregnant=True)]
    assert OVER not in figures("TA1", people=expecting, temporary_accommodation=[placed(days_before(90))])


@pytest.mark.parametrize(
    ("review", "pending"),
    [
        ({}, 1),
        ({"review_outcome_date": days_before(2), "review_outcome": "upheld"}, 0),
        ({"review_outcome_date": days_before(2), "review_outcome": "upheld", "appeal": True}, 1),
    ],
)
def test_pending_is_an_open_review_or_an_appeal(review: dict[str, Any], pending: int) -> None:
    asked = {
        "case_ref": 1,
        "review_no": 1,
        "review_requested_date": days_before(30),
        "decision_reviewed": "suitability",
        **review,
    }
    found = figures("TA1", people=FAMILY, temporary_accommodation=[placed(days_before(90))], reviews=[asked])
    assert found.get(f"{OVER} and pending review / appeal", 0) == pending


@pytest.mark.parametrize(
    ("last", "entered", "band"),
    [
        # Origin: synthesis-facts §2, durations observed at the band edges.
        (date(2025, 12, 31), date(2025, 7, 1), "Less than 6 months"),
        (date(2025, 12, 31), date(2025, 6, 30), "6 months to 1 year"),
        (date(2025, 6, 30), date(2025, 1, 3), "Less than 6 months"),
        (date(2025, 6, 30), date(2024, 12, 31), "6 months to 1 year"),
        (date(2025, 9, 30), date(2025, 4, 1), "Less than 6 months"),
        (date(2025, 9, 30), date(2024, 10, 1), "6 months to 1 year"),
        (date(2025, 9, 30), date(2024, 9, 30), "1 to 2 years"),
        (date(2025, 12, 31), date(2021, 1, 1), "2 to 5 years"),
        (date(2025, 12, 31), date(2020, 12, 31), "5+ years"),
    ],
)
def test_bands_of_length_of_stay_have_calendar_month_edges(last: date, entered: date, band: str) -> None:
    found = figures(
        "TA4",
        quarter=Quarter.containing(last),
        main=[case(application_date=date(2018, 5, 1))],
        temporary_accommodation=[placed(entered)],
    )
    assert found[f"{BB} > {band}"] == 1


def test_length_is_that_of_the_stay_under_the_type_occupied_now() -> None:
    moved = [placed(days_before(400), days_before(10), ta_type="psl"), placed(days_before(10), no=2)]
    old = [case(application_date=date(2024, 1, 1))]
    assert figures("TA4", main=old, temporary_accommodation=moved)[f"{BB} > 1 to 2 years"] == 1
    by_placement = figures("TA4", main=old, temporary_accommodation=moved, settings=Settings(los_from="placement"))
    assert by_placement[f"{BB} > Less than 6 months"] == 1


def test_the_age_of_the_main_applicant_on_the_last_day_by_band() -> None:
    """A household on each side of every edge; the partner of each is 90."""
    ages = (16, 17, 18, 24, 25, 34, 35, 44, 45, 54, 55, 64, 65, 74, 75)
    found = figures(
        "TA5",
        main=[case(number) for number in range(1, len(ages) + 1)],
        people=[
            one
            for number, age in enumerate(ages, start=1)
            for one in (person("main_applicant", number, age=age), person("partner", number, no=2, age=90))
        ],
        temporary_accommodation=[placed(days_before(9), number=number) for number in range(1, len(ages) + 1)],
    )
    bands = ("16-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65-74")
    assert found == {"Total number of households in TA": len(ages), **dict.fromkeys(bands, 2), "75+": 1}


def test_the_mean_is_cut_to_whole_days_and_the_median_is_exact() -> None:
    found = figures(
        "TA7",
        main=[case(1), case(2)],
        temporary_accommodation=[placed(days_before(10)), placed(days_before(21), number=2)],
    )
    assert found == {"B&B or shared annex > Median (days)": 15.5, "B&B or shared annex > Mean (days)": 15}


def test_children_in_temporary_accommodation_are_dependents_and_under_18s_are_persons() -> None:
    household = [
        person("main_applicant", age=17),
        person("other_adult", no=2, age=19, dependent=True),
        person("other_child", no=3, age=12, dependent=False),
    ]
    given = {"people": household, "temporary_accommodation": [placed(days_before(9))]}
    assert figures("TA1", **given)["Total number of children in TA"] == 1
    assert figures("TA8", **given) == {"Total Under 18's in TA": 2, "17": 1, "12": 1}


def test_a_household_of_unknown_composition_is_in_neither_half_of_ta4() -> None:
    given = {"temporary_accommodation": [placed(days_before(9))]}
    assert figures("TA4", **given)["Total number of households in TA"] == 1
    assert figures("TA4c", **given) == {}
    assert figures("TA4s", **given) == {}


ENDED = "Duty ended, remains accommodated at end of quarter"
INTERIM = "Interim: pending enquiries, intentionally homeless, review appeal, awaiting referral"
MAIN = "Section 193 duty: priority need and unintentionally homeless"
POWER = "Section 189B power: emergency accommodation"
UNKNOWN = "Duty not classifiable"


def decided(decision: str, **values: Any) -> list[dict[str, Any]]:
    return [{"case_ref": 1, "main_decision_date": days_before(20), "main_decision": decision, **values}]


def relieved(outcome: str | None = None, days: int = 25) -> list[dict[str, Any]]:
    end = {"relief_end": days_before(days), "relief_outcome": outcome} if outcome else {}
    return [{"case_ref": 1, "relief_start": days_before(85), **end}]


def reviewed(outcome_date: date | None) -> list[dict[str, Any]]:
    return [
        {
            "case_ref": 1,
            "review_no": 1,
            "review_requested_date": days_before(30),
            "decision_reviewed": "suitability",
            "review_outcome_date": outcome_date,
        }
    ]


@pytest.mark.parametrize(
    ("taduty", "rest", "expected"),
    [
        (None, {}, UNKNOWN),
        ("nk", {}, UNKNOWN),
        ("s193_2", {"final_duties": decided("accepted")}, MAIN),
        ("s193_2", {}, MAIN),
        ("s193_2", {"final_duties": decided("accepted", main_duty_end=days_before(5))}, ENDED),
        ("s193_2", {"final_duties": decided("accepted", main_duty_end=D + timedelta(days=3))}, MAIN),
        ("s189b_2", {"relief": relieved()}, POWER),
        ("s189b_2", {"relief": relieved("secured")}, ENDED),
        ("s188_1", {"main": [case()]}, INTERIM),
        ("s188_1", {"relief": relieved()}, INTERIM),
        ("s188_1", {"relief": relieved("elapsed_56")}, INTERIM),
        ("s188_1", {"relief": relieved("contact_lost")}, ENDED),
        ("s188_1", {"relief": relieved("elapsed_56"), "final_duties": decided("no_priority_need")}, ENDED),
        ("s188_1", {"relief": relieved("elapsed_56"), "final_duties": decided("accepted")}, INTERIM),
        ("s190_2", {"relief": relieved("elapsed_56"), "final_duties": decided("intentional")}, INTERIM),
        ("s188_3", {"reviews": reviewed(None)}, INTERIM),
        ("s188_3", {"reviews": reviewed(days_before(3))}, ENDED),
        ("s199a_2", {"relief": relieved("local_connection")}, INTERIM),
        # The last day of the quarter counts; what comes after it has not happened.
        ("s193_2", {"final_duties": decided("accepted", main_duty_end=D)}, ENDED),
        ("s189b_2", {"relief": relieved("secured", 0)}, ENDED),
        ("s189b_2", {"relief": relieved("secured", -1)}, POWER),
        ("s188_1", {"relief": relieved("contact_lost", 0)}, ENDED),
        ("s188_1", {"relief": relieved("contact_lost", -1)}, INTERIM),
        ("s188_3", {"reviews": reviewed(D)}, ENDED),
        ("s188_3", {"reviews": reviewed(D + timedelta(days=1))}, INTERIM),
        ("s188_3", {}, INTERIM),
        # Under each decision but an acceptance: under which of them does a duty to accommodate go on?
        *(
            ("s188_1", {"relief": relieved("elapsed_56"), "final_duties": decided(decision)}, expected)
            for expected, decisions in (
                (ENDED, ("no_priority_need", "not_homeless", "not_eligible", "withdrew", "contact_lost")),
                (INTERIM, ("intentional", "local_connection", "refused_coop")),
            )
            for decision in decisions
        ),
        ("s193c_4", {"relief": relieved("refused_coop"), "final_duties": decided("refused_coop")}, MAIN),
        ("s195a_1", {"final_duties": decided("accepted", main_duty_end=days_before(5))}, ENDED),
        ("s200_1", {"relief": relieved("elapsed_56"), "final_duties": decided("local_connection")}, INTERIM),
    ],
)
def test_the_duty_behind_a_placement(taduty: str | None, rest: dict[str, Any], expected: str) -> None:
    sections = {"main": [case(assess_date=days_before(86), assess1="relief")], **rest}
    found = figures("TA3", temporary_accommodation=[placed(days_before(60), taduty=taduty)], **sections)
    assert found == {"Total number of households in TA": 1, expected: 1}


def test_a_household_assessed_as_owed_nothing_has_no_interim_duty() -> None:
    main = [case(assess_date=days_before(9), assess1="not_threatened_56")]
    found = figures("TA3", main=main, temporary_accommodation=[placed(days_before(60), taduty="s188_1")])
    assert found[ENDED] == 1


def test_a_referral_counts_whatever_came_of_the_assessment() -> None:
    main = [case(assess_date=days_before(9), assess1="not_threatened_56", referral="dtr", referral_body="jcp")]
    dtr = "Households referred by a public body under the Duty to Refer"
    assert figures("A7", main=main) == {
        "Total households assessed as a result of a referral": 1,
        f"{dtr} > Total households referred under the Duty to Refer": 1,
        f"{dtr} > Jobcentre Plus": 1,
    }


def test_withdrawn_before_assessment_counts_in_the_total_from_july_2023() -> None:
    for quarter, total in ((Quarter(2023, 2), 0), (Quarter(2023, 3), 1)):
        main = [
            case(
                application_date=quarter.first_day,
                assess_date=quarter.last_day,
                assess1="withdrew_before_assessment",
            )
        ]
        assert figures("A1", quarter=quarter, main=main).get("Total initial assessments", 0) == total


def test_children_but_another_priority_need_has_its_own_column_from_2020() -> None:
    for quarter, column in (
        (Quarter(2019, 4), "Household member vulnerable as a result of: > Mental health problems"),
        (Quarter(2020, 1), "Household includes children, but other priority need reported"),
    ):
        found = figures(
            "MD3",
            quarter=quarter,
            main=[case(application_date=quarter.first_day)],
            people=FAMILY,
            final_duties=[
                {
                    "case_ref": 1,
                    "main_decision_date": quarter.last_day,
                    "main_decision": "accepted",
                    "pneed": "mental",
                }
            ],
        )
        assert found[column] == 1
        vulnerable = found.get("Household member vulnerable as a result of: > Total vulnerable households", 0)
        assert vulnerable == (1 if quarter.year == 2019 else 0)


def test_a_quarter_shows_only_its_own_events() -> None:
    main = [case(application_date=date(2025, 8, 1), assess_date=date(2025, 8, 5), assess1="relief")]
    assert figures("A1", main=main) == {}
    assert figures("A1", quarter=Quarter(2025, 3), main=main)["Total initial assessments"] == 1


def test_an_ending_after_the_quarter_is_in_no_table_of_it() -> None:
    ended = [
        {
            "case_ref": 1,
            "prevention_start": days_before(60),
            "prevention_end": D + timedelta(days=1),
            "prevention_outcome": "secured_existing",
        }
    ]
    assert figures("P1", prevention=ended, as_at=D + timedelta(days=20)) == {}
    found = figures("P1", prevention=ended, quarter=Quarter(2026, 1))
    assert found["Total number of households whose prevention duty ended"] == 1


def test_the_reasons_of_several_levels_name_the_cases_behind_them() -> None:
    main = [
        case(1, assess_date=D, assess1="prevention", reasonloss="prs_ast", reason_tenancy_end="landlord_sell"),
        case(2, assess_date=D, assess1="prevention", reasonloss="prs_ast"),
    ]
    ast = "End of assured shorthold (AST) private rented tenancy, due to:"
    with built(main=main) as con:
        assert explain(con, "A2P", f"{ast} > Total end of AST") == [ref(1), ref(2)]
        sell = f"{ast} > Landlord wishing to sell or re-let the property > sell the property"
        assert explain(con, "A2P", sell) == [ref(1)]


def test_a_support_need_is_explained_by_its_cases_and_the_number_of_needs_by_case_and_need() -> None:
    main = [case(assess_date=D, assess1="relief")]
    needs = [{"case_ref": 1, "support_need": need} for need in ("drug", "mental")]
    with built(main=main, support_needs=needs) as con:
        assert explain(con, "A3", "Of which households with: > Drug dependency needs") == [ref(1)]
        assert explain(con, "A3", "Total number of support needs") == [f"{ref(1)}#drug", f"{ref(1)}#mental"]
