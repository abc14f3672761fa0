"""A machine that refuses ends a run in one sentence and the right status, and the next run is right."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.errors import HeldError, InputError, PassingError, SurroundingsError, UsageError
from pipelines.surroundings import LEAST_MEMORY, told
from tests.faults.forked import AUTHORITY, EXPORT, QUARTER, Ended, Runs, arguments, runs

WORK = f"{AUTHORITY}/.{QUARTER}.new"


@pytest.fixture(scope="module")
def server() -> Iterator[Runs]:
    with runs() as one:
        yield one


def left(folder: Path) -> list[str]:
    """What a run leaves for the next one."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.name.startswith("."))


def sentence(ended: Ended) -> str:
    assert "unforeseen" not in ended.errors and "Traceback" not in ended.errors, ended.errors
    lines = [line for line in ended.errors.splitlines() if line.startswith("hclic: ")]
    assert len(lines) == 1, ended.errors
    return lines[0].removeprefix("hclic: ")


# --- which sentence ----------------------------------------------------------------------------------------------


def from_none(error: Exception, said: Exception) -> Exception:
    try:
        try:
            raise error
        except Exception:
            raise said from None
    except Exception as both:
        return both


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (OSError(errno.ENOSPC, "", "/x/y"), SurroundingsError, "no room left on the disk of /x/y. Free some"),
        (OSError(errno.EDQUOT, "", "/x"), SurroundingsError, "no room left"),
        (OSError(errno.EROFS, "", "/x"), SurroundingsError, "/x can only be read"),
        (PermissionError(errno.EACCES, "", "/x"), SurroundingsError, "no right to /x"),
        (OSError(errno.ESTALE, "", "/x"), PassingError, "share of /x does not answer"),
        (OSError(errno.EIO, ""), PassingError, "does not answer"),
        (FileNotFoundError(errno.ENOENT, "", "/x"), PassingError, "/x went away while hclic was at work"),
        (OSError(errno.EBUSY, "", "/x"), PassingError, "Another program has /x open"),
        (OSError(errno.EMFILE, ""), SurroundingsError, "Too many files are open"),
        (OSError(errno.EFBIG, "", "/x"), SurroundingsError, "larger than this account may write"),
        (MemoryError(), SurroundingsError, "not enough memory"),
        (duckdb.OutOfMemoryException("failed to allocate 1 MB"), SurroundingsError, "not enough memory"),
        (duckdb.IOException('Could not write: "No space left on device"'), SurroundingsError, "no room left"),
        (RuntimeError("write failed (os error 28)"), SurroundingsError, "no room left"),
        (from_none(OSError(errno.ENOSPC, ""), UsageError("It cannot be written.")), SurroundingsError, "no room"),
    ],
)
def test_what_the_machine_refuses_is_told_with_what_to_do(error: Exception, kind: type, words: str) -> None:
    found = told(error)
    assert type(found) is kind and found.exit_code == 3
    assert words in str(found) and str(found).endswith((".",))


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Smith"),
        KeyError("Smith"),
        UsageError("Say it otherwise."),
        from_none(OSError(errno.EACCES, "", "/x"), UsageError("The folder /x cannot be written.")),
        HeldError("Another run is at work."),
    ],
)
def test_a_fault_of_ours_and_a_sentence_that_says_enough_stay_what_they_are(error: Exception) -> None:
    assert told(error) is None


def test_where_the_error_does_not_tell_the_folders_are_tried(tmp_path: Path) -> None:
    assert told(RuntimeError("Smith"), tmp_path) is None
    assert str(tmp_path / "gone") in str(told(RuntimeError("Smith"), tmp_path, tmp_path / "gone"))


# --- what a run says ---------------------------------------------------------------------------------------------

GOES = "shutil.rmtree({!r})"


@pytest.mark.parametrize(
    ("what", "at"),
    [("work", "emit_tables"), ("out", "freeze"), ("store", "freeze"), ("store", "finish")],
)
def test_a_folder_that_goes_in_mid_run_is_named_and_the_next_run_is_right(
    server: Runs, what: str, at: str, tmp_path: Path
) -> None:
    out, store = tmp_path / "out", tmp_path / "share" / "warehouse.duckdb"
    where = ("--warehouse", str(store))
    gone = {"work": out / WORK, "out": out, "store": store.parent}[what]
    if what == "store":
        assert server.run(tmp_path / "before", *where).status == 0
    ended = server.run(out, *where, at=at, act=GOES.format(str(gone)))
    assert ended.status == 3
    assert str(gone) in sentence(ended) and "went away while hclic was at work" in ended.errors
    assert not (out / AUTHORITY / QUARTER).exists()
    if what == "store":
        assert not store.exists(), "a second warehouse would give out references again"
        return
    assert server.run(out, *where).status == 0
    assert left(tmp_path) == []


def test_a_file_that_may_not_grow_ends_in_a_sentence(server: Runs, tmp_path: Path) -> None:
    ended = server.run(tmp_path, limits={"RLIMIT_FSIZE": 50_000})
    assert ended.status == 3
    assert "larger than this account may write here" in sentence(ended)
    assert server.run(tmp_path).status == 0
    assert left(tmp_path) == []


@contextmanager
def small_disk(place: Path, megabytes: float) -> Iterator[Path]:
    place.mkdir()
    size = f"size={int(megabytes * 1024)}k"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("a small disk can be made by root only")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


FILL = """
handle = os.open({filler!r}, os.O_WRONLY | os.O_CREAT)
os.write(handle, bytes(max(1, shutil.disk_usage({disk!r}).free - {room})))
os.close(handle)
"""


@pytest.mark.parametrize(
    ("at", "room"),
    [("nothing", 0), ("freeze", 1), ("emit_tables", 0), ("finish", 0)],
)
def test_a_full_disk_is_told_and_with_room_the_run_is_right(server: Runs, at: str, room: int, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        filler = disk / "filler"
        fill = FILL.format(disk=str(disk), filler=str(filler), room=room << 20)
        if at == "nothing":
            exec(fill)
        ended = server.run(disk / "out", at=at, act=fill)
        assert ended.status == 3
        assert "There is no room left on the disk of" in sentence(ended) and str(disk) in ended.errors
        assert not (disk / "out" / AUTHORITY / QUARTER).exists()
        filler.unlink()
        assert server.run(disk / "out").status == 0
        assert left(disk) == []


def test_a_disk_that_is_full_in_the_middle_of_a_step_is_told(server: Runs, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        fill = FILL.format(disk=str(disk), filler=str(disk / "filler"), room=0)
        ended = server.run(disk / "out", write=30, act=fill)
        assert ended.status == 3
        assert "There is no room left on the disk of" in sentence(ended) and str(disk) in ended.errors
        (disk / "filler").unlink()
        assert server.run(disk / "out").status == 0
        assert left(disk) == []


def test_a_warehouse_folder_that_can_only_be_read_from_the_start_is_told(server: Runs, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 12) as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        ended = server.run(tmp_path / "out", "--warehouse", str(disk / "w.duckdb"))
        assert (ended.status, str(disk) in sentence(ended)) == (3, True)
    assert left(tmp_path) == []


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_run_that_is_told_to_stop_takes_its_work_folder_with_it(server: Runs, name: str, tmp_path: Path) -> None:
    import signal

    number = int(getattr(signal, name))
    ended = server.run(tmp_path, at="emit_return", act=f"os.kill(os.getpid(), {number})")
    assert ended.status == 128 + number
    assert sentence(ended).startswith(f"stopped by {name} before its end.")
    assert left(tmp_path) == []
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as con:
        assert con.execute("select result from runs").fetchall() == [("stopped",)]


def test_a_clock_that_was_moved_back_changes_no_result(server: Runs, tmp_path: Path) -> None:
    first = server.run(tmp_path, now="2026-03-01T12:00:00+00:00")
    # The export is another one, so that it is a run of its own.
    export = shutil.copytree(Path(__file__).parents[1] / "golden/one-bad-case-blocks/input", tmp_path / "export")
    second = server.run(tmp_path, now="2025-10-02T12:00:00+00:00", export=export)
    assert (first.status, second.status) == (0, 1), second.errors
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as con:
        assert con.execute("select result from runs order by run_order").fetchall() == [("clean",), ("blocked",)]
    too_early = server.run(tmp_path / "other", now="2025-01-01T12:00:00+00:00")
    assert too_early.status == 2
    assert sentence(too_early)


# --- the command as it is installed ------------------------------------------------------------------------------


def command(tmp_path: Path, script: str, **environment: str) -> Ended:
    import sys

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path)
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.skipif(not hasattr(os, "fork") or os.uname().sysname != "Linux", reason="nobody watches there")
@pytest.mark.parametrize(
    ("dies_of", "status", "words"),
    [
        ("SIGKILL", 3, "most likely because memory ran out"),
        ("SIGABRT", 3, "most likely because memory ran out"),
        ("SIGBUS", 3, "a disk is full"),
        ("SIGSEGV", 3, "ended without a word"),
    ],
)
def test_a_command_that_the_system_ends_has_a_last_word(dies_of: str, status: int, words: str, tmp_path: Path) -> None:
    ended = command(tmp_path, DIES.format(f"os.kill(os.getpid(), signal.{dies_of})"))
    assert (ended.status, ended.said) == (status, "")
    assert words in sentence(ended) and dies_of in ended.errors


def test_a_signal_to_the_one_that_watches_reaches_the_command(tmp_path: Path) -> None:
    ended = command(tmp_path, DIES.format("os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)"))
    assert ended.status == 143
    assert sentence(ended).startswith("stopped by SIGTERM")


def test_who_kills_the_one_that_watches_ends_the_command_too(tmp_path: Path) -> None:
    # The command holds the pipe for as long as it lives: what is read from it ends with it.
    ended = command(tmp_path, DIES.format("os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)"))
    assert ended.status == -9


DIES = """
import os, signal, sys, time
from pipelines import cli
def app(): {}
cli.app = app
sys.argv = ["hclic", "run"]
cli.entry()
"""


def test_an_allocation_that_the_system_refuses_is_told(server: Runs, tmp_path: Path) -> None:
    disturbed: dict[str, Any] = {"at": "build_facts", "act": "bytearray(1 << 50)"}
    ended = server.run(tmp_path, **disturbed)
    assert (ended.status, "not enough memory" in sentence(ended)) == (3, True)


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such limit")
@pytest.mark.parametrize("megabytes", [60, 150])
def test_a_limit_of_memory_under_which_no_library_loads_is_told_as_such(megabytes: int, tmp_path: Path) -> None:
    ended = command(tmp_path, LIMITED.format(megabytes << 20, [*arguments(EXPORT), "--out", str(tmp_path / "out")]))
    assert (ended.status, ended.said) == (3, "")
    assert f"may use {megabytes} MB of memory" in sentence(ended) and "ulimit -v" in ended.errors
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such limit")
def test_a_run_does_not_begin_with_less_memory_than_it_needs(server: Runs, tmp_path: Path) -> None:
    ended = server.run(tmp_path / "out", limits={"RLIMIT_AS": LEAST_MEMORY - 1})
    assert (ended.status, "of memory, and hclic needs" in sentence(ended)) == (3, True)
    assert not (tmp_path / "out").exists()


def test_what_is_no_exception_ends_in_a_sentence_without_a_value_too(tmp_path: Path) -> None:
    ended = command(tmp_path, DIES.format("raise type('Panic', (BaseException,), dict())('SENTINEL')"))
    assert ended.status == 4
    assert ended.errors.startswith("hclic: an unforeseen fault (Panic in ") and ended.errors.count("\n") == 1
    assert "SENTINEL" not in ended.errors


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({0}, {0}))
from pipelines import cli
sys.argv = ["hclic", *{1}]
cli.entry()
"""


def test_an_input_that_is_no_warehouse_is_still_told_as_such(server: Runs, tmp_path: Path) -> None:
    (tmp_path / "w.duckdb").write_text("not one")
    ended = server.run(tmp_path / "out", "--warehouse", str(tmp_path / "w.duckdb"))
    assert (ended.status, "not an hclic warehouse" in sentence(ended)) == (InputError.exit_code, True)
