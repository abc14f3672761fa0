"""Runs of the real command in processes of their own, disturbed as is asked: the imports are paid for once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
AUTHORITY, QUARTER = "E06000034", "2025-Q3"
GOLDEN = ROOT / "tests" / "golden"
EXPORT = GOLDEN / "main-duty-accepted-in-accommodation" / "input"
OTHER_EXPORT = GOLDEN / "local-references-are-issued" / "input"


@dataclass(frozen=True)
class Ended:
    """How a run ended: exit status, negative for a signal; what it said on both streams; seconds of processor time."""

    status: int
    said: str
    errors: str
    cpu: float = 0.0

    @property
    def is_killed(self) -> bool:
        """Whether it was ended where it stood: by SIGKILL, or after the processor time that it was given."""
        return self.status in (-signal.SIGKILL, -signal.SIGPROF)


class Runs:
    """Makes runs; see ``server`` for how one is disturbed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def call(self, arguments: list[str], **disturbed: Any) -> Ended:
        """One command."""
        assert self._process.stdin and self._process.stdout
        print(json.dumps({"arguments": arguments, **disturbed}), file=self._process.stdin, flush=True)
        return Ended(*json.loads(self._process.stdout.readline()))

    def run(self, out: Path, *more: str, export: Path | None = None, **disturbed: Any) -> Ended:
        """One run of a small export into ``out``."""
        return self.call([*arguments(export or EXPORT), "--out", str(out), *more], **disturbed)


def arguments(export: Path) -> list[str]:
    """The command but for its folder."""
    where = ["--authority", AUTHORITY, "--quarter", QUARTER, "--source", "native"]
    return ["run", str(export), *where, "--no-pages", "--personal", "--wait", "0"]


@contextmanager
def runs(**environment: str) -> Iterator[Runs]:
    """A server of runs, for as long as the block; ``environment`` is theirs besides what this process has."""
    command = [sys.executable, "-m", "tests.faults.server"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | environment
    ) as process:
        yield Runs(process)
        assert process.stdin
        process.stdin.close()
