"""What changed between two runs as files: CSV, and one workbook that opens on the cases. All for their owner alone."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.authority import authority_name
from pipelines.emit.workbooks.model import NUMBER, Book
from pipelines.emit.workbooks.relations import MAX_ROWS
from pipelines.emit.workbooks.tagged import (
    KEPT_IN_SIGHT,
    NO_BLANKS,
    ONE_TABLE,
    TEXT,
    Subheading,
    TaggedSheet,
    Value,
    tagged_book,
)
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.errors import UsageError
from pipelines.paths import refuse_address
from pipelines.period import in_words
from pipelines.submission.compare.compared import Compared
from pipelines.submission.compare.reasons import REASONS
from pipelines.whole import into

PERSONAL_FILE = "Values of cases: handle as personal data. Those that identify a person are masked."
_BLANK = "[z]"
_CASES = (
    ("case_ref", "Case", 28, TEXT),
    ("change", "In the return it is", 20, TEXT),
    ("differences", "Differences", 14, NUMBER),
    ("reason", "Reason", 40, TEXT),
)
_FIELDS = (
    ("case_ref", "Case", 28, TEXT),
    ("change", "What differs", 18, TEXT),
    ("section", "Section", 24, TEXT),
    ("record_key", "Record", 20, TEXT),
    ("field", "Field", 24, TEXT),
    ("before", "Before", 24, TEXT),
    ("before_label", "Label before", 34, TEXT),
    ("after", "After", 24, TEXT),
    ("after_label", "Label after", 34, TEXT),
    ("reason", "Reason", 26, TEXT),
    ("why", "In words", 50, TEXT),
)
_TOTALS = (
    ("table", "Table", 14, TEXT),
    ("column_path", "Total", 60, TEXT),
    ("measure", "Unit", 14, TEXT),
    ("before", "Before", 14, NUMBER),
    ("after", "After", 14, NUMBER),
    ("difference", "Difference", 14, NUMBER),
    ("reason", "Reason", 30, TEXT),
    ("came", "Cases that came", 60, TEXT),
    ("went", "Cases that went", 60, TEXT),
)
_LONGEST_CELL = 32_000


def compare_book(found: Compared) -> Book:
    """Sheets "Cases", "Fields", "Totals" and "About"."""
    run = found.b.run
    place = f"{authority_name(run.la_code)}, {run.quarter.words}"
    title = f"What changed in the return, {place}"
    runs = f"A: run {found.a.run.run_id}. B: run {run.run_id}."
    sheets = (
        _sheet("Cases", f"Cases that changed, {place}", runs, found.cases, _CASES),
        _sheet("Fields", f"Rows and fields that changed, {place}", runs, found.fields, _FIELDS),
        _sheet("Totals", f"Totals that moved, {place}", runs, found.totals, _TOTALS),
        _about(found, title),
    )
    return tagged_book(title, run.as_at, sheets)


def _sheet(
    name: str, title: str, runs: str, rows: pl.DataFrame, columns: tuple[tuple[str, str, int, str], ...]
) -> TaggedSheet:
    if rows.is_empty():
        return TaggedSheet(name, title, (runs, PERSONAL_FILE, "Nothing changed. This worksheet contains no table."))
    shown = rows.head(MAX_ROWS - 10)
    more = (f"There are {rows.height:,} rows, more than a worksheet holds: all stand in the CSV.",)
    return TaggedSheet(
        name,
        title,
        (
            runs,
            PERSONAL_FILE,
            *(more if shown.height < rows.height else ()),
            f"{ONE_TABLE} {KEPT_IN_SIGHT}",
            f"{NO_BLANKS} Shorthand: {_BLANK} nothing stands there.",
        ),
        tuple(heading for _, heading, _, _ in columns),
        tuple(tuple(map(_cell, row)) for row in shown.select([one for one, *_ in columns]).iter_rows()),
        tuple(kind for *_, kind in columns),
        tuple(width for _, _, width, _ in columns),
        is_worked_in=True,
    )


def _cell(value: object) -> Value:
    if value is None or value == "":
        return _BLANK
    return value if isinstance(value, int | float) else str(value)[:_LONGEST_CELL]


def _about(found: Compared, title: str) -> TaggedSheet:
    sides = (("A", found.a), ("B", found.b))
    return TaggedSheet(
        "About",
        title,
        (
            PERSONAL_FILE,
            *(
                f"{name}: run {book.run.run_id}, export as at {in_words(book.run.as_at)}, hclic"
                f" {book.ledger.get('software_version')}, {book.result}."
                for name, book in sides
            ),
            "Tables of both runs are counted by today's software, and are not suppressed.",
            *found.notes,
            Subheading("Reasons"),
            *(f"{kind[:1].upper()}{kind[1:]}: {words}." for kind, words in REASONS.items()),
        ),
    )


def write(found: Compared, out: Path) -> list[Path]:
    """Write ``changed_cases.csv``, ``changed_fields.csv``, ``changed_totals.csv`` and ``changes.xlsx`` into a folder.

    Raises:
        UsageError: the folder is an address, or cannot be written.
    """
    refuse_address(out, "folder of what changed")
    try:
        tables = {"cases": found.cases, "fields": found.fields, "totals": found.totals}
        with into(out) as new:
            for name, rows in tables.items():
                rows.write_csv(new / f"changed_{name}.csv")
            write_xlsx(compare_book(found), new / "changes.xlsx")
    except OSError:
        raise UsageError(f"The folder {out} cannot be written; check its rights and space.") from None
    return [*(out / f"changed_{name}.csv" for name in tables), out / "changes.xlsx"]
