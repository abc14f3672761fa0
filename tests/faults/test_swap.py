"""Who looks at the outputs of a quarter finds a whole folder at any moment."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from pipelines import swap
from pipelines.run import outputs
from pipelines.run.outputs import OutputFolder

FILES = ("ledger.json", "a.txt", "b.txt")


def placed(out: Path, text: str) -> OutputFolder:
    folder = prepared(out, text)
    folder.commit()
    folder.discard()
    return folder


def prepared(out: Path, text: str) -> OutputFolder:
    folder = OutputFolder(out, "E06000034", "2025-Q3")
    folder.begin()
    for name in FILES:
        (folder.outputs / name).write_text(text)
    return folder


def stands(out: Path) -> set[str]:
    return {(out / "E06000034" / "2025-Q3" / name).read_text() for name in FILES}


def left(out: Path) -> list[str]:
    return sorted(entry.name for entry in (out / "E06000034").iterdir())


def test_a_reader_finds_a_whole_folder_while_many_runs_are_placed(tmp_path: Path) -> None:
    if not can_exchange(tmp_path):
        pytest.skip("this file system cannot let two folders change places")
    placed(tmp_path, "0")
    seen: list[set[str]] = []
    is_over = threading.Event()
    final = tmp_path / "E06000034" / "2025-Q3"

    def look() -> None:
        while not is_over.is_set():
            # The folder is opened once: what stands in it then is one edition.
            here = os.open(final, os.O_RDONLY)
            try:
                names = os.listdir(here)  # noqa: PTH208 (of the folder that was opened)
                texts = set()
                for name in names:
                    try:
                        handle = os.open(name, os.O_RDONLY, dir_fd=here)
                    except FileNotFoundError:
                        continue  # the older edition is being taken away while it is read
                    texts.add(os.read(handle, 10).decode())
                    os.close(handle)
                seen.append(texts)
            finally:
                os.close(here)

    reader = threading.Thread(target=look)
    reader.start()
    for number in range(1, 200):
        placed(tmp_path, str(number))
    is_over.set()
    reader.join()
    assert seen and all(len(texts) <= 1 for texts in seen), "two editions in one folder"
    assert left(tmp_path) == ["2025-Q3"]


def can_exchange(folder: Path) -> bool:
    for name in ("one", "other"):
        (folder / name).mkdir()
    done = swap.exchange(folder / "one", folder / "other")
    for name in ("one", "other"):
        (folder / name).rmdir()
    return done


def test_where_folders_cannot_change_places_the_older_is_renamed_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swap, "_exchanging", lambda: None)
    placed(tmp_path, "first")
    placed(tmp_path, "second")
    assert stands(tmp_path) == {"second"}
    assert left(tmp_path) == ["2025-Q3"]


class Killed(BaseException):
    """Ends the process at once, for all that the files can tell."""


WRITES = ("copytree", "copy2", "rmtree")


@pytest.mark.parametrize("exchanges", [True, False])
@pytest.mark.parametrize("at", range(12))
def test_killed_at_any_write_while_outputs_are_placed_the_next_run_finds_a_whole_folder(
    at: int, exchanges: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(tmp_path, "older")
    (tmp_path / "E06000034" / "2025-Q3" / "sign-off.txt").write_text("checked by hand")
    folder = prepared(tmp_path, "newer")
    count = 0

    def counted(do):  # type: ignore[no-untyped-def]
        def call(*given, **named):  # type: ignore[no-untyped-def]
            nonlocal count
            if count == at:
                raise Killed
            count += 1
            return do(*given, **named)

        return call

    with monkeypatch.context() as patched:
        if not exchanges:
            patched.setattr(outputs, "exchange", lambda one, other: False)
        else:
            patched.setattr(outputs, "exchange", counted(outputs.exchange))
        patched.setattr(outputs, "lay_down", counted(outputs.lay_down))
        for name in ("rename", "unlink", "write_bytes"):
            patched.setattr(Path, name, counted(getattr(Path, name)))
        for name in WRITES:
            patched.setattr(outputs.shutil, name, counted(getattr(outputs.shutil, name)))
        try:
            folder.commit()
        except Killed:
            pass
        else:
            assert count <= at, "every write has had its kill"
    if exchanges:
        assert stands(tmp_path) in ({"older"}, {"newer"})
    following = OutputFolder(tmp_path, "E06000034", "2025-Q3")
    following.recover()
    assert stands(tmp_path) in ({"older"}, {"newer"})
    assert (following.final / "sign-off.txt").read_text() == "checked by hand"
    if stands(tmp_path) == {"older"}:
        assert {(following.outputs / name).read_text() for name in FILES} == {"newer"}, "it goes on"
    following.discard()
    assert left(tmp_path) == ["2025-Q3"]


def test_a_file_that_somebody_lays_into_the_folder_in_the_last_moment_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(tmp_path, "older")
    exchange = outputs.exchange

    def late(one: Path, other: Path) -> bool:
        (other / "late.txt").write_text("late")
        return exchange(one, other)

    monkeypatch.setattr(outputs, "exchange", late)
    placed(tmp_path, "newer")
    assert (tmp_path / "E06000034" / "2025-Q3" / "late.txt").read_text() == "late"


def test_what_killed_runs_of_other_quarters_left_is_cleared(tmp_path: Path) -> None:
    placed(tmp_path, "older")
    place = tmp_path / "E06000034"
    prepared(tmp_path, "newer")
    (place / ".2025-Q2.new" / "outputs").mkdir(parents=True)
    (place / ".2025-Q1.old").mkdir()
    (place / ".2025-Q1.old" / "ledger.json").write_text("kept")
    (place / ".theirs").mkdir()
    OutputFolder(tmp_path, "E06000034", "2025-Q3").clear_others()
    assert left(tmp_path) == [".2025-Q3.new", ".theirs", "2025-Q1", "2025-Q3"]
    assert (place / "2025-Q1" / "ledger.json").read_text() == "kept"
