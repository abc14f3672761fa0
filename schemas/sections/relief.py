"""Section 5: the relief duty (s189B)."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.sections._fields import local, statutory


class Relief(pa.DataFrameModel):
    """One row per case that was owed a relief duty."""

    case_ref: pl.String = statutory(
        "text",
        "Reference of the case.",
        words="case reference",
        required=True,
        source="1.2 [S5]",
        confidence="proposed",
    )
    relief_start: pl.Date = statutory(
        "date",
        "First day of the relief duty: the day prevention ended homeless, or of the assessment.",
        words="start of the relief duty",
        required=True,
        source="2.5 [R]",
        confidence="recalled",
    )
    relief_end: pl.Date = statutory(
        "date",
        "Day the relief duty ended.",
        words="end of the relief duty",
        when="ended",
        source="2.5 [R]",
        confidence="recalled",
    )
    relief_outcome: pl.String = statutory(
        "code",
        "Reason the relief duty ended.",
        words="reason the relief duty ended",
        codelist="relief_outcome",
        when="ended",
        source="2.5.1 [H R1]",
        confidence="proposed",
    )
    relief_activity: pl.String = statutory(
        "code",
        "Main relief activity that resulted in accommodation being secured.",
        words="main relief activity",
        codelist="relief_activity",
        when="accommodation secured",
        source="2.5.2 [T R3]",
        confidence="proposed",
    )
    relief_accom: pl.String = statutory(
        "code",
        "Accommodation secured at the end of the relief duty.",
        words="accommodation when relief ended",
        codelist="accommodation",
        when="accommodation secured",
        source="2.4.3 [T R2]",
        confidence="proposed",
    )
    relief_accom_la: pl.String = statutory(
        "code",
        "District of the accommodation secured.",
        words="district of the accommodation found in relief",
        codelist="authority",
        when="accommodation secured",
        source="2.5 [T R4]",
        confidence="proposed",
    )
    referred_la: pl.String = statutory(
        "code",
        "Authority that accepted the local connection referral.",
        words="authority that accepted the referral",
        codelist="authority",
        when="local connection referral accepted",
        source="2.5 [R]",
        confidence="recalled",
    )

    relief_notified_date: pl.Date = local(
        "date", "Day the household was notified that the relief duty is owed.", words="day the relief duty was notified"
    )
    relief_end_notified_date: pl.Date = local(
        "date", "Day the household was notified that the relief duty ended.", words="day the end of relief was notified"
    )


KEY = ("case_ref",)
