"""What changed between two runs, on a screen: counts, fields, totals and case references, and no value of a case."""

from __future__ import annotations

import polars as pl

from pipelines.emit.returns.source.tables import PERSONAL
from pipelines.period import in_words
from pipelines.submission.compare.compared import GONE, NEW, Compared, reasons_of
from pipelines.submission.compare.reasons import REASONS
from pipelines.submission.remade import Book
from schemas.sections import SECTION

_REFS, _FIELDS, _TOTALS = 5, 12, 12
_CHANGES = ((NEW, "cases came in"), (GONE, "cases went out"), ("changed", "cases changed"))


def compared_words(found: Compared) -> str:
    """A screenful: the runs, cases, reasons, fields and totals."""
    run = found.b.run
    lines = [f"{run.la_code}, {run.quarter} ({run.quarter.words}): what changed in the return"]
    lines += [_run("A", found.a), _run("B", found.b), *(f"Note  {note}" for note in found.notes), ""]
    if found.is_same:
        return "\n".join([*lines, "Nothing: cases, fields and totals are the same."])
    for change, words in _CHANGES:
        refs = found.cases.filter(pl.col("change") == change)["case_ref"]
        named = ", ".join(refs.head(_REFS)) + (" …" if len(refs) > _REFS else "")
        lines.append(f"{len(refs):>8,}  {words}{': ' + named if len(refs) else ''}")
    lines += ["", f"{'Why':<18}{'cases':>8}{'rows, fields':>14}"]
    for kind, (cases, fields) in reasons_of(found).items():
        lines.append(f"  {kind:<16}{cases:>8,}{fields:>14,}   {REASONS[kind]}")
    return "\n".join([*lines, *_fields(found), *_totals(found)])


def _run(name: str, book: Book) -> str:
    return (
        f"{name}  run {book.run.run_id}, export as at {in_words(book.run.as_at)}, {book.result or 'result not known'}"
    )


def _fields(found: Compared) -> list[str]:
    counts = (
        found.fields.filter(pl.col("field").is_not_null())
        .group_by("section", "field", "reason")
        .len()
        .sort("len", "section", "field", "reason", descending=[True, False, False, False])
    )
    if counts.is_empty():
        return []
    lines = ["", "Fields"]
    for section, field, reason, count in counts.head(_FIELDS).iter_rows():
        label = "Personal-data file" if section == PERSONAL else SECTION[section].label
        lines.append(f"{count:>8,}  {label}: {field} ({reason})")
    return [*lines, *_more(counts.height - _FIELDS, "fields")]


def _totals(found: Compared) -> list[str]:
    moved = found.totals.filter(pl.col("measure") == "count").sort(
        pl.col("difference").abs(), "table", "column_path", descending=[True, False, False], nulls_last=True
    )
    lines = ["", f"Totals: {found.totals.height:,} moved"] if found.totals.height else []
    for row in moved.head(_TOTALS).iter_rows(named=True):
        before, after = (_number(row[name]) for name in ("before", "after"))
        lines.append(f"  {row['table']}: {row['column_path']}: {before} → {after} ({row['reason']})")
    return [*lines, *_more(moved.height - _TOTALS, "counts")]


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:,.0f}"


def _more(number: int, what: str) -> list[str]:
    return [f"  … and {number:,} more {what}: --out FOLDER"] if number > 0 else []
