"""Families in bed and breakfast for over six weeks, and those of them that await a review, over several quarters.

Since April 2024 the nights of all placements in bed and breakfast add up: who is over six weeks at one quarter's end is
so at each later one at which it is there. Before, each placement counted alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.codes import FAMILIES
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.exact.model import CellRef
from pipelines.synthesise.occupants import ALL_PLACEMENTS
from pipelines.synthesise.stock import HEADS, Stock
from pipelines.synthesise.tracks import Cell, Key, Printed, Track, Way, deal_ways

_LIMIT = 42
_FEW, _SOME, _USUAL = 0.01, 0.3, 1.0


def deal_six_weeks(
    sheets: Sequence[Sheet],
    stocks: Sequence[Stock],
    tracks: Sequence[Track],
    found: Sequence[Sequence[Stay]],
    rng: Draws,
) -> None:
    """Say of each family in bed and breakfast at the end of a quarter whether it is over six weeks there."""
    adds_up = [sheet.quarter.first_day >= ALL_PLACEMENTS for sheet in sheets]
    groups: dict[Key, list[Track]] = {}
    for track in tracks:
        there = [stay for stay in track.stays if stay.kind == "bb"]
        if there and track.household in FAMILIES:
            groups.setdefault(tuple((s.quarter, s.days > _LIMIT) for s in there), []).append(track)
    room: dict[Cell, int] = {}
    printed: list[Printed] = []
    for k, (sheet, stock) in enumerate(zip(sheets, stocks, strict=True)):
        families = [row for row in found[k] if row.kind == "bb" and row.household in FAMILIES]
        over = stock.over_six_weeks
        if over is None:
            continue
        room[(k, True)], room[(k, False)] = over, max(len(families) - over, 0)
        path = next(p for p in sheet.paths("TA1") if p.startswith(HEADS["bb"]) and p.endswith("more than 6 weeks"))
        printed.append(Printed(CellRef(str(sheet.quarter), "TA1", path), frozenset({(k, True)}), over))

    def ways(key: Key) -> list[Way]:
        return _ways(key, adds_up)

    counts = deal_ways({key: len(group) for key, group in groups.items()}, ways, room, printed)
    for key, group in groups.items():
        hand = [way for way, n in zip(ways(key), counts[key], strict=True) for _ in range(n)]
        rng.shuffle(hand)
        for track, way in zip(group, hand, strict=True):
            for k, is_over in way.cells:
                track.at(k).over_six_weeks = bool(is_over)
    for stock, rows in zip(stocks, found, strict=True):
        _await_review(stock.pending or 0, rows)


def _ways(there: tuple[tuple[int, bool], ...], adds_up: Sequence[bool]) -> list[Way]:
    ways = []
    for pattern in product((False, True), repeat=len(there)):
        weight = _USUAL
        is_possible = True
        for place, (k, long) in enumerate(there):
            is_over = pattern[place]
            before = place > 0 and any(pattern[:place])
            is_possible = is_possible and not (adds_up[k] and before and not is_over)
            if is_over and not long:
                # Only an earlier placement can have had the rest, and only since nights add up.
                weight *= _FEW
                is_possible = is_possible and adds_up[k]
            elif is_over != long:
                weight *= _SOME
        if is_possible:
            ways.append(Way(tuple((k, is_over) for (k, _), is_over in zip(there, pattern, strict=True)), weight))
    return ways


def _await_review(number: int, rows: Sequence[Stay]) -> None:
    """Who awaits a review; a duty that a decided review has ended does not go with another review that is open."""
    over = [row for row in rows if row.over_six_weeks]
    over.sort(key=lambda row: (row.duty == "ended", not (row.later is not None and row.later.over_six_weeks)))
    for row in over[:number]:
        row.pending_review = True
        if row.duty == "ended":
            other = next((o for o in rows if o.kind != "own" and o.duty != "ended" and not o.over_six_weeks), None)
            if other is not None:
                row.duty, other.duty = other.duty, row.duty
