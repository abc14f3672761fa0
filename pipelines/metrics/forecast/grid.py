"""Series in long form laid out as a grid of series by quarter, gaps left open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from pipelines.errors import InputError, UsageError
from pipelines.period import Quarter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COLUMNS = ("unique_id", "quarter", "value")
ALL_SERIES = "all"

MINIMUM_FOR_MODEL = 4
"""Observed quarters: with fewer, the model knows too little of a series, and the forecast is the last value."""


@dataclass(frozen=True)
class Grid:
    """Series in rows (sorted by id), consecutive quarters in columns; a quarter without a value is NaN, never 0."""

    ids: list[str]
    groups: list[str]
    quarters: list[Quarter]
    values: NDArray[np.float64]
    listed: NDArray[np.bool_]


def build_grid(history: pl.DataFrame) -> Grid:
    """Lay out ``history`` (one row per series and quarter) as a grid that spans its first to its last quarter.

    Raises:
        UsageError: a column is missing, or a quarter is not written like ``2025-Q4``.
        InputError: a series has two rows for one quarter, belongs to two groups, or holds a value that is no number.
    """
    missing = [name for name in COLUMNS if name not in history.columns]
    if missing:
        raise UsageError(f"The series to forecast have no column {', '.join(missing)}.")
    group = pl.col("group") if "group" in history.columns else pl.lit(ALL_SERIES).alias("group")
    rows = history.select(
        pl.col("unique_id").cast(pl.String),
        group.cast(pl.String),
        pl.col("quarter").cast(pl.String),
        pl.col("value").cast(pl.Float64),
    )
    if rows.select("unique_id", "quarter").is_duplicated().any():
        raise InputError("The series to forecast have more than one row for the same series and quarter.")
    if rows["value"].is_finite().not_().any():
        raise InputError("The series to forecast hold a value that is not a finite number; leave it empty if unknown.")
    quarters = _span(rows["quarter"].unique().to_list())
    series = rows.select("unique_id", "group").unique().sort("unique_id", "group")
    if series["unique_id"].is_duplicated().any():
        raise InputError("The series to forecast put one series in two groups.")
    cells = (
        series.join(pl.DataFrame({"quarter": [str(q) for q in quarters]}, schema={"quarter": pl.String}), how="cross")
        .join(
            rows.select("unique_id", "quarter", "value", listed=pl.lit(True)),
            on=["unique_id", "quarter"],
            how="left",
        )
        .sort("unique_id", "quarter")
    )
    shape = (series.height, len(quarters))
    return Grid(
        ids=series["unique_id"].to_list(),
        groups=series["group"].to_list(),
        quarters=quarters,
        values=cells["value"].fill_null(float("nan")).to_numpy().reshape(shape),
        listed=cells["listed"].fill_null(False).to_numpy().reshape(shape),
    )


def _span(quarters: list[str]) -> list[Quarter]:
    if not quarters:
        return []
    parsed = sorted(Quarter.parse(text) for text in quarters)
    span = [parsed[0]]
    while span[-1] < parsed[-1]:
        span.append(span[-1].shift(1))
    return span
