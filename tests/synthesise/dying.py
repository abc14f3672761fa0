"""A task that ends its process, in a module that a new process imports quickly."""

from __future__ import annotations

import os


def begin(deadly: str) -> None:
    os.environ["DEADLY_TASK"] = deadly


def work(task: str) -> str:
    if task == os.environ["DEADLY_TASK"]:
        os._exit(9)
    return task.upper()
