"""The shareable edition: which metrics leave the service, and how small numbers are left out of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from pipelines.metrics.disclosure import SUPPRESSED, lines_of_table, suppressed_cells


@dataclass(frozen=True)
class Shareable:
    """How one metric is shared.

    ``dimensions`` name a row, and ``all`` in one of them is the sum of the others. ``counts`` are the columns with
    numbers of households; ``within`` says which of them, in one row, is the sum of which others. ``derived`` columns
    rest on them and go with the first that is left out. ``only`` keeps the rows of that value and drops the column.
    ``drop`` are columns from which what is left out could be worked out over time.
    """

    dimensions: tuple[str, ...]
    counts: tuple[str, ...]
    derived: tuple[str, ...] = ()
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()


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
    "case_quiet_summary": Shareable(
        ("team", "stage"),
        ("open_cases", "under_28_days", "days_28_to_55", "days_56_to_83", "over_83_days", "not_recorded"),
        within={"open_cases": ("under_28_days", "days_28_to_55", "days_56_to_83", "over_83_days", "not_recorded")},
    ),
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
    ),
}
"""Metrics of the shareable edition. One not named here is internal, as is anything with a case or an officer."""

NOT_ADDITIVE = frozenset({"cohort_year"})
"""Their rows overlap, so that 'all' is not the sum of the others."""

_DIFFERENCES = {
    "case_first_stage_quarter": (("prevention_ended", "prevented"),),
    "case_plans": (("owed_a_duty", "with_plan"),),
    "review_quarter": (("due", "due_decided_in_time"), ("decided", "overturned")),
    "cohort_year": (
        ("assessed", "owed_prevention"),
        ("assessed", "owed_relief"),
        ("prevention_ended", "prevention_accommodated"),
        ("relief_ended", "relief_accommodated"),
        ("assessed", "main_duty_accepted"),
        ("assessed", "ever_in_ta"),
    ),
}
"""Whole and part: what is left between them is a count too, and a small one must not be worked out."""


def shareable(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A metric as it may be shared: small counts empty, and ``note`` says which rows they are in.

    Raises:
        KeyError: the metric is not one that is shared.
    """
    how = SHAREABLE[name]
    for column, value in how.only.items():
        frame = frame.filter(pl.col(column) == value).drop(column)
    frame = frame.drop(how.drop)
    rows = frame.select(how.dimensions).rows()
    columns = {column: frame[column].to_list() for column in how.counts}
    cells = {
        (row, column): int(value)
        for column, values in columns.items()
        for row, value in zip(rows, values, strict=True)
        if value is not None
    }
    lines = []
    if name not in NOT_ADDITIVE:
        for column in how.counts:
            for total, parts in lines_of_table([row for row in rows if (row, column) in cells]):
                lines.append(((total, column), [(part, column) for part in parts]))
    for row in rows:
        for total_column, part_columns in how.within.items():
            lines.append(((row, total_column), [(row, column) for column in part_columns]))
        for whole, part in _DIFFERENCES.get(name, ()):
            if (row, whole) in cells and (row, part) in cells:
                rest = (row, f"{whole} less {part}")
                cells[rest] = cells[row, whole] - cells[row, part]
                lines.append(((row, whole), [(row, part), rest]))
    hidden = suppressed_cells(cells, lines)
    notes = [SUPPRESSED if any((row, column) in hidden for column in how.counts) else "" for row in rows]
    has_gap = pl.Series("note", notes, dtype=pl.String)
    return frame.with_columns(
        *(
            pl.when(pl.Series([(row, column) in hidden for row in rows], dtype=pl.Boolean))
            .then(None)
            .otherwise(pl.col(column))
            .alias(column)
            for column in how.counts
        ),
        *(pl.when(has_gap == "").then(pl.col(column)).otherwise(None).alias(column) for column in how.derived),
        has_gap,
    )
