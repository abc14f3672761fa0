"""Length of stay in progress and completed, bed and breakfast, receiving areas, moves: small cases worked by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from pipelines.errors import UsageError
from pipelines.metrics.stays.build import prepare, relation
from pipelines.settings import Settings
from pipelines.validate.checks import check_edition
from schemas.rules import RULE
from tests.transform.warehouse import LA, built, ref

LAST = date(2025, 12, 31)
MAIN = {"relationship": "main_applicant", "person_no": 1, "age": 30, "sex": "female"}


def warehouse(
    *placements: tuple[int, str, date, date | None],
    families: tuple[int, ...] = (),
    pregnant: tuple[int, ...] = (),
    settings: Settings | None = None,
    **sections: Any,
) -> duckdb.DuckDBPyConnection:
    cases = sorted({case for case, *_ in placements})
    people = [{"case_ref": case, **MAIN, "pregnant": case in pregnant} for case in cases]
    people += [{"case_ref": case, "person_no": 2, "relationship": "dependent_child", "age": 3} for case in families]
    sections.setdefault(
        "temporary_accommodation",
        [
            {"case_ref": case, "placement_no": no, "ta_type": kind, "entry_date": entry, "exit_date": left}
            for no, (case, kind, entry, left) in enumerate(placements, 1)
        ],
    )
    con = built(
        main=[
            {"la_code": LA, "case_ref": case, "application_date": date(2020, 1, 1), "officer": "S01", "team": "T1"}
            for case in cases
        ],
        people=people,
        settings=settings,
        **sections,
    )
    prepare(con)
    return con


# Seen in the published tables (synthesis-facts part 2): the band goes by the number of the month.
BANDS = [
    (date(2025, 7, 1), "Less than 6 months", "3 to 6 months"),
    (date(2025, 6, 30), "6 months to 1 year", "6 months to 1 year"),
    (date(2025, 12, 31), "Less than 6 months", "Less than 1 month"),
    (date(2025, 12, 1), "Less than 6 months", "Less than 1 month"),
    (date(2025, 11, 30), "Less than 6 months", "1 to 3 months"),
    (date(2025, 1, 1), "6 months to 1 year", "6 months to 1 year"),
    (date(2024, 12, 31), "1 to 2 years", "1 to 2 years"),
    (date(2023, 12, 31), "2 to 5 years", "2 to 3 years"),
    (date(2021, 1, 1), "2 to 5 years", "4 to 5 years"),
    (date(2020, 12, 31), "5+ years", "5 to 7 years"),
    (date(2015, 12, 31), "5+ years", "10+ years"),
]


def test_bands_of_stays_in_progress_go_by_calendar_month() -> None:
    with warehouse(*[(case, "psl", entry, None) for case, (entry, *_) in enumerate(BANDS, 1)]) as con:
        found = con.execute(
            "select counted_from, band, fine_band from stay_in_progress inner join stay_bands"
            " on months >= from_months and months < to_months where day = ? order by case_ref",
            [LAST],
        ).fetchall()
        counted = relation(con, "stay_in_progress_bands").filter(day=LAST, dimension="all")
    assert found == BANDS
    assert counted["count_households"].sum() == len(BANDS)
    assert counted.filter(band="Less than 6 months")["count_households"].sum() == 4


def test_mean_in_progress_is_cut_off_and_median_is_exact() -> None:
    with warehouse((1, "bb", date(2025, 12, 30), None), (2, "bb", date(2025, 12, 29), None)) as con:
        row = relation(con, "stay_in_progress_summary").filter(day=LAST, dimension="type").row(0, named=True)
    assert (row["mean_days"], row["mean_days_cut"], row["median_days"]) == (1.5, 1, 1.5)


def test_stays_in_progress_can_be_measured_on_any_day_of_the_window() -> None:
    with warehouse((1, "bb", date(2025, 10, 1), date(2025, 11, 20))) as con:
        prepare(con, days=[date(2025, 11, 11)])
        rows = relation(con, "stay_in_progress_summary").filter(dimension="all").select("day", "median_days").rows()
        assert rows == [(date(2025, 11, 11), 41)]
        with pytest.raises(UsageError, match="outside"):
            prepare(con, days=[date(2026, 1, 1)])


@pytest.mark.parametrize(("los_from", "days"), [("stay", 91), ("placement", 30)])
def test_a_stay_in_progress_counts_from_what_the_setting_says(los_from: Any, days: int) -> None:
    with warehouse(
        (1, "bb", date(2025, 10, 1), date(2025, 12, 1)),
        (1, "psl", date(2025, 12, 1), None),
        settings=Settings(los_from=los_from),
    ) as con:
        row = relation(con, "stay_in_progress_summary").filter(day=LAST, dimension="type").row(0, named=True)
    assert (row["value"], row["median_days"]) == ("psl", days)


def test_completed_stays_of_a_quarter_by_type_and_altogether() -> None:
    with warehouse(
        (1, "bb", date(2025, 10, 1), date(2025, 10, 11)),
        (1, "psl", date(2025, 10, 11), date(2025, 12, 10)),
        (2, "bb", date(2025, 11, 1), date(2025, 11, 5)),
        (3, "bb", date(2025, 11, 1), None),
    ) as con:
        rows = relation(con, "stay_completed").filter(period="quarter", first_day=date(2025, 10, 1))
    by = {(d, v): (n, days, mean) for d, v, n, days, mean in rows.select(
        "dimension", "value", "count_stays", "days", "mean_days").rows()}  # fmt: skip
    assert by["all", "all"] == (2, 70 + 4, 37)
    assert by["type", "bb"] == (2, 10 + 4, 7)
    assert by["type", "psl"] == (1, 60, 60)


def test_year_to_date_of_bv183_is_a_ratio_of_sums_and_not_a_mean_of_means() -> None:
    with warehouse(
        (1, "bb", date(2025, 10, 1), date(2025, 10, 29)),  # 28 days, left in October
        (2, "bb", date(2025, 11, 1), date(2025, 11, 8)),  # 7 days
        (3, "bb", date(2025, 11, 1), date(2025, 11, 15)),  # 14 days
        (4, "bb", date(2025, 11, 1), date(2025, 11, 30)),  # no children: not counted
        families=(1, 2),
        pregnant=(3,),
        final_duties=[
            {"case_ref": 1, "main_decision_date": date(2025, 10, 5), "main_decision": "accepted"},
            {"case_ref": 2, "main_decision_date": date(2025, 11, 5), "main_decision": "intentional"},
        ],
    ) as con:
        rows = relation(con, "stay_bv183").filter(indicator="BV183a").sort("first_day").rows(named=True)
    weeks = {row["first_day"]: (row["weeks"], row["weeks_accepted"]) for row in rows}
    assert weeks[date(2025, 9, 1)] == (None, None)  # nobody yet: missing, not 0
    assert weeks[date(2025, 10, 1)] == (4.0, 4.0)
    assert weeks[date(2025, 12, 1)] == (pytest.approx((28 + 7 + 14) / 3 / 7), 4.0)


def test_days_in_bed_and_breakfast_are_the_union_over_the_case() -> None:
    with warehouse(
        (1, "bb", date(2025, 10, 1), date(2025, 10, 21)),  # 20 days
        (1, "bb", date(2025, 10, 11), date(2025, 10, 26)),  # 5 more
        (1, "psl", date(2025, 10, 26), date(2025, 12, 11)),
        (1, "bb", date(2025, 12, 11), None),  # 20 more by the last day: 45
        (2, "bb", date(2025, 12, 3), None),  # 28 days
        (3, "bb", date(2025, 12, 4), None),  # 27 days
        (4, "bb", date(2025, 11, 19), None),  # exactly 42
        (5, "bb", date(2025, 10, 1), None),  # no children
        (6, "bb", date(2025, 10, 1), date(2025, 12, 31)),  # left on the last day
        (7, "bb", date(2025, 8, 1), date(2025, 10, 2)),  # over the limit before the quarter, and in it for a night
        (8, "bb", date(2025, 8, 1), date(2025, 10, 1)),  # over the limit and gone when the quarter began
        (9, "bb", date(2025, 11, 1), date(2025, 12, 13)),  # left after exactly 42
        (10, "bb", date(2025, 11, 1), date(2025, 12, 14)),  # left after 43
        families=(1, 2, 4, 6, 7, 8, 9, 10),
        pregnant=(3,),
        reviews=[
            {
                "case_ref": 1,
                "review_no": 1,
                "review_requested_date": date(2025, 12, 1),
                "decision_reviewed": "suitability",
            }
        ],
    ) as con:
        listed = relation(con, "stay_bb_families").rows(named=True)
        month = relation(con, "stay_bb_month").filter(last_day=LAST).row(0, named=True)
        warned = check_edition(con, [RULE["L-17a"]])[0]["L-17a"]["case_ref"]
    assert [(row["case_ref"], row["days_in_bb"], row["state"]) for row in listed] == [
        (ref(1), 20 + 5 + 20, "over the limit"),
        (ref(4), 42, "reaches the limit within 14 days"),
        (ref(2), 28, "reaches the limit within 14 days"),
        (ref(3), 27, "under"),
        (ref(6), 91, "left over the limit"),
        (ref(7), 62, "left over the limit"),
        (ref(10), 43, "left over the limit"),
    ]
    assert set(warned) == {row["case_ref"] for row in listed if "over the limit" in row["state"]}
    assert [row["is_under_review"] for row in listed] == [True, *[False] * 6]
    assert [row["left_on"] for row in listed[3:]] == [None, LAST, date(2025, 10, 2), date(2025, 12, 14)]
    assert {row["case_ref"]: row["reaches_limit_on"] for row in listed}[ref(2)] == date(2026, 1, 14)
    assert listed[0]["officer"] == "S01"
    counts = {key: value for key, value in month.items() if key.startswith("count")}
    # TA1 counts children and not pregnancy; case 5 has been there 91 days without children.
    assert counts == {"count_households": 5, "count_over_42": 2, "count_families": 3, "count_families_over_42": 1}


def test_before_april_2024_only_the_current_bed_and_breakfast_placement_counts() -> None:
    with warehouse(
        (1, "bb", date(2024, 1, 1), date(2024, 2, 20)),
        (1, "psl", date(2024, 2, 20), date(2024, 3, 1)),
        (1, "bb", date(2024, 3, 1), date(2024, 4, 20)),
        (2, "bb", date(2024, 4, 1), date(2024, 4, 2)),
        families=(1, 2),
    ) as con:
        months = relation(con, "stay_bb_month")
    over = dict(months.select("first_day", "count_families_over_42").rows())
    assert (over[date(2024, 1, 1)], over[date(2024, 3, 1)]) == (0, 0)  # 30 days; 30 days, with 50 more before


def test_households_out_of_district_by_receiving_area_with_own_arrangements_apart() -> None:
    placements = [
        (1, 1, "bb", "E09000002", date(2025, 12, 1)),
        (2, 1, "own", "E09000002", date(2025, 12, 1)),
        (3, 1, "psl", "E08000016", date(2025, 12, 1)),  # Barnsley's code before April 2025
        (4, 1, "psl", "E08000038", date(2025, 12, 1)),  # and since
        (5, 1, "psl", LA, date(2025, 12, 1)),
        (6, 1, "psl", "W06000015", date(2025, 12, 1)),
        # Split over two districts: out of district, under the placement that is.
        (7, 1, "bb", "E09000002", date(2025, 12, 1)),
        (7, 2, "psl", LA, date(2025, 12, 2)),
    ]
    with warehouse(
        *[(case, "bb", LAST, None) for case in range(1, 8)],
        temporary_accommodation=[
            {"case_ref": case, "placement_no": no, "ta_type": kind, "ta_la": where, "entry_date": entry}
            for case, no, kind, where, entry in placements
        ],
    ) as con:
        rows = relation(con, "stay_out_of_district").filter(first_day=date(2025, 12, 1)).rows(named=True)
    assert [(row["receiving_code"], row["count_households"], row["count_own_arrangements"]) for row in rows] == [
        ("E08000038", 2, 0),
        ("E09000002", 3, 1),
        ("W06000015", 1, 0),
    ]
    assert [row["region"] for row in rows] == ["Yorkshire and The Humber", "London", None]


def test_moves_between_types_with_coming_in_and_leaving() -> None:
    with warehouse(
        (1, "bb", date(2025, 10, 1), date(2025, 10, 11)),
        (1, "psl", date(2025, 10, 11), date(2025, 10, 20)),
        (2, "bb", date(2025, 10, 2), None),
    ) as con:
        rows = relation(con, "stay_transitions").select("from_type", "to_type", "count_moves").rows()
    assert rows == [("bb", "psl", 1), ("came in", "bb", 2), ("psl", "left", 1)]


def test_children_are_counted_at_the_age_of_the_month() -> None:
    con = built(
        main=[{"la_code": LA, "case_ref": 1, "application_date": date(2025, 1, 1)}],
        people=[
            {"case_ref": 1, **MAIN},
            {"case_ref": 1, "person_no": 2, "relationship": "dependent_child", "date_of_birth": date(2020, 11, 30)},
            {"case_ref": 1, "person_no": 3, "relationship": "dependent_child", "date_of_birth": date(2025, 12, 5)},
            {"case_ref": 1, "person_no": 4, "relationship": "dependent_child"},
        ],
        temporary_accommodation=[
            {"case_ref": 1, "placement_no": 1, "ta_type": "bb", "entry_date": date(2025, 10, 5), "exit_date": None}
        ],
    )
    prepare(con)
    rows = relation(con, "stock_children_month").filter(count_children=1).select("first_day", "age_band").rows()
    con.close()
    assert rows == [
        (date(2025, 10, 1), "0 to 4"),
        (date(2025, 10, 1), "age not known"),
        (date(2025, 11, 1), "5 to 11"),  # five on 30 November
        (date(2025, 11, 1), "age not known"),
        (date(2025, 12, 1), "0 to 4"),  # born on 5 December
        (date(2025, 12, 1), "5 to 11"),
        (date(2025, 12, 1), "age not known"),
    ]


def test_households_with_young_children_by_length_of_stay() -> None:
    with warehouse(
        (1, "bb", date(2025, 11, 18), None),  # 43 days
        (2, "psl", date(2025, 11, 19), None),  # 42 days
        (3, "bb", date(2025, 6, 30), None),  # six calendar months
        (4, "bb", date(2025, 1, 1), None),  # no child
        families=(1, 2, 3),
    ) as con:
        rows = relation(con, "stay_young_children").filter(child_age="under 5").rows()
    assert [(kind, length, count) for kind, _, length, count in rows] == [
        ("all", "any", 3),
        ("all", "over six months", 1),
        ("all", "over six weeks", 2),
        ("bb", "any", 2),
        ("bb", "over six months", 1),
        ("bb", "over six weeks", 2),
    ]
