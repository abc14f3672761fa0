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


def deal_ages(sheets: Sequence[Sheet], stocks: Sequence[Stock], tracks: Sequence[Track], rng: Draws) -> None:
    """An age band for each main applicant in each quarter, at most one birthday across a band's edge over all."""
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
    young_tracks = _young(sheets, stocks, margins, tracks, rng)
    room = _room(margins)
    for track, quarters in young_tracks:
        for number, k in enumerate(track.placed):
            stay = track.at(k)
            stay.age = YOUNG if number < quarters else _ADULT[0]
            stay.is_young = stay.kind == "bb" and stay.age == YOUNG
            if (k, stay.age) in room:
                room[(k, stay.age)] -= 1
    held = {id(track) for track, _ in young_tracks}
    rest = by_quarters([track for track in tracks if id(track) not in held])
    printed = _less(printed_cells(sheets, "TA5", bare), young_tracks)
    options = {key: _age_ways(key) for key in rest}
    counts = deal_ways({key: len(group) for key, group in rest.items()}, options.__getitem__, room, printed)
    for key, group in rest.items():
        hand = {number: n for number, n in enumerate(counts[key]) if n}

        def weight(household: str, number: int, chosen: list[Way] = options[key]) -> float:
            return likely.age_for_household(household, chosen[number].cells[0][1])

        dealt = deal(rng, [track.household for track in group], hand, weight)
        for track, number in zip(group, dealt, strict=True):
            for k, band in options[key][number].cells:
                track.at(k).age = band
    for track in tracks:
        known = next((stay.age for stay in track.stays if stay.age is not None), None)
        known = known or rng.choices(list(occupants.AGES), list(occupants.AGES.values()))[0]
        for stay in track.stays:
            known = stay.age = stay.age or known


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
        if not all(cell[1] == YOUNG for cell in p.cells)
    ]


def _young(
    sheets: Sequence[Sheet], stocks: Sequence[Stock], margins: Sequence[Margin], tracks: Sequence[Track], rng: Draws
) -> list[tuple[Track, int]]:
    """Households whose applicant is 16 or 17, with the number of their quarters in which that is so."""
    usable = [track for track in tracks if track.placed]
    likely_first = sorted(usable, key=lambda t: (t.household in codes.FAMILIES, len(t.placed), rng.random()))
    heads: dict[tuple[int, bool], list[Track]] = {}
    for track in likely_first:
        first = track.placed[0]
        heads.setdefault((first, track.at(first).kind == "bb"), []).append(track)
    chosen: dict[int, tuple[Track, int]] = {}
    continuing: list[Track] = []
    missed = False
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
            missed = missed or (bb and len(kept) < need) or (not bb and wanted > 0)
    return _young_exactly(sheets, stocks, margins, likely_first) if missed else list(chosen.values())


def _young_exactly(
    sheets: Sequence[Sheet], stocks: Sequence[Stock], margins: Sequence[Margin], tracks: Sequence[Track]
) -> list[tuple[Track, int]]:
    groups: dict[Key, list[Track]] = {}
    for track in tracks:
        groups.setdefault(tuple((k, track.at(k).kind == "bb") for k in track.placed), []).append(track)

    def ways(key: Key) -> list[Way]:
        most = min(len(key), _QUARTERS_YOUNG)
        return [Way(tuple(key[:n]), 1.0 if n == 0 else 0.5) for n in range(most + 1)]

    printed = []
    for k, (sheet, stock, margin) in enumerate(zip(sheets, stocks, margins, strict=True)):
        quarter = str(sheet.quarter)
        path = sheet.find("TA1", HEADS["bb"], "Total with 16/17")
        if stock.young is not None and path is not None:
            printed.append(Printed(CellRef(quarter, "TA1", path), frozenset({(k, True)}), stock.young))
        both = frozenset({(k, True), (k, False)})
        printed.append(Printed(CellRef(quarter, "TA5", YOUNG), both, margin.values.get(YOUNG, 0)))
    room = {cell: p.number for p in printed for cell in p.cells}
    counts = deal_ways({key: len(group) for key, group in groups.items()}, ways, room, printed)
    found = []
    for key, group in groups.items():
        hand = [quarters for quarters, n in enumerate(counts[key]) for _ in range(n)]
        found += [(track, quarters) for track, quarters in zip(group, reversed(hand), strict=True) if quarters]
    return found
