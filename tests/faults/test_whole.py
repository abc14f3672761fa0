"""What a command writes where people look stands there whole or not at all, and nothing is left beside it."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipelines import private, whole

ROOT = Path(__file__).resolve().parents[2]

# Each line: what stands in the folder after the n-th change to the disk was the last that a process came to make, and
# what stands there after the next command has written another file.
KILLED = r"""
import json, os, signal, sys
from pathlib import Path
from pipelines import whole
place = Path(sys.argv[1])
NAMES = ("a.txt", "b/c.txt", "d.txt")

def write(text):
    with whole.into(place) as new:
        for name in NAMES:
            (new / name).parent.mkdir(exist_ok=True)
            (new / name).write_text(text)

def hook_at(n):
    count = 0
    def hook(event, given):
        nonlocal count
        if event in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "fcntl.flock"):
            count += 1
            if count == n:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)

def found():
    return {str(p.relative_to(place)): p.read_text() for p in place.rglob("*") if p.is_file()}

n, is_killed = 0, True
while is_killed:
    n += 1
    write("old")
    child = os.fork()
    if not child:
        hook_at(n)
        write("new")
        os._exit(0)
    is_killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    seen = {name: text for name, text in found().items() if not name.startswith(".")}
    whole.write(place / "next.txt", b"next")
    print(json.dumps([seen, found(), sorted(p.name for p in place.iterdir())]))
    (place / "next.txt").unlink()
"""


@pytest.mark.skipif(os.name != "posix", reason="a process is split off")
def test_killed_at_any_change_to_the_disk_leaves_whole_files_and_nothing_beside_them(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in told.stdout.splitlines()]

    assert len(lines) > 15
    names = {"a.txt", "b/c.txt", "d.txt"}
    for number, (seen, after, entries) in enumerate(lines, 1):
        assert set(seen) == names, number
        assert set(seen.values()) <= {"old", "new"}, number
        assert entries == ["a.txt", "b", "d.txt", "next.txt"], number
        # Never one edition's file beside another's once the next command has been there.
        assert {after[name] for name in names} in ({"old"}, {"new"}), number
    assert {after["a.txt"] for _, after, _ in lines} == {"old", "new"}


def test_a_block_that_fails_changes_nothing_and_takes_away_the_folders_it_made(tmp_path: Path) -> None:
    whole.write(tmp_path / "here" / "a.txt", b"old")

    for folder in (tmp_path / "here", tmp_path / "made" / "for" / "it"):
        with pytest.raises(ZeroDivisionError), whole.into(folder) as new:
            (new / "a.txt").write_text("half")
            _ = 1 / 0

    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ["old"]
    assert os.listdir(tmp_path) == ["here"]  # noqa: PTH208
    assert os.listdir(tmp_path / "here") == ["a.txt"]  # noqa: PTH208


def test_files_are_their_owners_alone_also_those_that_stood_there_with_other_rights(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch(mode=0o644)
    (tmp_path / "a.txt").chmod(0o666)
    older = os.umask(0)
    try:
        with whole.into(tmp_path) as new:
            assert new.parent.stat().st_mode & 0o777 == 0o700
            (new / "a.txt").write_text("text")
            (new / "start.sh").touch(mode=0o755)
        whole.write(tmp_path / "deep" / "er" / "b.txt", b"text")
    finally:
        os.umask(older)

    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "a.txt", tmp_path / "deep" / "er" / "b.txt")] == [
        0o600,
        0o600,
    ]
    assert (tmp_path / "start.sh").stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "deep", tmp_path / "deep" / "er")] == [0o700, 0o700]


def test_a_file_that_is_not_to_give_way_is_kept(tmp_path: Path) -> None:
    whole.write(tmp_path / "mine.toml", b"mine")

    with pytest.raises(FileExistsError), whole.written(tmp_path / "mine.toml", replaces=False) as new:
        new.write_text("theirs")

    assert (tmp_path / "mine.toml").read_text() == "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.toml"]


def test_a_folder_in_the_way_of_a_file_leaves_all_as_it_was(tmp_path: Path) -> None:
    whole.write(tmp_path / "a.txt", b"old")
    (tmp_path / "b.txt").mkdir()

    with pytest.raises(IsADirectoryError) as raised, whole.into(tmp_path) as new:
        (new / "a.txt").write_text("new")
        (new / "b.txt").write_text("new")

    assert raised.value.filename == str(tmp_path / "b.txt")
    assert (tmp_path / "a.txt").read_text() == "old"


def test_an_error_names_the_file_as_its_reader_knows_it(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space") as raised, whole.written(tmp_path / "cost.xlsx") as new:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(new))

    assert raised.value.filename == str(tmp_path / "cost.xlsx")


def test_a_link_keeps_pointing_and_its_file_is_written_whole(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    for name in ("one.csv", "two.csv"):
        (tmp_path / "elsewhere" / name).write_text("old")
        (tmp_path / name).symlink_to(tmp_path / "elsewhere" / name)

    whole.write(tmp_path / "one.csv", b"new")
    with whole.into(tmp_path) as new:
        (new / "two.csv").write_text("new")

    for name in ("one.csv", "two.csv"):
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / "elsewhere" / name).read_text() == "new"
    assert len(list((tmp_path / "elsewhere").iterdir())) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    whole.write(tmp_path / "pipe", b"all of it")
    reader.join()

    assert read == [b"all of it"]
    assert (tmp_path / "pipe").is_fifo()
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe"]


def test_what_another_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    with whole.into(tmp_path) as first:
        (first / "first.txt").write_text("first")
        whole.write(tmp_path / "second.txt", b"second")
        assert (first / "first.txt").read_text() == "first"

    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["first.txt", "second.txt"]


@pytest.mark.skipif(private.fcntl is None, reason="Windows needs no lock")
def test_a_share_without_locks_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(private.fcntl, "flock", refused)
    whole.write(tmp_path / "a.txt", b"text")

    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("a.txt", "text")]


def test_what_is_put_in_place_whole_by_a_run_is_written_there_at_once(tmp_path: Path) -> None:
    folder = tmp_path / ".2025-Q3.new" / "outputs" / "metrics"

    with whole.into(folder) as new:
        assert new == folder
    with whole.into(tmp_path / "out") as outer, whole.into(outer / "charts") as inner:
        assert inner == outer / "charts"
    assert (tmp_path / "out" / "charts").is_dir()
