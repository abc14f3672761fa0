"""What the worklists' workbook and page say of the run that they come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pipelines.authority import authority_name
from pipelines.emit.pages.words import day
from pipelines.period import Quarter
from pipelines.state import RunState

ASKING = (
    "The lists ask; they change nothing. What you find goes into the casework system, and the empty columns are for"
    " your notes."
)
PRIVATE = "Internal: references of cases stand on these lists. Do not pass them on."


@dataclass(frozen=True)
class About:
    """The run that worklists come from: authority, quarter, day of the export, how it stands, and when made."""

    authority: str
    quarter: Quarter
    day: date
    state: RunState
    software_version: str
    made: datetime
    """Printed on the cover and at the page's foot only."""
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Authority and quarter in words."""
        return f"{authority_name(self.authority)} ({self.authority}), {self.quarter.words}"

    @property
    def as_at(self) -> str:
        """The day on which all on the lists was so."""
        return f"As at {day(self.day)}, the day of the export."

    @property
    def sentences(self) -> tuple[str, ...]:
        """What stands at the head of the page under the run's state."""
        return (self.as_at, *self.notes, ASKING, PRIVATE)

    @property
    def made_words(self) -> str:
        """``30 September 2025 at 09:30 UTC``."""
        zone = " UTC" if self.made.utcoffset() is not None else ""
        return f"{day(self.made.date())} at {self.made:%H:%M}{zone}"

    @property
    def footer(self) -> str:
        """What stands at the foot of each printed page."""
        return f"{authority_name(self.authority)}, as at {day(self.day)}. Internal."
