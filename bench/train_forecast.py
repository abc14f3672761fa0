"""Train the forecasting model on a panel of published series and write what the package ships.

    python bench/train_forecast.py PANEL.csv

PANEL.csv has one row per authority, measure and quarter: la_code, measure, quarter, value (empty where missing or
suppressed). Needs the extra ``forecast`` (LightGBM); some minutes on one processor. One model over all authorities and
measures is trained for each last quarter of ``SEEN_TO``, on targets up to that quarter and nothing later; so a backtest
can forecast from every later quarter with a model that had not seen what it is scored on. Same panel, same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.forecast_backtest import as_history, read_panel
from pipelines.errors import HclicError
from pipelines.metrics.forecast import forecast_series, scores_by_group
from pipelines.metrics.forecast.features import (
    STEPS,
    Floats,
    feature_names,
    feature_rows,
    is_whole,
    level_spread,
    recent_spread,
    spread,
)
from pipelines.metrics.forecast.grid import MINIMUM_FOR_MODEL, Grid, build_grid
from pipelines.metrics.forecast.model import ANY, Model
from pipelines.metrics.forecast.plain import targets
from pipelines.metrics.forecast.trained import DRIFT, ERRORS, LAST_ALONE, TAILS
from pipelines.metrics.forecast.trees import Forest, read_forest, shortened
from pipelines.period import Quarter

VERSION = 1
FIRST_SEEN_TO, SHIPPED = "2020-Q4", ("2022-Q4", "2023-Q4", "2024-Q4")
"""Models of earlier years are trained for their errors only."""

COVER, SIDES = 0.8, ("above", "below")
SHORT = range(MINIMUM_FOR_MODEL, 8)
"""Observed quarters of the short histories that are cut from long ones, for councils whose records begin late."""

SHARE_OF_SHORT = 0.3
ROUNDS = 200
SETTINGS: dict[str, Any] = {
    "objective": "l1",
    "learning_rate": 0.05,
    "num_leaves": 63,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 1.0,
    "max_bin": 63,
    "seed": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
"""Compared on targets of 2022, 2023 and 2024 with models that had not seen them; 2025 played no part."""

FOLDER = Path(__file__).resolve().parent.parent / "pipelines" / "metrics" / "forecast" / "trained"


@dataclass(frozen=True)
class Rows:
    """Places to forecast from, and what is known there: one row per series, origin and step."""

    features: Floats
    last: Floats
    unit: Floats
    actual: Floats


def main(arguments: list[str] | None = None) -> int:
    """Train and write; exit status as for the command ``hclic``."""
    parser = argparse.ArgumentParser(description="Train the forecasting model on a panel of published series.")
    parser.add_argument("panel", type=Path)
    options = parser.parse_args(arguments)
    try:
        panel = read_panel(options.panel).filter(pl.col("quarter") <= SHIPPED[-1])
    except HclicError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    grid = build_grid(as_history(panel))
    FOLDER.mkdir(parents=True, exist_ok=True)
    texts = {seen: shortened(fit(grid, seen)) for seen in _years(FIRST_SEEN_TO, SHIPPED[-1])}
    models = {seen: model_of(read_forest(text), grid, seen) for seen, text in texts.items()}
    errors = out_of_sample(grid, models)
    errors = pl.concat([errors, errors_of_last_value(grid)])
    for seen in SHIPPED:
        packed = gzip.compress(texts[seen].encode(), 9, mtime=0)
        (FOLDER / f"{seen}.txt.gz").write_bytes(packed)
    quantiles(errors).write_csv(FOLDER / "errors.csv")
    pl.concat([drift_table(models[seen], seen) for seen in SHIPPED]).write_csv(FOLDER / "drift.csv")
    digest = hashlib.sha256(options.panel.read_bytes()).hexdigest()
    facts = {
        "version": VERSION,
        "seen_to": list(SHIPPED),
        "data": {options.panel.name: digest},
        "lightgbm": version("lightgbm"),
        "rounds": ROUNDS,
        "settings": SETTINGS,
        "features": feature_names(),
    }
    (FOLDER / "facts.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    record(panel).write_csv(FOLDER / "record.csv")
    return 0


def fit(grid: Grid, seen_to: str) -> str:
    """LightGBM's text of the model that saw targets up to a quarter."""
    import lightgbm

    end = grid.quarters.index(Quarter.parse(seen_to)) + 1
    seen = replace(grid, quarters=grid.quarters[:end], values=grid.values[:, :end], listed=grid.listed[:, :end])
    parts = [rows(seen, None)] + [rows(seen, cut) for cut in range(4, end - MINIMUM_FOR_MODEL, 4)]
    features = np.concatenate([part.features for part in parts])
    aim = np.concatenate([(part.actual - part.last) / part.unit for part in parts])
    data = lightgbm.Dataset(
        features, aim, feature_name=feature_names(), params={"max_bin": SETTINGS["max_bin"], "verbose": -1}
    )
    text: str = lightgbm.train(SETTINGS, data, ROUNDS).model_to_string()
    return text


def rows(grid: Grid, cut: int | None) -> Rows:
    """What can be learned from a grid; with ``cut``, from some short histories that begin at that quarter.

    A random half of the short histories do not say what they measure, as series of kinds that are not published.
    """
    random = np.random.default_rng(cut)
    if cut is not None:
        values = grid.values.copy()
        values[:, :cut] = np.nan
        says = random.random(len(values)) < 0.5
        groups = [name if said else ANY for name, said in zip(grid.groups, says, strict=True)]
        grid = replace(grid, values=values, groups=groups)
    actual = targets(grid.values, STEPS)
    observed = np.cumsum(~np.isnan(grid.values), axis=1)
    usable = ~np.isnan(grid.values) & (observed >= MINIMUM_FOR_MODEL)
    if cut is not None:
        usable &= np.isin(observed, SHORT) & (random.random(usable.shape) < SHARE_OF_SHORT)
    return rows_at(grid, np.nonzero(usable[:, :, None] & ~np.isnan(actual)), actual)


def rows_at(grid: Grid, index: tuple[np.ndarray, ...], actual: Floats) -> Rows:
    """The rows of given places."""
    series, origins, _ = index
    scale = spread(grid.values, is_whole(grid.values))
    features = feature_rows(grid, index, scale)
    return Rows(features, grid.values[series, origins], scale[series, origins], actual[index])


def model_of(forest: Forest, grid: Grid, seen_to: str) -> Model:
    """The trees with the median change that they expect of each measure, over the last year that they saw."""
    end = grid.quarters.index(Quarter.parse(seen_to)) + 1
    usable = ~np.isnan(grid.values) & (np.cumsum(~np.isnan(grid.values), axis=1) >= MINIMUM_FOR_MODEL)
    usable[:, : end - 4] = usable[:, end:] = False
    series, _, steps = index = np.nonzero(np.repeat(usable[:, :, None], STEPS, axis=2))
    scale = spread(grid.values, is_whole(grid.values))
    change = forest.predict(feature_rows(grid, index, scale))
    measures = np.array(grid.groups, dtype=object)[series]
    masks = {ANY: np.ones(len(series), dtype=bool)} | {name: measures == name for name in sorted(set(grid.groups))}
    return Model(
        forest,
        {
            name: np.array([np.median(change[mask & (steps == step)]) for step in range(STEPS)]).round(4)
            for name, mask in masks.items()
        },
    )


def drift_table(model: Model, seen_to: str) -> pl.DataFrame:
    """The drift as it is shipped: ``seen_to, measure, step, change``."""
    rows = [
        (seen_to, name, step, change)
        for name, found in sorted(model.drift.items())
        for step, change in enumerate(found.tolist(), start=1)
    ]
    return pl.DataFrame(rows, schema=DRIFT, orient="row")


def out_of_sample(grid: Grid, models: dict[str, Model]) -> pl.DataFrame:
    """Errors from each origin by the newest model that had seen nothing later.

    One row per series, origin and step: ``measure, quarter`` (of the target), ``step``, and how far the figure was
    ``above`` and ``below`` the point, in recent spreads; less half a unit, by which a bound is reached after rounding.
    """
    actual = targets(grid.values, STEPS)
    observed = np.cumsum(~np.isnan(grid.values), axis=1)
    varies = np.fmax.accumulate(grid.values, axis=1) > np.fmin.accumulate(grid.values, axis=1)
    usable = ~np.isnan(grid.values) & (observed >= MINIMUM_FOR_MODEL) & varies
    reach = recent_spread(grid.values, is_whole(grid.values))
    parts = []
    for seen, model in models.items():
        start = grid.quarters.index(Quarter.parse(seen))
        here = np.zeros_like(usable)
        here[:, start : start + 4] = usable[:, start : start + 4]
        index = np.nonzero(here[:, :, None] & ~np.isnan(actual))
        found = rows_at(grid, index, actual)
        series, origins, steps = index
        change = model.changes(found.features, np.array(grid.groups, dtype=object)[series], steps)
        point = np.maximum(found.last + found.unit * change, 0.0)
        unit = reach[series, origins]
        names = [str(quarter) for quarter in grid.quarters]
        parts.append(
            pl.DataFrame(
                {
                    "measure": [grid.groups[row] for row in series],
                    "quarter": [names[number] for number in origins + steps + 1],
                    "step": steps + 1,
                    "above": (found.actual - point - 0.5) / unit,
                    "below": (point - found.actual - 0.5) / unit,
                }
            )
        )
    return pl.concat(parts)


def errors_of_last_value(grid: Grid) -> pl.DataFrame:
    """As ``out_of_sample``, for the last value over ``level_spread``: of a series whose last quarter alone is known."""
    actual = targets(grid.values, STEPS)
    unit = level_spread(grid.values, is_whole(grid.values))
    rows, origins, steps = index = np.nonzero(~np.isnan(grid.values)[:, :, None] & ~np.isnan(actual))
    names = np.array([str(quarter) for quarter in grid.quarters], dtype=object)
    error, scale = actual[index] - grid.values[rows, origins], unit[rows, origins]
    return pl.DataFrame(
        {
            "measure": pl.Series([LAST_ALONE] * len(rows), dtype=pl.String),
            "quarter": pl.Series(names[origins + steps + 1], dtype=pl.String),
            "step": steps + 1,
            "above": (error - 0.5) / scale,
            "below": (-error - 0.5) / scale,
        }
    )


def quantiles(errors: pl.DataFrame) -> pl.DataFrame:
    """The shipped quantiles: by quarter seen, measure and step, on either side of the point.

    Those of the last year's errors, widened by as much as that year's ranges, made of the errors of the year before,
    would have had to be wider to hold ``COVER`` of its figures.
    """
    modelled = errors.filter(pl.col("measure") != LAST_ALONE)
    errors = pl.concat([errors, modelled.with_columns(measure=pl.lit(ANY))])
    frames = []
    for seen in SHIPPED:
        last, before = in_year(errors, seen, 0), in_year(errors, seen, 1)
        wider = needed(last, before)
        for side in SIDES:
            frames.append(
                tails(last, side)
                .with_columns(pl.col(f"beyond_{tail}").mul(wider).round(4) for tail in TAILS)
                .with_columns(seen_to=pl.lit(seen), side=pl.lit(side))
                .select(list(ERRORS))
            )
    return pl.concat(frames).sort("seen_to", "measure", "step", "side")


def in_year(errors: pl.DataFrame, seen: str, back: int) -> pl.DataFrame:
    """The errors on targets of the year that ends with a quarter, or of one that many years earlier."""
    last = Quarter.parse(seen).shift(-4 * back)
    return errors.filter(pl.col("quarter").is_between(pl.lit(str(last.shift(-3))), pl.lit(str(last))))


def tails(errors: pl.DataFrame, side: str) -> pl.DataFrame:
    """How far errors reach on one side: one row per measure and step, a column per tail; wider further ahead."""
    names = {f"beyond_{tail}": 1 - tail for tail in TAILS}
    found = errors.group_by("measure", "step").agg(
        **{name: pl.col(side).quantile(share, "linear").clip(0.0) for name, share in names.items()}
    )
    return found.sort("measure", "step").with_columns(pl.col(list(names)).cum_max().over("measure"))


def needed(errors: pl.DataFrame, before: pl.DataFrame) -> float:
    """By how much the ranges made of earlier errors would have had to be wider to hold ``COVER`` of the figures."""
    known = errors.filter(~pl.col("measure").is_in([ANY, LAST_ALONE]))
    tail = f"beyond_{round((1 - COVER) / 2, 3)}"
    for side in SIDES:
        reach = tails(before, side).select("measure", "step", pl.col(tail).clip(0.05).alias(f"reach_{side}"))
        known = known.join(reach, on=["measure", "step"])
    times = pl.max_horizontal(*(pl.col(side) / pl.col(f"reach_{side}") for side in SIDES))
    found = known.select(times.quantile(COVER, "linear")).item()
    return max(float(found), 1.0)


def record(panel: pl.DataFrame) -> pl.DataFrame:
    """How the models written to the package do on what they had not seen; one row per measure and step (0: all)."""
    result = forecast_series(as_history(panel))
    parts = []
    for step in range(5):
        folds = result.folds.filter(pl.lit(step == 0) | (pl.col("step") == step))
        found = scores_by_group(folds, result.evaluation)
        parts.append(
            found.select(
                measure=pl.col("group").replace("all", ANY),
                step=pl.lit(step),
                mase=pl.col("mase").round(4),
                last_value_mase=pl.col("last_value_mase").round(4),
                seasonal_naive_mase=pl.col("seasonal_naive_mase").round(4),
                cover_80=pl.col("cover_80").round(4),
                series="series",
            )
        )
    return pl.concat(parts).sort("measure", "step")


def _years(first: str, last: str) -> list[str]:
    found = [Quarter.parse(first)]
    while str(found[-1]) < last:
        found.append(found[-1].shift(4))
    return [str(quarter) for quarter in found]


if __name__ == "__main__":
    sys.exit(main())
