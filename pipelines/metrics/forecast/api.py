"""Forecast a set of quarterly series and say how far each forecast may be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

import polars as pl

from pipelines.errors import UsageError
from pipelines.metrics.forecast.grid import MINIMUM_FOR_MODEL, Grid, build_grid

# A series whose last quarters are missing is forecast from its last observed one, but not from further back than this.
LATEST_MISSING_ALLOWED = 2

STATUSES = ("forecast", "last value", "constant", "ended", "not reported", "no value")
"""What became of a series.

forecast      forecast by the model, with intervals
last value    fewer than four observed quarters: the last value, with intervals
constant      one and the same value throughout: forecast flat; counted apart from the mean scores
ended         no row for the last quarter of the set: the authority or series no longer exists; not forecast
not reported  rows to the end, but no value for more than two quarters; not forecast
no value      never observed; not forecast
"""

FORECAST = ("forecast", "last value", "constant")


@dataclass(frozen=True)
class ForecastResult:
    """Forecasts, what is known of their errors, and every error behind that.

    forecast: one row per series forecast and quarter ahead, in the unit of the series: ``unique_id, group, quarter,
        model, point, lo_80, hi_80, lo_95, hi_95, last_value, seasonal_naive``.
    evaluation: one row per series of the history, forecast or not: ``unique_id, group, model, mase,
        last_value_mase, seasonal_naive_mase, cover_80, cover_95, folds, observed, constant, status, reason``; errors
        are means over the folds (origins) and steps; ``mase`` is empty where the in-sample seasonal-naive error is 0 at
        every origin or nothing could be tested.
    folds: one row per series, origin and step whose target is observed: ``unique_id, group, origin, step, quarter,
        model, actual, point, last_value, seasonal_naive, lo_…, hi_…, scale`` (``scale``: the in-sample seasonal-naive
        error). Only origins for which a shipped model had seen nothing later.
    """

    forecast: pl.DataFrame
    evaluation: pl.DataFrame
    folds: pl.DataFrame


def forecast_series(history: pl.DataFrame, horizon: int = 4, levels: tuple[int, ...] = (80, 95)) -> ForecastResult:
    """Forecast every series of ``history`` for the ``horizon`` quarters after the last quarter in it.

    One model serves all series; it was trained on published series of all authorities (``trained``) and reads only
    the series' own past, so a series is forecast alike alone and among others. Intervals are quantiles of the errors
    that models made on published quarters which they had not seen. Nothing later than an origin is used for the
    forecast from it, so ``evaluation`` and ``folds`` are out of sample. A gap stays a gap.

    Args:
        history: one row per series and quarter: ``unique_id, quarter`` (``2024-Q4``), ``value`` (empty where unknown)
            and optionally ``group``: the published measure that the series is, or is like (``measures.names``);
            another word stands for none of them. A quarter that is unknown but not past the end of a series should
            have a row without value: without a row for the last quarter a series ended.
        horizon: quarters ahead.
        levels: prediction intervals, in per cent.

    Raises:
        UsageError: an argument is out of range.
        InputError: two rows for one series and quarter, or a value that is no number.
    """
    if horizon < 1 or not levels or not all(1 <= level <= 99 for level in levels):
        raise UsageError("A forecast needs a horizon of at least 1 quarter and interval levels between 1 and 99.")
    levels = tuple(sorted(levels))
    grid = build_grid(history)
    from pipelines.metrics.forecast.ahead import Ahead

    ahead = Ahead(grid, levels, horizon + LATEST_MISSING_ALLOWED)
    status = _status(grid)
    folds = ahead.folds(horizon)
    forecast = ahead.forecast(status.with_row_index("row").filter(pl.col("status").is_in(FORECAST)), horizon)
    return ForecastResult(forecast, _evaluation(status, folds, forecast, levels), folds)


def _status(grid: Grid) -> pl.DataFrame:
    """One row per series: ``unique_id, group, observed, constant, last, status, reason``; ``last``: an index."""
    rows = []
    end = len(grid.quarters) - 1
    for row, name in enumerate(grid.ids):
        values, listed = grid.values[row], grid.listed[row]
        seen = [index for index, value in enumerate(values) if not isnan(value)]
        constant = bool(seen) and min(values[seen]) == max(values[seen])
        last = seen[-1] if seen else None
        gaps = seen[-1] - seen[0] + 1 - len(seen) if seen else 0
        notes = [f"{gaps} quarters missing between the first and the last observed, left open"] if gaps else []
        if last is None:
            status, notes = "no value", ["no quarter is observed"]
        elif not listed[end]:
            final = max(index for index in range(end + 1) if listed[index])
            status, notes = "ended", [f"no row after {grid.quarters[final]}"]
        elif end - last > LATEST_MISSING_ALLOWED:
            status, notes = "not reported", [f"no value since {grid.quarters[last]}"]
        else:
            if len(seen) < MINIMUM_FOR_MODEL:
                status = "last value"
                notes.append(f"{len(seen)} quarters observed, {MINIMUM_FOR_MODEL} needed for more than the last value")
            else:
                status = "constant" if constant else "forecast"
            if last < end:
                notes.append(f"forecast from {grid.quarters[last]}, the last quarter observed")
        rows.append((name, grid.groups[row], len(seen), constant, last, status, "; ".join(notes)))
    schema = {
        "unique_id": pl.String,
        "group": pl.String,
        "observed": pl.Int64,
        "constant": pl.Boolean,
        "last": pl.Int64,
        "status": pl.String,
        "reason": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _evaluation(
    status: pl.DataFrame, folds: pl.DataFrame, forecast: pl.DataFrame, levels: tuple[int, ...]
) -> pl.DataFrame:
    from pipelines.metrics.forecast.report import scores_by_series

    covers = [f"cover_{level}" for level in levels]
    return (
        status.join(forecast.select("unique_id", "model").unique(), on="unique_id", how="left")
        .join(scores_by_series(folds, levels), on="unique_id", how="left")
        .with_columns(pl.col("folds").fill_null(0))
        .select(
            "unique_id",
            "group",
            "model",
            "mase",
            "last_value_mase",
            "seasonal_naive_mase",
            *covers,
            "folds",
            "observed",
            "constant",
            "status",
            "reason",
        )
        .sort("unique_id")
    )
