"""Temporary accommodation over consecutive quarters: who stays on, and for how long, from the last quarter backwards.

Whoever has been there longer than the quarter was there at its start: each such household needs one of the quarter
before with the same composition and that much less time. Types, districts and duties may change; people do not.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.codes import FAMILIES
from pipelines.synthesise.deal import Flow
from pipelines.synthesise.durations import bands, draw_days, edges, median_and_mean, shift_days
from pipelines.synthesise.spread import Limit, fit_limits
from pipelines.synthesise.stock import ALL_KINDS, KINDS, Prepared, prepare

_STAY_SHARE = 0.82
_LONGEST = 40 * 365
_TRIES = 12
_SMALL = 400
Half = tuple[int, int, int]


@dataclass
class Plan:
    """One quarter: what is printed, settled as far as it binds other quarters."""

    sheet: Sheet
    number: int
    rng: random.Random
    prepared: Prepared
    blocks: dict[str, dict[str, list[int]] | None]
    """Households of each type by side and band, None where bands are not printed."""
    contradicted: frozenset[tuple[str, str]] = frozenset()
    """Cells (table, column) of the quarter that give way to others of the same quarter."""

    @property
    def last(self) -> date:
        """The day of the count."""
        return self.sheet.quarter.last_day

    @property
    def length(self) -> int:
        """Days from the count before to this one."""
        return (self.last - self.sheet.quarter.first_day).days + 1

    def size(self, kind: str, side: str) -> int:
        """Households of a type and side."""
        stock = self.prepared.stock
        unknown = self.prepared.unknown.get(kind, 0)
        if side == "family":
            return stock.families[kind]
        return unknown if side == "unknown" else stock.total[kind] - stock.families[kind] - unknown


def side_of(household: str) -> str:
    """Which of the three duration tables a household is in."""
    return "family" if household in FAMILIES else "unknown" if household == "nk" else "single"


def plan(sheet: Sheet, number: int, rng: random.Random) -> Plan:
    """Settle what is printed about a quarter."""
    ready = prepare(sheet, rng)
    made = Plan(sheet, number, rng, ready, {}, frozenset(sheet.proofs))
    for kind in KINDS:
        sizes = [made.size(kind, side) for side in ("family", "single", "unknown")]
        made.blocks[kind] = bands(sheet, kind, *sizes) if sheet.paths("TA4") and sum(sizes) else None
    return made


def place_demands(here: Plan, demands: list[Stay], length: int) -> tuple[dict[int, str], list[Stay]]:
    """A type at this quarter's end for each household that stays on, the same one if there is room; and the rest."""
    limits = edges(here.last)
    room: dict[tuple[str, str, int], int] = {}
    for kind in ALL_KINDS:
        block = here.blocks.get(kind)
        for side in ("family", "single", "unknown"):
            if block is None:
                room[(kind, side, -1)] = here.size(kind, side)
            else:
                for b in range(5):
                    room[(kind, side, b)] = block[side][b]
    chosen: dict[int, str] = {}
    left = []
    order = list(demands)
    here.rng.shuffle(order)
    for stay in order:
        keys = _keys(here, stay, length, limits, [stay.kind])
        if not _take(room, keys, chosen, stay):
            left.append(stay)
    missed = []
    for stay in left:
        others = [k for k in KINDS if k != stay.kind] if stay.kind != "own" else []
        others.sort(key=lambda k: -here.prepared.stock.total[k])
        if not _take(room, _keys(here, stay, length, limits, others), chosen, stay):
            missed.append(stay)
    return chosen, missed


def _keys(here: Plan, stay: Stay, length: int, limits: list[Limit], kinds: list[str]) -> list[tuple[str, str, int]]:
    days = stay.days - length
    band = next((b for b, (low, high) in enumerate(limits) if low <= days <= high), 4)
    side = side_of(stay.household)
    return [(kind, side, -1 if here.blocks.get(kind) is None else band) for kind in kinds]


def _take(
    room: dict[tuple[str, str, int], int], keys: list[tuple[str, str, int]], chosen: dict[int, str], stay: Stay
) -> bool:
    for key in keys:
        if room.get(key, 0) > 0:
            room[key] -= 1
            chosen[id(stay)] = key[0]
            return True
    return False


def deal_days_over(
    here: Plan,
    before: Plan | None,
    rows: list[Stay],
    moved: dict[str, dict[tuple[str, int], int]],
    halves: dict[str, Half],
) -> None:
    """Give days to the households that are not there in the next quarter, and say who was there in the one before.

    ``moved`` says for each type how many of a side and band are new or came up from the band below, ``halves`` where
    the median of the quarter before cuts those who were there.
    """
    for kind in ALL_KINDS:
        of_kind = [row for row in rows if row.kind == kind]
        fixed = [row for row in of_kind if row.later is not None]
        free = [row for row in of_kind if row.later is None]
        median, mean = median_and_mean(here.sheet, kind)
        best = None
        for attempt in range(_TRIES):
            limits, classes = _limits(here, before, kind, free, fixed, moved.get(kind), attempt)
            if kind in halves and attempt < _TRIES - 4:
                limits = _cut(limits, halves[kind], here)
            days = fit_limits([*((r.days, r.days) for r in fixed), *limits], median, mean, here.rng)
            if days is not None:
                best = days[len(fixed) :], classes
                break
        if best is None:
            # Bands first: a printed mean or median gives way before the bands of two quarters do.
            limits, classes = _limits(here, before, kind, free, fixed, moved.get(kind), 0)
            best = _nearest(limits, [r.days for r in fixed], mean, here.rng), classes
        _hand_out(here, free, best[0], best[1])
    if before is not None:
        for row in rows:
            row.stayed = row.days >= here.length
        _fit_compositions(here, before, rows)


def _hand_out(here: Plan, free: list[Stay], days: list[int], classes: list[str]) -> None:
    hands: dict[str, list[int]] = {}
    for side, value in zip(classes, days, strict=True):
        hands.setdefault(side, []).append(value)
    for side, hand in hands.items():
        rows = [row for row in free if side_of(row.household) == side]
        here.rng.shuffle(hand)
        for row, value in zip(rows, hand, strict=True):
            row.days = value


def _limits(
    here: Plan,
    before: Plan | None,
    kind: str,
    free: list[Stay],
    fixed: list[Stay],
    moved: dict[tuple[str, int], int] | None,
    attempt: int,
) -> tuple[list[Limit], list[str]]:
    """Limits for the free households of a type, with their side; the households themselves are dealt later."""
    edge = edges(here.last)
    block = here.blocks.get(kind)
    limits: list[Limit] = []
    sides: list[str] = []
    for side in ("family", "single", "unknown"):
        rows = [row for row in free if side_of(row.household) == side]
        if block is None:
            made = _open_limits(here, before, kind, side, len(rows), attempt)
        else:
            sizes = list(block[side])
            for row in fixed:
                if side_of(row.household) == side:
                    b = next((b for b, (low, high) in enumerate(edge) if low <= row.days <= high), 4)
                    sizes[b] -= 1
            sizes = _match_total(sizes, len(rows))
            made = _band_limits(here, before, side, sizes, edge, moved, attempt)
        limits += made
        sides += [side] * len(made)
    return limits, sides


def _match_total(sizes: list[int], total: int) -> list[int]:
    sizes = [max(n, 0) for n in sizes]
    for b in range(4, -1, -1):
        over = sum(sizes) - total
        if over > 0:
            sizes[b] -= min(over, sizes[b])
    sizes[0] += total - sum(sizes)
    return sizes


def _open_limits(here: Plan, before: Plan | None, kind: str, side: str, n: int, attempt: int) -> list[Limit]:
    if before is None:
        return [(0, _LONGEST)] * n
    there = before.size(kind, side) if side != "unknown" else 0
    if here.sheet.paths("TA4"):
        stay = (
            max(min(there, n) - attempt, 0)
            if attempt < _TRIES // 2
            else max(min(there, n) * (_TRIES - attempt) // _TRIES, 0)
        )
    else:
        ours, theirs = (sum(p.size(k, side) for k in KINDS) for p in (here, before))
        if kind == "own" or side == "unknown":
            ours, theirs = here.size(kind, side), there
        staying = min(round(_STAY_SHARE * min(ours, theirs)), max(theirs - 1, 0))
        stay = min(staying * n // max(ours, 1), n)
    # Six weeks more than the quarter where no duration is printed, so that any of them can be over six weeks before.
    least = here.length + (0 if here.sheet.paths("TA4") else 43)
    return [(least, _LONGEST)] * stay + [(0, here.length - 1)] * (n - stay)


def _band_limits(
    here: Plan,
    before: Plan | None,
    side: str,
    sizes: list[int],
    edge: list[Limit],
    moved: dict[tuple[str, int], int] | None,
    attempt: int,
) -> list[Limit]:
    if before is None or moved is None or (side, 0) not in moved:
        return [(edge[b][0], min(edge[b][1], _LONGEST)) for b in range(5) for _ in range(sizes[b])]
    earlier = edges(before.last)
    limits: list[Limit] = []
    for b in range(5):
        count = moved[(side, b)]
        if sum(sizes) < _SMALL and attempt > 1:
            count += here.rng.randint(-attempt, attempt) * max(sizes[b] // 40, 1)
        count = min(max(count, 0), sizes[b])
        first, rest = split_band(b, edge, earlier, here.length)
        limits += [first] * count + [rest] * (sizes[b] - count)
    return limits


def _nearest(limits: list[Limit], fixed: list[int], mean: int | None, rng: random.Random) -> list[int]:
    """Days within the limits whose mean is as near to the printed one as they allow."""
    days = [draw_days(low, high, rng) for low, high in limits]
    if mean is None or not days:
        return days
    size = len(days) + len(fixed)
    low, high = [a for a, _ in limits], [b for _, b in limits]
    least = min(max(size * mean - sum(fixed), sum(low)), sum(high))
    most = min(max(size * mean + size - 1 - sum(fixed), sum(low)), sum(high))
    return shift_days(days, low, high, least, most, rng)


def _cut(limits: list[Limit], half: Half, here: Plan) -> list[Limit]:
    """Put those who were there before on one side of that quarter's median, one or two of them on it."""
    below, above, wanted = half
    low_end, high_start = below + here.length, above + here.length
    cut = list(limits)
    lower = sum(here.length <= a and b <= low_end for a, b in limits)
    free = [i for i, (a, b) in enumerate(limits) if a >= here.length and a <= low_end and b >= high_start]
    here.rng.shuffle(free)
    for i, day in zip(free[:2], (low_end, high_start), strict=False):
        cut[i] = (day, day)
    rest = sorted(free[2:], key=lambda i: limits[i][0] + limits[i][1])
    take = min(max(wanted - lower - 1, 0), len(rest))
    for i in rest[:take]:
        cut[i] = (limits[i][0], low_end)
    for i in rest[take:]:
        cut[i] = (high_start, limits[i][1])
    return cut


def split_band(b: int, now: list[Limit], then: list[Limit], length: int) -> tuple[Limit, Limit]:
    """Limits of those who came into a band in the quarter, and of those who were in it before."""
    low, high = now[b]
    if b == 0:
        return (0, length - 1), (length, high)
    return (low, min(high, then[b - 1][1] + length)), (max(low, then[b][0] + length), high)


def _fit_compositions(here: Plan, before: Plan, rows: list[Stay]) -> None:
    """Swap days within type and side until no composition has more households from before than there were."""
    caps = _caps(before)
    for kind in ("own", *KINDS):
        for side in ("family", "single", "unknown"):
            of_kind = [r for r in rows if r.kind == kind and side_of(r.household) == side and r.later is None]
            if kind == "own":
                _own(here, before, of_kind, side)
    flow = Flow()
    arcs: dict[tuple[str, str], int] = {}
    free = [r for r in rows if r.kind != "own" and r.later is None]
    for row in rows:
        if row.kind != "own" and row.later is not None and row.stayed:
            caps[_group(row.household)] = caps.get(_group(row.household), 0) - 1
    seats: dict[tuple[str, str, str], list[Stay]] = {}
    for row in free:
        seats.setdefault((row.kind, side_of(row.household), row.household), []).append(row)
    hands: dict[tuple[str, str], list[int]] = {}
    for row in free:
        hands.setdefault((row.kind, side_of(row.household)), []).append(row.days)
    for (kind, side), hand in sorted(hands.items()):
        flow.arc("source", (kind, side), sum(d >= here.length for d in hand))
    for (kind, side, household), places in sorted(seats.items()):
        arcs[(kind, household)] = flow.arc((kind, side), ("type", household), len(places))
    for household in sorted({row.household for row in free}):
        flow.arc(("type", household), ("group", _group(household)), 10**9)
    for group in sorted({_group(row.household) for row in free}):
        flow.arc(("group", group), "sink", max(caps.get(group, 0), 0))
    flow.push("source", "sink")
    for (kind, side), hand in sorted(hands.items()):
        long = sorted((d for d in hand if d >= here.length), reverse=True)
        short = [d for d in hand if d < here.length]
        here.rng.shuffle(long)
        waiting = []
        for (k, s, household), places in sorted(seats.items()):
            if (k, s) != (kind, side):
                continue
            here.rng.shuffle(places)
            n = flow.on(arcs[(kind, household)])
            for row in places[:n]:
                row.days, row.stayed = long.pop(), True
            waiting += places[n:]
        for row in waiting:
            # Whoever finds no household of the quarter before is new after all; the printed duration gives way.
            row.days = short.pop() if short else here.rng.randint(0, here.length - 1)
            row.stayed = False


def _own(here: Plan, before: Plan, rows: list[Stay], side: str) -> None:
    room = before.size("own", side) if side != "unknown" else 0
    for row in sorted((r for r in rows if r.stayed), key=lambda r: -r.days)[room:]:
        row.days = here.rng.randint(0, here.length - 1)
        row.stayed = False


def _group(household: str) -> str:
    return "others" if household in {"couple_no_children", "three_adults_no_children"} else household


def _caps(before: Plan) -> dict[str, int]:
    ready = before.prepared
    return {**ready.sizes, "others": ready.others, "nk": sum(ready.unknown.values())}
