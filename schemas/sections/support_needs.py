"""Section 3: support needs in the household."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.sections._fields import statutory


class SupportNeeds(pa.DataFrameModel):
    """One row per support need of a household, each need once; ``none`` and ``unknown`` stand alone."""

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
        "Support need of the household.",
        words="support need",
        codelist="support_need",
        required=True,
        source="2.3 [T A3]",
        confidence="proposed",
    )


KEY = ("case_ref", "support_need")
