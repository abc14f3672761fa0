"""Many runs on few workers: as many at work as there are workers, the next handed out when one has ended.

Nothing waits at a worker, so that one whose process is ended takes only its own run with it, and the order stays that
of the rows. Knows neither Prefect nor Dask.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pipelines.fleet.manifest import Row
from pipelines.fleet.one import FAILED, KILLED, NOT_ENDED, STOPPED, Outcome

TRIES = 2
"""How often a run is begun whose process the system ends: it may have been a neighbour that took the memory."""
ASKED_EVERY = 0.5
"""Seconds between two looks at whether there are more workers now."""


class WorkerLostError(Exception):
    """The process of a run ended before the run did. Holds a sentence of how, no value of the data."""


class LostTouchError(Exception):
    """What hands runs to workers is gone, or does not answer."""


class Handed(Protocol):
    """A run that was handed to a worker."""

    def when_done(self, call: Callable[[], None]) -> None:
        """Have it called once the run has ended, in whatever way and in whatever thread."""

    def outcome(self) -> Outcome:
        """How it ended.

        Raises:
            WorkerLostError: its process ended first.
            LostTouchError: nobody knows any more.
        """


@dataclass
class _AtWork:
    row: Row
    tries: int
    handed: Handed


def through(
    rows: Sequence[Row],
    hand_out: Callable[[Row], Handed],
    workers: Callable[[], int],
    looking: Callable[[], None],
) -> Iterator[Outcome]:
    """The outcome of every row, as they end.

    Args:
        rows: in the order in which they are handed out.
        hand_out: gives a row to a worker.
        workers: how many there are now; a machine more or less changes it.
        looking: called twice a second, between what happens.
    """
    left = list(rows)
    at_work: dict[str, _AtWork] = {}
    done: queue.SimpleQueue[str] = queue.SimpleQueue()

    def begin(row: Row, nth: int) -> None:
        at_work[row.key] = one = _AtWork(row, nth, hand_out(row))
        one.handed.when_done(lambda: done.put(row.key))

    while left or at_work:
        while left and len(at_work) < max(workers(), 1):
            begin(left.pop(0), 1)
        try:
            key = done.get(timeout=ASKED_EVERY)
        except queue.Empty:
            looking()
            continue
        one = at_work.pop(key)
        try:
            yield replace(one.handed.outcome(), tries=one.tries)
        except WorkerLostError as lost:
            if one.tries < TRIES:
                begin(one.row, one.tries + 1)
            else:
                yield _lost(one, str(lost))
        except LostTouchError as lost:
            yield _lost(one, str(lost))


def _lost(one: _AtWork, sentence: str) -> Outcome:
    return Outcome(one.row.authority, one.row.quarter, FAILED, KILLED, sentence, tries=one.tries)


def not_ended(rows: Sequence[Row], ended: Sequence[Outcome], at_work: frozenset[str]) -> list[Outcome]:
    """What is said of the rows that had not ended when the command was stopped."""
    known = {one.key for one in ended}
    begun = "Stopped before its end. What it had not finished is taken away; run the command again."
    not_begun = "Not begun when the command was stopped; run the command again."
    return [
        Outcome(
            row.authority,
            row.quarter,
            STOPPED,
            NOT_ENDED,
            begun if row.key in at_work else not_begun,
            tries=int(row.key in at_work),
        )
        for row in rows
        if row.key not in known
    ]
