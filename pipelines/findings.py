"""Findings: one thing a rule says about one record or the return. An ``error`` blocks, a ``warning`` does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import polars as pl

ERROR = "error"
WARNING = "warning"
RECORD = "record"
RETURN = "return"

FIX, TIDY, CASEWORK = "fix", "tidy", "casework"
"""Kind of finding: fix for this return; tidy the record; casework, which is advice and not data (design §4)."""

YES, NO, UNKNOWN = "yes", "no", "unknown"
"""Whether the case of a finding is in the quarter's return; ``unknown``: what is wrong may be why it is not."""

SCHEMA: dict[str, pl.DataType] = {
    **dict.fromkeys(
        (
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
            "local_ref",
            "file",
        ),
        pl.String(),
    ),
    "row": pl.Int64(),
    "in_return": pl.String(),
    "count": pl.Int64(),
    "rows": pl.String(),
    **dict.fromkeys(("kind", "team", "finding_id", "state", "since", "note"), pl.String()),
}
"""Columns of ``findings.csv`` (design §7); new ones stand at the end, others read the first ones by their place."""

NEW, OPEN, COME_BACK, WAIVED, RESOLVED = "new", "open", "come back", "waived", "resolved"
"""State of a finding: first seen, seen in the run before, seen again after it was put right, answered for by a waiver;
and of one of the run before: put right."""

MASK = "[masked]"

DISTINCT_SHOWN = 20
"""A column in which more different values are wrong is one thing to mend: they are not told apart."""

OF_THE_EXPORT = r"^[XE]-"
"""Ids of what is wrong with the export itself; it is shown first, since much of the rest may follow from it."""


INCOMPLETE = ("E-01", "E-02", "C-06")
"""Errors that say that an export is old or lacks cases: no later one is to be compared with it."""


@dataclass(frozen=True)
class Finding:
    """One finding. ``value`` reaches the findings file only; pass ``MASK`` for personal and unmapped columns.

    ``local_ref``, ``officer``, and of a record that has been read ``file`` and ``row``, are filled in from the case
    where they are not given; ``in_return`` (yes, no, unknown; none for a finding on the return as a whole) is filled
    in when the cases of the return have been chosen.
    """

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
    local_ref: str | None = None
    """Reference of the case in the council's own system."""
    file: str | None = None
    """File, or sheet of a workbook, as the export calls it."""
    row: int | None = None
    """Row of the file, as a spreadsheet numbers it; of a group, its first."""
    in_return: str | None = None
    count: int = 1
    """Records that it speaks of: 1, and more for a group."""
    rows: str | None = None
    """Rows of a group in words: ``12, 15-18, 40 and 20 more``."""
    kind: str | None = None
    """``fix``, ``tidy`` or ``casework``."""
    team: str | None = None
    finding_id: str | None = None
    """What the finding is known by from run to run."""
    state: str | None = None
    """``new``, ``open``, ``come back`` or ``waived``, as the earlier runs say; none where there are none to ask."""
    since: str | None = None
    """Day of the export in which it was first seen, as yyyy-mm-dd."""
    note: str | None = None
    """What an officer noted of it last."""


def frame(findings: Iterable[Finding]) -> pl.DataFrame:
    """One row per finding, in the columns of ``findings.csv``."""
    return pl.DataFrame([asdict(finding) for finding in findings], schema=SCHEMA).select(list(SCHEMA))


def complete(rows: pl.DataFrame) -> pl.DataFrame:
    """The findings in the columns of ``findings.csv``; one that they lack holds what ``Finding`` has by default."""
    lacking = [
        pl.lit(1 if name == "count" else None, kind).alias(name)
        for name, kind in SCHEMA.items()
        if name not in rows.columns
    ]
    return rows.with_columns(lacking).select(list(SCHEMA))


def named_columns(findings: pl.DataFrame) -> pl.DataFrame:
    """One row per finding and column that it names: ``name``, and its section, which a rule may name with a full stop.

    A finding that names no column gives one row without a name.
    """
    named = findings.with_columns(pl.col("fields").str.split(", ").alias("name")).explode("name")
    parts = pl.col("name").str.split(".")
    return named.with_columns(
        pl.when(parts.list.len() > 1).then(parts.list.first()).otherwise("section").alias("section"),
        parts.list.last().alias("name"),
    )


def is_blocking() -> pl.Expr:
    """Errors that concern the return, or may: all but those on a case that is known not to be in it."""
    return (pl.col("severity") == ERROR) & pl.col("in_return").ne_missing(NO)


def combine(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """All findings in one frame, in an order that does not depend on the order of the input rows."""
    parts = [complete(part) for part in frames]
    if not parts:
        return frame([])
    return pl.concat(parts).sort(
        ["severity", "rule_id", "section", "case_ref", "record_key", "fields", "value", "message", "file", "row"],
        nulls_last=True,
    )
