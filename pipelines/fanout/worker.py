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

from pipelines.fleet.one import Outcome, run_one
from pipelines.private import keep_to_owner

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


class Warm(distributed.WorkerPlugin):
    """Plugin of Dask for every worker, those that come later too."""

    name = "hclic-warm"

    def __init__(self, *, ends_with_us: bool) -> None:
        self.ends_with_us = ends_with_us
        """Whether it is a worker of ours: Ctrl-C at the keyboard reaches it too, and is for the command to answer."""

    def setup(self, worker: Any) -> None:
        """Before the first run."""
        keep_to_owner()
        if self.ends_with_us and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name in IMPORTED:
            import_module(name)

    def teardown(self, worker: Any) -> None:
        """Nothing is held."""


def in_worker(key: str, options: Mapping[str, Any]) -> Outcome:
    """One authority's run, in the process of a worker, which tells each step that it begins."""
    keep_to_owner()
    worker = distributed.get_worker()
    return run_one(
        options,
        started=datetime.now(UTC),
        before=lambda step: worker.log_event(TOPIC, {"key": key, "step": step.words}),
    )
