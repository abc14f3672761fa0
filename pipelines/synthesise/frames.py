"""The nine sections of the return, from the cases."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import polars as pl

from pipelines.synthesise.calendar import DAYS
from pipelines.synthesise.case import Case
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.household import finish_people
from pipelines.synthesise.names import LANDLORDS, PROVIDERS, SITES, TEAMS
from schemas.sections import SECTIONS, Section

Row = dict[str, object]
_LAST_SETTLED = {
    "prs_ast": ("prs_self", "prs_self", "prs_hmo", "prs_lodging"),
    "prs_non_ast": ("prs_hmo", "prs_lodging", "prs_self"),
    "srs": ("srs_council", "srs_rp"),
    "supported": ("srs_supported",),
    "mortgage": ("owner",),
    "tied": ("tied",),
    "hm_forces": ("armed_forces",),
    "family_friends": ("family", "family", "friends"),
    "asylum": ("nk",),
}
_SETTLED = frozenset(
    {"prs_self", "prs_hmo", "prs_lodging", "srs_council", "srs_rp", "srs_supported", "owner", "tied"}
    | {"armed_forces", "student", "caravan", "family", "friends"}
)
_RATES = {"bb": 68.0, "nightly": 62.0, "hostel": 38.0, "psl": 41.0, "la_ha": 24.0, "other": 45.0, "own": 0.0}
_BENEFITS = ("uc", "uc", "uc;hb", "uc;pip_dla_aa", "esa", "none", "uc;carers", "hb", "nk")
_EPOCH = date(1970, 1, 1).toordinal()
_CONNECTIONS = ("residence",) * 12 + ("family", "family", "employment", "special", "none", "nk")


def sections(cases: list[Case], authority: str, last_day: date, seed: int) -> dict[str, pl.DataFrame]:
    """One frame a section, in the catalogue's columns and types, sorted by key.

    ``last_day`` is the day on which the export is taken: no date lies after it.
    """
    rng = Draws(seed * 7919 + 17)
    ordered = sorted(cases, key=lambda case: (case.applied_on or last_day, case.assess1 or ""))
    rows: dict[str, list[Row]] = {section.name: [] for section in SECTIONS}
    for number, case in enumerate(ordered, start=1):
        writer = _Writer(case, authority, f"{authority}_{number:012d}", last_day, rng)
        writer.write(rows, number)
    return {section.name: _frame(section, rows[section.name]) for section in SECTIONS}


def _frame(section: Section, rows: list[Row]) -> pl.DataFrame:
    columns = []
    for column in section.columns:
        name = column.name
        values: list[Any] = [row.get(name) for row in rows]
        if column.dtype == pl.Date:
            # Polars takes numbers of days three times as fast as dates.
            days = [None if day is None else day.toordinal() - _EPOCH for day in values]
            columns.append(pl.Series(name, days, dtype=pl.Int32).cast(pl.Date))
        else:
            columns.append(pl.Series(name, values, dtype=column.dtype))
    return pl.DataFrame(columns).sort(list(section.key))


class _Writer:
    def __init__(self, case: Case, authority: str, ref: str, last_day: date, rng: random.Random) -> None:
        self.case = case
        self.authority = authority
        self.ref = ref
        self.last = last_day
        self.rng = rng

    def write(self, rows: dict[str, list[Row]], number: int) -> None:
        """Append the case's rows."""
        case = self.case
        finish_people(case, number, self.rng)
        closed = self._closed()
        rows["main"].append(self._main(number, closed))
        rows["people"] += [{"case_ref": self.ref, **person} for person in case.people]
        needs = case.needs if case.needs is not None else self._needs()
        rows["support_needs"] += [{"case_ref": self.ref, "support_need": need} for need in needs]
        if case.prevention and case.prevention_start is not None:
            rows["prevention"].append(self._prevention())
        if case.relief and case.relief_start is not None:
            rows["relief"].append(self._relief())
        if case.decision is not None and case.decision.day is not None:
            rows["final_duties"].append(self._final())
        if closed is not None:
            rows["assistance"] += [self._assistance(need) for need in needs if need not in {"none", "unknown"}]
        rows["temporary_accommodation"] += self._placements(number)
        for place, review in enumerate(case.reviews, start=1):
            rows["reviews"].append({"case_ref": self.ref, "review_no": place, "appeal": False, **review})

    def _soon(self, day: date | None, most: int) -> date | None:
        if day is None:
            return None
        soon = day + DAYS[self.rng.randint(0, most)]
        return soon if soon < self.last else self.last

    def _closed(self) -> date | None:
        case = self.case
        if case.decision is not None:
            if case.decision.decision == "accepted":
                return None if case.main_end is None else case.main_end.day
            return case.decision.day
        if case.relief and case.relief_start is not None:
            ended = case.relief_end
            return None if ended is None or ended.outcome == "elapsed_56" else ended.day
        if case.prevention and case.prevention_end is not None:
            goes_on = case.prevention_end.outcome in {"homeless", "refused_accom", "refused_coop"}
            return None if goes_on else case.prevention_end.day
        if case.assess1 is not None and case.duty is None:
            return case.assessed_on
        return None

    def _needs(self) -> list[str]:
        draw = self.rng.random()
        if draw < 0.45:
            return ["none"]
        return sorted(self.rng.sample(("mental", "physical", "domestic_abuse", "drug", "offending"), 1 + (draw > 0.8)))

    def _main(self, number: int, closed: date | None) -> Row:
        case, rng = self.case, self.rng
        owed = case.duty is not None
        reason = case.reason or (rng.choice(("family_friends", "prs_ast", "da_victim", "nk")) if owed else None)
        if (
            case.reason is None
            and owed
            and reason == "da_victim"
            and (case.assessed_on or self.last) < date(2023, 4, 1)
        ):
            reason = "da"
        tenancy = case.tenancy_end or ("other_nk" if reason == "prs_ast" else None)
        current = case.current or (rng.choice(("family", "friends", "prs_self")) if owed else None)
        has_partner = any(p["relationship"] == "partner" for p in case.people)
        officer = 1 + number % 14
        activity = max(d for d in (case.applied_on, case.assessed_on, closed) if d is not None)
        return {
            "la_code": self.authority,
            "case_ref": self.ref,
            "application_date": case.applied_on,
            "assess_date": case.assessed_on,
            "assess1": case.assess1,
            "referral": case.referral or ("no" if case.assess1 else None),
            "referral_body": case.body,
            "eligibility": case.eligibility or "uk_roi_hr",
            "nationality": case.nationality or "GB",
            "lastaccom": self._last_settled(reason, current) if owed else None,
            "currentaccom": current,
            "reasonloss": reason,
            "reason_tenancy_end": tenancy,
            "local_connection": self._connection() if owed else None,
            "employment_applicant": case.employment
            or (rng.choice(("ft", "pt", "unemp_reg", "sick")) if owed else None),
            "employment_partner": rng.choice(("ft", "pt", "home", "unemp_seek")) if has_partner and owed else None,
            "benefits": rng.choice(_BENEFITS) if owed else None,
            "php_date": self._soon(case.assessed_on, 12) if owed else None,
            "local_ref": f"HX{number:06d}",
            "officer": f"OFF{officer:02d}",
            "team": TEAMS[officer % len(TEAMS)],
            "previous_officer": f"OFF{1 + (officer + 4) % 14:02d}" if number % 9 == 0 else None,
            "officer_since": self._soon(case.applied_on, 30) if number % 9 == 0 else case.applied_on,
            "first_contact_date": (case.applied_on or self.last) - DAYS[rng.randint(0, 6)],
            "last_activity_date": self._soon(activity, 20),
            "recorded_date": self._soon(case.applied_on, 4),
            "assess_notified_date": self._soon(case.assessed_on, 6),
            "closed_date": closed,
            "advice_only": False,
            "legacy": case.legacy,
        }

    def _connection(self) -> str:
        ended = self.case.relief_end
        if ended is not None and ended.outcome == "local_connection":
            return "other_la_england"
        if self.case.referral == "other_la":
            return "residence"
        return self.rng.choice(_CONNECTIONS)

    def _last_settled(self, reason: str | None, current: str | None) -> str:
        allowed = _LAST_SETTLED.get(reason or "nk")
        if current in _SETTLED and (allowed is None or current in allowed):
            return str(current)
        if allowed is not None:
            return "nk" if current in _SETTLED else self.rng.choice(allowed)
        return self.rng.choice(("prs_self", "family", "nk", "srs_council"))

    def _prevention(self) -> Row:
        case, end = self.case, self.case.prevention_end
        row: Row = {
            "case_ref": self.ref,
            "prevention_start": case.prevention_start,
            "prevention_notified_date": self._soon(case.prevention_start, 5),
        }
        if end is not None:
            accommodation = end.accommodation
            if end.outcome == "homeless":
                accommodation = self.rng.choice(("family", "friends"))
            row |= {
                "prevention_end": end.day,
                "prevention_outcome": end.outcome,
                "prevention_activity": end.activity,
                "accom_pr": accommodation,
                "prevention_accom_la": end.authority if end.outcome == "secured_alternative" else None,
                "prevention_end_notified_date": self._soon(end.day, 5),
            }
        return row

    def _relief(self) -> Row:
        case, end = self.case, self.case.relief_end
        row: Row = {
            "case_ref": self.ref,
            "relief_start": case.relief_start,
            "relief_notified_date": self._soon(case.relief_start, 5),
        }
        if end is not None:
            row |= {
                "relief_end": end.day,
                "relief_outcome": end.outcome,
                "relief_activity": end.activity,
                "relief_accom": end.accommodation,
                "relief_accom_la": end.authority if end.is_secured else None,
                "referred_la": self._referred() if end.outcome == "local_connection" else None,
                "relief_end_notified_date": self._soon(end.day, 5),
            }
        return row

    def _referred(self) -> str:
        return "E09000025" if self.authority != "E09000025" else "E09000030"

    def _final(self) -> Row:
        case, decision, end = self.case, self.case.decision, self.case.main_end
        assert decision is not None
        row: Row = {
            "case_ref": self.ref,
            "main_decision_date": decision.day,
            "main_decision": decision.decision,
            "pneed": decision.pneed,
            "main_decision_notified_date": self._soon(decision.day, 5),
        }
        if end is not None:
            accepted = end.outcome in {"part6_accepted", "prs_accepted", "rp_accepted"}
            homes = {"part6_accepted": "srs_council", "prs_accepted": "prs_self", "rp_accepted": "srs_rp"}
            row |= {
                "main_duty_end": end.day,
                "main_duty_outcome": end.outcome,
                "main_accom": homes.get(end.outcome),
                "main_accom_la": self.authority if accepted else None,
                "main_duty_end_notified_date": self._soon(end.day, 5),
            }
        del case
        return row

    def _assistance(self, need: str) -> Row:
        answer = self.rng.choice(("provided", "referred", "referred", "refused", "not_available"))
        provider = self.rng.choice(PROVIDERS) if answer in {"provided", "referred"} else None
        return {"case_ref": self.ref, "support_need": need, "assistance": answer, "provider": provider}

    def _placements(self, number: int) -> list[Row]:
        rng = self.rng
        rows: list[Row] = []
        bedrooms = min(max(1, sum(p["relationship"] == "dependent_child" for p in self.case.people)), 4)
        for place, placement in enumerate(self.case.placements, start=1):
            own = placement.kind == "own"
            rows.append(
                {
                    "case_ref": self.ref,
                    "placement_no": place,
                    "entry_date": placement.entry,
                    "exit_date": placement.exit,
                    "taduty": placement.duty,
                    "ta_type": placement.kind,
                    "ta_la": placement.authority,
                    "exit_reason": placement.exit_reason,
                    "placement_ref": f"PL{number:06d}-{place}",
                    "site": None if own else rng.choice(SITES),
                    "landlord": None if own else rng.choice(LANDLORDS),
                    "rate": None if own else round(_RATES[placement.kind] + 6.0 * bedrooms + rng.randint(-5, 8), 2),
                    "bedrooms": None if own else bedrooms,
                    "self_contained": None if own else placement.kind not in {"bb", "hostel"},
                    "lha_area": None if own else f"Area {1 + number % 3}",
                    "cost_centre": None if own else f"TA{10 + number % 5}",
                    "invoice_number": None if own else f"INV{number:06d}{place}",
                }
            )
        return rows
