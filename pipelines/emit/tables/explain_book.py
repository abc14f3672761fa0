"""The cases behind every count of the official tables, as a workbook: internal."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.authority import authority_name
from pipelines.emit.tables.workbook import heading
from pipelines.emit.workbooks.model import NUMBER, Book
from pipelines.emit.workbooks.relations import MAX_ROWS
from pipelines.emit.workbooks.tagged import (
    KEPT_IN_SIGHT,
    NO_BLANKS,
    ONE_TABLE,
    TEXT,
    Subheading,
    TaggedSheet,
    tagged_book,
)
from pipelines.period import Quarter, in_words
from pipelines.published.headings import layout_for
from pipelines.state import RunState

INTERNAL = "Internal: case references, not for sharing."


def explain_book(behind: pl.DataFrame, *, quarter: str, state: RunState, la_code: str, as_at: date) -> Book:
    """Sheets "Cases" (one row per count and case), "Counts" (one row per count that has any) and "About".

    ``behind`` is as ``build.explanation`` gives it: ``table, column_path, reference``.
    """
    place = f"{authority_name(la_code)}, {Quarter.parse(quarter).words}"
    labels = {(c.table, c.column_path): heading(c) for c in layout_for(quarter).columns if c.measure != "percent"}
    head = (state.sentence, INTERNAL)
    rows = tuple(
        (table, labels[table, path], *_parts(reference))
        for table, path, reference in behind.head(MAX_ROWS - 10).select("table", "column_path", "reference").iter_rows()
    )
    more = (
        (f"There are {behind.height:,} rows, more than a worksheet holds: the others stand in explain.csv.",)
        if len(rows) < behind.height
        else ()
    )
    counts = behind.group_by("table", "column_path", maintain_order=True).len()
    nothing = "No count has a case behind it. This worksheet contains no table."
    cases_title, counts_title = f"The cases behind each count, {place}", f"How many stand behind each count, {place}"
    cases = TaggedSheet(
        "Cases",
        cases_title,
        (
            *head,
            *more,
            f"{ONE_TABLE} {KEPT_IN_SIGHT}",
            f"{NO_BLANKS} Shorthand: [z] the count is of cases. Filter Label to see the cases of one figure.",
        ),
        ("Table", "Label", "Case", "Person or need"),
        rows,
        (TEXT, TEXT, TEXT, TEXT),
        (16, 80, 28, 18),
        is_worked_in=True,
    )
    counted = TaggedSheet(
        "Counts",
        counts_title,
        (*head, f"{ONE_TABLE} {KEPT_IN_SIGHT}", NO_BLANKS),
        ("Table", "Label", "Cases, persons or needs"),
        tuple((table, labels[table, path], many) for table, path, many in counts.iter_rows()),
        (TEXT, TEXT, NUMBER),
        (16, 80, 18),
        is_worked_in=True,
    )
    about = TaggedSheet(
        "About",
        cases_title,
        (
            INTERNAL,
            f"Counted from the export of {in_words(as_at)}, not suppressed.",
            Subheading("How it is read"),
            "A case stands under every figure that counts it. Where persons or support needs are counted, the last"
            " column says which. The days of TA7 have the households behind them.",
        ),
    )
    if not rows:
        cases = TaggedSheet("Cases", cases_title, (*head, nothing))
        counted = TaggedSheet("Counts", counts_title, (*head, nothing))
    return tagged_book(cases_title, as_at, (cases, counted, about))


def _parts(reference: str) -> tuple[str, str]:
    case, _, part = reference.partition("#")
    return case, part or "[z]"
