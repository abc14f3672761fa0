"""Loaded by the workers of two hosts: it has one of them held up in the middle of a run, as by a cable pulled out.

In ``HELD_UP`` is a folder for notes: ``caught`` names the authority whose run was held up before the step that writes
its return, until ``cut`` is there. Then the locks that the process has on files of the share fall, as they do where a
server of files hears no more of a machine, and it stays held up until ``back`` is there. ``said`` is how the run ended.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

SOON = 3
"""Seconds after which the other end is taken for gone, here and at the catalogue."""
LONGEST = 600
NOT_NEEDED = frozenset({"emit_worklists", "emit_metrics"})
STEP = "emit_return"


def dask_setup(worker: Any) -> None:
    from pipelines.fanout import worker as fanout
    from pipelines.run import run
    from pipelines.warehouse import catalogue

    catalogue.PATIENCE = SOON
    catalogue._NOTICED = (
        "set tcp_keepalives_idle = 1",
        "set tcp_keepalives_interval = 1",
        "set tcp_keepalives_count = 2",
        f"set tcp_user_timeout = {SOON * 1000}",
    )
    run.LEFT_OUT[None] = NOT_NEEDED
    if not os.environ.get("HELD_UP"):
        return
    notes = Path(os.environ["HELD_UP"])
    perform, run_one = run._perform, fanout.run_one

    def held_up(database: Any, step: Any, request: Any) -> None:
        if step.name == STEP and not (notes / "caught").exists():
            (notes / "caught").write_text(request.authority)
            _until(notes / "cut")
            _let_locks_fall(database.folder)
            (notes / "fallen").touch()
            _until(notes / "back")
        perform(database, step, request)

    def told(options: Any, **given: Any) -> Any:
        outcome = run_one(options, **given)
        if (notes / "caught").exists() and not (notes / "said").exists():
            (notes / "said").write_text(f"{outcome.authority} {outcome.result} {outcome.sentence}")
        return outcome

    run._perform, fanout.run_one = held_up, told
    # Dask ends the worker when it hears no more of its scheduler. What the run goes on doing till then is the question.
    threading.Thread(target=_until, args=[notes / "said"], daemon=False).start()


def _let_locks_fall(work: Path) -> None:
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if ".in-use" in str(one.readlink()):
                fcntl.flock(int(one.name), fcntl.LOCK_UN)
    for file in work.iterdir():
        # A process loses its locks on a file when it closes any descriptor of it.
        if file.is_file():
            file.open("rb").close()


def _until(note: Path) -> None:
    end = time.monotonic() + LONGEST
    while not note.exists() and time.monotonic() < end:
        time.sleep(0.05)
