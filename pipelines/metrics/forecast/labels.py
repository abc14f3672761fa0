"""The candidate forecasts and how they are named to a reader."""

from __future__ import annotations

# Order matters for ties only: the first wins.
MODEL_LABELS = {
    "naive": "the last observed value",
    "exponential_smoothing": "simple exponential smoothing, its weight fitted to the series",
    "level_mix": "mean of the last value, smoothing and the means of the last two and four observed values",
    "theta_mix": "mean of the last value, smoothing and the theta method without and with seasons",
    "half_drift": "the last value plus half the average change a quarter so far",
    "naive_and_seasonal": "mean of the last value and the same quarter a year before",
    "seasonal_naive": "the last observed value of the same quarter of an earlier year",
}
