"""A warehouse of one clean run, made once and copied for each test of this folder."""

from __future__ import annotations

import shutil
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from pipelines.warehouse import chain, notes, run_lines, waivers
from pipelines.warehouse.store import Warehouse
from tests.keeping.made import AT, AUTHORITY, NOTE, OLD, export, run


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of one clean run, with its warehouse and a note on a finding of it."""
    folder = tmp_path_factory.mktemp("made") / "out"
    assert run(folder) == "clean"
    with Warehouse(folder / "warehouse.duckdb") as store, store.transaction():
        notes.say(
            store.connection, AUTHORITY, "f0000000", "asked the officer", by="A. Smith", on=AT.date(), where="here"
        )
    return folder


@pytest.fixture
def out(made_once: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(made_once, tmp_path / "out"))


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with export, output folder and backup: one run, with a note and a waiver on a case that is over."""
    folder = tmp_path_factory.mktemp("purge")
    out = folder / "out"
    # Whole: what is purged or told may stand in any file.
    run(out, export(folder / "export"), is_whole=True)
    with Warehouse(out / "warehouse.duckdb") as store, store.transaction():
        con = store.connection
        found = con.execute(
            "select finding_id, case_ref from findings inner join reference_map using (case_ref)"
            " where reference_map.local_ref = ?",
            [OLD],
        ).fetchone()
        assert found is not None
        notes.say(con, AUTHORITY, found[0], NOTE, by="A. Smith", on=AT.date(), where="here")
        said = {"rule_id": "H-08", "case_ref": OLD, "owner": "A. Smith", "reason": NOTE, "expires": date(2026, 1, 1)}
        waivers.give(con, AUTHORITY, said, by="A. Smith", on=AT.date())
        notes.say(con, AUTHORITY, found[0], "ok", by="A. Smith", on=AT.date(), where="here")
        _name_the_case(store, found[1])
    return folder


def _name_the_case(store: Warehouse, case_ref: str) -> None:
    """Let the ledger of the run, and a return that was signed off, hold the reference of a case."""
    run_id = store.newest_run(AUTHORITY)
    assert run_id is not None
    book = store.ledger_of(run_id) or {}
    book["cases"]["excluded_for_errors"] = {"reason": "late", "cases": [case_ref]}
    store.save_ledger(run_id, book, "clean")
    run_lines.add(store.connection, run_id, "written", book, at=AT, by=None)
    content = f"<CASE>{case_ref}</CASE>".encode()
    row = [AUTHORITY, "2019-Q3", run_id, "hclic_case.xml", sha256(content).hexdigest(), content]
    store.connection.execute("insert into frozen_file values (?, ?, ?, ?, ?, ?)", row)
    chain.record(store.connection, "frozen_file", [tuple(row[:4])], at=AT)
