"""One run at a time in an output folder and at a warehouse; a second one waits, and says once for what.

A lock is a file that stands there while a run is at work, held by the system for the process: a killed one holds
nothing. The file of one that was killed says where its work folder stood, so that the next run can clear it.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from platform import node

from filelock import lock_descriptor

from pipelines.errors import HeldError, UsageError
from pipelines.paths import refuse_address
from pipelines.place import Lake, Place
from pipelines.surroundings import told
from pipelines.warehouse import catalogue

WAIT_MINUTES = 10
"""How long a run waits for another one where it is not told: many times what the largest takes."""
PAUSE_SECONDS = 0.2
IN_USE = ".in-use"
"""The lock file of an output folder; with the name of the warehouse before it, that of a warehouse."""

PRIVATE_FILE = 0o600
LONGEST_NOTE = 1 << 15
REPLACING = ".replacing"
"""Ending of the hidden folder, named for a warehouse, in which another is made that is to take its place."""

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


@dataclass(frozen=True)
class _Held:
    """A lock: whether it keeps others out, and the work folder of the one before, where that one was killed."""

    is_sure: bool
    left_by_killed: Path | None


@dataclass(frozen=True)
class Hold:
    """A warehouse that is held for a run."""

    left_by_killed: Path | None = None
    """The work folder of the run before, where that one was killed."""
    check: Callable[[], None] = lambda: None
    """See that it is still held, before something is done that another run must not do at the same time.

    Raises PassingError where it is not, or where that cannot be known: of a DuckLake that is not reached any more.
    """


@contextmanager
def alone_in(folder: Path, seconds: float = WAIT_MINUTES * 60) -> Iterator[bool]:
    """Hold the folder of an authority's outputs, whatever it is called and whichever warehouse the run has.

    The folder is made, and goes again where nothing came into it. False where its file system knows no locks, so that
    another run may be at work all the same.

    Raises:
        HeldError: another run still held it after ``seconds``.
        UsageError: a folder that cannot be written.
    """
    with _alone(folder / IN_USE, f"another run is at work in {folder}", seconds) as held:
        yield held.is_sure


@contextmanager
def alone_at(warehouse: Place, seconds: float = WAIT_MINUTES * 60, *, work: Path | None = None) -> Iterator[Hold]:
    """Hold the warehouse for a whole run, which works in the folder ``work``.

    The folder that it lies in is made, and goes again where nothing came into it. The lock is a file beside the
    warehouse. The warehouse itself cannot be it: closing it a second time would end DuckDB's own lock. In a DuckLake
    the catalogue holds it for the authority, for as long as the machine of the run reaches it.

    Raises:
        HeldError: another run still held it after ``seconds``.
        PassingError: the catalogue of a DuckLake cannot be reached.
        UsageError: a folder that cannot be written.
    """
    if isinstance(warehouse, Lake):
        with _alone_in_lake(warehouse, seconds) as hold:
            yield hold
        return
    refuse_address(warehouse, "warehouse")
    for_what = f"another run is at work at the warehouse {warehouse}"
    with _alone(_beside(warehouse.resolve()), for_what, seconds, work) as held:
        if held.is_sure:
            # It is made under this lock: what stands there was left by a purge or restore that was killed.
            shutil.rmtree(warehouse.with_name(f".{warehouse.name}{REPLACING}"), ignore_errors=True)
        yield Hold(held.left_by_killed)


@contextmanager
def _alone_in_lake(lake: Lake, seconds: float) -> Iterator[Hold]:
    # Read here: the command line reads this module at its start, and DuckDB takes seconds.
    from pipelines.warehouse.lakes import schema_of

    schema = schema_of(str(lake.authority))
    words = f"another run of {lake.authority} is at work at the warehouse {lake}"
    turns = list[catalogue.Turn]()
    with ExitStack() as held:

        def is_free() -> bool:
            with suppress(HeldError):
                turns.append(held.enter_context(catalogue.held(lake, schema, catalogue.RUNS, words)))
            return bool(turns)

        wait(words, is_free, seconds)
        yield Hold(check=turns[0].check)


def is_at_work(warehouse: Place) -> bool:
    """Whether a run is at work at the warehouse just now; false where its disk knows no locks of files."""
    if isinstance(warehouse, Lake):
        from pipelines.warehouse.lakes import schema_of

        return catalogue.is_held(warehouse, schema_of(str(warehouse.authority)), catalogue.RUNS)
    if not (lock := _beside(warehouse.resolve())).is_file():
        return False
    descriptor = os.open(lock, os.O_RDWR)
    try:
        return not _taken(descriptor)
    finally:
        os.close(descriptor)


def _beside(warehouse: Path) -> Path:
    return warehouse.with_name(f".{warehouse.name}{IN_USE}")


@contextmanager
def _alone(lock: Path, for_what: str, seconds: float, work: Path | None = None) -> Iterator[_Held]:
    made = [folder for folder in lock.absolute().parents if not folder.exists()]
    descriptors, held = list[int](), None

    def is_free() -> bool:
        try:
            # Anew each time: the run that made the folder takes it away if it leaves nothing there.
            lock.parent.mkdir(parents=True, exist_ok=True)
            return _took(lock, descriptors)
        except OSError:
            raise UsageError(f"The folder {lock.parent} cannot be written.") from None

    try:
        wait(for_what, is_free, seconds)
        try:
            held = _noted(descriptors[0], work)
        except OSError as error:
            raise told(error, lock.parent) or error from None
        yield held
    finally:
        for descriptor in descriptors:
            # Who does not work in a folder leaves the note of one that was killed to the next run.
            _let_go(lock, descriptor, is_kept=held is not None and held.left_by_killed is not None and work is None)
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def _took(lock: Path, held: list[int]) -> bool:
    """Take the lock file, unless another run has it; the descriptor is added to ``held``."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    # The run before takes its file away when it ends: what one then holds is no lock for those who come later.
    if _taken(descriptor) and os.fstat(descriptor).st_nlink:
        held.append(descriptor)
        return True
    os.close(descriptor)
    return False


def _taken(descriptor: int) -> bool:
    try:
        return lock_descriptor(descriptor, blocking=False)
    except OSError:
        # A file system over the network that knows no such lock.
        return True


def _noted(descriptor: int, work: Path | None) -> _Held:
    """Note process and work folder in the lock file; what stood there is of a run that was killed."""
    try:
        lock_descriptor(descriptor, blocking=False)
        is_sure = True
    except OSError:
        is_sure = False
    # Windows locks the first byte against every reader and writer.
    os.lseek(descriptor, 1, os.SEEK_SET)
    before = os.read(descriptor, LONGEST_NOTE)
    if work is not None:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 1, os.SEEK_SET)
        os.write(descriptor, b"%d\0%b\0%b" % (os.getpid(), os.fsencode(node()), os.fsencode(work.absolute())))
    number, _, rest = before.partition(b"\0")
    machine, _, path = rest.partition(b"\0")
    is_gone = is_sure and path and machine == os.fsencode(node()) and not is_alive(int(number))
    return _Held(is_sure, Path(os.fsdecode(path)) if is_gone else None)


def is_alive(number: int) -> bool:
    """Whether a process of this machine has the number."""
    if os.name == "nt":  # There the lock itself is sure, and a question would end the process.
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _let_go(lock: Path, descriptor: int, *, is_kept: bool) -> None:
    if is_kept:
        os.close(descriptor)
        return
    # Windows takes no file away that is open; elsewhere another run could take it between the two.
    if os.name == "nt":
        os.close(descriptor)
        with suppress(OSError):
            lock.unlink(missing_ok=True)
        return
    with suppress(OSError):
        lock.unlink(missing_ok=True)
    os.close(descriptor)
