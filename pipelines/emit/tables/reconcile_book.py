"""The reconciliation as a workbook that opens on what differs, with the reason in words."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.authority import authority_name
from pipelines.emit.tables.reconcile import Reconciled
from pipelines.emit.tables.workbook import FORMATS, MEANINGS, heading, shown, unit
from pipelines.emit.workbooks.model import DECIMAL, NUMBER, Book
from pipelines.emit.workbooks.tagged import (
    KEPT_IN_SIGHT,
    NO_BLANKS,
    ONE_TABLE,
    TEXT,
    Formatted,
    Subheading,
    TaggedSheet,
    Value,
    tagged_book,
)
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.period import Quarter, in_words
from pipelines.published.headings import SEPARATOR, layout_for
from pipelines.state import RunState
from pipelines.whole import into

INTERNAL = "Internal: for the authority alone."
_HEADINGS = (
    "Table",
    "Label",
    "Unit",
    "Ours",
    "Published",
    "Difference",
    "Reason",
    "Kind of reason",
    "Explained",
    "Left",
)
_FORMATS = (TEXT, TEXT, TEXT, NUMBER, NUMBER, NUMBER, TEXT, TEXT, DECIMAL, DECIMAL)
_WIDTHS = (14, 54, 26, 14, 14, 14, 60, 26, 14, 14)


def reconcile_book(found: Reconciled, *, state: RunState, as_at: date) -> Book:
    """Sheets "Differences" (largest first), "All cells" (in the published order), "Reasons" and "About"."""
    place = f"{authority_name(found.authority)}, {Quarter.parse(found.quarter).words}"
    count = pl.col("measure") == "count"
    largest = found.differing.sort(
        ~count, pl.col("difference").abs(), "table", "column_path", descending=[False, True, False, False]
    )
    compared = f"{found.compared.height:,} figures stand on both sides; {largest.height:,} of them differ."
    differences = _sheet(
        "Differences",
        f"Figures that differ from MHCLG's, {place}",
        (state.sentence, f"{INTERNAL} {compared} Counts come first, the largest differences at their head."),
        largest,
        found.quarter,
    )
    every = _sheet(
        "All cells", f"All figures beside MHCLG's, {place}", (state.sentence, INTERNAL), found.cells, found.quarter
    )
    title = f"Reconciliation with MHCLG's figures, {place}"
    return tagged_book(title, as_at, (differences, every, *_reasons(found), _about(found, title, as_at)))


def _sheet(name: str, title: str, lines: tuple[str, ...], cells: pl.DataFrame, quarter: str) -> TaggedSheet:
    if not cells.height:
        return TaggedSheet(name, title, (*lines, "No figure differs. This worksheet contains no table."))
    known = {(c.table, c.column_path, c.measure): c for c in layout_for(quarter).columns}
    rows: list[tuple[Value, ...]] = []
    for row in cells.iter_rows(named=True):
        column, kind = known.get((row["table"], row["column_path"], row["measure"])), FORMATS[row["measure"]]

        def figure(value: float | None, row: dict[str, Any] = row, kind: str = kind) -> Formatted:
            return Formatted(shown(value, None, row["measure"]) if value is not None else "[z]", kind)

        rows.append(
            (
                row["table"],
                heading(column) if column else row["column_path"].replace(SEPARATOR, " – "),
                unit(column) if column else row["measure"].capitalize(),
                Formatted(shown(row["ours"], row["ours_note"], row["measure"]), kind),
                Formatted(shown(row["published"], row["published_note"], row["measure"]), kind),
                figure(row["difference"]),
                row["reason"] or "None: the figures agree",
                _first_large(row["reason_kind"]) if row["reason_kind"] else "[z]",
                figure(row["explained"]),
                figure(row["left"]),
            )
        )
    marks = "; ".join(f"{mark} {meaning}" for mark, meaning in MEANINGS.items())
    return TaggedSheet(
        name,
        title,
        (
            *lines,
            f"{ONE_TABLE} {KEPT_IN_SIGHT}",
            f"Difference is ours less published; Left is what no reason accounts for. {NO_BLANKS} Shorthand: {marks}.",
        ),
        _HEADINGS,
        tuple(rows),
        _FORMATS,
        _WIDTHS,
        is_worked_in=True,
    )


def _first_large(words: str) -> str:
    return words[:1].upper() + words[1:]


def _reasons(found: Reconciled) -> tuple[TaggedSheet, ...]:
    rows = tuple((title, _first_large(kind), many) for title, kinds in found.kinds for kind, many in kinds)
    if not rows:
        return ()
    return (
        TaggedSheet(
            "Reasons",
            "How many cells each kind of reason accounts for",
            (f"{ONE_TABLE} A cell can have several kinds. What each means stands in docs/reconcile.md.", NO_BLANKS),
            ("Group", "Kind of reason", "Cells, wholly or in part"),
            rows,
            (TEXT, TEXT, NUMBER),
            (34, 40, 18),
        ),
    )


def _about(found: Reconciled, title: str, as_at: date) -> TaggedSheet:
    apart = found.cells.height - found.compared.height
    revised = f"The workbook is the edition '{found.edition}': figures may have been revised since the first."
    return TaggedSheet(
        "About",
        title,
        (
            INTERNAL,
            f"Our figures are counted from the export of {in_words(as_at)} and hidden as MHCLG hides them.",
            f"MHCLG's workbook: edition {found.edition}." if found.edition == "first" else revised,
            f"{apart:,} cells cannot be compared: suppressed, missing or not applicable in print, or not computable"
            " from the authority's own cases. The worksheet All cells says which.",
            *([found.not_read] if found.not_read else []),
            Subheading("What every reader asks first"),
            *(f"{what}: ours {ours}, published {theirs}." for what, ours, theirs in found.headlines),
        ),
    )


def write(found: Reconciled, out: Path, *, state: RunState, as_at: date) -> list[Path]:
    """Write the cells as CSV and XLSX and the summary as text, beside each other; the cases into a file of their own.

    The workbook opens on what differs. It says how the run stands (``state``); ``as_at`` is the export's day.

    The file of cases, ``<name>-cases.csv``, is internal and its owner's alone; there is none where no case is named.
    """
    paths = [out.with_suffix(suffix) for suffix in (".csv", ".xlsx", ".txt")]
    cases = out.with_name(f"{out.stem}-cases.csv")
    with into(out.parent) as new:
        table, book, summary = (new / path.name for path in paths)
        found.cells.write_csv(table)
        write_xlsx(reconcile_book(found, state=state, as_at=as_at), book)
        summary.write_text(found.summary() + "\n", encoding="utf-8")
        if found.cases.height:
            found.cases.write_csv(new / cases.name)
            paths.append(cases)
    if not found.cases.height:
        cases.unlink(missing_ok=True)
    return paths
