"""A command under watch: told to stop, it clears what it holds; ended by the system, there is one who says so."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pipelines.errors import StoppedBySignal

TOLD_TO_STOP = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT", "SIGBREAK") if hasattr(signal, name)
)
FIRST_OF_SIGNALS = 128
"""Exit status of who was stopped by a signal: this and its number."""

ENDED_BY_SYSTEM = 3
UNWATCHED = frozenset({"serve"})
"""Commands that have a way of their own to be stopped."""

_NOT_BEFORE_A_FORK = frozenset({"polars", "duckdb", "numpy", "prefect"})
_SET_PARENT_DEATH_SIGNAL = 1


@contextmanager
def stops_on_signals() -> Iterator[None]:
    """Inside, a signal to stop is raised as ``StoppedBySignal``, once: nothing disturbs what is cleared then."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _stop) for number in TOLD_TO_STOP}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    for one in TOLD_TO_STOP:
        signal.signal(one, signal.SIG_IGN)
    raise StoppedBySignal(number)


def words_of(number: int) -> str:
    """What is said of a command that was told to stop."""
    return (
        f"stopped by {signal.Signals(number).name} before its end. What it had not finished is taken away; run the"
        " command again."
    )


def can_be_watched(command: str | None) -> bool:
    """Whether a process of its own can be split off for the command: before any library has started threads.

    Elsewhere than on Linux what a library of the system then does is not defined, so that nobody watches there.
    """
    return (
        sys.platform == "linux"
        and command not in UNWATCHED
        and threading.active_count() == 1
        and not _NOT_BEFORE_A_FORK & set(sys.modules)
    )


def watched() -> int | None:
    """Split off the process that does the command: None there; here its exit status, once it has ended."""
    sys.stdout.flush()
    sys.stderr.flush()
    parent, child = os.getpid(), os.fork()
    if child == 0:
        _end_with(parent)
        return None
    for number in TOLD_TO_STOP:
        signal.signal(number, lambda given, frame: _hand_on(child, given))
    ended = os.waitpid(child, 0)[1]
    status = os.waitstatus_to_exitcode(ended)
    if status >= 0:
        return status
    if -status in TOLD_TO_STOP:
        return FIRST_OF_SIGNALS - status
    sys.stderr.write(f"hclic: {_ended_by_system(-status)}\n")
    return ENDED_BY_SYSTEM


def _ended_by_system(number: int) -> str:
    name = signal.Signals(number).name
    if number in (signal.SIGKILL, signal.SIGABRT):
        return (
            f"the system ended the command ({name}), most likely because memory ran out, or room on a disk. Nothing"
            " half-written is in place. Close other programs, or use a machine with more memory, and run again: a run"
            " goes on where it stood."
        )
    if number == signal.SIGBUS:
        return (
            f"the system ended the command ({name}): a disk is full or no longer there. Nothing half-written is in"
            " place. Free some room, and run again: a run goes on where it stood."
        )
    return (
        f"the command ended without a word ({name}). Nothing half-written is in place. Run again, and report this"
        " line if it happens twice; it holds no case data."
    )


def _hand_on(child: int, number: int) -> None:
    try:
        os.kill(child, number)
    except ProcessLookupError:
        return


def _end_with(parent: int) -> None:
    """End this process when the one that watches it ends: who kills the one means both."""
    import ctypes

    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(FIRST_OF_SIGNALS + signal.SIGKILL)
