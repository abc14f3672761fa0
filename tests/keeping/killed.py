"""Commands of this folder in processes of their own, forked from one that has loaded all, and killed at a moment."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate", "os.chmod", "shutil.rmtree"}
_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["tests.keeping.made", "pipelines.keeping.purge", "pipelines.keeping.restore"])


def back_up(folder: Path, at: datetime) -> None:
    """``hclic backup``."""
    from pipelines.keeping.backup import back_up as call

    call(folder / "out" / "warehouse.duckdb", folder / "kept", at, seconds=0)


def restore(folder: Path, at: datetime) -> None:
    """``hclic restore --replace``."""
    from pipelines.keeping.restore import restore as call

    (backup,) = (folder / "kept").glob("*.duckdb")
    call(backup, folder / "out" / "warehouse.duckdb", at, is_replacing=True, seconds=0)


def purge(folder: Path, at: datetime) -> None:
    """``hclic purge``, but for the counting of quarters, which changes nothing."""
    from dataclasses import replace

    from pipelines.keeping import purge as module
    from tests.keeping.made import BEFORE, asked

    module.figures_of = lambda *_: []  # type: ignore[assignment]
    module.purge(replace(asked(folder), at=at, seconds=0), BEFORE)


def rotate(folder: Path, at: datetime) -> None:
    """``hclic key rotate``."""
    from pipelines.warehouse.rekeyed import rekey

    rekey(folder / "out" / "warehouse.duckdb", KEYS[0], KEYS[1], at=at, by=None)


# Two keys of 32 bytes as base64.
KEYS = ("wM3uGk1qYtq3m0xJ6s0y1a6m8o2Zr5fU4hQb7nT9c1E=", "J5vT0hXc8r2Lw6eQy9KpZsA1dF3gBn7mUo4iR6tYxW0=")


def _changes(event: str, given: tuple[Any, ...]) -> bool:
    if event == "open":
        mode, flags = given[1], given[2]
        return bool((mode and set(str(mode)) & set("wax+")) or (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return event in _CHANGES


def _work(what: str, folder: Path, at: datetime, number: int | None, told: Any) -> None:
    os.umask(0o077)
    count = 0

    def hook(event: str, given: tuple[Any, ...]) -> None:
        nonlocal count
        if _changes(event, given) and str(folder) in str(given[0]):
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    getattr(importlib.import_module(__name__), what)(folder, at)
    told.send(count)


def call(what: str, folder: Path, at: datetime, *, number: int | None = None, seconds: float | None = None) -> int:
    """Do it in a process of its own, killed where it changes something for the so-manieth time, or after a time.

    Returns:
        how many changes were made; -9 where it was killed before its end, another number below 0 where it failed.
    """
    listening, telling = _FORKING.Pipe(duplex=False)
    process = _FORKING.Process(target=_work, args=(what, folder, at, number, telling))
    process.start()
    telling.close()
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
    return int(listening.recv()) if process.exitcode == 0 else int(process.exitcode or 0) or -1


def later(at: datetime, number: int) -> datetime:
    """The moment of the next call: no two are made in one second."""
    return at + timedelta(seconds=number)
