"""Rules on section 9: reviews of decisions."""

from __future__ import annotations

import polars as pl

from schemas.codelists import codelist
from schemas.rules._orphans import orphan_rule
from schemas.rules._rule import ERROR, WARNING, Known, RuleBook

rules = RuleBook("reviews")

col = pl.col

# Days of SI 2018/223 reg. 9 by decision, beginning with the day of the request; eight weeks where none is named.
REVIEW_DAYS = {code.code: int(code.extra["review_days"]) for code in codelist("decision_reviewed").codes.values()}
EIGHT_WEEKS = 56


def _due_date() -> pl.Expr:
    days = col("decision_reviewed").replace_strict(REVIEW_DAYS, default=EIGHT_WEEKS, return_dtype=pl.Int64)
    return pl.coalesce(col("review_due_date"), col("review_requested_date") + pl.duration(days=days - 1))


@rules.row(
    "L-01l",
    "review_requested_date review_outcome_date",
    "The review is decided before it was requested.",
    action="Correct the day of the request or of the outcome.",
    severity=ERROR,
    source="3.3 L-01 [L s202]",
    confidence="statute",
    passes=[{"review_requested_date": "2025-10-06", "review_outcome_date": "2025-10-06"}],
    fails=[{"review_requested_date": "2025-10-06", "review_outcome_date": "2025-10-05"}],
    nulls=[{"review_requested_date": "2025-10-06", "review_outcome_date": None}],
)
def review_decided_after_request(known: Known) -> pl.Expr:
    return col("review_outcome_date") >= col("review_requested_date")


@rules.row(
    "L-01m",
    "review_requested_date review_outcome_date",
    "A date of the review is after the day the export was taken.",
    action="Correct the date, or give the day of the export with --as-at.",
    severity=ERROR,
    source="3.3 L-01; design 3.7",
    confidence="statute",
    passes=[{"review_requested_date": "2025-10-06", "review_outcome_date": "2026-01-15"}],
    fails=[{"review_requested_date": "2026-01-16"}],
    nulls=[{"review_requested_date": "2025-10-06", "review_outcome_date": None}],
)
def review_dates_are_not_after_export(known: Known) -> pl.Expr:
    return pl.all_horizontal(col("review_requested_date", "review_outcome_date") <= known.as_at)


@rules.row(
    "L-18a",
    "decision_notified_date review_requested_date",
    "The review was requested after the 21 days that begin with the day on which the decision was notified.",
    action="Check the dates, or that the authority allowed a late request.",
    severity=WARNING,
    source="3.3 L-18 [L s202(3)]",
    confidence="statute",
    # 6 October is day 1, 26 October is day 21
    passes=[{"decision_notified_date": "2025-10-06", "review_requested_date": "2025-10-26"}],
    fails=[{"decision_notified_date": "2025-10-06", "review_requested_date": "2025-10-27"}],
    nulls=[{"decision_notified_date": None, "review_requested_date": "2025-10-27"}],
)
def review_requested_within_21_days(known: Known) -> pl.Expr:
    return (col("review_requested_date") - col("decision_notified_date")).dt.total_days() <= 20


rules.not_decidable(
    "L-18b",
    "decision_notified_date review_requested_date",
    "A review is to be requested within 21 days of the notification, also where no day of notification is recorded.",
    action="Enter the day on which the decision was notified, so that the rule can judge.",
    source="3.3 L-18 [L s202(3)]",
    confidence="statute",
    note="Without the local field decision_notified_date there is no day to count from; L-18a judges where there is.",
)


@rules.row(
    "L-19a",
    "review_requested_date decision_reviewed review_due_date review_outcome_date",
    "The review was decided after the day it was due.",
    action="Check the dates, or enter the later day that was agreed as the due date.",
    severity=WARNING,
    source="3.3 L-19 [SI 2018/223 reg 9, verify]",
    confidence="statute",
    # Beginning with 6 October, 56 days end on 30 November and 21 days on 26 October.
    passes=[
        {"review_requested_date": "2025-10-06", "review_outcome_date": "2025-11-30"},
        {
            "review_requested_date": "2025-10-06",
            "decision_reviewed": "prevention_ended",
            "review_outcome_date": "2025-10-26",
        },
        {
            "review_requested_date": "2025-10-06",
            "decision_reviewed": "relief_ended",
            "review_outcome_date": "2025-11-30",
        },
        {"review_requested_date": "2025-10-06", "review_due_date": "2026-01-05", "review_outcome_date": "2026-01-05"},
    ],
    fails=[
        {"review_requested_date": "2025-10-06", "review_outcome_date": "2025-12-01"},
        {
            "review_requested_date": "2025-10-06",
            "decision_reviewed": "prevention_ended",
            "review_outcome_date": "2025-10-27",
        },
    ],
    nulls=[{"review_requested_date": None, "review_outcome_date": "2025-12-02"}],
)
def review_decided_in_time(known: Known) -> pl.Expr:
    return col("review_outcome_date") <= _due_date()


@rules.row(
    "L-19b",
    "review_requested_date decision_reviewed review_due_date review_outcome_date",
    "The review is still open after the day it was due.",
    action="Decide the review, or enter the later day that was agreed as the due date.",
    severity=WARNING,
    source="3.3 L-19 [SI 2018/223 reg 9, verify]",
    confidence="statute",
    passes=[
        {"review_requested_date": "2025-12-01"},
        {"review_requested_date": "2025-11-06"},
        {"review_requested_date": "2025-06-01", "review_outcome_date": "2025-07-01"},
    ],
    fails=[{"review_requested_date": "2025-06-01"}, {"review_requested_date": "2025-11-05"}],
    nulls=[{"review_requested_date": None, "review_outcome_date": None}],
)
def open_review_is_not_overdue(known: Known) -> pl.Expr:
    return col("review_outcome_date").is_not_null() | (_due_date() >= known.last_day)


rules.not_decidable(
    "L-20",
    "appeal review_outcome_date",
    "An appeal to the county court is to be made within 21 days of the review decision.",
    action="Check the day of the appeal on the file.",
    source="3.3 L-20 [L s204]",
    confidence="statute",
    note="The return holds whether there was an appeal, not its day.",
)


@rules.row(
    "H-110",
    "review_outcome_date review_outcome",
    "The review is decided but its outcome is not recorded.",
    action="Enter the outcome of the review.",
    severity=WARNING,
    source="2.9 review_outcome [R]",
    confidence="recalled",
    passes=[{"review_outcome_date": "2025-12-01", "review_outcome": "upheld"}],
    fails=[{"review_outcome_date": "2025-12-01", "review_outcome": None}],
    nulls=[{"review_outcome_date": None, "review_outcome": None}],
)
def decided_review_has_outcome(known: Known) -> pl.Expr:
    return col("review_outcome_date").is_null() | col("review_outcome").is_not_null()


@rules.row(
    "H-111",
    "review_outcome review_outcome_date",
    "The review has an outcome but not the day of it.",
    action="Enter the day on which the review was decided.",
    severity=WARNING,
    source="2.9 review_outcome_date [R]",
    confidence="recalled",
    passes=[{"review_outcome": "upheld", "review_outcome_date": "2025-12-01"}],
    fails=[{"review_outcome": "upheld", "review_outcome_date": None}],
    nulls=[{"review_outcome": None, "review_outcome_date": None}],
)
def review_outcome_has_day(known: Known) -> pl.Expr:
    return col("review_outcome").is_null() | col("review_outcome_date").is_not_null()


@rules.row(
    "H-112",
    "appeal review_outcome_date",
    "An appeal to the county court is recorded, but the review is not decided.",
    action="Enter the outcome of the review, or check the appeal.",
    severity=WARNING,
    source="2.9 appeal [R]; s204",
    confidence="statute",
    passes=[{"appeal": True, "review_outcome_date": "2025-12-01"}, {"appeal": False}],
    fails=[{"appeal": True, "review_outcome_date": None}],
    nulls=[{"appeal": None, "review_outcome_date": None}],
)
def appeal_follows_review(known: Known) -> pl.Expr:
    return ~col("appeal") | col("review_outcome_date").is_not_null()


@rules.row(
    "H-113",
    "review_requested_date review_due_date",
    "The review is due before it was requested.",
    action="Correct the due date or the day of the request.",
    severity=WARNING,
    source="3.3 L-19 [SI 2018/223 reg 9]",
    confidence="statute",
    passes=[{"review_requested_date": "2025-10-06", "review_due_date": "2025-10-06"}],
    fails=[{"review_requested_date": "2025-10-06", "review_due_date": "2025-10-05"}],
    nulls=[{"review_requested_date": "2025-10-06", "review_due_date": None}],
)
def review_due_after_request(known: Known) -> pl.Expr:
    return col("review_due_date") >= col("review_requested_date")


@rules.row(
    "H-114",
    "decision_notified_date review_requested_date",
    "The review was requested before the decision was notified.",
    action="Correct the day of the notification or of the request.",
    severity=WARNING,
    source="3.3 L-18 [L s202(3)]",
    confidence="statute",
    passes=[{"decision_notified_date": "2025-10-06", "review_requested_date": "2025-10-06"}],
    fails=[{"decision_notified_date": "2025-10-06", "review_requested_date": "2025-10-05"}],
    nulls=[{"decision_notified_date": None, "review_requested_date": "2025-10-05"}],
)
def review_requested_after_notification(known: Known) -> pl.Expr:
    return col("review_requested_date") >= col("decision_notified_date")


@rules.row(
    "H-115",
    "review_requested_date decision_reviewed",
    "The same review seems to be recorded twice.",
    action="Remove the second row, or correct its date or the decision under review.",
    severity=WARNING,
    source="2.9: one row per review requested [R]",
    confidence="recalled",
    rows=True,
    passes=[
        [
            {"review_requested_date": "2025-10-06", "decision_reviewed": "eligibility"},
            {"review_requested_date": "2025-10-06", "decision_reviewed": "suitability"},
        ]
    ],
    fails=[
        [
            {"review_requested_date": "2025-10-06", "decision_reviewed": "eligibility"},
            {"review_requested_date": "2025-10-06", "decision_reviewed": "eligibility"},
        ]
    ],
    nulls=[
        [{"decision_reviewed": "eligibility"}, {"decision_reviewed": "eligibility"}],
        [{"review_requested_date": "2025-10-06"}, {"review_requested_date": "2025-10-06"}],
    ],
)
def reviews_differ(known: Known) -> pl.Expr:
    is_twice = pl.struct("case_ref", "review_requested_date", "decision_reviewed").is_duplicated()
    return ~is_twice | col("review_requested_date").is_null() | col("decision_reviewed").is_null()


# ---- against the other sections -------------------------------------------------------------------------------------

rules.sql(
    "L-01n",
    "review_requested_date main.application_date",
    "The review was requested before the application.",
    action="Correct the day of the request or the application date.",
    severity=ERROR,
    source="3.3 L-01 [L s202]",
    confidence="statute",
    passes=[{"main": [{"application_date": "2025-10-06"}], "reviews": [{"review_requested_date": "2025-10-06"}]}],
    fails=[{"main": [{"application_date": "2025-10-06"}], "reviews": [{"review_requested_date": "2025-10-05"}]}],
    nulls=[{"main": [{"application_date": None}], "reviews": [{"review_requested_date": "2025-10-05"}]}],
)

rules.sql(
    "H-116",
    "decision_reviewed",
    "The decision under review is not on the case.",
    action="Record the decision that is reviewed, or correct which decision it is.",
    severity=WARNING,
    source="2.9 [L s202(1)]",
    confidence="statute",
    passes=[
        {"main": [{}], "relief": [{"relief_end": "2025-12-01"}], "reviews": [{"decision_reviewed": "relief_ended"}]},
        {"main": [{}], "reviews": [{"decision_reviewed": "suitability"}]},
    ],
    fails=[
        {"main": [{}], "relief": [{"relief_start": "2025-12-01"}], "reviews": [{"decision_reviewed": "relief_ended"}]},
        {"main": [{}], "reviews": [{"decision_reviewed": "main_duty_ended"}]},
    ],
    nulls=[{"main": [{}], "reviews": [{"decision_reviewed": None}]}],
)

orphan_rule(rules, "H-121", {"review_requested_date": "2025-12-01"})
