"""A warehouse of one clean run, made once and copied for each test of this folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.warehouse import notes
from pipelines.warehouse.store import Warehouse
from tests.keeping.made import AT, AUTHORITY, run


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
