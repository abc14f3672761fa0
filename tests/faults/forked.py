"""Runs of the real command in processes of their own, disturbed as is asked: the imports are paid for once."""

from __future__ import annotations

import json
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

# One line asks for one run: arguments of the command, and how it is disturbed.
#   at, act     before the step of that name: what is done to the run, Python text
#   write, act  at the so-manieth time that the run opens a file to write, renames or removes one
#   limits      of the system, by name
#   after       seconds after which the run is killed
SERVER = r"""
import importlib, json, os, resource, shutil, signal, sys, tempfile, time
from dataclasses import replace
from datetime import UTC, datetime
import odf.opendocument, pandera.polars, xlsxwriter
from pipelines import cli
from pipelines.commands import console, findings, run as _
from pipelines.emit.pages import findings as _, rules as _
from pipelines.run import run

STARTED = datetime(2025, 10, 8, tzinfo=UTC)
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree", "shutil.copytree"}

def changes(event, given):
    if event == "open":
        mode, flags = given[1], given[2]
        return bool((mode and set(str(mode)) & set("wax+")) or (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return event in CHANGES

def work(asked):
    os.setsid()
    console.at_the_edge = lambda: datetime.fromisoformat(asked.get("now", STARTED.isoformat()))
    sys.argv = ["hclic", *asked["arguments"]]
    act = compile(asked.get("act", "os.kill(os.getpid(), signal.SIGKILL)"), "act", "exec")
    given = dict(globals(), asked=asked)
    before = run._perform
    def perform(database, step, request):
        if step.name == asked.get("at"):
            exec(act, given)
        before(database, step, request)
        if step.name == asked.get("behind"):
            exec(act, given)
    run._perform = perform
    count = 0
    def hook(event, parts):
        nonlocal count
        if changes(event, parts):
            count += 1
            if count == asked.get("write"):
                exec(act, given)
    if "write" in asked or asked.get("counts"):
        sys.addaudithook(hook)
    for name, limit in asked.get("limits", {}).items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    status = cli.in_this_process()
    sys.stdout.flush()
    if asked.get("counts"):
        os.write(2, b"%d" % count)
    os._exit(status)

def learn():
    # What a run loads on its way is loaded in this process too: only then is it paid for once.
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        with tempfile.TemporaryDirectory() as out:
            sys.argv = ["hclic", *json.loads(sys.argv[1]), "--out", out]
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            cli.in_this_process()
        os.write(writing, json.dumps(sorted(sys.modules)).encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as said:
        names = json.loads(said.read())
    os.waitpid(process, 0)
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:
            pass

learn()
for line in sys.stdin:
    asked = json.loads(line)
    streams = [os.pipe(), os.pipe()]
    process = os.fork()
    if process == 0:
        for number, (_, writing) in enumerate(streams, 1):
            os.dup2(writing, number)
        work(asked)
    for _, writing in streams:
        os.close(writing)
    if "after" in asked:
        time.sleep(asked["after"])
        os.kill(process, asked.get("signal", signal.SIGKILL))
    texts = []
    for reading, _ in reversed(streams):
        with open(reading, errors="replace") as said:
            texts.append(said.read())
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    print(json.dumps([status, texts[1], texts[0]]), flush=True)
"""


@dataclass(frozen=True)
class Ended:
    """How a run ended: exit status, negative for a signal; what it said on both streams."""

    status: int
    said: str
    errors: str


class Runs:
    """Makes runs; see ``SERVER`` for how one is disturbed."""

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
def runs() -> Iterator[Runs]:
    """A server of runs, for as long as the block."""
    given = json.dumps(arguments(EXPORT))
    with subprocess.Popen([sys.executable, "-c", SERVER, given], stdin=-1, stdout=-1, text=True, cwd=ROOT) as process:
        yield Runs(process)
        assert process.stdin
        process.stdin.close()
