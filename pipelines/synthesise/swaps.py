"""Which type each household that stays on had a quarter earlier, so that TA7 of that quarter comes out too.

Two households of the same side and band can change places without touching TA4; that moves the days of their types.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from pipelines.synthesise.case import Stay
from pipelines.synthesise.durations import edges, median_and_mean
from pipelines.synthesise.spread import Limit
from pipelines.synthesise.stock import KINDS
from pipelines.synthesise.survivors import Plan, side_of

_STEPS = 60_000
_LONGEST = 40 * 365


@dataclass
class _Kind:
    """Days of one type: those who stay on are settled, those who leave have limits."""

    below: int
    """Greatest day of the lower half."""
    above: int
    """Least day of the upper half."""
    size: int
    least: int
    most: int
    leavers: list[Limit]
    total: int = 0
    low: int = 0
    high: int = 0
    between: int = 0
    members: list[Stay] = field(default_factory=list)
    _ranges: dict[int, tuple[int, int, int]] = field(default_factory=dict)

    def add(self, days: int, sign: int) -> None:
        """Count a household in or out."""
        self.total += sign * days
        if days <= self.below and days >= self.above:
            return
        if days <= self.below:
            self.low += sign
        elif days >= self.above:
            self.high += sign
        else:
            self.between += sign

    def penalty(self) -> float:
        """0 when days for the leavers exist that give the printed median and mean."""
        half = self.size // 2
        wrong = self.between + max(self.low - half, 0) + max(self.high - half, 0)
        short, lowest, highest = self._range(half - self.low)
        wrong += short
        missing = max(self.least - self.total - highest, self.total + lowest - self.most, 0)
        return 2000.0 * wrong + missing

    def _range(self, wanted_low: int) -> tuple[int, int, int]:
        if wanted_low not in self._ranges:
            self._ranges[wanted_low] = self._work_out(wanted_low)
        return self._ranges[wanted_low]

    def _work_out(self, wanted_low: int) -> tuple[int, int, int]:
        must_low = [x for x in self.leavers if x[0] <= self.below and x[1] < self.above]
        must_high = [x for x in self.leavers if x[0] > self.below and x[1] >= self.above]
        free = sorted((x for x in self.leavers if x[0] <= self.below and x[1] >= self.above), key=lambda x: x[0] + x[1])
        take = min(max(wanted_low - len(must_low), 0), len(free))
        short = max(len(must_low) - max(wanted_low, 0), 0)
        short += len(self.leavers) - len(must_low) - len(must_high) - len(free)
        lows = [(a, min(b, self.below)) for a, b in [*must_low, *free[:take]]]
        highs = [(max(a, self.above), b) for a, b in [*must_high, *free[take:]]]
        both = lows + highs
        return short, sum(a for a, _ in both), sum(b for _, b in both)


def balance(here: Plan, asked: list[Stay], kinds: dict[int, str], length: int) -> None:
    """Swap types between households in ``kinds`` until every type's median and mean can be had, or no swap helps."""
    states = _states(here, asked, kinds, length)
    if not states:
        return
    rng = here.rng
    edge = edges(here.last)
    groups: dict[tuple[str, int], list[Stay]] = {}
    for stay in asked:
        if kinds.get(id(stay)) in KINDS:
            days = stay.days - length
            band = next((b for b, (low, high) in enumerate(edge) if low <= days <= high), 4)
            groups.setdefault((side_of(stay.household), band), []).append(stay)
    lists = [group for group in groups.values() if len({kinds[id(s)] for s in group}) > 1]
    if not lists:
        return
    sizes = [len(group) for group in lists]
    worst = {kind: state.penalty() for kind, state in states.items()}
    for _ in range(_STEPS):
        if not any(worst.values()):
            return
        _try_swap(rng, rng.choices(lists, sizes)[0], kinds, states, worst, length)


def _try_swap(
    rng: random.Random,
    group: list[Stay],
    kinds: dict[int, str],
    states: dict[str, _Kind],
    worst: dict[str, float],
    length: int,
) -> None:
    one, other = rng.choice(group), rng.choice(group)
    a, b = kinds[id(one)], kinds[id(other)]
    if a == b or not (worst.get(a) or worst.get(b)):
        return
    days, others = one.days - length, other.days - length
    _exchange(states, a, b, days, others)
    now = {k: states[k].penalty() if k in states else 0.0 for k in (a, b)}
    if sum(now.values()) < worst.get(a, 0.0) + worst.get(b, 0.0):
        kinds[id(one)], kinds[id(other)] = b, a
        worst.update({k: v for k, v in now.items() if k in states})
    else:
        _exchange(states, a, b, others, days)


def _exchange(states: dict[str, _Kind], a: str, b: str, days: int, others: int) -> None:
    if a in states:
        states[a].add(days, -1)
        states[a].add(others, 1)
    if b in states:
        states[b].add(others, -1)
        states[b].add(days, 1)


def _states(here: Plan, asked: list[Stay], kinds: dict[int, str], length: int) -> dict[str, _Kind]:
    edge = edges(here.last)
    states: dict[str, _Kind] = {}
    for kind in KINDS:
        block = here.blocks.get(kind)
        median, mean = median_and_mean(here.sheet, kind)
        size = here.prepared.stock.total[kind]
        if block is None or median is None or mean is None or not size:
            continue
        sizes = [sum(block[side][b] for side in block) for b in range(5)]
        staying = [stay.days - length for stay in asked if kinds.get(id(stay)) == kind]
        for days in staying:
            sizes[next((b for b, (low, high) in enumerate(edge) if low <= days <= high), 4)] -= 1
        leavers = [(edge[b][0], min(edge[b][1], _LONGEST)) for b in range(5) for _ in range(max(sizes[b], 0))]
        state = _Kind(int(median), -int(-median // 1), size, size * mean, size * mean + size - 1, leavers)
        for days in staying:
            state.add(days, 1)
        states[kind] = state
    return states
