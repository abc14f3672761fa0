"""The numbers on which hiding rests, each once, with its source; nothing else in the program names one."""

from __future__ import annotations

OFFICIAL_BASE_BELOW = 5
"""Households behind a row of a published table: with 0 to 4 its breakdowns are hidden (published-tables §2, verified on
the workbooks). The default of the setting ``suppress_below``, which the run's SQL reads."""

SUPPRESS_BELOW = 5
"""Counts of 1 to 4 are left out of what we share ourselves; 0 and 5 are shown. Ours, after MHCLG's base."""

ROUND_TO = 5
"""Counts of overlapping groups are shared to the nearest of this number instead (they add up to nothing)."""
