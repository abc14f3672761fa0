"""Section 4: the prevention duty (s195)."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.sections._fields import local, statutory


class Prevention(pa.DataFrameModel):
    """One row per case that was owed a prevention duty."""

    case_ref: pl.String = statutory(
        "text",
        "Reference of the case.",
        words="case reference",
        required=True,
        source="1.2 [S5]",
        confidence="proposed",
    )
    prevention_start: pl.Date = statutory(
        "date",
        "First day of the prevention duty.",
        words="start of the prevention duty",
        required=True,
        source="2.4 [S4b]",
        confidence="proposed",
    )
    prevention_end: pl.Date = statutory(
        "date",
        "Day the prevention duty ended.",
        words="end of the prevention duty",
        when="ended",
        source="2.4 [S3, S4b]",
        confidence="proposed",
    )
    prevention_outcome: pl.String = statutory(
        "code",
        "Reason the prevention duty ended.",
        words="reason the prevention duty ended",
        codelist="prevention_outcome",
        number="4.6",
        when="ended",
        source="2.4.1 [S3, H P1]",
        confidence="proposed",
    )
    prevention_activity: pl.String = statutory(
        "code",
        "Main prevention activity that resulted in accommodation being secured.",
        words="main prevention activity",
        codelist="prevention_activity",
        when="accommodation secured",
        source="2.4.2 [T P3]",
        confidence="proposed",
    )
    accom_pr: pl.String = statutory(
        "code",
        "Accommodation when the prevention duty ended.",
        words="accommodation when prevention ended",
        codelist="accommodation",
        number="4.8",
        element="ACCOM_PR",
        when="accommodation secured, or ended homeless",
        source="2.4.3 [S3, T P2]",
        confidence="stated",
    )
    prevention_accom_la: pl.String = statutory(
        "code",
        "District of the alternative accommodation.",
        words="district of the accommodation found in prevention",
        codelist="authority",
        when="alternative accommodation secured",
        source="2.4 [S3, T P4]",
        confidence="proposed",
    )

    prevention_notified_date: pl.Date = local(
        "date",
        "Day the household was notified that the prevention duty is owed.",
        words="day the prevention duty was notified",
    )
    prevention_end_notified_date: pl.Date = local(
        "date",
        "Day the household was notified that the prevention duty ended.",
        words="day the end of prevention was notified",
    )


KEY = ("case_ref",)
