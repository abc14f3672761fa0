"""Lines about rows that stand already: of a file from before the ledger, and of what a purge left."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb

from pipelines.warehouse import ledger_rows
from pipelines.warehouse.chain import Entry, append_all, canonical, entries_of, record


def take_over(con: duckdb.DuckDBPyConnection, from_layout: int | None) -> None:
    """Begin the ledger of a file that was kept without one: a line of what stood there, and one for each row of it.

    When each was written is not known here: these lines have no moment.
    """
    runs = con.execute("select run_id, la_code, quarter, as_at from runs order by run_order").fetchall()
    entries = [
        Entry(
            "run",
            la_code,
            {"event": "found", "quarter": quarter, "as_at": as_at}
            | ledger_rows.run_facts(con, run_id, with_ledger=True),
            run_id,
        )
        for run_id, la_code, quarter, as_at in runs
    ]
    counts = {"runs": len(runs)}
    for kept in ledger_rows.ROWS.values():
        keys = ledger_rows.keys(con, kept)
        counts[kept.table] = len(keys)
        entries += entries_of(con, kept, keys, {"event": "found"})
    if entries:
        digests = hashlib.sha256(canonical([[one.kind, one.facts, one.said] for one in entries]).encode()).hexdigest()
        found = {"from_layout": from_layout, "found": counts, "sha256": digests}
        append_all(con, [Entry("migrated", None, found), *entries], at=None)


def retell(
    con: duckdb.DuckDBPyConnection, before: Mapping[ledger_rows.Place, str], *, at: date | None, said_by: str | None
) -> list[tuple[str, Any]]:
    """Add lines for the rows that were changed since ``ledger_rows.snapshot``, as a purge changes what it leaves.

    Called inside the transaction of a purge, in whose own line the answer stands as ``ledger_rows.ROWS_TAKEN``.

    Returns:
        table and key of the rows that are gone.
    """
    after = ledger_rows.snapshot(con)
    changed = [(table, json.loads(key)) for (table, key), digest in before.items() if after.get((table, key)) != digest]
    kept = [(table, key) for table, key in changed if (table, json.dumps(key)) in after]
    for table, key in kept:
        if table == ledger_rows.RUNS:
            facts = {"event": "purged", **ledger_rows.run_facts(con, key[0], with_ledger=True)}
            append_all(con, [Entry("run", None, facts, key[0], said_by)], at=at)
        else:
            record(con, table, [key], at=at, said_by=said_by, facts={"event": "purged"})
    return [one for one in changed if one not in kept]
