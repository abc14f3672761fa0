"""Backup, restore, purge and a change of key, killed at random moments: one good warehouse, the next call is right."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from pipelines import at_rest
from pipelines.warehouse import chain
from pipelines.warehouse.rekeyed import rekey
from pipelines.warehouse.store import Warehouse
from tests.keeping.killed import KEYS, call, later
from tests.keeping.made import AT, GONE, OLD, held, holds, left_in, place

KILLS = 9
"""For each of the four. ``HARD`` of them by the count of changes, spread over all; the others at any time."""
HARD = 6
LEDGER = ("ledger_line", "ledger_said")


def moments(chance: Random, changes: int) -> list[dict[str, float]]:
    """When it is killed, in an order that chance gives."""
    step = changes / HARD
    counted = [{"number": int(step * one + chance.uniform(1, step))} for one in range(HARD)]
    timed = [{"seconds": chance.uniform(0.05, 1.5)} for _ in range(KILLS - HARD)]
    return chance.sample([*counted, *timed], KILLS)


def kill(what: str, folder: Path, is_good: Callable[[], bool]) -> int:
    """Count the changes of an undisturbed call on a copy, then kill on the folder itself; how many kills there were."""
    chance, kills = Random(what), 0
    copy = place(folder, folder.with_name("counted"))
    changes = call(what, copy, AT)
    assert changes > 0
    shutil.rmtree(copy)
    for number, moment in enumerate(moments(chance, changes), start=1):
        ended = call(what, folder, later(AT, number), **moment)  # type: ignore[arg-type]
        assert ended == -9 or ended > 0, (what, moment, ended)
        kills += ended == -9
        assert is_good(), (what, moment)
        assert [path for path in (folder / "out").rglob("*.duckdb*") if path.stat().st_mode & 0o077] == []
    assert call(what, folder, later(AT, KILLS + 1)) > 0
    return kills


def is_whole(warehouse: Path) -> bool:
    with Warehouse(warehouse, read_only=True) as store:
        return chain.verify(store.connection) == []


@pytest.fixture
def folder(before: Path, tmp_path: Path) -> Path:
    return place(before, tmp_path / "here")


def test_a_killed_backup_leaves_nothing_under_a_name_that_is_not_whole(folder: Path) -> None:
    warehouse = folder / "out" / "warehouse.duckdb"
    expected = held(warehouse, without=LEDGER)

    def is_good() -> bool:
        made = list((folder / "kept").glob("*.duckdb"))
        return is_whole(warehouse) and all(
            held(one, without=LEDGER) == expected and one.with_name(f"{one.name}.sha256").exists() for one in made
        )

    assert kill("back_up", folder, is_good) >= HARD
    names = left_in(folder / "kept")
    assert sorted(f"{name}.sha256" for name in names if name.endswith(".duckdb")) == [
        name for name in names if not name.endswith(".duckdb")
    ]
    assert left_in(folder / "out") == ["E06000034", "warehouse.duckdb"]


def test_a_killed_restore_leaves_the_older_or_the_restored_warehouse(folder: Path) -> None:
    warehouse = folder / "out" / "warehouse.duckdb"
    assert call("back_up", folder, AT) > 0
    restored = held(warehouse, without=LEDGER)
    with Warehouse(warehouse) as store:
        store.connection.execute("update runs set software_version = 'later'")
    older = held(warehouse, without=LEDGER)
    assert older != restored

    def is_good() -> bool:
        return warehouse.is_file() and held(warehouse, without=LEDGER) in (older, restored)

    assert kill("restore", folder, is_good) >= HARD
    assert held(warehouse, without=LEDGER) == restored and is_whole(warehouse)
    kept = list(warehouse.parent.glob("warehouse.duckdb.before-restore-*"))
    assert kept and not any(one.samefile(warehouse) for one in kept)
    assert any(held(one, without=LEDGER) == older for one in kept), "what was replaced is nowhere"
    assert not [name for name in left_in(warehouse.parent) if name.startswith(".")]


def test_a_killed_purge_leaves_the_whole_older_warehouse_and_the_next_one_finds_nothing(folder: Path) -> None:
    warehouse = folder / "out" / "warehouse.duckdb"
    older = held(warehouse, without=LEDGER)

    def is_good() -> bool:
        now = held(warehouse, without=LEDGER)
        return is_whole(warehouse) and (now == older or not holds(warehouse.parent, OLD))

    assert kill("purge", folder, is_good) >= 1
    assert [words for words in GONE if holds(folder / "out", words)] == []
    assert not [name for name in left_in(folder / "out") if name.startswith(".")]
    assert len(list((folder / "out").glob("purged-*.json"))) == 1, "a proof stands there of a purge that was not made"


def test_a_killed_change_of_key_leaves_one_good_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = folder / "out" / "warehouse.duckdb"
    rekey(warehouse, None, KEYS[0], at=AT, by=None)
    with at_rest.using(KEYS[0]):
        expected = held(warehouse, without=LEDGER)

    def is_good() -> bool:
        for key in KEYS:
            try:
                with at_rest.using(key):
                    return held(warehouse, without=LEDGER) == expected and is_whole(warehouse)
            except at_rest.WrongKeyError:
                continue
        return False

    kills = kill("rotate", folder, is_good)
    assert kills >= 1
    assert left_in(folder / "out") == ["E06000034", "warehouse.duckdb"]
