"""Section 9: reviews of decisions (s202)."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.sections._fields import local, statutory


class Reviews(pa.DataFrameModel):
    """One row per review requested."""

    case_ref: pl.String = statutory(
        "text",
        "Reference of the case.",
        words="case reference",
        required=True,
        source="1.2 [S5]",
        confidence="proposed",
    )
    review_no: pl.Int64 = statutory(
        "integer",
        "Number of the review within the case.",
        words="number of the review",
        required=True,
        source="2.10 [P]",
        confidence="proposed",
    )
    review_requested_date: pl.Date = statutory(
        "date",
        "Day the review was requested.",
        words="day the review was requested",
        required=True,
        source="2.9 [R]",
        confidence="recalled",
    )
    decision_reviewed: pl.String = statutory(
        "code",
        "Decision under review.",
        words="decision under review",
        codelist="decision_reviewed",
        required=True,
        source="2.9 [R, L s202]",
        confidence="recalled",
    )
    review_outcome_date: pl.Date = statutory(
        "date",
        "Day the review was decided or ended.",
        words="day the review was decided",
        when="decided",
        source="2.9 [R]",
        confidence="recalled",
    )
    review_outcome: pl.String = statutory(
        "code",
        "Outcome of the review.",
        words="outcome of the review",
        codelist="review_outcome",
        when="decided",
        source="2.9 [R]",
        confidence="recalled",
    )
    appeal: pl.Boolean = statutory(
        "flag",
        "County court appeal made (s204).",
        words="appeal to the county court",
        source="2.9 [R]",
        confidence="recalled",
    )

    decision_notified_date: pl.Date = local(
        "date", "Day the household was notified of the decision under review.", words="day the decision was notified"
    )
    representations_received_date: pl.Date = local(
        "date",
        "Day the applicant's representations were received, where some were made (SI 2018/223 reg. 7).",
        words="day the representations were received",
    )
    review_due_date: pl.Date = local(
        "date", "Day by which the review is due, extensions included.", words="day the review is due", is_event=False
    )


KEY = ("case_ref", "review_no")
