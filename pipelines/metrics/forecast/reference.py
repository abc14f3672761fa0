"""The lessons of the published panel, kept as ``reference.csv`` beside this module."""

from __future__ import annotations

from importlib import resources

import numpy as np
import polars as pl

from pipelines.metrics.forecast import choice
from pipelines.metrics.forecast.candidates import CANDIDATES, Floats, forecasts_at_every_origin
from pipelines.metrics.forecast.extra import require_statsforecast
from pipelines.metrics.forecast.grid import build_grid
from pipelines.metrics.forecast.intervals import NOMINAL, Reference, intervals

PERCENTILES = np.arange(1, 100) / 100


def published_reference() -> Reference:
    """Read the shipped reference (written by ``bench/forecast_backtest.py --write-reference``)."""
    text = resources.files("pipelines.metrics.forecast").joinpath("reference.csv").read_bytes()
    rows = pl.read_csv(text, schema={"kind": pl.String, "item": pl.String, "step": pl.Int64, "value": pl.Float64})
    part = {str(kind[0]): frame for kind, frame in rows.group_by("kind", maintain_order=True)}
    relative = dict(part["relative_error"].select("item", "value").iter_rows())
    errors = part["scaled_error"].sort("step", pl.col("item").cast(pl.Int64))
    return Reference(
        relative_error=np.array([relative[name] for name in CANDIDATES]),
        scaled_error=errors["value"].to_numpy().reshape(-1, len(PERCENTILES)),
        coverage=part["coverage"]["value"].to_numpy(),
    )


def learn_reference(history: pl.DataFrame, steps: int) -> pl.DataFrame:
    """What ``history`` (one row per series and quarter, see ``forecast_series``) teaches, as written to the CSV."""
    require_statsforecast()
    grid = build_grid(history)
    groups = np.array(grid.groups, dtype=str)
    table = forecasts_at_every_origin(grid.values, steps)
    actual = choice.targets(grid.values, steps)
    relative, count = choice.relative_errors(table, actual, len(grid.quarters) - 1)
    point = choice.pick(table, choice.choose(table, actual, groups, None))
    bounds = intervals(point, actual, grid.values, groups, (80,), None)
    varies = np.fmax.reduce(grid.values, axis=1) > np.fmin.reduce(grid.values, axis=1)
    return _rows(
        relative[count[:, 0] > 0].mean(axis=0),
        [bounds.scaled_error[varies, :, step].ravel() for step in range(steps)],
        bounds.coverage,
    )


def _rows(relative_error: Floats, scaled_error: list[Floats], coverage: Floats) -> pl.DataFrame:
    """The reference as a table: ``kind, item, step, value``, rounded to four decimals."""
    rows: list[tuple[str, str, int | None, float]] = [
        ("relative_error", name, None, value) for name, value in zip(CANDIDATES, relative_error.tolist(), strict=True)
    ]
    for step, errors in enumerate(scaled_error, start=1):
        quantiles = np.quantile(errors[~np.isnan(errors)], PERCENTILES)
        rows += [("scaled_error", str(n), step, value) for n, value in enumerate(quantiles.tolist(), start=1)]
    rows += [
        ("coverage", str(level), None, value) for level, value in zip(NOMINAL.tolist(), coverage.tolist(), strict=True)
    ]
    schema = {"kind": pl.String, "item": pl.String, "step": pl.Int64, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("value").round(4))
