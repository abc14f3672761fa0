"""Section 7: assistance received with support needs."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.sections._fields import local, statutory


class Assistance(pa.DataFrameModel):
    """One row per support need of a closed case: what was done about it."""

    case_ref: pl.String = statutory(
        "text",
        "Reference of the case.",
        words="case reference",
        required=True,
        source="1.2 [S5]",
        confidence="proposed",
    )
    support_need: pl.String = statutory(
        "code",
        "Support need that the assistance answers.",
        words="support need helped with",
        codelist="support_need",
        required=True,
        source="2.7 [S2, R]",
        confidence="recalled",
    )
    assistance: pl.String = statutory(
        "code",
        "Assistance received.",
        words="assistance received",
        codelist="assistance",
        required=True,
        source="2.7 [R]",
        confidence="recalled",
    )

    provider: pl.String = local("text", "Service that gave the assistance.", words="service that gave the assistance")


KEY = ("case_ref", "support_need")
