"""What a drafted profile says, before it is written: tables, the sections that they feed, and what is left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.profiles.evidence import Evidence
from pipelines.profiles.keys import Keys
from pipelines.profiles.matching import Match
from pipelines.profiles.sheets import Sheet, Unread

MUST: dict[str, tuple[str, ...]] = {
    "support_needs": ("support_need",),
    "prevention": ("prevention_start",),
    "relief": ("relief_start",),
    "final_duties": ("main_decision_date",),
    "assistance": ("support_need", "assistance"),
    "temporary_accommodation": ("entry_date",),
    "reviews": ("review_requested_date",),
}
"""Fields without which there are no rows of the section."""


@dataclass
class FeedPlan:
    """One section that a table feeds."""

    section: str
    matches: list[Match]
    case_ref: str | None
    adds_columns: bool = False
    repeat: int = 0
    split_rows: tuple[str, str] | None = None
    constants: dict[str, str] = field(default_factory=dict)
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    when_filled: tuple[str, ...] = ()
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """Field → spellings that the draft itself gives a code."""
    is_role: bool = False
    """Whether it gives the one person of a role: beside it others of the same table give others."""
    doubtful: list[Match] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def fields(self) -> set[str]:
        """Fields that it gives."""
        return {match.field for match in self.matches} | set(self.constants)


@dataclass
class TablePlan:
    """One file or sheet (or several that hold the same) and what it feeds."""

    number: int
    sheet: Sheet
    columns: list[Evidence]
    feeds: list[FeedPlan] = field(default_factory=list)
    is_about: tuple[str, ...] = ()
    """Sections of which its name speaks."""
    notes: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    """Further keys of the table, as they are written."""
    shares: str | None = None
    """Name of the ``[input.…]`` by which two tables read the same file."""

    takes: set[int] = field(default_factory=set)
    """Columns that its keys take in."""

    @property
    def used(self) -> set[int]:
        """Columns that feed something."""
        return self.takes | {index for feed in self.feeds for match in feed.matches for index in match.columns}


@dataclass
class Plan:
    """A drafted profile."""

    tables: list[TablePlan]
    left_out: list[TablePlan]
    """Tables with headings of which nothing is known."""
    unread: list[Unread]
    keys: Keys
    notes: list[str] = field(default_factory=list)
