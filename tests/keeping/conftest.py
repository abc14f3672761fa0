"""A warehouse of one clean run, made once and copied for each test of this folder."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from pipelines.warehouse import chain, notes, waivers
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
    run(out, export(folder / "export"))
    with Warehouse(out / "warehouse.duckdb") as store, store.transaction():
        con = store.connection
        found = con.execute(
            "select finding_id from findings where case_ref = (select case_ref from reference_map where local_ref = ?)",
            [OLD],
        ).fetchone()
        assert found is not None
        notes.say(con, AUTHORITY, found[0], NOTE, by="A. Smith", on=AT.date(), where="here")
        said = {"rule_id": "H-08", "case_ref": OLD, "owner": "A. Smith", "reason": NOTE, "expires": date(2026, 1, 1)}
        waivers.give(con, AUTHORITY, said, by="A. Smith", on=AT.date())
        chain.append(con, "note", la_code=AUTHORITY, at=AT, facts={"rule_id": "H-08"}, said={"note": NOTE})
    return folder
