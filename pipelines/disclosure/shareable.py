"""Which metrics leave the service, and how small numbers are left out of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.disclosure.thresholds import ROUND_TO


@dataclass(frozen=True)
class Shareable:
    """How one metric is shared.

    ``dimensions`` name a row, and ``all`` in one of them is the sum of the others. ``counts`` are the columns with
    numbers of households; ``within`` says which of them, in one row, is the sum of which others. ``derived`` columns
    rest on them and go with the first that is left out. ``only`` keeps the rows of that value and drops the column.
    ``drop`` are columns from which what is left out could be worked out over time. ``parts_of_all`` is a pair of
    columns, a breakdown and its value, in which the row all/all is the sum of each breakdown.
    ``rows_of`` keeps the rows with these values: breakdowns that are not sums of each other. ``without_counts`` shares
    what is derived only; ``rounded`` shares counts to the nearest of that number instead of leaving any out.
    """

    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    derived: tuple[str, ...] = ()
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    parts_of_all: tuple[str, str] | None = None
    rows_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    without_counts: bool = False
    rounded: int | None = None


SHAREABLE: dict[str, Shareable] = {
    "case_open_month": Shareable(("first_day", "team", "stage"), ("open_cases",), only={"officer": "all"}),
    "case_arrivals_quarter": Shareable(
        ("first_day",),
        ("applications", "advice_only"),
        ("change", "change_share"),
        drop=("applications_year_before",),
    ),
    "case_age": Shareable(
        ("team", "stage"),
        ("open_cases",),
        (
            "mean_age_days",
            "lower_quartile_age_days",
            "median_age_days",
            "upper_quartile_age_days",
            "median_days_in_stage",
        ),
        only={"officer": "all"},
        drop=("oldest_age_days",),
        without_counts=True,
    ),
    "case_durations": Shareable(
        ("interval", "period", "first_day"),
        ("count_cases",),
        ("mean_days", "lower_quartile_days", "median_days", "upper_quartile_days"),
        drop=("longest_days", "count_out_of_order"),
        without_counts=True,
    ),
    "case_decision_day": Shareable(
        ("first_day",),
        (
            "count_decisions",
            "by_day_57",
            "day_58_to_71",
            "day_72_to_85",
            "day_86_to_113",
            "after_day_113",
            "without_relief_duty",
        ),
        ("share_by_day_57", "median_day", "upper_quartile_day"),
        within={
            "count_decisions": (
                "by_day_57",
                "day_58_to_71",
                "day_72_to_85",
                "day_86_to_113",
                "after_day_113",
                "without_relief_duty",
            )
        },
    ),
    "case_watch_month": Shareable(("first_day",), ("relief_past_56_days", "in_ta_without_decision")),
    "case_first_stage_quarter": Shareable(
        ("first_day",),
        ("owed_prevention", "owed_relief", "prevention_ended", "prevented"),
        ("share_first_seen_at_relief", "share_prevented"),
    ),
    "case_plans": Shareable(
        ("first_day", "team"), ("owed_a_duty", "with_plan"), ("share_with_plan", "median_days_to_plan")
    ),
    "outcome_quarter": Shareable(("duty", "first_day", "outcome_group"), ("count_cases",), ("share",)),
    "outcome_duty_reason": Shareable(
        ("duty", "horizon_months", "start_year", "reasonloss", "state"),
        ("count_cases",),
        ("share",),
        drop=("later_started",),
    ),
    "outcome_sustained": Shareable(
        ("duty", "first_day"),
        ("ended_with_accommodation", "not_yet_reached", "cannot_be_linked", "returned", "no_return_seen"),
        ("share_sustained",),
        within={
            "ended_with_accommodation": ("not_yet_reached", "cannot_be_linked", "returned", "no_return_seen"),
        },
    ),
    "reason_quarter": Shareable(
        ("first_day", "reasonloss"),
        ("count_cases",),
        ("share", "rank_no", "rank_no_year_before", "places_gained"),
        drop=("count_cases_year_before",),
    ),
    "review_quarter": Shareable(
        ("first_day", "decision_reviewed"),
        ("requested", "due", "due_decided_in_time", "due_late_or_outstanding", "decided", "overturned"),
        ("share_in_time", "share_overturned"),
        drop=("ended_undecided",),
    ),
    "referral_quarter": Shareable(
        ("first_day", "referral", "referral_body"),
        ("count_referrals", "not_assessed", "owed_prevention", "owed_relief", "no_duty"),
        within={"count_referrals": ("not_assessed", "owed_prevention", "owed_relief", "no_duty")},
        drop=("accommodated", "closed_otherwise", "still_open"),
    ),
    "cohort_year": Shareable(
        ("first_day", "cohort"),
        (
            "assessed",
            "owed_prevention",
            "owed_relief",
            "prevention_ended",
            "prevention_accommodated",
            "relief_ended",
            "relief_accommodated",
            "main_duty_accepted",
            "ever_in_ta",
        ),
        # Cohorts overlap each other and the reasons of table A2: only rounding keeps sums over tables apart.
        rounded=ROUND_TO,
    ),
    "stock_month": Shareable(
        ("first_day", "dimension", "value"),
        ("stock",),
        ("nights",),
        drop=("opening_stock", "entries", "exits", "transfers_in", "transfers_out"),
        parts_of_all=("dimension", "value"),
        rows_of={"dimension": ("all", "type", "household", "duty", "out_of_district")},
    ),
}
"""Metrics of the shareable edition. One not named here is internal, as is anything with a case or an officer."""

DIFFERENCES = {
    "case_plans": (("owed_a_duty", "with_plan"),),
    "review_quarter": (("due", "due_decided_in_time"), ("decided", "overturned")),
}
"""Whole and part: what is left between them is a count too, and a small one must not be worked out."""
