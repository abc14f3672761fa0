"""Frames on their way into DuckDB."""

from __future__ import annotations

import duckdb
import polars as pl


def load(con: duckdb.DuckDBPyConnection, statement: str, frame: pl.DataFrame) -> None:
    """Run a statement that reads the frame, once, under the name ``incoming``.

    The frame goes in as a bare Arrow stream: given a polars frame, DuckDB imports ``pyarrow.dataset`` first, which
    takes longer than all checks on 10,000 cases.
    """
    con.register("incoming", frame.__arrow_c_stream__())
    try:
        con.execute(statement)
    finally:
        con.unregister("incoming")
