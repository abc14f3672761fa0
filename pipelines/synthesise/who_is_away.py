"""Which household has which composition and type, so that as many of each can be in another district as must be.

Entry days, when households leave, and how many of an interval of entry days have a type stay as they are: within one
interval, and near the same end of it, households of a side are told apart in print by nothing but these.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Protocol

from pipelines.synthesise.aging import COMPOSITIONS
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.exact.model import FREE, Model
from pipelines.synthesise.exact.solver import OutOfTimeError, Solver

_SECONDS = 10.0
# A household that is missing there costs more than whatever the others would rather be.
_TASTE = 9
_PRICE = 1_000_000


class Someone(Protocol):
    """A household while it is being put together."""

    interval: int
    is_far: bool
    side: str
    first: int
    kinds: list[str]
    household: str

    @property
    def last(self) -> int:
        """The quarter at whose end it is counted last."""


class Away(Protocol):
    """How many households of each type, and of each composition, are in another district at the end of a quarter."""

    quarter: int
    by_kind: dict[str, int]
    by_name: dict[str, int]


Spell = tuple[int, bool]
"""Interval of the entry day, and at which of its ends."""
Class = tuple[Spell, int, str]
"""Spell, last quarter and side."""


def fit(wanted: Sequence[Away], everyone: Sequence[Someone], quarters: int, rng: Draws) -> None:
    """Give compositions and types anew so that as few as can be are missing from those away; else change nothing.

    Every quarter keeps how many it has of each composition, and of each type, spell and side. Of answers that are alike
    in that one is drawn.
    """
    placed = [one for one in everyone if not one.side.startswith("own")]
    classes: dict[Class, list[Someone]] = defaultdict(list)
    for one in placed:
        classes[(_spell(one), one.last, one.side)].append(one)
    model = Model()
    named = _compositions(model, classes, placed, quarters)
    typed = {away.quarter: _types(model, away, placed, named, rng) for away in wanted}
    try:
        values = Solver(model, _SECONDS).answer()
    except OutOfTimeError:
        return
    if values is None:
        return
    for key, members in sorted(classes.items()):
        names = Counter({name: values[v] for (k, name), v in named.items() if k == key})
        _keep_or_take(members, names)
    for quarter, numbers in typed.items():
        _change_types(quarter, placed, {key: values[v] for key, v in numbers.items()})


def _spell(one: Someone) -> Spell:
    return one.interval, one.is_far


def _first_of(members: Sequence[Someone]) -> int:
    return members[0].first


def _compositions(
    model: Model, classes: Mapping[Class, list[Someone]], placed: Sequence[Someone], quarters: int
) -> dict[tuple[Class, str], int]:
    """How many of a class have a composition; each quarter as many of a composition as it has."""
    named: dict[tuple[Class, str], int] = {}
    for key, members in sorted(classes.items()):
        for name in COMPOSITIONS[key[2]]:
            named[(key, name)] = model.variable(high=len(members))
        every = {named[(key, name)]: 1 for name in COMPOSITIONS[key[2]]}
        model.law(every, len(members), len(members), "every household has one composition")
    for quarter in range(quarters):
        has = Counter(one.household for one in placed if one.first <= quarter <= one.last)
        for name in sorted({name for _, name in named}):
            there = {
                v: 1
                for (key, n), v in named.items()
                if n == name and _first_of(classes[key]) <= quarter <= key[1]
            }  # fmt: skip
            model.law(there, has[name], has[name], "as many of a composition as the quarter has")
    return named


def _types(
    model: Model, away: Away, placed: Sequence[Someone], named: Mapping[tuple[Class, str], int], rng: Draws
) -> dict[tuple[Spell, str, str, str], int]:
    """How many of a spell and side have a type and composition at the end of the quarter, and who is away."""
    quarter = away.quarter
    there = [one for one in placed if one.first <= quarter <= one.last]
    seats = Counter((_spell(one), one.side, one.kinds[quarter - one.first]) for one in there)
    typed = {
        (spell, side, kind, name): model.variable(high=n, cost=rng.randint(0, _TASTE))
        for (spell, side, kind), n in sorted(seats.items())
        for name in COMPOSITIONS[side]
    }
    parts: dict[tuple[object, ...], dict[int, int]] = defaultdict(dict)
    for (spell, side, kind, name), v in typed.items():
        parts["seats", spell, side, kind][v] = 1
        parts["people", spell, side, name][v] = 1
        parts["both", kind, name][v] = 1
    for (spell, side, kind), n in seats.items():
        model.law(parts["seats", spell, side, kind], n, n, "every household has one composition")
    of_spell: dict[tuple[Spell, str, str], dict[int, int]] = defaultdict(dict)
    for ((spell, last, side), name), v in named.items():
        if last >= quarter and ("people", spell, side, name) in parts:
            of_spell[(spell, side, name)][v] = -1
    for (spell, side, name), people in of_spell.items():
        model.law({**people, **parts["people", spell, side, name]}, 0, 0, "every household has one type")
    sent: dict[tuple[str, str], int] = {}
    for what, *key in list(parts):
        if what == "both":
            kind, name = str(key[0]), str(key[1])
            sent[(kind, name)] = model.variable()
            model.law({**parts["both", kind, name], sent[(kind, name)]: -1}, 0, FREE, "who is away is there")
    for kind, n in away.by_kind.items():
        short = model.variable(cost=_PRICE)
        model.law({short: 1, **{v: 1 for (k, _), v in sent.items() if k == kind}}, n, n, "away by type")
    for name in sorted({name for _, name in sent}):
        most = away.by_name.get(name, 0)
        model.law({v: 1 for (_, n), v in sent.items() if n == name}, 0, most, "away by composition")
    return typed


def _keep_or_take(members: Sequence[Someone], names: Counter[str]) -> None:
    waiting = []
    for one in members:
        if names[one.household]:
            names[one.household] -= 1
        else:
            waiting.append(one)
    for one, name in zip(waiting, sorted(names.elements()), strict=True):
        one.household = name


def _change_types(quarter: int, placed: Sequence[Someone], typed: Mapping[tuple[Spell, str, str, str], int]) -> None:
    left = Counter(typed)
    waiting = []
    for one in placed:
        if not one.first <= quarter <= one.last:
            continue
        key = (_spell(one), one.side, one.kinds[quarter - one.first], one.household)
        if left[key]:
            left[key] -= 1
        else:
            waiting.append(one)
    free: dict[tuple[Spell, str, str], list[str]] = defaultdict(list)
    for spell, side, kind, name in sorted((+left).elements()):
        free[(spell, side, name)].append(kind)
    for one in waiting:
        one.kinds[quarter - one.first] = free[(_spell(one), one.side, one.household)].pop()
