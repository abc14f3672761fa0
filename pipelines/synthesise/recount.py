"""Counting invented households again: the official tables of finished rows, by the project's own definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import NamedTuple

import duckdb
import polars as pl

from pipelines.emit.tables.build import compute_tables
from pipelines.period import Quarter
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.synthetic import Synthetic
from pipelines.transform import (
    RECORDED,
    build_facts,
    build_quarter_end,
    build_sent,
    load_sections,
    prepare,
    report_on,
)
from pipelines.transform.selection import FORCED_SCHEMA

_NOBODY_FORCED = pl.DataFrame(schema=FORCED_SCHEMA)


class Recounter:
    """A database in memory in which one authority after the other is counted; use as a context manager.

    What does not depend on the authority (settings, code lists, macros) is made once. Facts, marts, selection and
    tables are those of ``pipelines.transform`` and ``pipelines.emit.tables``: there is no other definition of a cell.
    """

    def __init__(self) -> None:
        # Some thousand rows: the threads of a query cost more than they bring.
        self._con = duckdb.connect(":memory:", config={"threads": 1})
        self._is_prepared = False

    def __enter__(self) -> Recounter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._con.close()

    def recount(
        self, sections: Mapping[str, pl.DataFrame], authority: str, quarters: Iterable[Quarter]
    ) -> dict[Quarter, pl.DataFrame]:
        """For each quarter one row per cell of its tables, unsuppressed, in the published order.

        Args:
            sections: the nine frames, without the columns that a reader of files adds.
            authority: GSS code of the authority whose cases they are.
            quarters: each is counted as an export taken on its last day would be.

        Returns:
            the cells by quarter, columns as ``emit.tables.build.SCHEMA``.

        Raises:
            UsageError: a quarter is before the first published one.
        """
        con = self._con
        load_sections(con, sections)
        found = {}
        for quarter in quarters:
            start = report_on if self._is_prepared else prepare
            start(con, run_id="recount", la_code=authority, quarter=quarter, as_at=quarter.last_day)
            self._is_prepared = True
            build_facts(con, RECORDED)
            build_quarter_end(con)
            build_sent(con, _NOBODY_FORCED)
            found[quarter] = compute_tables(con)
        return found


def recount(
    sections: Mapping[str, pl.DataFrame], authority: str, quarters: Iterable[Quarter]
) -> dict[Quarter, pl.DataFrame]:
    """As ``Recounter.recount``, for one authority alone."""
    with Recounter() as recounter:
        return recounter.recount(sections, authority, quarters)


class Compared(NamedTuple):
    """One printed count or number of days that set an aim, and what the finished rows give."""

    table: str
    column_path: str
    measure: str
    published: float
    reached: float


def beside(made: Synthetic, sheet: Sheet, tables: pl.DataFrame) -> list[Compared]:
    """Every printed cell of the quarter that sets an aim beside its recount, in the published order.

    Args:
        made: the households; its cells that set no aim (``free``) are left out.
        sheet: what is printed of the quarter.
        tables: the recount of that quarter, as ``recount`` gives it.
    """
    quarter = str(sheet.quarter)
    free = set(made.free.filter(quarter=quarter).select("table", "column_path", "measure").iter_rows())
    found = []
    for table, path, measure, value in tables.select("table", "column_path", "measure", "value").iter_rows():
        cell = sheet.cells.get((table, path, measure))
        if measure in ("count", "days") and cell is not None and cell.value is not None and cell[:3] not in free:
            found.append(Compared(table, path, measure, cell.value, value))
    return found
