"""A run killed in the midst of its work, with a key: no name is on the disk but in outputs that are to hold them."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import at_rest
from pipelines.private import WORK

ROOT = Path(__file__).resolve().parents[2]
SENTINEL = "Zebedeequill"
HOLD_NAMES = frozenset({"hclic_personal_E06000034_2025-Q3.xml"})
"""The outputs that are to hold names; of a row that cannot be loaded also ``set_aside.csv``."""

# What a step wrote stands there, and is not committed yet.
PROGRAM = """
import os, sys
os.umask(0o022)
step = sys.argv.pop(1)
from pipelines import cli
from pipelines.run import database
done = database.RunDatabase.step
def killing(self, name, place=0):
    holding = done(self, name, place)
    class Killed:
        def __enter__(self):
            return holding.__enter__()
        def __exit__(self, *raised):
            if name == step and raised[0] is None:
                os.kill(os.getpid(), 9)
            return holding.__exit__(*raised)
    return Killed()
database.RunDatabase.step = killing
cli.main()
"""

STEPS = ("extract", "select", "freeze", "emit_return", "finish")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    for path in (ROOT / "data" / "sample" / "native").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        if path.stem == "people":
            rows = [{**row, "surname": SENTINEL, "forename": SENTINEL, "last_address": SENTINEL} for row in rows]
        with (folder / path.name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder


def holding_names(*folders: Path) -> set[str]:
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {path.name for path in files if SENTINEL.encode() in path.read_bytes()}


def open_to_others(folder: Path) -> list[Path]:
    return [path for path in (folder, *folder.rglob("*")) if path.lstat().st_mode & 0o077]


def test_a_run_killed_in_any_step_leaves_no_name_on_the_disk(tmp_path: Path, export: Path) -> None:
    out, temporary, own = tmp_path / "out", tmp_path / "tmp", tmp_path / "own"
    temporary.mkdir()
    environment = {**os.environ, at_rest.KEY: at_rest.new_key(), "TMPDIR": str(temporary), "HCLIC_WORK": str(own)}
    arguments = ["--authority", "E06000034", "--quarter", "2025-Q3", "--source", "native", "--no-pages", "--personal"]
    for step in (*STEPS, "none"):
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, step, "run", str(export), *arguments, "--out", str(out)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == (0 if step == "none" else -9), (step, ended.stderr)
        assert holding_names(out, temporary, own) <= HOLD_NAMES, step
        assert SENTINEL not in ended.stdout + ended.stderr
        assert open_to_others(out) == [], step
        assert list(temporary.iterdir()) == [], step
    assert holding_names(out) == HOLD_NAMES
    assert sorted(entry.name for entry in tmp_path.iterdir() if entry != own) == ["export", "out", "tmp"]
    assert not (out / WORK).exists() and not (own / WORK).exists()
