"""Which cases belong to the quarter's return: triggers, temporary accommodation, and forced cases with reasons."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

import sql
from pipelines import arrow
from pipelines.errors import InputError
from pipelines.side_files import read_rows

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
