"""Which suspects close the differences: one case has one effect, and it has to fit every cell that it touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.emit.tables.contributions import STATISTICS, Cell, Contributions, Vector, plus
from pipelines.emit.tables.suppositions import Supposition

STEPS = 3000
"""How many sets of suspects are looked at before the best one so far is taken."""

MANY = 40
"""Suspects whose sets are searched; of more, each is taken as it fits."""

BY_CHANCE = 0.2
"""How many suspects may be expected to fit by chance before a weak suspicion is no reason (ours)."""

TELLING = 0.25
"""A cell tells a case from others if no larger share of those that its table counts stand in it (ours)."""

TELLING_CELLS = 5
SEEN = 2 / 3
"""In so many, and in this share, of such cells a suspect has to be seen where others offset it (ours)."""

DAYS_CONFIRM = 0.1
"""What remains of that expectation where the printed days agree as well, to the day."""


@dataclass(frozen=True)
class Target:
    """What is to be closed.

    ``differences``: by count that can be compared, printed less ours, 0 where they agree. ``loose``: counts whose
    print is known not to be that count: an effect on them neither fits nor misfits. ``days``: by type of accommodation
    and statistic, the printed days.
    """

    differences: Mapping[Cell, int]
    loose: frozenset[Cell] = frozenset()
    days: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def seen(self, effect: Mapping[Cell, int]) -> Vector:
        """The part of an effect that can be compared."""
        return {cell: n for cell, n in effect.items() if cell in self.differences and cell not in self.loose}

    def less(self, chosen: Iterable[Supposition]) -> Target:
        """What is left when these are as supposed."""
        total = self.seen(plus(*(one.effect for one in chosen)))
        left = {cell: n - total.get(cell, 0) for cell, n in self.differences.items()}
        return Target(left, self.loose, self.days)


@dataclass(frozen=True)
class Closed:
    """The suspects that are taken for the reason, and for each the others of its kind that would do as well."""

    chosen: tuple[Supposition, ...]
    instead: Mapping[Supposition, tuple[Supposition, ...]]


def close(target: Target, suspects: Sequence[Supposition], ours: Contributions) -> Closed:
    """The suspects whose effects fit the differences, in direction and size, in every cell that they touch.

    Where the data themselves say of a case that it is counted otherwise, it may close a part of a difference, and it is
    seen behind others that offset it in totals, if most of the cells that tell it from others differ by it. A case
    that merely could be (a date near the boundary) has to close every cell that it touches, alone, and to be one that
    hardly another would match by chance.
    """
    telling = _telling(ours)
    strong = [one for one in suspects if one.kind.strong and target.seen(one.effect)]
    chosen = _best(target, strong)
    left = target.less(chosen)
    for one in strong:
        if one.case_ref not in {c.case_ref for c in chosen} and _shows(left, one, telling):
            chosen = (*chosen, one)
            left = left.less([one])
    chosen = _not_by_chance(target, chosen, strong)
    left = target.less(chosen)
    weak = [one for one in suspects if not one.kind.strong]
    while found := _likeliest(left, [one for one in weak if one.case_ref not in {c.case_ref for c in chosen}], ours):
        chosen = (*chosen, found)
        left = left.less([found])
    return Closed(chosen, {one: _others(target, one, suspects, chosen) for one in chosen})


def _not_by_chance(
    target: Target, chosen: tuple[Supposition, ...], suspects: Sequence[Supposition]
) -> tuple[Supposition, ...]:
    """Without the kinds of which most suspects do not fit, unless those that do close all that they touch.

    What is so of one case recorded late is so of the others: where few of many fit, they fit by chance.
    """
    left = target.less(chosen)
    kept: list[Supposition] = []
    for kind in dict.fromkeys(one.kind for one in chosen):
        own = [one for one in chosen if one.kind == kind]
        many = len({one.case_ref for one in suspects if one.kind == kind})
        closes = not any(left.differences[cell] for one in own for cell in target.seen(one.effect))
        if closes or 2 * len(own) >= many:
            kept += own
    return tuple(kept)


def _telling(ours: Contributions) -> frozenset[Cell]:
    """Cells in which few of the cases stand that their table counts."""
    counted: Counter[Cell] = Counter()
    tables: Counter[str] = Counter()
    for vector in ours.counts.values():
        counted.update(vector.keys())
        tables.update({table for table, _ in vector})
    return frozenset(cell for cell, n in counted.items() if n <= TELLING * tables[cell[0]])


def _shows(target: Target, one: Supposition, telling: Collection[Cell]) -> bool:
    """Whether a suspect is seen in the cells that tell it from others, though something else offsets it elsewhere."""
    seen = target.seen(one.effect)
    own = [cell for cell in seen if cell in telling]
    fitting = [cell for cell in own if _fits(target.differences[cell], seen[cell])]
    return len(fitting) >= TELLING_CELLS and len(fitting) >= SEEN * len(own)


def _others(
    target: Target, one: Supposition, suspects: Sequence[Supposition], chosen: Collection[Supposition]
) -> tuple[Supposition, ...]:
    effect = target.seen(one.effect)
    return tuple(
        other
        for other in suspects
        if other not in chosen and other.kind == one.kind and target.seen(other.effect) == effect
    )


def _fits(difference: int, effect: int) -> bool:
    """Whether an effect goes the way of the difference and not beyond it."""
    return 0 <= effect <= difference or difference <= effect <= 0


def _best(target: Target, suspects: Sequence[Supposition]) -> tuple[Supposition, ...]:
    """The set that closes most, with the fewest cases; suspects may offset each other where they meet in a cell."""
    effects = [target.seen(one.effect) for one in suspects]
    best: tuple[tuple[int, int, int], tuple[int, ...]] = ((0, 0, 0), ())
    steps = 0

    def misfits(total: Mapping[Cell, int]) -> Cell | None:
        return next((cell for cell, n in total.items() if not _fits(target.differences[cell], n)), None)

    def look(first: int, taken: tuple[int, ...], total: Vector) -> None:
        nonlocal best, steps
        steps += 1
        cell = misfits(total)
        if cell is None:
            whole = sum(target.differences[at] == n for at, n in total.items())
            score = (sum(map(abs, total.values())), whole, -len(taken))
            best = max(best, (score, taken), key=lambda scored: scored[0])
        over = 0 if cell is None else total[cell] - target.differences[cell]
        persons = {suspects[at].case_ref for at in taken}
        for at in range(first if cell is None else 0, len(suspects)):
            if steps >= STEPS:
                return
            helps = cell is None or effects[at].get(cell, 0) * over < 0
            if helps and at not in taken and suspects[at].case_ref not in persons and len(taken) < MANY:
                look(max(first, at + 1), (*taken, at), plus(total, effects[at]))

    if len(suspects) <= MANY:
        look(0, (), {})
        return tuple(suspects[at] for at in sorted(best[1]))
    total: Vector = {}
    taken: list[Supposition] = []
    for one, effect in zip(suspects, effects, strict=True):
        tried = plus(total, effect)
        if one.case_ref not in {held.case_ref for held in taken} and all(
            _fits(target.differences[cell], tried.get(cell, 0)) for cell in effect
        ):
            total, taken = tried, [*taken, one]
    return tuple(taken)


def _likeliest(target: Target, suspects: Sequence[Supposition], ours: Contributions) -> Supposition | None:
    """The weak suspect that closes all the cells that it touches, most of them, if no other kind would do as well."""
    whole = [
        one
        for one in suspects
        if (seen := target.seen(one.effect))
        and all(target.differences[cell] == n for cell, n in seen.items())
        and days_agree(target, ours, [one]) is not False
        and _by_chance(target, one, suspects, ours) < BY_CHANCE
    ]
    if not whole:
        return None
    most = max(len(target.seen(one.effect)) for one in whole)
    first = [one for one in whole if len(target.seen(one.effect)) == most]
    effects = {tuple(sorted(target.seen(one.effect).items())) for one in first}
    if len({one.kind for one in first}) > 1 and len(effects) == 1:
        return None
    return first[0]


def _by_chance(target: Target, one: Supposition, suspects: Sequence[Supposition], ours: Contributions) -> float:
    """How many suspects would fit as this one does if what closes the difference were any household like ours."""
    seen = target.seen(one.effect)
    tables = {table for table, _ in seen}
    shapes = Counter(
        tuple(sorted((cell, n) for cell, n in vector.items() if cell in target.differences and cell[0] in tables))
        for vector in ours.counts.values()
        if any(table in tables for table, _ in vector)
    )
    rivals = len(
        {
            other.case_ref
            for other in suspects
            if any(n * seen.get(cell, 0) > 0 for cell, n in target.seen(other.effect).items())
        }
    )
    counted = max(sum(shapes.values()), 1)
    if sum(seen.values()) < 0:
        # One of ours that print does not have is a suspect of this kind, too, as often as any of ours is one.
        return rivals / counted
    alike = shapes[tuple(sorted((cell, abs(n)) for cell, n in seen.items()))]
    expected = rivals * max(alike, 0.5) / counted
    return expected * (DAYS_CONFIRM if days_agree(target, ours, [one]) else 1)


def days_agree(target: Target, ours: Contributions, chosen: Sequence[Supposition]) -> bool | None:
    """Whether the printed days of the types that these touch are ours as supposed; None where there is none of them."""
    if not target.days:
        return None
    held = dict(ours.days)
    types: set[str] = set()
    for one in chosen:
        before = held.pop(one.case_ref, None)
        if one.days is not None:
            held[one.case_ref] = one.days
        if before != one.days:
            types |= {stay[0] for stay in (before, one.days) if stay is not None}
    stays: dict[str, list[int]] = {name: [] for name in types}
    for name, days in held.values():
        if name in types:
            stays[name].append(days)
    compared = [
        target.days[name, statistic] == reckon(stays[name])
        for name in types
        for statistic, reckon in STATISTICS.items()
        if (name, statistic) in target.days
    ]
    return all(compared) if compared else None
