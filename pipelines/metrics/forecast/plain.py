"""The forecasts that a model must beat: the last value, and the same quarter a year before."""

from __future__ import annotations

import numpy as np

from pipelines.metrics.forecast.features import SEASONS, Floats


def targets(values: Floats, steps: int) -> Floats:
    """What came true: the value ``step`` quarters after each origin; NaN where unknown."""
    _, quarters = values.shape
    padded = np.concatenate([values, np.full((len(values), steps), np.nan)], axis=1)
    return np.stack([padded[:, 1 + step : 1 + step + quarters] for step in range(steps)], axis=2)


def seasonal_naive(past: Floats, steps: int) -> Floats:
    """The last observed value of the same quarter of an earlier year; NaN where that quarter was never observed."""
    ahead = np.full(steps, np.nan)
    past = np.concatenate([np.full(SEASONS, np.nan), past])
    for season in range(SEASONS):
        same_quarter = past[len(past) - SEASONS + season :: -SEASONS]
        known = same_quarter[~np.isnan(same_quarter)]
        if len(known):
            ahead[season::SEASONS] = known[0]
    return ahead


def seasonal_naives(values: Floats, steps: int) -> Floats:
    """``seasonal_naive`` from every observed origin: series, origin, step."""
    table = np.full((*values.shape, steps), np.nan)
    for row, origin in np.argwhere(~np.isnan(values)):
        table[row, origin] = seasonal_naive(values[row, : origin + 1], steps)
    return table
