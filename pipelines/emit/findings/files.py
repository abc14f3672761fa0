"""The findings for officers: a CSV with every finding, a workbook to work through, and the rows set aside."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import polars as pl

from pipelines.findings import ERROR

PRIVATE = 0o600


def write_findings(
    findings: pl.DataFrame, set_aside: pl.DataFrame, folder: Path, *, title: str, made: datetime
) -> None:
    """Write ``findings.csv``, ``findings.xlsx`` and, where rows were set aside, ``set_aside.csv`` (mode 0600).

    Args:
        findings: one row per finding, in the columns of design §7.
        set_aside: one row per row of the export that was not loaded, with the reason.
        folder: an existing folder.
        title: authority and quarter, for the workbook's cover.
        made: time of the run, printed on the cover only.
    """
    folder.mkdir(parents=True, exist_ok=True)
    findings.write_csv(folder / "findings.csv")
    (folder / "findings.csv").chmod(PRIVATE)
    if set_aside.height:
        descriptor = os.open(folder / "set_aside.csv", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
        with os.fdopen(descriptor, "wb") as handle:
            set_aside.write_csv(handle)
    _write_workbook(findings, folder / "findings.xlsx", title=title, made=made)
    (folder / "findings.xlsx").chmod(PRIVATE)


def _write_workbook(findings: pl.DataFrame, path: Path, *, title: str, made: datetime) -> None:
    import xlsxwriter

    must_fix = findings.filter(pl.col("severity") == ERROR)
    grouped = (
        findings.group_by("severity", "rule_id", "message", "action")
        .agg(pl.len().alias("findings"), pl.col("case_ref").n_unique().alias("cases"))
        .sort("severity", "rule_id", "message")
    )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": f"Findings {title}", "created": made.replace(tzinfo=None)})
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        cover = book.add_worksheet("Cover")
        cover.set_column(0, 0, 90)
        for row, line in enumerate(
            (
                f"Findings: {title}",
                f"{must_fix.height:,} errors to correct; {findings.height - must_fix.height:,} warnings to read.",
                "Must fix: each error, with the case. Totals: every message with the number of cases.",
                "Handle as personal data: values of the cases stand in this workbook.",
                f"Made {made:%d %B %Y %H:%M}.",
            )
        ):
            cover.write_string(row, 0, line, bold if row == 0 else wrap)
        _sheet(
            book,
            "Must fix",
            must_fix.select(
                "case_ref", "message", "action", "section", "record_key", "fields", "value", "officer", "rule_id"
            ),
            bold,
            wrap,
        )
        _sheet(book, "Totals", grouped, bold, wrap)
        _sheet(book, "All findings", findings, bold, wrap)


def _sheet(book: object, name: str, rows: pl.DataFrame, bold: object, wrap: object) -> None:
    sheet = book.add_worksheet(name)  # type: ignore[attr-defined]
    widths = {"message": 60, "action": 50, "case_ref": 24, "value": 24, "fields": 24, "section": 18}
    for column, header in enumerate(rows.columns):
        sheet.write_string(0, column, header.replace("_", " ").capitalize(), bold)
        sheet.set_column(column, column, widths.get(header, 14), wrap if header in {"message", "action"} else None)
        for line, value in enumerate(rows[header].to_list(), start=1):
            if isinstance(value, int):
                sheet.write_number(line, column, value)
            elif value is not None:
                sheet.write_string(line, column, str(value))
    sheet.freeze_panes(1, 0)
    if rows.height:
        sheet.autofilter(0, 0, rows.height, len(rows.columns) - 1)
