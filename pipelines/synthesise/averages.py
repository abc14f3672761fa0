"""What the mean and median of TA7 ask of the households of one type."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.synthesise.draws import Draws
from pipelines.synthesise.durations import TA7_HEADS, edges, median_and_mean
from pipelines.synthesise.exact.model import CellRef
from pipelines.synthesise.survivors import Plan


def cell_of(here: Plan, table: str, path: str) -> CellRef:
    """The reference of a printed figure."""
    return CellRef(str(here.sheet.quarter), table, path)


def middle_days(here: Plan, kind: str, rng: Draws) -> tuple[int, int] | None:
    """The two middle days that the printed median is the mean of; None where the sum of the days says it already."""
    median, _ = median_and_mean(here.sheet, kind)
    size = here.prepared.stock.total[kind]
    if median is None or not size or size == 2:
        return None
    below, above = int(median), -int(-median // 1)
    block = here.blocks.get(kind)
    if size % 2 or block is None:
        return below, above
    sizes = [sum(block[side][b] for side in block) for b in range(5)]
    lower, upper = (_band_of(sizes, n) for n in (size // 2, size // 2 + 1))
    if lower == upper:
        return below, above
    # Nobody lies between the two: the lower is in its band, the upper in its own, the median half way.
    (low, high), (first, last) = edges(here.last)[lower], edges(here.last)[upper]
    twice = round(2 * median)
    least, most = max(low, twice - last), min(high, twice - first)
    if least > most:
        raise ValueError("The bands have nobody where the median lies.")
    below = most if rng.random() < 0.5 else rng.randint(least, most)
    return below, twice - below


def _band_of(sizes: Sequence[int], place: int) -> int:
    for band, n in enumerate(sizes):
        place -= n
        if place <= 0:
            return band
    return len(sizes) - 1


def mean_cell(here: Plan, kind: str) -> CellRef | None:
    """The cell of TA7 that prints the mean of a type."""
    for table, path, measure in here.sheet.cells:
        if table == "TA7" and measure == "days" and path.startswith(TA7_HEADS[kind]) and "Mean" in path:
            return cell_of(here, table, path)
    return None


def day_bounds(here: Plan, kind: str) -> tuple[int, int] | None:
    """Fewest and most days that the households of a type can have had together, by the printed mean and median."""
    median, mean = median_and_mean(here.sheet, kind)
    size = here.prepared.stock.total[kind]
    if mean is None or not size:
        return None
    least, most = size * mean, size * mean + size - 1
    if size == 2 and median is not None and least <= round(2 * median) <= most:
        return round(2 * median), round(2 * median)
    return least, most
