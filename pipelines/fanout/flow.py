"""The Prefect flow ``fleet-run``: one task a run, which a worker of Dask makes. Decorates and calls.

A task hands the options of a run, as they were typed, to a worker, and gets counts and a sentence back: Prefect stores
parameters and the messages of states. It waits in a thread of this process. Sent to the workers themselves, as
prefect-dask does, each task would carry all of Prefect's settings, and every worker would have to reach the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

import distributed
import httpx
from prefect import State, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from pipelines.errors import HclicError, PassingError
from pipelines.fanout.cluster import workers
from pipelines.fanout.loop import LostTouchError, WorkerLostError, through
from pipelines.fanout.server import own_server
from pipelines.fanout.worker import TOPIC, in_worker
from pipelines.fleet.manifest import Row
from pipelines.fleet.one import Outcome

MOST_AT_WORK = 1000
"""Runs that can be at work at once: each waits in a thread of this process."""

KILLED = (
    "The system ended its process, more than once, most likely because memory ran out, or room on a disk, or its"
    " machine was cut off. Nothing half-written is in place. Use fewer workers (--workers), or a machine with more"
    " memory, and run again: it goes on where it stood."
)
OUT_OF_TOUCH = (
    "The scheduler of the workers is gone, so how it ended is not known. Nothing half-written is in place. Run again:"
    " what is done stands, and is not made anew."
)
NO_SCHEDULER = (
    "The scheduler of the workers does not answer any more. Nothing half-written is in place. Start it again, and its"
    " workers, and run again: what is done stands, and is not made anew."
)
NO_PREFECT = (
    "The Prefect server does not answer. Nothing half-written is in place. Start it again, or leave PREFECT_API_URL"
    " out, and run again: what is done stands, and is not made anew."
)


class FleetStoppedError(HclicError):
    """The flow could not go on. Holds a sentence, never a value from the data."""

    exit_code = 4


class Telling(Protocol):
    """Who is told how a fleet gets on."""

    def begun(self, row: Row) -> None: ...

    def step(self, key: str, words: str) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...

    def looking(self) -> None: ...


@dataclass
class Fleet:
    """What is to be run, where, and what has become of it so far: that stands when the rest is stopped, too."""

    rows: Sequence[Row]
    manifest: str
    out: str
    telling: Telling
    scheduler: str | None = None
    workers: int | None = None
    ended: list[Outcome] = field(default_factory=list)
    at_work: dict[str, Row] = field(default_factory=dict)
    handed: dict[str, distributed.Future] = field(default_factory=dict)
    """What Dask knows of each run, by its key."""


_FLEET: ContextVar[tuple[Fleet, distributed.Client]] = ContextVar("fleet")


@task(name="authority", task_run_name="{authority} {quarter}", cache_policy=NO_CACHE, persist_result=False)
def make_one(authority: str, quarter: str, options: dict[str, Any]) -> State[Any]:
    """One authority's run, made by a worker."""
    fleet, client = _FLEET.get()
    key = f"{authority} {quarter}"
    fleet.handed[key] = at_worker = client.submit(in_worker, key, options, pure=False)
    try:
        outcome = at_worker.result()
    except distributed.KilledWorker:
        return _lost(WorkerLostError(KILLED))
    except Exception as error:
        if at_worker.status in ("cancelled", "lost"):
            return _lost(LostTouchError(OUT_OF_TOUCH))
        # Its text may name what no log is to hold.
        kind = type(error).__name__
        return _lost(LostTouchError(f"The worker could not make the run ({kind}). Please report this line."))
    state = Completed if outcome.exit_code == 0 else Failed
    return state(name=outcome.result.capitalize(), message=outcome.sentence, data=outcome)


def _lost(error: WorkerLostError | LostTouchError) -> State[Any]:
    """The state of a task whose run nobody made; raised in the task it would be logged with all that led to it."""
    return Failed(name="Lost", message="Its worker, or the scheduler, was gone before it ended.", data=error)


@dataclass(frozen=True)
class _Handed:
    future: Any

    def when_done(self, call: Callable[[], None]) -> None:
        self.future.wrapped_future.add_done_callback(lambda done: call())

    def outcome(self) -> Outcome:
        try:
            found = _data_of(self.future.wrapped_future.result())
        except Exception as error:
            found = error
        if isinstance(found, (WorkerLostError, LostTouchError)):
            raise found
        if not isinstance(found, Outcome):
            kind = type(found).__name__
            raise LostTouchError(f"The run could not be handed to a worker ({kind}). Please report this line.")
        return found


@flow(name="fleet-run", persist_result=False, validate_parameters=False)
def fleet_run(manifest: str, out: str, runs: int) -> State[Any]:
    """One run of ``hclic`` for each row of a manifest; one that fails stops nobody."""
    fleet, client = _FLEET.get()

    def hand_out(row: Row) -> _Handed:
        fleet.at_work[row.key] = row
        fleet.telling.begun(row)
        return _Handed(make_one.submit(row.authority, row.quarter, dict(row.options)))

    def threads() -> int:
        try:
            return min(sum(client.nthreads().values()), MOST_AT_WORK)
        except Exception:
            # Of many kinds: the client of a scheduler that is gone is in pieces.
            raise PassingError(NO_SCHEDULER) from None

    try:
        for outcome in through(fleet.rows, hand_out, threads, fleet.telling.looking):
            fleet.ended.append(outcome)
            fleet.at_work.pop(outcome.key, None)
            fleet.handed.pop(outcome.key, None)
            fleet.telling.ended(outcome)
    except PassingError as error:
        with suppress(Exception):
            client.cancel(list(fleet.handed.values()), force=True)
        # Raised it would be logged with all that led to it.
        return Failed(name="Stopped", message=str(error), data=error)
    except BaseException:
        # Else the threads that wait for workers would be waited for.
        with suppress(Exception):
            client.cancel(list(fleet.handed.values()), force=True)
        raise
    if ill := sum(one.exit_code != 0 for one in fleet.ended):
        return Failed(name="Not all clean", message=f"{ill} of {runs} runs did not end clean.")
    return Completed(name="Clean", message=f"{runs} runs ended clean.")


def run_fleet(fleet: Fleet) -> None:
    """Make every run of the fleet; what has become of each stands in ``fleet.ended`` then, or when this is stopped.

    Raises:
        PassingError: a scheduler or a Prefect server does not answer.
        UsageError: a worker of the scheduler has other software, or makes several runs at once.
        FleetStoppedError: an unforeseen fault of what hands out the runs.
    """
    with _prefect() as address, workers(fleet.scheduler, fleet.workers, len(fleet.rows)) as client:
        client.subscribe_topic(TOPIC, lambda event: fleet.telling.step(event[1]["key"], event[1]["step"]))
        token = _FLEET.set((fleet, client))
        try:
            with temporary_settings({PREFECT_API_URL: address()}):
                made = fleet_run.with_options(task_runner=ThreadPoolTaskRunner(max_workers=MOST_AT_WORK))  # type: ignore[arg-type]
                try:
                    state = made(fleet.manifest, fleet.out, len(fleet.rows), return_state=True)
                except (httpx.HTTPError, RuntimeError):
                    # Of Prefect's own: what goes wrong in the flow is in its state.
                    if len(fleet.ended) < len(fleet.rows):
                        raise PassingError(NO_PREFECT) from None
                    # All is made and told here; only Prefect does not know of it.
                    return
                if len(fleet.ended) < len(fleet.rows):
                    fault = _data_of(state)
                    if isinstance(fault, HclicError):
                        raise fault
                    raise FleetStoppedError(f"The flow stopped for an unforeseen fault ({type(fault).__name__}).")
        finally:
            _FLEET.reset(token)


def _data_of(state: Any) -> Any:
    """What a state holds, an exception too. Asked for at once, whether or not there is an event loop."""
    return state.result(raise_on_failure=False, _sync=True)


@contextmanager
def _prefect() -> Iterator[Callable[[], str]]:
    """Gives what waits for the Prefect server: that of PREFECT_API_URL, or one for the block, on loopback."""
    if given := PREFECT_API_URL.value():
        yield lambda: str(given)
        return
    # It starts beside the workers, which take as long.
    with own_server() as address:
        yield address
