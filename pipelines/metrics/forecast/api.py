"""Forecast a set of quarterly series and say how far each forecast may be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

import polars as pl

from pipelines.errors import UsageError
from pipelines.metrics.forecast.extra import require_statsforecast
from pipelines.metrics.forecast.grid import Grid, build_grid

if TYPE_CHECKING:
    import numpy as np

    from pipelines.metrics.forecast.intervals import Intervals

# A series whose last quarters are missing is forecast from its last observed one, but not from further back than this.
LATEST_MISSING_ALLOWED = 2

STATUSES = ("forecast", "constant", "ended", "not reported", "too short", "no value")
"""What became of a series.

forecast      forecast, with intervals
constant      one and the same value throughout: forecast flat; counted apart from the mean scores
ended         no row for the last quarter of the set: the authority or series no longer exists; not forecast
not reported  rows to the end, but no value for more than two quarters; not forecast
too short     fewer than eight observed quarters; not forecast
no value      never observed; not forecast
"""


@dataclass(frozen=True)
class ForecastResult:
    """Forecasts, what is known of their errors, and every error behind that.

    forecast: one row per series forecast and quarter ahead, in the unit of the series: ``unique_id, group, quarter,
        model, point, lo_80, hi_80, lo_95, hi_95, seasonal_naive``.
    evaluation: one row per series of the history, forecast or not: ``unique_id, group, model, mase,
        seasonal_naive_mase, cover_80, cover_95, folds, observed, constant, status, reason``; errors are means over the
        folds (origins) and steps; ``mase`` is empty where the in-sample seasonal-naive error is 0 at every origin or
        nothing could be tested.
    folds: one row per series, origin and step whose target is observed: ``unique_id, group, origin, step, quarter,
        model, actual, point, seasonal_naive, lo_…, hi_…, scale`` (``scale``: the in-sample seasonal-naive error).
    """

    forecast: pl.DataFrame
    evaluation: pl.DataFrame
    folds: pl.DataFrame


def forecast_series(
    history: pl.DataFrame, horizon: int = 4, levels: tuple[int, ...] = (80, 95), *, learn_from_panel: bool = True
) -> ForecastResult:
    """Forecast every series of ``history`` for the ``horizon`` quarters after the last quarter in it.

    Each series is forecast by the candidate that did best at earlier origins (rolling-origin backtest), its own errors
    drawn towards those of its group; intervals are quantiles of the errors made at earlier origins. Nothing later than
    an origin is used for the forecast from it, so ``evaluation`` and ``folds`` are out of sample. A gap stays a gap.

    Args:
        history: one row per series and quarter: ``unique_id, quarter`` (``2024-Q4``), ``value`` (empty where unknown)
            and optionally ``group`` (series of a kind, which lend each other errors). A quarter that is unknown but not
            past the end of a series should have a row without value: without a row for the last quarter a series ended.
        horizon: quarters ahead.
        levels: prediction intervals, in per cent.
        learn_from_panel: start from what the published panel taught (``reference.csv``).

    Raises:
        UsageError: the extra ``forecast`` is not installed, or an argument is out of range.
        InputError: two rows for one series and quarter, or a value that is no number.
    """
    if horizon < 1 or not levels or not all(1 <= level <= 99 for level in levels):
        raise UsageError("A forecast needs a horizon of at least 1 quarter and interval levels between 1 and 99.")
    levels = tuple(sorted(levels))
    require_statsforecast()
    grid = build_grid(history)
    import numpy as np

    from pipelines.metrics.forecast import candidates, choice, reference
    from pipelines.metrics.forecast.intervals import intervals

    steps = horizon + LATEST_MISSING_ALLOWED
    groups = np.array(grid.groups, dtype=str)
    published = reference.published_reference() if learn_from_panel else None
    table = candidates.forecasts_at_every_origin(grid.values, steps)
    actual = choice.targets(grid.values, steps)
    chosen = choice.choose(table, actual, groups, published.relative_error if published else None)
    point = choice.pick(table, chosen)
    bounds = intervals(point, actual, grid.values, groups, levels, published)
    ahead = _Ahead(grid, point, _seasonal_naive(grid, steps), chosen, bounds, levels)
    folds = ahead.folds(actual, choice.seasonal_naive_scale(grid.values), horizon)
    status = _status(grid)
    forecast = ahead.forecast(status, horizon)
    return ForecastResult(forecast, _evaluation(status, folds, forecast, levels), folds)


@dataclass(frozen=True)
class _Ahead:
    """Everything forecast from every origin."""

    grid: Grid
    point: np.ndarray
    seasonal: np.ndarray
    chosen: np.ndarray
    bounds: Intervals
    levels: tuple[int, ...]

    def _columns(self, index: tuple[np.ndarray, ...]) -> dict[str, pl.Series]:
        rows, origins = index[0], index[1]
        from pipelines.metrics.forecast.choice import candidate_names

        columns = {
            "unique_id": pl.Series([self.grid.ids[row] for row in rows], dtype=pl.String),
            "group": pl.Series([self.grid.groups[row] for row in rows], dtype=pl.String),
            "model": pl.Series(candidate_names(self.chosen[rows, origins]), dtype=pl.String),
            "point": pl.Series(self.point[index]),
        }
        for level in self.levels:
            columns[f"lo_{level}"] = pl.Series(self.bounds.low[level][index])
            columns[f"hi_{level}"] = pl.Series(self.bounds.high[level][index])
        columns["seasonal_naive"] = pl.Series(self.seasonal[index])
        return columns

    def folds(self, actual: np.ndarray, scale: np.ndarray, horizon: int) -> pl.DataFrame:
        import numpy as np

        index = np.nonzero(~np.isnan(actual[:, :, :horizon]) & ~np.isnan(self.point[:, :, :horizon]))
        rows, origins, steps = index
        names = [str(quarter) for quarter in self.grid.quarters]
        columns = self._columns(index) | {
            "origin": pl.Series([names[origin] for origin in origins], dtype=pl.String),
            "step": pl.Series(steps + 1, dtype=pl.Int64),
            "quarter": pl.Series([names[n] for n in origins + steps + 1], dtype=pl.String),
            "actual": pl.Series(actual[index]),
            "scale": pl.Series(scale[rows, origins]),
        }
        order = ["unique_id", "group", "origin", "step", "quarter", "model", "actual"]
        return pl.DataFrame(columns).select(*order, pl.exclude(order)).with_columns(pl.col(pl.Float64).fill_nan(None))

    def forecast(self, status: pl.DataFrame, horizon: int) -> pl.DataFrame:
        import numpy as np

        wanted = status.with_row_index("row").filter(pl.col("status").is_in(["forecast", "constant"]))
        last = wanted["last"].to_numpy().repeat(horizon)
        rows = wanted["row"].to_numpy().repeat(horizon).astype(np.intp)
        step = np.tile(np.arange(horizon), wanted.height)
        lag = len(self.grid.quarters) - 1 - last
        columns = self._columns((rows, last, step + lag))
        end = self.grid.quarters[-1] if self.grid.quarters else None
        columns["quarter"] = pl.Series([str(end.shift(int(s) + 1)) for s in step] if end else [], dtype=pl.String)
        order = ["unique_id", "group", "quarter", "model", "point"]
        return pl.DataFrame(columns).select(*order, pl.exclude(order)).with_columns(pl.col(pl.Float64).fill_nan(None))


def _seasonal_naive(grid: Grid, steps: int) -> np.ndarray:
    import numpy as np

    from pipelines.metrics.forecast.candidates import seasonal_naive

    table = np.full((*grid.values.shape, steps), np.nan)
    for row, origin in np.argwhere(~np.isnan(grid.values)):
        table[row, origin] = seasonal_naive(grid.values[row, : origin + 1], steps)
    return table


def _status(grid: Grid) -> pl.DataFrame:
    """One row per series: ``unique_id, group, observed, constant, last, status, reason``; ``last``: an index."""
    from pipelines.metrics.forecast.candidates import MINIMUM_OBSERVED

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
        elif len(seen) < MINIMUM_OBSERVED:
            status, notes = "too short", [f"{len(seen)} quarters observed, {MINIMUM_OBSERVED} needed"]
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
