"""The lines of the ledger about a run: that it began, wrote its ledger, ended, or was stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb

from pipelines.warehouse import chain, ledger_rows

STOPPED = "stopped"
"""Result of a run that was killed, or went wrong, before its outputs were in place."""


def stop(con: duckdb.DuckDBPyConnection, run_id: str, *, at: date) -> None:
    """Say of a run that it was stopped; called inside a transaction. ``at``: when that was found."""
    con.execute("update runs set result = ? where run_id = ?", [STOPPED, run_id])
    add(con, run_id, STOPPED, {}, at=at, by=None)


def add(
    con: duckdb.DuckDBPyConnection, run_id: str, event: str, book: Mapping[str, Any], *, at: date | None, by: str | None
) -> None:
    """Add the line of a run as it stands now; called inside the transaction of what it records.

    Args:
        con: the warehouse.
        run_id: the run; nothing is added of one that is not there.
        event: began, written, ended or stopped.
        book: the ledger of the run, once it is written: the line names the files of the return by their digests.
        at: when the run was started, or found stopped.
        by: who started it.
    """
    row = con.execute(
        "select la_code, quarter, as_at, software_version from runs where run_id = ?", [run_id]
    ).fetchone()
    if row is None:
        return
    returned = {one["path"]: one["sha256"] for one in book.get("outputs", ()) if one["path"].startswith("return/")}
    facts = {
        "event": event,
        "quarter": row[1],
        "as_at": row[2],
        "software_version": row[3],
        **ledger_rows.run_facts(con, run_id, with_ledger=bool(book)),
        **({"return": returned} if returned else {}),
    }
    kind = STOPPED if event == STOPPED else "run"
    chain.append(con, kind, la_code=row[0], at=at, facts=facts, run_id=run_id, said_by=by)
