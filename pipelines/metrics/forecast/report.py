"""Scores of a backtest: by series, by group and overall."""

from __future__ import annotations

import polars as pl

OPPONENTS = ("last_value", "seasonal_naive")
"""What a forecast must beat; the last value is the harder one."""


def scores_by_series(folds: pl.DataFrame, levels: tuple[int, ...] = (80, 95)) -> pl.DataFrame:
    """One row per series with any fold: mean absolute scaled errors, ours and of its opponents, and interval coverage.

    ``mase`` divides each error by the in-sample mean absolute seasonal-naive error up to the origin (Hyndman and
    Koehler 2006) and is the mean over the same origins and steps for all three; it is empty where that error is 0 at
    every origin. ``folds`` counts origins, ``cells`` origins and steps, ``scored`` those that ``mase`` rests on.
    """
    both = pl.col("scale").is_not_null() & pl.col("seasonal_naive").is_not_null()
    error = {
        name: (pl.col("actual") - pl.col(column)).abs() / pl.col("scale")
        for name, column in (("mase", "point"), *((f"{name}_mase", name) for name in OPPONENTS))
    }
    return (
        folds.group_by("unique_id", "group")
        .agg(
            **{name: scaled.filter(both).mean() for name, scaled in error.items()},
            folds=pl.col("origin").n_unique().cast(pl.Int64),
            cells=pl.len().cast(pl.Int64),
            scored=both.sum().cast(pl.Int64),
            **{
                f"cover_{level}": pl.col("actual").is_between(pl.col(f"lo_{level}"), pl.col(f"hi_{level}")).mean()
                for level in levels
            },
        )
        .sort("unique_id")
        .drop("group")
    )


def scores_by_group(folds: pl.DataFrame, evaluation: pl.DataFrame, minimum_observed: int = 12) -> pl.DataFrame:
    """One row per group and one for ``all``, over series with at least ``minimum_observed`` observed quarters.

    ``group, series, constant, mase, last_value_mase, seasonal_naive_mase`` and their medians, ``better`` (share of
    series where ours is smaller than the last value's), ``cover_80, cover_95`` (share of cells), ``cells``. Constant
    series are counted in ``constant`` and nowhere else; a series without a scale (constant at every origin) counts in
    ``unscaled`` and in coverage, not in the means.
    """
    wanted = evaluation.filter(pl.col("observed") >= minimum_observed)
    series = wanted.filter(~pl.col("constant")).select("unique_id", "group")
    scored = series.join(scores_by_series(folds), on="unique_id", how="inner")
    cells = folds.join(series.select("unique_id"), on="unique_id", how="semi").select(
        "group",
        cover_80=pl.col("actual").is_between("lo_80", "hi_80"),
        cover_95=pl.col("actual").is_between("lo_95", "hi_95"),
    )
    counts = wanted.filter("constant").select("group")
    parts = []
    for name in [*sorted(scored["group"].unique()), "all"]:
        here = pl.lit(True) if name == "all" else pl.col("group") == name
        part, cell = scored.filter(here), cells.filter(here)
        means = mean_over_series(part)
        parts.append(
            {
                "group": name,
                "series": part["mase"].count(),
                "constant": counts.filter(here).height,
                "unscaled": part["mase"].null_count(),
                **means,
                "better": part.select((pl.col("mase") < pl.col("last_value_mase")).mean()).item(),
                "cover_80": cell["cover_80"].mean(),
                "cover_95": cell["cover_95"].mean(),
                "cells": cell.height,
            }
        )
    return pl.DataFrame(parts)


def mean_over_series(scores: pl.DataFrame) -> dict[str, float | None]:
    """Mean of each series' MASE, ours and its opponents', and their medians; empty where no series has one."""
    names = ["mase", *(f"{name}_mase" for name in OPPONENTS)]
    row = scores.select(
        **{name: pl.col(name).mean() for name in names},
        **{f"median_{name}": pl.col(name).median() for name in names},
    ).row(0, named=True)
    return dict(row)
