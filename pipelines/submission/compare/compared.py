"""What changed between the returns of two runs, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.emit.returns.source.diff import CASE_A, CASE_B
from pipelines.errors import UsageError
from pipelines.submission.compare.causes import Because, Causes
from pipelines.submission.compare.reasons import NOT_KNOWN, joined
from pipelines.submission.compare.stages import Side, Steps, steps_between
from pipelines.submission.compare.totals import counted_otherwise, totals_between
from pipelines.submission.remade import Book, book_of
from pipelines.warehouse.store import StoredRun, Warehouse

NEW, GONE, CHANGED_CASE = "new", "gone", "changed"
_KEY = ("case_ref", "section", "record_key", "field")

FIELDS = {
    name: pl.String()
    for name in (
        *("case_ref", "change", "section", "record_key", "field", "element", "before", "before_label", "after"),
        *("after_label", "reason", "why"),
    )
}
"""One row per case that one return alone holds, per row of a section, and per field that differs."""
CASES = {"case_ref": pl.String(), "change": pl.String(), "differences": pl.Int64(), "reason": pl.String()}
"""One row per case that is new, gone or changed."""


@dataclass(frozen=True)
class Compared:
    """What changed from the return of one run to that of another."""

    a: Book
    b: Book
    cases: pl.DataFrame
    fields: pl.DataFrame
    totals: pl.DataFrame
    """As ``totals.TOTALS``."""
    notes: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether nothing changed in the return."""
        return self.fields.is_empty() and self.totals.is_empty()


def compare(
    store: Warehouse,
    a: StoredRun,
    b: StoredRun,
    folder: Path,
    *,
    profiles: tuple[str | None, str | None] = (None, None),
) -> Compared:
    """Lay the returns of two runs beside each other.

    Args:
        store: the warehouse.
        a: the earlier run.
        b: the later one.
        folder: a private folder.
        profiles: their return profiles, where these are not where they were.

    Raises:
        UsageError: they are not of one authority and quarter.
        InputError: one of them has not ended, or its return profile is not there.
    """
    if (a.la_code, a.quarter) != (b.la_code, b.quarter):
        raise UsageError(
            f"The runs are of {a.quarter} and {b.quarter}: only runs of one quarter can be compared. For two quarters"
            " side by side use hclic report."
        )
    book_a, book_b = book_of(store, a), book_of(store, b)
    with steps_between(store, book_a, book_b, folder, profiles=profiles) as steps:
        causes = Causes.of(store, steps)
        fields = _fields(steps, causes)
        cases = _cases(fields)
        of_case = dict(cases.select("case_ref", "reason").iter_rows())
        return Compared(book_a, book_b, cases, fields, totals_between(steps, of_case), tuple(_notes(steps)))


def _fields(steps: Steps, causes: Causes) -> pl.DataFrame:
    """The differences between the two ends, each with the reasons found where it came about."""
    found: dict[tuple[object, ...], list[Because]] = {}
    of_case: dict[str, list[Because]] = {}
    for by, rows in steps.between:
        for row in rows.iter_rows(named=True):
            because = causes.because(by, row)
            found.setdefault(tuple(row[name] for name in _KEY), []).append(because)
            of_case.setdefault(row["case_ref"], []).append(because)
    told = []
    for row in steps.ends.iter_rows(named=True):
        reasons = found.get(tuple(row[name] for name in _KEY)) or of_case.get(row["case_ref"], [])
        kinds = {kind for one, _ in reasons for kind in one} or {NOT_KNOWN}
        words = list(dict.fromkeys(words for _, words in reasons))
        told.append({**row, "reason": joined(kinds), "why": "; ".join(words)})
    return pl.DataFrame(told, schema_overrides=FIELDS).select(list(FIELDS)) if told else pl.DataFrame(schema=FIELDS)


def _cases(fields: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for (ref,), part in fields.group_by("case_ref", maintain_order=True):
        changes = set(part["change"])
        change = NEW if CASE_B in changes else GONE if CASE_A in changes else CHANGED_CASE
        kinds = {kind for text in part["reason"] for kind in text.split("; ")}
        rows.append((ref, change, part.height, joined(kinds)))
    return pl.DataFrame(rows, schema=CASES, orient="row").sort("change", "case_ref")


def _notes(steps: Steps) -> list[str]:
    said = []
    for side in (steps.a, steps.b):
        book = side.book
        if not book.return_files:
            said.append(
                f"Run {book.run.run_id} is {book.result or 'without a result'}: it wrote no return. What it would have"
                " held is compared."
            )
        elif not side.is_as_sent and not side.is_kept:
            said.append(
                f"Today's software makes other bytes of run {book.run.run_id} than were sent, and those are not kept:"
                f" what it makes today is compared (hclic reproduce {book.run.run_id} says why)."
            )
        if tables := counted_otherwise(side):
            said.append(
                f"Tables that run {book.run.run_id} wrote differ from what today's software counts of the same cases"
                f" ({', '.join(tables)}): that is software, and no change of the return. Totals here are of today's."
            )
    if steps.a.book.has_personal != steps.b.book.has_personal:
        said.append("The personal-data file was written by one of the two runs only; it is not compared.")
    return said


def reasons_of(compared: Compared) -> Mapping[str, tuple[int, int]]:
    """By reason: how many cases and how many fields and rows it is told of, the most first."""
    counts: dict[str, tuple[int, int]] = {}
    for frame, place in ((compared.cases, 0), (compared.fields, 1)):
        for text in frame["reason"]:
            for kind in text.split("; "):
                cases, fields = counts.get(kind, (0, 0))
                counts[kind] = (cases + 1, fields) if place == 0 else (cases, fields + 1)
    return dict(sorted(counts.items(), key=lambda one: (-one[1][0], one[0])))


__all__ = ["CASES", "FIELDS", "Compared", "Side", "compare", "reasons_of"]
