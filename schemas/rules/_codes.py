"""Groups of codes that several rules speak of."""

from __future__ import annotations

import polars as pl

from schemas.codelists import codelist


def codes_with(list_name: str, column: str, value: str | None = None) -> tuple[str, ...]:
    """Codes of a list for which one of its columns is filled, or has the value."""
    codes = codelist(list_name).codes.values()
    return tuple(c.code for c in codes if (c.extra[column] == value if value is not None else c.extra[column]))


PREVENTION_OWED = codes_with("assess1", "duty", "prevention")
DUTY_OWED = codes_with("assess1", "duty")
PREVENTION_SECURED = codes_with("prevention_outcome", "secured")
OFFER_ACCEPTED = codes_with("main_duty_outcome", "offer_accepted")
PRIORITY_NEED = codes_with("main_decision", "has_priority_need")
NO_NEED = codes_with("support_need", "is_need", "")
ADULTS = codes_with("relationship", "heads_household")
NOT_CONNECTED_HERE = tuple(code for code in codes_with("local_connection", "is_here", "") if code != "nk")
CHILDREN = codes_with("relationship", "is_child")

PRIVATE_RENTED = codes_with("accommodation", "sector", "private")
SOCIAL_RENTED = codes_with("accommodation", "sector", "social")
# Settled accommodation as notes 2.10 has it for V-02.
SETTLED = codes_with("accommodation", "is_settled")
# Where nobody is settled: not to be used as accommodation when last settled (notes 2.1.6).
NEVER_LAST_SETTLED = codes_with("accommodation", "never_last_settled")
# Never the accommodation that ends a duty as secured (notes 2.4.3).
NEVER_SECURED = codes_with("accommodation", "never_secured")
TENANCY_ENDED = codes_with("reasonloss", "tenancy")
TENANCY_END_ASKED = codes_with("reasonloss", "in_a2_by_tenancy_end")
PRIVATE_TENANCY_ENDED = codes_with("reasonloss", "tenancy", "private")


def in_force_when_assessed(column: str, list_name: str) -> pl.Expr:
    """True where the code may be used for a case assessed on ``assess_date``, by the dates of the code list."""
    day = pl.col("assess_date")
    good = pl.lit(True)
    for code in codelist(list_name).codes.values():
        used = pl.col(column) == code.code
        if code.valid_from is not None:
            good = good & ~(used & (day < code.valid_from))
        if code.valid_to is not None:
            good = good & ~(used & (day > code.valid_to))
    return good
