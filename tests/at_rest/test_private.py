"""Folders for the meantime: nobody else may read them, and what a killed process leaves goes with the next command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.private import WORK, clear_left, is_private, private_folder

KILLED = (
    "import os, sys; from pathlib import Path; from pipelines.private import private_folder\n"
    "with private_folder(Path(sys.argv[1])) as folder:\n"
    "    (folder / 'spill').write_text('a name')\n"
    "    os.kill(os.getpid(), 9)"
)


def left(warehouse: Path) -> list[str]:
    subprocess.run([sys.executable, "-c", KILLED, str(warehouse)], check=False)
    return [entry.name for entry in (warehouse.parent / WORK).iterdir()]


def test_it_stands_beside_the_warehouse_for_its_owner_alone_and_goes(tmp_path: Path) -> None:
    with private_folder(tmp_path / "warehouse.duckdb") as folder:
        assert folder.parent == tmp_path / WORK
        assert is_private(folder) and is_private(folder.parent)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_folder(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    (name,) = left(warehouse)
    with private_folder(warehouse) as folder:
        assert [entry.name for entry in folder.parent.iterdir()] == [folder.name] != [name]


def test_what_a_killed_process_left_can_be_cleared_alone(tmp_path: Path) -> None:
    left(tmp_path / "warehouse.duckdb")
    clear_left(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_of_a_process_at_work_stays(tmp_path: Path) -> None:
    with private_folder(tmp_path / "warehouse.duckdb") as folder:
        program = "import sys; from pathlib import Path; from pipelines.private import *; clear_left(Path(sys.argv[1]))"
        subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
        clear_left(tmp_path)
        assert folder.is_dir()
        with private_folder(tmp_path / "warehouse.duckdb") as other:
            assert folder.is_dir() and other != folder


def test_a_folder_that_somebody_else_could_write_to_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    monkeypatch.setenv("HCLIC_WORK", str(tmp_path / "own"))
    (tmp_path / WORK).mkdir()
    (tmp_path / WORK).chmod(0o777)
    (tmp_path / WORK / "laid").touch()
    with private_folder(tmp_path / "warehouse.duckdb") as folder:
        assert folder.parent == tmp_path / "own" / WORK


@pytest.mark.skipif(os.name != "posix", reason="a link needs rights on Windows")
def test_a_link_in_its_place_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HCLIC_WORK", str(tmp_path / "own"))
    laid = tmp_path / "elsewhere" / "laid"
    laid.mkdir(mode=0o700, parents=True)
    (laid / "in-use").touch()
    (tmp_path / WORK).symlink_to(tmp_path / "elsewhere")
    with private_folder(tmp_path / "warehouse.duckdb") as folder:
        assert folder.parent == tmp_path / "own" / WORK
    assert (laid / "in-use").exists()
