"""What may not be chosen for figures that are shared: a few cases, one officer's cases, or a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from pipelines.disclosure.thresholds import COHORT_FROM
from pipelines.errors import UsageError

OF_STAFF = frozenset({"officer"})
"""Fields whose values are persons of the authority."""


def check_day(day: date | None) -> None:
    """Refuse a chosen day.

    Raises:
        UsageError: there is one.
    """
    if day is not None:
        raise UsageError(
            "For sharing, leave out --day: figures as on two days tell of the cases of the days between them."
        )


def check_fields(fields: Collection[str]) -> None:
    """Refuse a cohort that is made of the cases of members of staff, before anything is counted.

    Raises:
        UsageError: it is.
    """
    if OF_STAFF & set(fields):
        raise UsageError(
            "For sharing, a cohort cannot be one officer's cases: its figures would be about that person's work."
        )


def check_size(cases: int, all_cases: int) -> None:
    """Refuse a cohort of few cases, or of nearly all, which tells of the few that are not in it.

    The text does not say how many they are.

    Raises:
        UsageError: one of them.
    """
    if cases < COHORT_FROM:
        raise UsageError(
            f"For sharing, a cohort needs {COHORT_FROM} cases or more, and this one has fewer. Choose a wider one, or"
            " leave out --shareable and keep the figures internal."
        )
    if 0 < all_cases - cases < COHORT_FROM:
        raise UsageError(
            f"For sharing, a cohort leaves out no case or {COHORT_FROM} and more, and this one leaves out fewer: beside"
            " the figures of all cases it would tell of them. Share the figures of all cases."
        )
