"""Who stays on from quarter to quarter where no duration is printed: any households may, as many as seems usual.

Each quarter is settled for itself, so that its tables come out as well as those of one quarter alone; then households
with the same composition are taken for the same ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.chain import Chain
from pipelines.synthesise.codes import FAMILIES
from pipelines.synthesise.districts import stays
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.durations import deal_days
from pipelines.synthesise.stock import Stock

USUAL_SHARE = 0.82
"""Of the households there at the end of a quarter so many are there at the end of the next."""
_ROOM = 0.95
_SIX_WEEKS, _TWO_MONTHS = 43, 60
_DESCRIBED = ("TA5", "TA6")
Seat = tuple[str, bool]


def carry_on(sheets: Sequence[Sheet], stocks: Sequence[Stock], shares: Sequence[float], seed: str) -> list[Chain]:
    """Chains over quarters without printed durations; ``shares`` says for each boundary how many of those who could
    stay do."""
    rng = Draws(f"{seed} onward")
    there: list[Chain] = []
    every: list[Chain] = []
    for number, (sheet, stock) in enumerate(zip(sheets, stocks, strict=True)):
        seats = _seats(stock)
        if number:
            share = min(shares[number - 1], _ROOM * likeness(sheets[number - 1], sheet))
            there = _stay_on(there, seats, share, rng)
        new = _arrive(sheet, number, seats, stock.over_six_weeks or 0, rng)
        there = there + new
        every += new
    return every


def likeness(before: Sheet, here: Sheet) -> float:
    """The greatest share of the smaller stock that the ages and ethnic groups of both let stay, 1 where not printed."""
    most = 1.0
    for table in _DESCRIBED:
        pairs = [
            (before.count(table, path), here.count(table, path))
            for path in here.paths(table)[1:]
            if not path.rsplit(" > ", 1)[-1].startswith("Total")
        ]
        if not pairs or any(a is None or b is None for a, b in pairs):
            continue
        sizes = [sum(pair[side] or 0 for pair in pairs) for side in (0, 1)]
        most = min(most, sum(min(a or 0, b or 0) for a, b in pairs) / max(min(sizes), 1))
    return most


def _seats(stock: Stock) -> dict[str, list[Seat]]:
    """Places of each composition; own arrangements are no stay and keep their district, so they are apart."""
    seats: dict[str, list[Seat]] = defaultdict(list)
    for (kind, household, away), n in sorted(stock.cells.items()):
        seats[_group(kind, household, away)] += [(kind, away)] * n
    return seats


def _group(kind: str, household: str, away: bool) -> str:
    return f"own {household} {away}" if kind == "own" else household


def _stay_on(there: list[Chain], seats: dict[str, list[Seat]], share: float, rng: Draws) -> list[Chain]:
    """Seat those who stay, in the same type and district as far as there is room; their seats are taken out."""
    groups: dict[str, list[Chain]] = defaultdict(list)
    # Somebody always leaves, however few there are.
    leaver = rng.randrange(len(there)) if there else 0
    for chain in there[:leaver] + there[leaver + 1 :]:
        groups[_group(chain.kinds[-1], chain.household, chain.away[-1])].append(chain)
    staying = []
    for group, chains in sorted(groups.items()):
        places = seats.get(group, [])
        number = min(int(share * min(len(chains), len(places)) + rng.random()), len(chains), len(places))
        chosen = rng.sample(chains, number)
        staying += chosen
        seats[group] = _seat(chosen, places, rng)
    return staying


def _seat(chains: list[Chain], places: list[Seat], rng: Draws) -> list[Seat]:
    free: dict[Seat, int] = defaultdict(int)
    for place in places:
        free[place] += 1
    waiting = []
    for chain in chains:
        same = (chain.kinds[-1], chain.away[-1])
        if not _sit(chain, same, free):
            waiting.append(chain)
    moved = [chain for chain in waiting if not _sit(chain, (chain.kinds[-1], not chain.away[-1]), free)]
    left = [place for place, n in sorted(free.items()) for _ in range(n)]
    rng.shuffle(left)
    for chain in moved:
        kind, away = left.pop()
        chain.kinds.append(kind)
        chain.away.append(away)
    return left


def _sit(chain: Chain, place: Seat, free: dict[Seat, int]) -> bool:
    if not free.get(place):
        return False
    free[place] -= 1
    chain.kinds.append(place[0])
    chain.away.append(place[1])
    return True


def _arrive(sheet: Sheet, number: int, seats: dict[str, list[Seat]], over: int, rng: Draws) -> list[Chain]:
    """New households for the seats that are left: in the first quarter as long there as is usual, later new in it."""
    stock = Stock({}, {}, 0, None, None, None, 0)
    for group, places in seats.items():
        household = group.split()[1] if group.startswith("own ") else group
        for kind, away in places:
            key = (kind, household, away)
            stock.cells[key] = stock.cells.get(key, 0) + 1
    rows = stays(stock, number)
    if number:
        quarter = sheet.quarter
        length = (quarter.last_day - quarter.first_day).days
        for row in rows:
            row.days = rng.randint(0, length)
    else:
        deal_days(sheet, rows, rng)
    in_bb = sorted((row for row in rows if row.kind == "bb" and row.household in FAMILIES), key=lambda row: -row.days)
    for row in in_bb[:over]:
        # Before April 2024 only the nights of the placement itself count.
        row.days = max(row.days, rng.randint(_SIX_WEEKS, _TWO_MONTHS))
    last: date = sheet.quarter.last_day
    return [Chain(row.household, last - timedelta(days=row.days), number, [row.kind], [row.away]) for row in rows]
