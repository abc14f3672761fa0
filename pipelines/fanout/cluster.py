"""The workers: a cluster on this machine, one process a core, or those of a scheduler that is named."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import dask.config
import distributed
from dask.system import CPU_COUNT
from distributed.system import MEMORY_LIMIT

from pipelines.errors import PassingError, UsageError
from pipelines.fanout.worker import Counting, Warm
from pipelines.run.ledger import software

LOOPBACK = "127.0.0.1"
PATIENCE = 30
"""Seconds until a scheduler that does not answer is given up."""

OF_OURS = {
    # What a run holds is its own, and nothing that Dask could lay aside; a worker above the mark would never go on.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    # Whether a run is begun again is decided where it is counted.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.admin.tick.limit": "30s",
}


@contextmanager
def workers(scheduler: str | None, wanted: int | None, runs: int) -> Iterator[distributed.Client]:
    """A client of the workers; ours are started for the block, and end with it.

    Args:
        scheduler: address of one that is at work, ``tcp://host:8786``; None for workers of this machine.
        wanted: how many of this machine; None for one a core.
        runs: how many runs there are: more workers would have nothing to do.

    Raises:
        PassingError: the scheduler does not answer.
        UsageError: a worker cannot be used, or a machine has no hclic.
    """
    if scheduler is not None:
        try:
            client = distributed.Client(scheduler, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError):
            raise PassingError(
                f"There is no answer from the scheduler within {PATIENCE} seconds. Start it (dask scheduler), or leave"
                " --scheduler out: the workers are then on this machine."
            ) from None
        with client:
            _make_ready(client)
            yield client
        return
    count = max(1, min(wanted or CPU_COUNT, runs))
    with (
        dask.config.set(OF_OURS),
        distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host=LOOPBACK,
            # Its pages cannot be left out; any port that is free, so that two commands do not meet at one.
            dashboard_address=f"{LOOPBACK}:0",
            memory_limit=MEMORY_LIMIT // count,
            env=dict(os.environ),
            silence_logs=logging.CRITICAL,
        ) as cluster,
        distributed.Client(cluster.scheduler_address, set_as_default=False) as client,
    ):
        client.register_plugin(Warm(ends_with_us=True))
        try:
            yield client
        except BaseException:
            _end(cluster)
            raise


def _make_ready(client: distributed.Client) -> None:
    """Have scheduler and workers that are not ours do as ours do, workers that come later too."""
    warm = Warm(ends_with_us=False, ours=software())
    try:
        client.register_plugin(Counting())
        client.register_plugin(warm)
    except BaseException as error:
        # Else workers that are started for the next command would be held to this one's software.
        with suppress(Exception):
            client.unregister_worker_plugin(warm.name)
        if isinstance(error, (ImportError, AttributeError, TypeError)):
            raise UsageError(
                "The scheduler or one of its workers has no hclic, or another version of it. Install the same version"
                " on every machine: pip install 'hclic[fleet]'."
            ) from None
        raise


def _end(cluster: distributed.LocalCluster) -> None:
    """End the workers at once: asked to, each would end its run first."""
    for nanny in cluster.workers.values():
        nanny.auto_restart = False
        with suppress(ProcessLookupError, TypeError):
            os.kill(nanny.pid, signal.SIGKILL)
