"""Children in temporary accommodation over consecutive quarters: TA1's children and TA8's ages."""

from __future__ import annotations

import random

from pipelines.synthesise.case import Stay
from pipelines.synthesise.codes import FAMILIES
from pipelines.synthesise.deal import Flow, split
from pipelines.synthesise.margins import margin
from pipelines.synthesise.survivors import Plan

_QUARTER_OF_A_YEAR = 0.25


def deal_children(here: Plan, before: Plan | None, rows: list[Stay], own: list[Stay]) -> None:
    """Children of every family, so that those who were there before fit the quarter before as well."""
    rng = here.rng
    families = [row for row in rows if row.household in FAMILIES]
    free = [row for row in families if row.later is None]
    stayed = [row for row in free if row.stayed]
    fresh = [row for row in free if not row.stayed]
    for row in own:
        if row.household in FAMILIES and row.later is None:
            row.children = rng.choice((1, 1, 2, 2, 3))
            row.minors = [(rng.randint(1, 16), True) for _ in range(row.children)]
        row.minors_before = [(max(age - (rng.random() < _QUARTER_OF_A_YEAR), 0), dep) for age, dep in row.minors]
    left = here.prepared.stock.children - sum(row.children for row in families if row.later is not None)
    left = max(left, len(free))
    of_stayed = _children_of_stayed(here, before, families, stayed, fresh, left)
    _spread(stayed, of_stayed, rng)
    _spread(fresh, left - of_stayed, rng)
    _deal_ages(here, before, rows, families, stayed, fresh)


def _children_of_stayed(
    here: Plan, before: Plan | None, families: list[Stay], stayed: list[Stay], fresh: list[Stay], left: int
) -> int:
    if not fresh:
        return left
    usual = round(left * len(stayed) / max(len(stayed) + len(fresh), 1))
    low, high = len(stayed), left - len(fresh)
    if before is not None:
        stock = before.prepared.stock
        earlier = stock.children - sum(r.children for r in families if r.later is not None and r.stayed)
        of_before = sum(n for k, n in stock.families.items() if k != "own")
        leavers = of_before - sum(1 for r in families if r.stayed)
        usual = min(usual, round(earlier * len(stayed) / max(len(stayed) + leavers, 1)))
        high = min(high, earlier - leavers) if leavers else high
    return max(min(usual, high), low) if stayed else 0


def _spread(rows: list[Stay], children: int, rng: random.Random) -> None:
    for row in rows:
        row.children = 1
    for _ in range(max(children - len(rows), 0) if rows else 0):
        row = rng.choice(rows)
        if row.children >= 5:
            row = rng.choice(rows)
        row.children += 1


def _ages_of(plan: Plan, dependants: int, applicants: int, seed: str) -> dict[int, int] | None:
    sheet = plan.sheet
    paths = sheet.paths("TA8")
    if not paths:
        return None
    total = sheet.count("TA8", paths[0])
    clashes = list(sheet.clashes)
    counts = margin(sheet, "TA8", dependants + applicants if total is None else total, "TA8", random.Random(seed))
    sheet.clashes[:] = clashes
    return None if counts is None else {int(path): n for path, n in counts.items()}


def _deal_ages(
    here: Plan, before: Plan | None, rows: list[Stay], families: list[Stay], stayed: list[Stay], fresh: list[Stay]
) -> None:
    rng = here.rng
    applicants = [row for row in rows if row.age == "16-17"]
    ages = _ages_of(here, here.prepared.stock.children, len(applicants), "TA8")
    if ages is None:
        _free_ages(rows, applicants, stayed, fresh, rng)
        return
    for row in applicants:
        row.own_age = row.own_age or (17 if ages.get(17, 0) >= ages.get(16, 0) else 16)
        ages[row.own_age] = max(ages[row.own_age] - 1, 0)
    for row in rows:
        if row.later is not None:
            for age, _ in row.minors:
                ages[age] = ages.get(age, 0) - 1
    ages = {age: max(n, 0) for age, n in ages.items()}
    seats = sum(row.children for row in stayed) + sum(row.children for row in fresh)
    surplus = sum(ages.values()) - seats
    if surplus > 0:
        _not_dependent(ages, surplus, rows, rng)
    pool = sum(ages.values())
    of_stayed = sum(row.children for row in stayed)
    of_fresh = seats - of_stayed
    grown_share = min(1.0, pool / seats) if seats else 1.0
    wanted = max(min(round(of_stayed * grown_share), pool), pool - of_fresh)
    earlier = _earlier(here, before, families)
    pairs = _pairs(ages, earlier, min(wanted, of_stayed), rng)
    for age, _ in pairs:
        ages[age] -= 1
    rest = [age for age, n in ages.items() for _ in range(max(n, 0))]
    rng.shuffle(rest)
    _seat_pairs(stayed, pairs, rng)
    _seat(fresh, rest, rng)
    for row in rows:
        if row.later is not None:
            row.minors_before = list(row.minors)


def _earlier(here: Plan, before: Plan | None, families: list[Stay]) -> dict[int, int] | None:
    if before is None:
        return None
    ages = _ages_of(before, before.prepared.stock.children, 0, "TA8")
    if ages is None:
        return None
    young = before.sheet.get("TA5", "16-17") or 0
    for age in (17, 16):
        taken = min(young, ages.get(age, 0))
        ages[age] -= taken
        young -= taken
    surplus = sum(ages.values()) - before.prepared.stock.children
    for age in range(18):
        taken = min(max(surplus, 0), ages.get(age, 0))
        ages[age] -= taken
        surplus -= taken
    del here, families
    return ages


def _pairs(
    ages: dict[int, int], earlier: dict[int, int] | None, wanted: int, rng: random.Random
) -> list[tuple[int, int]]:
    """Age now and at the quarter before of so many children, neither quarter's ages used up twice."""
    if earlier is None:
        pool = [age for age, n in ages.items() for _ in range(n)]
        rng.shuffle(pool)
        return [(age, max(age - (rng.random() < _QUARTER_OF_A_YEAR), 0)) for age in pool[:wanted]]
    flow = Flow()
    older, same = {}, {}
    for age in range(18):
        flow.arc(("then", age), "sink", earlier.get(age, 0))
    shares = split(wanted, [float(ages.get(age, 0)) for age in range(18)], rng)
    # First in proportion to the ages, then whatever still fits.
    for age in range(18):
        flow.arc("source", ("now", age), min(shares[age], ages.get(age, 0)))
        if age:
            older[age] = flow.arc(("now", age), ("then", age - 1), round(_QUARTER_OF_A_YEAR * shares[age]))
    flow.push("source", "sink")
    for age in range(18):
        same[age] = flow.arc(("now", age), ("then", age), 10**9)
    flow.push("source", "sink")
    more_older = {age: flow.arc(("now", age), ("then", age - 1), 10**9) for age in range(1, 18)}
    done = sum(flow.on(a) for a in (*older.values(), *same.values()))
    done += flow.push("source", "sink")
    flow.arc("source", "spare", max(wanted - done, 0))
    for age in range(18):
        flow.arc("spare", ("now", age), max(ages.get(age, 0) - shares[age], 0))
    flow.push("source", "sink")
    pairs = [(age, age) for age in range(18) for _ in range(flow.on(same[age]))]
    for age in range(1, 18):
        pairs += [(age, age - 1)] * (flow.on(older[age]) + flow.on(more_older[age]))
    rng.shuffle(pairs)
    return pairs


def _seat_pairs(rows: list[Stay], pairs: list[tuple[int, int]], rng: random.Random) -> None:
    seats = [row for row in rows for _ in range(row.children)]
    rng.shuffle(seats)
    for row, (now, then) in zip(seats, pairs, strict=False):
        row.minors.append((now, True))
        row.minors_before.append((then, True))
    for row in seats[len(pairs) :]:
        row.grown += 1


def _seat(rows: list[Stay], ages: list[int], rng: random.Random) -> None:
    seats = [row for row in rows for _ in range(row.children)]
    rng.shuffle(seats)
    for row, age in zip(seats, ages, strict=False):
        row.minors.append((age, True))
    for row in seats[len(ages) :]:
        row.grown += 1


def _not_dependent(ages: dict[int, int], surplus: int, rows: list[Stay], rng: random.Random) -> None:
    """Members under 18 who are no dependants: children under 16 of those who are there in this quarter only."""
    alone = [r for r in rows if r.later is None and not r.stayed and r.household != "nk"]
    anyone = alone or [r for r in rows if r.household != "nk"]
    for age in range(16):
        while surplus > 0 and ages.get(age, 0) > 0 and anyone:
            row = rng.choice(anyone)
            row.minors.append((age, False))
            row.minors_before.append((age, False))
            ages[age] -= 1
            surplus -= 1


def _free_ages(
    rows: list[Stay], applicants: list[Stay], stayed: list[Stay], fresh: list[Stay], rng: random.Random
) -> None:
    for row in applicants:
        row.own_age = row.own_age or 17
    for row in [*stayed, *fresh]:
        for _ in range(row.children):
            age = rng.randint(0, 16)
            then = max(age - (rng.random() < _QUARTER_OF_A_YEAR), 0)
            row.minors.append((age, True))
            row.minors_before.append((then, True))
    for row in rows:
        if row.later is not None:
            row.minors_before = [(max(a - (rng.random() < _QUARTER_OF_A_YEAR), 0), d) for a, d in row.minors]
