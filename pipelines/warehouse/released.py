"""The figures that have left, edition by edition, so that what has been printed once is printed again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.period import Quarter
from pipelines.place import Place, of_authority
from pipelines.warehouse import chain
from pipelines.warehouse.store import StoredRun, Warehouse

Figure = tuple[str, str, str]
"""Table, row and column, as ``pipelines.disclosure.edition`` names them."""

_NEWEST = "qualify row_number() over (partition by relation, row_key, column_name order by made_on desc, {}) = 1"
_ORDER = "quarter desc, edition_no desc"


def before(con: duckdb.DuckDBPyConnection, la_code: str) -> dict[Figure, int]:
    """What was printed last for each count of an authority; nothing where no table ``released`` is at hand."""
    row = con.execute(
        "select count(*) from duckdb_tables() where database_name = current_database() and table_name = 'released'"
    ).fetchone()
    assert row is not None
    if not row[0]:
        return {}
    rows = con.execute(
        "select relation, row_key, column_name, value from released where la_code = ? " + _NEWEST.format(_ORDER),
        [la_code],
    ).fetchall()
    return {(relation, key, column): int(value) for relation, key, column, value in rows}


def save(
    con: duckdb.DuckDBPyConnection,
    la_code: str,
    quarter: Quarter,
    run_id: str,
    made_on: date,
    figures: Mapping[Figure, int],
) -> None:
    """Remember an edition: its figures that were not printed before, or otherwise; nothing where there are none."""
    known = before(con, la_code)
    new = [(*figure, float(value)) for figure, value in figures.items() if known.get(figure) != value]
    if not new:
        return
    columns = {"relation": pl.String, "row_key": pl.String, "column_name": pl.String, "value": pl.Float64}
    number = con.execute(
        "select coalesce(max(edition_no), 0) + 1 from released where la_code = ? and quarter = ?",
        [la_code, str(quarter)],
    ).fetchone()
    assert number is not None
    edition = {"la_code": la_code, "quarter": str(quarter), "edition_no": number[0], "run_id": run_id}
    rows = pl.DataFrame(new, schema=columns, orient="row").with_columns(
        **{name: pl.lit(value) for name, value in edition.items()}, made_on=pl.lit(chain.day_of(made_on))
    )
    arrow.load(con, "insert into released by name select * from incoming", rows)
    chain.record(con, "released", [(la_code, str(quarter), number[0])], at=made_on, run_id=run_id)


def remember(warehouse: Place, run: StoredRun, quarter: Quarter, made_on: date, figures: Mapping[Figure, int]) -> None:
    """The same in a warehouse that is not open: before the edition is written, so that none leaves unremembered.

    Raises:
        InputError: the file cannot be written, or another program holds it.
    """
    with Warehouse(of_authority(warehouse, run.la_code)) as store, store.transaction():
        save(store.connection, run.la_code, quarter, run.run_id, made_on, figures)
