"""The Prefect flow ``fleet-run``: one task a run, on workers of Dask. Decorates and calls.

Tasks take the options of a run as they were typed, never frames, and give back counts and a sentence: Prefect stores
parameters and the messages of states.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import distributed
from prefect import State, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Completed, Failed
from prefect_dask import DaskTaskRunner

from pipelines.errors import HclicError, PassingError
from pipelines.fanout.cluster import workers
from pipelines.fanout.loop import LostTouchError, WorkerLostError, through
from pipelines.fleet.manifest import Row
from pipelines.fleet.one import Outcome, run_one
from pipelines.private import keep_to_owner

TOPIC = "hclic-fleet"
"""Under it workers tell, through Dask, which step of which run they begin."""

KILLED_TWICE = (
    "The system ended its process, twice, most likely because memory ran out, or room on a disk. Nothing half-written"
    " is in place. Use fewer workers (--workers), or a machine with more memory, and run again: it goes on where it"
    " stood."
)
OUT_OF_TOUCH = (
    "The scheduler of the workers is gone, so how it ended is not known. Nothing half-written is in place. Run again:"
    " what is done stands, and is not made anew."
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


_FLEET: ContextVar[tuple[Fleet, distributed.Client]] = ContextVar("fleet")


@task(name="authority", task_run_name="{authority} {quarter}", cache_policy=NO_CACHE, persist_result=False)
def make_one(authority: str, quarter: str, options: dict[str, Any]) -> State[Any]:
    """One authority's run, in the process of a worker."""
    keep_to_owner()
    worker, key = distributed.get_worker(), f"{authority} {quarter}"
    outcome = run_one(
        options,
        started=datetime.now(UTC),
        before=lambda step: worker.log_event(TOPIC, {"key": key, "step": step.words}),
    )
    state = Completed if outcome.exit_code == 0 else Failed
    return state(name=outcome.result.capitalize(), message=outcome.sentence, data=outcome)


@dataclass(frozen=True)
class _Handed:
    future: Any

    def when_done(self, call: Callable[[], None]) -> None:
        self.future.wrapped_future.add_done_callback(lambda done: call())

    def outcome(self) -> Outcome:
        try:
            state = self.future.wrapped_future.result()
            found = _data_of(state)
        except distributed.KilledWorker:
            raise WorkerLostError(KILLED_TWICE) from None
        except Exception as error:
            if self.future.wrapped_future.status in ("cancelled", "lost"):
                raise LostTouchError(OUT_OF_TOUCH) from None
            # Its text may name what no log is to hold.
            found = error
        if not isinstance(found, Outcome):
            kind = type(found).__name__
            raise LostTouchError(f"The worker could not make the run ({kind}). Please report this line.") from None
        return found


@flow(name="fleet-run", persist_result=False, validate_parameters=False)
def fleet_run(manifest: str, out: str, runs: int) -> State[Any]:
    """One run of ``hclic`` for each row of a manifest; one that fails stops nobody."""
    # Prefect sends the flow's function along with each task: what it names has to be something that can be sent.
    ill = _fan_out()
    if ill:
        return Failed(name="Not all clean", message=f"{ill} of {runs} runs did not end clean.")
    return Completed(name="Clean", message=f"{runs} runs ended clean.")


def _fan_out() -> int:
    """Hand out all runs; how many did not end clean."""
    fleet, client = _FLEET.get()

    def hand_out(row: Row) -> _Handed:
        fleet.at_work[row.key] = row
        fleet.telling.begun(row)
        return _Handed(make_one.submit(row.authority, row.quarter, dict(row.options)))

    def threads() -> int:
        return sum(client.nthreads().values())

    for outcome in through(fleet.rows, hand_out, threads, fleet.telling.looking):
        fleet.ended.append(outcome)
        fleet.at_work.pop(outcome.key, None)
        fleet.telling.ended(outcome)
    return sum(one.exit_code != 0 for one in fleet.ended)


def run_fleet(fleet: Fleet) -> None:
    """Make every run of the fleet; what has become of each stands in ``fleet.ended`` then, or when this is stopped.

    Raises:
        PassingError: a scheduler or a Prefect server does not answer.
        FleetStoppedError: an unforeseen fault of what hands out the runs.
    """
    with _prefect() as address, workers(fleet.scheduler, fleet.workers, len(fleet.rows)) as client:
        client.subscribe_topic(TOPIC, lambda event: fleet.telling.step(event[1]["key"], event[1]["step"]))
        token = _FLEET.set((fleet, client))
        try:
            with temporary_settings({PREFECT_API_URL: address()}):
                made = fleet_run.with_options(task_runner=_on(client))
                state = made(fleet.manifest, fleet.out, len(fleet.rows), return_state=True)
                if len(fleet.ended) < len(fleet.rows):
                    fault = _data_of(state)
                    raise FleetStoppedError(f"The flow stopped for an unforeseen fault ({type(fault).__name__}).")
        finally:
            _FLEET.reset(token)


def _on(client: distributed.Client) -> Any:
    return DaskTaskRunner(address=client.scheduler.address)


def _data_of(state: Any) -> Any:
    """What a state holds, an exception too. Asked for at once, whether or not there is an event loop."""
    return state.result(raise_on_failure=False, _sync=True)


@contextmanager
def _prefect() -> Iterator[Callable[[], str]]:
    """Gives what waits for the Prefect server: that of PREFECT_API_URL, or one for the block, on loopback."""
    if given := PREFECT_API_URL.value():
        yield lambda: str(given)
        return
    server = SubprocessASGIServer()
    failed: list[Exception] = []

    def start() -> None:
        try:
            server.start()
        except Exception as error:
            failed.append(error)

    # Beside the workers, which take as long.
    starting = threading.Thread(target=start, daemon=True)
    starting.start()

    def started() -> str:
        starting.join()
        if failed:
            raise PassingError("Prefect's own server did not start within two minutes. Run again.") from None
        return server.api_url

    try:
        yield started
    finally:
        server.stop()
