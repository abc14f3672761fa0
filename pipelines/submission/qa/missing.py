"""What still has to be explained before a return can be signed off."""

from __future__ import annotations

from pathlib import Path

from pipelines.period import Quarter
from pipelines.warehouse.store import Warehouse


def missing_explanations(store: Warehouse, authority: str, quarter: Quarter, folder: Path) -> list[str]:
    """Names of the totals whose change passes a threshold and is not explained.

    Args:
        store: the warehouse, open.
        folder: ``OUT/<authority>/<quarter>``, which holds ``return/``.
    """
    return []
