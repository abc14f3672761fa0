"""A small warehouse for tests: sections given as dicts, loaded into DuckDB in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines.period import Quarter
from pipelines.settings import Settings
from pipelines.transform import build
from schemas.sections import SECTION, SECTIONS

RUN = "run-1"
LA = "E06000034"
QUARTER = Quarter(2025, 4)
Rows = Iterable[Mapping[str, Any]]

_TYPES = {"date": "date", "integer": "bigint", "number": "double", "flag": "boolean"}


def ref(number: int) -> str:
    """The H-CLIC reference of a test case."""
    return f"{LA}_{number:012d}"


def section_frame(name: str, rows: Rows) -> pl.DataFrame:
    """Rows of a section; columns left out are null, a case number stands for its reference."""
    section = SECTION[name]
    filled = []
    for row in rows:
        unknown = set(row) - set(section.names)
        assert not unknown, f"{name} has no column {sorted(unknown)}"
        values = dict(row)
        if isinstance(values.get("case_ref"), int):
            values["case_ref"] = ref(values["case_ref"])
        filled.append({column: values.get(column) for column in section.names})
    return pl.DataFrame(filled, schema={column.name: column.dtype for column in section.columns})


def load(con: duckdb.DuckDBPyConnection, frames: Mapping[str, pl.DataFrame], run_id: str = RUN) -> None:
    """Create or extend ``snapshot_<section>`` with one run's frames."""
    for section in SECTIONS:
        columns = ", ".join(f"{column.name} {_TYPES.get(column.kind, 'varchar')}" for column in section.columns)
        con.execute(f"create table if not exists snapshot_{section.name} (run_id varchar, {columns})")
        if section.name not in frames:
            continue
        rows = frames[section.name].select(pl.lit(run_id).alias("run_id"), *section.names)
        con.register("_incoming", rows.to_arrow())
        con.execute(f"insert into snapshot_{section.name} select * from _incoming")
        con.unregister("_incoming")


def in_memory() -> duckdb.DuckDBPyConnection:
    """A database that works with one thread, as that of a run does: two take up to twice the processor time."""
    return duckdb.connect(":memory:", config={"threads": 1})


def built(
    *,
    quarter: Quarter = QUARTER,
    as_at: date | None = None,
    settings: Settings | None = None,
    la_code: str = LA,
    **sections: Rows,
) -> duckdb.DuckDBPyConnection:
    """A connection with marts built from rows of sections, given by name."""
    con = in_memory()
    load(con, {name: section_frame(name, rows) for name, rows in sections.items()})
    build(con, run_id=RUN, la_code=la_code, quarter=quarter, as_at=as_at or quarter.last_day, settings=settings)
    return con


def rows_of(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query, as tuples."""
    return con.execute(query).fetchall()
