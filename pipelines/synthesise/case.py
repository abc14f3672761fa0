"""One invented case while it is being put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

BEFORE = -1
"""Quarter number of everything that happened before the first quarter of the window."""


@dataclass(slots=True, eq=False)
class Ending:
    """A duty that ended: in which quarter of the window, how, and what was secured."""

    quarter: int
    outcome: str
    activity: str | None = None
    accommodation: str | None = None
    authority: str | None = None
    household: str | None = None
    day: date | None = None

    @property
    def is_secured(self) -> bool:
        """Accommodation was secured."""
        return self.outcome.startswith("secured")


@dataclass(slots=True, eq=False)
class Decision:
    """A main duty decision; ``family`` where the priority need says whether there are children."""

    quarter: int
    decision: str
    pneed: str | None = None
    family: bool | None = None
    day: date | None = None


class Member(NamedTuple):
    """Somebody who lives with the main applicant."""

    born: int
    """Quarter of birth, by its number in the window; negative before the window."""
    dependent: bool


@dataclass(slots=True, eq=False)
class Stay:
    """A household in temporary accommodation on the last day of one quarter of the window."""

    quarter: int
    kind: str
    household: str
    away: bool = False
    region: str | None = None
    authority: str | None = None
    duty: str | None = None
    age: str | None = None
    ethnicity: str | None = None
    days: int = 0
    over_six_weeks: bool = False
    pending_review: bool = False
    is_young: bool = False
    children: int = 0
    minors: list[tuple[int, bool]] = field(default_factory=list)
    """Age at the quarter's end and whether dependent, of each member under 18 but the main applicant."""
    grown: int = 0
    """Dependants of 18 and over."""
    own_age: int | None = None
    """Single year of age of a main applicant of 16 or 17."""
    later: Stay | None = None
    """The same household at the end of the next quarter."""
    stayed: bool = False
    """The household was there at the end of the quarter before."""
    members: list[Member] | None = None
    """Who lives with the main applicant over all quarters of the window, None where only ``minors`` are known."""


@dataclass(slots=True, eq=False)
class Placement:
    """One row of temporary accommodation."""

    entry: date
    exit: date | None
    kind: str
    duty: str | None
    authority: str
    exit_reason: str | None = None


@dataclass(slots=True, eq=False)
class Case:
    """One case: what the tables ask of it, then the dates and people that were found for it."""

    assessed: int | None = None
    assess1: str | None = None
    reason: str | None = None
    tenancy_end: str | None = None
    current: str | None = None
    household: str | None = None
    age: str | None = None
    ethnicity: str | None = None
    orientation: str | None = None
    gender_identity: str | None = None
    employment: str | None = None
    nationality: str | None = None
    eligibility: str | None = None
    referral: str | None = None
    body: str | None = None
    needs: list[str] | None = None
    prevention: bool = False
    prevention_end: Ending | None = None
    relief: bool = False
    relief_end: Ending | None = None
    decision: Decision | None = None
    main_end: Ending | None = None
    stays: list[Stay] = field(default_factory=list)
    left: int | None = None
    """Quarter in which the household left temporary accommodation, None while it is there."""
    legacy: bool = False
    applied_on: date | None = None
    assessed_on: date | None = None
    prevention_start: date | None = None
    relief_start: date | None = None
    placements: list[Placement] = field(default_factory=list)
    reviews: list[dict[str, object]] = field(default_factory=list)
    people: list[dict[str, object]] = field(default_factory=list)
    ages: list[tuple[date, str]] = field(default_factory=list)
    """Days on which the main applicant must be in an age band."""
    old: bool = False
    """Everything of the case lies before the window but what the window's tables ask of it."""

    @property
    def duty(self) -> str | None:
        """Duty owed at the assessment."""
        if self.assess1 in {"prevention", "prevention_notice"}:
            return "prevention"
        return "relief" if self.assess1 == "relief" else None
