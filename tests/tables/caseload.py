"""Random households of every shape, lawful or not: the sums of the tables must hold on all of them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from pipelines.period import Quarter
from schemas.codelists import codelist
from tests.transform.warehouse import LA

HOSTS = (LA, LA, LA, "E09000025", "E06000033", "E07000066", "W06000015", "S92000003", "nk", None)


def caseload(seed: int, quarter: Quarter, cases: int) -> dict[str, list[dict[str, Any]]]:
    """Sections of ``cases`` random cases around a quarter; the same seed gives the same rows."""
    return _Caseload(random.Random(seed), quarter).sections(cases)


class _Caseload:
    def __init__(self, rng: random.Random, quarter: Quarter) -> None:
        self.rng = rng
        self.quarter = quarter

    def pick(self, name: str, missing: float = 0.1) -> str | None:
        if self.rng.random() < missing:
            return None
        return self.rng.choice(list(codelist(name).codes))

    def day(self, back: int = 150, on: int = 20) -> date:
        return self.quarter.last_day + timedelta(days=self.rng.randint(-back, on))

    def after(self, start: date, chance: float = 0.6) -> date | None:
        return start + timedelta(days=self.rng.randint(0, 120)) if self.rng.random() < chance else None

    def sections(self, cases: int) -> dict[str, list[dict[str, Any]]]:
        rows: dict[str, list[dict[str, Any]]] = {
            name: []
            for name in (
                "main",
                "people",
                "support_needs",
                "prevention",
                "relief",
                "final_duties",
                "temporary_accommodation",
                "reviews",
            )
        }
        for number in range(1, cases + 1):
            self.case(number, rows)
        return rows

    def case(self, number: int, rows: dict[str, list[dict[str, Any]]]) -> None:
        rng = self.rng
        applied = self.day(back=200)
        rows["main"].append(
            {
                "la_code": LA,
                "case_ref": number,
                "application_date": applied,
                "assess_date": self.after(applied, 0.95),
                "legacy": rng.random() < 0.1,
                **{
                    name: self.pick(codes)
                    for name, codes in {
                        "assess1": "assess1",
                        "referral": "referral",
                        "referral_body": "referral_body",
                        "eligibility": "eligibility",
                        "nationality": "nationality",
                        "currentaccom": "accommodation",
                        "reasonloss": "reasonloss",
                        "reason_tenancy_end": "reason_tenancy_end",
                        "employment_applicant": "employment",
                    }.items()
                },
            }
        )
        self.people(number, rows)
        for need in rng.sample(list(codelist("support_need").codes), rng.choice((0, 0, 1, 1, 2, 3, 6))):
            rows["support_needs"].append({"case_ref": number, "support_need": need})
        start = applied + timedelta(days=rng.randint(0, 30))
        if rng.random() < 0.5:
            rows["prevention"].append(
                {
                    "case_ref": number,
                    "prevention_start": start,
                    "prevention_end": self.after(start),
                    "prevention_outcome": self.pick("prevention_outcome"),
                    "prevention_activity": self.pick("prevention_activity"),
                    "accom_pr": self.pick("accommodation"),
                    "prevention_accom_la": rng.choice(HOSTS),
                }
            )
        if rng.random() < 0.5:
            rows["relief"].append(
                {
                    "case_ref": number,
                    "relief_start": start,
                    "relief_end": self.after(start),
                    "relief_outcome": self.pick("relief_outcome"),
                    "relief_activity": self.pick("relief_activity"),
                    "relief_accom": self.pick("accommodation"),
                    "relief_accom_la": rng.choice(HOSTS),
                }
            )
        if rng.random() < 0.4:
            decided = self.day()
            rows["final_duties"].append(
                {
                    "case_ref": number,
                    "main_decision_date": decided,
                    "main_decision": rng.choice(("accepted", "accepted", self.pick("main_decision", 0))),
                    "pneed": self.pick("pneed"),
                    "main_duty_end": self.after(decided),
                    "main_duty_outcome": self.pick("main_duty_outcome"),
                }
            )
        for placement in range(1, rng.choice((0, 0, 1, 1, 2, 4)) + 1):
            entered = self.day(back=rng.choice((60, 400, 3000)))
            rows["temporary_accommodation"].append(
                {
                    "case_ref": number,
                    "placement_no": placement,
                    "entry_date": entered,
                    "exit_date": self.after(entered, 0.4),
                    "taduty": self.pick("taduty"),
                    "ta_type": self.pick("ta_type", 0.02),
                    "ta_la": rng.choice(HOSTS),
                }
            )
        if rng.random() < 0.2:
            asked = self.day()
            rows["reviews"].append(
                {
                    "case_ref": number,
                    "review_no": 1,
                    "review_requested_date": asked,
                    "decision_reviewed": "suitability",
                    "review_outcome_date": self.after(asked),
                    "appeal": rng.choice((True, False, None)),
                }
            )

    def people(self, number: int, rows: dict[str, list[dict[str, Any]]]) -> None:
        rng = self.rng
        first = rng.choice(("main_applicant",) * 9 + ("other_adult",))
        relations = [
            first,
            *rng.choices(("partner", "dependent_child", "other_adult", "other_child"), k=rng.randint(0, 4)),
        ]
        for person, relationship in enumerate(relations, start=1):
            born = self.quarter.last_day - timedelta(days=rng.randint(-10, 33000 if person == 1 else 9000))
            rows["people"].append(
                {
                    "case_ref": number,
                    "person_no": person,
                    "relationship": relationship,
                    "date_of_birth": born if rng.random() < 0.9 else None,
                    "sex": self.pick("sex"),
                    "ethnicity": self.pick("ethnicity"),
                    "sexual_orientation": self.pick("sexual_orientation"),
                    "gender_identity": self.pick("gender_identity"),
                    "dependent": rng.choice((True, False, None)),
                }
            )
