"""Our official tables beside the published row: each cell, the difference, and the likely reason if it can be known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from pipelines.disclosure.official import suppress
from pipelines.emit.tables.build import compute_tables, evidence
from pipelines.errors import InputError
from pipelines.period import Quarter
from pipelines.published.cells import MISSING, NOT_APPLICABLE, NOT_PUBLISHED, SUPPRESSED
from pipelines.published.identities import known_defects, wrong_columns
from pipelines.published.reader import PublishedWorkbook
from schemas.codelists import codelist

_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed stamp, so that the same rows give the same bytes
KEY = ["table", "column_path", "measure"]
NOT_OURS = (NOT_PUBLISHED, MISSING, NOT_APPLICABLE)
DAYS_TO_DEADLINE = 42
"""Assumed days from the quarter's end to the deadline (hclic-spec 1.4: four to six weeks, recalled); an option."""

HEADLINES = (
    ("Households assessed", "A1", lambda path: path.startswith("Total initial assessments")),
    ("Owed a prevention or relief duty", "A1", lambda path: path.endswith("Total owed a prevention or relief duty")),
    ("In temporary accommodation", "TA1", lambda path: path == "Total number of households in TA"),
    (
        "In bed and breakfast",
        "TA1",
        lambda path: path.startswith("Bed and breakfast") and path.endswith("Total number of households"),
    ),
)


@dataclass(frozen=True)
class Reconciled:
    """One row per cell: table, column_path, measure, ours, ours_note, published, published_note, difference, reason."""

    cells: pl.DataFrame
    edition: str
    quarter: str
    authority: str

    @property
    def compared(self) -> pl.DataFrame:
        """The cells in which both sides hold a number."""
        return self.cells.filter(pl.col("difference").is_not_null())

    def summary(self) -> str:
        """A readable summary: how many cells agree, and the reasons of those that do not."""
        differing = self.compared.filter(pl.col("difference") != 0)
        lines = [
            f"{self.authority}, {self.quarter}, against the edition: {self.edition}",
            f"{self.compared.height:,} cells hold a number on both sides; {differing.height:,} of them differ.",
            f"{self.cells.height - self.compared.height:,} cells cannot be compared"
            " (suppressed, missing or not applicable in print, or not computable from the authority's own cases).",
            "",
        ]
        for label, ours, published in headlines(self.cells):
            lines.append(f"  {label:34} ours {ours:>8}   published {published:>8}")
        reasons = differing.group_by("reason").len().sort("len", "reason", descending=[True, False])
        if reasons.height:
            lines += ["", "Likely reasons"]
            lines += [f"  {count:5,}  {reason}" for reason, count in reasons.iter_rows()]
        largest = (
            differing.filter(pl.col("measure") == "count").sort(pl.col("difference").abs(), descending=True).head(15)
        )
        if largest.height:
            lines += ["", "Largest differences (ours − published)"]
            for row in largest.to_dicts():
                lines.append(f"  {row['difference']:+8,.0f}  {row['table']}  {row['column_path']}")
        return "\n".join(lines)


def _shown(value: float | None, note: str | None) -> str:
    return f"{value:,.0f}" if value is not None else {SUPPRESSED: "[c]", MISSING: "[x]"}.get(note or "", "[z]")


def headlines(cells: pl.DataFrame) -> list[tuple[str, str, str]]:
    """Label, our figure and the published one, of the figures that every reader asks for first."""
    found = []
    for label, table, is_it in HEADLINES:
        for row in cells.filter((pl.col("table") == table) & (pl.col("measure") == "count")).to_dicts():
            if is_it(row["column_path"]):
                found.append(
                    (label, _shown(row["ours"], row["ours_note"]), _shown(row["published"], row["published_note"]))
                )
                break
    return found


def published_row(book: PublishedWorkbook, authority: str, quarter: Quarter) -> pl.DataFrame:
    """The authority's published cells, under whichever of its codes the workbook prints.

    Raises:
        InputError: the workbook is of another quarter, or does not list the authority.
    """
    if book.quarter != str(quarter):
        raise InputError(f"The workbook is of {book.quarter}, not of {quarter}.")
    same = {
        code for code, known in codelist("authority").codes.items() if known.extra["active_code"] == active(authority)
    }
    rows = book.tidy.filter(pl.col("la_code") == authority)
    if not rows.height:
        rows = book.tidy.filter(pl.col("la_code").is_in(sorted(same)))
    if not rows.height:
        raise InputError(f"The workbook does not list authority {authority}.")
    return rows


def active(authority: str) -> str:
    """The code that covers the authority's area now."""
    return codelist("authority").codes[authority].extra["active_code"]


def reconcile(
    con: duckdb.DuckDBPyConnection, book: PublishedWorkbook, *, authority: str, cut_off: date | None = None
) -> Reconciled:
    """Compare the quarter that the marts were built for with its published row.

    Args:
        con: a connection in which ``pipelines.transform.build`` has made the editions.
        book: the published workbook.
        authority: GSS code.
        cut_off: last day on which a recorded case could be in the published figures (default: quarter's end + 42 days).
    """
    row = con.execute("select quarter, last_day, suppress_below from reporting_period cross join setting").fetchone()
    assert row is not None
    quarter, last_day, below = Quarter.parse(row[0]), row[1], row[2]
    theirs = published_row(book, authority, quarter).select(*KEY, published="value", published_note="note")
    internal = compute_tables(con)
    shown = suppress(internal, below).select(*KEY, ours="value", ours_note="note")
    order = internal.select(*KEY).with_row_index("_order")
    cells = (
        shown.join(theirs, on=KEY, how="full", coalesce=True)
        .join(order, on=KEY, how="left")
        .sort("_order", "table", "column_path", "measure", nulls_last=True)
        .drop("_order")
        .with_columns(
            pl.col("ours_note", "published_note").fill_null(NOT_PUBLISHED),
            difference=_difference(),
        )
    )
    return Reconciled(
        _with_reasons(con, cells, book, quarter, cut_off or last_day + timedelta(days=DAYS_TO_DEADLINE)),
        book.edition,
        str(quarter),
        authority,
    )


def _difference() -> pl.Expr:
    ours, published = pl.col("ours"), pl.col("published")
    # Percentages are stored rounded to two decimals in some tables and unrounded in others (design §7).
    rounded = ours.round(2) - published.round(2)
    return (
        pl.when(pl.col("measure") == "percent")
        .then(pl.when(rounded.abs() < 0.0101).then(0.0).otherwise(rounded))
        .otherwise(pl.when((ours - published).abs() < 1e-9).then(0.0).otherwise(ours - published))
    )


def _with_reasons(
    con: duckdb.DuckDBPyConnection, cells: pl.DataFrame, book: PublishedWorkbook, quarter: Quarter, cut_off: date
) -> pl.DataFrame:
    wrong = {(item.table, item.column_path): item.reason for item in wrong_columns(str(quarter))}
    listed = known_defects().filter((pl.col("quarter") == str(quarter)) & (pl.col("edition") == book.edition))
    defects = {
        (row["table"], row["column_path"]) for row in listed.to_dicts() if row["la_code"] in set(book.tidy["la_code"])
    }
    suspects = _suspects(con, cut_off)
    behind: dict[str, pl.DataFrame] = {}
    reasons: list[str | None] = []
    for row in cells.to_dicts():
        place = (row["table"], row["column_path"])
        if row["difference"] is None:
            reasons.append(_why_not_compared(row))
        elif row["difference"] == 0:
            reasons.append("")
        elif place in wrong:
            reasons.append(f"Published defect: {wrong[place]}")
        elif place in defects and row["published"] is not None:
            reasons.append("Published defect: the printed total is not the sum of its parts")
        else:
            if row["table"] not in behind:
                behind[row["table"]] = evidence(con, row["table"])
            found = behind[row["table"]].filter(pl.col("column_path") == row["column_path"])
            reasons.append(
                _reason(row, set(found["reference"].str.split("#").list.first()), suspects, book.edition, cut_off)
            )
    return cells.with_columns(reason=pl.Series(reasons, dtype=pl.String))


def _why_not_compared(row: dict[str, object]) -> str:
    if row["published"] is None and row["published_note"] != NOT_PUBLISHED:
        return f"{str(row['published_note']).capitalize()} in print"
    if row["ours"] is None:
        return "Not computable from the authority's own cases" if row["ours_note"] in NOT_OURS else "Suppressed by us"
    return "Not in the workbook"


def _suspects(con: duckdb.DuckDBPyConnection, cut_off: date) -> dict[str, set[str]]:
    """Cases that may explain a difference, by kind."""

    def cases(query: str, *values: object) -> set[str]:
        return {ref for (ref,) in con.execute(query, list(values)).fetchall()}

    retired = [
        (section_column, code.code, code.valid_to)
        for section_column in ("reasonloss", "currentaccom", "referral_body")
        for code in codelist("accommodation" if section_column == "currentaccom" else section_column).codes.values()
        if code.valid_to is not None
    ]
    return {
        # The frozen rows, not the marts: these hide what lies after the quarter's end, the day of recording too.
        "late": cases(
            "select case_ref from recorded.main where recorded_date > ?",
            cut_off,
        ),
        "errors": cases(
            "select distinct findings.case_ref from findings inner join reporting_period using (run_id)"
            " where severity = 'error' and findings.case_ref is not null"
        ),
        "left out": cases(
            "select case_ref from case_selection inner join reporting_period using (run_id)"
            " where forced = 'exclude' and not is_selected"
        ),
        "retired": {
            ref
            for column, code, valid_to in retired
            for ref in cases(
                f"select case_ref from sent.households where {column} = ? and assess_date > ?", code, valid_to
            )
        },
    }


def _reason(row: dict[str, object], cases: set[str], suspects: dict[str, set[str]], edition: str, cut_off: date) -> str:
    difference = float(str(row["difference"]))
    late, left_out = cases & suspects["late"], cases & suspects["left out"]
    errors, retired = (cases & suspects["errors"]) - left_out, cases & suspects["retired"]
    if difference > 0 and late:
        return f"Recorded after the cut-off of {cut_off}: {len(late)} of the cases behind our figure"
    if difference > 0 and (left_out or errors):
        return (
            f"Left out of the return or held back by an error: {len(left_out | errors)} of the cases behind our figure"
        )
    if retired:
        return f"Retired code used after its retirement: {len(retired)} of the cases behind our figure"
    if row["measure"] in ("percent", "rate"):
        return "Follows from counts that differ"
    if edition != "first":
        return f"The workbook is the edition '{edition}': figures were revised after first publication"
    return "Not known: look at the cases behind our figure (hclic tables --explain)"


def write(found: Reconciled, out: Path) -> list[Path]:
    """Write the cells as CSV and XLSX and the summary as text, beside each other."""
    from pipelines.emit.workbooks.frames import frame_sheet
    from pipelines.emit.workbooks.model import Book
    from pipelines.emit.workbooks.xlsx import write_xlsx

    out.parent.mkdir(parents=True, exist_ok=True)
    paths = [out.with_suffix(suffix) for suffix in (".csv", ".xlsx", ".txt")]
    found.cells.write_csv(paths[0])
    sheets = {"Cells": found.cells, "Differences": found.compared.filter(pl.col("difference") != 0)}
    book = Book(_CREATED, [frame_sheet(name, rows) for name, rows in sheets.items()])
    write_xlsx(book, paths[1])
    paths[2].write_text(found.summary() + "\n", encoding="utf-8")
    return paths
