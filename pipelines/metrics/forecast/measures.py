"""The published measures that the model was trained on: names, MHCLG's headings and how they add up."""

from __future__ import annotations

from functools import cache
from importlib import resources

import polars as pl

STOCK_TOTAL = "ta_households"


@cache
def measures() -> pl.DataFrame:
    """One row per measure: ``measure, table, column_path, label, kind`` (stock, flow), ``ta_type, part_of``."""
    text = resources.files("pipelines.metrics.forecast").joinpath("measures.csv").read_bytes()
    return pl.read_csv(text, infer_schema=False)


def names() -> tuple[str, ...]:
    """Measures in order; their place is what the model reads."""
    return tuple(measures()["measure"])


def of_ta_type() -> dict[str, str]:
    """Type of temporary accommodation (code list ``ta_type``) to the measure of table TA1 that counts it."""
    rows = measures().filter(pl.col("ta_type").is_not_null()).select("ta_type", "measure")
    return dict(rows.iter_rows())


def parts() -> dict[str, tuple[str, ...]]:
    """Each measure that is the sum of others, with those."""
    rows = measures().filter(pl.col("part_of").is_not_null()).group_by("part_of", maintain_order=True).agg("measure")
    return {total: tuple(found) for total, found in rows.iter_rows()}


def labels() -> dict[str, str]:
    """Each measure's heading as MHCLG prints it, in one line."""
    return dict(measures().select("measure", "label").iter_rows())
