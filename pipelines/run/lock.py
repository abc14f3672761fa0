"""One run at a time in an output folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import HeldError

try:
    import fcntl
except ImportError:  # Windows has none: there DuckDB's own lock on the run database is all that keeps two runs apart.
    fcntl = None  # type: ignore[assignment]

WAIT_SECONDS = 120.0
"""How long a run waits for another one in its folder or at its warehouse: several times what the largest takes."""
PAUSE_SECONDS = 0.2


@contextmanager
def alone_in(folder: Path, seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the folder, which exists; what holds it is the process, so that a killed one holds nothing.

    Raises:
        HeldError: another run still held it after ``seconds``.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        end = time.monotonic() + seconds
        while not _taken(descriptor):
            if time.monotonic() >= end:
                raise HeldError(f"Another run is at work in {folder}. Wait until it has ended, and run again.")
            time.sleep(PAUSE_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system over the network that knows no such lock.
        return True
    return True
