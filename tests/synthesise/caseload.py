"""Recount an invented caseload with the official tables and lay it beside the published row."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import polars as pl

from pipelines.disclosure.official import suppress
from pipelines.period import Quarter
from pipelines.synthesise import Synthetic
from pipelines.synthesise.cells import of_interest, read_sheet
from pipelines.synthesise.recount import Recounter, beside
from pipelines.validate import validate
from pipelines.validate.context import Context
from tests.published.workbooks import by_quarter, read


@cache
def tidy(quarter: str) -> pl.DataFrame:
    """Every row of a workbook, read once a session."""
    return read(by_quarter()[quarter]).tidy


@cache
def row_of(quarter: str, authority: str) -> pl.DataFrame:
    """One authority's rows and England's."""
    return of_interest(tidy(quarter), authority)


@dataclass
class Match:
    """How one quarter's recount compares with the published row."""

    compared: int = 0
    unexplained: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    hidden: int = 0


def recount(made: Synthetic, quarter: Quarter) -> pl.DataFrame:
    """The official tables of a quarter, unsuppressed, through the real marts and table queries."""
    return recounter().recount(made.sections, made.authority, [quarter])[quarter]


@cache
def recounter() -> Recounter:
    """One database for all recounts of a session."""
    return Recounter()


def match(made: Synthetic, published: pl.DataFrame, quarter: Quarter) -> Match:
    """Compare every published count, number of days and dash; what clashes.csv names is listed apart."""
    sheet = read_sheet(published, made.authority)
    clashing = set(made.clashes.filter(quarter=str(quarter)).select("table", "column_path").iter_rows())
    found = Match()
    ours = recount(made, quarter)
    name = f"{quarter} {made.authority}"
    for table, path, measure, note in suppress(ours).select("table", "column_path", "measure", "note").iter_rows():
        cell = sheet.cells.get((table, path, measure))
        if cell is not None and measure in ("count", "days") and cell.note == "suppressed":
            found.hidden += 1
            # A7 is also hidden for its quality, which no household tells (published-tables 2).
            if note != "suppressed" and table != "A7":
                found.unexplained.append(f"{name} {table} {path}: hidden by MHCLG, ours shows")
    for cell in beside(made, sheet, ours):
        found.compared += 1
        if cell.reached != cell.published:
            text = f"{name} {cell.table} {cell.column_path}: {cell.published:g} published, {cell.reached:g} reached"
            (found.listed if cell[:2] in clashing else found.unexplained).append(text)
    return found


def errors(made: Synthetic) -> pl.DataFrame:
    """Error findings of our own validation on the last day of the last quarter."""
    quarter = made.quarters[-1]
    sections = {
        name: frame.with_columns(_file=pl.lit(f"{name}.csv"), _row=pl.int_range(2, frame.height + 2, dtype=pl.Int64))
        for name, frame in made.sections.items()
    }
    context = Context(authority=made.authority, quarter=quarter, as_at=quarter.last_day)
    findings = validate(sections, context).findings
    return findings.filter(pl.col("severity") == "error").select("rule_id", "case_ref", "message")
