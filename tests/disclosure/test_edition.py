"""The shareable edition of the metrics: what is left out of tables that share numbers."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipelines.disclosure.edition import CHARACTERISTICS, share
from pipelines.disclosure.shareable import SHAREABLE


def characteristics(*rows: tuple[str, int, int]) -> pl.DataFrame:
    """Outcomes of main duties by sex: value, ended, accommodated; every fraction is a half."""
    fractions = ("share", "share_others", "difference", "difference_low", "difference_high")
    return pl.DataFrame(
        [
            {"duty": "main", "characteristic": "sex", "value": value, "ended": ended, "accommodated": well}
            | dict.fromkeys(fractions, 0.5)
            | {"note": ""}
            for value, ended, well in rows
        ]
    )


def test_a_share_goes_with_the_count_that_it_would_give_away() -> None:
    frame = pl.DataFrame(
        {
            "first_day": [date(2025, 10, 1)] * 4,
            "team": ["North", "South", "West", "all"],
            "owed_a_duty": [20, 30, 40, 90],
            "with_plan": [18, 20, 30, 68],
            "share_with_plan": [0.9, 0.6667, 0.75, 0.7556],
            "median_days_to_plan": [5.0, 6.0, 7.0, 6.0],
        }
    )
    shown = {row["team"]: row for row in share({"case_plans": frame})["case_plans"].to_dicts()}
    # Two of North have no plan: 20 - 18. With all teams shown as a total, a second team has to go with it.
    assert shown["North"]["note"] == "suppressed"
    assert shown["North"]["with_plan"] is None and shown["North"]["share_with_plan"] is None
    assert sum(row["with_plan"] is None for row in shown.values()) >= 2


def test_a_number_that_stands_in_two_tables_is_left_out_of_both() -> None:
    day = date(2025, 10, 1)
    ended = pl.DataFrame(
        {
            "duty": ["prevention"] * 4,
            "first_day": [day] * 4,
            "outcome_group": ["accommodated", "all", "homeless", "refused"],
            "count_cases": [6, 39, 30, 3],
            "share": [0.1538, 1.0, 0.7692, 0.0769],
        }
    )
    sustained = pl.DataFrame(
        {
            "duty": ["all", "prevention", "relief"],
            "first_day": [day] * 3,
            "ended_with_accommodation": [46, 6, 40],
            "not_yet_reached": [0, 0, 0],
            "cannot_be_linked": [0, 0, 0],
            "returned": [5, 0, 5],
            "no_return_seen": [41, 6, 35],
            "share_sustained": [0.8913, 1.0, 0.875],
        }
    )
    shown = share({"outcome_quarter": ended, "outcome_sustained": sustained})
    groups = {row["outcome_group"]: row["count_cases"] for row in shown["outcome_quarter"].to_dicts()}
    duties = {row["duty"]: row for row in shown["outcome_sustained"].to_dicts()}
    # Three refused, and with them the next smallest, six accommodated: the second table prints that six too.
    assert groups == {"accommodated": None, "all": 39, "homeless": 30, "refused": None}
    assert duties["prevention"]["ended_with_accommodation"] is None
    # Its parts would add up to the six, and all duties less relief would be it.
    assert duties["prevention"]["no_return_seen"] is None
    assert duties["relief"]["ended_with_accommodation"] is None or duties["all"]["ended_with_accommodation"] is None


def test_the_total_of_a_year_shown_elsewhere_does_not_give_a_quarter_back() -> None:
    days = [date(2025, month, 1) for month in (1, 4, 7, 10)]
    frame = pl.DataFrame(
        {
            "duty": ["main"] * 4,
            "first_day": days,
            "outcome_group": ["all"] * 4,
            "count_cases": [20, 3, 30, 9],
            "share": [1.0] * 4,
        }
    )
    alone = share({"outcome_quarter": frame}, days)
    beside = share({"outcome_quarter": frame, CHARACTERISTICS: characteristics(("all", 62, 30))}, days)
    assert alone["outcome_quarter"]["count_cases"].to_list() == [20, None, 30, 9]
    # 62 - 20 - 30 - 9 is 3.
    assert beside["outcome_quarter"]["count_cases"].to_list() == [20, None, 30, None]
    assert beside[CHARACTERISTICS]["ended"].to_list() == [62]


def test_a_year_goes_where_it_would_give_a_quarter_away() -> None:
    days = [date(2025, 10, 1)]
    frame = pl.DataFrame(
        {
            "duty": ["main"] * 3,
            "first_day": days * 3,
            "outcome_group": ["accommodated", "all", "refused"],
            "count_cases": [6, 9, 3],
            "share": [0.5] * 3,
        }
    )
    year = characteristics(("all", 40, 6), ("male", 40, 6))
    both = share({"outcome_quarter": frame, CHARACTERISTICS: year}, days)
    # All who were accommodated in the year were so in this quarter, and 9 less 6 is 3.
    assert both["outcome_quarter"]["count_cases"].to_list() == [None, 9, None]
    assert both[CHARACTERISTICS]["ended"].to_list() == [None, None]
    assert set(both[CHARACTERISTICS]["note"]) == {"suppressed"}
    assert share({CHARACTERISTICS: year}, days)[CHARACTERISTICS]["ended"].to_list() == [40, 40]


def test_the_order_in_which_tables_come_makes_no_difference() -> None:
    day = date(2025, 10, 1)
    ended = pl.DataFrame(
        {
            "duty": ["prevention"] * 4,
            "first_day": [day] * 4,
            "outcome_group": ["accommodated", "all", "homeless", "refused"],
            "count_cases": [6, 9, 0, 3],
            "share": [0.5] * 4,
        }
    )
    sustained = pl.DataFrame(
        {
            "duty": ["all", "prevention", "relief"],
            "first_day": [day] * 3,
            "ended_with_accommodation": [26, 6, 20],
            "not_yet_reached": [0, 0, 0],
            "cannot_be_linked": [0, 0, 0],
            "returned": [20, 5, 15],
            "no_return_seen": [6, 1, 5],
            "share_sustained": [0.5] * 3,
        }
    )
    frames = {"outcome_quarter": ended, "outcome_sustained": sustained}
    one, other = share(frames), share(dict(reversed(frames.items())))
    # Both hide the six that stands in both; which of the others goes with it depends on what is looked at first.
    assert all(one[name].equals(other[name]) for name in frames)


def test_what_is_not_shared_is_refused() -> None:
    with pytest.raises(KeyError, match="case_open_list"):
        share({"case_open_list": pl.DataFrame()})


def test_overlapping_cohorts_are_rounded() -> None:
    counts = {key: [1, 2, 3, 7, 8] for key in SHAREABLE["cohort_year"].counts}
    frame = pl.DataFrame({"first_day": [date(2025, 4, 1)] * 5, "cohort": list("abcde"), **counts})
    shown = share({"cohort_year": frame})["cohort_year"]
    assert shown["assessed"].to_list() == [0, 0, 5, 5, 10]
    assert set(shown["note"]) == {"rounded to the nearest 5"}


def test_types_of_temporary_accommodation_do_not_give_a_small_one_away() -> None:
    frame = pl.DataFrame(
        {
            "dimension": ["all", "type", "type", "type", "household", "household", "type_children"],
            "value": ["all", "bb", "psl", "hostel", "families", "singles", "hostel with children"],
            "first_day": [date(2025, 10, 1)] * 7,
            "last_day": [date(2025, 10, 31)] * 7,
            **{key: [1] * 7 for key in ("opening_stock", "entries", "exits", "transfers_in", "transfers_out")},
            "stock": [60, 3, 50, 7, 40, 20, 7],
            "nights": [1800, 90, 1500, 210, 1200, 600, 210],
        }
    )
    shown = share({"stock_month": frame})["stock_month"]
    # The breakdown within types would print the seven again, and is not shared.
    assert shown["stock"].to_list() == [60, None, 50, None, 40, 20]
    assert shown["nights"].to_list() == [1800, None, 1500, None, 1200, 600]
    assert not {"entries", "opening_stock"} & set(shown.columns)


def test_comparisons_with_everyone_else_go_from_all_rows_of_a_characteristic_of_which_one_is_left_out() -> None:
    rows = [("all", 60, 30), ("female", 40, 20), ("male", 17, 8), ("other", 3, 2)]
    found = share({CHARACTERISTICS: characteristics(*rows)})[CHARACTERISTICS].to_dicts()
    shown = {row["value"]: [name for name, value in row.items() if value is None] for row in found}
    compared = ["share_others", "difference", "difference_low", "difference_high"]
    everything = ["ended", "accommodated", "share", *compared]
    assert shown == {"all": compared, "female": compared, "male": everything, "other": everything}
    assert [row["note"] for row in found] == ["", "", "suppressed", "suppressed"]


def test_another_characteristic_or_duty_is_judged_by_itself() -> None:
    frame = characteristics(("all", 60, 30), ("male", 57, 28), ("other", 3, 2))
    beside = characteristics(("young", 30, 15), ("old", 30, 15)).with_columns(characteristic=pl.lit("age"))
    relief = characteristics(("all", 60, 30), ("male", 30, 15), ("female", 30, 15)).with_columns(duty=pl.lit("relief"))
    found = share({CHARACTERISTICS: pl.concat([frame, beside, relief])})[CHARACTERISTICS]
    assert found.filter(characteristic="sex", duty="main")["ended"].to_list() == [60, None, None]
    assert found.filter(pl.col("characteristic") == "age")["share_others"].to_list() == [0.5, 0.5]
    assert found.filter(duty="relief").select("ended", "difference").rows() == [(60, 0.5), (30, 0.5), (30, 0.5)]
