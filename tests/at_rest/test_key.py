"""``hclic key``: encrypt a warehouse, change its key, lay it down; killed at any moment one good file is left."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines import at_rest
from pipelines.cli import app
from pipelines.errors import HclicError, HeldError, InputError, UsageError
from pipelines.private import WORK
from pipelines.warehouse import chain, rekeyed
from pipelines.warehouse.store import Warehouse
from tests.warehouse.stored import freeze, sections_of

SENTINEL = b"Zebedee-Quillfeather"
# Three keys of 32 bytes as base64: written out, since tests that are dealt to several processes are named by them.
ONE = "wM3uGk1qYtq3m0xJ6s0y1a6m8o2Zr5fU4hQb7nT9c1E="
OTHER = "J5vT0hXc8r2Lw6eQy9KpZsA1dF3gBn7mUo4iR6tYxW0="
THIRD = "p8Zk2Nf6Qa4Vw1Xc9Gb3Ht7Jm5Ly0RsTd6Ue8Io2PqE="
LA = "E06000034"
AT = datetime(2025, 10, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "warehouse.duckdb"
    case = {"la_code": LA, "case_ref": f"{LA}_000000000001"}
    with at_rest.using(None), Warehouse(path) as store:
        freeze(store, "run", sections_of(main=[case], people=[{**case, "surname": SENTINEL.decode()}]))
    return path


@pytest.fixture
def path(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(at_rest.KEY, raising=False)
    path = tmp_path / made.name
    shutil.copy2(made, path)
    return path


def hclic(*arguments: str, said: str | None = None) -> str:
    ended = CliRunner().invoke(app, ["key", *arguments], input=said)
    if isinstance(ended.exception, HclicError):
        raise ended.exception
    assert ended.exit_code == 0, ended.output
    return ended.output


def surnames(path: Path) -> list[str]:
    with Warehouse(path, read_only=True) as store:
        return [name for (name,) in store.connection.execute("select surname from snapshot_people").fetchall()]


def said(path: Path) -> list[tuple[str, dict[str, object], str | None]]:
    with Warehouse(path, read_only=True) as store:
        assert chain.verify(store.connection) == []
        return [(line.kind, line.facts, line.said_by) for line in chain.lines(store.connection)]


def test_a_warehouse_is_encrypted_given_another_key_and_decrypted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SENTINEL in path.read_bytes()
    monkeypatch.setenv(at_rest.KEY, ONE)
    assert "keep the key" in hclic("encrypt", "--warehouse", str(path), "--by", "A. Smith")
    assert SENTINEL not in path.read_bytes() and surnames(path) == [SENTINEL.decode()]
    monkeypatch.setenv(at_rest.NEW_KEY, OTHER)
    assert "new key" in hclic("rotate", "--warehouse", str(path), "--by", "A. Smith")
    with pytest.raises(UsageError, match="is not the one"):
        surnames(path)
    monkeypatch.setenv(at_rest.KEY, OTHER)
    assert surnames(path) == [SENTINEL.decode()]
    told = said(path)
    assert [line for line in told if line[0] == "key"] == [
        ("key", {"what": "encrypted"}, "A. Smith"),
        ("key", {"what": "new key"}, "A. Smith"),
    ]
    assert all(key not in str(told) for key in (ONE, OTHER))
    hclic("decrypt", "--warehouse", str(path), "--yes")
    monkeypatch.delenv(at_rest.KEY)
    assert surnames(path) == [SENTINEL.decode()]
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert at_rest.is_private(path)


def test_the_new_key_is_asked_for_where_the_environment_has_none(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(at_rest.KEY, ONE)
    hclic("encrypt", "--warehouse", str(path))
    hclic("rotate", "--warehouse", str(path), said=f"{OTHER}\n")
    monkeypatch.setenv(at_rest.KEY, OTHER)
    assert surnames(path) == [SENTINEL.decode()]


@pytest.mark.parametrize(
    ("command", "key", "new", "words"),
    [
        (["encrypt"], None, None, "Set HCLIC_WAREHOUSE_KEY to the key"),
        (["encrypt"], "short", None, "too short"),
        (["rotate"], ONE, OTHER, "is not encrypted. Encrypt it with"),
        (["decrypt", "--yes"], ONE, None, "is not encrypted. Encrypt it with"),
    ],
)
def test_what_cannot_be_done_to_a_plain_file_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], key: str | None, new: str | None, words: str
) -> None:
    for name, value in ((at_rest.KEY, key), (at_rest.NEW_KEY, new)):
        if value is not None:
            monkeypatch.setenv(name, value)
    before = path.read_bytes()
    with pytest.raises(UsageError) as raised:
        hclic(*command, "--warehouse", str(path))
    assert words in str(raised.value) and path.read_bytes() == before


@pytest.mark.parametrize(
    ("key", "new", "words"),
    [
        (None, OTHER, "is encrypted. Set HCLIC_WAREHOUSE_KEY"),
        (OTHER, THIRD, "is not the one"),
        (ONE, ONE, "The new key is the old one"),
        (ONE, "", "HCLIC_WAREHOUSE_KEY_NEW is empty"),
        (ONE, "x" * 64, "The key in HCLIC_WAREHOUSE_KEY_NEW is too short or too simple"),
    ],
)
def test_a_key_that_does_not_fit_changes_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, key: str | None, new: str, words: str
) -> None:
    monkeypatch.setenv(at_rest.KEY, ONE)
    hclic("encrypt", "--warehouse", str(path))
    before = path.read_bytes()
    monkeypatch.setenv(at_rest.NEW_KEY, new)
    if key is None:
        monkeypatch.delenv(at_rest.KEY)
    else:
        monkeypatch.setenv(at_rest.KEY, key)
    with pytest.raises(UsageError) as raised:
        hclic("rotate", "--warehouse", str(path))
    assert words in str(raised.value)
    assert path.read_bytes() == before and [entry.name for entry in path.parent.iterdir()] == [path.name]


PROGRAM = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from pipelines.warehouse import rekeyed
moment, old, new = sys.argv[2:5]
at = getattr(rekeyed, moment)
def killed(*given):
    if moment == "_put_in_place":
        at(*given)
    os.kill(os.getpid(), 9)
setattr(rekeyed, moment, killed)
rekeyed.rekey(Path(sys.argv[1]), old or None, new or None, at=datetime(2025, 10, 20, tzinfo=UTC), by=None)
"""


@pytest.mark.parametrize(("moment", "key"), [("_write", ONE), ("_check", ONE), ("_put_in_place", OTHER)])
def test_killed_in_the_middle_it_leaves_one_good_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, key: str
) -> None:
    rekeyed.rekey(path, None, ONE, at=AT, by=None)
    ended = subprocess.run([sys.executable, "-c", PROGRAM, str(path), moment, ONE, OTHER], check=False)
    assert ended.returncode == -9 and (path.parent / WORK).is_dir()
    monkeypatch.setenv(at_rest.KEY, key)
    assert surnames(path) == [SENTINEL.decode()]
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_copy_that_lost_a_row_is_not_put_in_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writing = rekeyed._write

    def lossy(held: duckdb.DuckDBPyConnection, copy: Path, key: str | None, *given: object) -> None:
        writing(held, copy, key, *given)  # type: ignore[arg-type]
        with at_rest.using(key), at_rest.connect(copy) as con:
            con.execute("delete from history.people")

    monkeypatch.setattr(rekeyed, "_write", lossy)
    before = path.read_bytes()
    with pytest.raises(InputError, match="nothing was changed"):
        rekeyed.rekey(path, None, ONE, at=AT, by=None)
    assert path.read_bytes() == before and [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_warehouse_that_another_program_holds_is_left_alone(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from pipelines.warehouse.store import Warehouse\n"
        "store = Warehouse(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "open\n"
        with pytest.raises(HeldError):
            rekeyed.rekey(path, None, ONE, at=AT, by=None)
        holder.communicate()


def test_the_log_of_a_killed_run_is_laid_into_the_file_first(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import os, sys; from pathlib import Path; from pipelines.warehouse.store import Warehouse\n"
        "store = Warehouse(Path(sys.argv[1]))\n"
        "store.connection.execute(\"update history.people set surname = 'Later'\")\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert path.with_name(f"{path.name}.wal").exists()
    rekeyed.rekey(path, None, ONE, at=AT, by=None)
    monkeypatch.setenv(at_rest.KEY, ONE)
    assert surnames(path) == ["Later"] and [entry.name for entry in path.parent.iterdir()] == [path.name]
