"""Forecasts with intervals from any origin of a grid of series."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipelines.metrics.forecast import trained
from pipelines.metrics.forecast.features import (
    Floats,
    feature_rows,
    is_whole,
    level_spread,
    recent_spread,
    seasonal_naive_scale,
    spread,
)
from pipelines.metrics.forecast.grid import MINIMUM_FOR_MODEL, Grid
from pipelines.metrics.forecast.intervals import bounds, never_negative
from pipelines.metrics.forecast.labels import GLOBAL, LAST_VALUE
from pipelines.metrics.forecast.plain import seasonal_naives, targets
from pipelines.period import Quarter

Index = tuple[NDArray[np.intp], ...]
"""Series, origin and step (0 is the next quarter) of each forecast."""


class Ahead:
    """Forecasts of a grid, made where they are asked for."""

    def __init__(self, grid: Grid, levels: tuple[int, ...], steps: int) -> None:
        """``steps``: quarters ahead of an origin at most."""
        self._grid, self._levels, self._steps = grid, levels, steps
        self._whole, self._positive = is_whole(grid.values), never_negative(grid.values)
        self._unit = spread(grid.values, self._whole)
        self._reach = recent_spread(grid.values, self._whole)
        self._level = level_spread(grid.values, self._whole)
        self._seasonal = seasonal_naives(grid.values, steps)
        varies = np.fmax.accumulate(grid.values, axis=1) > np.fmin.accumulate(grid.values, axis=1)
        self._enough = np.cumsum(~np.isnan(grid.values), axis=1) >= MINIMUM_FOR_MODEL
        self._by_model = varies & self._enough

    def folds(self, horizon: int) -> pl.DataFrame:
        """One row per series, origin and step whose target is observed, from origins that some model had not passed."""
        actual = targets(self._grid.values, horizon)
        known = ~np.isnan(actual) & (~np.isnan(self._grid.values) & self._enough)[:, :, None]
        honest = np.array([quarter >= trained.quarters_seen()[0] for quarter in self._grid.quarters], dtype=bool)
        rows, origins, steps = index = np.nonzero(known & honest[None, :, None])
        names = np.array([str(quarter) for quarter in self._grid.quarters], dtype=object)
        columns = self._columns(index) | {
            "origin": pl.Series(names[origins], dtype=pl.String),
            "step": pl.Series(steps + 1, dtype=pl.Int64),
            "quarter": pl.Series(names[origins + steps + 1], dtype=pl.String),
            "actual": pl.Series(actual[index], dtype=pl.Float64),
            "scale": pl.Series(seasonal_naive_scale(self._grid.values)[rows, origins], dtype=pl.Float64),
        }
        return _ordered(columns, ["unique_id", "group", "origin", "step", "quarter", "model", "actual"])

    def forecast(self, wanted: pl.DataFrame, horizon: int) -> pl.DataFrame:
        """``horizon`` quarters after the last one of the grid; ``wanted``: ``row`` and ``last`` observed quarter."""
        rows = wanted["row"].to_numpy().astype(np.intp).repeat(horizon)
        last = wanted["last"].to_numpy().astype(np.intp).repeat(horizon)
        step = np.tile(np.arange(horizon), wanted.height)
        columns = self._columns((rows, last, step + len(self._grid.quarters) - 1 - last))
        end = self._grid.quarters[-1] if self._grid.quarters else None
        columns["quarter"] = pl.Series([str(end.shift(int(s) + 1)) for s in step] if end else [], dtype=pl.String)
        return _ordered(columns, ["unique_id", "group", "quarter", "model", "point"])

    def _columns(self, index: Index) -> dict[str, pl.Series]:
        rows, origins, _ = index
        names, groups = np.array(self._grid.ids, dtype=object), np.array(self._grid.groups, dtype=object)
        point, low, high = self._predict(index)
        modelled = self._by_model[rows, origins] if len(rows) else np.zeros(0, dtype=bool)
        columns = {
            "unique_id": pl.Series(names[rows], dtype=pl.String),
            "group": pl.Series(groups[rows], dtype=pl.String),
            "model": pl.Series(np.where(modelled, GLOBAL, LAST_VALUE).astype(object), dtype=pl.String),
            "point": pl.Series(point, dtype=pl.Float64),
        }
        for level in self._levels:
            columns[f"lo_{level}"] = pl.Series(low[level], dtype=pl.Float64)
            columns[f"hi_{level}"] = pl.Series(high[level], dtype=pl.Float64)
        columns["last_value"] = pl.Series(self._grid.values[rows, origins], dtype=pl.Float64)
        columns["seasonal_naive"] = pl.Series(self._seasonal[index], dtype=pl.Float64)
        return columns

    def _predict(self, index: Index) -> tuple[Floats, dict[int, Floats], dict[int, Floats]]:
        """Point and bounds of each forecast, each from the newest model that had seen nothing after the origin."""
        rows, origins, steps = index
        point = self._grid.values[rows, origins].copy()
        unit, reach = self._unit[rows, origins], self._reach[rows, origins]
        low = {level: np.full(len(rows), np.nan) for level in self._levels}
        high = {level: np.full(len(rows), np.nan) for level in self._levels}
        few = ~self._enough[rows, origins]
        reach = np.where(few, self._level[rows, origins], reach)
        groups = np.where(few, trained.LAST_ALONE, np.array(self._grid.groups, dtype=object)[rows])
        seen_by = [trained.seen_before(quarter) for quarter in self._grid.quarters]
        seen_at = np.array([str(seen_by[origin]) for origin in origins], dtype=str)
        for seen in np.unique(seen_at):
            model = trained.trained(Quarter.parse(str(seen)))
            here = np.flatnonzero(seen_at == seen)
            use = here[self._by_model[rows[here], origins[here]]]
            part = (rows[use], origins[use], steps[use])
            found = feature_rows(self._grid, part, self._unit)
            point[use] = point[use] + unit[use] * model.model.changes(found, groups[use], steps[use])
            point[use] = np.where(self._positive[rows[use]], np.maximum(point[use], 0.0), point[use])
            for group in np.unique(groups[here].astype(str)):
                cells = here[groups[here] == group]
                for level in self._levels:
                    low[level][cells], high[level][cells] = bounds(
                        point[cells],
                        reach[cells],
                        steps[cells],
                        model.multipliers(str(group), level),
                        self._whole[rows[cells]],
                        self._positive[rows[cells]],
                    )
        return point, low, high


def _ordered(columns: dict[str, pl.Series], first: list[str]) -> pl.DataFrame:
    return pl.DataFrame(columns).select(*first, pl.exclude(first)).with_columns(pl.col(pl.Float64).fill_nan(None))
