"""The quality report as workbooks: one with the totals and the questions, one with the cases behind the totals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.emit.workbooks.model import NUMBER, PERCENT, Book
from pipelines.emit.workbooks.relations import write_relations
from pipelines.emit.workbooks.tagged import (
    KEPT_IN_SIGHT,
    NO_BLANKS,
    ONE_TABLE,
    TEXT,
    Formatted,
    Subheading,
    TaggedSheet,
    Value,
    contents,
    tagged_book,
)
from pipelines.submission.qa.answers import HEADINGS
from pipelines.submission.qa.asked import Asked, Change
from pipelines.submission.qa.catalogue import PARTS, Total
from pipelines.submission.qa.report import Report
from pipelines.submission.qa.words import (
    ASKED_ABOUT,
    BEHIND,
    HOW_TO_ANSWER,
    INTERNAL,
    MEASURES,
    WHICH_IN_COLUMN,
    nothing_asked,
    sources,
    standing,
    state_of,
    still_open,
    thresholds,
)

UNKNOWN, NO_SHARE = "[x]", "[z]"
_SHORTHAND = "Shorthand: [x] not known; [z] no share, since it was 0."


def report_book(report: Report, made_on: date, software: str) -> Book:
    """The workbook without case references: state, questions, totals, checks, files."""
    sheets = (_questions(report), _totals(report), _checks(report), _files(report))
    title = f"Quality report of the return: {report.title}"
    return tagged_book(title, made_on, (_cover(report, title, software), contents(sheets), *sheets))


def _cover(report: Report, title: str, software: str) -> TaggedSheet:
    return TaggedSheet(
        "Report",
        title,
        (
            report.state.sentence,
            INTERNAL,
            *report.provisional,
            Subheading("Sign-off"),
            *standing(report),
            *still_open(report),
            Subheading("Where the figures come from"),
            *sources(report),
            *report.remarks,
            Subheading("When an explanation is asked for"),
            *thresholds(report.settings),
            Subheading("What it rests on"),
            *(f"{name}: SHA-256 {digest}" for name, digest in sorted(report.returned.digests.items())[:20]),
            f"Ledger of the warehouse, digest of its last line: {report.ledger_head}",
            f"Made by hclic {software}. The return was written by hclic {report.software_of_return}.",
        ),
    )


def _questions(report: Report) -> TaggedSheet:
    title = f"Changes to be explained: {report.title}"
    head = (report.state.sentence, INTERNAL)
    if not report.asked:
        return TaggedSheet("To explain", title, (*head, nothing_asked(report)))
    return TaggedSheet(
        "To explain",
        title,
        (*head, ASKED_ABOUT, HOW_TO_ANSWER, f"{ONE_TABLE} {KEPT_IN_SIGHT}", _SHORTHAND),
        (
            HEADINGS[0],
            "Label",
            *HEADINGS[1:4],
            "Change",
            "Change (%)",
            "State",
            *HEADINGS[4:],
        ),
        tuple(_question(one) for one in report.asked),
        (TEXT, TEXT, TEXT, NUMBER, NUMBER, NUMBER, PERCENT, TEXT, TEXT, TEXT),
        (26, 50, 14, 12, 12, 12, 12, 40, 60, 20),
        is_worked_in=True,
    )


def _question(one: Asked) -> tuple[Value, ...]:
    change, said = one.change, one.explained
    return (
        change.total.ident,
        change.total.label,
        str(change.earlier.quarter),
        change.value,
        change.was,
        change.difference,
        _share(change),
        state_of(one),
        said.explanation if said else "",
        (said.said_by or "") if said else "",
    )


def _share(change: Change) -> Value:
    return NO_SHARE if change.share is None else change.share


def _totals(report: Report) -> TaggedSheet:
    columns: list[str] = []
    for one in report.compared:
        columns += [str(one.quarter), f"Change since {one.quarter}", f"Change since {one.quarter} (%)"]
    asked = {one.change.total.ident for one in report.asked}
    missing = {one.change.total.ident for one in report.missing}

    def rows() -> Iterator[tuple[Value, ...]]:
        for total in report.totals:
            told = "To explain" if total.ident in missing else "Explained" if total.ident in asked else "No"
            yield (
                PARTS[total.part],
                total.ident,
                total.label,
                total.table or "None: ours",
                _value(report.counted.values[total.ident]),
                *_beside(report, total),
                told,
                total.definition,
            )

    return TaggedSheet(
        "Totals",
        f"Totals of the return: {report.title}",
        (
            report.state.sentence,
            INTERNAL,
            *MEASURES,
            f"{ONE_TABLE} {KEPT_IN_SIGHT}",
            f"{NO_BLANKS} {_SHORTHAND}",
        ),
        (
            "Part",
            "Total",
            "Label",
            "Answers to table",
            str(report.quarter),
            *columns,
            "Explanation asked for",
            "Definition",
        ),
        tuple(rows()),
        (TEXT, TEXT, TEXT, TEXT, NUMBER, *(NUMBER, NUMBER, PERCENT) * len(report.compared), TEXT, TEXT),
        (28, 26, 50, 12, 12, *(12, 14, 14) * len(report.compared), 16, 70),
        is_worked_in=True,
    )


def _value(value: int | None) -> Value:
    return UNKNOWN if value is None else value


def _beside(report: Report, total: Total) -> Iterator[Value]:
    changes = report.changes_of(total)
    for one in report.compared:
        change = changes.get(one.quarter)
        yield _value(one.value(total))
        yield UNKNOWN if change is None else change.difference
        yield UNKNOWN if change is None else NO_SHARE if change.share is None else Formatted(change.share, PERCENT)


def _checks(report: Report) -> TaggedSheet:
    return TaggedSheet(
        "Checks",
        f"What must hold between the totals: {report.title}",
        (report.state.sentence, f"{ONE_TABLE} {KEPT_IN_SIGHT}", NO_BLANKS),
        ("Check", "What must hold", "Holds"),
        tuple((one.name, one.says, "Yes" if one.holds else "No") for one in report.checks),
        (TEXT, TEXT, TEXT),
        (50, 100, 10),
        is_worked_in=True,
    )


def _files(report: Report) -> TaggedSheet:
    return TaggedSheet(
        "Files",
        f"Files that were read: {report.title}",
        (report.state.sentence, ONE_TABLE, NO_BLANKS),
        ("File", "SHA-256"),
        tuple(sorted(report.returned.digests.items())),
        (TEXT, TEXT),
        (60, 70),
    )


def behind(report: Report) -> pl.DataFrame:
    """One row per total and reference behind it: total, label, case_ref, which."""
    labels = {one.ident: one.label for one in report.totals}
    counts = {ident: len(found) for ident, found in report.counted.references.items()}
    names = [one.ident for one in report.totals if counts.get(one.ident)]
    frame = pl.DataFrame(
        {
            "total": pl.Series([name for name in names for _ in range(counts[name])], dtype=pl.String),
            "reference": pl.Series([one for name in names for one in report.counted.references[name]], dtype=pl.String),
        }
    )
    parts = pl.col("reference").str.split_exact("#", 1)
    return frame.select(
        "total",
        pl.col("total").replace_strict(labels, return_dtype=pl.String()).alias("label"),
        parts.struct.field("field_0").alias("case_ref"),
        parts.struct.field("field_1").alias("which"),
    )


def write_cases(report: Report, path: Path) -> None:
    """The workbook of the cases behind every total.

    Raises:
        OSError: it cannot be written.
    """
    about = pl.DataFrame(
        {"about": [report.state.sentence, INTERNAL, report.title, BEHIND, WHICH_IN_COLUMN, *sources(report)]}
    )
    words = {"total": "Total", "label": "Label", "case_ref": "Case", "which": "Person, need, placement or review"}
    write_relations(
        path,
        {"Cases": behind(report), "About": about},
        headings={"Cases": words, "About": {"about": f"The cases behind each total: {report.title}"}},
    )
