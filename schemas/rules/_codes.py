"""Groups of codes that several rules speak of."""

from __future__ import annotations

from datetime import date

import polars as pl

from schemas.codelists import codelist

# The Homelessness Reduction Act duties began on this day; an earlier application is a legacy case (notes 2.10).
HRA_BEGINS = date(2018, 4, 3)
# The Housing (Homeless Persons) Act 1977 came into force; no application can be older.
FIRST_HOMELESSNESS_LAW = date(1977, 12, 1)

PREVENTION_OWED = ("prevention_s21", "prevention")
DUTY_OWED = (*PREVENTION_OWED, "relief")
PREVENTION_SECURED = ("secured_existing", "secured_alternative")
PREVENTION_MAY_GO_ON = ("homeless", "refused_accom", "refused_coop")
OFFER_ACCEPTED = ("part6_accepted", "prs_accepted", "rp_accepted")

PRIVATE_RENTED = ("prs_self", "prs_hmo", "prs_lodging")
# Settled accommodation as notes 2.10 has it for V-02.
SETTLED = (
    *PRIVATE_RENTED,
    "srs_council",
    "srs_rp",
    "srs_supported",
    "owner",
    "tied",
    "armed_forces",
    "student",
    "caravan",
)
# Where nobody is settled: not to be used as accommodation when last settled (notes 2.1.6).
NEVER_SETTLED = (
    "ta",
    "nfa_rough_last_year",
    "nfa_rough_previously",
    "nfa_never_rough",
    "nfa",
    "rough_sleeping",
    "refuge",
    "nass",
    "inst_custody",
    "inst_hospital_general",
    "inst_hospital_psych",
    "inst_lac",
)
# Never the accommodation that ends a duty as secured (notes 2.4.3).
ROOFLESS = (
    "ta",
    "nfa_rough_last_year",
    "nfa_rough_previously",
    "nfa_never_rough",
    "nfa",
    "rough_sleeping",
    "inst_custody",
)
TENANCY_REASONS = ("prs_ast", "prs_non_ast", "srs", "supported")


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
