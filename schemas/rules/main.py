"""Rules on section 1: the application, its assessment and its reasons."""

from __future__ import annotations

import polars as pl

from schemas.law import FIRST_HOMELESSNESS_LAW
from schemas.rules._codes import (
    DUTY_OWED,
    TENANCY_END_ASKED,
)
from schemas.rules._rule import ERROR, FIX, TIDY, WARNING, Known, RuleBook
from schemas.rules._why import FUTURE

rules = RuleBook("main")

col = pl.col

# ---- dates ----------------------------------------------------------------------------------------------------------


@rules.row(
    "V-01",
    "application_date assess_date",
    "The assessment is dated before the application.",
    action="Correct the assessment date or the application date; the same day is allowed.",
    why="A household is assessed after it has applied. DELTA refuses a case in which the assessment comes first.",
    severity=ERROR,
    source="3.1 V-01 [S3]",
    confidence="stated",
    passes=[{"application_date": "2025-10-06", "assess_date": "2025-10-06"}],
    fails=[{"application_date": "2025-10-06", "assess_date": "2025-10-05"}],
    nulls=[{"application_date": "2025-10-06", "assess_date": None}],
)
def assessed_on_or_after_application(known: Known) -> pl.Expr:
    return col("assess_date") >= col("application_date")


@rules.row(
    "L-01a",
    "application_date assess_date php_date",
    "A date of the application, assessment or plan is after the day the export was taken.",
    action="Correct the date, or say on which day the export was really taken.",
    why=FUTURE,
    severity=ERROR,
    source="3.3 L-01 [L s183, s184]; design 3.7",
    confidence="statute",
    passes=[
        {"application_date": "2026-01-15", "assess_date": "2026-01-15"},
        {"application_date": "2025-12-01", "php_date": "2026-01-15"},
    ],
    fails=[
        {"application_date": "2025-12-01", "php_date": "2026-01-16"},
        {"application_date": "2026-01-16"},
        {"application_date": "2025-12-01", "assess_date": "2026-01-16"},
    ],
    nulls=[{"application_date": "2026-01-15", "assess_date": None, "php_date": None}],
)
def main_dates_are_not_after_export(known: Known) -> pl.Expr:
    return pl.all_horizontal(col("application_date", "assess_date", "php_date") <= known.as_at)


@rules.row(
    "H-01",
    "application_date",
    "The application date lies before the first homelessness law.",
    action="Correct the application date; a year was probably mistyped.",
    why="No homelessness duty existed before 1 December 1977, so an earlier date is a slip. All other dates of the case are held against it.",
    severity=ERROR,
    source="Housing (Homeless Persons) Act 1977, in force 1 December 1977",
    confidence="statute",
    passes=[{"application_date": "1977-12-01"}],
    fails=[{"application_date": "1977-11-30"}, {"application_date": "1925-10-06"}],
    nulls=[{"application_date": None}],
)
def application_follows_first_homelessness_law(known: Known) -> pl.Expr:
    return col("application_date") >= FIRST_HOMELESSNESS_LAW


@rules.row(
    "L-01q",
    "application_date php_date",
    "The personalised housing plan is dated before the application.",
    action="Correct the plan date or the application date; the same day is allowed.",
    why="The plan comes out of the assessment that an application leads to (section 189A). A plan from before the application means that one of the days is wrong.",
    severity=ERROR,
    source="3.3 L-01 [L s183, s189A]",
    confidence="statute",
    passes=[{"application_date": "2025-10-06", "php_date": "2025-10-06"}],
    fails=[{"application_date": "2025-10-06", "php_date": "2025-10-05"}],
    nulls=[{"application_date": "2025-10-06", "php_date": None}],
)
def plan_on_or_after_application(known: Known) -> pl.Expr:
    return col("php_date") >= col("application_date")


@rules.row(
    "H-03",
    "application_date closed_date",
    "The case is closed before the application.",
    action="Correct the closed date in the case system.",
    why="A case cannot be closed before it was opened. The date is not sent, but it shows where your system and the endings of the duties disagree.",
    severity=WARNING,
    finding_kind=TIDY,
    source="2.10 Closed [P]",
    confidence="proposed",
    passes=[{"application_date": "2025-10-06", "closed_date": "2025-10-06"}],
    fails=[{"application_date": "2025-10-06", "closed_date": "2025-10-05"}],
    nulls=[{"application_date": "2025-10-06", "closed_date": None}],
)
def closed_on_or_after_application(known: Known) -> pl.Expr:
    return col("closed_date") >= col("application_date")


# ---- what must be there ---------------------------------------------------------------------------------------------


@rules.row(
    "H-04",
    "assess1 assess_date",
    "There is an assessment outcome but no assessment date.",
    action="Enter the day of the initial decision, also for withdrawn and ineligible applicants.",
    why="The day of the assessment decides in which quarter the case is counted. An outcome without a day is counted in none.",
    severity=ERROR,
    source="2.10 ASSESS_DATE [P]; 2.1 [S3]",
    confidence="proposed",
    passes=[{"assess1": "prevention", "assess_date": "2025-10-06"}],
    fails=[{"assess1": "withdrew_before_assessment"}],
    nulls=[{"assess1": None, "assess_date": None}],
)
def outcome_has_date(known: Known) -> pl.Expr:
    return col("assess1").is_null() | col("assess_date").is_not_null()


@rules.row(
    "H-05",
    "assess_date assess1",
    "There is an assessment date but no assessment outcome.",
    action="Enter which duty is owed, or remove the date if the assessment has not been made.",
    why="The outcome says which duty is owed, if any. Without it the assessment is missing from the first figure that is published about the quarter.",
    severity=ERROR,
    source="2.1 ASSESS1 [S3]",
    confidence="stated",
    passes=[{"assess1": "prevention", "assess_date": "2025-10-06"}],
    fails=[{"assess_date": "2025-10-06"}],
    nulls=[{"assess1": None, "assess_date": None}],
)
def date_has_outcome(known: Known) -> pl.Expr:
    return col("assess_date").is_null() | col("assess1").is_not_null()


@rules.row(
    "H-06",
    "eligibility",
    "The eligibility of the applicant is not recorded.",
    action="Enter the eligibility; choose 'Not known' only if it was never established.",
    why="Eligibility comes first: a duty is owed to eligible applicants only. It was among what councils forgot most in their first returns.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.1 eligibility [T A11]; 3.1 most-missed [S6]",
    confidence="proposed",
    passes=[{"eligibility": "uk_roi_hr"}, {"eligibility": None, "advice_only": True}],
    fails=[{"eligibility": None}],
    nulls=[{"eligibility": None, "advice_only": True}],
)
def eligibility_is_recorded(known: Known) -> pl.Expr:
    return col("eligibility").is_not_null() | col("advice_only").fill_null(False)


def _owed_needs(rule_id: str, column: str, what: str, element: str, severity: str, confidence: str, why: str) -> None:
    """A field that must be filled once a duty is owed (notes 2.1, 'M when duty owed')."""
    good = {"assess1": "relief", column: "nk"} if column != "php_date" else {"assess1": "relief", column: "2025-10-06"}

    @rules.row(
        rule_id,
        f"assess1 {column}",
        f"A duty is owed but {what} is not recorded.",
        action=f"Enter {what}"
        + ("." if column == "php_date" else "; choose 'Not known' only if it cannot be found out."),
        why=why,
        severity=severity,
        finding_kind=FIX,
        source=f"2.1 {element}, duty owed",
        confidence=confidence,
        passes=[good, {"assess1": "not_threatened_56", column: None}],
        fails=[{"assess1": "prevention", column: None}],
        nulls=[{"assess1": None, column: None}],
    )
    def filled_when_owed(known: Known) -> pl.Expr:
        return ~col("assess1").is_in(DUTY_OWED) | col(column).is_not_null()


_owed_needs(
    "H-07",
    "reasonloss",
    "the main reason for loss of the settled home",
    "REASONLOSS [S3]",
    ERROR,
    "stated",
    "Every household owed a duty is counted by why it lost its home. Left blank, nobody learns why people become homeless here.",
)
_owed_needs(
    "H-08",
    "lastaccom",
    "the accommodation when last settled",
    "LASTACCOM [S3]",
    ERROR,
    "stated",
    "The return asks it of every household owed a duty, and DELTA holds it against the reason why the home was lost.",
)
_owed_needs(
    "H-09",
    "currentaccom",
    "the accommodation at application",
    "CURRENTACCOM [S3]",
    ERROR,
    "stated",
    "Every household owed a duty is counted by where it lived when it applied. DELTA also compares it with where the household was when prevention failed.",
)
_owed_needs(
    "H-10",
    "local_connection",
    "the local connection",
    "local_connection [R]",
    WARNING,
    "recalled",
    "A household can be referred to another council only if it has no local connection here (section 198), so the return asks for it once a duty is owed.",
)
_owed_needs(
    "H-11",
    "php_date",
    "the date of the personalised housing plan",
    "php_date [R]",
    WARNING,
    "recalled",
    "An eligible household that is owed a duty is to have a personalised housing plan (section 189A). Left blank, it looks as if none had been made.",
)
_owed_needs(
    "H-12",
    "employment_applicant",
    "the applicant's employment",
    "employment_applicant [T A10]",
    WARNING,
    "proposed",
    "Households owed a duty are counted by the applicant's employment. Left blank it can be counted only as not known.",
)
_owed_needs(
    "H-13",
    "nationality",
    "the applicant's nationality",
    "nationality [T A9]",
    WARNING,
    "proposed",
    "The return asks it of every household owed a duty, and the published groups of nationalities are made from it. Left blank it can be counted only as not known.",
)


@rules.row(
    "H-14",
    "assess1 referral",
    "The case is assessed but it is not recorded whether the household was referred.",
    action="Enter the kind of referral, or 'No'.",
    why="Households that were referred are counted by who referred them. Left blank, nobody knows whether this one was.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.1 referral [H A7]",
    confidence="proposed",
    passes=[{"assess1": "relief", "referral": "no"}],
    fails=[{"assess1": "relief", "referral": None}],
    nulls=[{"assess1": None, "referral": None}],
)
def referral_is_recorded_when_assessed(known: Known) -> pl.Expr:
    return col("assess1").is_null() | col("referral").is_not_null()


@rules.row(
    "H-15",
    "referral referral_body",
    "A Duty to Refer referral does not say which public body referred.",
    action="Enter the body; choose 'Other / not known' if the referral does not say.",
    why="Public bodies have a duty to refer (section 213B), and their referrals are counted body by body. Without the body this one counts as not known.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.1.3 [H A7]",
    confidence="proposed",
    passes=[{"referral": "dtr", "referral_body": "jcp"}, {"referral": "agency"}],
    fails=[{"referral": "dtr", "referral_body": None}],
    nulls=[{"referral": None, "referral_body": None}],
)
def duty_to_refer_names_body(known: Known) -> pl.Expr:
    return (col("referral") != "dtr") | col("referral_body").is_not_null()


@rules.row(
    "H-16",
    "reasonloss reason_tenancy_end",
    "The reason why the tenancy or supported housing ended is not recorded.",
    action="Enter the reason for the end of the tenancy, or 'Other / not known'.",
    why="For rented and supported homes the published figures show why they ended, such as arrears or a landlord who sells. Without it the case counts as not known.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.1.8 [T A2]",
    confidence="proposed",
    passes=[
        {"reasonloss": "prs_ast", "reason_tenancy_end": "landlord_sell"},
        {"reasonloss": "family_friends"},
    ],
    fails=[{"reasonloss": "prs_ast", "reason_tenancy_end": None}],
    nulls=[{"reasonloss": None, "reason_tenancy_end": None}],
)
def tenancy_end_has_reason(known: Known) -> pl.Expr:
    return ~col("reasonloss").is_in(TENANCY_END_ASKED) | col("reason_tenancy_end").is_not_null()
