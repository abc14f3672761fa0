"""A run killed at any step goes on at that step, and gives the bytes of an undisturbed run."""

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
# Kills itself when the step has done its work and before that is committed, or when the outputs are in their place.
MAKE = """
import os, signal, sys
from dataclasses import replace
from datetime import UTC, datetime
from pipelines.run import run
from pipelines.run.outputs import OutputFolder
from pipelines.run.request import Request
out, stop, export = sys.argv[1:]
def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def then_killed(do):
    return lambda *given: (do(*given), killed())
run.STEPS = tuple(replace(step, do=then_killed(step.do)) if step.name == stop else step for step in run.STEPS)
if stop == "placing":
    OutputFolder.commit = killed
if stop == "placed":
    OutputFolder.commit = then_killed(OutputFolder.commit)
given = {"export": export, "authority": "E06000034", "quarter": "2025-Q3", "source": "native", "out": out,
         "personal": True, "pages": False}
request = Request.read(given, started=datetime(2025, 10, 8, tzinfo=UTC))
ended = run.make(request, before=lambda step: print(step.name, flush=True))
print(ended.result)
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
    assert done.stdout.split()[-1:] == ["clean"], done.stderr
    return contents(out)


def test_a_run_killed_in_every_step_goes_on_there_each_time_and_gives_the_same_bytes(
    undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    work, final = tmp_path / "E06000034" / ".2025-Q3.new", tmp_path / "E06000034" / "2025-Q3"
    names = [step.name for step in STEPS]
    before: list[str] = []
    for name in names:
        killed = make(tmp_path, name)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        # The step that the last one was killed in is done again; those before it are not.
        assert killed.stdout.split() == [*before, name]
        assert not final.exists(), "nothing half-written is in place"
        if name != names[0]:
            assert work.stat().st_mode & 0o777 == 0o700
            assert (work / "run.duckdb").stat().st_mode & 0o777 == 0o600
        before = [name]
    assert make(tmp_path, "placing").returncode == -signal.SIGKILL
    assert not final.exists()
    done = make(tmp_path)
    assert done.stdout.split() == ["clean"], done.stderr
    assert contents(tmp_path) == undisturbed
    assert not work.exists()


def test_a_run_killed_when_its_outputs_are_in_place_has_nothing_left_to_do(
    undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    assert make(tmp_path, "placed").returncode == -signal.SIGKILL
    done = make(tmp_path)
    assert done.stdout.split() == ["clean"], done.stderr
    assert contents(tmp_path) == undisturbed
    assert not (tmp_path / "E06000034" / ".2025-Q3.new").exists()
