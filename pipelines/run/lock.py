"""One run at a time in an output folder and at a warehouse; a second one waits, and says once for what."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.errors import HeldError, UsageError
from pipelines.paths import refuse_address

try:
    import fcntl
except ImportError:  # Windows has none: there DuckDB's own lock on its files is all that keeps two runs apart.
    fcntl = None  # type: ignore[assignment]

WAIT_MINUTES = 10
"""How long a run waits for another one where it is not told: many times what the largest takes."""
PAUSE_SECONDS = 0.2

# Without any handler Python writes a warning's bare words to standard error; a worker of Prefect keeps them in its log.
_LOG = logging.getLogger(__name__)


def wait(for_what: str, is_free: Callable[[], bool], seconds: float) -> None:
    """Ask until it is free; what is waited for is said once, when it was not free at first.

    Raises:
        HeldError: it still was not after ``seconds``.
    """
    end, is_said = time.monotonic() + seconds, False
    while not is_free():
        if time.monotonic() >= end:
            raise HeldError(
                f"{for_what[0].upper()}{for_what[1:]}, after a wait of {_minutes(seconds)}. Wait until it has ended,"
                " and run again, or give it longer with --wait."
            )
        if not is_said:
            _LOG.warning("Waiting, up to %s: %s.", _minutes(seconds), for_what)
            is_said = True
        time.sleep(min(PAUSE_SECONDS, seconds))


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:g} minute{'' if seconds == 60 else 's'}"


@contextmanager
def alone_in(folder: Path, seconds: float = WAIT_MINUTES * 60) -> Iterator[None]:
    """Hold the folder, which exists; what holds it is the process, so that a killed one holds nothing.

    Raises:
        HeldError: another run still held it after ``seconds``.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        wait(f"another run is at work in {folder}", lambda: _taken(descriptor), seconds)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def alone_at(warehouse: Path, seconds: float = WAIT_MINUTES * 60) -> Iterator[None]:
    """Hold the warehouse for a whole run.

    The folder that it lies in is made, and goes again where nothing came into it. The lock is a file beside the
    warehouse that stands there while a run is at work. The warehouse itself cannot be it: closing it a second time
    would end DuckDB's own lock.

    Raises:
        HeldError: another run still held it after ``seconds``.
        UsageError: an address instead of a file, or a folder that cannot be written.
    """
    refuse_address(warehouse, "warehouse")
    made = [folder for folder in warehouse.absolute().parents if not folder.exists()]
    lock, held = _beside(warehouse.resolve()), list[int]()

    def is_free() -> bool:
        try:
            # Anew each time: the run that made the folder takes it away if it leaves nothing there.
            warehouse.parent.mkdir(parents=True, exist_ok=True)
            return fcntl is None or _took(lock, held)
        except OSError:
            raise UsageError(f"The folder {warehouse.parent} cannot be written.") from None

    try:
        wait(f"another run is at work at the warehouse {warehouse}", is_free, seconds)
        yield
    finally:
        for descriptor in held:
            lock.unlink(missing_ok=True)
            os.close(descriptor)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def is_at_work(warehouse: Path) -> bool:
    """Whether a run is at work at the warehouse just now; false where the system knows no locks of files."""
    if fcntl is None or not (lock := _beside(warehouse.resolve())).is_file():
        return False
    descriptor = os.open(lock, os.O_RDWR)
    try:
        return not _taken(descriptor)
    finally:
        os.close(descriptor)


def _beside(warehouse: Path) -> Path:
    return warehouse.with_name(f".{warehouse.name}.in-use")


def _took(lock: Path, held: list[int]) -> bool:
    """Take the lock file, unless another run has it; the descriptor is added to ``held``."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    # The run before takes its file away when it ends: what one then holds is no lock for those who come later.
    if _taken(descriptor) and os.fstat(descriptor).st_nlink:
        held.append(descriptor)
        return True
    os.close(descriptor)
    return False


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A file system over the network that knows no such lock.
        return True
    return True
