"""The relations of the standard freedom of information answer."""

from __future__ import annotations

import duckdb

from pipelines.transform import create_each

RELATIONS: tuple[str, ...] = ("foi_items", "foi_month")
"""Each reads the relations about stays and cost, and those before it."""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``foi_items`` and ``foi_month``; stays and cost have been prepared for the same window."""
    create_each(con, "metrics", RELATIONS)
