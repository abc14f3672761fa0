"""Which cases belong to the quarter's return: triggers, temporary accommodation, and forced cases with reasons."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

import sql
from pipelines import arrow
from pipelines.errors import InputError
from pipelines.side_files import read_rows

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


def read_forced(path: Path | None) -> pl.DataFrame:
    """The file of forced inclusions and exclusions: one row per case (case_ref, action, reason).

    Raises:
        InputError: the file cannot be read, lacks a column, or has a row without include/exclude or without a reason.
    """
    if path is None:
        return pl.DataFrame(schema=FORCED_SCHEMA)
    rows = []
    for given in read_rows(path, tuple(FORCED_SCHEMA), what="file of forced cases"):
        row = given.cells
        rows.append(row)
        if row["action"] not in {"include", "exclude"} or not row["reason"] or not row["case_ref"]:
            raise InputError(
                f"The file of forced cases, row {given.number}: each row needs case_ref, action (include or exclude)"
                " and reason."
            )
    return pl.DataFrame(rows, schema=FORCED_SCHEMA).unique("case_ref", keep="last").sort("case_ref")


def select_cases(con: duckdb.DuckDBPyConnection, forced: pl.DataFrame) -> pl.DataFrame:
    """Decide the cases of the return from the marts in use.

    Returns:
        one row per case: case_ref, is_selected, triggers, forced, reason.
    """
    arrow.load(con, "create or replace temp table forced_cases as select * from incoming", forced)
    return con.execute(sql.text("return/return_selection.sql")).pl()
