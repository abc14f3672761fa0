"""A run killed at any step and made again gives the bytes of an undisturbed run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.run.steps import STEPS

ROOT = Path(__file__).resolve().parents[2]
INPUT = ROOT / "tests" / "golden" / "main-duty-accepted-in-accommodation" / "input"
MAKE = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from pipelines.period import Quarter
from pipelines.run.request import Request
from pipelines.run.run import Run
out, stop = Path(sys.argv[1]), sys.argv[2]
run = Run(Request(export=Path(sys.argv[3]), authority="E06000034", quarter=Quarter(2025, 3), source="native", out=out,
                  started=datetime(2025, 10, 8, tzinfo=UTC), personal=True, pages=False))
for step in run.all():
    if step.name == stop:
        os.kill(os.getpid(), signal.SIGKILL)
if stop == "end":
    os.kill(os.getpid(), signal.SIGKILL)
print(run.result)
"""
# Workbooks carry the time of the run, which is fixed here; their zip entries are stamped by the writer.
SKIPPED = {".duckdb", ".xlsx", ".wal"}


def make(out: Path, stop: str = "never") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", MAKE, str(out), stop, str(INPUT)], capture_output=True, text=True, cwd=ROOT, check=False
    )


def contents(out: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.suffix not in SKIPPED:
            text = path.read_bytes()
            if path.name == "ledger.json":
                book = json.loads(text)
                book["outputs"] = [item for item in book["outputs"] if not item["path"].endswith(".xlsx")]
                text = json.dumps(book).encode()
            found[path.relative_to(out).as_posix()] = text
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed")
    done = make(out)
    assert done.stdout.strip() == "clean", done.stderr
    return contents(out)


@pytest.mark.parametrize("step", [*(step.name for step in STEPS), "end"])
def test_a_run_killed_and_made_again_gives_the_same_bytes(
    step: str, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    assert make(tmp_path, step).returncode == -signal.SIGKILL
    quarter = tmp_path / "E06000034" / "2025-Q3"
    assert quarter.exists() == (step == "end"), "nothing half-written is in place"
    assert make(tmp_path).stdout.strip() == "clean"
    assert contents(tmp_path) == undisturbed
