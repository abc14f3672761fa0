"""Rules on section 1: the application, its assessment and its reasons."""

from __future__ import annotations

from datetime import date

import polars as pl

from schemas.rules._codes import (
    DUTY_OWED,
    FIRST_HOMELESSNESS_LAW,
    NEVER_SETTLED,
    PRIVATE_RENTED,
    SETTLED,
    TENANCY_REASONS,
    in_force_when_assessed,
)
from schemas.rules._rule import ERROR, WARNING, Known, RuleBook
from schemas.sections import SECTION

rules = RuleBook("main")

col = pl.col

# ---- dates ----------------------------------------------------------------------------------------------------------


@rules.row(
    "V-01",
    "application_date assess_date",
    "The assessment is dated before the application.",
    action="Correct the assessment date or the application date; the same day is allowed.",
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
    action="Correct the date, or give the day of the export with --as-at.",
    severity=ERROR,
    source="3.3 L-01 [L s183, s184]; design 3.7",
    confidence="statute",
    passes=[{"application_date": "2026-01-15", "assess_date": "2026-01-15"}],
    fails=[
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
    severity=ERROR,
    source="Housing (Homeless Persons) Act 1977, in force 1 December 1977",
    confidence="statute",
    passes=[{"application_date": "1977-12-01"}],
    fails=[{"application_date": "1925-10-06"}],
    nulls=[{"application_date": None}],
)
def application_follows_first_homelessness_law(known: Known) -> pl.Expr:
    return col("application_date") >= FIRST_HOMELESSNESS_LAW


@rules.row(
    "H-02",
    "application_date php_date",
    "The personalised housing plan is dated before the application.",
    action="Correct the plan date or the application date.",
    severity=WARNING,
    source="2.1 php_date [R]",
    confidence="recalled",
    passes=[{"application_date": "2025-10-06", "php_date": "2025-10-20"}],
    fails=[{"application_date": "2025-10-06", "php_date": "2025-10-01"}],
    nulls=[{"application_date": "2025-10-06", "php_date": None}],
)
def plan_on_or_after_application(known: Known) -> pl.Expr:
    return col("php_date") >= col("application_date")


@rules.row(
    "H-03",
    "application_date closed_date",
    "The case is closed before the application.",
    action="Correct the closed date in the case system.",
    severity=WARNING,
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
    severity=WARNING,
    source="2.1 eligibility [T A11]; 3.1 most-missed [S6]",
    confidence="proposed",
    passes=[{"eligibility": "uk_roi_hr"}, {"eligibility": None, "advice_only": True}],
    fails=[{"eligibility": None}],
    nulls=[{"eligibility": None, "advice_only": True}],
)
def eligibility_is_recorded(known: Known) -> pl.Expr:
    return col("eligibility").is_not_null() | col("advice_only").fill_null(False)


def _owed_needs(rule_id: str, column: str, what: str, element: str, severity: str, confidence: str) -> None:
    """A field that must be filled once a duty is owed (notes 2.1, 'M when duty owed')."""
    good = {"assess1": "relief", column: "nk"} if column != "php_date" else {"assess1": "relief", column: "2025-10-06"}

    @rules.row(
        rule_id,
        f"assess1 {column}",
        f"A duty is owed but {what} is not recorded.",
        action=f"Enter {what}"
        + ("." if column == "php_date" else "; choose 'Not known' only if it cannot be found out."),
        severity=severity,  # type: ignore[arg-type]
        source=f"2.1 {element}, duty owed",
        confidence=confidence,
        passes=[good, {"assess1": "not_threatened_56", column: None}],
        fails=[{"assess1": "prevention", column: None}],
        nulls=[{"assess1": None, column: None}],
    )
    def filled_when_owed(known: Known) -> pl.Expr:
        return ~col("assess1").is_in(DUTY_OWED) | col(column).is_not_null()


_owed_needs("H-07", "reasonloss", "the main reason for loss of the settled home", "REASONLOSS [S3]", ERROR, "stated")
_owed_needs("H-08", "lastaccom", "the accommodation when last settled", "LASTACCOM [S3]", ERROR, "stated")
_owed_needs("H-09", "currentaccom", "the accommodation at application", "CURRENTACCOM [S3]", ERROR, "stated")
_owed_needs("H-10", "local_connection", "the local connection", "local_connection [R]", WARNING, "recalled")
_owed_needs("H-11", "php_date", "the date of the personalised housing plan", "php_date [R]", WARNING, "recalled")
_owed_needs(
    "H-12",
    "employment_applicant",
    "the applicant's employment",
    "employment_applicant [T A10]",
    WARNING,
    "proposed",
)
_owed_needs("H-13", "nationality", "the applicant's nationality", "nationality [T A9]", WARNING, "proposed")


@rules.row(
    "H-14",
    "assess1 referral",
    "The case is assessed but it is not recorded whether the household was referred.",
    action="Enter the kind of referral, or 'No'.",
    severity=WARNING,
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
    severity=WARNING,
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
    severity=WARNING,
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
    return ~col("reasonloss").is_in(["prs_ast", "srs", "supported"]) | col("reason_tenancy_end").is_not_null()


# ---- what must agree ------------------------------------------------------------------------------------------------


@rules.row(
    "N-08a",
    "referral referral_body",
    "A referring public body is named without a Duty to Refer referral.",
    action="Record the referral as a Duty to Refer referral, or remove the body.",
    severity=ERROR,
    source="3.2 N-08 [T A7]",
    confidence="label",
    passes=[{"referral": "dtr", "referral_body": "hospital"}, {"referral": "no"}],
    fails=[{"referral": "agency", "referral_body": "hospital"}, {"referral": None, "referral_body": "jcp"}],
    nulls=[{"referral": None, "referral_body": None}],
)
def body_only_with_duty_to_refer(known: Known) -> pl.Expr:
    return col("referral_body").is_null() | (col("referral") == "dtr").fill_null(False)


@rules.row(
    "N-08b",
    "referral assess_date",
    "A Duty to Refer referral is recorded for a case assessed before the duty existed.",
    action="Correct the assessment date, or record the referral as one by an agency.",
    severity=ERROR,
    source="3.2 N-08 [T A7 n.2]; first day in the code list referral",
    confidence="label",
    passes=[
        {"referral": "dtr", "assess_date": "2018-10-01"},
        {"referral": "no", "assess_date": "2018-05-01"},
    ],
    fails=[{"referral": "dtr", "assess_date": "2018-09-30"}],
    nulls=[{"referral": "dtr", "assess_date": None}],
)
def duty_to_refer_not_before_it_existed(known: Known) -> pl.Expr:
    return in_force_when_assessed("referral", "referral")


@rules.row(
    "H-17",
    "reasonloss reason_tenancy_end",
    "A reason for the end of a tenancy is given, but the home was not lost through the end of one.",
    action="Correct the main reason for loss, or remove the reason for the end of the tenancy.",
    severity=WARNING,
    source="2.1.8 [T A2]",
    confidence="proposed",
    passes=[{"reasonloss": "prs_non_ast", "reason_tenancy_end": "breach"}],
    fails=[{"reasonloss": "family_friends", "reason_tenancy_end": "breach"}],
    nulls=[{"reasonloss": None, "reason_tenancy_end": None}],
)
def tenancy_reason_only_with_tenancy(known: Known) -> pl.Expr:
    return col("reason_tenancy_end").is_null() | col("reasonloss").is_in(TENANCY_REASONS)


@rules.row(
    "H-18",
    "reasonloss reason_tenancy_end",
    "The reason for the end of the tenancy is not one that this kind of tenancy ends for.",
    action="Choose a reason that the list gives for this kind of tenancy.",
    severity=WARNING,
    source="2.1.8 [T A2]",
    confidence="proposed",
    passes=[
        {"reasonloss": "prs_ast", "reason_tenancy_end": "landlord_sell"},
        {"reasonloss": "supported", "reason_tenancy_end": "not_eligible_supported"},
    ],
    fails=[
        {"reasonloss": "srs", "reason_tenancy_end": "landlord_sell"},
        {"reasonloss": "prs_ast", "reason_tenancy_end": "not_eligible_supported"},
    ],
    nulls=[{"reasonloss": None, "reason_tenancy_end": "landlord_sell"}],
)
def tenancy_reason_fits_tenancy(known: Known) -> pl.Expr:
    reason = col("reason_tenancy_end")
    landlord = reason.is_in(["landlord_sell", "landlord_relet", "landlord_sell_relet"])
    supported = reason.is_in(["breach_licence", "not_eligible_supported"])
    private = col("reasonloss").is_in(["prs_ast", "prs_non_ast"])
    return (~landlord | private) & (~supported | (col("reasonloss") == "supported"))


# REASONLOSS -> accommodation when last settled that goes with it (notes 2.10, V-06).
LAST_SETTLED_BY_REASON: dict[str, tuple[str, ...]] = {
    "prs_ast": PRIVATE_RENTED,
    "prs_non_ast": PRIVATE_RENTED,
    "srs": ("srs_council", "srs_rp"),
    "supported": ("srs_supported",),
    "mortgage": ("owner",),
    "tied": ("tied",),
    "hm_forces": ("armed_forces",),
    "family_friends": ("family", "friends"),
    "asylum": ("nk",),
}


@rules.row(
    "V-06a",
    "reasonloss lastaccom",
    "The accommodation when last settled does not go with the main reason for loss.",
    action="Correct the accommodation when last settled, or the reason; for example the end of a private tenancy needs private rented accommodation.",
    severity=ERROR,
    source="3.1 V-06 [S3]; table of 2.10 [P]",
    confidence="proposed",
    passes=[
        {"reasonloss": "prs_ast", "lastaccom": "prs_hmo"},
        {"reasonloss": "srs", "lastaccom": "nk"},
        {"reasonloss": "da_victim", "lastaccom": "owner"},
    ],
    fails=[
        {"reasonloss": "prs_ast", "lastaccom": "srs_council"},
        {"reasonloss": "asylum", "lastaccom": "family"},
    ],
    nulls=[{"reasonloss": "prs_ast", "lastaccom": None}, {"reasonloss": None, "lastaccom": "owner"}],
)
def last_settled_goes_with_reason(known: Known) -> pl.Expr:
    good = pl.lit(True)
    for reason, homes in LAST_SETTLED_BY_REASON.items():
        good = good & ~((col("reasonloss") == reason) & ~col("lastaccom").is_in([*homes, "nk", "other"]))
    return good


@rules.row(
    "V-06b",
    "lastaccom currentaccom",
    "The household still lives in settled accommodation, but another kind is recorded as last settled.",
    action="Check both: a household in settled accommodation was last settled where it lives now.",
    severity=WARNING,
    source="3.1 V-06 [S3]; 2.10 [P]",
    confidence="proposed",
    passes=[
        {"lastaccom": "prs_self", "currentaccom": "prs_self"},
        {"lastaccom": "owner", "currentaccom": "friends"},
    ],
    fails=[{"lastaccom": "owner", "currentaccom": "prs_self"}],
    nulls=[{"lastaccom": None, "currentaccom": "prs_self"}],
)
def still_settled_means_last_settled(known: Known) -> pl.Expr:
    open_answer = col("lastaccom").is_in(["nk", "other"])
    return ~col("currentaccom").is_in(SETTLED) | (col("lastaccom") == col("currentaccom")) | open_answer


@rules.row(
    "V-06c",
    "lastaccom",
    "The accommodation when last settled is a place where nobody is settled.",
    action="Enter the last settled home before it, or 'Unknown'.",
    severity=WARNING,
    source="2.1.6 [R]",
    confidence="recalled",
    passes=[{"lastaccom": "family"}, {"lastaccom": "nk"}],
    fails=[{"lastaccom": "rough_sleeping"}, {"lastaccom": "ta"}],
    nulls=[{"lastaccom": None}],
)
def last_settled_is_settled(known: Known) -> pl.Expr:
    return ~col("lastaccom").is_in(NEVER_SETTLED)


@rules.row(
    "V-06d",
    "assess1 reasonloss",
    "Prevention is owed for a landlord's notice, but the reason for loss is not the end of a private tenancy.",
    action="Check the assessment outcome and the reason for loss.",
    severity=WARNING,
    source="3.1 V-06 [S3, R]; 3.5 (3 % of authority-quarters break it)",
    confidence="recalled",
    passes=[
        {"assess1": "prevention_s21", "reasonloss": "prs_ast"},
        {"assess1": "prevention", "reasonloss": "srs"},
    ],
    fails=[{"assess1": "prevention_s21", "reasonloss": "relationship"}],
    nulls=[{"assess1": "prevention_s21", "reasonloss": None}],
)
def notice_goes_with_private_tenancy(known: Known) -> pl.Expr:
    return (col("assess1") != "prevention_s21") | col("reasonloss").is_in(["prs_ast", "prs_non_ast", "nk"])


@rules.row(
    "L-02a",
    "assess1 assess_date",
    "A section 21 notice is recorded for a case assessed after private section 21 notices ended.",
    action="Check that the notice is a transitional one, or a section 8 notice dated within 56 days.",
    severity=WARNING,
    source="3.3 L-02 [S12, S13]; Renters' Rights Act 2025",
    confidence="statute",
    valid_from=date(2026, 5, 1),
    valid_by="assess_date",
    passes=[
        {"assess1": "prevention", "application_date": "2026-05-01", "assess_date": "2026-05-01"},
        {"assess1": "prevention_s21", "application_date": "2026-04-30", "assess_date": "2026-04-30"},
    ],
    fails=[{"assess1": "prevention_s21", "application_date": "2026-05-01", "assess_date": "2026-05-01"}],
    nulls=[{"assess1": "prevention_s21", "assess_date": None}],
)
def notice_is_not_section_21(known: Known) -> pl.Expr:
    return col("assess1") != "prevention_s21"


@rules.row(
    "H-19",
    "assess1 eligibility",
    "The assessment says not eligible, but the eligibility says otherwise.",
    action="Correct the eligibility or the assessment outcome.",
    severity=WARNING,
    source="2.1.1, 2.1.4 [T A1, T A11]",
    confidence="label",
    passes=[
        {"assess1": "not_eligible", "eligibility": "ineligible"},
        {"assess1": "relief", "eligibility": "ilr"},
    ],
    fails=[{"assess1": "not_eligible", "eligibility": "uk_roi_hr"}],
    nulls=[{"assess1": "not_eligible", "eligibility": None}],
)
def not_eligible_agrees(known: Known) -> pl.Expr:
    return (col("assess1") != "not_eligible") | (col("eligibility").is_in(["ineligible", "nk"]))


@rules.row(
    "H-20",
    "local_connection referral",
    "The household came by a local connection referral, but no local connection here is recorded.",
    action="Check the local connection: an authority that accepts a referral is one the household is connected with.",
    severity=WARNING,
    source="2.1.9; 3.3 L-15 [L s198]",
    confidence="statute",
    passes=[{"referral": "other_la", "local_connection": "family"}],
    fails=[{"referral": "other_la", "local_connection": "none"}],
    nulls=[{"referral": "other_la", "local_connection": None}],
)
def referred_here_is_connected(known: Known) -> pl.Expr:
    connected_elsewhere = ["other_la_england", "other_la_scotland", "other_la_wales", "none"]
    return (col("referral") != "other_la") | ~col("local_connection").is_in(connected_elsewhere)


# ---- codes that came or went ----------------------------------------------------------------------------------------


def _dated(rule_id: str, column: str, passing: tuple[str, str], failing: tuple[str, str]) -> None:
    """A retired code is for cases assessed before its retirement, a new one for later cases (dates in the code list)."""
    list_name = SECTION["main"].column(column).codelist or ""

    @rules.row(
        rule_id,
        f"{column} assess_date",
        f"The value of {column} was not in use on the day of the assessment: it was retired earlier or came later.",
        action="Choose the value that was in use; the dates are in the code list.",
        severity=WARNING,
        source="3.2 N-07 [T A3 n.3-5]; 3.5 (still sent in 2025)",
        confidence="label",
        passes=[{column: passing[0], "assess_date": passing[1]}],
        fails=[{column: failing[0], "assess_date": failing[1]}],
        nulls=[{column: failing[0], "assess_date": None}, {column: None, "assess_date": failing[1]}],
    )
    def code_in_use(known: Known) -> pl.Expr:
        return in_force_when_assessed(column, list_name)


_dated("N-07a", "assess1", ("withdrew_before_assessment", "2023-04-01"), ("not_eligible", "2023-03-31"))
_dated("N-07b", "lastaccom", ("nfa", "2023-03-31"), ("nfa", "2023-04-01"))
_dated("N-07c", "currentaccom", ("nfa_never_rough", "2023-04-01"), ("nfa", "2023-04-01"))
_dated("N-07d", "reasonloss", ("da_victim", "2023-04-01"), ("da", "2025-10-06"))
_dated("N-07e", "reason_tenancy_end", ("landlord_sell_relet", "2023-03-31"), ("landlord_sell", "2023-03-31"))
_dated("N-07f", "referral_body", ("crc", "2023-03-31"), ("crc", "2023-04-01"))

# ---- against the other sections -------------------------------------------------------------------------------------

rules.sql(
    "V-08",
    "employment_partner people.relationship",
    "The partner's employment is recorded, but the household has no partner.",
    action="Add the partner to the people of the household, or remove the partner's employment.",
    severity=ERROR,
    source="3.1 V-08 [S3b]",
    confidence="stated",
    passes=[
        {
            "main": [{"employment_partner": "ft"}],
            "people": [{"relationship": "main_applicant"}, {"relationship": "partner"}],
        }
    ],
    fails=[{"main": [{"employment_partner": "ft"}], "people": [{"relationship": "main_applicant"}]}],
    nulls=[{"main": [{"employment_partner": None}], "people": [{"relationship": "main_applicant"}]}],
)

rules.sql(
    "H-21",
    "la_code",
    "The case belongs to another authority than the one the return is made for.",
    action="Check the authority code: it must be the authority of the return or one that it replaced.",
    severity=ERROR,
    source="2.1 la_code [S5]",
    confidence="proposed",
    passes=[{"main": [{"la_code": "E06000034"}]}],
    fails=[{"main": [{"la_code": "E09000025"}]}],
    nulls=[{"main": [{"la_code": None}]}],
)

rules.sql(
    "H-22",
    "case_ref la_code",
    "The case reference begins with the code of an unrelated authority.",
    action="Check where the reference comes from; it must stay the one the case was first sent under.",
    severity=WARNING,
    source="1.2 [S5]",
    confidence="proposed",
    passes=[{"main": [{"la_code": "E06000034"}]}],
    fails=[{"main": [{"case_ref": "E09000025_000000000001", "la_code": "E06000034"}]}],
    nulls=[{"main": [{"la_code": None}]}],
)

rules.sql(
    "H-23",
    "closed_date",
    "The closing date of the local system is not the day on which the duties of the case ended.",
    action="Close the case on the day of its last ending, or enter the ending that is missing.",
    severity=WARNING,
    source="2.10 Closed [P]; 1.6 [T]",
    confidence="proposed",
    passes=[
        {
            "main": [{"assess1": "prevention", "closed_date": "2025-12-01"}],
            "prevention": [
                {
                    "prevention_start": "2025-10-06",
                    "prevention_end": "2025-12-01",
                    "prevention_outcome": "contact_lost",
                }
            ],
        }
    ],
    fails=[
        {
            "main": [{"assess1": "prevention", "closed_date": "2025-12-09"}],
            "prevention": [
                {
                    "prevention_start": "2025-10-06",
                    "prevention_end": "2025-12-01",
                    "prevention_outcome": "contact_lost",
                }
            ],
        },
        {
            "main": [{"assess1": "prevention", "closed_date": "2025-12-09"}],
            "prevention": [{"prevention_start": "2025-10-06"}],
        },
    ],
    nulls=[
        {
            "main": [{"assess1": "prevention", "closed_date": None}],
            "prevention": [{"prevention_start": "2025-10-06"}],
        }
    ],
)

rules.sql(
    "H-24",
    "advice_only assess1",
    "The case is marked as advice only, but a duty is owed or a placement was made.",
    action="Remove the mark, or correct the assessment.",
    severity=WARNING,
    source="2.10 Advice only [P]",
    confidence="proposed",
    passes=[{"main": [{"advice_only": True, "assess1": "not_threatened_56"}]}],
    fails=[
        {"main": [{"advice_only": True, "assess1": "relief"}]},
        {"main": [{"advice_only": True}], "prevention": [{"prevention_start": "2025-10-06"}]},
    ],
    nulls=[{"main": [{"advice_only": None, "assess1": "relief"}]}],
)
