"""Section 2: the members of the household."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.sections._fields import local, statutory


class People(pa.DataFrameModel):
    """One row per household member, the main applicant among them. Not dated: one composition per run."""

    case_ref: pl.String = statutory(
        "text",
        "Reference of the case.",
        words="case reference",
        required=True,
        source="1.2 [S5]",
        confidence="proposed",
    )
    person_no: pl.Int64 = statutory(
        "integer",
        "Number of the person within the case.",
        words="number of the person",
        required=True,
        source="2.2 [R]",
        confidence="recalled",
    )
    relationship: pl.String = statutory(
        "code",
        "Relationship to the main applicant.",
        words="relationship to the main applicant",
        codelist="relationship",
        required=True,
        source="2.2 [R, S3b]",
        confidence="recalled",
    )
    date_of_birth: pl.Date = statutory(
        "date",
        "Date of birth. The case file carries whole years of age at the quarter's end instead.",
        words="date of birth",
        personal=True,
        source="2.2 [S14]",
        confidence="proposed",
        is_event=False,
    )
    age: pl.Int64 = statutory(
        "integer",
        "Whole years of age, where the date of birth is not known.",
        words="age",
        source="2.2 [T A6, T TA8]",
        confidence="proposed",
    )
    sex: pl.String = statutory(
        "code",
        "Sex (printed gender to 2023, sex from January to March 2024).",
        words="sex",
        codelist="sex",
        source="2.2 [T A5]",
        confidence="proposed",
    )
    gender_identity: pl.String = statutory(
        "code",
        "Whether gender identity is the same as sex registered at birth; adults in new cases.",
        words="gender identity",
        codelist="gender_identity",
        source="2.2 [T A13]",
        confidence="proposed",
    )
    ethnicity: pl.String = statutory(
        "code",
        "Ethnic group; main applicant.",
        words="ethnicity",
        codelist="ethnicity",
        source="2.2.1 [T A8]",
        confidence="proposed",
    )
    sexual_orientation: pl.String = statutory(
        "code",
        "Sexual orientation; main applicant.",
        words="sexual orientation",
        codelist="sexual_orientation",
        source="2.2 [T A12]",
        confidence="proposed",
    )
    dependent: pl.Boolean = statutory(
        "flag",
        "Dependent child. Not the same as being under 18.",
        words="dependent child mark",
        source="2.2 [T TA8 n.2]",
        confidence="proposed",
    )
    pregnant: pl.Boolean = statutory(
        "flag",
        "Pregnant: counts for priority need and the six-week limit on bed and breakfast.",
        words="pregnancy",
        source="2.2 [R]",
        confidence="recalled",
    )
    personal_data_consent: pl.Boolean = statutory(
        "flag",
        "Whether the person agreed that personal data may be sent.",
        words="consent to sending personal data",
        source="2.2 [R]",
        confidence="recalled",
    )
    forename: pl.String = statutory(
        "text", "Forename.", words="forename", personal=True, source="2.2 [S14]", confidence="proposed"
    )
    surname: pl.String = statutory(
        "text", "Surname.", words="surname", personal=True, source="2.2 [S14]", confidence="proposed"
    )
    nino: pl.String = statutory(
        "text",
        "National Insurance number.",
        words="National Insurance number",
        personal=True,
        source="2.2 [S14, R]",
        confidence="proposed",
    )
    last_address: pl.String = statutory(
        "text",
        "Last known address.",
        words="last known address",
        personal=True,
        source="2.2 [S14]",
        confidence="proposed",
    )

    in_education: pl.Boolean = local(
        "flag",
        "In full-time education or training; used to derive a missing dependent flag.",
        words="in education or training",
    )
    unable_to_support: pl.Boolean = local(
        "flag",
        "Unable to support themselves; used to derive a missing dependent flag.",
        words="unable to support themselves",
    )
    lives_with_applicant: pl.Boolean = local(
        "flag",
        "Lives with the main applicant; used to derive a missing dependent flag.",
        words="lives with the applicant",
    )
    age_date: pl.Date = local(
        "date",
        "Day on which the age was taken; it is carried from there. Without it the age is taken as it stands.",
        words="day the age was taken",
        is_event=False,
    )


KEY = ("case_ref", "person_no")
