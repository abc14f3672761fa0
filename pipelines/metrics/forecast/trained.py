"""What was learned from the published panel, as it is shipped in ``trained/``.

``facts.json``: version, what was learned from, with digests, and the settings. ``<quarter>.txt.gz``: the trees that saw
targets up to that quarter and nothing later, LightGBM's text. ``errors.csv``: quantiles of scaled errors by quarter
seen, measure and step; ``drift.csv``: what the trees expect of all series of a measure. ``record.csv``: how the model
and its opponents did. Written by ``bench/train_forecast.py``.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import polars as pl

from pipelines.errors import InputError
from pipelines.metrics.forecast.features import Floats, feature_names
from pipelines.metrics.forecast.model import ANY, Model
from pipelines.metrics.forecast.trees import read_forest
from pipelines.period import Quarter

FOLDER = "trained"
LAST_ALONE = "last value"
"""The errors of the last value alone, over ``level_spread``: for a series of which too few quarters are known."""

TAILS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
"""Shares of errors beyond a quantile, on either side."""

DRIFT = {"seen_to": pl.String, "measure": pl.String, "step": pl.Int64, "change": pl.Float64}

ERRORS = {
    "seen_to": pl.String,
    "measure": pl.String,
    "step": pl.Int64,
    "side": pl.String,
    **{f"beyond_{tail}": pl.Float64 for tail in TAILS},
}


@dataclass(frozen=True)
class Trained:
    """One model and the errors that models before it made on quarters which they had not seen.

    above, below: by measure, step by tail: how far a figure may lie from the point, in recent spreads.
    """

    seen_to: Quarter
    model: Model
    above: dict[str, Floats]
    below: dict[str, Floats]

    def multipliers(self, measure: str, level: int) -> tuple[Floats, Floats]:
        """How many spreads the interval reaches above and below the point, by step; never narrower further ahead."""
        tail = (1 - level / 100) / 2
        key = measure if measure in self.above else ANY
        found = []
        for table in (self.above[key], self.below[key]):
            reach = np.array([np.interp(tail, TAILS, row) for row in table])
            found.append(np.maximum.accumulate(np.maximum(reach, 0.0)))
        return found[0], found[1]


def facts() -> dict[str, object]:
    """Version, data and settings of what is shipped."""
    found: dict[str, object] = json.loads(_bytes("facts.json"))
    return found


@cache
def quarters_seen() -> tuple[Quarter, ...]:
    """The last quarter that each shipped model saw, earliest first."""
    listed = facts()["seen_to"]
    assert isinstance(listed, list)
    return tuple(Quarter.parse(text) for text in listed)


def seen_before(origin: Quarter) -> Quarter:
    """Which model forecasts from ``origin``: the newest that saw nothing later; for an earlier origin the first."""
    return max((seen for seen in quarters_seen() if seen <= origin), default=quarters_seen()[0])


@cache
def trained(seen_to: Quarter) -> Trained:
    """The model that saw targets up to a quarter.

    Raises:
        InputError: the shipped files are not of this version.
    """
    forest = read_forest(gzip.decompress(_bytes(f"{seen_to}.txt.gz")).decode())
    if list(forest.features) != feature_names():
        raise InputError("The forecasting model is not of this version of hclic: install hclic again.")
    rows = pl.read_csv(_bytes("errors.csv"), schema=ERRORS).filter(pl.col("seen_to") == str(seen_to))
    sides: dict[str, dict[str, Floats]] = {"above": {}, "below": {}}
    for (measure, side), part in rows.group_by("measure", "side", maintain_order=True):
        sides[str(side)][str(measure)] = part.sort("step").select(pl.selectors.starts_with("beyond_")).to_numpy()
    drift = pl.read_csv(_bytes("drift.csv"), schema=DRIFT).filter(pl.col("seen_to") == str(seen_to)).sort("step")
    model = Model(forest, {str(key[0]): part["change"].to_numpy() for key, part in drift.group_by("measure")})
    return Trained(seen_to, model, sides["above"], sides["below"])


def record() -> pl.DataFrame:
    """How the shipped models did on published quarters which they had not seen, one row per measure and step.

    ``measure`` and ``step`` may be ``any`` and 0 (all). ``mase, last_value_mase, seasonal_naive_mase`` are means over
    series; ``cover_80`` is a share of forecast quarters; ``series`` are counted.
    """
    return pl.read_csv(_bytes("record.csv"))


def _bytes(name: str) -> bytes:
    return resources.files("pipelines.metrics.forecast").joinpath(FOLDER, name).read_bytes()
