"""Who is in temporary accommodation: duty (TA3), age (TA5), ethnicity (TA6), children (TA1, TA8), place (TA9)."""

from __future__ import annotations

import random

from pipelines.settings import Settings
from pipelines.synthesise import codes, likely
from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.deal import deal, split
from pipelines.synthesise.ended import ELSEWHERE, REGIONS, authorities_of, region_of
from pipelines.synthesise.margins import deal_margin, margin
from pipelines.synthesise.stock import Stock

ALL_PLACEMENTS = Settings().bb_all_placements_from
_GROUPS = {
    "Section 193": "s193",
    "Interim": "interim",
    "Section 189B": "s189b",
    "Duty ended": "ended",
    "Duty not": "unknown",
}
AGES = {"18-24": 12.0, "25-34": 32.0, "35-44": 30.0, "45-54": 15.0, "55-64": 8.0, "65-74": 3.0}
BEFORE_TA3 = {"s193": 65.0, "interim": 35.0}


def group_of(path: str) -> str:
    """Duty group of a column of TA3."""
    return next((g for start, g in _GROUPS.items() if path.startswith(start)), path)


def describe(sheet: Sheet, stock: Stock, rows: list[Stay], rng: random.Random) -> None:
    """Give every stay the rest of what the TA tables count."""
    placed = [row for row in rows if row.kind != "own"]
    own = [row for row in rows if row.kind == "own"]
    _duties(sheet, placed, rng)
    for row in own:
        row.duty = "s193"
    _ages(sheet, stock, placed, rng)
    for row in own:
        row.age = rng.choices(list(AGES), list(AGES.values()))[0]
    _ethnicity(sheet, placed, own, rng)
    _children(sheet, stock, placed, own, rng)
    regions(sheet, rows, rng)
    six_weeks(sheet, stock, placed, rng)


def _duties(sheet: Sheet, rows: list[Stay], rng: random.Random) -> None:
    counts = margin(sheet, "TA3", len(rows), "TA1: total", rng)
    if counts is None:
        counts = dict(zip(BEFORE_TA3, split(len(rows), list(BEFORE_TA3.values()), rng), strict=True))
    keys = [(row.household in codes.FAMILIES, row.kind) for row in rows]
    dealt = deal(rng, keys, counts, lambda key, path: likely.duty_for(key, group_of(path)))
    for row, path in zip(rows, dealt, strict=True):
        row.duty = group_of(path)


def _ages(sheet: Sheet, stock: Stock, rows: list[Stay], rng: random.Random) -> None:
    young = min(stock.young or 0, sum(row.kind == "bb" for row in rows))
    counts = margin(sheet, "TA5", len(rows), "TA1: total", rng)
    if counts is None:
        counts = dict(zip(AGES, split(len(rows) - young, list(AGES.values()), rng), strict=True))
        counts["16-17"] = young
    if counts.get("16-17", 0) < young:
        path = sheet.find("TA5", "16-17") or "16-17"
        sheet.clash("TA1", "16/17", young, counts["16-17"], "more than TA5 has of 16 and 17", [f"TA5: {path}"])
        young = counts.get("16-17", 0)
    bb = [row for row in rows if row.kind == "bb"]
    bb.sort(key=lambda row: (row.household in codes.FAMILIES, rng.random()))
    for row in bb[:young]:
        row.is_young = True
        row.age = "16-17"
    rest = dict(counts)
    rest["16-17"] = rest.get("16-17", 0) - young
    shown = stock.young is not None
    others = [row for row in rows if not row.is_young]
    keys = [(row.household, row.kind, row.days < 300) for row in others]

    def weight(key: tuple[str, str, bool], band: str) -> float:
        if band == "16-17" and ((key[1] == "bb" and shown) or not key[2]):
            return 1e-9
        return likely.age_for_household(key[0], band)

    dealt = deal_margin(rng, keys, rest, lambda p: p, weight)
    for row, band in zip(others, dealt, strict=True):
        row.age = band if band in codes.AGES else "nk"
    if shown:
        _swap_young(others)


def _swap_young(rows: list[Stay]) -> None:
    """No 16 or 17 year old in bed and breakfast beyond those that TA1 counts."""
    wrong = [row for row in rows if row.kind == "bb" and row.age == "16-17"]
    free = [row for row in rows if row.kind != "bb" and row.age != "16-17"]
    for row, other in zip(wrong, free, strict=False):
        row.age, other.age = other.age, row.age


def _ethnicity(sheet: Sheet, rows: list[Stay], own: list[Stay], rng: random.Random) -> None:
    table = "TA6" if sheet.paths("TA6") else "A8"
    if table == "TA6":
        counts = margin(sheet, "TA6", len(rows), "TA1: total", rng)
        dealt = deal_margin(rng, [0] * len(rows), counts, codes.ethnicity)
        for row, path in zip(rows, dealt, strict=True):
            row.ethnicity = codes.ethnicity(path)
    weights = usual_ethnicity(sheet)
    for row in [*own, *(r for r in rows if r.ethnicity is None)]:
        row.ethnicity = rng.choices(list(weights), list(weights.values()))[0]


def usual_ethnicity(sheet: Sheet) -> dict[str, float]:
    """How likely each ethnic group is for a household that no table describes: as TA6, else A8, has it."""
    table = "TA6" if sheet.paths("TA6") else "A8"
    weights = {}
    for path in sheet.paths(table)[1:]:
        label = path.rsplit(" > ", 1)[-1]
        if not label.startswith("Total"):
            weights[codes.ethnicity(path)] = float(sheet.count(table, path) or 0) + 0.01
    if not weights:
        weights = {"white_british": 70.0, "black_african": 8.0, "nk": 8.0, "asian_bangladeshi": 5.0}
    return weights


def _children(sheet: Sheet, stock: Stock, rows: list[Stay], own: list[Stay], rng: random.Random) -> None:
    families = [row for row in rows if row.household in codes.FAMILIES]
    extra = max(stock.children - len(families), 0)
    if stock.children < len(families):
        sheet.clash(
            "TA1",
            sheet.find("TA1", "Total number of children") or "",
            stock.children,
            len(families),
            "fewer children than families",
            ["TA1: Total number of households in TA with children"],
        )
    for row in families:
        row.children = 1
    if families:
        for _ in range(extra):
            row = rng.choice(families)
            if row.children >= 5:
                row = rng.choice(families)
            row.children += 1
    for row in own:
        if row.household in codes.FAMILIES:
            row.children = rng.choice((1, 1, 2, 2, 3))
            row.minors = [(rng.randint(0, 16), True) for _ in range(row.children)]
    _minors(sheet, rows, families, rng)


def _minors(sheet: Sheet, rows: list[Stay], families: list[Stay], rng: random.Random) -> None:
    applicants = [row for row in rows if row.age == "16-17"]
    dependants = sum(row.children for row in families)
    paths = sheet.paths("TA8")
    total = sheet.count("TA8", paths[0]) if paths else None
    if total is None:
        total = dependants + len(applicants)
    counts = margin(sheet, "TA8", total, "TA8", rng)
    if counts is None:
        counts = dict(zip(map(str, range(18)), split(total, [9.0] * 6 + [7.0] * 6 + [5.0] * 6, rng), strict=True))
        missing = len(applicants) - counts["16"] - counts["17"]
        for age in range(16):
            moved = min(max(missing, 0), counts[str(age)])
            counts[str(age)] -= moved
            counts["17"] += moved
            missing -= moved
    ages = {int(path.rsplit(" ", 1)[-1]): n for path, n in counts.items()}
    for row in applicants:
        years = [age for age in (17, 16) if ages.get(age, 0) > 0]
        row.own_age = rng.choice(years) if years else 17
        if years:
            ages[row.own_age] -= 1
    pool = [age for age, n in ages.items() for _ in range(n)]
    rng.shuffle(pool)
    surplus = len(pool) - dependants
    seats = [row for row in families for _ in range(row.children)]
    rng.shuffle(seats)
    if surplus > 0:
        _not_dependent(pool, surplus, rows, rng)
    for row, age in zip(seats, pool, strict=False):
        row.minors.append((age, True))
    for row in seats[len(pool) :]:
        row.grown += 1


def _not_dependent(pool: list[int], surplus: int, rows: list[Stay], rng: random.Random) -> None:
    """Take members under 18 who are no dependants out of the pool: a third adult of 16 or 17, else a child."""
    adults = [row for row in rows if row.household.startswith("three_adults")]
    anyone = [row for row in rows if row.household != "nk"] or rows
    pool.sort()
    for _ in range(surplus):
        if adults and pool[-1] >= 16 and not rng.randrange(3):
            adults.pop().minors.append((pool.pop(), False))
            continue
        age = pool.pop(0)
        if age >= 16 and adults:
            adults.pop().minors.append((age, False))
        else:
            rng.choice(anyone).minors.append((age, False))
    rng.shuffle(pool)


def regions(sheet: Sheet, rows: list[Stay], rng: random.Random) -> None:
    """The district of every household, so that TA9 comes out as printed."""
    away = [row for row in rows if row.away]
    rng.shuffle(away)
    spots = regions_sent_to(sheet, len(away), rng)
    hosts = {name: authorities_of(name, sheet.authority) for name in REGIONS}
    for row, name in zip(away, spots, strict=False):
        row.region = name
        row.authority = rng.choice(hosts[name])
    for row in away[len(spots) :]:
        row.authority = rng.choice(ELSEWHERE)
    for row in rows:
        if not row.away:
            row.authority = sheet.authority


def regions_sent_to(sheet: Sheet, away: int, rng: random.Random) -> list[str]:
    """A region for each of so many households in another district; fewer where some are outside England."""
    own = region_of(sheet.authority) or "London"
    printed = [sheet.get("TA9", f"Sent to: {name}") for name in REGIONS]
    if any(n is None for n in printed):
        near = round(0.8 * away)
        return [own] * near + [rng.choice(REGIONS) for _ in range(away - near)]
    spots = [name for name, n in zip(REGIONS, printed, strict=True) for _ in range(n or 0)]
    for name in REGIONS if len(spots) > away else ():
        over = spots.count(name) - sum(1 for s in spots[:away] if s == name)
        path = sheet.find("TA9", f"Sent to: {name}")
        if over and path is not None:
            sheet.clash(
                "TA9",
                path,
                spots.count(name),
                spots.count(name) - over,
                "more than sent away",
                ["TA1: In TA in another local authority district"],
            )
    return spots[:away]


def six_weeks(sheet: Sheet, stock: Stock, rows: list[Stay], rng: random.Random) -> None:
    """Which families have been in bed and breakfast for over six weeks, and which of them await a review."""
    families = [row for row in rows if row.kind == "bb" and row.household in codes.FAMILIES]
    over = stock.over_six_weeks
    if over is None:
        over = sum(row.days > 42 for row in families)
    if over > len(families):
        path = next(p for p in sheet.paths("TA1") if p.endswith("more than 6 weeks"))
        sheet.clash("TA1", path, over, len(families), "more than the families in bed and breakfast", ["TA1"])
        over = len(families)
    settled = bool(sheet.paths("TA4"))
    adds_up = sheet.quarter.first_day >= ALL_PLACEMENTS

    def nights(row: Stay) -> int:
        """Where no duration is printed, those who are there in this quarter only can have been there longer."""
        can_be_longer = not settled and row.later is None and not row.stayed
        return max(row.days, 43) if can_be_longer else row.days

    def key(row: Stay) -> tuple[bool, int, int, float]:
        # Before April 2024 only nights of the placement itself count; since then an earlier one can have had the rest.
        too_short = not adds_up and nights(row) <= 42
        return too_short, _ends_six_weeks(row), -nights(row), rng.random()

    ranked = sorted(families, key=key)
    for row in ranked[:over]:
        row.over_six_weeks = True
        if row.days <= 42 and not settled and row.later is None and not row.stayed:
            row.days = rng.randint(43, 88)
    # A duty that a decided review has ended does not go with another review that is open.
    waiting = sorted(ranked[:over], key=lambda row: row.duty == "ended")
    for row in waiting[: min(stock.pending or 0, over)]:
        row.pending_review = True


def _ends_six_weeks(row: Stay) -> int:
    """Nights in bed and breakfast add up: who is not over six weeks there later was not before."""
    later = row.later
    while later is not None and later.kind != "bb":
        later = later.later
    if later is None:
        return 1
    return 0 if later.over_six_weeks else 2
