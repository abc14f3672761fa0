"""Invented households by route through the Act: histories for samples, tests and benchmarks. Nobody here is real."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import cycle

import polars as pl

from pipelines.synthesise.endings import ENDINGS, Ending, follow
from pipelines.synthesise.route_people import People, Row
from pipelines.synthesise.route_words import CODES_CHANGED, ENDING, OFFICERS, REASONS, ROUTES, TA_TYPES, TEAMS
from schemas.sections import SECTIONS


class _Maker(People):
    """Makes cases one by one."""

    def case(self, number: int, applied: date, route: str, ending: Ending | None = None) -> None:
        """One case along a route, cut off at the last day: what had not yet happened is open."""
        rng = self.rng
        ref = f"{self.authority}_{number:012d}"
        assessed = min(applied + self.days(0, 10), self.last_day)
        reason, last, current, sub = rng.choice(REASONS)
        children = self.household(ref, applied)
        main: Row = {
            "la_code": self.authority,
            "case_ref": ref,
            "application_date": applied,
            "referral": "no",
            "eligibility": "uk_roi_hr",
            "nationality": rng.choice(("GB", "GB", "GB", "PL", "NG", "IE")),
            "employment_applicant": rng.choice(("ft", "pt", "unemp_seek", "sick", "home", "nk")),
            "benefits": rng.choice(("uc", "hb;uc", "none", "pip_dla_aa;uc")),
            "officer": rng.choice(OFFICERS),
            "first_contact_date": applied - self.days(0, 14),
            "recorded_date": min(applied + self.days(0, 3), self.last_day),
            "local_ref": f"HS{number}",
        }
        main["team"] = rng.choice(TEAMS)
        self.rows["main"].append(main)
        if route == "advice_only":
            main |= {"advice_only": True, "last_activity_date": applied}
            self.needs(ref, assessed, none=True)
            return
        main["assess_date"] = assessed
        self.needs(ref, assessed)
        if route in {"not_threatened", "withdrew", "not_eligible"}:
            outcome = {
                "not_threatened": "not_threatened_56",
                "withdrew": "withdrew_before_assessment",
                "not_eligible": "not_eligible",
            }[route]
            if route == "not_eligible":
                main["eligibility"] = "ineligible"
            if assessed < CODES_CHANGED:
                outcome = "not_threatened_56"
                main["eligibility"] = "uk_roi_hr"
            main |= {"assess1": outcome, "last_activity_date": assessed, "closed_date": assessed}
            return
        main |= {
            "lastaccom": last,
            "currentaccom": "nfa" if current == "nfa_never_rough" and assessed < CODES_CHANGED else current,
            "reasonloss": self.code(reason, assessed),
            "reason_tenancy_end": self.code(sub, assessed) if sub else None,
            "local_connection": "other_la_england" if route == "relief_referral" else "residence",
            "php_date": assessed + self.days(0, 21),
        }
        if rng.random() < 0.06 and assessed >= date(2018, 10, 1):
            main |= {"referral": "dtr", "referral_body": rng.choice(("jcp", "prison_adult", "hospital", "probation"))}
        if main["php_date"] > self.last_day or rng.random() < 0.1:
            main["php_date"] = None
        if ending is None:
            last_event = self.duties(ref, main, route, assessed, children)
        else:
            last_event = follow(self, ref, main, ending, assessed, children)
        main["last_activity_date"] = min(last_event + self.days(0, 20), self.last_day)

    def closing(self, ref: str) -> None:
        """Assistance at closure, for each real need."""
        for row in reversed(self.rows["support_needs"]):
            if row["case_ref"] != ref:
                break
            if row["support_need"] not in {"none", "unknown"}:
                self.rows["assistance"].append(
                    {
                        "case_ref": ref,
                        "support_need": row["support_need"],
                        "assistance": self.rng.choice(("provided", "referred", "refused", "not_available")),
                    }
                )

    def duties(self, ref: str, main: Row, route: str, assessed: date, children: int) -> date:
        """Prevention, relief and main duty with placements; returns the day of the last event."""
        rng = self.rng
        start = assessed
        if route.startswith("prevention"):
            main["assess1"] = (
                "prevention_notice" if main["reasonloss"] == "prs_ast" and rng.random() < 0.5 else "prevention"
            )
            ended = self.prevention(ref, main, route, start)
            if ended is None or route != "prevention_to_relief":
                return ended or start
            start = ended
            route = rng.choice(
                ("relief_secured", "relief_other", "relief_open", "main_accepted", "main_no_priority_need")
            )
        else:
            main["assess1"] = "relief"
        return self.relief(ref, main, route, start, children)

    def prevention(self, ref: str, main: Row, route: str, start: date) -> date | None:
        """The prevention row; returns its end if that lies before the cut."""
        rng = self.rng
        row: Row = {"case_ref": ref, "prevention_start": start, "prevention_notified_date": start}
        self.rows["prevention"].append(row)
        outcome = {
            "prevention_existing": "secured_existing",
            "prevention_alternative": "secured_alternative",
            "prevention_to_relief": "homeless",
        }.get(route) or rng.choice(("contact_lost", "withdrew", "expired_56", "ineligible"))
        end = start + (self.days(57, 90) if outcome == "expired_56" else self.days(10, 80))
        if route == "prevention_open" or end > self.last_day:
            return None
        row |= {"prevention_end": end, "prevention_outcome": self.code(outcome, main["assess_date"])}
        if outcome in {"secured_existing", "secured_alternative"}:
            row["prevention_activity"] = rng.choice(
                ("secured_by_la", "mediation_eviction", "dhp", "helped_with_payment")
            )
            row["accom_pr"] = main["currentaccom"] if outcome == "secured_existing" else "prs_self"
            if row["accom_pr"] not in {"prs_self", "prs_hmo", "srs_council", "srs_rp", "family", "friends", "owner"}:
                row["accom_pr"] = "family"
        if outcome == "secured_alternative":
            row["prevention_accom_la"] = rng.choice((self.authority, self.authority, self.neighbour))
        if outcome == "homeless":
            row["accom_pr"] = main["currentaccom"]
        else:
            self.closing(ref)
            main["closed_date"] = end
        return end

    def relief(self, ref: str, main: Row, route: str, start: date, children: int) -> date:
        """The relief row and, after 56 days, the decision."""
        rng = self.rng
        row: Row = {"case_ref": ref, "relief_start": start, "relief_notified_date": start}
        self.rows["relief"].append(row)
        elapsed = route.startswith("main_")
        outcome = {"relief_secured": "secured", "relief_referral": "local_connection"}.get(route)
        outcome = "elapsed_56" if elapsed else outcome or rng.choice(("contact_lost", "withdrew", "ineligible"))
        end = start + (self.days(56, 75) if elapsed else self.days(5, 70))
        placed = rng.random() < (0.75 if elapsed else 0.25)
        if route == "relief_open" or end > self.last_day:
            if placed:
                self.stay(ref, start, None, "s188_1", children)
            return start
        row |= {"relief_end": end, "relief_outcome": self.code(outcome, main["assess_date"])}
        if outcome == "secured":
            row |= {
                "relief_activity": rng.choice(("secured_by_la", "supported_housing", "helped_with_payment", "other")),
                "relief_accom": rng.choice(("prs_self", "srs_rp", "srs_supported", "family")),
                "relief_accom_la": rng.choice((self.authority, self.authority, self.neighbour)),
            }
        if outcome == "local_connection":
            row["referred_la"] = self.neighbour
        if not elapsed:
            if placed:
                self.stay(ref, start, end, "s188_1", children)
            self.closing(ref)
            main["closed_date"] = end
            return end
        return self.decision(ref, main, route, start, end, placed, children)

    def decision(self, ref: str, main: Row, route: str, relief: date, ended: date, placed: bool, children: int) -> date:
        """The main duty decision and what follows it."""
        rng = self.rng
        day = ended + self.days(0, 20)
        if day > self.last_day:
            if placed:
                self.stay(ref, relief, None, "s188_1", children)
            return ended
        decision = {
            "main_accepted": "accepted",
            "main_intentional": "intentional",
            "main_no_priority_need": "no_priority_need",
            "main_not_homeless": "not_homeless",
        }[route]
        row: Row = {
            "case_ref": ref,
            "main_decision_date": day,
            "main_decision": decision,
            "main_decision_notified_date": day,
        }
        self.rows["final_duties"].append(row)
        if decision in {"accepted", "intentional"}:
            row["pneed"] = "children" if children else rng.choice(("mental", "physical", "da", "other"))
        last = day
        if decision == "accepted":
            end = day + self.days(30, 900)
            is_over = end <= self.last_day
            if is_over:
                outcome = rng.choice(("part6_accepted", "part6_accepted", "prs_accepted", "voluntary", "contact_lost"))
                row |= {"main_duty_end": end, "main_duty_outcome": outcome}
                if outcome in {"part6_accepted", "prs_accepted"}:
                    row |= {
                        "main_accom": "srs_council" if outcome == "part6_accepted" else "prs_self",
                        "main_accom_la": self.authority,
                    }
                self.closing(ref)
                main["closed_date"] = end
                last = end
            if placed:
                self.stay(ref, relief, day, "s188_1", children)
            if placed or rng.random() < 0.5:
                self.stay(ref, day, end if is_over else None, "s193_2", children, moves=True)
            elif not is_over:
                self.place(ref, day, None, "s193_2", "own")
        else:
            if placed:
                self.stay(ref, relief, day, "s188_1", children)
            self.closing(ref)
            main["closed_date"] = day
        if decision in {"intentional", "no_priority_need"} and rng.random() < 0.5:
            last = max(last, self.review(ref, day))
        return last

    def review(self, ref: str, decided: date) -> date:
        """A review of the decision, requested in time."""
        asked = decided + self.days(1, 20)
        if asked > self.last_day:
            return decided
        row: Row = {
            "case_ref": ref,
            "review_no": 1,
            "review_requested_date": asked,
            "decision_reviewed": "duty_owed",
            "decision_notified_date": decided,
            "review_due_date": asked + timedelta(days=56),
            "appeal": False,
        }
        self.rows["reviews"].append(row)
        done = asked + self.days(20, 70)
        if done <= self.last_day:
            row |= {
                "review_outcome_date": done,
                "review_outcome": self.rng.choice(("upheld", "overturned", "withdrawn")),
            }
            return done
        return asked

    def stay(self, ref: str, start: date, end: date | None, duty: str, children: int, *, moves: bool = False) -> None:
        """Placements that follow one another; now and then two at once for a large household."""
        rng = self.rng
        if moves and (end is None or (end - start).days > 60) and rng.random() < 0.4:
            middle = start + self.days(20, 55)
            if middle < (end or self.last_day):
                self.place(ref, start, middle, duty, rng.choice(TA_TYPES), reason="moved_ta")
                start = middle
        kind = rng.choice(TA_TYPES if duty == "s193_2" else (*TA_TYPES, "bb", "nightly"))
        self.place(ref, start, end, duty, kind)
        if children > 2 and rng.random() < 0.2:
            self.place(ref, start, end, duty, kind, second=True)

    def place(
        self,
        ref: str,
        start: date,
        end: date | None,
        duty: str,
        kind: str,
        *,
        reason: str = "ended_accommodation",
        second: bool = False,
    ) -> None:
        """One placement."""
        rng = self.rng
        number = sum(1 for row in self.rows["temporary_accommodation"][-8:] if row["case_ref"] == ref) + 1
        row: Row = {
            "case_ref": ref,
            "placement_no": number,
            "entry_date": start,
            "exit_date": end,
            "taduty": duty,
            "ta_type": kind,
            "ta_la": rng.choice((self.authority, self.authority, self.authority, self.neighbour)),
            "exit_reason": reason if end else None,
        }
        if kind != "own":
            site = rng.randint(1, 30)
            row |= {
                "placement_ref": f"PL{ref[-6:]}-{number}{'B' if second else ''}",
                "site": f"Site {site:02d}",
                "landlord": f"Landlord {site % 9 + 1}",
                "rate": round(rng.uniform(25, 110), 2),
                "bedrooms": rng.choice((1, 2, 2, 3)),
                "self_contained": kind in {"nightly", "psl", "la_ha"},
                "lha_area": "South West Essex",
                "cost_centre": f"CC{100 + TA_TYPES.index(kind)}",
                "invoice_number": f"INV{rng.randint(10000, 99999)}",
            }
        self.rows["temporary_accommodation"].append(row)


def make_cases(
    count: int,
    *,
    authority: str,
    neighbour: str,
    first_day: date,
    last_day: date,
    seed: int,
    first_number: int = 1,
    route_of: Callable[[int], str] | None = None,
) -> dict[str, pl.DataFrame]:
    """Invented cases along every route through the Act, to every ending.

    Args:
        count: number of cases; rows of the other sections come in proportion.
        authority: GSS code of the authority.
        neighbour: GSS code for placements and referrals out of the district.
        first_day: first day on which a household applies.
        last_day: day of the export; nothing is dated later.
        seed: same seed, same households.
        first_number: number of the first case.
        route_of: route of the n-th case (default: drawn by the weights of ``ROUTES``, and with ``ENDING`` of a hundred
            and twelve the next of ``ENDINGS``, so that no code of an ending is missing from some hundreds of cases).

    Returns:
        the nine sections by name, each with the columns of the catalogue.
    """
    maker = _Maker(authority, neighbour, last_day, seed)
    names, weights = [*ROUTES, ""], [*ROUTES.values(), ENDING]
    endings = cycle(ENDINGS)
    span = (last_day - first_day).days
    applied = sorted(first_day + timedelta(days=maker.rng.randint(0, span)) for _ in range(count))
    for index, day in enumerate(applied):
        route = route_of(index) if route_of else maker.rng.choices(names, weights)[0]
        maker.case(first_number + index, day, route, None if route else next(endings))
    return {
        section.name: pl.DataFrame(
            maker.rows[section.name],
            schema={column.name: column.dtype for column in section.columns},
            orient="row",
        ).sort(section.key)
        for section in SECTIONS
    }
