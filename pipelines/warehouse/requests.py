"""What each run was asked for, as it was typed: by it a quarter is made again with what changed alone named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb

TABLES = {"run_request": "run_id varchar primary key, request varchar not null"}
"""The columns of its table. ``request`` is JSON: value by option. It holds paths, and no password: an address of a
database that holds one is refused."""

IS_WHOLE = (
    "runs.run_id not in (select run_id from run_request where json_extract_string(request, '$.only') is not null)"
)
"""Of a row of ``runs``, in SQL: the run was asked for a whole return, not for findings or metrics alone. The others are
passed over wherever the return of a quarter is meant."""


def save(con: duckdb.DuckDBPyConnection, run_id: str, typed: Mapping[str, Any]) -> None:
    """Keep the options of a run, in place of those kept before."""
    con.execute("delete from run_request where run_id = ?", [run_id])
    con.execute("insert into run_request values (?, ?)", [run_id, json.dumps(dict(typed), sort_keys=True)])


def read(con: duckdb.DuckDBPyConnection, run_id: str) -> dict[str, Any] | None:
    """Value by option of a run; None where it was made before they were kept."""
    row = con.execute("select request from run_request where run_id = ?", [run_id]).fetchone()
    return None if row is None else dict(json.loads(row[0]))
