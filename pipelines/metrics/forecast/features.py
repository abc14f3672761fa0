"""What the global model knows of a series at an origin: its own past, and nothing of other series.

Every feature is free of the series' size: differences from the last value over the spread of the series (see
``spread``), so that one model serves an authority with ten households in temporary accommodation and one with
thousands. A forecast of one authority alone is therefore the forecast that a whole panel would give it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.metrics.forecast.grid import Grid
from pipelines.metrics.forecast.measures import names

Floats = NDArray[np.float64]

SEASONS = 4
LAGS = range(1, 8)
WIDTHS = (2, 4, 8)
SMOOTHING = (0.2, 0.4, 0.7)
STEPS = 6
"""Quarters ahead that the model was trained for; further ahead it says what it says of the last of them."""


def feature_names() -> list[str]:
    """Columns of ``feature_rows``, in order."""
    return [
        *(f"lag_{lag}" for lag in LAGS),
        *(f"mean_{width}" for width in WIDTHS),
        "mean_all",
        *(f"smooth_{weight}" for weight in SMOOTHING),
        "change_4",
        "change_all",
        "level",
        "spread_to_level",
        "zeros_8",
        "still_4",
        "observed",
        "highest",
        "lowest",
        "yearly_change",
        "season",
        "year_before",
        "two_years_before",
        "move_year_before",
        "move_two_years_before",
        "step",
        "measure",
    ]


def feature_rows(grid: Grid, index: tuple[NDArray[np.intp], ...], scale: Floats) -> Floats:
    """One row per series, origin and step of ``index`` (step 0 is the next quarter), one column per feature.

    Args:
        grid: the series; a group that is no published measure has no value for the feature ``measure``.
        index: three arrays: series, origin, step.
        scale: the spread of each series at each origin.
    """
    values, first_season = grid.values, grid.quarters[0].number - 1
    known = names()
    measure = np.array([known.index(name) if name in known else np.nan for name in grid.groups])
    fixed, shifted = _fixed(values, first_season, scale), _lagged(values)
    rows, origins, steps = index
    last, unit = values[rows, origins], scale[rows, origins]

    def before(quarters: NDArray[np.intp]) -> Floats:
        """The value that many quarters before the origin; NaN before the series or after the origin."""
        known = (quarters >= 0) & (quarters < len(shifted))
        found = shifted[np.where(known, quarters, 0), rows, origins]
        return np.where(known, found, np.nan)

    ahead = np.minimum(steps + 1, STEPS)
    year, two_years = SEASONS - ahead, 2 * SEASONS - ahead
    target_year, target_two = before(year), before(two_years)
    columns = [column[rows, origins] for column in fixed] + [
        (target_year - last) / unit,
        (target_two - last) / unit,
        (target_year - before(np.full_like(steps, SEASONS))) / unit,
        (target_two - before(np.full_like(steps, 2 * SEASONS))) / unit,
        ahead.astype(np.float64),
        measure[rows],
    ]
    return np.stack(columns, axis=1)


def spread(values: Floats, whole: NDArray[np.bool_]) -> Floats:
    """Typical size of a quarter's change, per series and origin.

    The mean absolute change between neighbouring observed quarters; for counts joined with the spread that a count of
    its level has anyway (half its square root), or a stock of 0 for years would be given no room at all.
    """
    change = np.abs(np.diff(values, axis=1, prepend=np.nan))
    count = np.cumsum(~np.isnan(change), axis=1)
    own = np.cumsum(np.nan_to_num(change), axis=1) / np.maximum(count, 1)
    level = np.nan_to_num(_mean_of_last(values, SEASONS))
    counting = np.sqrt(own**2 + 0.25 * (np.maximum(level, 0.0) + 1.0))
    measured = np.maximum(own, 1e-3 * np.abs(level))
    return np.where(whole[:, None], counting, np.maximum(measured, 1e-9))


def recent_spread(values: Floats, whole: NDArray[np.bool_]) -> Floats:
    """The spread, or that of the last two years where it is the wider: what the reach of an interval is counted in."""
    change = np.abs(np.diff(values, axis=1, prepend=np.nan))
    recent = np.nan_to_num(_mean_of_last(change, 2 * SEASONS))
    level = np.maximum(np.nan_to_num(values), 0.0)
    counting = np.sqrt(recent**2 + np.where(whole[:, None], 0.25 * (level + 1.0), 0.0))
    return np.maximum(spread(values, whole), counting)


def level_spread(values: Floats, whole: NDArray[np.bool_]) -> Floats:
    """What the reach of an interval is counted in where too few quarters are known: a tenth of the level.

    For counts joined with half the square root, which is what the count of a small one has anyway.
    """
    level = np.abs(np.nan_to_num(values))
    return np.sqrt((level / 10) ** 2 + np.where(whole[:, None], 0.25 * (level + 1.0), 1e-18))


def is_whole(values: Floats) -> NDArray[np.bool_]:
    """Whether a series holds whole numbers only (counts, not money)."""
    found: NDArray[np.bool_] = np.all((values == np.round(values)) | np.isnan(values), axis=1)
    return found


def seasonal_naive_scale(values: Floats) -> Floats:
    """Mean absolute seasonal-naive error in sample up to each origin, the denominator of MASE; NaN where it is 0."""
    scale = np.full(values.shape, np.nan)
    change = np.abs(values[:, SEASONS:] - values[:, :-SEASONS])
    total = np.cumsum(np.nan_to_num(change), axis=1)
    count = np.cumsum(~np.isnan(change), axis=1)
    scale[:, SEASONS:] = total / np.maximum(count, 1)
    scale[scale == 0] = np.nan
    return scale


def _fixed(values: Floats, first_season: int, scale: Floats) -> list[Floats]:
    """The features that do not depend on the step, each series by origin."""
    series, quarters = values.shape
    change = np.abs(np.diff(values, axis=1, prepend=np.nan))
    level = np.maximum(values, 0.0)
    whole = is_whole(values)[:, None]
    season = np.tile((first_season + np.arange(quarters)) % SEASONS, (series, 1)).astype(np.float64)

    def ahead_of_last(other: Floats) -> Floats:
        return (other - values) / scale

    return [
        *(ahead_of_last(_shift(values, lag)) for lag in LAGS),
        *(ahead_of_last(_mean_of_last(values, width)) for width in WIDTHS),
        ahead_of_last(_mean_of_last(values, quarters)),
        *(ahead_of_last(_smooth(values, weight)) for weight in SMOOTHING),
        _mean_of_last(change, SEASONS) / scale,
        _mean_of_last(change, quarters) / scale,
        # The size of an amount of money says nothing: it depends on the unit.
        np.where(whole, np.log1p(level), np.nan),
        np.where(whole, scale / np.sqrt(level + 1.0), np.nan),
        _mean_of_last(np.where(np.isnan(values), np.nan, values == 0), 2 * SEASONS),
        _mean_of_last(np.where(np.isnan(change), np.nan, change == 0), SEASONS),
        np.cumsum(~np.isnan(values), axis=1).astype(np.float64),
        ahead_of_last(np.fmax.accumulate(values, axis=1)),
        ahead_of_last(np.fmin.accumulate(values, axis=1)),
        np.nan_to_num(seasonal_naive_scale(values)) / scale,
        season,
    ]


def _lagged(values: Floats) -> Floats:
    """Lag, series, origin: the value so many quarters before the origin."""
    return np.stack([_shift(values, lag) for lag in range(2 * SEASONS + 1)])


def _shift(values: Floats, lag: int) -> Floats:
    shifted = np.full(values.shape, np.nan)
    if lag < values.shape[1]:
        shifted[:, lag:] = values[:, : values.shape[1] - lag]
    return shifted


def _mean_of_last(values: Floats, width: int) -> Floats:
    """Mean of what is observed in the last ``width`` quarters up to each origin; NaN where nothing is."""
    total = np.cumsum(np.nan_to_num(values), axis=1)
    count = np.cumsum(~np.isnan(values), axis=1).astype(np.float64)
    if width < values.shape[1]:
        total, count = total - _shift_zero(total, width), count - _shift_zero(count, width)
    return np.where(count > 0, total / np.maximum(count, 1.0), np.nan)


def _shift_zero(values: Floats, lag: int) -> Floats:
    return np.nan_to_num(_shift(values, lag))


def _smooth(values: Floats, weight: float) -> Floats:
    """Simple exponential smoothing with a given weight; a gap changes nothing."""
    level = np.full(len(values), np.nan)
    smoothed = np.full(values.shape, np.nan)
    for quarter in range(values.shape[1]):
        now = values[:, quarter]
        moved = np.where(np.isnan(now), level, level + weight * (now - level))
        level = np.where(np.isnan(level), now, moved)
        smoothed[:, quarter] = level
    return smoothed
