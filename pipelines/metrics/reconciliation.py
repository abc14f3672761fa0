"""Steps from one figure to another that looks like it, such as households here and in MHCLG's table TA1."""

from __future__ import annotations

import duckdb

from pipelines.transform import create, create_each

RELATIONS: tuple[str, ...] = ("reconciliation_figures",)
"""Reads the relations about caseload, stays and the FOI answer, and the cases of the return."""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``reconciliation_figures``; caseload, stays and FOI items have been prepared for the same window."""
    # As the official tables count it, over all cases known at the quarter's end.
    create(con, "tables", "base_in_ta", called="reconciliation_base")
    create_each(con, "metrics", RELATIONS)
