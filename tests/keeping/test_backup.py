"""A backup is whole, private and checked, whoever reads meanwhile; restored, the next run goes on as if nothing was."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import at_rest
from pipelines.errors import InputError, UsageError
from pipelines.keeping import files
from pipelines.keeping.backup import back_up
from pipelines.keeping.restore import restore
from pipelines.keeping.tables import connect, connect_to_read
from pipelines.warehouse import chain
from pipelines.warehouse.store import Warehouse
from tests.keeping.made import AT, AUTHORITY, OTHER, QUARTER, held, left_in, mode, run

NAME = "warehouse-2025-10-08T023000Z.duckdb"


def test_a_backup_holds_what_the_warehouse_held(out: Path, tmp_path: Path) -> None:
    warehouse = out / "warehouse.duckdb"
    before = held(warehouse)
    made = back_up(warehouse, tmp_path / "kept", AT)
    assert made.path == tmp_path / "kept" / NAME
    assert held(made.path) == before
    assert made.rows == sum(rows for rows, _ in before.values())
    assert left_in(tmp_path / "kept") == [NAME, f"{NAME}.sha256"]
    assert {mode(path) for path in (tmp_path / "kept").iterdir()} == {0o600}
    assert mode(tmp_path / "kept") == 0o700


def test_the_digest_beside_a_backup_is_what_sha256sum_checks(out: Path, tmp_path: Path) -> None:
    made = back_up(out / "warehouse.duckdb", tmp_path / "kept", AT)
    assert files.digest_file(made.path).read_text() == f"{files.sha256_of(made.path)}  {NAME}\n"


def test_a_backup_is_a_line_of_the_ledger(out: Path, tmp_path: Path) -> None:
    made = back_up(out / "warehouse.duckdb", tmp_path / "kept", AT, said_by="A. Smith")
    assert made.is_in_ledger
    with Warehouse(out / "warehouse.duckdb", read_only=True) as store:
        *_, line = chain.lines(store.connection)
        assert chain.verify(store.connection) == []
    assert (line.kind, line.said_by, line.facts["sha256"]) == ("backup", "A. Smith", made.sha256)


@pytest.fixture
def reader(out: Path) -> Iterator[None]:
    """Another process that reads the warehouse."""
    code = f"import duckdb, sys; con = duckdb.connect({str(out / 'warehouse.duckdb')!r}, read_only=True); print('open')"
    code += "; sys.stdout.flush(); sys.stdin.read()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == b"open\n"
        yield
        process.stdin.close()


@pytest.mark.usefixtures("reader")
def test_a_backup_is_made_while_somebody_reads(out: Path, tmp_path: Path) -> None:
    before = held(out / "warehouse.duckdb")
    made = back_up(out / "warehouse.duckdb", tmp_path / "kept", AT, seconds=0)
    assert held(made.path) == before
    assert not made.is_in_ledger, "a reader keeps the line out, and it is said"


def test_a_backup_holds_what_waits_beside_the_file(out: Path, tmp_path: Path) -> None:
    """What was committed and is not yet laid into the file's own columns."""
    warehouse = out / "warehouse.duckdb"
    with connect(warehouse) as con:
        con.execute("pragma disable_checkpoint_on_shutdown")
        con.execute("insert into confirmed_word values ('E06000034', 99, 'team', 'North', null, '2025-10-08', null)")
    assert warehouse.with_name("warehouse.duckdb.wal").stat().st_size
    made = back_up(warehouse, tmp_path / "kept", AT)
    assert left_in(tmp_path / "kept") == [NAME, f"{NAME}.sha256"]
    with connect_to_read(made.path) as con:
        assert con.execute("select word from confirmed_word").fetchall() == [("North",)]


def test_a_backup_overwrites_nothing(out: Path, tmp_path: Path) -> None:
    back_up(out / "warehouse.duckdb", tmp_path / "kept", AT)
    with pytest.raises(UsageError, match="overwrites nothing"):
        back_up(out / "warehouse.duckdb", tmp_path / "kept", AT)


def test_a_full_disk_leaves_no_backup(out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="no space left"):
        back_up(out / "warehouse.duckdb", tmp_path / "kept", AT)
    assert left_in(tmp_path / "kept") == []


def test_what_a_killed_backup_left_goes_with_the_next_one(out: Path, tmp_path: Path) -> None:
    left = tmp_path / "kept" / ".warehouse-2025-10-07T023000Z.duckdb.copying"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"names")
    back_up(out / "warehouse.duckdb", tmp_path / "kept", AT)
    assert left_in(tmp_path / "kept") == [NAME, f"{NAME}.sha256"]


def test_after_a_restore_the_next_run_goes_on_as_if_nothing_was(out: Path, tmp_path: Path) -> None:
    backup = back_up(out / "warehouse.duckdb", tmp_path / "kept", AT).path
    undisturbed, lost = tmp_path / "undisturbed", tmp_path / "lost"
    restore(backup, undisturbed / "warehouse.duckdb", AT)
    lost.mkdir()
    (lost / "warehouse.duckdb").write_bytes(b"a disk that is no more")
    done = restore(backup, lost / "warehouse.duckdb", AT, is_replacing=True)
    assert done.kept is not None and done.kept.read_bytes() == b"a disk that is no more"
    own = ("ledger_line", "ledger_said")
    assert held(lost / "warehouse.duckdb", without=own) == held(out / "warehouse.duckdb", without=own)
    assert mode(lost / "warehouse.duckdb") == 0o600
    results = {folder: run(folder, OTHER) for folder in (out, undisturbed, lost)}
    assert len(set(results.values())) == 1
    maps = {(folder / AUTHORITY / QUARTER / "reference_map.csv").read_bytes() for folder in results}
    found = {(folder / AUTHORITY / QUARTER / "findings" / "findings.csv").read_bytes() for folder in results}
    assert len(maps) == len(found) == 1


def test_a_restore_says_in_the_ledger_what_it_restored(out: Path, tmp_path: Path) -> None:
    made = back_up(out / "warehouse.duckdb", tmp_path / "kept", AT)
    with Warehouse(made.path, read_only=True) as store:
        head = chain.head(store.connection)
    restore(made.path, out / "warehouse.duckdb", AT, is_replacing=True)
    with Warehouse(out / "warehouse.duckdb", read_only=True) as store:
        *_, line = chain.lines(store.connection)
        assert chain.verify(store.connection) == []
    assert (line.kind, line.facts["head"], line.facts["sha256"]) == ("restore", head, made.sha256)
    assert line.facts["lines_not_in_backup"] == 1, "the line of the backup itself"


def test_references_given_since_the_backup_are_not_given_again(out: Path, tmp_path: Path) -> None:
    backup = back_up(out / "warehouse.duckdb", tmp_path / "kept", AT).path
    with Warehouse(out / "warehouse.duckdb") as store:
        store.connection.execute(
            "insert into reference_map values (?, 'HL/7', ?, 'issued')", [AUTHORITY, f"{AUTHORITY}_900000000001"]
        )
    done = restore(backup, out / "warehouse.duckdb", AT, is_replacing=True)
    assert done.references_kept == 1
    with Warehouse(out / "warehouse.duckdb", read_only=True) as store:
        assert f"{AUTHORITY}_900000000001" in store.reference_map(AUTHORITY)["case_ref"].to_list()


def test_a_restore_replaces_nothing_unasked(out: Path, tmp_path: Path) -> None:
    backup = back_up(out / "warehouse.duckdb", tmp_path / "kept", AT).path
    before = (out / "warehouse.duckdb").read_bytes()
    with pytest.raises(UsageError, match="--replace"):
        restore(backup, out / "warehouse.duckdb", AT)
    assert (out / "warehouse.duckdb").read_bytes() == before


def test_a_backup_that_was_changed_is_not_restored(out: Path, tmp_path: Path) -> None:
    backup = back_up(out / "warehouse.duckdb", tmp_path / "kept", AT).path
    content = bytearray(backup.read_bytes())
    content[len(content) // 2] ^= 1
    backup.write_bytes(content)
    with pytest.raises(InputError, match="digest is another"):
        restore(backup, tmp_path / "new" / "warehouse.duckdb", AT)
    assert not (tmp_path / "new" / "warehouse.duckdb").exists()


def test_a_file_without_a_digest_is_restored_only_when_told_so(out: Path, tmp_path: Path) -> None:
    backup = back_up(out / "warehouse.duckdb", tmp_path / "kept", AT).path
    files.digest_file(backup).unlink()
    with pytest.raises(InputError, match="--unchecked"):
        restore(backup, tmp_path / "new" / "warehouse.duckdb", AT)
    assert restore(backup, tmp_path / "new" / "warehouse.duckdb", AT, is_unchecked=True).runs == 1


def test_a_backup_of_an_encrypted_warehouse_is_encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(at_rest.KEY, at_rest.new_key())
    warehouse = tmp_path / "warehouse.duckdb"
    with Warehouse(warehouse) as store:
        store.connection.execute("insert into reference_map values ('E06000034', 'SENTINEL', 'E1', 'issued')")
    made = back_up(warehouse, tmp_path / "kept", AT)
    assert at_rest.is_encrypted(made.path)
    assert b"SENTINEL" not in made.path.read_bytes()
    restore(made.path, tmp_path / "new" / "warehouse.duckdb", AT)
    assert at_rest.is_encrypted(tmp_path / "new" / "warehouse.duckdb")
    with Warehouse(tmp_path / "new" / "warehouse.duckdb", read_only=True) as store:
        assert store.reference_map(AUTHORITY)["local_ref"].to_list() == ["SENTINEL"]
    monkeypatch.setenv(at_rest.KEY, at_rest.new_key())
    with pytest.raises(UsageError, match="not the one"):
        restore(made.path, tmp_path / "third" / "warehouse.duckdb", AT)
