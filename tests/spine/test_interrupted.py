"""A run killed at any step goes on at that step, and gives the bytes of an undisturbed run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.run.database import RunDatabase
from pipelines.run.steps import STEPS

ROOT = Path(__file__).resolve().parents[2]
INPUT = ROOT / "tests" / "golden" / "main-duty-accepted-in-accommodation" / "input"
# Makes a run for each line that it is given, in a process of its own, forked before anything is computed: the imports
# are paid for once. The run kills itself when the step named has done its work and before that is committed, or when
# the outputs are in their place. Answers with what the run printed and how its process ended.
MAKE = """
import json, os, signal, sys
from dataclasses import replace
from datetime import UTC, datetime
import odf.opendocument, pandera.polars, xlsxwriter
from pipelines.run import run
from pipelines.run.outputs import OutputFolder
from pipelines.run.request import Request
def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)
def then_killed(do):
    return lambda *given: (do(*given), killed())
def make(out, stop):
    run.STEPS = tuple(replace(step, do=then_killed(step.do)) if step.name == stop else step for step in run.STEPS)
    if stop == "placing":
        OutputFolder.commit = killed
    if stop == "placed":
        OutputFolder.commit = then_killed(OutputFolder.commit)
    given = {"export": sys.argv[1], "authority": "E06000034", "quarter": "2025-Q3", "source": "native", "out": out,
             "personal": True, "pages": False}
    request = Request.read(given, started=datetime(2025, 10, 8, tzinfo=UTC))
    ended = run.make(request, before=lambda step: print(step.name, flush=True))
    print(ended.result, flush=True)
for line in sys.stdin:
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.dup2(writing, 1)
        make(*json.loads(line))
        os._exit(0)
    os.close(writing)
    with open(reading) as printed:
        words = printed.read().split()
    print(json.dumps([words, os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])]), flush=True)
"""
# Workbooks carry the time of the run, which is fixed here; their zip entries are stamped by the writer.
SKIPPED = {".duckdb", ".xlsx", ".wal"}


Make = Callable[..., tuple[list[str], int]]


@pytest.fixture(scope="module")
def make() -> Iterator[Make]:
    """Makes a run in a process of its own, stopped where that is said: the words it printed, and its status."""
    command = [sys.executable, "-c", MAKE, str(INPUT)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True, cwd=ROOT) as forking:
        assert forking.stdin and forking.stdout
        asked, answers = forking.stdin, forking.stdout

        def one(out: Path, stop: str = "never") -> tuple[list[str], int]:
            print(json.dumps([str(out), stop]), file=asked, flush=True)
            words, status = json.loads(answers.readline())
            return words, status

        yield one
        asked.close()


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
def undisturbed(make: Make, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed")
    words, status = make(out)
    assert (words[-1:], status) == (["clean"], 0)
    return contents(out)


def test_a_run_killed_in_every_step_goes_on_there_each_time_and_gives_the_same_bytes(
    make: Make, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    work, final = tmp_path / "E06000034" / ".2025-Q3.new", tmp_path / "E06000034" / "2025-Q3"
    names = [step.name for step in STEPS]
    done: list[str] = []
    for name in names:
        if name in done:
            assert name.startswith("emit_") or name == "mask", "it was done beside the one that was killed"
            continue
        begun, status = make(tmp_path, name)
        assert status == -signal.SIGKILL
        # It goes on with the first step that is not done, and does none again that is.
        assert begun[:1] == [step for step in names if step not in done][:1]
        assert name in begun and not set(begun) & set(done)
        assert not final.exists(), "nothing half-written is in place"
        if name != names[0]:
            assert work.stat().st_mode & 0o777 == 0o700
            assert (work / "run.duckdb").stat().st_mode & 0o777 == 0o600
        with RunDatabase(work) as database:
            done = database.done()
        assert name not in done
    assert make(tmp_path, "placing")[1] == -signal.SIGKILL
    assert not final.exists()
    assert make(tmp_path) == (["clean"], 0)
    assert contents(tmp_path) == undisturbed
    assert not work.exists()


def test_a_run_killed_when_its_outputs_are_in_place_has_nothing_left_to_do(
    make: Make, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    assert make(tmp_path, "placed")[1] == -signal.SIGKILL
    assert make(tmp_path) == (["clean"], 0)
    assert contents(tmp_path) == undisturbed
    assert not (tmp_path / "E06000034" / ".2025-Q3.new").exists()
