"""The numbers on which hiding rests, each once, with its source; nothing else in the program names one."""

from __future__ import annotations

OFFICIAL_BASE_BELOW = 5
"""Households behind a row of a published table: with 0 to 4 its breakdowns are hidden (published-tables §2, verified on
the workbooks). The default of the setting ``suppress_below``, which the run's SQL reads."""

SUPPRESS_BELOW = 5
"""Counts of 1 to 4 are small; an amount, rate or curve of so few is left out of what we share ourselves. Ours."""

ROUND_TO = 5
"""Every count is shared as a multiple of this number. Ours (DECISIONS.md compares it with leaving counts out)."""

STAYS_WITHIN = ROUND_TO - 1
"""A figure is never further from its count than this, and one that has left stays while that is so: a late case does
not show itself. Ours."""

FEWEST_VALUES = 3
"""A count whose value is not shared must be able to be at least so many, whatever is worked out from all figures."""

MEASURED_FROM = 10
"""Rounded count from which a share, mean, median or amount of the counted is shared. Ours; at 10 a case is 10 %."""

ROUND_NIGHTS_TO = 100
"""Nights are shared to the nearest of this number: about three households for a month. Ours."""

COHORT_FROM = 50
"""Cases of a chosen cohort from which its figures are shared; so many are outside it too, or none. Ours: of fewer,
split by stage, duty and quarter, hardly a figure is not small."""

FEWEST_COMPARED = 3
"""Authorities that stand beside each other in a comparison for sharing, at least: of two, each would read the other's
figures from what is said of both together. Ours."""

ENGLAND_ROUNDED_TO = 10
"""MHCLG rounds what it prints of England and the regions to so many (published-tables §2)."""
