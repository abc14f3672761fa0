"""The candidate forecasts: few, fast, and able to live with gaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.metrics.forecast.labels import MODEL_LABELS

Floats = NDArray[np.float64]

SEASONS = 4
MINIMUM_OBSERVED = 8

CANDIDATES = tuple(MODEL_LABELS)


def candidate_forecasts(past: Floats, steps: int) -> Floats:
    """One row per candidate, one column per quarter ahead of the last element of ``past``, which must be observed.

    Gaps (NaN) are not filled. Models of a level read the observed values in order, which is what a level model
    in state-space form does with a gap; the seasonal theta reads the unbroken run of quarters that ends at the origin.
    """
    from statsforecast.models import SimpleExponentialSmoothingOptimized, Theta

    observed = past[~np.isnan(past)]
    naive = np.full(steps, observed[-1])
    seasonal = seasonal_naive(past, steps)
    seasonal = np.where(np.isnan(seasonal), naive, seasonal)
    if observed.min() == observed.max():
        return np.tile(naive, (len(CANDIDATES), 1))
    smoothed: Floats = SimpleExponentialSmoothingOptimized().forecast(observed, steps)["mean"]
    theta: Floats = Theta(1).forecast(observed, steps)["mean"]
    run = _unbroken_run(past)
    seasonal_theta: Floats = (
        Theta(SEASONS).forecast(run, steps)["mean"] if len(run) >= 2 * SEASONS and run.min() < run.max() else theta
    )
    last_two, last_four = (np.full(steps, observed[-width:].mean()) for width in (2, 4))
    drift = (observed[-1] - observed[0]) / _quarters_between_ends(past)
    forecasts = {
        "naive": naive,
        "exponential_smoothing": smoothed,
        "level_mix": np.mean([naive, smoothed, last_two, last_four], 0),
        "theta_mix": np.mean([naive, smoothed, theta, seasonal_theta], 0),
        "half_drift": naive + drift / 2 * np.arange(1, steps + 1),
        "naive_and_seasonal": (naive + seasonal) / 2,
        "seasonal_naive": seasonal,
    }
    table = np.stack([forecasts[name] for name in CANDIDATES])
    return np.maximum(table, 0.0) if observed.min() >= 0 else table


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


def forecasts_at_every_origin(values: Floats, steps: int) -> Floats:
    """All candidates from every origin: series, origin, candidate, step. NaN where no forecast can be made.

    A forecast is made from each observed quarter that has at least ``MINIMUM_OBSERVED`` observed ones up to it.
    """
    series, quarters = values.shape
    table = np.full((series, quarters, len(CANDIDATES), steps), np.nan)
    observed = ~np.isnan(values)
    usable = observed & (np.cumsum(observed, axis=1) >= MINIMUM_OBSERVED)
    for row, origin in np.argwhere(usable):
        table[row, origin] = candidate_forecasts(values[row, : origin + 1], steps)
    return table


def _unbroken_run(past: Floats) -> Floats:
    gaps = np.flatnonzero(np.isnan(past))
    return past[gaps[-1] + 1 :] if len(gaps) else past


def _quarters_between_ends(past: Floats) -> int:
    return len(past) - 1 - int(np.flatnonzero(~np.isnan(past))[0])
