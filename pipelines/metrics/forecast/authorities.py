"""Series of authorities that were merged or given a new code, brought under the code that covers them now."""

from __future__ import annotations

import polars as pl

from pipelines.errors import InputError, UsageError

PANEL_COLUMNS = ("la_code", "measure", "quarter", "value")


def combine_successors(panel: pl.DataFrame, authorities: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sum each abolished authority's series into its successor's, only where every part of the sum is observed.

    Args:
        panel: one row per authority, measure and quarter: ``la_code, measure, quarter, value``; value empty where
            missing or suppressed. Only measures that add up over areas (counts of households, cost).
        authorities: one row per code ever used: ``code, active_code``.

    Returns:
        The panel under active codes with a column ``parts`` (codes listed in that quarter), and one row per code that
        went into another one: ``la_code, active_code, measure, first_quarter, last_quarter, incomplete`` (quarters
        left empty in the sum because a part of it is). A code that ``authorities`` lacks stays as it is. A predecessor
        is expected in every quarter between its first and its last in the panel; a quarter in which an authority
        stands beside its own predecessor is left empty, since adding them might count a household twice.

    Raises:
        UsageError: a column is missing.
        InputError: an authority has two rows for one measure and quarter.
    """
    _require(panel, PANEL_COLUMNS, "panel")
    _require(authorities, ("code", "active_code"), "list of authorities")
    if panel.select("la_code", "measure", "quarter").is_duplicated().any():
        raise InputError("The panel has more than one row for the same authority, measure and quarter.")
    active = authorities.select(la_code="code", active_code="active_code").unique("la_code", keep="first")
    listed = (
        panel.select(PANEL_COLUMNS)
        .join(active, on="la_code", how="left", maintain_order="left")
        .with_columns(pl.col("active_code").fill_null(pl.col("la_code")), listed=pl.lit(True))
    )
    spans = listed.group_by("la_code", "active_code", "measure").agg(
        first_quarter=pl.col("quarter").min(), last_quarter=pl.col("quarter").max()
    )
    expected = (
        spans.join(panel.select("quarter").unique(), how="cross")
        .filter(pl.col("quarter").is_between(pl.col("first_quarter"), pl.col("last_quarter")))
        .join(
            listed.select("la_code", "measure", "quarter", "value"),
            on=["la_code", "measure", "quarter"],
            how="left",
        )
    )
    key = ["active_code", "measure", "quarter"]
    combined = (
        expected.group_by(key)
        .agg(
            parts=pl.len().cast(pl.Int64),
            complete=pl.col("value").is_not_null().all(),
            overlaps=(pl.col("la_code") == pl.col("active_code")).any()
            & (pl.col("la_code") != pl.col("active_code")).any(),
            value=pl.col("value").cast(pl.Float64).sum(),
        )
        .with_columns(value=pl.when(pl.col("complete") & ~pl.col("overlaps")).then("value"))
        .sort(key)
    )
    empty = pl.col("value").is_null()
    merged = (
        spans.filter(pl.col("la_code") != pl.col("active_code"))
        .join(combined.select(*key, "value"), on=["active_code", "measure"])
        .filter(pl.col("quarter").is_between(pl.col("first_quarter"), pl.col("last_quarter")))
        .group_by("la_code", "active_code", "measure", "first_quarter", "last_quarter")
        .agg(incomplete=empty.sum().cast(pl.Int64))
        .sort("la_code", "measure")
    )
    return combined.select(la_code="active_code", measure="measure", quarter="quarter", value="value", parts="parts"), (
        merged
    )


def _require(frame: pl.DataFrame, columns: tuple[str, ...], what: str) -> None:
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise UsageError(f"The {what} has no column {', '.join(missing)}.")
