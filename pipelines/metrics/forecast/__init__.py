"""Forecasts of quarterly series with prediction intervals, and how far they may be trusted.

Nothing heavy is imported here: numpy is loaded when a forecast is asked for, and nothing more. Training the model
(``python bench/train_forecast.py PANEL.csv``) needs the extra ``forecast``; forecasting does not.
"""

from __future__ import annotations

from pipelines.metrics.forecast.api import ForecastResult, forecast_series
from pipelines.metrics.forecast.authorities import combine_successors
from pipelines.metrics.forecast.labels import MODEL_LABELS
from pipelines.metrics.forecast.report import mean_over_series, scores_by_group

__all__ = [
    "MODEL_LABELS",
    "ForecastResult",
    "combine_successors",
    "forecast_series",
    "mean_over_series",
    "scores_by_group",
]
