"""An invented case-management system that officers keep editing: cases come late, are corrected, and run for years.

It knows nothing of ``hclic`` and writes what such a system would: one CSV a section, as at a day.
What happened on a day is entered on that day or, often, weeks later; an export holds what was entered by its day.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

AUTHORITY = "E06000034"
HEADINGS = {
    "main": "la_code,case_ref,application_date,assess_date,assess1,referral,referral_body,eligibility,nationality,"
    "lastaccom,currentaccom,reasonloss,reason_tenancy_end,local_connection,employment_applicant,employment_partner,"
    "benefits,php_date,last_activity_date,closed_date",
    "people": "case_ref,person_no,relationship,date_of_birth,age,sex,gender_identity,ethnicity,sexual_orientation,"
    "dependent,pregnant,personal_data_consent,forename,surname,nino,last_address",
    "support_needs": "case_ref,support_need",
    "prevention": "case_ref,prevention_start,prevention_end,prevention_outcome,prevention_activity,accom_pr,"
    "prevention_accom_la",
    "relief": "case_ref,relief_start,relief_end,relief_outcome,relief_activity,relief_accom,relief_accom_la,"
    "referred_la",
    "final_duties": "case_ref,main_decision_date,main_decision,pneed,main_duty_end,main_duty_outcome,main_accom,"
    "main_accom_la",
    "assistance": "case_ref,support_need,assistance",
    "temporary_accommodation": "case_ref,placement_no,entry_date,exit_date,taduty,ta_type,ta_la,exit_reason",
    "reviews": "case_ref,review_no,review_requested_date,decision_reviewed,review_outcome_date,review_outcome,appeal",
}
MOST_LATE_DAYS = 70


class Enter(Protocol):
    """Enters values into a row of a section: of what happened on a day, then or later."""

    def __call__(self, on: date, section: str, row: int = 1, **values: object) -> None: ...


@dataclass
class Entry:
    """What was entered on a day: a row of a section, or other values of one that stands there."""

    on: date
    section: str
    row: int
    values: dict[str, object]


@dataclass
class Case:
    """One case with all that will ever be entered of it, in the order of the days of entering."""

    ref: str
    entries: list[Entry] = field(default_factory=list)

    def as_at(self, day: date) -> dict[str, dict[int, dict[str, object]]]:
        """Its rows by section and number, as entered by the end of the day."""
        rows: dict[str, dict[int, dict[str, object]]] = {}
        for entry in self.entries:
            if entry.on <= day:
                rows.setdefault(entry.section, {}).setdefault(entry.row, {}).update(entry.values)
        return rows


class System:
    """All cases of the years from ``first`` on; the same for the same seed."""

    def __init__(self, seed: int, first: date, last: date, *, a_week: int = 2) -> None:
        self._draw = random.Random(seed)
        self.cases: list[Case] = []
        day = first
        while day <= last:
            for _ in range(a_week):
                self.cases.append(self._case(day + timedelta(days=self._draw.randrange(7)), len(self.cases) + 1))
            day += timedelta(days=7)

    def _case(self, day: date, number: int) -> Case:
        draw, case = self._draw, Case(f"HS/{number:05}")
        entered = day + timedelta(days=draw.choice((0, 0, 1, 3, 8, draw.randrange(MOST_LATE_DAYS))))

        def enter(on: date, section: str, row: int = 1, **values: object) -> None:
            nonlocal entered
            late = draw.choice((0, 0, 0, 2, 9, draw.randrange(MOST_LATE_DAYS)))
            entered = max(entered, on + timedelta(days=late))
            case.entries.append(Entry(entered, section, row, values))

        is_family = draw.random() < 0.5
        born = date(1955 + draw.randrange(45), draw.randrange(12) + 1, draw.randrange(28) + 1)
        case.entries += [
            Entry(
                entered,
                "main",
                1,
                dict(
                    la_code=AUTHORITY,
                    application_date=day,
                    assess_date=day,
                    assess1="relief",
                    referral="no",
                    eligibility="uk_roi_hr",
                    nationality="GB",
                    lastaccom="family",
                    currentaccom="family",
                    reasonloss="family_friends",
                    local_connection="residence",
                    employment_applicant="ft",
                    benefits="uc",
                    php_date=day,
                ),
            ),
            Entry(
                entered,
                "people",
                1,
                dict(
                    person_no=1,
                    relationship="main_applicant",
                    date_of_birth=born,
                    sex=draw.choice(("female", "male")),
                    gender_identity="same",
                    ethnicity="white_british",
                    sexual_orientation="heterosexual",
                    dependent="no",
                    pregnant="no",
                    personal_data_consent="yes",
                    forename="Ada",
                    surname=f"Elder{number}",
                    last_address=f"{number} Quay Lane",
                ),
            ),
            Entry(entered, "support_needs", 1, dict(support_need="none")),
            Entry(entered, "relief", 1, dict(relief_start=day)),
        ]
        if is_family:
            child = date(day.year - 3 - draw.randrange(9), draw.randrange(12) + 1, draw.randrange(28) + 1)
            case.entries.append(
                Entry(
                    entered,
                    "people",
                    2,
                    dict(
                        person_no=2,
                        relationship="dependent_child",
                        date_of_birth=child,
                        sex="female",
                        dependent="yes",
                        pregnant="no",
                        forename="Ben",
                        surname=f"Elder{number}",
                        last_address=f"{number} Quay Lane",
                    ),
                )
            )
        is_placed = draw.random() < (0.8 if is_family else 0.3)
        if is_placed:
            enter(
                day + timedelta(days=1),
                "temporary_accommodation",
                placement_no=1,
                entry_date=day + timedelta(days=1),
                taduty="s188_1",
                ta_type="nightly",
                ta_la=AUTHORITY,
            )
        if is_family:
            self._accepted(enter, day, is_placed)
        else:
            end = day + timedelta(days=12 + draw.randrange(40))
            enter(
                end,
                "relief",
                relief_end=end,
                relief_outcome="secured",
                relief_activity="other",
                relief_accom="prs_self",
                relief_accom_la=AUTHORITY,
            )
            self._out(enter, end, 1 if is_placed else 0)
        self._correct(case)
        return case

    def _accepted(self, enter: Enter, day: date, is_placed: bool) -> None:
        decided = day + timedelta(days=58 + self._draw.randrange(9))
        enter(decided, "relief", relief_end=decided, relief_outcome="elapsed_56")
        enter(decided, "final_duties", main_decision_date=decided, main_decision="accepted", pneed="children")
        if is_placed:
            enter(decided, "temporary_accommodation", exit_date=decided, exit_reason="moved_ta")
            enter(
                decided,
                "temporary_accommodation",
                2,
                placement_no=2,
                entry_date=decided,
                taduty="s193_2",
                ta_type="psl",
                ta_la=AUTHORITY,
            )
        end = decided + timedelta(days=30 + self._draw.randrange(900))
        enter(
            end,
            "final_duties",
            main_duty_end=end,
            main_duty_outcome="part6_accepted",
            main_accom="srs_council",
            main_accom_la=AUTHORITY,
        )
        self._out(enter, end, 2 if is_placed else 0)

    @staticmethod
    def _out(enter: Enter, end: date, placement: int) -> None:
        if placement:
            enter(end, "temporary_accommodation", placement, exit_date=end, exit_reason="ended_accommodation")
        enter(end, "main", closed_date=end)

    def _correct(self, case: Case) -> None:
        """Now and then an officer corrects a value, weeks or a year later."""
        while self._draw.random() < 0.3:
            on = case.entries[0].on + timedelta(days=self._draw.randrange(400))
            choices: tuple[tuple[str, dict[str, object]], ...] = (
                ("main", {"benefits": self._draw.choice(("hb", "esa", "none"))}),
                ("main", {"nationality": self._draw.choice(("IE", "PL", "FR"))}),
                ("people", {"ethnicity": self._draw.choice(("white_irish", "white_other"))}),
                ("people", {"last_address": "1 Wharf Road"}),
            )
            section, values = self._draw.choice(choices)
            case.entries.append(Entry(on, section, 1, values))
        case.entries.sort(key=lambda entry: entry.on)

    def as_at(self, day: date) -> Iterator[tuple[str, dict[str, dict[int, dict[str, object]]]]]:
        """Reference and rows of every case that was entered by the end of the day."""
        for case in self.cases:
            if rows := case.as_at(day):
                yield case.ref, rows

    def export(self, day: date, folder: Path) -> Path:
        """Write what was entered by the end of the day: one CSV a section."""
        folder.mkdir(parents=True, exist_ok=True)
        held = list(self.as_at(day))
        for section, headings in HEADINGS.items():
            names = headings.split(",")
            with (folder / f"{section}.csv").open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, names, restval="")
                writer.writeheader()
                for ref, rows in held:
                    for _, row in sorted(rows.get(section, {}).items()):
                        # Somebody looks at every case: an export in which nothing happened of late is refused.
                        seen = {"last_activity_date": day} if section == "main" and "closed_date" not in row else {}
                        writer.writerow({"case_ref": ref} | row | seen)
        return folder
