"""How the model and its opponents did on published quarters that it had not seen, said in a sentence."""

from __future__ import annotations

import polars as pl

from pipelines.metrics.forecast.grid import MINIMUM_FOR_MODEL
from pipelines.metrics.forecast.model import ANY
from pipelines.metrics.forecast.trained import record
from pipelines.shown import percentage, rounded

COLUMNS = {
    "measure": pl.String,
    "like": pl.String,
    "model_error": pl.Float64,
    "last_value_error": pl.Float64,
    "seasonal_naive_error": pl.Float64,
    "cover_80": pl.Float64,
    "series": pl.Int64,
    "sentence": pl.String,
}

BEATEN = 0.01
"""Closer than the last value by less than this share: the forecast is called about the last value."""


def record_of(like: dict[str, str]) -> pl.DataFrame:
    """One row per measure: ``like`` names the published measure that each is, or is like.

    Errors are mean absolute errors over the seasonal-naive error in sample, means over published series.
    """
    known = {row["measure"]: row for row in record().filter(pl.col("step") == 0).iter_rows(named=True)}
    rows = []
    for measure, published in like.items():
        found = known.get(published)
        row = found or known[ANY]
        rows.append(
            {
                "measure": measure,
                "like": published if found else ANY,
                "model_error": row["mase"],
                "last_value_error": row["last_value_mase"],
                "seasonal_naive_error": row["seasonal_naive_mase"],
                "cover_80": row["cover_80"],
                "series": row["series"],
                "sentence": _sentence(row, is_published=found is not None),
            }
        )
    return pl.DataFrame(rows, schema=COLUMNS)


def without_record(record: pl.DataFrame, measures: list[str]) -> pl.DataFrame:
    """The record, of which ``measures`` have none: too few of their quarters are known for the model."""
    few = pl.col("measure").is_in(measures)
    errors = ("model_error", "last_value_error", "seasonal_naive_error", "cover_80", "series")
    sentence = (
        f"Fewer than {MINIMUM_FOR_MODEL} whole quarters are on record: expect about the last value; the range is how"
        " far published figures of that size moved."
    )
    return record.with_columns(
        *(pl.when(~few).then(pl.col(name)).alias(name) for name in errors),
        sentence=pl.when(few).then(pl.lit(sentence)).otherwise("sentence"),
    )


def _sentence(row: dict[str, float], *, is_published: bool) -> str:
    gain = 1 - row["mase"] / row["last_value_mase"]
    kind = "" if is_published else "No series like this one is published; over all that are: "
    closeness = (
        f"the forecast was {percentage(gain)} closer than the last value"
        if gain >= BEATEN
        else "the forecast was hardly closer than the last value: expect about that, within the range"
    )
    said = kind + closeness if kind else closeness.capitalize()
    ours, last, before = (rounded(row[name], 2) for name in ("mase", "last_value_mase", "seasonal_naive_mase"))
    return (
        f"{said} (mean scaled error {ours}, last value {last}, the same quarter a year before {before}), and "
        f"{percentage(row['cover_80'])} of the figures fell within the 80% range. Measured on published quarters that"
        " it had not seen."
    )
