"""Our findings beside those of the pack's Schematron: found by both, by ours only, by theirs only."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from schemas.rules import RULES

BOTH, OURS, THEIRS = "both", "ours only", "theirs only"

SCHEMA: dict[str, pl.DataType] = {
    name: pl.String()
    for name in (
        "found_by",
        "case_ref",
        "our_rule",
        "our_message",
        "their_rule",
        "their_message",
        "matched_by",
        "our_fields",
        "their_fields",
        "our_record",
        "their_record",
        "our_severity",
        "their_severity",
        "local_ref",
        "officer",
    )
}
"""Columns of ``official_compared.csv``: one row per pair of findings that say the same of a case, and one per finding
that the other side does not have. ``matched_by`` is ``same_as`` (the profile says so) or ``fields``. No values."""

_ORDER = (
    "case_ref",
    "found_by",
    "their_rule",
    "our_rule",
    "their_record",
    "our_record",
    "their_message",
    "our_message",
)


def compare(ours: pl.DataFrame, theirs: pl.DataFrame, same_as: Mapping[str, tuple[str, ...]]) -> pl.DataFrame:
    """Lay findings on the same cases side by side.

    Two findings say the same where the profile says that of their rules (``same_as``, by assertion id), or, for an
    assertion that it does not name, where both speak of the same record or one of them of the whole case, and of the
    same fields or the one of some of the other's.

    Args:
        ours: findings of our own rules on cases of the return.
        theirs: findings of the Schematron.
        same_as: our rules by the assertion's id; the number of a rule of the specification stands for all its checks.
    """
    mine, other = _side(ours, "our").with_row_index("_our"), _side(theirs, "their").with_row_index("_their")
    rules = pl.DataFrame(
        [(theirs_id, rule) for theirs_id, names in same_as.items() for rule in _checks(names)],
        schema={"their_rule": pl.String(), "our_rule": pl.String()},
        orient="row",
    )
    pairs = mine.join(other, on="case_ref", how="inner").filter(_near("record"))
    said = pairs.join(rules, on=["their_rule", "our_rule"], how="semi").with_columns(matched_by=pl.lit("same_as"))
    named = pl.col("their_rule").is_in(list(same_as))
    alike = pairs.filter(~named & _alike()).with_columns(matched_by=pl.lit("fields"))
    both = pl.concat([said, alike])
    parts = [
        both.with_columns(found_by=pl.lit(BOTH)),
        mine.join(both.select("_our").unique(), on="_our", how="anti").with_columns(found_by=pl.lit(OURS)),
        other.join(both.select("_their").unique(), on="_their", how="anti").with_columns(found_by=pl.lit(THEIRS)),
    ]
    rows = pl.concat(parts, how="diagonal").with_columns(
        pl.coalesce(f"our_{name}", f"their_{name}").alias(name) for name in ("local_ref", "officer")
    )
    return rows.select(list(SCHEMA)).unique(maintain_order=True).sort(*_ORDER, nulls_last=True)


def _side(findings: pl.DataFrame, side: str) -> pl.DataFrame:
    names = {"rule_id": "rule", "record_key": "record"}
    kept = ("rule_id", "message", "fields", "record_key", "severity", "section", "columns", "local_ref", "officer")
    rows = findings.filter(pl.col("case_ref").is_not_null())
    rows = rows.join(_columns(rows), on=["section", "fields"], how="left", nulls_equal=True, maintain_order="left")
    return rows.select("case_ref", *(pl.col(name).alias(f"{side}_{names.get(name, name)}") for name in kept)).unique(
        maintain_order=True
    )


def _checks(names: tuple[str, ...]) -> set[str]:
    """The rules themselves, and every check of those that are named by a rule of the specification."""
    return set(names) | {rule.rule_id for rule in RULES if rule.spec_id in names}


def _near(name: str) -> pl.Expr:
    ours, theirs = pl.col(f"our_{name}"), pl.col(f"their_{name}")
    return ours.is_null() | theirs.is_null() | (ours == theirs) | (pl.col("our_section") != pl.col("their_section"))


def _alike() -> pl.Expr:
    """Whether one side's fields are among the other's."""
    ours, theirs = pl.col("our_columns"), pl.col("their_columns")
    smaller = pl.min_horizontal(ours.list.len(), theirs.list.len())
    return (smaller > 0) & (ours.list.set_intersection(theirs).list.len() == smaller)


def _columns(rows: pl.DataFrame) -> pl.DataFrame:
    """For each section and text of fields the columns as ``section.column``."""
    said = rows.select("section", "fields").unique().rows()
    parted = [(section, text, re.findall(r"[\w.]+", text or "")) for section, text in said]
    return pl.DataFrame(
        [
            (section, text, [one if "." in one else f"{section}.{one}" for one in names])
            for section, text, names in parted
        ],
        schema={"section": pl.String(), "fields": pl.String(), "columns": pl.List(pl.String())},
        orient="row",
    )
