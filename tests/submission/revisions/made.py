"""Runs of a few cases for tests of what comes after a run: made once a session, copied for each test."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.period import Quarter
from pipelines.run.request import Request
from pipelines.run.run import Ended, make
from pipelines.submission.remade import book_of
from pipelines.warehouse.quarter import run_of
from pipelines.warehouse.store import Warehouse
from tests.few import few, without

AUTHORITY, QUARTER = "E06000034", Quarter(2025, 3)
FIRST, LATER = datetime(2025, 10, 8, tzinfo=UTC), datetime(2025, 11, 20, tzinfo=UTC)


def request(out: Path, export: Path | None = None, **more: Any) -> Request:
    return Request(
        **{
            "export": export or few(),
            "authority": AUTHORITY,
            "quarter": QUARTER,
            "source": "native",
            "out": out,
            "started": FIRST,
            "personal": True,
            "pages": False,
            **more,
        }
    )


def made(out: Path, export: Path | None = None, **more: Any) -> Ended:
    """A run without the files that are not of the return."""
    with without():
        return make(request(out, export, **more))


def run_id_of(folder: Path) -> str:
    return str(json.loads((folder / "ledger.json").read_text(encoding="utf-8"))["run_id"])


def sign_off(warehouse: Path, run_id: str, folder: Path | None = None) -> None:
    """Sign the return of the run off, as the command does, without what is asked before."""
    with Warehouse(warehouse) as store:
        con, run = store.connection, run_of(store, run_id)
        (number,) = con.execute(
            "select coalesce(max(state_no), 0) + 1 from sign_off where la_code = ? and quarter = ?",
            [run.la_code, str(run.quarter)],
        ).fetchone()  # type: ignore[misc]
        con.execute(
            "insert into sign_off (la_code, quarter, state_no, run_id, state, said_by, said_at, line_no)"
            " values (?, ?, ?, ?, 'signed_off', 'A. Manager', '2025-10-20T10:00:00+00:00', 0)",
            [run.la_code, str(run.quarter), number, run_id],
        )
        if folder is not None:
            sent = book_of(store, run).return_files
            for path in (folder / "return").iterdir():
                con.execute(
                    "insert into frozen_file (la_code, quarter, run_id, name, sha256, content)"
                    " values (?, ?, ?, ?, ?, ?)",
                    [run.la_code, str(run.quarter), run_id, path.name, sent[path.name], path.read_bytes()],
                )


Rows = list[dict[str, str]]


def export_with(folder: Path, **changes: Callable[[Rows], Rows | None]) -> Path:
    """A copy of the few cases in which the rows of a file (by its stem) are changed."""
    shutil.copytree(few(), folder)
    for stem, change in changes.items():
        path = folder / f"{stem}.csv"
        with path.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            names, rows = list(reader.fieldnames or ()), list(reader)
        rows = change(rows) or rows
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, names)
            writer.writeheader()
            writer.writerows(rows)
    return folder
