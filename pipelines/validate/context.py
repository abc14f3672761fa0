"""What a validation is made for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pipelines.period import Quarter
from schemas.rules import Known


@dataclass(frozen=True)
class Context:
    """Authority, quarter and day of the export."""

    authority: str
    quarter: Quarter
    as_at: date

    @property
    def known(self) -> Known:
        """What the rules may know of it."""
        return Known(
            authority=self.authority,
            last_day=self.quarter.last_day,
            as_at=self.as_at,
        )
