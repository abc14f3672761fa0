"""Tasks side by side in processes; a process that dies takes its own task with it and no other."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Lost:
    """A task whose process ended without a word, also when it was given one for itself."""

    task: str


def side_by_side(
    work: Callable[[str], Result],
    tasks: Sequence[str],
    processes: int,
    begin: Callable[..., None],
    given: tuple[Any, ...],
) -> Iterator[Result | Lost]:
    """What ``work`` gives for each task, as it is done; with one process all is done in this one.

    Args:
        work: a function of a module, which raises nothing.
        tasks: taken in this order.
        processes: how many at most.
        begin: called once in each process, before its first task.
        given: what ``begin`` is called with.
    """
    processes = min(processes, len(tasks))
    if processes <= 1:
        if tasks:
            begin(*given)
        yield from map(work, tasks)
        return
    waiting = list(reversed(tasks))
    while waiting:
        lost: list[str] = []
        yield from _until_one_dies(work, waiting, processes, (begin, given), lost)
        # Which of those at work killed the process nobody says: each gets one for itself.
        for task in lost:
            alone: list[str] = []
            yield from _until_one_dies(work, [task], 1, (begin, given), alone)
            yield from map(Lost, alone)


def _until_one_dies(
    work: Callable[[str], Result],
    waiting: list[str],
    processes: int,
    beginning: tuple[Callable[..., None], tuple[Any, ...]],
    lost: list[str],
) -> Iterator[Result]:
    """Take tasks from the end of ``waiting``; where a process dies, those at work are in ``lost`` and it ends."""
    # Polars and DuckDB have threads of their own, which a fork would lose.
    fresh = multiprocessing.get_context("spawn")
    at_work: dict[Future[Result], str] = {}
    with ProcessPoolExecutor(processes, mp_context=fresh, initializer=_begin, initargs=beginning) as pool:
        while waiting or at_work:
            try:
                while waiting and len(at_work) < processes:
                    at_work[pool.submit(work, waiting[-1])] = waiting[-1]
                    waiting.pop()
                for future in wait(at_work, return_when=FIRST_COMPLETED).done:
                    result = future.result()
                    del at_work[future]
                    yield result
            except BrokenProcessPool:
                lost += sorted(at_work.values())
                return


def _begin(begin: Callable[..., None], given: tuple[Any, ...]) -> None:
    # A terminal stops all its processes at once. Here the one that shares out the work ends in order, then the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin(*given)


def _end_with_parent() -> None:
    """A killed parent would else leave processes that wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
