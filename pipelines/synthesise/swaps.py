"""Which type each household that stays on had a quarter earlier, so that TA7 of that quarter comes out too.

Two households of the same side and band can change places without touching TA4; that moves the days of their types.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field
from itertools import accumulate

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
        low, high, between = self._place(days)
        self.low += sign * low
        self.high += sign * high
        self.between += sign * between

    def _place(self, days: int) -> tuple[int, int, int]:
        """1 for the part of the list that the days settle: lower half, upper half, neither; all 0 in both at once."""
        if days <= self.below:
            return (0, 0, 0) if days >= self.above else (1, 0, 0)
        return (0, 1, 0) if days >= self.above else (0, 0, 1)

    def penalty(self, gone: int | None = None, come: int | None = None) -> float:
        """0 when days for the leavers exist that give the printed median and mean.

        With both given, what it would be were a household of ``gone`` days exchanged for one of ``come`` days.
        """
        total, low, high, between = self.total, self.low, self.high, self.between
        if gone is not None and come is not None:
            (low_gone, high_gone, between_gone), (low_come, high_come, between_come) = map(self._place, (gone, come))
            total += come - gone
            low += low_come - low_gone
            high += high_come - high_gone
            between += between_come - between_gone
        half = self.size // 2
        short, lowest, highest = self._range(half - low)
        wrong = between + max(low - half, 0) + max(high - half, 0) + short
        missing = max(self.least - total - highest, total + lowest - self.most, 0)
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
    lists = [
        [(id(stay), stay.days - length) for stay in group]
        for group in groups.values()
        if len({kinds[id(stay)] for stay in group}) > 1
    ]
    if not lists:
        return
    ends = list(accumulate(map(len, lists)))
    worst = {kind: state.penalty() for kind, state in states.items()}
    is_open = any(worst.values())
    for _ in range(_STEPS):
        if not is_open:
            return
        # The draw of random.choices, whose sums are made once here.
        group = lists[bisect(ends, rng.random() * ends[-1], 0, len(lists) - 1)]
        if _try_swap(rng.choice(group), rng.choice(group), kinds, states, worst):
            is_open = any(worst.values())


def _try_swap(
    one: tuple[int, int],
    other: tuple[int, int],
    kinds: dict[int, str],
    states: dict[str, _Kind],
    worst: dict[str, float],
) -> bool:
    """Exchange the types of two households, each named by its stay and its days a quarter earlier, where it helps."""
    (stay, days), (neighbour, others) = one, other
    a, b = kinds[stay], kinds[neighbour]
    if a == b:
        return False
    before = worst.get(a, 0.0) + worst.get(b, 0.0)
    if not before:
        return False
    now = {k: states[k].penalty(gone, come) for k, gone, come in ((a, days, others), (b, others, days)) if k in states}
    if sum(now.values()) >= before:
        return False
    for kind, gone, come in ((a, days, others), (b, others, days)):
        if kind in states:
            states[kind].add(gone, -1)
            states[kind].add(come, 1)
    kinds[stay], kinds[neighbour] = b, a
    worst.update(now)
    return True


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
