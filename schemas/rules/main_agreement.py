"""Rules on section 1: what the answers of one case must agree on, and codes that came or went."""

from __future__ import annotations

from datetime import date

import polars as pl

from schemas.codelists import codelist
from schemas.rules._codes import (
    NEVER_LAST_SETTLED,
    NOT_CONNECTED_HERE,
    PRIVATE_TENANCY_ENDED,
    SETTLED,
    TENANCY_ENDED,
    codes_with,
    in_force_when_assessed,
)
from schemas.rules._rule import ERROR, FIX, WARNING, Known, RuleBook
from schemas.rules._why import OLD_CODE
from schemas.sections import SECTION

rules = RuleBook("main")

col = pl.col

# ---- what must agree ------------------------------------------------------------------------------------------------


@rules.row(
    "N-08a",
    "referral referral_body",
    "A referring public body is named without a Duty to Refer referral.",
    action="Record the referral as a Duty to Refer referral, or remove the body.",
    why="Only referrals under the Duty to Refer are counted by public body. A body beside another kind of referral is counted nowhere, or the kind is wrong.",
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
    why="Public bodies have had the duty to refer since 1 October 2018. Nobody can have been referred under it before.",
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
    why="A tenancy that did not end has no reason for its end. One of the two answers is wrong, and the case is counted by both.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.1.8 [T A2]",
    confidence="proposed",
    passes=[{"reasonloss": "prs_non_ast", "reason_tenancy_end": "breach"}],
    fails=[{"reasonloss": "family_friends", "reason_tenancy_end": "breach"}],
    nulls=[{"reasonloss": None, "reason_tenancy_end": None}],
)
def tenancy_reason_only_with_tenancy(known: Known) -> pl.Expr:
    return col("reason_tenancy_end").is_null() | col("reasonloss").is_in(TENANCY_ENDED)


@rules.row(
    "H-18",
    "reasonloss reason_tenancy_end",
    "The reason for the end of the tenancy is not one that this kind of tenancy ends for.",
    action="Choose a reason that the list gives for this kind of tenancy.",
    why="Private, social and supported homes end for reasons of their own. One from another list is not counted under the home that was lost.",
    severity=WARNING,
    finding_kind=FIX,
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
    good = pl.lit(True)
    for tenancy in ("private", "supported"):
        is_of_this_kind = col("reason_tenancy_end").is_in(codes_with("reason_tenancy_end", "only_tenancy", tenancy))
        good = good & (~is_of_this_kind | col("reasonloss").is_in(codes_with("reasonloss", "tenancy", tenancy)))
    return good


# REASONLOSS -> accommodation when last settled that goes with it (notes 2.10, V-06).
LAST_SETTLED_BY_REASON: dict[str, tuple[str, ...]] = {
    reason.code: tuple(reason.extra["last_settled"].split())
    for reason in codelist("reasonloss").codes.values()
    if reason.extra["last_settled"]
}


@rules.row(
    "V-06a",
    "reasonloss lastaccom",
    "The accommodation when last settled does not go with the main reason for loss.",
    action="Correct the accommodation when last settled, or the reason; for example the end of a private tenancy needs private rented accommodation.",
    why="How a home was lost says what home it was: only a private tenant loses a private tenancy. DELTA refuses answers that contradict each other.",
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
    why="Who lives in settled accommodation was last settled there. If another kind is recorded, one of the two is wrong.",
    severity=WARNING,
    finding_kind=FIX,
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
    why="The question is about the last settled home. In such a place nobody is settled, so the answer says nothing about the home that was lost.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.1.6 [R]",
    confidence="recalled",
    passes=[{"lastaccom": "family"}, {"lastaccom": "nk"}],
    fails=[{"lastaccom": "rough_sleeping"}, {"lastaccom": "ta"}],
    nulls=[{"lastaccom": None}],
)
def last_settled_is_settled(known: Known) -> pl.Expr:
    return ~col("lastaccom").is_in(NEVER_LAST_SETTLED)


# The notice is one under section 21 of the Housing Act 1988 to 30 April 2026, which ends an assured shorthold tenancy, and
# one under section 8 from 1 May 2026, which may end any assured tenancy, a registered provider's too (Renters' Rights Act
# 2025; Housing Act 1996 s175(5)).
LAST_SECTION_21 = date(2026, 4, 30)
FIRST_SECTION_8 = date(2026, 5, 1)


@rules.row(
    "V-06d",
    "assess1 reasonloss",
    "Prevention is owed for a landlord's notice, but the reason for loss is not the end of a private tenancy.",
    action="Check the assessment outcome and the reason for loss.",
    why="A landlord's notice ends a private tenancy, so the duty and the reason should tell the same story. Households with a notice are counted apart, and one of the two figures is wrong.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.1 V-06 [S3, R]; 3.5 (3 % of authority-quarters break it)",
    confidence="recalled",
    valid_to=LAST_SECTION_21,
    valid_by="assess_date",
    passes=[
        {"assess1": "prevention_notice", "reasonloss": "prs_ast", "assess_date": "2026-04-30"},
        {"assess1": "prevention", "reasonloss": "srs", "assess_date": "2026-04-30"},
        {"assess1": "prevention_notice", "reasonloss": "relationship", "assess_date": "2026-05-01"},
    ],
    fails=[
        {"assess1": "prevention_notice", "reasonloss": "relationship", "assess_date": "2026-04-30"},
        {"assess1": "prevention_notice", "reasonloss": "srs", "assess_date": "2026-04-30"},
    ],
    nulls=[{"assess1": "prevention_notice", "reasonloss": None, "assess_date": "2026-04-30"}],
)
def notice_goes_with_private_tenancy(known: Known) -> pl.Expr:
    return (col("assess1") != "prevention_notice") | col("reasonloss").is_in([*PRIVATE_TENANCY_ENDED, "nk"])


@rules.row(
    "V-06e",
    "assess1 reasonloss",
    "Prevention is owed for a landlord's notice, but the reason for loss is not the end of a tenancy.",
    action="Check the assessment outcome and the reason for loss.",
    why="A landlord's notice ends a tenancy, so the duty and the reason should tell the same story. Households with a notice are counted apart, and one of the two figures is wrong.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.1 V-06 [S3, R]; 3.3 L-02 [S12, S13]",
    confidence="recalled",
    valid_from=FIRST_SECTION_8,
    valid_by="assess_date",
    passes=[
        {"assess1": "prevention_notice", "reasonloss": "prs_ast", "assess_date": "2026-05-01"},
        {"assess1": "prevention_notice", "reasonloss": "srs", "assess_date": "2026-05-01"},
        {"assess1": "prevention_notice", "reasonloss": "relationship", "assess_date": "2026-04-30"},
    ],
    fails=[{"assess1": "prevention_notice", "reasonloss": "relationship", "assess_date": "2026-05-01"}],
    nulls=[{"assess1": "prevention_notice", "reasonloss": None, "assess_date": "2026-05-01"}],
)
def notice_goes_with_tenancy(known: Known) -> pl.Expr:
    return (col("assess1") != "prevention_notice") | col("reasonloss").is_in([*TENANCY_ENDED, "nk"])


rules.not_decidable(
    "L-02a",
    "assess1 assess_date",
    "Prevention may be owed for a section 21 notice to 30 April 2026, and from 1 May 2026 for a section 8 notice that gives a day within 56 days.",
    action="Check the kind of the notice and its day on the file.",
    why="A household counts as threatened with homelessness where a landlord has given a qualifying notice (section 175(5)). From 1 May 2026 another notice counts than before.",
    source="3.3 L-02 [S12, S13]; Housing Act 1996 s175(5), Renters' Rights Act 2025",
    confidence="statute",
    note="One code stands for either notice, and no field holds the notice or its day. Whether a section 21 notice given"
    " before 1 May 2026 still counts after it, and for social landlords to 2027, is not settled (hclic-spec part 5).",
)


@rules.row(
    "H-19",
    "assess1 eligibility",
    "The assessment says not eligible, but the eligibility says otherwise.",
    action="Correct the eligibility or the assessment outcome.",
    why="The assessment and the eligibility answer the same question. While they differ, the case is counted on both sides.",
    severity=WARNING,
    finding_kind=FIX,
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
    why="A council takes over a household that another one refers because the household is connected with it (section 198). Without a connection the referral would not stand.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.1.9; 3.3 L-15 [L s198]",
    confidence="statute",
    passes=[{"referral": "other_la", "local_connection": "family"}],
    fails=[{"referral": "other_la", "local_connection": "none"}],
    nulls=[{"referral": "other_la", "local_connection": None}],
)
def referred_here_is_connected(known: Known) -> pl.Expr:
    return (col("referral") != "other_la") | ~col("local_connection").is_in(NOT_CONNECTED_HERE)


# ---- codes that came or went ----------------------------------------------------------------------------------------


def _dated(rule_id: str, column: str, passing: tuple[str, str], failing: tuple[str, str]) -> None:
    """A retired code is for cases assessed before its retirement, a new one for later cases (dates in the code list)."""
    known = SECTION["main"].column(column)
    list_name = known.codelist or ""

    @rules.row(
        rule_id,
        f"{column} assess_date",
        f"The {known.words} recorded was not in use on the day of the assessment: it was retired earlier or came later.",
        action="Choose the answer that was in use on that day.",
        why=OLD_CODE,
        severity=WARNING,
        finding_kind=FIX,
        source="3.2 N-07 [T A3 n.3-5]; 3.5 (still sent in 2025)",
        confidence="label",
        passes=[{column: passing[0], "assess_date": passing[1]}],
        fails=[{column: failing[0], "assess_date": failing[1]}],
        nulls=[{column: failing[0], "assess_date": None}, {column: None, "assess_date": failing[1]}],
    )
    def code_in_use(_: Known) -> pl.Expr:
        return in_force_when_assessed(column, list_name)


_dated("N-07a", "assess1", ("withdrew_before_assessment", "2023-04-01"), ("not_eligible", "2023-03-31"))
_dated("N-07b", "lastaccom", ("nfa", "2023-03-31"), ("nfa", "2023-04-01"))
_dated("N-07c", "currentaccom", ("nfa_never_rough", "2023-04-01"), ("nfa", "2023-04-01"))
_dated("N-07d", "reasonloss", ("da_victim", "2023-04-01"), ("da", "2023-04-01"))
_dated("N-07e", "reason_tenancy_end", ("landlord_sell_relet", "2023-03-31"), ("landlord_sell", "2023-03-31"))
_dated("N-07f", "referral_body", ("crc", "2023-03-31"), ("crc", "2023-04-01"))
_dated("N-07m", "employment_applicant", ("irregular", "2023-04-01"), ("irregular", "2023-03-31"))
_dated("N-07n", "employment_partner", ("emp_off_sick", "2023-04-01"), ("emp_off_sick", "2023-03-31"))
