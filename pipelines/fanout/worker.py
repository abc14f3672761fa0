"""What is done in a worker: what it needs once, so that each run costs its cases and not an import, and one run.

Knows Dask and not Prefect: a worker neither imports it nor speaks to its server.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import distributed

from pipelines.errors import UsageError
from pipelines.fleet.one import Outcome, run_one
from pipelines.private import keep_to_owner
from pipelines.run.ledger import software

TOPIC = "hclic-fleet"
"""Under it workers tell, through Dask, which step of which run they begin."""

IMPORTED = (
    "pipelines.emit.pages",
    "pipelines.emit.returns",
    "pipelines.emit.tables",
    "pipelines.emit.workbooks",
    "pipelines.metrics",
    "pipelines.worklists",
    "lxml.etree",
    "pyarrow",
    "xlsxwriter",
)
"""Modules that steps of a run import when they first need them."""

NONE = "none"
_WORDS = {"files": "hclic's own files", "python": "Python"}


class Warm(distributed.WorkerPlugin):
    """Plugin of Dask for every worker, those that come later too."""

    name = "hclic-warm"

    def __init__(self, *, ends_with_us: bool, ours: Mapping[str, str] | None = None) -> None:
        self.ends_with_us = ends_with_us
        """Whether it is a worker of ours: Ctrl-C at the keyboard reaches it too, and is for the command to answer."""
        self.ours = ours
        """What the command runs (``ledger.software``), which the worker must too; None for one of this installation."""

    def setup(self, worker: Any) -> None:
        """Before the first run.

        Raises:
            UsageError: a worker with other software, or one that would make several runs in one process.
        """
        if self.ours is not None:
            check_can_be_used(self.ours, software(), worker.state.nthreads, worker.address)
        keep_to_owner()
        if self.ends_with_us and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name in IMPORTED:
            import_module(name)

    def teardown(self, worker: Any) -> None:
        """Nothing is held."""


class Counting(distributed.SchedulerPlugin):
    """Plugin of Dask for a scheduler that is not ours: a run that was lost is begun again where it is counted."""

    name = "hclic-counting"

    async def start(self, scheduler: Any) -> None:
        """Have it tell us at once of a run whose worker is gone."""
        scheduler.allowed_failures = 0


def check_can_be_used(ours: Mapping[str, str], theirs: Mapping[str, str], threads: int, address: str) -> None:
    """Refuse a worker by which the same input might not give the same bytes.

    Raises:
        UsageError: its software (``ledger.software``) is another, or it makes several runs in one process.
    """
    differing = [name for name in sorted({*ours, *theirs}) if ours.get(name) != theirs.get(name)]
    if differing:
        said = ", ".join(
            f"{_WORDS.get(name, name)} {theirs.get(name, NONE)} and here {ours.get(name, NONE)}" for name in differing
        )
        raise UsageError(
            f"The worker {address} has other software than this machine: {said}. Install the same on every machine."
        )
    if threads != 1:
        raise UsageError(
            f"The worker {address} has {threads} threads, and a process makes one run at a time. Start it with"
            " --nthreads 1, and with --nworkers as many as there are cores."
        )


def in_worker(key: str, options: Mapping[str, Any]) -> Outcome:
    """One authority's run, in the process of a worker, which tells each step that it begins."""
    keep_to_owner()
    worker = distributed.get_worker()
    return run_one(
        options,
        started=datetime.now(UTC),
        before=lambda step: worker.log_event(TOPIC, {"key": key, "step": step.words}),
    )
