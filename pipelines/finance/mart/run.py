"""The mart of one run, read from a warehouse file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.authority import check_authority
from pipelines.errors import InputError, UsageError
from pipelines.finance.cost import build as cost
from pipelines.metrics.window import create_window
from pipelines.period import Quarter
from pipelines.transform import build
from pipelines.warehouse.store import StoredRun, Warehouse


@dataclass(frozen=True)
class OpenRun:
    """A run whose marts and costs are built in ``connection``."""

    connection: duckdb.DuckDBPyConnection
    run: StoredRun
    quarter: Quarter

    @property
    def words(self) -> str:
        """Which run, for the user."""
        if self.run.exact:
            return f"From run {self.run.run_id}, as at {self.run.as_at}."
        return (
            f"No run was made for {self.quarter}: the newest run is used, {self.run.run_id},"
            f" made for {self.run.quarter}, as at {self.run.as_at}."
        )


def _only_authority(store: Warehouse) -> str:
    try:
        rows = store.connection.execute("select distinct la_code from runs order by 1").fetchall()
    except duckdb.CatalogException:
        return ""
    if len(rows) > 1:
        raise UsageError("The warehouse holds several authorities. Name one with --authority.")
    return str(rows[0][0]) if rows else ""


def _newest_quarter(store: Warehouse, authority: str) -> Quarter | None:
    try:
        row = store.connection.execute("select max(quarter) from runs where la_code = ?", [authority]).fetchone()
    except duckdb.CatalogException:
        return None
    return Quarter.parse(row[0]) if row and row[0] else None


@contextmanager
def open_run(
    warehouse: Path,
    authority: str | None,
    quarter: Quarter | None,
    files: cost.CostFiles | None = None,
    *,
    costs: bool = True,
) -> Iterator[OpenRun]:
    """The run for an authority and quarter, by default the only authority's newest quarter.

    Its marts are built and, with ``costs``, what it costs.

    Raises:
        UsageError: the warehouse holds several authorities and none is named.
        InputError: the warehouse or a file of finance cannot be read, or holds no run of the authority.
    """
    if authority is not None:
        check_authority(authority)
    with Warehouse(warehouse, read_only=True) as store:
        code = authority or _only_authority(store)
        if not code:
            raise InputError("The file holds no run of hclic.")
        # Without a run there is no quarter either; run_for then says what is missing.
        chosen = quarter or _newest_quarter(store, code) or Quarter(2018, 2)
        run = store.run_for(code, chosen)
        con = store.connection
        build(con, run_id=run.run_id, la_code=code, quarter=chosen, as_at=run.as_at)
        if costs:
            create_window(con)
            cost.prepare(con, files)
        yield OpenRun(con, run, chosen)
