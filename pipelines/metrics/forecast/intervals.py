"""Prediction intervals from the errors made at earlier origins (split conformal, pooled over a group).

Errors are divided by a spread of the series known at the origin, pooled by group and step, and the interval runs
between their quantiles. Early quantiles come from few quarters that share their shocks, so the intervals first issued
cover too little; the nominal level is therefore raised or lowered until the intervals issued so far would have
covered what they claim.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.metrics.forecast.candidates import Floats
from pipelines.metrics.forecast.choice import known_by

# Nominal levels at which past coverage is kept; the level asked for is interpolated between them.
NOMINAL = np.array([0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.84, 0.88, 0.9, 0.92, 0.94, 0.96, 0.97, 0.98, 0.99, 0.995])
# A group's record of past coverage starts with this many forecast quarters that covered like those of all groups, and
# the record of all groups with as many that covered like the published panel's.
STARTING_CELLS = 100.0


@dataclass(frozen=True)
class Reference:
    """What the published panel taught, for a council with too few series to learn it from.

    relative_error: per candidate. scaled_error: step by percentile (1 to 99). coverage: of each ``NOMINAL`` level.
    """

    relative_error: Floats
    scaled_error: Floats
    coverage: Floats


def spread(values: Floats, whole: np.ndarray) -> Floats:
    """Typical size of a quarter's change, per series and origin.

    The mean absolute change between neighbouring observed quarters; for counts joined with the spread that a count of
    its level has anyway (half its square root), or a stock of 0 for years would be given no room at all.
    """
    change = np.abs(np.diff(values, axis=1, prepend=np.nan))
    count = np.cumsum(~np.isnan(change), axis=1)
    own = np.cumsum(np.nan_to_num(change), axis=1) / np.maximum(count, 1)
    level = _recent_level(values)
    counting = np.sqrt(own**2 + 0.25 * (np.maximum(level, 0.0) + 1.0))
    measured = np.maximum(own, 1e-3 * np.abs(level))
    return np.where(whole[:, None], counting, np.maximum(measured, 1e-9))


def _recent_level(values: Floats) -> Floats:
    padded = np.concatenate([np.full((len(values), 4), np.nan), values], axis=1)
    window = np.lib.stride_tricks.sliding_window_view(padded, 4, axis=1)[:, 1:]
    count = (~np.isnan(window)).sum(axis=2)
    level: Floats = np.nan_to_num(window).sum(axis=2) / np.maximum(count, 1)
    return level


@dataclass(frozen=True)
class Intervals:
    """Bounds per level asked for: series, origin, step; and the record of coverage that they rest on."""

    low: dict[int, Floats]
    high: dict[int, Floats]
    coverage: Floats
    scaled_error: Floats


def intervals(
    point: Floats,
    actual: Floats,
    values: Floats,
    groups: np.ndarray,
    levels: tuple[int, ...],
    reference: Reference | None,
) -> Intervals:
    """Prediction intervals at every origin, each from nothing later than that origin.

    Bounds of a series of whole numbers are whole; bounds of a series never below 0 are not below 0. A bound that is
    off by less than a half is reached after rounding, so half a unit is taken from each error of a whole series.
    """
    _, quarters, steps = point.shape
    whole = np.all((values == np.round(values)) | np.isnan(values), axis=1)
    positive = np.all((values >= 0) | np.isnan(values), axis=1)
    scale = spread(values, whole)
    half = np.where(whole, 0.5, 0.0)[:, None, None]
    above = (actual - point - half) / scale[:, :, None]
    below = (point - actual - half) / scale[:, :, None]
    varies = np.fmax.accumulate(values, axis=1) > np.fmin.accumulate(values, axis=1)
    names = np.unique(groups)
    rows_of = {name: np.flatnonzero(groups == name) for name in names}
    hits = np.zeros((len(names), quarters, steps, len(NOMINAL)))
    cells = np.zeros((len(names), quarters, steps))
    low = {level: np.full(point.shape, np.nan) for level in levels}
    high = {level: np.full(point.shape, np.nan) for level in levels}

    for origin in range(quarters):
        known = known_by(origin, quarters, steps)
        nominal = {level: _nominal_levels(level / 100, hits, cells, known, reference) for level in levels}
        for index, name in enumerate(names):
            rows = rows_of[name]
            if np.isnan(point[rows, origin, 0]).all():
                continue
            pools = _pools(above[rows], below[rows], varies[rows, origin], known, reference)
            if pools is None:
                continue
            here = varies[rows, origin][:, None] & ~np.isnan(above[rows, origin])
            up, down = _multipliers(pools, NOMINAL)
            covered = (above[rows, origin][:, :, None] <= up) & (below[rows, origin][:, :, None] <= down)
            if _rests_on_own(pools, reference):
                hits[index, origin] = (covered & here[:, :, None]).sum(axis=0)
                cells[index, origin] = here.sum(axis=0)
            up, down = _multipliers(pools, np.array([nominal[level][index] for level in levels]))
            for column, level in enumerate(levels):
                reach = scale[rows, origin][:, None]
                low[level][rows, origin] = point[rows, origin] - down[:, column] * reach
                high[level][rows, origin] = point[rows, origin] + up[:, column] * reach
    for level in levels:
        low[level] = np.where(whole[:, None, None], np.round(low[level]), low[level])
        high[level] = np.where(whole[:, None, None], np.round(high[level]), high[level])
        low[level] = np.where(positive[:, None, None], np.maximum(low[level], 0.0), low[level])
    total = cells.sum()
    return Intervals(low, high, hits.sum(axis=(0, 1, 2)) / max(total, 1), above + half / scale[:, :, None])


def _pools(
    above: Floats, below: Floats, varies: np.ndarray, known: np.ndarray, reference: Reference | None
) -> list[tuple[Floats, Floats]] | None:
    pools = []
    for step in range(known.shape[1]):
        use = known[None, :, step] & varies[:, None] & ~np.isnan(above[:, :, step])
        up, down = above[:, :, step][use], below[:, :, step][use]
        if reference is not None:
            published = reference.scaled_error[min(step, len(reference.scaled_error) - 1)]
            up, down = np.concatenate([up, published]), np.concatenate([down, -published])
        if len(up) < 10:
            return None
        pools.append((up, down))
    return pools


def _rests_on_own(pools: list[tuple[Floats, Floats]], reference: Reference | None) -> bool:
    """Whether own errors outnumber published ones at every step.

    Only then does an interval go on the record: the published errors know quarters later than an early origin.
    """
    if reference is None:
        return True
    published = reference.scaled_error.shape[1]
    return all(len(above) >= 2 * published for above, _ in pools)


def _multipliers(pools: list[tuple[Floats, Floats]], nominal: Floats) -> tuple[Floats, Floats]:
    """Step by level; never narrower further ahead, never less than the point itself."""
    tail = (1 + nominal) / 2
    up = np.stack([np.quantile(above, tail) for above, _ in pools])
    down = np.stack([np.quantile(below, tail) for _, below in pools])
    return (
        np.maximum.accumulate(np.maximum(up, 0.0), axis=0),
        np.maximum.accumulate(np.maximum(down, 0.0), axis=0),
    )


def _nominal_levels(
    wanted: float, hits: Floats, cells: Floats, known: np.ndarray, reference: Reference | None
) -> list[float]:
    """Per group: the nominal level at which the intervals issued so far would have covered ``wanted``."""
    hit = (hits * known[None, :, :, None]).sum(axis=(1, 2))
    cell = (cells * known[None, :, :]).sum(axis=(1, 2))
    start = reference.coverage if reference is not None else NOMINAL
    everywhere = (hit.sum(axis=0) + STARTING_CELLS * start) / (cell.sum() + STARTING_CELLS)
    record = (hit + STARTING_CELLS * everywhere) / (cell[:, None] + STARTING_CELLS)
    return [float(np.interp(wanted, np.maximum.accumulate(row), NOMINAL)) for row in record]
