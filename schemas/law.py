"""Days on which the law changed, where more than one room speaks of them."""

from __future__ import annotations

from datetime import date

FIRST_DAY_OF_HRA = date(2018, 4, 3)
"""The duties of the Homelessness Reduction Act 2017 began: an earlier application is a legacy case (hclic-spec 2.10),
and the quarter that holds the day is the first of H-CLIC (part 5)."""

FIRST_HOMELESSNESS_LAW = date(1977, 12, 1)
"""The Housing (Homeless Persons) Act 1977 came into force; no application can be older."""
