"""Households from the answer to the model of a chain: who they are, their types, districts and entry days."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from pipelines.synthesise import codes
from pipelines.synthesise.aging import COMPOSITIONS, Aging, own_side
from pipelines.synthesise.averages import day_bounds, mean_cell
from pipelines.synthesise.chain import Chain
from pipelines.synthesise.deal import Flow
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.durations import draw_days, shift_days
from pipelines.synthesise.exact.model import CellRef, Model
from pipelines.synthesise.exact.solver import OutOfTimeError, Solver
from pipelines.synthesise.stock import ALL_KINDS, LIKELY
from pipelines.synthesise.survivors import Plan
from pipelines.synthesise.who_is_away import fit

_SECONDS = 10.0
_PRICE = 1000
_EASINGS = 120


@dataclass(slots=True, eq=False)
class _Someone:
    """A household while it is being put together."""

    interval: int
    side: str
    first: int
    kinds: list[str]
    """Type at each quarter's end from ``first`` on, "" until it is dealt."""
    is_far: bool = False
    household: str = ""
    away: dict[int, bool] = field(default_factory=dict)
    back: int = 0
    """Days from the last day of the interval back to the entry."""

    @property
    def last(self) -> int:
        return self.first + len(self.kinds) - 1

    def kind(self, quarter: int) -> str:
        return self.kinds[quarter - self.first]


def households(made: Aging, values: Sequence[int], missed: Collection[CellRef], rng: Draws) -> tuple[list[Chain], int]:
    """The chains of all households, and by how many days they are off the printed means other than ``missed``."""
    everyone: list[_Someone] = []
    groups = sorted({(i, side) for (_, _, i, side) in made.count})
    for interval, side in groups:
        everyone += _of_interval(made, values, interval, side, rng)
    _compose(made, values, everyone, rng)
    _send_away(made, everyone, rng)
    for quarter, here in enumerate(made.plans):
        if not made.is_printed(quarter):
            _deal_seats(here, quarter, [one for one in everyone if one.first <= quarter <= one.last], rng)
    off = _date(made, everyone, missed, rng)
    if off:
        off = _ease(made, everyone, off, missed, rng)
    chains = [
        Chain(
            one.household,
            date.fromordinal(made.intervals[one.interval][1] - one.back),
            one.first,
            one.kinds,
            [one.away[one.first + n] for n in range(len(one.kinds))],
        )
        for one in everyone
    ]
    return chains, off


def _of_interval(made: Aging, values: Sequence[int], interval: int, side: str, rng: Draws) -> list[_Someone]:
    """Households of one interval and side; types follow each other as they are wherever that can be."""
    first, width = made.first_counted(interval), made.width(interval)
    found: list[_Someone] = []
    there: list[_Someone] = []
    for quarter in range(first, len(made.plans)):
        slots: list[tuple[str, bool]] = []
        for key in made.keys(quarter, interval, side):
            n = values[made.count[key]]
            far = round(values[made.days[key]] / width) if key in made.days else 0
            slots += [(key[1], place < far) for place in range(n)]
        if not slots:
            break
        if quarter == first:
            there = [_Someone(interval, side, first, [kind], far) for kind, far in slots]
            found = list(there)
        else:
            there = _follow(there, slots, rng)
    return found


def _follow(there: list[_Someone], slots: list[tuple[str, bool]], rng: Draws) -> list[_Someone]:
    """Who stays on, and in which type: first those for whom nothing changes, then those of the same end."""
    free = list(there)
    rng.shuffle(free)
    staying = []
    left = Counter(slots)
    for same_kind, same_end in ((True, True), (False, True), (True, False), (False, False)):
        waiting = []
        for one in free:
            slot = next(
                (
                    slot
                    for slot in sorted(left)
                    if left[slot]
                    and (not same_kind or slot[0] == one.kinds[-1])
                    and (not same_end or not slot[0] or slot[1] == one.is_far)
                ),
                None,
            )
            if slot is None:
                waiting.append(one)
                continue
            left[slot] -= 1
            one.kinds.append(slot[0])
            staying.append(one)
        free = waiting
    return staying


def _compose(made: Aging, values: Sequence[int], everyone: list[_Someone], rng: Draws) -> None:
    """Give everyone a composition, by the quarter of arrival and of the last count."""
    classes: dict[tuple[str, int, int], list[_Someone]] = defaultdict(list)
    for one in everyone:
        classes[(one.side, one.first, one.last)].append(one)
    end = len(made.plans) - 1
    for (side, first, last), members in sorted(classes.items()):
        rng.shuffle(members)
        if side.startswith("own"):
            for one in members:
                one.household = _own_composition(side, rng)
            continue
        if side == "unknown":
            hand = ["nk"] * len(members)
        else:
            hand = []
            for name in COMPOSITIONS[side]:
                n = values[made.composed[(last, first, name)]]
                if last < end:
                    n -= values[made.composed[(last + 1, first, name)]]
                hand += [name] * n
        for one, name in zip(members, hand, strict=True):
            one.household = name


def _own_composition(side: str, rng: Draws) -> str:
    name = side.removeprefix("own ")
    if name not in COMPOSITIONS:
        return name
    names = COMPOSITIONS[name]
    return rng.choices(names, [LIKELY[n] for n in names])[0]


def _deal_seats(here: Plan, quarter: int, there: list[_Someone], rng: Draws) -> None:
    """Types and districts where nothing says how long who has been where: the seats of the quarter, by composition."""
    seats: dict[str, Counter[tuple[str, bool]]] = defaultdict(Counter)
    for (kind, name, away), n in here.prepared.stock.cells.items():
        seats[own_side(name, away) if kind == "own" else name][(kind, away)] += n
    order = list(there)
    rng.shuffle(order)
    for wants_same in (True, False):
        for one in order:
            if quarter in one.away:
                continue
            places = seats[one.side if one.side.startswith("own") else one.household]
            before = one.kinds[quarter - one.first - 1] if quarter > one.first else ""
            after = next((kind for kind in one.kinds[quarter - one.first + 1 :] if kind), "")
            wanted = [place for place in sorted(places) if places[place] and place[0] in (before or after, after)]
            if not wanted and wants_same:
                continue
            place = wanted[0] if wanted else max(sorted(places), key=lambda p: places[p])
            places[place] -= 1
            one.kinds[quarter - one.first], one.away[quarter] = place


@dataclass
class _Away:
    """How many households of each type, and of each composition, are in another district at the end of a quarter."""

    quarter: int
    by_kind: dict[str, int]
    by_name: dict[str, int]

    def deal(self, placed: list[_Someone]) -> dict[tuple[str, str], int]:
        """So many of each type and composition are away: as many as who has which of both allows."""
        room = Counter((one.kind(self.quarter), one.household) for one in placed)
        flow = Flow()
        for kind, n in self.by_kind.items():
            flow.arc("source", ("kind", kind), n)
        arcs = {key: flow.arc(("kind", key[0]), ("name", key[1]), n) for key, n in sorted(room.items())}
        for name, n in self.by_name.items():
            flow.arc(("name", name), "sink", n)
        flow.push("source", "sink")
        return {key: flow.on(arc) for key, arc in arcs.items()}

    def missing(self, placed: list[_Someone]) -> int:
        """Households that should be away and cannot be."""
        return sum(self.by_kind.values()) - sum(self.deal(placed).values())


def _send_away(made: Aging, everyone: list[_Someone], rng: Draws) -> None:
    """Districts: as many of each type and composition are away as each quarter's tables were settled to."""
    placed = {
        k: [one for one in everyone if one.first <= k <= one.last and not one.side.startswith("own")]
        for k in range(len(made.plans))
        if made.is_printed(k)
    }
    wanted = [_away_of(made.plans[k], k) for k in placed]
    if any(away.missing(placed[away.quarter]) for away in wanted):
        fit(wanted, everyone, len(made.plans), rng)
    for away in wanted:
        k = away.quarter
        sent = away.deal(placed[k])
        seats: dict[tuple[str, str], list[_Someone]] = defaultdict(list)
        for one in placed[k]:
            seats[(one.kind(k), one.household)].append(one)
        for key, members in sorted(seats.items()):
            rng.shuffle(members)
            # Who was away stays away where there is a choice.
            members.sort(key=lambda one: not one.away.get(k - 1, False))
            for place, one in enumerate(members):
                one.away[k] = place < sent.get(key, 0)
    for one in everyone:
        if one.side.startswith("own"):
            for k in range(one.first, one.last + 1):
                if made.is_printed(k):
                    one.away[k] = one.side not in ("own family", "own single")


def _away_of(here: Plan, quarter: int) -> _Away:
    by_kind: Counter[str] = Counter()
    by_name: Counter[str] = Counter()
    for (kind, name, away), n in sorted(here.prepared.stock.cells.items()):
        if away and kind != "own":
            by_kind[kind] += n
            by_name[name] += n
    total = sum(by_kind.values())
    if here.sheet.get("TA9_HHTYPE", "Total households with children") is None:
        by_name = Counter(dict.fromkeys(codes.HOUSEHOLDS, total))
    return _Away(quarter, dict(by_kind), dict(by_name))


def _ease(made: Aging, everyone: list[_Someone], off: int, missed: Collection[CellRef], rng: Draws) -> int:
    """Let two households of an interval, a side and a district change types while that brings the printed means nearer.

    The model adds the days of an interval up and does not know whose they are from quarter to quarter.
    """
    groups: dict[tuple[int, int, str, bool], list[_Someone]] = defaultdict(list)
    for one in everyone:
        if made.width(one.interval) and not one.side.startswith("own"):
            for quarter in range(one.first, one.last + 1):
                if made.is_printed(quarter):
                    groups[(quarter, one.interval, one.side, one.away[quarter])].append(one)
    mixed = [
        (key[0], members)
        for key, members in sorted(groups.items())
        if len({one.kind(key[0]) for one in members}) > 1
    ]  # fmt: skip
    if not mixed:
        return off
    for _ in range(_EASINGS):
        quarter, members = rng.choice(mixed)
        one, two = rng.choice(members), rng.choice(members)
        if one.kind(quarter) == two.kind(quarter):
            continue
        _swap_kinds(one, two, quarter)
        now = _date(made, everyone, missed, rng)
        if now > off:
            _swap_kinds(one, two, quarter)
        else:
            off = now
        if not off:
            return 0
    return _date(made, everyone, missed, rng)


def _swap_kinds(one: _Someone, two: _Someone, quarter: int) -> None:
    here, there = quarter - one.first, quarter - two.first
    one.kinds[here], two.kinds[there] = two.kinds[there], one.kinds[here]


def _date(made: Aging, everyone: list[_Someone], missed: Collection[CellRef], rng: Draws) -> int:
    """Entry days within the intervals that give the printed means, as near as can be; by how many days they are off."""
    alike: dict[tuple[int, str, int, tuple[str, ...]], list[_Someone]] = defaultdict(list)
    for one in everyone:
        if made.width(one.interval):
            alike[(one.interval, one.side, one.first, tuple(one.kinds))].append(one)
    model = Model()
    back = {}
    off: list[int] = []
    terms: dict[tuple[int, str], dict[int, int]] = defaultdict(dict)
    fixed: Counter[tuple[int, str]] = Counter()
    for key, members in sorted(alike.items()):
        n, width = len(members), made.width(key[0])
        back[key] = model.variable(high=n * width)
        usual = sum(draw_days(0, width, rng) for _ in members)
        over, under = model.variable(high=n * width, cost=1), model.variable(high=n * width, cost=1)
        model.law({back[key]: 1, over: -1, under: 1}, usual, usual, "about as usual")
        for place, kind in enumerate(key[3]):
            terms[(key[2] + place, kind)][back[key]] = 1
    for one in everyone:
        for quarter in range(one.first, one.last + 1):
            last = made.plans[quarter].last.toordinal()
            fixed[(quarter, one.kind(quarter))] += last - made.intervals[one.interval][1]
    for quarter, here in enumerate(made.plans):
        for kind in ALL_KINDS if made.is_printed(quarter) else ():
            bounds = day_bounds(here, kind)
            if bounds is None or mean_cell(here, kind) in missed:
                continue
            low, high = (bound - fixed[(quarter, kind)] for bound in bounds)
            short, more = model.variable(cost=_PRICE), model.variable(cost=_PRICE)
            model.law({**terms[(quarter, kind)], short: 1, more: -1}, low, high, f"{here.sheet.quarter} TA7 {kind}")
            off += [short, more]
    values = Solver(model, _SECONDS).answer()
    if values is None:
        raise OutOfTimeError("No days were found.")
    for key, members in alike.items():
        width, wanted = made.width(key[0]), values[back[key]]
        drawn = [draw_days(0, width, rng) for _ in members]
        lows, highs = [0] * len(members), [width] * len(members)
        for one, days in zip(members, shift_days(drawn, lows, highs, wanted, wanted, rng), strict=True):
            one.back = days
    return sum(values[v] for v in off)
