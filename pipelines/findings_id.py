"""What a finding is known by from run to run: never where it stood in an export, which moves with every row above."""

from __future__ import annotations

import hashlib

import polars as pl

from pipelines import findings as found
from pipelines.period import Quarter

DIGITS = 16
"""Hexadecimal digits of an id: two of a million findings are alike once in forty million warehouses."""

KNOWN_AS = {"temporary_accommodation": ("placement_ref", "entry_date"), "reviews": ("review_requested_date",)}
"""What tells a placement or review from the case's others whatever its number is, the first that is there. People keep
their numbers: what else tells them apart is personal, and a digest of a date of birth can be worked back to it."""

_SEPARATOR = "\x1f"
_CASE = pl.coalesce("case_ref", "local_ref")


def with_ids(findings: pl.DataFrame, quarter: Quarter | str | None) -> pl.DataFrame:
    """The findings with ``finding_id``, in their order.

    One is known by its rule, the case, the natural key of the record and the fields; where no case is named, by value
    and file besides, but for the numbers in its name; one on the return as a whole by the quarter. Of several that are
    alike in all that, the first in the order of their values has no number, and the others 2, 3, …: as many ids are
    gone as were put right.

    Args:
        findings: one row per finding, under H-CLIC references; ``known_as`` stands for ``record_key`` where there is
            such a column.
        quarter: the return's, as text or not; None where ``quarter`` is a column of the findings.
    """
    is_of_return = pl.col("scope") == found.RETURN
    of = pl.col("quarter") if quarter is None else pl.lit(str(quarter))
    # The export of every day may have a name of its own: export_20251201.csv.
    file = pl.col("file").str.replace_all(r"\d+", "") if "file" in findings.columns else pl.lit(None, pl.String)
    parts = [
        pl.col("rule_id"),
        pl.col("section"),
        _CASE,
        pl.col("known_as") if "known_as" in findings.columns else record_known_by(),
        pl.col("fields"),
        pl.when(_CASE.is_null()).then(file),
        pl.when(_CASE.is_null()).then("value"),
        pl.when(is_of_return).then(of),
    ]
    alike = pl.concat_str([part.fill_null("") for part in parts], separator=_SEPARATOR)
    order = [name for name in ("value", "message", "file", "row") if name in findings.columns]
    marked = findings.with_row_index("_n").with_columns(alike.alias("_alike"))
    marked = marked.sort(order, nulls_last=True, maintain_order=True).with_columns(
        pl.int_range(1, pl.len() + 1).over("_alike").alias("_number")
    )
    known_by = (
        pl.when(pl.col("_number") == 1)
        .then("_alike")
        .otherwise(pl.concat_str("_alike", pl.col("_number").cast(pl.String), separator=_SEPARATOR))
    )
    marked = marked.with_columns(known_by.alias("_alike")).sort("_n")
    ids = pl.Series("finding_id", [digest(text) for text in marked["_alike"]], pl.String)
    return marked.drop("_n", "_alike", "_number").with_columns(ids)


def record_known_by() -> pl.Expr:
    """The record as ``record_key`` names it; what the reading names is a place, and is known without its numbers.

    A row moves with every row above it, and the export of every day may have a name of its own.
    """
    is_place = pl.col("rule_id").str.starts_with("X-")
    return pl.when(is_place).then(pl.col("record_key").str.replace_all(r"\d+", "")).otherwise("record_key")


def digest(text: str) -> str:
    """The id of what is known by the text."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def digest_of(parts: pl.DataFrame) -> pl.Series:
    """The id of each row, by all its columns."""
    texts = parts.select(pl.concat_str(pl.all().cast(pl.String).fill_null(""), separator=_SEPARATOR)).to_series()
    return pl.Series("finding_id", [digest(text) for text in texts], pl.String)
