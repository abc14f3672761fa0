"""Small warehouses for tests: runs frozen from frames, and read back."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines.link.references import empty_map
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTIONS

LA, NEIGHBOUR = "E06000034", "E06000033"


def sections_of(**given: list[dict[str, Any]]) -> dict[str, pl.DataFrame]:
    """The nine sections, columns left out are null."""
    frames = {}
    for section in SECTIONS:
        schema = {column.name: column.dtype for column in section.columns}
        rows = [{name: row.get(name) for name in section.names} for row in given.get(section.name, [])]
        frames[section.name] = pl.DataFrame(rows, schema=schema)
    return frames


def freeze(
    warehouse: Warehouse,
    run_id: str,
    sections: dict[str, pl.DataFrame] | duckdb.DuckDBPyConnection,
    *,
    authority: str = LA,
    quarter: str = "2025-Q3",
    result: str | None = "clean",
) -> None:
    """One more run, as at the quarter's last day."""
    last_day = {"2025-Q3": date(2025, 9, 30), "2025-Q4": date(2025, 12, 31)}[quarter]
    run = {"run_id": run_id, "la_code": authority, "quarter": quarter, "as_at": last_day, "result": result}
    warehouse.freeze(run, sections, empty_map())


def as_it_was(warehouse: Warehouse, run_id: str, view: str = "snapshot_main") -> list[tuple[Any, ...]]:
    """The rows of one view for one run, sorted."""
    return warehouse.connection.execute(
        f"select * exclude (run_id) from {view} where run_id = ? order by all", [run_id]
    ).fetchall()


def rows_kept(warehouse: Warehouse, name: str = "main") -> int:
    """How many rows the file holds for a relation, whatever the runs."""
    row = warehouse.connection.execute(f"select count(*) from history.{name}").fetchone()
    assert row is not None
    return int(row[0])
