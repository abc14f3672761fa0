"""The snapshots of an authority's DuckLake: what wrote each, and which hold what was signed off or submitted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from pipelines.errors import InputError
from pipelines.place import Lake
from pipelines.state import SIGNED_OFF, SUBMITTED
from pipelines.warehouse.lakes import NAME
from pipelines.warehouse.store import Warehouse

KEPT = (SIGNED_OFF, SUBMITTED)
"""States of a return whose snapshots are never expired."""
_KEEPING = "keeping the warehouse"


@dataclass(frozen=True)
class Snapshot:
    """A state of the warehouse that can be read: its number, when it was made (UTC), and what was done in it.

    ``things``: one dict per thing, as the lines of the ledger call it (``chain.told``); none where nothing was said:
    the warehouse was made, brought to a newer layout or tended.
    """

    number: int
    made_at: datetime
    things: tuple[dict[str, Any], ...]

    @property
    def signed(self) -> tuple[tuple[str, str], ...]:
        """Quarters whose return was signed off or submitted in it, each with the state."""
        found = ((str(one.get("quarter")), str(one.get("state"))) for one in self.things)
        return tuple(dict.fromkeys(one for one in found if one[1] in KEPT))

    @property
    def words(self) -> str:
        """What was done, without a name."""
        said = dict.fromkeys(
            " ".join(str(one[name]) for name in ("kind", "event", "state", "quarter", "run_id") if name in one)
            for one in self.things
        )
        return "; ".join(said) or _KEEPING


def of_connection(con: duckdb.DuckDBPyConnection) -> list[Snapshot]:
    """The snapshots that can be read, oldest first."""
    rows = con.execute(
        # A moment with its zone would ask for one more package.
        "select snapshot_id, epoch_us(snapshot_time), commit_extra_info"
        f" from ducklake_snapshots('{NAME}') order by snapshot_id"
    ).fetchall()
    return [
        Snapshot(int(number), datetime.fromtimestamp(moment / 1e6, UTC), _things(said)) for number, moment, said in rows
    ]


def _things(said: str | None) -> tuple[dict[str, Any], ...]:
    try:
        found = json.loads(said or "[]")
    except ValueError:
        return ()
    return tuple(one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()


def of_lake(lake: Lake) -> list[Snapshot]:
    """The snapshots of one authority's warehouse, oldest first.

    Raises:
        UsageError: there are several authorities, and none is named.
        InputError: there is no such warehouse, or it cannot be reached.
    """
    with Warehouse(lake, read_only=True) as store:
        return of_connection(store.connection)


def as_submitted(snapshots: list[Snapshot], quarter: str) -> int:
    """The number of the snapshot in which the quarter's return was last submitted; before that, signed off.

    Raises:
        InputError: it was neither.
    """
    for state in reversed(KEPT):
        found = [one.number for one in snapshots if (quarter, state) in one.signed]
        if found:
            return found[-1]
    raise InputError(f"No return of {quarter} was signed off in this warehouse.")
