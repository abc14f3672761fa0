"""Columns whose headings say the same, told apart by the sums that hold in print.

"Rent arrears" stands under three endings of a tenancy. Where the groups are not named, the column whose figures
make the total of the group come out, for every authority, is the one; where two columns would, none is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from pipelines.published.identity import Identity, Kind, Ref

Figures = Sequence[float | None]  # one for each authority

HOLDS = 0.02
"""Share of authorities for which a sum may fail and yet hold: in print it does for fewer, save in single tables."""
NEARLY = 0.2
"""A second choice that fails for fewer than this makes the first one uncertain."""
FEWEST = 20
MOST_CHOICES = 8_000
_SAMPLE = 40


def told_by_sums(
    identities: Sequence[Identity], known: Mapping[Ref, Figures], choices: Mapping[Ref, Mapping[int, Figures]]
) -> dict[Ref, int]:
    """The heading of each column that one sum tells, by its number; ``known`` are the columns that are read.

    ``choices`` has for a column that is not read the figures under each heading that its words allow.
    """
    told: dict[Ref, int] = {}
    taken: set[int] = set()
    read = dict(known)
    changed = True
    while changed:
        changed = False
        for identity in identities:
            if identity.kind is not Kind.EQUAL:
                continue
            asked = [ref for ref in identity.refs if ref not in read]
            if not asked or not all(choices.get(ref) for ref in asked):
                continue
            free = [{at: figures for at, figures in choices[ref].items() if at not in taken} for ref in asked]
            if prod(len(one) for one in free) > MOST_CHOICES:
                continue
            found = _only_one(identity, read, asked, free)
            if found:
                changed = True
                for ref, at in zip(asked, found, strict=True):
                    told[ref] = at
                    taken.add(at)
                    read[ref] = choices[ref][at]
    return told


def _only_one(
    identity: Identity, known: Mapping[Ref, Figures], asked: list[Ref], free: Sequence[Mapping[int, Figures]]
) -> tuple[int, ...] | None:
    """The choice with which the sum holds, if no other comes near it."""
    signs = [1 if ref == identity.printed else -1 for ref in asked]
    left = [_signed(identity, known, place) for place in range(_length(known, free))]
    holding: list[tuple[int, ...]] = []
    for chosen in _choices(free):
        columns = [free[place][at] for place, at in enumerate(chosen)]
        if _fails(left, columns, signs, _SAMPLE) > NEARLY or _fails(left, columns, signs, len(left)) > NEARLY:
            continue
        holding.append(chosen)
        if len(holding) > 1:
            return None
    if not holding:
        return None
    columns = [free[place][at] for place, at in enumerate(holding[0])]
    return holding[0] if _fails(left, columns, signs, len(left), FEWEST) <= HOLDS else None


def _length(known: Mapping[Ref, Figures], free: Sequence[Mapping[int, Figures]]) -> int:
    return len(next(iter([*known.values(), *(figures for one in free for figures in one.values())])))


def _choices(free: Sequence[Mapping[int, Figures]], chosen: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    if len(chosen) == len(free):
        yield chosen
        return
    for at in free[len(chosen)]:
        if at not in chosen:
            yield from _choices(free, (*chosen, at))


def _signed(identity: Identity, known: Mapping[Ref, Figures], place: int) -> float | None:
    """The printed total less its parts, of the columns that are read, for one authority."""
    sum_ = 0.0
    for ref in identity.refs:
        if ref in known:
            figure = known[ref][place]
            if figure is None:
                return None
            sum_ += figure if ref == identity.printed else -figure
    return sum_


def _fails(left: Sequence[float | None], columns: list[Figures], signs: list[int], many: int, fewest: int = 1) -> float:
    """Share of the first authorities for which the sum does not hold; 1 where too few say anything."""
    told = failed = 0
    for place in range(min(many, len(left))):
        rest = left[place]
        figures = [column[place] for column in columns]
        if rest is None or None in figures:
            continue
        parts = [figure for figure in figures if figure is not None]
        if rest or any(parts):
            told += 1
            failed += rest + sum(sign * figure for sign, figure in zip(signs, parts, strict=True)) != 0
    return failed / told if told >= fewest else 1.0
