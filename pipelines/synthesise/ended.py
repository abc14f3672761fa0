"""Duties that ended and decisions made in a quarter: tables P1 to P5, R1 to R5, MD1 to MD3."""

from __future__ import annotations

import random

from pipelines.period import Quarter
from pipelines.synthesise import codes, likely
from pipelines.synthesise.case import Decision, Ending
from pipelines.synthesise.cells import OTHERS_CASES, Sheet
from pipelines.synthesise.deal import deal
from pipelines.synthesise.margins import base, deal_margin, margin
from schemas.codelists import codelist

_ACTIVITY = {
    "prevention": {"secured_by_la": 25.0, "helped_with_payment": 15.0, "mediation_eviction": 10.0, "none": 15.0}
    | {"helped_no_payment": 12.0, "supported_housing": 8.0, "mediation_family": 5.0, "dhp": 3.0, "other": 7.0},
    "relief": {"secured_by_la": 40.0, "supported_housing": 25.0, "helped_with_payment": 12.0, "none": 8.0}
    | {"helped_no_payment": 10.0, "other": 5.0},
}
_VULNERABLE = {
    "Old age": ("old_age",),
    "Physical": ("physical",),
    "Mental": ("mental",),
    "Young": ("young_16_17", "care_18_20", "care_18_20"),
    "Domestic": ("da",),
    "Other": (
        "other",
        "alcohol",
        "drug",
        "learning",
        "care",
        "custody",
        "hm_forces",
        "former_asylum",
        "violence_other",
    ),
}


def prevention_endings(sheet: Sheet, quarter: int, rng: random.Random) -> list[Ending]:
    """One ending for each household of P1."""
    counts = margin(sheet, "P1", base(sheet, "P1"), "P1", rng) or {}
    outcomes = [codes.prevention_outcome(path) for path, n in counts.items() for _ in range(n)]
    endings = [Ending(quarter, outcome) for outcome in outcomes]
    _secured(sheet, endings, "P", "prevention", "P1: Total secured accommodation", rng)
    moved = [e for e in endings if e.outcome == "secured_alternative"]
    _places(sheet, "P4", moved, "P1: Moved to alternative accommodation", rng)
    return endings


def relief_endings(sheet: Sheet, quarter: int, rng: random.Random) -> list[Ending]:
    """One ending for each household of R1."""
    counts = margin(sheet, "R1", base(sheet, "R1"), "R1", rng) or {}
    outcomes = [codes.relief_outcome(path) for path, n in counts.items() for _ in range(n)]
    endings = [Ending(quarter, outcome) for outcome in outcomes]
    _secured(sheet, endings, "R", "relief", "R1: Secured accommodation for 6+ months", rng)
    _places(sheet, "R4", [e for e in endings if e.is_secured], "R1: Secured accommodation for 6+ months", rng)
    return endings


def _secured(sheet: Sheet, endings: list[Ending], letter: str, duty: str, basis: str, rng: random.Random) -> None:
    secured = [e for e in endings if e.is_secured]
    n = len(secured)
    counts = margin(sheet, f"{letter}3", n, basis, rng)
    dealt = deal_margin(
        rng,
        [e.outcome for e in secured],
        counts,
        lambda p: codes.activity(p, rng),
        likely.activity_for_outcome,
        _ACTIVITY[duty],
    )
    for ending, path in zip(secured, dealt, strict=True):
        ending.activity = path if counts is None else codes.activity(path, rng)
        if duty == "prevention" and ending.activity == "mediation_landlord":
            ending.activity = "mediation_eviction"
    counts = margin(sheet, f"{letter}2", n, basis, rng)
    keys = [(e.outcome, e.activity or "nk") for e in secured]
    dealt = deal_margin(
        rng,
        keys,
        counts,
        lambda p: codes.accommodation(p, rng),
        likely.accommodation_for,
        {"prs_self": 40.0, "srs_rp": 20.0, "srs_council": 12.0, "srs_supported": 18.0, "family": 8.0, "nk": 2.0},
    )
    for ending, path in zip(secured, dealt, strict=True):
        ending.accommodation = path if counts is None else codes.accommodation(path, rng)
    counts = margin(sheet, f"{letter}5", n, basis, rng)
    if counts is not None:
        for ending, path in zip(secured, deal(rng, [0] * n, counts), strict=True):
            ending.household = codes.household(path)


def region_of(code: str) -> str | None:
    """Region of an authority, by its name."""
    known = codelist("authority").codes.get(code)
    return None if known is None else known.extra.get("region") or None


def authorities_of(region: str, but: str) -> list[str]:
    """Current English authorities of a region, without one and without those that share its successor."""
    every = codelist("authority").codes
    own = every[but].extra.get("active_code") if but in every else but
    return [
        code
        for code, entry in every.items()
        if entry.extra.get("region") == region
        and code.startswith("E0")
        and entry.extra.get("active_code") == code
        and code != own
    ]


REGIONS = (
    "North East",
    "North West",
    "Yorkshire and The Humber",
    "East Midlands",
    "West Midlands",
    "East of England",
    "London",
    "South East",
    "South West",
)
ELSEWHERE = ("W92000004", "S92000003", "nk")


def _places(sheet: Sheet, table: str, endings: list[Ending], basis: str, rng: random.Random) -> None:
    own = sheet.authority
    region = region_of(own) or "London"
    near = authorities_of(region, own) or [own]
    far = [code for name in REGIONS if name != region for code in authorities_of(name, own)]
    counts = margin(sheet, table, len(endings), basis, rng, skip=lambda p: p == OTHERS_CASES)
    if counts is None:
        for ending in endings:
            draw = rng.random()
            ending.authority = own if draw < 0.85 else rng.choice(near) if draw < 0.95 else rng.choice(far)
        return
    for ending, path in zip(endings, deal(rng, [0] * len(endings), counts), strict=True):
        if "Same" in path:
            ending.authority = own
        elif "same region" in path:
            ending.authority = rng.choice(near)
        elif "Another region" in path:
            ending.authority = rng.choice(far)
        else:
            ending.authority = "nk"


def decisions(sheet: Sheet, quarter: int, rng: random.Random) -> list[Decision]:
    """One decision for each household of MD1; acceptances carry the priority need of MD3."""
    counts = margin(sheet, "MD1", base(sheet, "MD1"), "MD1", rng) or {}
    made = [Decision(quarter, codes.decision(path)) for path, n in counts.items() for _ in range(n)]
    accepted = [d for d in made if d.decision == "accepted"]
    needs = margin(sheet, "MD3", len(accepted), "MD1: acceptance", rng) or {}
    for made_one, path in zip(accepted, deal(rng, [0] * len(accepted), needs), strict=True):
        made_one.pneed, made_one.family = _priority_need(path, sheet.quarter, rng)
    for made_one in made:
        if made_one.decision == "intentional":
            made_one.family = rng.random() < 0.5
            made_one.pneed = "children" if made_one.family else rng.choice(("physical", "mental"))
    return made


def _priority_need(path: str, quarter: Quarter, rng: random.Random) -> tuple[str, bool]:
    label = path.rsplit(" > ", 1)[-1]
    if label.startswith("Household includes dependent"):
        return "children", True
    if label.startswith("Household includes children"):
        return rng.choice(("physical", "mental", "da")), True
    if label.startswith("Household includes a pregnant"):
        return "pregnant", False
    if label.startswith("Homeless because"):
        return "emergency", False
    choices = next(value for start, value in _VULNERABLE.items() if label.startswith(start))
    return rng.choice(choices), False


def main_endings(sheet: Sheet, quarter: int, rng: random.Random) -> list[Ending]:
    """One ending for each household of MD2."""
    counts = margin(sheet, "MD2", base(sheet, "MD2"), "MD2", rng) or {}
    return [Ending(quarter, codes.main_outcome(path, rng)) for path, n in counts.items() for _ in range(n)]
