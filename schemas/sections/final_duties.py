"""Section 6: the decision after relief and the main duty (s193)."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.sections._fields import local, statutory


class FinalDuties(pa.DataFrameModel):
    """One row per case decided after the relief duty. The main duty starts on the day of an acceptance."""

    case_ref: pl.String = statutory(
        "text",
        "Reference of the case.",
        words="case reference",
        required=True,
        source="1.2 [S5]",
        confidence="proposed",
    )
    main_decision_date: pl.Date = statutory(
        "date",
        "Day of the main duty decision.",
        words="day of the main duty decision",
        required=True,
        source="2.6 [I]",
        confidence="proposed",
    )
    main_decision: pl.String = statutory(
        "code",
        "Decision on the duty owed at the end of relief.",
        words="main duty decision",
        codelist="main_decision",
        required=True,
        source="2.6.1 [T MD1]",
        confidence="proposed",
    )
    pneed: pl.String = statutory(
        "code",
        "Priority need.",
        words="priority need",
        codelist="pneed",
        element="PNEED",
        when="homeless and in priority need",
        source="2.6.2 [S3, H MD3]",
        confidence="stated",
    )
    main_duty_end: pl.Date = statutory(
        "date",
        "Day the main duty ended.",
        words="end of the main duty",
        when="ended",
        source="2.6 [I]",
        confidence="proposed",
    )
    main_duty_outcome: pl.String = statutory(
        "code",
        "Reason the main duty ended.",
        words="reason the main duty ended",
        codelist="main_duty_outcome",
        when="ended",
        source="2.6.3 [H MD2]",
        confidence="proposed",
    )
    main_accom: pl.String = statutory(
        "code",
        "Accommodation when the main duty ended.",
        words="accommodation when the main duty ended",
        codelist="accommodation",
        when="an offer was accepted",
        source="2.6 [R]",
        confidence="recalled",
    )
    main_accom_la: pl.String = statutory(
        "code",
        "District of the accommodation when the main duty ended.",
        words="district of the accommodation when the main duty ended",
        codelist="authority",
        when="an offer was accepted",
        source="2.6 [R]",
        confidence="recalled",
    )

    main_decision_notified_date: pl.Date = local(
        "date",
        "Day the household was notified of the main duty decision.",
        words="day the main duty decision was notified",
    )
    main_duty_end_notified_date: pl.Date = local(
        "date",
        "Day the household was notified that the main duty ended.",
        words="day the end of the main duty was notified",
    )


KEY = ("case_ref",)
