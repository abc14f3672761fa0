"""Who is in temporary accommodation over consecutive quarters: people keep their ethnicity, ages and children."""

from __future__ import annotations

import random

from pipelines.synthesise import codes, likely, occupants
from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.children import deal_children
from pipelines.synthesise.deal import deal, split
from pipelines.synthesise.margins import margin
from pipelines.synthesise.survivors import Plan

_BANDS = tuple(codes.AGES)


def describe_over(here: Plan, before: Plan | None, rows: list[Stay]) -> None:
    """Give every stay the rest of what the TA tables count, those who stay on what they already have."""
    sheet, rng = here.sheet, here.rng
    for row in rows:
        if row.later is not None:
            row.ethnicity = row.later.ethnicity
            row.age = row.later.age_before
            row.children = row.later.children
            row.minors = list(row.later.minors_before)
            row.grown = row.later.grown
            row.own_age = row.later.own_age
    placed = [row for row in rows if row.kind != "own"]
    own = [row for row in rows if row.kind == "own"]
    _duties(sheet, placed, rng)
    for row in own:
        row.duty = "s193"
    _ages(here, before, placed)
    _ethnicity(here, before, placed)
    for row in own:
        row.age = row.age or rng.choices(list(occupants.AGES), list(occupants.AGES.values()))[0]
        row.ethnicity = row.ethnicity or "white_british"
        row.age_before = row.age
    deal_children(here, before, placed, own)
    _regions(sheet, rows, rng)
    occupants.six_weeks(sheet, here.prepared.stock, placed, rng)


def _duties(sheet: Sheet, rows: list[Stay], rng: random.Random) -> None:
    counts = margin(sheet, "TA3", len(rows), "TA1: total", rng)
    if counts is None:
        shares = split(len(rows), list(occupants.BEFORE_TA3.values()), rng)
        counts = dict(zip(occupants.BEFORE_TA3, shares, strict=True))
    keys = [(r.household in codes.FAMILIES, r.kind, None if r.later is None else r.later.duty) for r in rows]

    def weight(key: tuple[bool, str, str | None], path: str) -> float:
        group = occupants.group_of(path)
        same = 60.0 if key[2] == group else 1.0
        return same * likely.duty_for((key[0], key[1]), group)

    for row, path in zip(rows, deal(rng, keys, counts, weight), strict=True):
        row.duty = occupants.group_of(path)


def _settled(sheet: Sheet, table: str, total: int, seed: str) -> dict[str, int] | None:
    clashes = list(sheet.clashes)
    counts = margin(sheet, table, total, "TA1: total", random.Random(seed))
    sheet.clashes[:] = clashes
    return counts


def _shared(counts: dict[str, int], caps: dict[str, int] | None, wanted: int, rng: random.Random) -> dict[str, int]:
    """How many of the ``wanted`` who were there before have each value: no more than there are, here and before."""
    room = {x: min(n, (caps or {}).get(x, n if caps is None else 0)) for x, n in counts.items()}
    room = {x: max(n, 0) for x, n in room.items()}
    names = list(counts)
    shares = split(min(wanted, sum(room.values())), [float(room[x]) for x in names], rng)
    taken = {x: min(n, room[x]) for x, n in zip(names, shares, strict=True)}
    for limit in (room, counts):
        for x in sorted(names, key=lambda x: taken[x] - limit[x]):
            more = min(wanted - sum(taken.values()), limit[x] - taken[x])
            taken[x] += max(more, 0)
    return taken


def _ethnicity(here: Plan, before: Plan | None, rows: list[Stay]) -> None:
    rng = here.rng
    counts = margin(here.sheet, "TA6", len(rows), "TA1: total", rng)
    free = [row for row in rows if row.later is None]
    if counts is None:
        usual = occupants.usual_ethnicity(here.sheet)
        for row in free:
            row.ethnicity = rng.choices(list(usual), list(usual.values()))[0]
        return
    by_code = _by_code(counts, codes.ethnicity)
    caps = None
    if before is not None and before.sheet.paths("TA6"):
        stock = before.prepared.stock
        total = sum(n for k, n in stock.total.items() if k != "own")
        caps = _by_code(_settled(before.sheet, "TA6", total, "TA6") or {}, codes.ethnicity)
    for row in rows:
        if row.later is not None:
            by_code[row.ethnicity or "nk"] = by_code.get(row.ethnicity or "nk", 0) - 1
            if row.stayed and caps is not None:
                caps[row.ethnicity or "nk"] = caps.get(row.ethnicity or "nk", 0) - 1
    _even_out(by_code, len(free))
    stayed = [row for row in free if row.stayed]
    fresh = [row for row in free if not row.stayed]
    shared = _shared(by_code, caps, len(stayed), rng)
    rest = {x: n - shared[x] for x, n in by_code.items()}
    for group, hand in ((stayed, shared), (fresh, rest)):
        for row, value in zip(group, deal(rng, [0] * len(group), hand), strict=True):
            row.ethnicity = value
    _nobody(free, "ethnicity")


def _by_code(counts: dict[str, int], code: object) -> dict[str, int]:
    return {code(path): n for path, n in counts.items()}  # type: ignore[operator]


def _even_out(counts: dict[str, int], total: int) -> None:
    """No count below nothing, and as many as there are rows: what does not fit is a clash that the recount names."""
    for x in counts:
        counts[x] = max(counts[x], 0)
    over = sum(counts.values()) - total
    for x in sorted(counts, key=lambda x: -counts[x]):
        moved = min(over, counts[x]) if over > 0 else over
        counts[x] -= moved
        over -= moved


def _nobody(rows: list[Stay], name: str) -> None:
    """Households of unknown composition have nobody recorded: swap their values for "not known"."""
    unknown = [row for row in rows if row.household != "nk" and getattr(row, name) == "nk"]
    for row in rows:
        if row.household == "nk" and getattr(row, name) != "nk" and unknown:
            other = next((o for o in unknown if o.stayed == row.stayed), unknown[0])
            unknown.remove(other)
            mine = getattr(row, name)
            setattr(row, name, "nk")
            setattr(other, name, mine)


def _ages(here: Plan, before: Plan | None, rows: list[Stay]) -> None:
    rng, sheet = here.rng, here.sheet
    young = min(here.prepared.stock.young or 0, sum(row.kind == "bb" for row in rows))
    counts = margin(sheet, "TA5", len(rows), "TA1: total", rng)
    if counts is None:
        shares = split(len(rows) - young, list(occupants.AGES.values()), rng)
        counts = {**dict(zip(occupants.AGES, shares, strict=True)), "16-17": young}
    bands = {band if band in codes.AGES else "nk": n for band, n in counts.items()}
    caps = None
    if before is not None:
        stock = before.prepared.stock
        total = sum(n for k, n in stock.total.items() if k != "own")
        settled = _settled(before.sheet, "TA5", total, "TA5")
        if settled is not None:
            caps = {band if band in codes.AGES else "nk": n for band, n in settled.items()}
    for row in rows:
        if row.later is not None:
            row.age_before = row.age
            bands[row.age or "nk"] = bands.get(row.age or "nk", 0) - 1
            if row.stayed and caps is not None:
                caps[row.age or "nk"] = caps.get(row.age or "nk", 0) - 1
    free = [row for row in rows if row.later is None]
    _even_out(bands, len(free))
    stayed = [row for row in free if row.stayed]
    fresh = [row for row in free if not row.stayed]
    bb = sorted((r for r in free if r.kind == "bb"), key=lambda r: (r.stayed, r.household in codes.FAMILIES))
    chosen = bb[: min(young, bands.get("16-17", 0))]
    held = {id(row) for row in chosen}
    bands["16-17"] = bands.get("16-17", 0) - len(chosen)
    for row in chosen:
        row.age, row.is_young, row.age_before = "16-17", True, "16-17"
    stayed = [row for row in stayed if id(row) not in held]
    fresh = [row for row in fresh if id(row) not in held]
    limited = {**caps, "16-17": 0} if caps is not None else {**bands, "16-17": 0}
    same = _shared(bands, limited, len(stayed), rng)
    over = {x: max(same[x] - limited.get(x, 0), 0) for x in same}
    rest = {x: n - same[x] for x, n in bands.items()}
    for group, hand in ((stayed, same), (fresh, rest)):
        keys = [(row.household, row.kind) for row in group]

        def weight(key: tuple[str, str], band: str) -> float:
            return 1e-9 if band == "16-17" and key[1] == "bb" else likely.age_for_household(key[0], band)

        for row, band in zip(group, deal(rng, keys, hand, weight), strict=True):
            row.age = row.age_before = band
    _nobody(free, "age")
    for row in stayed:
        if row.age in over and over[row.age] > 0 and row.age in _BANDS[1:]:
            over[row.age] -= 1
            row.age_before = _BANDS[_BANDS.index(row.age) - 1]
        else:
            row.age_before = row.age


def _regions(sheet: Sheet, rows: list[Stay], rng: random.Random) -> None:
    """Districts as the tables count them; who stays away keeps the district where its region has room."""
    occupants.regions(sheet, rows, rng)
    spots: dict[str, list[Stay]] = {}
    for row in rows:
        if row.away and row.region is not None:
            spots.setdefault(row.region, []).append(row)
    for row in rows:
        later = row.later
        if later is None or not row.away or not later.away or later.region is None or row.region is None:
            continue
        if row.region != later.region:
            other = next((o for o in spots.get(later.region, []) if o.later is None), None)
            if other is None:
                continue
            spots[later.region].remove(other)
            spots[row.region].append(other)
            spots[row.region].remove(row)
            spots[later.region].append(row)
            row.region, other.region = other.region, row.region
            row.authority, other.authority = other.authority, row.authority
        row.authority = later.authority
