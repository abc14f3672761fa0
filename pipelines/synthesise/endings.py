"""Households of every ending: each code by which a duty, a decision, a placement or a review can end, in a lawful way.

The routes of ``routes.py`` lead where most households go; these go where few do, so that no code of the return is
missing from an invented caseload of some size.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from schemas.codelists import codelist

Row = dict[str, Any]

CODES_CHANGED = date(2023, 4, 1)
"""First day of the codes that tell a withdrawal from a death (code list prevention_outcome)."""
EMERGENCY_POWER = date(2020, 5, 18)
"""First day on which the power of s189B(2) is reported (code list taduty)."""


class Maker(Protocol):
    """What a maker of cases lends: its random numbers, its rows by section and its simpler parts."""

    rng: random.Random
    authority: str
    neighbour: str
    last_day: date
    rows: dict[str, list[Row]]

    def days(self, low: int, high: int) -> timedelta:
        """A span of days."""
        ...

    def closing(self, ref: str) -> None:
        """Assistance at closure."""
        ...

    def place(
        self, ref: str, start: date, end: date | None, duty: str, kind: str, *, reason: str = ..., second: bool = ...
    ) -> None:
        """One placement."""
        ...


@dataclass(frozen=True)
class Ending:
    """How each step of one case ends; a step without a code is not taken."""

    prevention: str | None = None
    relief: str | None = None
    decision: str | None = None
    main: str | None = None
    taduty: str | None = None
    left: str = "other"
    review: tuple[str, str] | None = None
    """The decision that is reviewed, and the outcome."""


ELAPSED, ACCEPTED = "elapsed_56", "accepted"
SECURED = {"secured", "secured_existing", "secured_alternative"}
# Home by outcome, where the main duty ends by an offer that was taken.
OFFERS = {"part6_accepted": "srs_council", "prs_accepted": "prs_self", "rp_accepted": "srs_rp"}
# Why the household leaves its placement, by the end of the main duty.
LEFT = {"ineligible": "ineligible", "intentional": "intentional", "voluntary": "left", "contact_lost": "contact_lost"}
LEFT |= {"withdrew": "left", "ta_refused": "refused", "part6_refused": "refused", "prs_refused": "refused"}
LEFT |= dict.fromkeys(OFFERS, "ended_accommodation")
# What leads to a placement under each duty or power.
PLACED = {
    "s193_2": Ending(relief=ELAPSED, decision=ACCEPTED, main="voluntary"),
    "s195a_1": Ending(relief=ELAPSED, decision=ACCEPTED, main="prs_accepted"),
    "s193c_4": Ending(relief="refused_coop", decision="refused_coop"),
    "s188_1": Ending(relief="secured"),
    "s188_3": Ending(relief=ELAPSED, decision="no_priority_need", review=("duty_owed", "upheld")),
    "s190_2": Ending(relief=ELAPSED, decision="intentional"),
    "s199a_2": Ending(relief="local_connection"),
    "s200_1": Ending(relief=ELAPSED, decision="local_connection"),
    "s189b_2": Ending(relief="secured"),
    "nk": Ending(relief="contact_lost"),
}
# A case on which each decision can be reviewed.
REVIEWED = {
    "eligibility": Ending(relief=ELAPSED, decision="not_eligible"),
    "duty_owed": Ending(relief=ELAPSED, decision="intentional"),
    "php_steps": Ending(relief="withdrew"),
    "prevention_ended": Ending(prevention="refused_accom"),
    "relief_ended": Ending(relief="refused_final"),
    "s193b_notice": Ending(relief="refused_coop"),
    "main_duty_ended": Ending(relief=ELAPSED, decision=ACCEPTED, main="part6_refused"),
    "referral": Ending(relief=ELAPSED, decision="local_connection"),
    "suitability": Ending(relief=ELAPSED, decision=ACCEPTED, main="prs_refused"),
}


def _codes(name: str) -> list[str]:
    return list(codelist(name).codes)


def _endings() -> list[Ending]:
    """One ending for every code; a new code of a list comes in by itself."""
    outcomes = _codes("review_outcome")
    found = [
        Ending(prevention=code, relief="secured" if code == "homeless" else None)
        for code in _codes("prevention_outcome")
    ]
    found += [Ending(prevention=code, relief="secured") for code in ("refused_accom", "refused_coop")]
    found += [
        Ending(relief=code, decision="no_priority_need" if code == ELAPSED else None)
        for code in _codes("relief_outcome")
    ]
    found += [
        Ending(relief="refused_coop" if code == "refused_coop" else ELAPSED, decision=code)
        for code in _codes("main_decision")
    ]
    found += [
        Ending(relief=ELAPSED, decision=ACCEPTED, main=code, taduty="s193_2", left=LEFT.get(code, "other"))
        for code in _codes("main_duty_outcome")
    ]
    found += [_with(PLACED.get(code, PLACED["nk"]), taduty=code) for code in _codes("taduty")]
    found += [Ending(relief="secured", taduty="s188_1", left=code) for code in _codes("exit_reason")]
    found += [
        _with(REVIEWED.get(code, REVIEWED["duty_owed"]), review=(code, outcomes[place % len(outcomes)]))
        for place, code in enumerate(_codes("decision_reviewed"))
    ]
    return found


def _with(ending: Ending, **changes: Any) -> Ending:
    return Ending(**{**ending.__dict__, **changes})


ENDINGS: tuple[Ending, ...] = tuple(_endings())


def follow(maker: Maker, ref: str, main: Row, ending: Ending, assessed: date, children: int) -> date:
    """Add the rows of one case that ends so, cut off at the last day; returns the day of the last event."""
    return _Case(maker, ref, main, ending, assessed, children).made()


class _Case:
    def __init__(self, maker: Maker, ref: str, main: Row, ending: Ending, assessed: date, children: int) -> None:
        self.maker, self.ref, self.main, self.ending = maker, ref, main, ending
        self.assessed, self.children = assessed, children
        if "local_connection" in (ending.relief, ending.decision):
            main["local_connection"] = "other_la_england"
            # A household that fled domestic abuse is referred to nobody.
            if main["reasonloss"] in {"da", "da_victim"}:
                main |= {"reasonloss": "family_friends", "lastaccom": "family", "currentaccom": "family"}
                main["reason_tenancy_end"] = None

    def made(self) -> date:
        """Every step up to the first that had not ended."""
        day = self.assessed
        self.main["assess1"] = "prevention" if self.ending.prevention else "relief"
        steps = [
            step
            for step, code in (
                (self.prevention, self.ending.prevention),
                (self.relief, self.ending.relief),
                (self.decision, self.ending.decision),
            )
            if code
        ]
        for step in steps:
            ended = step(day)
            if ended is None:
                return day
            day = ended
        if not (self.ending.decision == ACCEPTED and self.ending.main is None):
            self.maker.closing(self.ref)
            self.main["closed_date"] = day
        return self.review(day)

    def add(self, section: str, **values: Any) -> Row:
        row: Row = {"case_ref": self.ref, **values}
        self.maker.rows[section].append(row)
        return row

    def dated(self, code: str | None) -> str | None:
        """The code that was in use when the case was assessed."""
        if code in {"withdrew", "deceased"} and self.assessed < CODES_CHANGED:
            return "withdrew_deceased"
        if code == "withdrew_deceased" and self.assessed >= CODES_CHANGED:
            return "withdrew"
        return code

    def until(self, start: date, low: int, high: int) -> date | None:
        """A later day, or none where it lies after the export."""
        day = start + self.maker.days(low, high)
        return day if day <= self.maker.last_day else None

    def home(self) -> str:
        current = str(self.main["currentaccom"])
        return current if current in {"prs_self", "prs_hmo", "srs_council", "srs_rp", "family", "friends"} else "family"

    def place(self, start: date, end: date | None, duty: str) -> None:
        kind = self.maker.rng.choice(("nightly", "hostel", "psl", "other"))
        self.maker.place(self.ref, start, end, duty, kind, reason=self.ending.left)

    def prevention(self, start: date) -> date | None:
        """The prevention duty; its end, or none where it is still owed."""
        outcome = self.ending.prevention
        row = self.add("prevention", prevention_start=start, prevention_notified_date=start)
        end = self.until(start, 57, 80) if outcome == "expired_56" else self.until(start, 10, 50)
        if end is None:
            return None
        row |= {"prevention_end": end, "prevention_outcome": self.dated(outcome)}
        if outcome in SECURED:
            row |= {"prevention_activity": "secured_by_la", "accom_pr": self.home()}
        if outcome == "secured_alternative":
            row |= {"accom_pr": "prs_self", "prevention_accom_la": self.maker.authority}
        if outcome == "homeless":
            row["accom_pr"] = self.main["currentaccom"]
        return end

    def relief(self, start: date) -> date | None:
        """The relief duty with a placement where it is given under one; its end, or none where it is still owed."""
        outcome, duty = self.ending.relief, self.ending.taduty
        row = self.add("relief", relief_start=start, relief_notified_date=start)
        end = self.until(start, 56, 70) if outcome == ELAPSED else self.until(start, 5, 50)
        if duty == "s189b_2" and start < EMERGENCY_POWER:
            duty = "s188_1"
        if duty in {"s188_1", "s189b_2", "s199a_2", "nk"}:
            self.place(start, end, duty)
        if end is None:
            return None
        row |= {"relief_end": end, "relief_outcome": self.dated(outcome)}
        if outcome in SECURED:
            row |= {
                "relief_activity": "secured_by_la",
                "relief_accom": "prs_self",
                "relief_accom_la": self.maker.authority,
            }
        if outcome == "local_connection":
            row["referred_la"] = self.maker.neighbour
        return end

    def decision(self, relief_end: date) -> date | None:
        """The decision on the main duty and what follows it; its last day, or none where something is still owed."""
        day = self.until(relief_end, 0, 14)
        if day is None:
            return None
        decision, duty = self.ending.decision, self.ending.taduty
        row = self.add("final_duties", main_decision_date=day, main_decision=decision, main_decision_notified_date=day)
        if decision in {ACCEPTED, "intentional"}:
            row["pneed"] = "children" if self.children else "physical"
        if decision != ACCEPTED:
            if duty in {"s190_2", "s193c_4", "s200_1"}:
                self.place(day, self.until(day, 10, 28), duty)
            return day
        end = self.until(day, 30, 300) if self.ending.main else None
        if duty in {"s193_2", "s195a_1"}:
            self.place(day, end, duty)
        elif end is None:
            self.maker.place(self.ref, day, None, "s193_2", "own")
        if end is None:
            return None
        row |= {"main_duty_end": end, "main_duty_outcome": self.ending.main}
        if self.ending.main in OFFERS:
            row |= {"main_accom": OFFERS[self.ending.main], "main_accom_la": self.maker.authority}
        return end

    def review(self, decided: date) -> date:
        """A review of the last decision, asked for in time; the day of its last event."""
        asked = self.until(decided, 1, 20) if self.ending.review else None
        if self.ending.review is None or asked is None:
            return decided
        done = self.until(asked, 20, 56)
        about, outcome = self.ending.review
        self.add(
            "reviews",
            review_no=1,
            review_requested_date=asked,
            decision_reviewed=about,
            decision_notified_date=decided,
            review_due_date=asked + timedelta(days=56),
            appeal=False,
            review_outcome_date=done,
            review_outcome=outcome if done else None,
        )
        if self.ending.taduty == "s188_3":
            self.place(asked, done, "s188_3")
        return done or asked
