"""The process of which every disturbed command is split off: what they load is loaded once (``forked.Runs``).

Each line of standard input asks for one command, and is answered by one line: its exit status, negative for a signal,
what it said on both streams, and its processor time. Asked are, as JSON:

    arguments   of the command
    now         its time at the edge, ISO 8601
    at, act     before the step of that name: what is done to the run, Python text; by default it is killed
    behind, act once that step is done, before it is committed
    write, act  at the so-manieth time that the run opens a file to write, renames or removes one
    limits      of the system, by name
    after       seconds after which it is killed, or gets ``signal``
    cpu         seconds of processor time after which it is killed, whatever else the machine does
    counts      says on standard error how many writes there were
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import shutil  # noqa: F401  for what is done to a run
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from typing import Any, BinaryIO

import odf.opendocument  # noqa: F401
import pandera.polars  # noqa: F401
import typer.main
import xlsxwriter  # noqa: F401

from pipelines import cli
from pipelines.commands import console
from pipelines.commands import run as _run  # noqa: F401
from pipelines.private import keep_to_owner
from pipelines.run import ledger, run

STARTED = datetime(2025, 10, 8, tzinfo=UTC)
ENDED = os.WEXITED | os.WNOHANG | os.WNOWAIT
KILL = "os.kill(os.getpid(), signal.SIGKILL)"
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree", "shutil.copytree"}


def _changes(event: str, given: tuple[Any, ...]) -> bool:
    if event == "open":
        mode, flags = given[1], given[2]
        return bool((mode and set(str(mode)) & set("wax+")) or (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return event in CHANGES


def _work(asked: dict[str, Any], learnt: BinaryIO) -> None:
    """The command, in the process that was split off; never returns."""
    now = datetime.fromisoformat(asked.get("now", STARTED.isoformat())).astimezone()
    console.at_the_edge = lambda: now
    sys.argv = ["hclic", *asked["arguments"]]
    act = compile(asked.get("act", KILL), "act", "exec")
    given = dict(globals(), asked=asked)
    perform = run._perform

    def disturbed(database: Any, step: Any, request: Any) -> None:
        if step.name == asked.get("at"):
            exec(act, given)
        perform(database, step, request)
        if step.name == asked.get("behind"):
            exec(act, given)

    run._perform = disturbed
    count = 0

    def hook(event: str, parts: tuple[Any, ...]) -> None:
        nonlocal count
        if _changes(event, parts):
            count += 1
            if count == asked.get("write"):
                exec(act, given)

    if "write" in asked or asked.get("counts"):
        sys.addaudithook(hook)
    for name, limit in asked.get("limits", {}).items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    if "cpu" in asked:
        # Nobody handles this signal: it ends a process where it stands, as SIGKILL does.
        signal.setitimer(signal.ITIMER_PROF, asked["cpu"])
    status = cli.in_this_process()
    sys.stdout.flush()
    if asked.get("counts"):
        os.write(2, b"%d" % count)
    signal.setitimer(signal.ITIMER_PROF, 0)
    learnt.write("\n".join(sorted(sys.modules)).encode())
    learnt.flush()
    os._exit(status)


def _answer(asked: dict[str, Any]) -> tuple[list[Any], list[str]]:
    """Exit status and both streams of one command; the modules that it had loaded where it came to its end."""
    streams = [os.pipe() for _ in range(2)]
    with tempfile.TemporaryFile() as learnt:
        process = os.fork()
        if process == 0:
            os.setpgid(0, 0)
            for number, (_, writing) in enumerate(streams, 1):
                os.dup2(writing, number)
            _work(asked, learnt)
        os.setpgid(process, process)
        for _, writing in streams:
            os.close(writing)
        if "after" in asked:
            end = time.monotonic() + asked["after"]
            while time.monotonic() < end and not os.waitid(os.P_PID, process, ENDED):
                time.sleep(0.005)
            os.killpg(process, asked.get("signal", signal.SIGKILL))
        texts = []
        for reading, _ in streams:
            with os.fdopen(reading, errors="replace") as said:
                texts.append(said.read())
        _, ended, used = os.wait4(process, 0)
        learnt.seek(0)
        return [os.waitstatus_to_exitcode(ended), *texts, used.ru_utime + used.ru_stime], learnt.read().decode().split()


def main() -> None:
    """Answer until standard input ends."""
    keep_to_owner()
    # What every command makes for itself of our own files is made here: these stay as they are while this process does.
    command = typer.main.get_command(cli.app)
    typer.main.get_command = lambda app: command
    ledger.software()
    known = set(sys.modules)
    gc.freeze()
    for line in sys.stdin:
        answer, names = _answer(json.loads(line))
        print(json.dumps(answer), flush=True)
        new = [name for name in names if name not in known]
        known.update(new)
        for name in new:
            try:
                importlib.import_module(name)
            except Exception:
                continue
        if new:
            gc.collect()
            gc.freeze()


if __name__ == "__main__":
    main()
