"""Catalogue and data of a DuckLake backed up while it is used, and put in place with newer data files present."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines import at_rest
from pipelines.errors import InputError, UsageError
from pipelines.fleet import tending
from pipelines.fleet.lake_backup import back_up
from pipelines.fleet.lake_restore import Restored, restore
from pipelines.place import Lake
from pipelines.warehouse import chain
from pipelines.warehouse.lakes import schema_of
from pipelines.warehouse.store import Warehouse
from tests.fleet.lakes import Catalogues
from tests.warehouse.stored import LA, as_it_was, freeze, sections_of

NIGHT = datetime(2026, 11, 28, 2, 15, tzinfo=UTC)


def _run(store: Warehouse, number: int) -> None:
    rows = [{"case_ref": f"{LA}_{case}", "officer": f"Ann Other {number}"} for case in range(60)]
    freeze(store, f"r{number}", sections_of(main=rows))


def _know(store: Warehouse, *given: str) -> None:
    with store.transaction():
        for ref in given:
            store.connection.execute("insert into reference_map values (?, ?, ?, 'ours')", [LA, ref, f"{LA}_{ref}"])


def _put(backup: Path, lake: Lake, data: Path | None = None, *, is_replacing: bool = False) -> Restored:
    at = NIGHT + timedelta(days=2)
    (done,) = restore(backup, lake, at, data=None if data is None else str(data), is_replacing=is_replacing)
    assert done.fault is None
    return done


def test_a_catalogue_is_restored_beside_newer_data_files(
    lake: Lake, tmp_path: Path, catalogues: Catalogues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(at_rest.KEY, at_rest.new_key())
    folder, to = tmp_path / "data" / schema_of(LA), tmp_path / "backups"
    with Warehouse(lake.of(LA)) as store:
        _run(store, 1)
        first = as_it_was(store, "r1")
        _know(store, "a")
        made = back_up(lake, to, NIGHT)
        assert made.without_line == (LA,), "somebody writes: the backup stands without a line"
        _run(store, 2)
    again = back_up(lake, to, NIGHT + timedelta(days=1))
    assert 0 < again.new_files < again.files, "only what is new is copied"
    assert [path for path in to.rglob("*") if path.is_file() and path.stat().st_mode & 0o077] == []
    with Warehouse(lake.of(LA)) as store:
        assert [line.kind for line in chain.lines(store.connection)][-1] == "backup"
        _know(store, "b")
    newer = set(folder.rglob("*.parquet"))

    with pytest.raises(UsageError, match="--replace"):
        list(restore(made.path, lake, NIGHT))
    done = _put(made.path, lake, is_replacing=True)
    assert (done.copied, done.references) == (0, 1), "a reference given since the backup is not given twice"
    assert done.unknown == len(newer) - made.files > 0
    with Warehouse(lake.of(LA)) as store:
        assert store.connection.execute("select run_id from runs").fetchall() == [("r1",)]
        assert as_it_was(store, "r1") == first
        assert sorted(store.reference_map(LA)["local_ref"]) == ["a", "b"]
        assert chain.verify(store.connection) == []
        _run(store, 2)
        second = as_it_was(store, "r2")
    assert newer < set(folder.rglob("*.parquet"))
    (tended,) = tending.tend(lake, datetime.now(UTC) + timedelta(days=2), grace_hours=0)
    assert tended.fault is None
    with Warehouse(lake.of(LA), read_only=True) as store:
        assert (as_it_was(store, "r1"), as_it_was(store, "r2")) == (first, second)

    catalogues.do("create database elsewhere")
    other = catalogues.address("elsewhere")
    assert at_rest.is_encrypted(again.path), "it holds the keys of the data"
    with monkeypatch.context() as without, pytest.raises(at_rest.WrongKeyError):
        without.delenv(at_rest.KEY)
        list(restore(again.path, other, NIGHT))
    assert _put(again.path, other, tmp_path / "other").copied == again.files
    with Warehouse(other.of(LA), read_only=True) as store:
        assert (as_it_was(store, "r1"), as_it_was(store, "r2")) == (first, second)

    for damaged in (to / "data").rglob("*.parquet"):
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match="not what was written"):
        list(restore(again.path, other, NIGHT, is_replacing=True))
