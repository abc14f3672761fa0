"""MHCLG's rule under which figures stay behind, and how a figure is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.disclosure.thresholds import OFFICIAL_BASE_BELOW
from pipelines.published.cells import NOT_PUBLISHED, SUPPRESSED

_CELL = ("table", "column_path", "measure")


@dataclass(frozen=True)
class Breakdown:
    """Columns of one published table, by path and measure, that rest on the count in the column ``base_path``."""

    table: str
    base_path: str
    hidden: tuple[tuple[str, str], ...]


def hide_as_mhclg(
    tidy: pl.DataFrame, breakdowns: Iterable[Breakdown], below: int = OFFICIAL_BASE_BELOW
) -> pl.DataFrame:
    """Rows of published tables of one quarter with what MHCLG hides hidden: no value, and a note that says so.

    Hidden are the breakdowns of a row whose base is under ``below``, zero included; there is no secondary suppression.

    Args:
        tidy: one row per authority, table, column_path and measure, with value and note.
        breakdowns: which columns rest on which base in that quarter.
        below: base from which breakdowns are shown.
    """
    plan = [(one.table, one.base_path, *column) for one in breakdowns for column in one.hidden]
    wanted = pl.DataFrame(plan, schema=dict.fromkeys(("table", "base_path", *_CELL[1:]), pl.String()), orient="row")
    base = tidy.filter(pl.col("measure") == "count").select("la_code", "table", base_path="column_path", base="value")
    hidden = (
        wanted.join(base, on=["table", "base_path"], how="inner")
        .filter(pl.col("base") < below)
        .select("la_code", *_CELL, is_hidden=pl.lit(True))
        .unique()
    )
    marked = tidy.join(hidden, on=["la_code", *_CELL], how="left", maintain_order="left")
    is_hidden = pl.col("is_hidden") & (pl.col("note") != NOT_PUBLISHED)
    flags = marked.select(is_hidden)["is_hidden"]
    return blank(marked.drop("is_hidden"), {"value": flags}, note=flags)


def blank(frame: pl.DataFrame, hidden: Mapping[str, pl.Series], *, note: pl.Series) -> pl.DataFrame:
    """A frame with the values that stay behind empty (types kept), and ``note`` filled in the rows it is true for.

    ``hidden`` and ``note`` have one flag per row; where the frame has no ``note`` yet, the other rows get an empty one.
    """
    before = pl.col("note") if "note" in frame.columns else pl.lit("")
    return frame.with_columns(
        *(pl.when(flags).then(None).otherwise(pl.col(column)).alias(column) for column, flags in hidden.items()),
        note=pl.when(note).then(pl.lit(SUPPRESSED)).otherwise(before),
    )
