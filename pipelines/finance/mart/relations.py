"""The relations of the mart: what each holds, and how they are read from the marts of a run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import duckdb
import pyarrow as pa

import sql
from pipelines.finance.mart import local_texts, pseudonyms
from pipelines.finance.mart.headings import in_words
from pipelines.transform import create

RELATIONS: tuple[str, ...] = (
    "about",
    "households",
    "members",
    "duties",
    "decisions",
    "placements",
    "stays",
    "nights_by_month",
    "stay_nights_by_month",
    "bb_households",
    "events",
    "reviews",
    "costs_by_month",
    "code_labels",
)
COSTS = "costs_by_month"
"""Stands in the mart only where the relations about cost have been prepared (``finance.cost.build.prepare``)."""

_COLUMN = "--   "


@dataclass(frozen=True)
class Relation:
    """What is said of one relation of the mart, from the head of its file."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: dict[str, str]
    """Description of each column, in the order of the relation."""

    @property
    def headings(self) -> dict[str, str]:
        """Each column's heading in words; no two of a relation are alike."""
        return {column: in_words(column) for column in self.columns}

    @property
    def money(self) -> tuple[str, ...]:
        """The columns that hold pounds: their description says so."""
        return tuple(column for column, text in self.columns.items() if "£" in text)


def documentation(name: str) -> Relation:
    """Grain, key and columns of a relation, from the first lines of ``sql/finance/<name>.sql``."""
    path = f"finance/{name}.sql"
    columns = {}
    for line in sql.text(path).splitlines():
        if not line.startswith("--"):
            break
        if line.startswith(_COLUMN):
            column, _, text = line.removeprefix(_COLUMN).partition(": ")
            columns[column] = text
    return Relation(name, sql.grain(path), sql.key(path), columns)


def _strings(con: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [str(row[0]) for row in con.execute(query).fetchall()]


def _exists(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    row = con.execute(
        "select count(*) from (select table_name as name from duckdb_tables()"
        " union all select view_name from duckdb_views()) where name = ?",
        [name],
    ).fetchone()
    return bool(row and row[0])


def _prepare(con: duckdb.DuckDBPyConnection, key: bytes | None) -> None:
    (run_id,) = _strings(con, "select run_id from reporting_period")
    cases = _strings(
        con,
        "select case_ref from households union select case_ref from placements union select case_ref from duties"
        " union select case_ref from decisions union select case_ref from reviews union select case_ref from ages"
        " order by 1",
    )
    pseudonyms.create(con, kind="case", values=cases, run_id=run_id, key=key)
    for kind in ("landlord", "site"):
        values = _strings(con, f"select distinct {kind} from placements where {kind} is not null order by 1")
        pseudonyms.create(con, kind=kind, values=values, run_id=run_id, key=key)
    con.execute(
        "create or replace temp table mart_choice as select ?::varchar as pseudonyms",
        [pseudonyms.KEYED if key else pseudonyms.NUMBERED],
    )
    create(con, "finance/inputs", "age_band", called="mart_age_band")
    local_texts.prepare(con)


def read_mart(
    con: duckdb.DuckDBPyConnection, *, key: bytes | None, names: Collection[str] = RELATIONS
) -> dict[str, pa.Table]:
    """Relations of the mart by name, rows in the order of their key; ``transform.build`` has made the marts.

    Costs are left out where they have not been prepared. What leads from a pseudonym to a case exists only while this
    runs, in the connection's temp schema.
    """
    chosen = [name for name in RELATIONS if name in names and (name != COSTS or _exists(con, "cost_month"))]
    try:
        _prepare(con, key)
        return {name: con.execute(sql.text(f"finance/{name}.sql")).to_arrow_table() for name in chosen}
    finally:
        for name in ("case", "landlord", "site", "choice", "age_band"):
            con.execute(f"drop table if exists temp.mart_{name}")
        local_texts.drop(con)
