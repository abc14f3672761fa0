"""Series for the tests of the forecasts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from pipelines.metrics.forecast import ForecastResult, forecast_series
from pipelines.period import Quarter

EXCERPT = Path(__file__).parent / "panel_excerpt.csv"


def excerpt() -> pl.DataFrame:
    """The published excerpt: one row per authority, measure and quarter."""
    return pl.read_csv(EXCERPT, schema_overrides={"value": pl.Float64})


def excerpt_history() -> pl.DataFrame:
    return excerpt().select(
        unique_id=pl.concat_str("measure", "la_code", separator=" "),
        group="measure",
        quarter="quarter",
        value="value",
    )


@cache
def excerpt_result() -> ForecastResult:
    """Fitted once for all tests that only look at it."""
    return forecast_series(excerpt_history())


def series(name: str, values: list[float | None], first: str = "2018-Q2") -> pl.DataFrame:
    """One series of consecutive quarters."""
    start = Quarter.parse(first)
    return pl.DataFrame(
        {
            "unique_id": [name] * len(values),
            "quarter": [str(start.shift(n)) for n in range(len(values))],
            "value": values,
        },
        schema={"unique_id": pl.String, "quarter": pl.String, "value": pl.Float64},
    )
