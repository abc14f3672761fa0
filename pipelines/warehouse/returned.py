"""Which runs were to write the return of a quarter, which wrote it, and what their ledgers say of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from pipelines.period import Quarter
from pipelines.settings import Settings, from_values
from pipelines.state import CLEAN
from pipelines.warehouse.requests import IS_WHOLE
from pipelines.warehouse.store import NOT_ENDED

FOLDER = "return/"
"""Where the files of a return stand in a run's output folder."""


@dataclass(frozen=True)
class Wrote:
    """A run of a quarter that wrote a return. ``run_order`` is the place among the authority's runs."""

    run_id: str
    run_order: int
    as_at: date
    ledger: dict[str, Any]

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 by name of each XML file of the return."""
        return {
            item["path"].removeprefix(FOLDER): item["sha256"]
            for item in self.ledger.get("outputs", ())
            if item["path"].startswith(FOLDER) and item["path"].endswith(".xml")
        }

    @property
    def settings(self) -> Settings:
        """Those that the run was made with."""
        return from_values(self.ledger.get("settings", {}))


def wrote(con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter) -> Iterator[Wrote]:
    """The runs of the quarter that wrote a return, the newest first."""
    for run_id in [
        row[0]
        for row in con.execute(
            "select run_id from runs where la_code = ? and quarter = ? and result = ?"
            f" and {IS_WHOLE} order by run_order desc",
            [la_code, str(quarter), CLEAN],
        ).fetchall()
    ]:
        row = con.execute(
            "select runs.run_order, runs.as_at, ledger.ledger from runs"
            " inner join ledger on runs.run_id = ledger.run_id where runs.run_id = ?",
            [run_id],
        ).fetchone()
        if row is not None:
            yield Wrote(run_id, row[0], row[1], json.loads(row[2]))


def newest(
    con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter | None, *, has_ended: bool = False
) -> tuple[str, str | None] | None:
    """Id and result of the newest run that was to write a return of the quarter; None without one.

    Args:
        con: the warehouse.
        la_code: whose return.
        quarter: of which quarter; None for that of any.
        has_ended: pass over a run that has not ended, or was stopped.
    """
    row = con.execute(
        "select run_id, result from runs where la_code = $la_code and ($quarter is null or quarter = $quarter)"
        " and not ($has_ended and list_contains($not_ended, coalesce(result, '')))"
        f" and {IS_WHOLE} order by run_order desc limit 1",
        {
            "la_code": la_code,
            "quarter": quarter and str(quarter),
            "has_ended": has_ended,
            "not_ended": NOT_ENDED,
        },
    ).fetchone()
    return None if row is None else (row[0], row[1])
