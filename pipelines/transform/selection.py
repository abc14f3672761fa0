"""Which cases belong to the quarter's return: triggers, temporary accommodation, and forced cases with reasons."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

import sql
from pipelines import arrow
from pipelines.errors import InputError
from pipelines.findings import RETURN, WARNING, Finding
from pipelines.side_files import read_rows, rows_named

DATES_READ: dict[str, tuple[str, ...]] = {
    "main": ("assess_date",),
    "prevention": ("prevention_start", "prevention_end"),
    "relief": ("relief_start", "relief_end"),
    "final_duties": ("main_decision_date", "main_duty_end"),
    "temporary_accommodation": ("entry_date", "exit_date"),
    "reviews": ("review_requested_date", "review_outcome_date"),
}
"""Dates by section that make a trigger: a case can be left out of the return because one of them is blank or wrong."""

CODES_READ: dict[str, tuple[str, ...]] = {"main": ("assess1",), "final_duties": ("main_decision",)}
"""Codes by section without which a trigger does not count: a case for advice alone, a main duty that was accepted."""

APPLIED = ("main", "application_date")
"""The one other date that keeps a case out: applied for after the quarter, it is not known yet."""

FORCED_SCHEMA = {"case_ref": pl.String(), "action": pl.String(), "reason": pl.String()}
NAMED_SCHEMA = {**FORCED_SCHEMA, "row": pl.Int64()}
"""As the file names them: with the row that says so."""

ACTIONS = ("include", "exclude")

HAS_ERRORS = "has errors: "
"""How the reason begins where a case was left out because of its errors."""

_FORCED_FILE = "file of forced cases"


def read_forced(path: Path | None) -> pl.DataFrame:
    """The file of forced inclusions and exclusions: one row per name of a case (case_ref, action, reason, row).

    A case may be named by its H-CLIC or its local reference; of two rows that force it alike, the last one counts.

    Raises:
        InputError: the file cannot be read, lacks a column, has a row without include/exclude, reference or reason, or
            says both of one case.
    """
    if path is None:
        return pl.DataFrame(schema=NAMED_SCHEMA)
    rows = []
    for given in read_rows(path, ("case_ref", "action", "reason"), what=_FORCED_FILE):
        cell = given.cells
        if blank := [name for name in ("case_ref", "action", "reason") if not cell[name]]:
            raise InputError(f"{given.place}, has no {' and no '.join(blank)}.")
        if cell["action"].casefold() not in ACTIONS:
            raise InputError(f"{given.at('action')}: write include or exclude.")
        rows.append({**cell, "action": cell["action"].casefold(), "row": given.number})
    return _one_each(pl.DataFrame(rows, schema=NAMED_SCHEMA), path.name)


def force(named: pl.DataFrame, case: Callable[[str], str], path: Path | None) -> pl.DataFrame:
    """One row per forced case, under its H-CLIC reference: case_ref, action, reason, row.

    Args:
        named: as ``read_forced`` gives it.
        case: from any name of a case to its H-CLIC reference.
        path: the file.

    Raises:
        InputError: two names of one case are forced differently.
    """
    under = named.with_columns(pl.col("case_ref").map_elements(case, return_dtype=pl.String()))
    return _one_each(under, path.name if path else "")


def _one_each(forced: pl.DataFrame, file: str) -> pl.DataFrame:
    both = forced.group_by("case_ref").agg("row", pl.col("action").n_unique().alias("said")).filter(pl.col("said") > 1)
    if both.height:
        numbers = both.sort(pl.col("row").list.min())["row"][0].to_list()
        raise InputError(
            f"The {_FORCED_FILE} {file}, {rows_named(numbers)}, column action: one case is both included and excluded."
            " Keep one row."
        )
    return forced.sort("row").unique("case_ref", keep="last").sort("case_ref")


def unmet_forced(forced: pl.DataFrame, cases: pl.Series, path: Path | None) -> list[Finding]:
    """One finding for the forced cases that are not among those of the export."""
    rows = forced.filter(~pl.col("case_ref").is_in(cases.implode()))["row"].drop_nulls().to_list()
    if not rows or path is None:
        return []
    return [
        Finding(
            "REF-08",
            WARNING,
            f"The {_FORCED_FILE} {path.name}, {rows_named(rows)}, column case_ref: the export holds no case of that"
            " reference, so nothing was forced.",
            "Correct the reference, or take the row out.",
            scope=RETURN,
            fields="case_ref",
            file=path.name,
            row=min(rows),
        )
    ]


def select_cases(con: duckdb.DuckDBPyConnection, forced: pl.DataFrame) -> pl.DataFrame:
    """Decide the cases of the return from the marts in use.

    Returns:
        one row per case: case_ref, is_selected, triggers, forced, reason.
    """
    arrow.load(con, "create or replace temp table forced_cases as select * from incoming", forced)
    return con.execute(sql.text("return/return_selection.sql")).pl()
