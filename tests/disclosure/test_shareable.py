"""What of each metric leaves: which columns, what goes with a small count, and which tables are tied to which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.disclosure.edition import CHARACTERISTICS, is_shared, share
from pipelines.disclosure.shareable import SHAREABLE

DAY = date(2025, 10, 1)
LARGE = 50
# By metric, from the heading of its internal edition: what names a row, counts of households, what rests on them, and
# what is never shared. Counts in brackets only stand behind the others.
METRICS = {
    "case_open_month": ("first_day team stage last_day", "open_cases", "", ""),
    "case_arrivals_quarter": (
        "first_day last_day",
        "applications advice_only",
        "change change_share",
        "applications_year_before",
    ),
    "case_age": (
        "team stage",
        "(open_cases)",
        "mean_age_days lower_quartile_age_days median_age_days upper_quartile_age_days median_days_in_stage",
        "oldest_age_days",
    ),
    "case_durations": (
        "interval period first_day",
        "(count_cases)",
        "mean_days lower_quartile_days median_days upper_quartile_days",
        "longest_days count_out_of_order",
    ),
    "case_decision_day": (
        "first_day",
        "count_decisions by_day_57 day_58_to_71 day_72_to_85 day_86_to_113 after_day_113 without_relief_duty",
        "share_by_day_57 median_day upper_quartile_day",
        "",
    ),
    "case_watch_month": ("first_day last_day", "relief_past_56_days in_ta_without_decision", "", ""),
    "case_first_stage_quarter": (
        "first_day",
        "owed_prevention owed_relief prevention_ended prevented",
        "share_first_seen_at_relief share_prevented",
        "",
    ),
    "case_plans": ("first_day team", "owed_a_duty with_plan", "share_with_plan median_days_to_plan", ""),
    "outcome_quarter": ("duty first_day outcome_group", "count_cases", "share", ""),
    "outcome_duty_reason": (
        "duty horizon_months start_year reasonloss state",
        "count_cases",
        "share",
        "later_started",
    ),
    "outcome_sustained": (
        "duty first_day",
        "ended_with_accommodation not_yet_reached cannot_be_linked returned no_return_seen",
        "share_sustained",
        "",
    ),
    "reason_quarter": (
        "first_day reasonloss label",
        "count_cases",
        "share rank_no rank_no_year_before places_gained",
        "count_cases_year_before",
    ),
    "review_quarter": (
        "first_day decision_reviewed",
        "requested due due_decided_in_time due_late_or_outstanding decided overturned",
        "share_in_time share_overturned",
        "ended_undecided",
    ),
    "referral_quarter": (
        "first_day referral referral_body",
        "count_referrals not_assessed owed_prevention owed_relief no_duty",
        "",
        "accommodated closed_otherwise still_open",
    ),
    "stock_month": (
        "first_day last_day dimension value",
        "stock",
        "nights",
        "opening_stock entries exits transfers_in transfers_out",
    ),
}
COHORTS = (
    "assessed owed_prevention owed_relief prevention_ended prevention_accommodated relief_ended relief_accommodated"
    " main_duty_accepted ever_in_ta"
)
# A total and, in the same row, its parts.
WITHIN = [
    (
        "case_decision_day",
        "count_decisions",
        "by_day_57 day_58_to_71 day_72_to_85 day_86_to_113 after_day_113 without_relief_duty",
    ),
    ("outcome_sustained", "ended_with_accommodation", "not_yet_reached cannot_be_linked returned no_return_seen"),
    ("referral_quarter", "count_referrals", "not_assessed owed_prevention owed_relief no_duty"),
]
# A whole and a part of it: the rest is printed nowhere and counts households too.
DIFFERENCES = [
    ("case_plans", "owed_a_duty", "with_plan"),
    ("review_quarter", "due", "due_decided_in_time"),
    ("review_quarter", "decided", "overturned"),
]


def counts_of(metric: str) -> list[str]:
    return METRICS[metric][1].strip("()").split()


def row(metric: str, **given: Any) -> dict[str, Any]:
    """A row of the internal edition in which every count is large."""
    names, _, resting, never = (text.strip("()").split() for text in METRICS[metric])
    values: dict[str, Any] = {name: DAY if name.endswith("day") or name == "start_year" else name for name in names}
    values |= {"officer": "all"} if "officer" in SHAREABLE[metric].only else {}
    values |= {"dimension": "type"} if metric == "stock_month" else {}
    return values | dict.fromkeys([*counts_of(metric), *resting, *never], LARGE) | given


def shown(*rows: dict[str, Any], metric: str) -> list[dict[str, Any]]:
    return share({metric: pl.DataFrame(list(rows))})[metric].to_dicts()


def test_these_metrics_are_shared_and_no_others() -> None:
    assert set(SHAREABLE) == {*METRICS, "cohort_year"}
    assert is_shared(CHARACTERISTICS) and is_shared("case_age") and not is_shared("case_open_list")


@pytest.mark.parametrize("metric", METRICS)
def test_a_row_of_large_counts_leaves_as_it_is_but_for_what_is_never_shared(metric: str) -> None:
    names, counts, resting, _ = METRICS[metric]
    kept = [*names.split(), *([] if counts.startswith("(") else counts.split()), *resting.split()]
    (found,) = shown(row(metric), metric=metric)
    assert found == {name: row(metric)[name] for name in kept} | {"note": ""}


@pytest.mark.parametrize(("metric", "count"), [(name, count) for name in METRICS for count in counts_of(name)])
def test_a_small_count_leaves_with_all_that_rests_on_counts(metric: str, count: str) -> None:
    first = METRICS[metric][0].split()[0]
    small, other = shown(
        row(metric, **{count: 3}),
        row(metric, **{first: date(2026, 1, 1) if "day" in first else "other"}),
        metric=metric,
    )
    resting = METRICS[metric][2].split()
    assert [small[name] for name in resting] == [None] * len(resting)
    assert small.get(count) is None and small["note"] == "suppressed"
    assert [other[name] for name in resting] == [LARGE] * len(resting) and other["note"] == ""


@pytest.mark.parametrize(
    ("metric", "total", "parts", "small"),
    [(metric, total, parts, small) for metric, total, parts in WITHIN for small in parts.split()],
)
def test_a_small_part_of_a_row_takes_another_part_with_it(metric: str, total: str, parts: str, small: str) -> None:
    values = {name: 3 if name == small else 20 + number for number, name in enumerate(parts.split())}
    (found,) = shown(row(metric, **values, **{total: sum(values.values())}), metric=metric)
    hidden = [name for name in parts.split() if found[name] is None]
    others = [name for name in parts.split() if name != small]
    assert (found[total], set(hidden)) == (sum(values.values()), {small, others[0]})


@pytest.mark.parametrize(("metric", "whole", "part"), DIFFERENCES)
@pytest.mark.parametrize(("left", "is_hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_what_is_left_between_two_columns_is_a_count_too(
    metric: str, whole: str, part: str, left: int, is_hidden: bool
) -> None:
    (found,) = shown(row(metric, **{whole: LARGE, part: LARGE - left}), metric=metric)
    assert (found[whole] is None or found[part] is None) == is_hidden


@pytest.mark.parametrize("metric", ["case_open_month", "case_age"])
def test_rows_of_an_officer_are_left_out(metric: str) -> None:
    found = shown(row(metric, officer="A. Person"), row(metric), metric=metric)
    assert len(found) == 1 and "officer" not in found[0]


def test_only_breakdowns_that_are_no_sums_of_each_other_are_shared() -> None:
    dimensions = ["all", "type", "household", "duty", "out_of_district"]
    others = ["children", "type_children", "child_under_5", "district", "landlord", "site"]
    found = shown(*(row("stock_month", dimension=name) for name in (*others, *dimensions)), metric="stock_month")
    assert [one["dimension"] for one in found] == dimensions


def test_cohorts_are_rounded_to_five_in_every_column() -> None:
    columns = COHORTS.split()
    values = {"first_day": DAY, "cohort": "a", **{name: number for number, name in enumerate(columns, start=1)}}
    (found,) = share({"cohort_year": pl.DataFrame([values])})["cohort_year"].to_dicts()
    assert [found[name] for name in columns] == [0, 0, 5, 5, 5, 5, 5, 10, 10]
    assert found["note"] == "rounded to the nearest 5"


# ---- between tables -------------------------------------------------------------------------------------------------


def together(frames: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    found = share({name: pl.DataFrame(rows) for name, rows in frames.items()})
    return {name: frame.to_dicts() for name, frame in found.items()}


@pytest.mark.parametrize(
    ("owed", "team", "is_hidden"),
    [
        # 40 owed less 37 owed relief is 3.
        (40, "all", True),
        # 41 are not the sum of the two: some plan table of another day.
        (41, "all", False),
        (40, "North", False),
    ],
)
def test_duties_add_up_to_the_households_of_the_table_of_plans(owed: int, team: str, is_hidden: bool) -> None:
    plans = row("case_plans", owed_a_duty=owed, with_plan=owed, team=team)
    duties = row("case_first_stage_quarter", owed_prevention=3, owed_relief=37)
    found = together({"case_plans": [plans], "case_first_stage_quarter": [duties]})
    gone = [found["case_plans"][0]["owed_a_duty"], found["case_first_stage_quarter"][0]["owed_relief"]]
    assert (None in gone) == is_hidden


@pytest.mark.parametrize(("day", "is_hidden"), [(DAY, True), (date(2025, 7, 1), False)])
def test_reasons_add_up_to_the_households_of_the_table_of_plans(day: date, is_hidden: bool) -> None:
    plans = row("case_plans", owed_a_duty=40, with_plan=40, team="all")
    reasons = [
        row("reason_quarter", reasonloss=name, count_cases=number, first_day=day)
        for name, number in (("mortgage", 3), ("srs", 37))
    ]
    found = together({"case_plans": [plans], "reason_quarter": reasons})
    gone = [found["case_plans"][0]["owed_a_duty"], found["reason_quarter"][1]["count_cases"]]
    assert (None in gone) == is_hidden


@pytest.mark.parametrize(
    ("column", "dimension", "counts"),
    [
        ("prevention_ended", "duty", {"relief": 3, "prevention": 6, "main": 30, "all": 39}),
        ("prevented", "outcome_group", {"refused": 3, "accommodated": 6, "homeless": 30, "all": 39}),
    ],
)
def test_prevention_that_ended_stands_in_two_tables_and_leaves_both(
    column: str, dimension: str, counts: dict[str, int]
) -> None:
    """Of 39 three are few, and the six go with them: the other table prints that six too."""
    names = {"duty": "prevention", "outcome_group": "all"}
    outcomes = [
        row("outcome_quarter", **names | {dimension: name}, count_cases=count) for name, count in counts.items()
    ]
    stage = row("case_first_stage_quarter", **{column: 6})
    found = together({"outcome_quarter": outcomes, "case_first_stage_quarter": [stage]})
    assert [one["count_cases"] for one in found["outcome_quarter"]] == [None, None, 30, 39]
    assert found["case_first_stage_quarter"][0][column] is None


@pytest.mark.parametrize(("metric", "whole", "part"), DIFFERENCES)
def test_a_count_that_is_not_known_has_no_rest(metric: str, whole: str, part: str) -> None:
    first, known = row(metric, **{part: None}), row(metric, **{METRICS[metric][0].split()[0]: date(2026, 1, 1)})
    found = shown(first, known, metric=metric)
    assert (found[0][whole], found[0][part], found[1][part]) == (LARGE, None, LARGE)


def year_of(*rows: tuple[str, int, str]) -> list[dict[str, Any]]:
    fractions = ("share", "share_others", "difference", "difference_low", "difference_high")
    return [
        {"duty": "main", "characteristic": "sex", "value": value, "ended": ended, "accommodated": ended}
        | dict.fromkeys(fractions, 0.5)
        | {"note": note}
        for value, ended, note in rows
    ]


@pytest.mark.parametrize(
    ("rows", "is_tied"),
    [
        ([("all", 62, ""), ("male", 62, "")], True),
        ([("all", 90, ""), ("male", 62, ""), ("female", 28, "")], False),
        ([("all", 62, "window cut short"), ("male", 62, "")], False),
    ],
)
def test_only_the_total_of_a_whole_year_is_tied_to_its_quarters(
    rows: list[tuple[str, int, str]], is_tied: bool
) -> None:
    days = [date(2025, month, 1) for month in (1, 4, 7, 10)]
    quarters = [
        row("outcome_quarter", duty="main", outcome_group="all", first_day=day, count_cases=count)
        for day, count in zip(days, (20, 3, 30, 9), strict=True)
    ]
    frames = {"outcome_quarter": pl.DataFrame(quarters), CHARACTERISTICS: pl.DataFrame(year_of(*rows))}
    found = share(frames, days)["outcome_quarter"]["count_cases"].to_list()
    # 62 - 20 - 30 - 9 is 3: with the year shown, a second quarter goes.
    assert found == ([20, None, 30, None] if is_tied else [20, None, 30, 9])
