"""Which candidate each series is forecast by, from its errors at earlier origins."""

from __future__ import annotations

import numpy as np

from pipelines.metrics.forecast.candidates import CANDIDATES, SEASONS, Floats

# Errors of a series count against this many errors of its group. Chosen on targets to 2022-Q4 of the published panel
# among 0, 20, 80, 300 and infinity: 0 (the series alone) was clearly worst, 80 and above could not be told apart.
GROUP_WEIGHT = 80.0
# The group's mean counts against this many series of the published panel, so that a council's few series are not
# ranked by chance.
PUBLISHED_SERIES_WEIGHT = 10.0


def targets(values: Floats, steps: int) -> Floats:
    """What came true: the value ``step`` quarters after each origin; NaN where unknown."""
    series, quarters = values.shape
    padded = np.concatenate([values, np.full((series, steps), np.nan)], axis=1)
    return np.stack([padded[:, 1 + step : 1 + step + quarters] for step in range(steps)], axis=2)


def seasonal_naive_scale(values: Floats) -> Floats:
    """Mean absolute seasonal-naive error in sample up to each origin, the denominator of MASE; NaN where it is 0."""
    scale = np.full(values.shape, np.nan)
    change = np.abs(values[:, SEASONS:] - values[:, :-SEASONS])
    total = np.cumsum(np.nan_to_num(change), axis=1)
    count = np.cumsum(~np.isnan(change), axis=1)
    scale[:, SEASONS:] = total / np.maximum(count, 1)
    scale[scale == 0] = np.nan
    return scale


def known_by(origin: int, quarters: int, steps: int) -> np.ndarray:
    """Origin by step: whether the target is known at ``origin``."""
    return np.arange(quarters)[:, None] + 1 + np.arange(steps)[None, :] <= origin


def relative_errors(forecasts: Floats, actual: Floats, origin: int) -> tuple[Floats, Floats]:
    """Each candidate's mean absolute error up to ``origin`` over the mean of all candidates, and the errors counted.

    A series without any error yet, or that every candidate hits, has 1 for all.
    """
    _, quarters, _, steps = forecasts.shape
    error = np.abs(forecasts - actual[:, :, None, :])
    use = known_by(origin, quarters, steps)[None, :, None, :] & ~np.isnan(error)
    count = use.sum(axis=(1, 3))
    mean = np.where(use, error, 0.0).sum(axis=(1, 3)) / np.maximum(count, 1)
    average = mean.mean(axis=1, keepdims=True)
    return np.where(average > 0, mean / np.where(average > 0, average, 1.0), 1.0), count[:, :1].astype(float)


def choose(forecasts: Floats, actual: Floats, groups: np.ndarray, published: Floats | None) -> np.ndarray:
    """The candidate (its index) for each series at each origin, using nothing later than that origin.

    A candidate's score is the series' relative error drawn towards that of its group, and the group's towards the
    published panel's: 27 quarters cannot rank seven candidates, and a free choice is worse than none.
    """
    series, quarters, _, _ = forecasts.shape
    chosen = np.zeros((series, quarters), dtype=np.intp)
    for origin in range(quarters):
        own, count = relative_errors(forecasts, actual, origin)
        expected = np.ones_like(own)
        for name in np.unique(groups):
            rows = groups == name
            with_errors = rows & (count[:, 0] > 0)
            total, weight = own[with_errors].sum(axis=0), float(with_errors.sum())
            if published is not None:
                total, weight = total + PUBLISHED_SERIES_WEIGHT * published, weight + PUBLISHED_SERIES_WEIGHT
            if weight > 0:
                expected[rows] = total / weight
        score = (count * own + GROUP_WEIGHT * expected) / (count + GROUP_WEIGHT)
        chosen[:, origin] = np.argmin(score, axis=1)
    return chosen


def pick(forecasts: Floats, chosen: np.ndarray) -> Floats:
    """The chosen candidate's forecast: series, origin, step."""
    return np.take_along_axis(forecasts, chosen[:, :, None, None], axis=2)[:, :, 0, :]


def candidate_names(chosen: np.ndarray) -> list[str]:
    """Names of the candidates with these indices."""
    return [CANDIDATES[index] for index in chosen]
