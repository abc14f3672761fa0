"""Main applicants over several quarters: ages (TA5, and 16 or 17 in bed and breakfast of TA1) and ethnicity (TA6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from pipelines.synthesise import codes, likely, occupants
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.deal import deal, split
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.exact.model import CellRef
from pipelines.synthesise.stock import HEADS, Stock
from pipelines.synthesise.tracks import (
    Cell,
    Key,
    Margin,
    Printed,
    Track,
    Way,
    by_quarters,
    deal_ways,
    printed_cells,
    settle_margin,
)

YOUNG = "16-17"
_QUARTERS_YOUNG = 8
"""Nobody is 16 or 17 for longer."""
_BANDS = tuple(codes.AGES)
_ADULT = _BANDS[_BANDS.index(YOUNG) + 1 :]
_CROSSING = 0.02
_YOUNG_AGES = (16, 17)
_QUARTERS_OF_AGE = 18 * 4
_IN_BB = "16 or 17 in bed and breakfast"


def deal_ethnicity(sheets: Sequence[Sheet], tracks: Sequence[Track], rng: Draws) -> None:
    """One ethnic group for each household over all its quarters, so that TA6 of each comes out."""
    sizes = _sizes(sheets, tracks)
    margins = [settle_margin(s, "TA6", n, codes.ethnicity, rng) for s, n in zip(sheets, sizes, strict=True)]
    usual = occupants.usual_ethnicity(sheets[-1])
    groups = by_quarters(tracks)
    room = _room(margins)
    names = sorted({value for margin in margins if margin is not None for value in margin.values})
    if names:

        def ways(key: tuple[int, ...]) -> list[Way]:
            return [Way(tuple((k, name) for k in key)) for name in names]

        printed = printed_cells(sheets, "TA6", margins)
        counts = deal_ways({key: len(group) for key, group in groups.items()}, ways, room, printed)
        for key, group in groups.items():
            hand = [name for name, n in zip(names, counts[key], strict=True) for _ in range(n)]
            rng.shuffle(hand)
            for track, name in zip(group, hand, strict=True):
                for stay in track.stays:
                    stay.ethnicity = name
    for track in tracks:
        if track.stays[0].ethnicity is None:
            drawn = rng.choices(list(usual), list(usual.values()))[0]
            for stay in track.stays:
                stay.ethnicity = drawn


def deal_ages(
    sheets: Sequence[Sheet], stocks: Sequence[Stock], tracks: Sequence[Track], rng: Draws, *, exactly: bool = False
) -> None:
    """An age band for each main applicant in each quarter, at most one birthday across a band's edge over all.

    Those of 16 and 17 come first and the others take the rest; ``exactly``, or where that misses a printed count, all
    are dealt at once by the exact solver if it is there.
    """
    for track in tracks:
        for stay in track.stays:
            stay.age, stay.own_age, stay.is_young = None, None, False
    margins: list[Margin] = []
    bare: list[Margin | None] = []
    for sheet, stock, size in zip(sheets, stocks, _sizes(sheets, tracks), strict=True):
        found = settle_margin(sheet, "TA5", size, lambda p: p if p in codes.AGES else "nk", rng)
        bare.append(found)
        if found is None:
            young = min(stock.young or 0, size)
            shares = split(size - young, list(occupants.AGES.values()), rng)
            found = Margin({YOUNG: young, **dict(zip(occupants.AGES, shares, strict=True))}, [])
        margins.append(found)
    printed = [*printed_cells(sheets, "TA5", bare), *_young_printed(sheets, stocks)]
    likely_first = sorted(
        (track for track in tracks if track.placed),
        key=lambda t: (t.household in codes.FAMILIES, len(t.placed), rng.random()),
    )
    if exactly or not _in_turn(sheets, stocks, margins, likely_first, printed, rng):
        _at_once(sheets, margins, likely_first, printed, rng)
    for track in tracks:
        known = next((stay.age for stay in track.stays if stay.age is not None), None)
        known = known or rng.choices(list(occupants.AGES), list(occupants.AGES.values()))[0]
        for stay in track.stays:
            known = stay.age = stay.age or known
            stay.is_young = stay.kind == "bb" and stay.age == YOUNG


def _young_printed(sheets: Sequence[Sheet], stocks: Sequence[Stock]) -> list[Printed]:
    found = []
    for k, (sheet, stock) in enumerate(zip(sheets, stocks, strict=True)):
        path = sheet.find("TA1", HEADS["bb"], "Total with 16/17")
        if stock.young is not None and path is not None:
            ref = CellRef(str(sheet.quarter), "TA1", path)
            printed = Printed(ref, frozenset({(k, _IN_BB)}), stock.young)
            found.append(printed)
    return found


def _in_turn(
    sheets: Sequence[Sheet],
    stocks: Sequence[Stock],
    margins: Sequence[Margin],
    tracks: Sequence[Track],
    printed: Sequence[Printed],
    rng: Draws,
) -> bool:
    """Deal those of 16 and 17, then the others; whether every printed count is met."""
    young_tracks = _young(sheets, stocks, margins, tracks)
    room = _room(margins)
    for track, quarters in young_tracks:
        for number, k in enumerate(track.placed):
            stay = track.at(k)
            stay.age = YOUNG if number < quarters else _ADULT[0]
            if (k, stay.age) in room:
                room[(k, stay.age)] -= 1
    held = {id(track) for track, _ in young_tracks}
    rest = by_quarters([track for track in tracks if id(track) not in held])
    counts = deal_ways({key: len(group) for key, group in rest.items()}, _age_ways, room, _less(printed, young_tracks))
    for key, group in rest.items():
        _hand_out(group, _age_ways(key), counts[key], rng)
    return _all_met(tracks, printed)


def _hand_out(group: Sequence[Track], ways: Sequence[Way], counts: Sequence[int], rng: Draws) -> None:
    """Ways to the households of a class, likely ages for their composition first."""
    hand = {number: n for number, n in enumerate(counts) if n}

    def weight(household: str, number: int) -> float:
        return likely.age_for_household(household, ways[number].cells[0][1])

    for track, number in zip(group, deal(rng, [track.household for track in group], hand, weight), strict=True):
        for k, value in ways[number].cells:
            if value in codes.AGES or value == "nk":
                track.at(k).age = value


def _all_met(tracks: Sequence[Track], printed: Sequence[Printed]) -> bool:
    reached: Counter[Cell] = Counter()
    for track in tracks:
        for k in track.placed:
            stay = track.at(k)
            reached[(k, stay.age)] += 1
            reached[(k, _IN_BB)] += stay.age == YOUNG and stay.kind == "bb"
    return all(sum(reached[cell] for cell in p.cells) == p.number for p in printed)


def _at_once(
    sheets: Sequence[Sheet],
    margins: Sequence[Margin],
    tracks: Sequence[Track],
    printed: Sequence[Printed],
    rng: Draws,
) -> None:
    """Deal all ages together; who is 16 or 17 by quarter of birth, so that TA8 has room for them."""
    groups: dict[Key, list[Track]] = {}
    for track in tracks:
        groups.setdefault(tuple((k, track.at(k).kind == "bb") for k in track.placed), []).append(track)
    limits = [
        Printed(CellRef(str(sheet.quarter), "TA8", path), frozenset({(k, age)}), number, at_most=True)
        for k, sheet in enumerate(sheets)
        for path in sheet.paths("TA8")
        for age in _YOUNG_AGES
        if path == str(age) and (number := sheet.count("TA8", path)) is not None
    ]

    def ways(key: tuple[tuple[int, bool], ...]) -> list[Way]:
        return [*_age_ways(tuple(k for k, _ in key)), *_young_ways(key)]

    sizes = {key: len(group) for key, group in groups.items()}
    counts = deal_ways(sizes, ways, _room(margins), [*printed, *limits])
    for key, group in groups.items():
        _hand_out(group, ways(key), counts[key], rng)


def _young_ways(key: tuple[tuple[int, bool], ...]) -> list[Way]:
    first = key[0][0]
    ways = []
    for born in range(first - _QUARTERS_OF_AGE + 1, first - _QUARTERS_OF_AGE + _QUARTERS_YOUNG + 1):
        cells: list[Cell] = []
        for k, in_bb in key:
            age = (k - born) // 4
            cells.append((k, YOUNG if age in _YOUNG_AGES else _ADULT[0]))
            if age in _YOUNG_AGES:
                cells += [(k, age), *([(k, _IN_BB)] if in_bb else [])]
        ways.append(Way(tuple(cells), _CROSSING))
    return ways


def _sizes(sheets: Sequence[Sheet], tracks: Sequence[Track]) -> list[int]:
    sizes = Counter(k for track in tracks for k in track.placed)
    return [sizes[k] for k in range(len(sheets))]


def _room(margins: Sequence[Margin | None]) -> dict[Cell, int]:
    return {(k, v): n for k, margin in enumerate(margins) if margin is not None for v, n in margin.values.items()}


def _age_ways(quarters: tuple[int, ...]) -> list[Way]:
    ways = [Way(tuple((k, band) for k in quarters)) for band in (*_ADULT, "nk")]
    for place in range(1, len(quarters)):
        for low, high in pairwise(_ADULT):
            cells = tuple((k, low if number < place else high) for number, k in enumerate(quarters))
            ways.append(Way(cells, _CROSSING))
    return ways


def _less(printed: Sequence[Printed], young: Sequence[tuple[Track, int]]) -> list[Printed]:
    """What is left for the others of each printed count; those of 16 and 17 are dealt already."""
    taken = Counter((k, track.at(k).age) for track, _ in young for k in track.placed)
    return [
        Printed(p.ref, p.cells, p.number - sum(taken[cell] for cell in p.cells))
        for p in printed
        if not all(cell[1] in (YOUNG, _IN_BB) for cell in p.cells)
    ]


def _young(
    sheets: Sequence[Sheet], stocks: Sequence[Stock], margins: Sequence[Margin], tracks: Sequence[Track]
) -> list[tuple[Track, int]]:
    """Households whose applicant is 16 or 17, with the number of their quarters in which that is so."""
    heads: dict[tuple[int, bool], list[Track]] = {}
    for track in tracks:
        first = track.placed[0]
        heads.setdefault((first, track.at(first).kind == "bb"), []).append(track)
    chosen: dict[int, tuple[Track, int]] = {}
    continuing: list[Track] = []
    for k in range(len(sheets)):
        wanted = margins[k].values.get(YOUNG, 0)
        shown = stocks[k].young
        continuing = [t for t in continuing if k in t.placed and t.placed.index(k) < _QUARTERS_YOUNG]
        for bb in (True, False):
            here = [t for t in continuing if (t.at(k).kind == "bb") == bb]
            need = min(shown if shown is not None else len(here), wanted) if bb else wanted
            new = heads.get((k, bb), [])[: max(need - len(here), 0)]
            kept = [*here[:need], *new]
            for track in kept:
                chosen[id(track)] = (track, track.placed.index(k) + 1)
            gone = {id(t) for t in here[need:]}
            continuing = [t for t in [*continuing, *new] if id(t) not in gone]
            wanted -= len(kept)
    return list(chosen.values())
