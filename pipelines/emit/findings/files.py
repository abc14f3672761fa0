"""The findings for officers: a CSV of them all, a workbook to work through, and the rows set aside.

Findings of one cause are one row in both (``grouping``).
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.emit.findings.grouping import group
from pipelines.emit.workbooks.frames import frame_sheet
from pipelines.emit.workbooks.model import Book, Cell, Column, Sheet, Style
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.findings import ERROR, is_blocking

PRIVATE = 0o600

ROWS_OF_RULE = 2_000
"""Findings of one rule that the workbook holds: nobody works through more in it, and 100,000 take 20 s to write."""

_BOLD = Style("bold", bold=True)
_WRAPPED = Style("wrapped", wrap=True, is_on_top=True)
_TO_FIX = (
    "case_ref",
    "local_ref",
    "message",
    "action",
    "section",
    "record_key",
    "fields",
    "value",
    "officer",
    "file",
    "row",
    "rows",
    "count",
    "in_return",
    "rule_id",
)
_WIDTHS = {"message": 60, "action": 50, "case_ref": 24, "value": 24, "fields": 24, "section": 18}


def write_findings(
    findings: pl.DataFrame, set_aside: pl.DataFrame, folder: Path, *, title: str, made: datetime
) -> None:
    """Write ``findings.csv``, ``findings.xlsx`` and, where rows were set aside, ``set_aside.csv`` (mode 0600).

    Args:
        findings: one row per finding and record, in the columns of design §7.
        set_aside: one row per row of the export that was not loaded, with the reason.
        folder: an existing folder.
        title: authority and quarter, for the workbook's cover.
        made: time of the run, printed on the cover only.
    """
    folder.mkdir(parents=True, exist_ok=True)
    grouped = group(findings)
    grouped.write_csv(folder / "findings.csv")
    (folder / "findings.csv").chmod(PRIVATE)
    if set_aside.height:
        descriptor = os.open(folder / "set_aside.csv", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(descriptor, "wb") as handle:
            set_aside.write_csv(handle)
    _write_workbook(grouped, folder / "findings.xlsx", title=title, made=made)
    (folder / "findings.xlsx").chmod(PRIVATE)


def _write_workbook(findings: pl.DataFrame, path: Path, *, title: str, made: datetime) -> None:
    numbered = findings.with_columns(pl.int_range(pl.len()).over("rule_id", "severity", "in_return").alias("_place"))
    shown = numbered.filter(pl.col("_place") < ROWS_OF_RULE).drop("_place")
    errors = findings.filter(pl.col("severity") == ERROR)
    must_fix, others = errors.filter(is_blocking()), errors.filter(~is_blocking())
    totals = (
        findings.group_by("severity", "in_return", "rule_id", "message", "action")
        .agg(pl.col("count").sum().alias("findings"), pl.col("case_ref").drop_nulls().n_unique().alias("cases"))
        .sort("severity", "rule_id", "message", "in_return", nulls_last=True)
    )
    warnings = findings.filter(pl.col("severity") != ERROR)
    cover = (
        f"Findings: {title}",
        f"{_records(must_fix):,} errors to correct before the return can be written;"
        f" {_records(others):,} errors on cases that are not in this return; {_records(warnings):,} warnings to read.",
        "Must fix: each error that blocks, with the case. Not in this return: errors that do not block.",
        "In return: yes; no; or unknown, where what is wrong may be why the case is not in the return.",
        "What has one cause, such as a spelling that the source profile lacks, is one line: count says of how many"
        " records it speaks, rows of which rows of the file. Totals: every message with the number of cases.",
        *_cut(findings, shown),
        "Handle as personal data: values of the cases stand in this workbook.",
        f"Made {made:%d %B %Y %H:%M}.",
    )
    cells = tuple(Cell(row, 0, line, _BOLD if row == 0 else _WRAPPED) for row, line in enumerate(cover))
    sheets = (
        Sheet("Cover", cells, (Column(90),)),
        _sheet("Must fix", shown.filter(is_blocking()).select(_TO_FIX)),
        _sheet("Not in this return", shown.filter((pl.col("severity") == ERROR) & ~is_blocking()).select(_TO_FIX)),
        _sheet("Totals", totals),
        _sheet("All findings", shown),
    )
    write_xlsx(Book(made, sheets, title=f"Findings {title}"), path)


def _cut(findings: pl.DataFrame, shown: pl.DataFrame) -> list[str]:
    """What to say of each rule that has more findings than the workbook shows."""
    rows = findings.group_by("rule_id").len().join(shown.group_by("rule_id").len("_shown"), on="rule_id")
    cut = rows.filter(pl.col("len") > pl.col("_shown")).sort("rule_id")
    return [
        f"Of {rule_id} this workbook shows {here:,} lines of {lines:,}; findings.csv has them all."
        for rule_id, lines, here in cut.iter_rows()
    ]


def _records(findings: pl.DataFrame) -> int:
    return int(findings["count"].sum())


def _sheet(name: str, rows: pl.DataFrame) -> Sheet:
    return frame_sheet(
        name,
        rows,
        heading=_BOLD,
        width=lambda title: _WIDTHS.get(title, 14),
        styles={"message": _WRAPPED, "action": _WRAPPED},
    )
