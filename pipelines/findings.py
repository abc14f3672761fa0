"""Findings: one thing a rule says about one record or the return. An ``error`` blocks, a ``warning`` does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import polars as pl

ERROR = "error"
WARNING = "warning"
RECORD = "record"
RETURN = "return"

SCHEMA: dict[str, pl.DataType] = {
    name: pl.String()
    for name in (
        "rule_id",
        "severity",
        "scope",
        "section",
        "case_ref",
        "record_key",
        "fields",
        "value",
        "message",
        "action",
        "officer",
    )
}
"""Columns of ``findings.csv`` (design §7)."""

MASK = "[masked]"


@dataclass(frozen=True)
class Finding:
    """One finding. ``value`` reaches the findings file only; pass ``MASK`` for personal and unmapped columns."""

    rule_id: str
    severity: str
    message: str
    action: str
    scope: str = RECORD
    section: str | None = None
    case_ref: str | None = None
    record_key: str | None = None
    fields: str | None = None
    value: str | None = None
    officer: str | None = None


def frame(findings: Iterable[Finding]) -> pl.DataFrame:
    """One row per finding, in the columns of ``findings.csv``."""
    return pl.DataFrame([asdict(finding) for finding in findings], schema=SCHEMA).select(list(SCHEMA))


def combine(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All findings in one frame, in an order that does not depend on the order of the input rows."""
    parts = [part.select(list(SCHEMA)) for part in frames]
    if not parts:
        return frame([])
    return pl.concat(parts).sort(
        ["severity", "rule_id", "section", "case_ref", "record_key", "fields", "value", "message"], nulls_last=True
    )
