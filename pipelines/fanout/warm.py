"""What a worker does once, so that each run in it costs its cases and not an import."""

from __future__ import annotations

import signal
import threading
from importlib import import_module
from typing import Any

from distributed import WorkerPlugin

from pipelines.private import keep_to_owner

IMPORTED = (
    "pipelines.fanout.flow",
    "pipelines.fleet.one",
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


class Warm(WorkerPlugin):
    """Plugin of Dask for every worker, those that come later too."""

    name = "hclic-warm"

    def __init__(self, *, ends_with_us: bool) -> None:
        self.ends_with_us = ends_with_us
        """Whether it is a worker of ours: Ctrl-C at the keyboard reaches it too, and is for the command to answer."""

    def setup(self, worker: Any) -> None:
        keep_to_owner()
        if self.ends_with_us and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name in IMPORTED:
            import_module(name)

    def teardown(self, worker: Any) -> None:
        """Nothing is held."""
