"""The one register of what leaves the service as metrics: their counts, how these add up, and what rests on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from pipelines.disclosure import derived
from pipelines.disclosure.derived import share_of

Again = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Shareable:
    """How one metric is shared.

    ``dimensions`` name a row, and ``all`` in one of them is the sum of the others. ``counts`` are the columns with
    numbers of households: each leaves as a multiple of 5 (``rounding``). ``within`` says which of them, in one row, is
    the sum of which others, ``parts`` which is a whole and which a part of it.

    Of what rests on counts, ``again`` works out once more from the rounded ones whatever is a sum, share, change or
    rank. ``derived`` columns are days, means and medians: to the whole day, and only where ``base`` (by default the
    first count) is 10 or more when rounded. ``amounts`` are money of a row: as they are, and only where ``nights`` are
    as many as 10 households have in a month. ``nights`` leave to the nearest 100.

    ``only_total`` are counts that leave in the row of the total only. ``recent`` are dimensions of which a part leaves
    for the last ``PARTS_MONTHS`` months only, by the day in ``dated``.

    ``only`` keeps the rows of that value and drops the column. ``drop`` are columns that are not shared.
    ``parts_of_all`` is a pair of columns, a breakdown and its value, in which the row all/all is the sum of each
    breakdown. ``rows_of`` keeps the rows with these values; ``counted`` says in which of them the counts are counts,
    where other rows hold something else, which ``again`` then deals with. ``dated`` is the column whose day the counts
    are of: in another edition the same row is then about the same count. Without one it is about the quarter of the
    edition. ``part_of`` is a column that says to which larger group a row belongs.

    Where a metric has no row for a count of 0, a row says that there is somebody. Rows in which every figure is 0 are
    therefore not shared, unless the metric ``is_complete``: it has a row whether there is anybody or not.
    """

    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    derived: tuple[str, ...] = ()
    base: str | None = None
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parts: tuple[tuple[str, str], ...] = ()
    again: Again | None = None
    amounts: tuple[str, ...] = ()
    nights: str | None = None
    only: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    parts_of_all: tuple[str, str] | None = None
    only_total: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    rows_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    counted: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    dated: str | None = "first_day"
    is_complete: bool = False
    part_of: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would give a count away.

        Raises:
            ValueError: a share or change would leave as it was worked out from the true counts.
        """
        for column in self.derived:
            if column.startswith(("share", "change", "rank", "difference")):
                raise ValueError(f"{column} must be worked out again from the rounded counts.")


_TYPES = ("all", "type", "household", "children", "duty", "out_of_district")

PARTS_MONTHS = 37
"""Three years and the month before: parts of older totals are not asked for, and each is a count more to hide."""

SHAREABLE: dict[str, Shareable] = {
    "case_open_month": Shareable(
        ("first_day", "team", "stage"),
        ("open_cases",),
        only={"officer": "all"},
        recent=("team",),
        is_complete=True,
    ),
    "case_flow_month": Shareable(
        ("first_day", "team"),
        ("opening_cases", "arrivals", "reopened", "closures", "stage_moves", "open_cases"),
        rows_of={"team": ("all",)},
        is_complete=True,
    ),
    "case_arrivals_quarter": Shareable(
        ("first_day",),
        ("applications", "advice_only", "closures"),
        again=derived.changes,
        is_complete=True,
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
        dated=None,
    ),
    "case_durations": Shareable(
        ("interval", "period", "first_day"),
        ("count_cases",),
        ("mean_days", "lower_quartile_days", "median_days", "upper_quartile_days"),
        drop=("longest_days", "count_out_of_order"),
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
        ("median_day", "upper_quartile_day"),
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
        again=share_of("share_by_day_57", "by_day_57", pl.col("count_decisions") - pl.col("without_relief_duty")),
    ),
    "case_watch_month": Shareable(
        ("first_day",),
        ("relief_past_56_days", "in_ta_without_decision"),
        is_complete=True,
    ),
    "case_first_stage_quarter": Shareable(
        ("first_day",),
        ("owed_prevention", "owed_relief", "prevention_ended", "prevented"),
        parts=(("prevention_ended", "prevented"),),
        again=derived.in_turn(
            share_of("share_first_seen_at_relief", "owed_relief", pl.col("owed_prevention") + pl.col("owed_relief")),
            share_of("share_prevented", "prevented", pl.col("prevention_ended")),
        ),
    ),
    "case_plans": Shareable(
        ("first_day", "team"),
        ("owed_a_duty", "with_plan"),
        ("median_days_to_plan",),
        base="with_plan",
        parts=(("owed_a_duty", "with_plan"),),
        again=share_of("share_with_plan", "with_plan", pl.col("owed_a_duty")),
    ),
    "outcome_quarter": Shareable(
        ("duty", "first_day", "outcome_group"),
        ("count_cases",),
        again=derived.share_of_total("count_cases", ("duty", "first_day"), "outcome_group"),
    ),
    "outcome_duty_reason": Shareable(
        ("duty", "horizon_months", "start_year", "reasonloss", "state"),
        ("count_cases",),
        again=derived.share_of_total("count_cases", ("duty", "horizon_months", "start_year", "reasonloss"), "state"),
        drop=("later_started",),
        recent=("reasonloss",),
        dated="start_year",
    ),
    "outcome_sustained": Shareable(
        ("duty", "first_day"),
        ("ended_with_accommodation", "not_yet_reached", "cannot_be_linked", "returned", "no_return_seen"),
        within={
            "ended_with_accommodation": ("not_yet_reached", "cannot_be_linked", "returned", "no_return_seen"),
        },
        again=share_of("share_sustained", "no_return_seen", pl.col("no_return_seen") + pl.col("returned")),
    ),
    "outcome_characteristic": Shareable(
        ("duty", "characteristic", "value"),
        ("ended", "accommodated"),
        parts=(("ended", "accommodated"),),
        again=derived.characteristics,
        dated=None,
    ),
    "reason_quarter": Shareable(
        ("first_day", "reasonloss"),
        ("count_cases",),
        again=derived.ranks,
        drop=("count_cases_year_before",),
    ),
    "review_quarter": Shareable(
        ("first_day", "decision_reviewed"),
        ("requested", "due", "due_decided_in_time", "due_late_or_outstanding", "decided", "overturned"),
        parts=(("due", "due_decided_in_time"), ("due", "due_late_or_outstanding"), ("decided", "overturned")),
        again=derived.in_turn(
            share_of(
                "share_in_time",
                "due_decided_in_time",
                pl.col("due_decided_in_time") + pl.col("due_late_or_outstanding"),
            ),
            share_of("share_overturned", "overturned", pl.col("decided")),
        ),
        drop=("ended_undecided",),
        recent=("decision_reviewed",),
    ),
    "referral_quarter": Shareable(
        ("first_day", "referral", "referral_body"),
        ("count_referrals", "not_assessed", "owed_prevention", "owed_relief", "no_duty"),
        within={"count_referrals": ("not_assessed", "owed_prevention", "owed_relief", "no_duty")},
        drop=("accommodated", "closed_otherwise", "still_open"),
        recent=("referral", "referral_body"),
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
        parts=(
            ("assessed", "owed_prevention"),
            ("assessed", "owed_relief"),
            ("prevention_ended", "prevention_accommodated"),
            ("relief_ended", "relief_accommodated"),
            ("assessed", "ever_in_ta"),
        ),
    ),
    "cost_basis": Shareable(
        ("basis_for_sharing",),
        (),
        drop=("basis", "rates_file", "lha_file", "ceilings_file", "invoices_file", "is_what_if"),
        dated=None,
    ),
    "stock_month": Shareable(
        ("first_day", "dimension", "value"),
        ("opening_stock", "entries", "exits", "stock"),
        nights="nights",
        only_total=("opening_stock", "entries", "exits"),
        drop=("transfers_in", "transfers_out"),
        parts_of_all=("dimension", "value"),
        rows_of={"dimension": _TYPES},
        recent=("dimension",),
        is_complete=True,
    ),
    "stock_quarter": Shareable(
        ("first_day", "dimension", "value"),
        ("opening_stock", "entries", "exits", "stock"),
        nights="nights",
        drop=("transfers_in", "transfers_out", "count_months"),
        parts_of_all=("dimension", "value"),
        rows_of={"dimension": ("all",)},
        is_complete=True,
    ),
    "stay_bb_month": Shareable(
        ("first_day",),
        ("count_households", "count_over_42", "count_families", "count_families_over_42"),
        parts=(
            ("count_households", "count_over_42"),
            ("count_households", "count_families"),
            ("count_over_42", "count_families_over_42"),
            ("count_families", "count_families_over_42"),
        ),
        is_complete=True,
    ),
    "stay_in_progress_bands": Shareable(
        ("day", "dimension", "value", "band_no"),
        ("count_households",),
        rows_of={"dimension": ("all", "type")},
        recent=("dimension",),
        dated="day",
        is_complete=True,
        part_of="band",
    ),
    "stay_in_progress_summary": Shareable(
        ("day", "dimension", "value"),
        ("count_households",),
        ("mean_days", "median_days"),
        drop=("mean_days_cut",),
        rows_of={"dimension": _TYPES},
        recent=("dimension",),
        dated="day",
    ),
    "stay_completed": Shareable(
        ("period", "first_day", "dimension", "value"),
        ("count_stays",),
        ("mean_days", "median_days"),
        drop=("days",),
        rows_of={"dimension": ("all", "type", "children")},
        recent=("dimension",),
    ),
    "stay_six_months": Shareable(
        ("day", "ta_type", "site"),
        ("count_households", "count_over_six_months"),
        parts=(("count_households", "count_over_six_months"),),
        dated="day",
    ),
    "stay_receiving_regions": Shareable(("first_day", "region"), ("count_households",)),
    "history_start": Shareable(("subject",), (), dated=None),
    "stay_out_of_district": Shareable(
        ("first_day", "receiving_code"), ("count_households", "count_own_arrangements"), part_of="region"
    ),
    "stay_young_children": Shareable(
        ("accommodation", "child_age", "least_length"),
        ("count_households",),
        dated=None,
        is_complete=True,
    ),
    "stock_children_month": Shareable(
        ("first_day", "age_band"),
        ("count_children",),
        is_complete=True,
    ),
    "foi_month": Shareable(
        ("first_day", "item_no"),
        ("value",),
        counted={"item_no": tuple(range(1, 24))},
        again=derived.answer,
        is_complete=True,
    ),
    "cost_type_month": Shareable(
        ("first_day", "ta_type"),
        (),
        nights="placement_nights",
        amounts=("gross", "recoverable", "net"),
        drop=("nights_without_rate", "nights_without_recoverable", "basis", "gross_known", "recoverable_known"),
    ),
}
"""Metrics of the shareable edition. One not named here is internal, as is anything with a case or an officer."""
