"""The sums and balances between the counts of a page: what a reader could work a left-out figure out from."""

from __future__ import annotations

from pipelines.disclosure.policies import Cell
from pipelines.emit.pages.figures import ALL, Figures, months_of
from pipelines.emit.pages.words import STAGES


def link(figures: Figures) -> None:
    """Every sum and balance between the counts; what is left of a total beside a part is a count of its own."""
    counts, links, last = figures.counts, figures.links, figures.last_month

    def parts(total: Cell, *cells: Cell) -> None:
        links.sums.append((total, cells))

    def rest(total: Cell, part: Cell) -> None:
        links.rest(counts, total, part)

    for quarter in figures.quarters:
        for name in ("arrivals", "closures", "entries", "exits"):
            months = [(name, month) for month in months_of(quarter)]
            if all(cell in counts for cell in months):
                counts[name, quarter] = sum(counts[cell] for cell in months)
                parts((name, quarter), *months)
        rest(("decisions", quarter), ("by_day_57", quarter))
        rest(("prevention_ended", quarter), ("prevented", quarter))
    for month in figures.months:
        parts(("open", month, ALL, ALL), *(("open", month, ALL, stage) for stage in STAGES))
        parts(("stock", month, ALL), *(("stock", month, name) for name in figures.types))
        rest(("stock", month, "bb"), ("bb_families", month))
        rest(("bb_families", month), ("bb_over", month))
        rest(("stock", month, ALL), ("undecided", month))
        rest(("open", month, ALL, ALL), ("past_56", month))
    for stage in (*STAGES, ALL):
        parts(("open", last, ALL, stage), *(("open", last, team, stage) for team in figures.teams))
    for team in figures.teams:
        parts(("open", last, team, ALL), *(("open", last, team, stage) for stage in STAGES))
    parts(("stock", last, ALL), *(("band", band) for band in figures.bands))
    for stock, came, left, end in (
        ("stock", "entries", "exits", (ALL,)),
        ("open", "arrivals", "closures", (ALL, ALL)),
    ):
        # The stock before the first month is not printed, but its flows are tied to the quarter's all the same.
        ends: list[Cell] = [(stock, None), *((stock, month, *end) for month in figures.months)]
        for before, after, month in zip(ends[:-1], ends[1:], figures.months, strict=True):
            links.balances.append((before, after, (came, month), (left, month)))
        ends = [(stock, None), *((stock, figures.end_of(quarter), *end) for quarter in figures.quarters)]
        for before, after, quarter in zip(ends[:-1], ends[1:], figures.quarters, strict=True):
            links.balances.append((before, after, (came, quarter), (left, quarter)))
