"""Parts of the examples that the rules on placements share."""

from __future__ import annotations

from typing import Any

MAIN: dict[str, Any] = {"application_date": "2025-10-06", "assess_date": "2025-10-20"}


def placement(entry_date: str | None, taduty: str | None = None, **more: Any) -> list[dict[str, Any]]:
    """Section 8 with one row: a placement entered on the day given, under the duty given."""
    return [{"entry_date": entry_date, "taduty": taduty, **more}]
