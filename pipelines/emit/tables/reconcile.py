"""Our official tables beside the published row: each cell, the difference, and the reason where it can be known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import polars as pl

from pipelines import shown
from pipelines.disclosure.official import suppress
from pipelines.emit.tables.build import compute_tables
from pipelines.emit.tables.reasons import DEFECT, FACTS, FOLLOWS, UNKNOWN, Earlier, with_reasons
from pipelines.errors import InputError
from pipelines.period import Quarter
from pipelines.published.cells import MISSING, NOT_APPLICABLE, NOT_PUBLISHED, NOT_READ, SUPPRESSED
from pipelines.published.needs import WAY_OUT, unread_cells
from pipelines.published.reader import PublishedWorkbook
from schemas.codelists import codelist

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
    """The two rows beside each other.

    ``cells``: one row per cell: table, column_path, measure, ours, ours_note, published, published_note, difference,
    reason_kind, reason, explained, left. ``cases``: internal, one row per case that would close a difference.
    """

    cells: pl.DataFrame
    cases: pl.DataFrame
    edition: str
    quarter: str
    authority: str

    @property
    def compared(self) -> pl.DataFrame:
        """The cells in which both sides hold a number."""
        return self.cells.filter(pl.col("difference").is_not_null())

    @property
    def differing(self) -> pl.DataFrame:
        """Those of them that are not the same."""
        return self.compared.filter(pl.col("difference") != 0)

    @property
    def count_defects(self) -> int:
        """Differing cells that a defect in print explains, wholly or in part."""
        return self.differing.filter(pl.col("reason_kind").str.contains(DEFECT, literal=True)).height

    @property
    def not_read(self) -> str:
        """A sentence on the columns of the workbook that could not be read; empty where all were."""
        many = self.cells.filter(pl.col("published_note") == NOT_READ).height
        columns, verb = ("column", "is") if many == 1 else ("columns", "are")
        return (
            f"{many:,} {columns} of the workbook could not be read and {verb} not compared. {WAY_OUT}" if many else ""
        )

    @property
    def headlines(self) -> list[tuple[str, str, str]]:
        """Label, our figure and the published one, of the figures that every reader asks for first."""
        return _headlines(self.cells)

    @property
    def kinds(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """How many cells each kind of reason accounts for: causes, then facts without a cause, then what is not known.

        Each group has its title; one without a cell is not there.
        """
        return _counted(self.differing)

    def summary(self) -> str:
        """A readable summary that names no case: how many cells agree, and why the others do not."""
        differing = self.differing
        lines = [
            f"{self.authority}, {self.quarter}, against the edition: {self.edition}",
            f"{self.compared.height:,} cells hold a number on both sides; {differing.height:,} of them differ.",
            f"{self.cells.height - self.compared.height:,} cells cannot be compared"
            " (suppressed, missing or not applicable in print, or not computable from the authority's own cases).",
            *([self.not_read] if self.not_read else []),
            "",
        ]
        for label, ours, published in self.headlines:
            lines.append(f"  {label:34} ours {ours:>8}   published {published:>8}")
        for title, kinds in self.kinds:
            lines += ["", f"{title} (cells, wholly or in part)", *(f"  {many:5,}  {kind}" for kind, many in kinds)]
        if differing.height and self.edition != "first":
            lines += [
                "",
                f"The workbook is the edition '{self.edition}': figures may have been revised since the first.",
            ]
        if self.cases.height:
            lines += ["", "Cases that would close differences are named in the file of cases, which is internal."]
        largest = differing.filter(pl.col("measure") == "count").sort(
            pl.col("difference").abs(), "table", "column_path", descending=[True, False, False]
        )
        if largest.height:
            lines += ["", "Largest differences (ours − published)"]
            for row in largest.head(15).to_dicts():
                lines.append(f"  {row['difference']:+8,.0f}  {row['table']}  {row['column_path']}")
        return "\n".join(lines)


def _counted(differing: pl.DataFrame) -> list[tuple[str, list[tuple[str, int]]]]:
    by_kind = (
        differing.select(pl.col("reason_kind").str.split("; ").alias("kind"))
        .explode("kind")
        .group_by("kind")
        .len()
        .sort("len", "kind", descending=[True, False])
    )
    counts = dict(by_kind.iter_rows())
    causes = [kind for kind in counts if kind not in (*FACTS, FOLLOWS, UNKNOWN)]
    groups = (
        ("Reasons", causes),
        ("What is so, without a reason", [kind for kind in counts if kind in (*FACTS, FOLLOWS)]),
        ("Not known", [kind for kind in counts if kind == UNKNOWN]),
    )
    return [(title, [(kind, counts[kind]) for kind in kinds]) for title, kinds in groups if kinds]


def _shown(value: float | None, note: str | None) -> str:
    return shown.count(value) if value is not None else {SUPPRESSED: "[c]", MISSING: "[x]"}.get(note or "", "[z]")


def _headlines(cells: pl.DataFrame) -> list[tuple[str, str, str]]:
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
    con: duckdb.DuckDBPyConnection,
    book: PublishedWorkbook,
    *,
    authority: str,
    cut_off: date | None = None,
    earlier: Earlier | None = None,
) -> Reconciled:
    """Compare the quarter that the marts were built for with its published row.

    Args:
        con: a connection in which ``pipelines.transform.build`` has made the editions.
        book: the published workbook.
        authority: GSS code.
        cut_off: last day on which a recorded case could be in the published figures (default: quarter's end + 42 days).
        earlier: gives the sections of an earlier run of the quarter, asked only where something differs.
    """
    row = con.execute("select quarter, last_day, suppress_below from reporting_period cross join setting").fetchone()
    assert row is not None
    quarter, last_day, below = Quarter.parse(row[0]), row[1], row[2]
    read = published_row(book, authority, quarter).select(*KEY, published="value", published_note="note")
    theirs = pl.concat([read, unread_cells(book).rename({"value": "published", "note": "published_note"})])
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
    explained, cases = with_reasons(
        con,
        cells,
        quarter=str(quarter),
        cut_off=cut_off or last_day + timedelta(days=DAYS_TO_DEADLINE),
        earlier=earlier,
    )
    why = [_why_not_compared(row) if row["difference"] is None else row["reason"] for row in explained.to_dicts()]
    explained = explained.with_columns(reason=pl.Series(why, dtype=pl.String))
    return Reconciled(explained, cases, book.edition, str(quarter), authority)


def _difference() -> pl.Expr:
    ours, published = pl.col("ours"), pl.col("published")
    # Percentages are stored rounded to two decimals in some tables and unrounded in others (design §7).
    rounded = ours.round(2) - published.round(2)
    return (
        pl.when(pl.col("measure") == "percent")
        .then(pl.when(rounded.abs() < 0.0101).then(0.0).otherwise(rounded))
        .otherwise(pl.when((ours - published).abs() < 1e-9).then(0.0).otherwise(ours - published))
    )


def _why_not_compared(row: dict[str, object]) -> str:
    if row["published_note"] == NOT_READ:
        return "Not read: no heading of the workbook could be told to be that column's"
    if row["published"] is None and row["published_note"] != NOT_PUBLISHED:
        return f"{str(row['published_note']).capitalize()} in print"
    if row["ours"] is None:
        return "Not computable from the authority's own cases" if row["ours_note"] in NOT_OURS else "Suppressed by us"
    return "Not in the workbook"
