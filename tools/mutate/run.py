"""Run test modules of a copy of the project, each time in a process that starts with the libraries loaded."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Slow to import and not under mutation. A process begins with these and without the project.
LIBRARIES = (
    *("polars", "duckdb", "pyarrow", "pandera.polars", "lxml.etree", "xlsxwriter", "odf.opendocument", "hypothesis"),
    *("pytest", "typer", "rich.console", "python_calamine", "coverage"),
)
POLL_SECONDS = 0.02
QUIET = [
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov"),
    *("--assert=plain", "--no-header", "--tb=no"),
]


def load_libraries() -> None:
    """Import once what every run needs."""
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def copy_project(root: Path, to: Path) -> Path:
    """Every file that git knows or would take, and nothing else."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (root / name).is_file():
            target = to / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, target)
    return to


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    status: int | None
    """pytest's exit status; none when time ran out."""
    seconds: float
    said: Any
    """What the run handed back, if it came that far."""


def in_process(copy: Path, job: Callable[[], tuple[int, Any]], limit: float) -> Outcome:
    """Run a job in a child that sees the copy as the project, killed after ``limit`` seconds."""
    answer = copy.parent / f"{copy.name}.answer"
    answer.unlink(missing_ok=True)
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        status = 70
        try:
            os.setsid()
            quiet = os.open(copy.parent / f"{copy.name}.log", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            for stream in (0, 1, 2):
                os.dup2(quiet, stream)
            os.chdir(copy)
            os.environ["PYTHONPATH"] = str(copy)
            sys.dont_write_bytecode = True
            os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
            sys.path.insert(0, str(copy))
            importlib.invalidate_caches()
            status, said = job()
            answer.write_text(json.dumps(said), encoding="utf-8")
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            sys.stdout.flush()
            os._exit(status)
    code: int | None = None
    while True:
        done, waited = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(waited)
            break
        if time.monotonic() - started > limit:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            break
        time.sleep(POLL_SECONDS)
    said = json.loads(answer.read_text(encoding="utf-8")) if answer.exists() else None
    return Outcome(code, time.monotonic() - started, said)


def watched(copy: Path, module: str, python: list[str], limit: float) -> Outcome:
    """One test module on the unchanged copy: what it reads, and which of its tests fail there."""

    def job() -> tuple[int, Any]:
        import pytest

        from tools.mutate.reads import Reader

        reader = Reader(copy, python)
        reader.start()
        status = int(pytest.main([*QUIET, module], plugins=[reader]))
        return status, {"read": reader.result(), "failed": sorted(reader.failed)}

    return in_process(copy, job, limit)


def judged(copy: Path, modules: list[str], left_out: list[str], first: list[str], limit: float) -> Outcome:
    """Test modules on a changed copy until one test fails."""

    def job() -> tuple[int, Any]:
        import pytest

        from tools.mutate.reads import Killer

        killer = Killer(first)
        without = [f"--deselect={name}" for name in left_out]
        status = int(pytest.main([*QUIET, "-x", *without, *modules], plugins=[killer]))
        return status, killer.caught_by

    return in_process(copy, job, limit)
