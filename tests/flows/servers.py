"""A Prefect server on loopback for the tests, and what they ask of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.databases.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
# Seconds after which something is held not to happen at all. Nothing here depends on how fast the machine is.
PATIENCE = 900
# Loaded by every process that the test starts: notes where each connection goes.
WATCH = """
import os, sys
def _note(event, arguments):
    if event == "socket.connect":
        where = arguments[1]
        host = where[0] if isinstance(where, tuple) else "local socket"
        with open(os.environ["HCLIC_CONNECTIONS"], "a") as handle:
            handle.write(f"{host}\\n")
sys.addaudithook(_note)
"""


class Server:
    """A folder that is an empty HOME, the address of the server, and the environment in which to call it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}/api"
        self.log = folder / "log"
        self.connections = folder / "connections.txt"
        (folder / "watch").mkdir()
        (folder / "watch" / "sitecustomize.py").write_text(WATCH)
        own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        self.environment = {
            **own,
            "HOME": str(folder),
            "PREFECT_API_URL": self.url,
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_UI_ENABLED": "false",
            "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
            # So many that weekly ones see both sides of a clock change.
            "PREFECT_SERVER_SERVICES_SCHEDULER_MIN_RUNS": "55",
            "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS": "60",
            # SQLite has one writer. Services that this test does not use write all the time, and on two busy cores
            # the server then logs "database is locked".
            "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
            "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
            "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
            # It waits for its database as long as it takes on a machine that has other work.
            "PREFECT_SERVER_DATABASE_TIMEOUT": str(PATIENCE),
            "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": str(PATIENCE),
            # By default the scheduler looks 100 days ahead.
            "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME": "P400D",
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            # How long a run that found the deployment busy is put back; half a minute by default.
            "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "2",
            "DO_NOT_TRACK": "1",
            "PYTHONPATH": str(folder / "watch"),
            "HCLIC_CONNECTIONS": str(self.connections),
        }

    def client(self) -> Any:
        from prefect.client.orchestration import SyncPrefectClient

        return SyncPrefectClient(self.url)

    def start(self, command: list[str], cwd: Path) -> subprocess.Popen[bytes]:
        """Start a command, with all that it starts in a group of its own, and its words in the log."""
        with self.log.open("a") as log:
            return subprocess.Popen(
                command, cwd=cwd, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def runs_of(self, deployment_id: Any) -> list[Any]:
        """The runs of a deployment, those that are only scheduled too, in the order of their times."""
        from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
        from prefect.client.schemas.sorting import FlowRunSort

        with self.client() as client:
            found = client.read_flow_runs(
                deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id])),
                sort=FlowRunSort.EXPECTED_START_TIME_ASC,
            )
        return list(found)

    def scheduled(self, deployment_id: Any, at_least: int) -> list[Any]:
        """The times of the runs that the schedule has made, once there are so many."""

        def found() -> list[Any]:
            times = [run.expected_start_time for run in self.runs_of(deployment_id) if run.auto_scheduled]
            return times if len(times) >= at_least else []

        return list(wait_for(f"the scheduling of {at_least} runs", found))


def programs() -> Path:
    """Where the commands of this environment lie."""
    return Path(sys.executable).parent


def wait_for(what: str, probe: Callable[[], Any]) -> Any:
    """What the probe finds, asked once a second."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(1)
    raise AssertionError(f"{what} did not happen within {PATIENCE} s")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the process and all that it started to end, and make them end when they do not."""
    for number, seconds in ((signal.SIGTERM, 60), (signal.SIGKILL, 60)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    # Its children are not ours to wait for: they are gone when their group is.
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            os.killpg(process.pid, 0)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(0.1)


def ended_run(client: Any, run: Any) -> Any:
    """The flow run when it has ended, and nothing before."""
    found = client.read_flow_run(run.id)
    return found if found.state is not None and found.state.is_final() else None
