"""The form of one kind of trouble with an export."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.findings import FIX


@dataclass(frozen=True)
class Problem:
    """One kind of trouble with an export."""

    id: str
    severity: str
    scope: str
    message: str
    """Template; ``{place}`` is the file, row and column."""
    action: str
    local_severity: str | None = None
    """Severity where the field is a local one, which never enters the return."""
    finding_kind: str = FIX
