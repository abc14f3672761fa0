"""Section 8: placements in temporary accommodation."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.sections._fields import local, statutory


class TemporaryAccommodation(pa.DataFrameModel):
    """One row per placement. A household may hold several at once; a placement is the half-open span [entry, exit)."""

    case_ref: pl.String = statutory(
        "text",
        "Reference of the case.",
        words="case reference",
        required=True,
        source="1.2 [S5]",
        confidence="proposed",
    )
    placement_no: pl.Int64 = statutory(
        "integer",
        "Number of the placement within the case.",
        words="number of the placement",
        required=True,
        source="2.10 [P]",
        confidence="proposed",
    )
    entry_date: pl.Date = statutory(
        "date",
        "First night of the placement.",
        words="entry date",
        required=True,
        element="ENTRY_DATE",
        source="2.8 [S3]",
        confidence="stated",
    )
    exit_date: pl.Date = statutory(
        "date",
        "Day the household left; not itself a night.",
        words="exit date",
        when="left",
        source="2.8 [I]",
        confidence="proposed",
    )
    taduty: pl.String = statutory(
        "code",
        "Duty or power under which the accommodation is provided.",
        words="duty or power the placement is under",
        codelist="taduty",
        element="TADUTY",
        source="2.8.1 [S3, T TA3]",
        confidence="stated",
    )
    ta_type: pl.String = statutory(
        "code",
        "Type of temporary accommodation.",
        words="type of temporary accommodation",
        codelist="ta_type",
        required=True,
        source="2.8.2 [H TA1]",
        confidence="proposed",
    )
    ta_la: pl.String = statutory(
        "code",
        "District in which the accommodation lies.",
        words="district of the placement",
        codelist="authority",
        when="always",
        source="2.8 [T TA9]",
        confidence="proposed",
    )
    exit_reason: pl.String = statutory(
        "code",
        "Why the household left.",
        words="reason for leaving",
        codelist="exit_reason",
        when="left",
        source="2.8.3 [R]",
        confidence="recalled",
    )

    placement_ref: pl.String = local(
        "text", "Reference of the placement in the local or finance system.", words="reference of the placement"
    )
    site: pl.String = local("text", "Building or scheme.", words="building or scheme")
    landlord: pl.String = local("text", "Landlord or provider.", words="landlord")
    rate: pl.Float64 = local("number", "Charge for the placement, £ a night.", words="nightly charge", is_nightly=True)
    bedrooms: pl.Int64 = local("integer", "Bedrooms of the property.", words="bedrooms")
    self_contained: pl.Boolean = local(
        "flag", "Kitchen and bathroom not shared with other households.", words="self-contained"
    )
    lha_area: pl.String = local("text", "Broad rental market area of the property.", words="broad rental market area")
    cost_centre: pl.String = local("text", "Cost centre that bears the charge.", words="cost centre")
    invoice_number: pl.String = local("text", "Number of the landlord's invoice.", words="invoice number")
    last_seen_date: pl.Date = local(
        "date", "Day the household was last seen or heard of in the accommodation.", words="day last seen there"
    )
    last_rent_date: pl.Date = local(
        "date",
        "Day on which rent, charge or benefit for the placement was last paid.",
        words="day of the last rent or charge",
    )


KEY = ("case_ref", "placement_no")
