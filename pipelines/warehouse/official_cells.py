"""The cells of the official tables that each run counted, as sent and unsuppressed: internal.

Who adds up many authorities reads them, instead of building the cases of each again. They are kept at the end of a
run that makes tables, a blocked one too, as its files are. A run without them is older than layout 7, did not end, was
asked for findings or metrics alone, or was overtaken by a later run of the authority.
"""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.warehouse import history
from pipelines.warehouse.history import OFFICIAL_CELLS

SCHEMA = {name: pl.Float64() if kind == "double" else pl.String() for name, kind in OFFICIAL_CELLS.columns.items()}
"""Columns of a cell: official_table, column_path, measure, value (plain, a percentage as a fraction), note."""


def save(con: duckdb.DuckDBPyConnection, run_id: str, cells: pl.DataFrame) -> None:
    """Keep the cells of a run; called inside a transaction. Of one that was overtaken by a later run none are kept.

    Raises:
        ValueError: the warehouse does not hold the run.
    """
    row = con.execute("select la_code, run_order from runs where run_id = ?", [run_id]).fetchone()
    if row is None:
        raise ValueError("The warehouse does not hold the run.")
    with arrow.incoming(con, cells.select(list(SCHEMA))):
        history.tell(con, OFFICIAL_CELLS, "from incoming", row[0], row[1])


def read(con: duckdb.DuckDBPyConnection, run_id: str) -> pl.DataFrame:
    """The cells of a run (``SCHEMA``), one row per cell, sorted; none of a run that has none."""
    listed = ", ".join(SCHEMA)
    rows = con.execute(f"select {listed} from {OFFICIAL_CELLS.view} where run_id = ? order by all", [run_id])
    return rows.pl().cast(SCHEMA)  # type: ignore[arg-type]
