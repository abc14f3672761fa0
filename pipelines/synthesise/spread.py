"""Days of the households of one type: each within its own limits, with the median and the cut-off mean of TA7."""

from __future__ import annotations

import random

from pipelines.synthesise.durations import draw_days, shift_days

Limit = tuple[int, int]


def fit_limits(limits: list[Limit], median: float | None, mean: int | None, rng: random.Random) -> list[int] | None:
    """Days for households in the order given; None when no days within the limits have this median and mean.

    A household whose days are settled has both limits the same.
    """
    n = len(limits)
    if n == 0:
        return []
    if median is None or mean is None:
        return [draw_days(low, high, rng) for low, high in limits]
    for below, above in _middles(limits, median):
        sides = _sides(limits, below, above, rng)
        if sides is None:
            continue
        low = [a for a, _ in sides]
        high = [b for _, b in sides]
        least, most = n * mean, n * mean + n - 1
        if sum(low) > most or sum(high) < least:
            continue
        days = [draw_days(a, b, rng) for a, b in sides]
        return shift_days(days, low, high, least, most, rng)
    return None


def _middles(limits: list[Limit], median: float) -> list[Limit]:
    n = len(limits)
    if n % 2:
        whole = round(median)
        return [(whole, whole)] if whole == median else []
    twice = round(2 * median)
    middle = twice // 2
    # Nobody lies between the two middle days, so they are no further apart than the household nearest to them allows.
    widest = min(max(middle - low, high - (twice - middle)) for low, high in limits)
    steps = [*range(0, 30), *range(30, 200, 10), *range(200, 3000, 100)]
    # A pair further apart becomes possible where one of its days meets a limit, which may lie between two steps.
    edges = {middle - high for _, high in limits} | {low - (twice - middle) for low, _ in limits}
    steps += sorted(edge for edge in edges if edge >= 0)
    return [(middle - s, twice - middle + s) for s in steps if s <= min(widest, middle)]


def _sides(limits: list[Limit], below: int, above: int, rng: random.Random) -> list[Limit] | None:
    """Limits narrowed so that the middle of the sorted days is ``below`` and ``above`` (one day for an odd number)."""
    n = len(limits)
    odd = n % 2 == 1
    first = _pin(limits, below, set())
    if first is None:
        return None
    pinned = {first}
    second = first
    if not odd:
        found = _pin(limits, above, pinned)
        if found is None:
            return None
        second = found
        pinned.add(second)
    half = (n - 1) // 2
    lows, highs, free = [], [], []
    for i, (low, high) in enumerate(limits):
        if i in pinned:
            continue
        can_low, can_high = low <= below, high >= above
        if can_low and can_high:
            free.append(i)
        elif can_low:
            lows.append(i)
        elif can_high:
            highs.append(i)
        else:
            return None
    if len(lows) > half or len(highs) > n - half - len(pinned):
        return None
    # Those that reach furthest up go up, so that as much of the day range as possible stays open.
    free.sort(key=lambda i: (limits[i][0] + limits[i][1], rng.random()))
    take = half - len(lows)
    lows += free[:take]
    highs += free[take:]
    narrowed = list(limits)
    for i in lows:
        narrowed[i] = (limits[i][0], min(limits[i][1], below))
    for i in highs:
        narrowed[i] = (max(limits[i][0], above), limits[i][1])
    narrowed[first] = (below, below)
    if not odd:
        narrowed[second] = (above, above)
    return narrowed


def _pin(limits: list[Limit], day: int, taken: set[int]) -> int | None:
    """A household that can have exactly that day: one with settled days first, then one with few other days."""
    best: int | None = None
    width = 10**9
    for i, (low, high) in enumerate(limits):
        if i not in taken and low <= day <= high and high - low < width:
            best, width = i, high - low
    return best
