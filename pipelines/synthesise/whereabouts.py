"""Districts of households in temporary accommodation over several quarters, so that TA9 of each comes out."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.ended import ELSEWHERE, REGIONS, authorities_of
from pipelines.synthesise.occupants import regions_sent_to
from pipelines.synthesise.tracks import Key, Track, Way, deal_ways

_ELSEWHERE = "elsewhere"


def deal_districts(
    sheets: Sequence[Sheet], tracks: Sequence[Track], found: Sequence[Sequence[Stay]], rng: Draws
) -> None:
    """A district for every stay; who stays away keeps it where the region has room."""
    spots: list[dict[str, int]] = []
    for sheet, rows in zip(sheets, found, strict=True):
        away = sum(row.away for row in rows)
        names = regions_sent_to(sheet, away, rng)
        spots.append({name: names.count(name) for name in REGIONS})
        spots[-1][_ELSEWHERE] = away - len(names)
        for row in rows:
            if not row.away:
                row.authority = sheet.authority
    _own(tracks, spots, sheets[0].authority, rng)
    for k in range(len(sheets) - 1, -1, -1):
        rows = [row for row in found[k] if row.away and row.authority is None]
        rng.shuffle(rows)
        moved = [row for row in rows if not _keep(row, spots[k])]
        hand = [name for name, n in spots[k].items() for _ in range(max(n, 0))]
        rng.shuffle(hand)
        for row, name in zip(moved, hand, strict=True):
            _send(row, name, sheets[k].authority, rng)


def _own(tracks: Sequence[Track], spots: Sequence[dict[str, int]], authority: str, rng: Draws) -> None:
    """Own arrangements are no stay: a move to another district would begin their days again, so they keep one."""
    groups: dict[Key, list[Track]] = {}
    for track in tracks:
        own = tuple(stay.quarter for stay in track.stays if stay.kind == "own" and stay.away)
        if own:
            groups.setdefault(own, []).append(track)
    names = [*REGIONS, _ELSEWHERE]
    room = {(k, name): n for k, here in enumerate(spots) for name, n in here.items()}

    def ways(key: Key) -> list[Way]:
        return [Way(tuple((k, name) for k in key)) for name in names]

    counts = deal_ways({key: len(group) for key, group in groups.items()}, ways, room, [])
    for key, group in groups.items():
        hand = [name for name, n in zip(names, counts[key], strict=True) for _ in range(n)]
        for track, name in zip(group, hand, strict=True):
            stays = [stay for stay in track.stays if stay.kind == "own" and stay.away]
            _send(stays[0], name, authority, rng)
            for stay in stays:
                stay.region, stay.authority = stays[0].region, stays[0].authority
                spots[stay.quarter][name] -= 1


def _keep(row: Stay, spots: dict[str, int]) -> bool:
    later = row.later
    if later is None or not later.away or later.authority is None:
        return False
    name = later.region or _ELSEWHERE
    if spots[name] <= 0:
        return False
    spots[name] -= 1
    row.region, row.authority = later.region, later.authority
    return True


def _send(row: Stay, name: str, authority: str, rng: Draws) -> None:
    if name == _ELSEWHERE:
        row.authority = rng.choice(ELSEWHERE)
        return
    row.region = name
    row.authority = rng.choice(authorities_of(name, authority))
