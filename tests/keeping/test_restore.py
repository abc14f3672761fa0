"""What may stand at the place of a restore does not come into the restored warehouse, and nothing it knew is lost."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import at_rest
from pipelines.errors import HeldError, InputError, UsageError
from pipelines.keeping import files
from pipelines.keeping import restore as module
from pipelines.keeping.backup import back_up
from pipelines.keeping.restore import restore
from pipelines.warehouse import chain
from pipelines.warehouse.rekeyed import rekey
from pipelines.warehouse.store import Warehouse
from tests.keeping.made import AT, AUTHORITY, left_in

# Three keys of 32 bytes as base64.
ONE = "wM3uGk1qYtq3m0xJ6s0y1a6m8o2Zr5fU4hQb7nT9c1E="
OTHER = "J5vT0hXc8r2Lw6eQy9KpZsA1dF3gBn7mUo4iR6tYxW0="
SINCE = "HL/SINCE"
OLDER = Path(__file__).resolve().parents[1] / "warehouse" / "layout_1" / "warehouse.duckdb.gz"
KILLED = (
    "import os, sys; from pathlib import Path; from pipelines.warehouse.store import Warehouse\n"
    "store = Warehouse(Path(sys.argv[1]))\n"
    "store.connection.execute(\"update history.people set surname = 'Later'\")\n"
    "os.kill(os.getpid(), 9)"
)


@pytest.fixture
def warehouse(out: Path) -> Path:
    return out / "warehouse.duckdb"


@pytest.fixture
def backup(warehouse: Path, tmp_path: Path) -> Path:
    """A backup, since which the warehouse has given a reference."""
    made = back_up(warehouse, tmp_path / "kept", AT).path
    with Warehouse(warehouse) as store:
        row = [AUTHORITY, SINCE, f"{AUTHORITY}_900000000001", "issued"]
        store.connection.execute("insert into reference_map values (?, ?, ?, ?)", row)
    return made


def references(path: Path) -> list[str]:
    with Warehouse(path, read_only=True) as store:
        assert chain.verify(store.connection) == []
        return store.reference_map(AUTHORITY)["local_ref"].to_list()


def surnames(path: Path) -> set[str]:
    with Warehouse(path, read_only=True) as store:
        return {name for (name,) in store.connection.execute("select surname from history.people").fetchall()}


def test_what_waited_beside_a_lost_warehouse_is_not_laid_into_the_restored_one(warehouse: Path, backup: Path) -> None:
    before = surnames(backup)
    subprocess.run([sys.executable, "-c", KILLED, str(warehouse)], check=False)
    assert warehouse.with_name("warehouse.duckdb.wal").exists()
    warehouse.unlink()
    restore(backup, warehouse, AT)
    assert surnames(warehouse) == before != {"Later"}
    assert "warehouse.duckdb.before-restore-2025-10-08T023000Z.wal" in left_in(warehouse.parent)


def test_a_backup_from_before_the_key_comes_under_the_key_and_takes_over_what_was_given_since(
    warehouse: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rekey(warehouse, None, ONE, at=AT, by=None)
    with pytest.raises(UsageError, match=r"is encrypted\. Set HCLIC_WAREHOUSE_KEY"):
        restore(backup, warehouse, AT, is_replacing=True)
    monkeypatch.setenv(at_rest.KEY, ONE)
    done = restore(backup, warehouse, AT, is_replacing=True)
    assert (done.references_kept, done.is_older_read) == (1, True)
    assert at_rest.is_encrypted(warehouse) and SINCE in references(warehouse)


def test_a_backup_under_an_older_key_comes_under_todays(
    warehouse: Path, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rekey(warehouse, None, ONE, at=AT, by=None)
    monkeypatch.setenv(at_rest.KEY, ONE)
    made = back_up(warehouse, tmp_path / "second", AT).path
    rekey(warehouse, ONE, OTHER, at=AT, by=None)
    monkeypatch.setenv(at_rest.KEY, OTHER)
    before = warehouse.read_bytes()
    with pytest.raises(UsageError, match=rf"that {made.name} is encrypted with.*set HCLIC_BACKUP_KEY"):
        restore(made, warehouse, AT, is_replacing=True)
    monkeypatch.setenv(at_rest.BACKUP_KEY, OTHER)
    with pytest.raises(UsageError, match="The key in HCLIC_BACKUP_KEY is not the one"):
        restore(made, warehouse, AT, is_replacing=True)
    assert warehouse.read_bytes() == before
    monkeypatch.setenv(at_rest.BACKUP_KEY, ONE)
    restore(made, warehouse, AT, is_replacing=True)
    assert SINCE in references(warehouse)
    monkeypatch.delenv(at_rest.KEY)
    with pytest.raises(UsageError, match="HCLIC_WAREHOUSE_KEY is not"):
        restore(made, tmp_path / "new" / "warehouse.duckdb", AT)


def test_a_backup_of_an_older_layout_is_brought_to_the_newest_and_keeps_what_was_given_since(
    warehouse: Path, backup: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.duckdb"
    old.write_bytes(gzip.decompress(OLDER.read_bytes()))
    made = back_up(old, tmp_path / "older", AT)
    assert made.layout == 1
    given = set(references(warehouse))
    restore(made.path, warehouse, AT, is_replacing=True)
    assert given <= set(references(warehouse))


def test_a_warehouse_that_cannot_be_read_is_said(warehouse: Path, backup: Path) -> None:
    warehouse.write_bytes(b"a disk that is no more")
    assert not restore(backup, warehouse, AT, is_replacing=True).is_older_read


def test_a_backup_that_was_changed_with_its_digest_is_known_by_the_ledger(warehouse: Path, backup: Path) -> None:
    with Warehouse(backup) as store:
        store.connection.execute("update history.people set surname = 'Somebody'")
    files.write_digest(files.sha256_of(backup), backup)
    before = surnames(warehouse)
    with pytest.raises(InputError, match="held other bytes when it was made"):
        restore(backup, warehouse, AT, is_replacing=True)
    assert surnames(warehouse) == before


def test_nobody_writes_to_the_warehouse_between_its_reading_and_its_replacing(
    warehouse: Path, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as an officer's note: it would be in the replaced file alone."""
    swap, told = module._swap, []

    def writing(*given: object) -> Path | None:
        code = "import sys; from pathlib import Path; from pipelines.warehouse.store import Warehouse\n"
        code += "Warehouse(Path(sys.argv[1])).close()"
        done = subprocess.run([sys.executable, "-c", code, str(warehouse)], capture_output=True, text=True, check=False)
        told.append(done.stderr)
        return swap(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_swap", writing)
    restore(backup, warehouse, AT, is_replacing=True)
    assert HeldError.__name__ in told[0]


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n"])
def test_what_is_no_warehouse_is_not_restored(warehouse: Path, tmp_path: Path, content: bytes) -> None:
    other = tmp_path / "export.csv"
    other.write_bytes(content)
    with pytest.raises(InputError, match="backup could not be opened"):
        restore(other, tmp_path / "new" / "warehouse.duckdb", AT, is_unchecked=True)
    with pytest.raises(UsageError, match="is a folder"):
        restore(warehouse, tmp_path, AT, is_replacing=True, is_unchecked=True)


def test_the_second_name_that_a_killed_restore_left_goes(warehouse: Path, backup: Path) -> None:
    left = warehouse.with_name("warehouse.duckdb.before-restore-2025-10-07T023000Z")
    os.link(warehouse, left)
    restore(backup, warehouse, AT, is_replacing=True)
    assert not left.exists()


def test_a_folder_with_a_dot_in_its_name_is_a_folder(warehouse: Path, tmp_path: Path) -> None:
    made = back_up(warehouse, tmp_path / "backups.2025", AT)
    assert made.path.parent == tmp_path / "backups.2025"


def test_what_a_killed_backup_of_any_name_left_goes_and_the_digest_of_another_stays(
    warehouse: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    (folder / ".friday.duckdb.backing-up").mkdir(parents=True)
    for name in ("friday.duckdb.sha256", ".friday.duckdb.sha256.new", "moved-away.duckdb.sha256"):
        (folder / name).write_text("0" * 64)
    made = back_up(warehouse, folder, AT).path
    assert left_in(folder) == ["moved-away.duckdb.sha256", made.name, f"{made.name}.sha256"]
