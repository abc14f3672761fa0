"""Prediction intervals from the errors made on quarters not yet seen (split conformal, pooled over a measure).

Errors are divided by a spread of the series known at the origin, pooled over all authorities by measure and step, and
the interval runs between their quantiles. A council's own few errors say less than those of three hundred: its interval
is the one that the published panel would give it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.metrics.forecast.features import Floats


def bounds(
    point: Floats,
    unit: Floats,
    steps: NDArray[np.intp],
    reach: tuple[Floats, Floats],
    whole: NDArray[np.bool_],
    positive: NDArray[np.bool_],
) -> tuple[Floats, Floats]:
    """Lower and upper bounds, one per forecast.

    Args:
        point: the forecasts.
        unit: the recent spread of each one's series at its origin.
        steps: how far ahead, 0 for the next quarter; further than was learned reaches as far as the last step learned.
        reach: spreads above and below the point, by step.
        whole: bounds of whole numbers are whole. The reach leaves out half a unit: a bound that is off by less is
            reached after rounding.
        positive: bounds of what was never below 0 are not below 0.
    """
    up, down = reach
    step = np.minimum(steps, len(up) - 1)
    low, high = point - down[step] * unit, point + up[step] * unit
    low, high = np.where(whole, np.round(low), low), np.where(whole, np.round(high), high)
    return np.where(positive, np.maximum(low, 0.0), low), high


def never_negative(values: Floats) -> NDArray[np.bool_]:
    """Whether a series was never below 0."""
    found: NDArray[np.bool_] = np.all((values >= 0) | np.isnan(values), axis=1)
    return found
