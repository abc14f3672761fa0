"""The household of an invented case, and its support needs."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from pipelines.synthesise.route_words import CODES_CHANGED, ETHNICITIES, FORENAMES, NEEDS, RETIRED, STREETS, SURNAMES
from schemas.sections import SECTIONS

Row = dict[str, Any]


class People:
    """The people of invented cases and what they need; ``rows`` holds each section's rows."""

    def __init__(self, authority: str, neighbour: str, last_day: date, seed: int) -> None:
        self.rng = random.Random(seed)
        self.authority, self.neighbour, self.last_day = authority, neighbour, last_day
        self.rows: dict[str, list[Row]] = {section.name: [] for section in SECTIONS}

    def code(self, code: str, day: date) -> str:
        """The code in force on the day: the retired one before April 2023."""
        return RETIRED.get(code, code) if day < CODES_CHANGED else code

    def days(self, low: int, high: int) -> timedelta:
        """A span of days."""
        return timedelta(days=self.rng.randint(low, high))

    def household(self, ref: str, applied: date) -> int:
        """People of the case; returns the number of dependent children."""
        rng = self.rng
        surname = rng.choice(SURNAMES)
        address = f"{rng.randint(1, 90)} {rng.choice(STREETS)}, Sampleford"
        partner = rng.random() < 0.3
        children = rng.choice((0, 0, 0, 1, 1, 2, 2, 3)) if rng.random() < 0.75 else 0

        def person(number: int, relationship: str, low: int, high: int) -> Row:
            born = applied - timedelta(days=rng.randint(low * 365 + 10, high * 365))
            return {
                "case_ref": ref,
                "person_no": number,
                "relationship": relationship,
                "date_of_birth": born,
                "sex": rng.choice(("male", "female")),
                "dependent": relationship == "dependent_child",
                "pregnant": False,
                "forename": rng.choice(FORENAMES),
                "surname": surname,
                "last_address": address,
            }

        head = person(1, "main_applicant", 22, 62)
        head |= {
            "ethnicity": rng.choice(ETHNICITIES),
            "sexual_orientation": rng.choice(("heterosexual", "heterosexual", "prefer_not", "homosexual")),
            "gender_identity": rng.choice(("same", "same", "same", "prefer_not")),
            "nino": f"QQ{rng.randint(0, 999999):06d}{rng.choice('ABCD')}",
            "personal_data_consent": True,
        }
        people = [head]
        if partner:
            people.append(person(2, "partner", 20, 60))
        for _ in range(children):
            people.append(person(len(people) + 1, "dependent_child", 0, 14))
        self.rows["people"].extend(people)
        return children

    def needs(self, ref: str, assessed: date, *, none: bool = False) -> None:
        """Support needs: about two households in five have none."""
        rng = self.rng
        chosen = ["none"] if none or rng.random() < 0.4 else rng.sample(NEEDS, rng.choice((1, 1, 2, 3)))
        self.rows["support_needs"].extend({"case_ref": ref, "support_need": need} for need in chosen)
