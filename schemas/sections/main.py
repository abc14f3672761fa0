"""Section 1: the application and its main applicant."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.sections._fields import local, statutory

CASE_REF_PATTERN = r"^E0[6-9]\d{6}_\d{12}$"


class Main(pa.DataFrameModel):
    """One row per case. Complete at the first report for every case except ineligible applicants."""

    la_code: pl.String = statutory(
        "code",
        "Authority that makes the return, by GSS code.",
        words="authority",
        codelist="authority",
        required=True,
        source="2.1 [S5]",
        confidence="proposed",
    )
    case_ref: pl.String = statutory(
        "text",
        "Reference of the case, stable across quarters and systems: authority code, underscore, twelve digits. An export may hold the local reference instead; a reference is then issued.",
        words="case reference",
        required=True,
        source="1.2 [S5]",
        confidence="proposed",
    )
    application_date: pl.Date = statutory(
        "date",
        "Day the household applied as homeless or threatened with homelessness.",
        words="application date",
        required=True,
        source="2.1 [S3]",
        confidence="proposed",
    )
    assess_date: pl.Date = statutory(
        "date",
        "Day of the initial decision on what duty is owed.",
        words="assessment date",
        number="1.5",
        element="ASSESS_DATE",
        when="an assessment outcome is given",
        source="2.1 [S3]",
        confidence="stated",
    )
    assess1: pl.String = statutory(
        "code",
        "Initial assessment: which duty is owed.",
        words="assessment outcome",
        codelist="assess1",
        element="ASSESS1",
        when="an assessment date is given",
        source="2.1.1 [S3, H A1]",
        confidence="stated",
    )
    referral: pl.String = statutory(
        "code",
        "Whether and by whom the household was referred.",
        words="referral",
        codelist="referral",
        when="assessed",
        source="2.1.2 [H A7]",
        confidence="proposed",
    )
    referral_body: pl.String = statutory(
        "code",
        "Public body that referred under the Duty to Refer.",
        words="referring public body",
        codelist="referral_body",
        when="referral is a Duty to Refer referral",
        source="2.1.3 [H A7]",
        confidence="proposed",
    )
    eligibility: pl.String = statutory(
        "code",
        "Eligibility for assistance by nationality or immigration status.",
        words="eligibility",
        codelist="eligibility",
        when="always",
        source="2.1.4 [T A11]",
        confidence="proposed",
    )
    nationality: pl.String = statutory(
        "code",
        "Nationality of the main applicant by ISO 3166 country; published groups are derived.",
        words="nationality",
        codelist="nationality",
        source="2.1.5 [T A9, R]",
        confidence="recalled",
    )
    lastaccom: pl.String = statutory(
        "code",
        "Accommodation when last settled.",
        words="accommodation when last settled",
        codelist="accommodation",
        element="LASTACCOM",
        when="duty owed",
        source="2.1.6 [S3, T A4]",
        confidence="stated",
    )
    currentaccom: pl.String = statutory(
        "code",
        "Accommodation at the time of application.",
        words="accommodation at application",
        codelist="accommodation",
        number="1.13",
        element="CURRENTACCOM",
        when="duty owed",
        source="2.1.6 [S3, T A4]",
        confidence="stated",
    )
    reasonloss: pl.String = statutory(
        "code",
        "Main reason for loss, or threat of loss, of last settled home.",
        words="main reason for loss of the settled home",
        codelist="reasonloss",
        element="REASONLOSS",
        when="duty owed",
        source="2.1.7 [S3, T A2]",
        confidence="stated",
    )
    reason_tenancy_end: pl.String = statutory(
        "code",
        "Why the tenancy or supported housing ended.",
        words="reason for the end of the tenancy",
        codelist="reason_tenancy_end",
        source="2.1.8 [T A2]",
        confidence="proposed",
    )
    local_connection: pl.String = statutory(
        "code",
        "Local connection with the authority.",
        words="local connection",
        codelist="local_connection",
        when="duty owed",
        source="2.1.9 [R]",
        confidence="recalled",
    )
    employment_applicant: pl.String = statutory(
        "code",
        "Employment status of the main applicant.",
        words="applicant's employment",
        codelist="employment",
        source="2.1.10 [T A10]",
        confidence="proposed",
    )
    employment_partner: pl.String = statutory(
        "code",
        "Employment status of the partner; only where People holds a partner.",
        words="partner's employment",
        codelist="employment",
        source="2.1.10 [S3b, R]",
        confidence="recalled",
    )
    benefits: pl.String = statutory(
        "codes",
        "Benefits the household receives.",
        words="benefits",
        codelist="benefits",
        source="2.1.11 [R]",
        confidence="recalled",
    )
    php_date: pl.Date = statutory(
        "date",
        "Day the personalised housing plan was issued.",
        words="date of the personalised housing plan",
        when="duty owed",
        source="2.1 [R]",
        confidence="recalled",
    )

    local_ref: pl.String = local("text", "Reference of the case in the local system.", words="your reference")
    officer: pl.String = local("text", "Staff code of the officer who holds the case.", words="officer")
    team: pl.String = local("text", "Team of the officer.", words="team")
    previous_officer: pl.String = local(
        "text", "Staff code of the officer who held the case before.", words="previous officer"
    )
    officer_since: pl.Date = local("date", "Day the officer took the case over.", words="day the officer took over")
    first_contact_date: pl.Date = local(
        "date", "Day the household first approached the authority.", words="day of first contact"
    )
    last_activity_date: pl.Date = local(
        "date", "Day of the last recorded activity on the case.", words="day of last activity"
    )
    recorded_date: pl.Date = local(
        "date", "Day the case was first keyed into the local system.", words="day the case was keyed"
    )
    assess_notified_date: pl.Date = local(
        "date", "Day the household was notified of the initial decision.", words="day the assessment was notified"
    )
    closed_date: pl.Date = local(
        "date",
        "Day the local system closed the case; compared with the endings, never used instead of them.",
        words="closing date in your system",
    )
    advice_only: pl.Boolean = local(
        "flag", "Advice and information only: no duty, no placement.", words="advice only mark"
    )
    legacy: pl.Boolean = local(
        "flag", "Case from before 3 April 2018, or loaded without its history.", words="legacy case mark"
    )


KEY = ("case_ref",)
