"""Who is in temporary accommodation over consecutive quarters: people keep their ethnicity, ages and children."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.synthesise import codes, likely, occupants
from pipelines.synthesise.applicants import deal_ages, deal_ethnicity
from pipelines.synthesise.case import Stay
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.children import (
    ages_printed,
    asked_of,
    misses,
    own_ages,
    pack_children,
    printed_counts,
    seat_children,
)
from pipelines.synthesise.children_exact import exact_children
from pipelines.synthesise.deal import deal, split
from pipelines.synthesise.draws import Draws
from pipelines.synthesise.exact.solver import is_installed
from pipelines.synthesise.margins import margin
from pipelines.synthesise.over_six_weeks import deal_six_weeks
from pipelines.synthesise.stock import Stock
from pipelines.synthesise.tracks import Track, tracks_of
from pipelines.synthesise.whereabouts import deal_districts


def describe_chain(sheets: Sequence[Sheet], stocks: Sequence[Stock], found: Sequence[list[Stay]], seed: str) -> None:
    """Give every stay of all quarters the rest of what the TA tables count.

    ``found`` holds the stays of each quarter: type, composition, district and days are settled, and ``later`` leads
    from a household to itself a quarter on.
    """
    rng = Draws(f"{seed} people")
    tracks = tracks_of(found)
    for sheet, rows in zip(reversed(sheets), reversed(found), strict=True):
        _duties(sheet, rows, rng)
    deal_ages(sheets, stocks, tracks, rng)
    if _children(sheets, stocks, tracks, rng) and is_installed():
        # Who is 16 or 17 may leave no room for the children: once more, with TA8 in sight.
        deal_ages(sheets, stocks, tracks, rng, exactly=True)
        _children(sheets, stocks, tracks, rng)
    deal_ethnicity(sheets, tracks, rng)
    deal_districts(sheets, tracks, found, rng)
    deal_six_weeks(sheets, stocks, tracks, found, rng)


def _duties(sheet: Sheet, every: Sequence[Stay], rng: Draws) -> None:
    rows = [row for row in every if row.kind != "own"]
    for row in every:
        row.duty = "s193"
    counts = margin(sheet, "TA3", len(rows), "TA1: total", rng)
    if counts is None:
        shares = split(len(rows), list(occupants.BEFORE_TA3.values()), rng)
        counts = dict(zip(occupants.BEFORE_TA3, shares, strict=True))
    keys = [(r.household in codes.FAMILIES, r.kind, None if r.later is None else r.later.duty) for r in rows]

    def weight(key: tuple[bool, str, str | None], path: str) -> float:
        group = occupants.group_of(path)
        same = 60.0 if key[2] == group else 1.0
        return same * likely.duty_for((key[0], key[1]), group)

    for row, path in zip(rows, deal(rng, keys, counts, weight), strict=True):
        row.duty = occupants.group_of(path)


def _children(sheets: Sequence[Sheet], stocks: Sequence[Stock], tracks: Sequence[Track], rng: Draws) -> int:
    """Deal the children; how many printed counts they miss."""
    margins = ages_printed(sheets, stocks, tracks, rng)
    own_ages(tracks, margins, rng)
    asked = asked_of(stocks, margins, tracks)
    printed = printed_counts(sheets, margins)
    dealt = pack_children(asked, rng)
    if misses(dealt, tracks, printed) and is_installed():
        exact = exact_children(sheets, asked, printed, tracks, rng)
        dealt = exact or dealt
    seat_children(asked, dealt, tracks, rng)
    return misses(dealt, tracks, printed)
