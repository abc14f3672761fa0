"""What a validation is made for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from pipelines.period import Quarter
from pipelines.settings import Settings
from schemas.rules import Known


@dataclass(frozen=True)
class Context:
    """Authority, quarter, day of the export, and the definitions that are ours."""

    authority: str
    quarter: Quarter
    as_at: date
    settings: Settings = field(default_factory=Settings)

    @property
    def known(self) -> Known:
        """What the rules may know of it."""
        return Known(
            authority=self.authority,
            last_day=self.quarter.last_day,
            as_at=self.as_at,
        )
