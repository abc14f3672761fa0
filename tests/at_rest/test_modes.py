"""Whatever the umask of whoever starts it: folders get mode 0700 and files 0600, and no other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The modes are looked at before every step too, while the write-ahead logs and the locks are there.
PROGRAM = """
import os, pathlib, sys
os.umask(int(sys.argv.pop(1), 8))
from pipelines import cli
from pipelines.run import run
performed = run.perform
top = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
def look(*arguments):
    for path in (top, *top.rglob("*")):
        mode = path.lstat().st_mode
        print(f"{mode & 0o777:o}", "folder" if path.is_dir() else "file", path.relative_to(top), flush=True)
def perform(database, steps, before=lambda step: None):
    performed(database, steps, before)
    look()
run.perform = perform
try:
    cli.main()
finally:
    look()
"""


# Under umask 022: test_kills.py.
@pytest.mark.parametrize("umask", ["000"])
def test_a_run_makes_nothing_that_others_may_read(tmp_path: Path, umask: str) -> None:
    out = tmp_path / "out"
    arguments = ["run", "data/sample/native", "--authority", "E06000034", "--quarter", "2025-Q3", "--source", "native"]
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, umask, *arguments, "--no-pages", "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    seen = {line for line in ended.stdout.splitlines() if line[:3].isdigit() and " " in line}
    names = " ".join(seen)
    for one in ("run.duckdb.wal", "warehouse.duckdb.in-use", "warehouse.duckdb", "ledger.json", "official.csv"):
        assert one in names
    assert {line for line in seen if line.split()[:2] not in (["700", "folder"], ["600", "file"])} == set()
