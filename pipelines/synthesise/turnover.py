"""How many come, go and cross into the next band of duration in a quarter, so that TA7 of both its ends can be had.

What the days of one quarter's end add up to, plus the quarter for everybody who stays, plus what the newcomers bring,
less the days of the next end, is what those who leave take with them: their bands must be able to hold so many days.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.synthesise.durations import edges, median_and_mean
from pipelines.synthesise.spread import Limit
from pipelines.synthesise.stock import KINDS
from pipelines.synthesise.survivors import Plan, split_band

SIDES = ("family", "single")
_CROSS = (0.0, 0.5, 0.5, 0.25, 0.085)
_FACTORS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.3, 1.7, 2.2, 3.0, 4.0, 6.0)
_NEW = (0.5, 0.4, 0.6, 0.3, 0.7, 0.8, 0.2, 0.9)
_LONGEST = 20 * 365


@dataclass(frozen=True)
class Turnover:
    """For each side and band of one type, how many of it are new (first band) or came up from the band below."""

    moved: dict[tuple[str, int], int]
    gone: dict[tuple[str, int], int]
    """Who leaves, by side and band of the quarter before; negative where more stay than there were."""


def lower_half_staying(before: Plan, kind: str, gone: dict[tuple[str, int], int]) -> tuple[int, int, int] | None:
    """For the median of the quarter before: the days that the lower half ends and the upper half begins with, and how
    many of those who stay on are in the lower half."""
    median, _ = median_and_mean(before.sheet, kind)
    size = before.prepared.stock.total[kind]
    if median is None or not size:
        return None
    below, above = int(median), -int(-median // 1)
    low = 0.0
    for (_, b), n in gone.items():
        first, last = edges(before.last)[b]
        if last <= below:
            low += max(n, 0)
        elif first <= below:
            low += max(n, 0) * (below - first + 1) / (last - first + 1)
    return below, above, max(size // 2 - round(low), 0)


def turnover(here: Plan, before: Plan) -> dict[str, Turnover]:
    """The turnover of every type whose bands are printed at both ends of the quarter."""
    made = {
        kind: _best(here, before, kind)
        for kind in KINDS
        if here.blocks[kind] is not None and before.blocks[kind] is not None
    }
    _level(here, made)
    return made


def _level(here: Plan, made: dict[str, Turnover]) -> None:
    """Over all types no band can have more who stay than were in it: the rest came from the band below, or are new."""
    for side in SIDES:
        for b in (4, 3, 2, 1, 0):
            short = -sum(t.gone[(side, b)] for t in made.values())
            for kind in sorted(made, key=lambda k: made[k].gone[(side, b)]):
                block = here.blocks[kind] or {}
                step = min(max(short, 0), block[side][b] - made[kind].moved[(side, b)])
                made[kind].moved[(side, b)] += step
                made[kind].gone[(side, b)] += step
                if b:
                    made[kind].gone[(side, b - 1)] -= step
                short -= step


def _best(here: Plan, before: Plan, kind: str) -> Turnover:
    best = None
    best_score = -1e18
    scale = _Scale.of(here, before, kind)
    for new in _NEW:
        for factor in _FACTORS:
            made = _one(here, before, kind, factor, new)
            score = _score(here, scale, made) - abs(factor - 1.0) * 1e-6
            if score > best_score:
                best, best_score = made, score
        if best_score > 0.15:
            break
    assert best is not None
    return best


def _one(here: Plan, before: Plan, kind: str, factor: float, new: float) -> Turnover:
    ours, theirs = here.blocks[kind] or {}, before.blocks[kind] or {}
    moved: dict[tuple[str, int], int] = {}
    gone: dict[tuple[str, int], int] = {}
    for side in SIDES:
        now, then = ours[side], theirs[side]
        above = 0
        for b in (4, 3, 2, 1):
            least = max(now[b] - then[b] + above, 0)
            usual = round(_CROSS[b] * factor * then[b - 1])
            count = min(max(usual, least), now[b], then[b - 1] if then[b - 1] >= least else now[b])
            gone[(side, b)] = then[b] - (now[b] - count) - above
            moved[(side, b)] = count
            above = count
        stay = max(min(round((1 - new) * now[0]), then[0] - above), 0)
        moved[(side, 0)] = now[0] - stay
        gone[(side, 0)] = then[0] - stay - above
    return Turnover(moved, gone)


@dataclass(frozen=True)
class _Scale:
    """What every turnover of one type is measured by."""

    mean: int | None
    earlier: int | None
    """Means of TA7 at the quarter's end and a quarter earlier."""
    size: int
    first: int
    """Households at the quarter's end and a quarter earlier."""
    leaving: list[Limit]
    """Days of those who leave, by band."""
    bands: list[tuple[Limit, Limit]]
    """Days of those who came into a band and of those who were in it, by band."""
    block: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, here: Plan, before: Plan, kind: str) -> _Scale:
        now, then = edges(here.last), edges(before.last)
        return cls(
            median_and_mean(here.sheet, kind)[1],
            median_and_mean(before.sheet, kind)[1],
            here.prepared.stock.total[kind],
            before.prepared.stock.total[kind],
            [(low, min(high, _LONGEST)) for low, high in then],
            [split_band(b, now, then, here.length) for b in range(5)],
            here.blocks[kind] or {},
        )


def _score(here: Plan, scale: _Scale, made: Turnover) -> float:
    """How far inside its limits the sum of the leavers' days lies, as a share of the limits; negative outside."""
    short = sum(min(n, 0) for n in made.gone.values())
    if scale.mean is None or scale.earlier is None:
        return float(short)
    size, first = scale.size, scale.first
    new = sum(made.moved[(side, 0)] for side in SIDES)
    staying = size - new
    total = size * scale.mean + size // 2
    needed = first * scale.earlier + first // 2 + here.length * staying + new * here.length // 2 - total
    low = high = 0
    for (_, b), n in made.gone.items():
        if n > 0:
            low += n * scale.leaving[b][0]
            high += n * scale.leaving[b][1]
    margin = min(needed - low, high - needed) / max(high - low, 1)
    inside = _inside(scale, made, total - new * here.length // 2)
    return min(margin, inside) + short


def _inside(scale: _Scale, made: Turnover, needed: int) -> float:
    """The same for those who stay, at the quarter's end."""
    low = high = 0
    for side in SIDES:
        for b, (crossed, stayed) in enumerate(scale.bands):
            count = made.moved[(side, b)]
            rest = scale.block[side][b] - count
            if b:
                low += count * crossed[0]
                high += count * min(crossed[1], _LONGEST)
            low += rest * stayed[0]
            high += rest * min(stayed[1], _LONGEST)
    return min(needed - low, high - needed) / max(high - low, 1)
