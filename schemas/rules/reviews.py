"""Rules on section 9: reviews of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from schemas.rules._orphans import orphan_rule
from schemas.rules._rule import CASEWORK, ERROR, FIX, TIDY, WARNING, Example, Known, Row, RuleBook
from schemas.rules._why import FUTURE

rules = RuleBook("reviews")

col = pl.col


@rules.row(
    "L-01l",
    "review_requested_date review_outcome_date",
    "The review is decided before it was requested.",
    action="Correct the day of the request or of the outcome.",
    why="A review cannot be decided before somebody asked for it. The time that the council took is counted from these two days.",
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
    action="Correct the date, or say on which day the export was really taken.",
    why=FUTURE,
    severity=ERROR,
    source="3.3 L-01; design 3.7",
    confidence="statute",
    passes=[
        {"review_requested_date": "2025-10-06", "review_outcome_date": "2026-01-15"},
        {"review_requested_date": "2026-01-15"},
    ],
    fails=[
        {"review_requested_date": "2026-01-16"},
        {"review_requested_date": "2025-10-06", "review_outcome_date": "2026-01-16"},
    ],
    nulls=[{"review_requested_date": "2025-10-06", "review_outcome_date": None}],
)
def review_dates_are_not_after_export(known: Known) -> pl.Expr:
    return pl.all_horizontal(col("review_requested_date", "review_outcome_date") <= known.as_at)


@rules.row(
    "L-18a",
    "decision_notified_date review_requested_date",
    "The review was requested after the 21 days that begin with the day on which the decision was notified.",
    action="Check the dates, or that the authority allowed a late request.",
    why="A review is to be requested within 21 days beginning with the day on which the decision was notified, or later if the council allows it (section 202(3)).",
    severity=WARNING,
    finding_kind=CASEWORK,
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
    why="The 21 days for a request begin with the day on which the decision was notified (section 202(3)). Where that day is not recorded, nobody can tell.",
    source="3.3 L-18 [L s202(3)]",
    confidence="statute",
    note="Without the local field decision_notified_date there is no day to count from; L-18a judges where there is.",
)


def _reviewed(
    outcome_date: str | None,
    decision: str | None = None,
    requested: str | None = "2025-10-06",
    prevention: Sequence[Row] = (),
    relief: Sequence[Row] = (),
    **more: Any,
) -> Example:
    review = {"review_requested_date": requested, "decision_reviewed": decision, "review_outcome_date": outcome_date}
    return {"main": [{}], "prevention": prevention, "relief": relief, "reviews": [{**review, **more}]}


PREVENTION_REFUSED = [{"prevention_end": "2025-10-01", "prevention_outcome": "refused_coop"}]


def _relief_refused(day: str) -> list[Row]:
    return [{"relief_end": day, "relief_outcome": "refused_coop"}]


rules.sql(
    "L-19a",
    "review_requested_date decision_reviewed representations_received_date review_due_date review_outcome_date"
    " prevention.prevention_outcome relief.relief_outcome relief.relief_end",
    "The review was decided after the day it was due.",
    action="Check the dates, or enter the day by which it was due: later where agreed in writing, ten weeks where both authorities decide on the conditions for a referral, twelve where a person is appointed.",
    why="The regulations give the council three, eight, ten or twelve weeks, by what is reviewed, unless more is agreed in writing (SI 2018/223, regulation 9).",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.3 L-19 [SI 2018/223 reg 9(1)]",
    confidence="statute",
    # Beginning with 6 October, three weeks end on 26 October and eight weeks on 30 November.
    passes=[
        _reviewed("2025-11-30"),
        _reviewed("2025-11-30", "relief_ended"),
        _reviewed("2025-11-30", "referral"),
        _reviewed("2025-11-30", "eligibility", representations_received_date="2025-10-20"),
        _reviewed("2025-10-26", "php_steps"),
        _reviewed("2025-10-26", "prevention_ended"),
        _reviewed("2025-11-09", "prevention_ended", representations_received_date="2025-10-20"),
        _reviewed("2025-10-26", "s193b_notice", prevention=PREVENTION_REFUSED),
        _reviewed("2025-11-30", "s193b_notice", relief=_relief_refused("2025-10-06")),
        _reviewed("2025-11-30", "s193b_notice", prevention=PREVENTION_REFUSED, relief=_relief_refused("2025-10-06")),
        _reviewed("2025-11-30", "s193b_notice"),
        _reviewed("2026-01-05", review_due_date="2026-01-05"),
    ],
    fails=[
        _reviewed("2025-12-01"),
        _reviewed("2025-12-01", "relief_ended"),
        _reviewed("2025-12-01", "referral"),
        _reviewed("2025-12-01", "eligibility", representations_received_date="2025-10-20"),
        _reviewed("2025-10-27", "php_steps"),
        _reviewed("2025-10-27", "prevention_ended"),
        _reviewed("2025-11-10", "prevention_ended", representations_received_date="2025-10-20"),
        _reviewed("2025-10-27", "s193b_notice", prevention=PREVENTION_REFUSED),
        _reviewed("2025-12-01", "s193b_notice", relief=_relief_refused("2025-10-06")),
        _reviewed(
            "2025-10-27",
            "s193b_notice",
            prevention=PREVENTION_REFUSED,
            relief=_relief_refused("2025-10-07"),
        ),
        _reviewed("2025-12-01", "s193b_notice"),
        _reviewed("2026-01-06", review_due_date="2026-01-05"),
    ],
    nulls=[_reviewed("2025-12-02", requested=None), _reviewed(None)],
)

rules.sql(
    "L-19b",
    "review_requested_date decision_reviewed representations_received_date review_due_date review_outcome_date"
    " review_outcome prevention.prevention_outcome relief.relief_outcome relief.relief_end",
    "The review is still open after the day it was due.",
    action="Decide the review, or enter the day by which it is due: later where agreed in writing, ten weeks where both authorities decide on the conditions for a referral, twelve where a person is appointed.",
    why="The regulations give the council three, eight, ten or twelve weeks, by what is reviewed, unless more is agreed in writing (SI 2018/223, regulation 9). The household is waiting.",
    severity=WARNING,
    finding_kind=CASEWORK,
    source="3.3 L-19 [SI 2018/223 reg 9(1)]",
    confidence="statute",
    # Eight weeks beginning with 6 November end on 31 December, the quarter's last day; three beginning with 11 December.
    passes=[
        _reviewed(None, "s193b_notice", "2025-11-06", PREVENTION_REFUSED, _relief_refused("2025-11-06")),
        _reviewed(None, requested="2025-11-06"),
        _reviewed(None, "php_steps", requested="2025-12-11"),
        _reviewed(None, "php_steps", requested="2025-11-11", representations_received_date="2025-12-11"),
        _reviewed("2025-07-01", requested="2025-06-01"),
        _reviewed("2025-12-31", requested="2025-06-01"),
        _reviewed(None, requested="2025-06-01", review_outcome="withdrawn"),
        _reviewed(None, requested="2025-06-01", review_due_date="2025-12-31"),
    ],
    fails=[
        _reviewed(None, "s193b_notice", "2025-11-06", PREVENTION_REFUSED, _relief_refused("2025-11-07")),
        _reviewed(None, requested="2025-11-05"),
        _reviewed(None, "php_steps", requested="2025-12-10"),
        _reviewed(None, "php_steps", requested="2025-11-11", representations_received_date="2025-12-10"),
        _reviewed("2026-01-01", requested="2025-06-01"),
        _reviewed(None, requested="2025-06-01", review_due_date="2025-12-30"),
    ],
    nulls=[_reviewed(None, requested=None)],
)

rules.not_decidable(
    "L-20",
    "appeal review_outcome_date",
    "An appeal to the county court is to be made within 21 days of the review decision.",
    action="Check the day of the appeal on the file.",
    why="An appeal on a point of law goes to the county court within 21 days of the decision on the review (section 204).",
    source="3.3 L-20 [L s204]",
    confidence="statute",
    note="The return holds whether there was an appeal, not its day.",
)


@rules.row(
    "H-110",
    "review_outcome_date review_outcome",
    "The review is decided but its outcome is not recorded.",
    action="Enter the outcome of the review.",
    why="The return asks how a review ended. Left blank, nobody knows whether the decision stood.",
    severity=WARNING,
    finding_kind=FIX,
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
    why="Without its day the review is shown as still open, also to those whose placement waits for it.",
    severity=WARNING,
    finding_kind=FIX,
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
    why="An appeal to the county court follows a decision on a review, or a review that was not decided in time (section 204). Here no decision is recorded.",
    severity=WARNING,
    finding_kind=FIX,
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
    why="A review is due some weeks after it was requested. The date is not sent, but by it you are told when a review is late.",
    severity=WARNING,
    finding_kind=TIDY,
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
    why="A review is requested of a decision that the household has been told. The day is not sent, but the 21 days for the request begin with it.",
    severity=WARNING,
    finding_kind=TIDY,
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
    action="Remove the second entry, or correct its date or the decision under review.",
    why="The return holds one entry for each review. Entered twice it is sent twice.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.9: one row per review requested [R]",
    confidence="recalled",
    rows=True,
    passes=[
        [
            {"review_requested_date": "2025-10-06", "decision_reviewed": "eligibility"},
            {"review_requested_date": "2025-10-07", "decision_reviewed": "eligibility"},
        ],
        [
            {"review_requested_date": "2025-10-06", "decision_reviewed": "eligibility"},
            {"review_requested_date": "2025-10-06", "decision_reviewed": "suitability"},
        ],
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
    why="A review is of a decision, and every decision comes after the application.",
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
    why="A review looks again at a decision (section 202). If that is not on the case, the review or the decision is recorded wrongly.",
    severity=WARNING,
    finding_kind=FIX,
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
