"""What still has to be explained before a return can be signed off."""

from __future__ import annotations

from pathlib import Path

from pipelines.period import Quarter
from pipelines.submission.qa.report import make
from pipelines.warehouse.store import Warehouse


def missing_explanations(
    store: Warehouse, authority: str, quarter: Quarter, folder: Path, *, profile: str | None = None
) -> list[str]:
    """Names of the totals whose change passes a threshold and is not explained, and of checks that do not hold.

    Args:
        store: the warehouse, open.
        folder: ``OUT/<authority>/<quarter>``, which holds ``return/``.
        profile: name or folder of the return profile; by default that of the run.

    Raises:
        UsageError: the return profile is not at hand.
        InputError: there is no return, or it is not that of a run of this authority and quarter.
    """
    return make(store, authority, quarter, folder, profile=profile).names_missing
