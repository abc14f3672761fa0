"""A real Prefect server and worker on loopback: the schedule makes its own runs, and they end."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONDON = ZoneInfo("Europe/London")
PREFECT = str(Path(sys.executable).with_name("prefect"))

SENTINEL = "Zqxsentinel"
# Seconds after which something is held not to happen at all. Nothing here depends on how fast the machine is.
PATIENCE = 600
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

pytestmark = pytest.mark.server


class Server:
    """Address and log of the server, and the environment in which to call it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/api"
        self.log = folder / "server.log"
        self.worker_log = folder / "worker.log"
        self.folder = folder
        self.connections = folder / "connections.txt"
        (folder / "watch").mkdir()
        (folder / "watch" / "sitecustomize.py").write_text(WATCH)
        self.environment = {
            **os.environ,
            "HOME": str(folder),
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_API_URL": self.url,
            "PREFECT_SERVER_API_HOST": "127.0.0.1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_UI_ENABLED": "false",
            "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
            # SQLite has one writer. Services that this test does not use write all the time, and on two busy cores
            # the server then logs "database is locked".
            "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
            "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
            "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
            # It waits for its database as long as it takes on a machine that has other work.
            "PREFECT_SERVER_DATABASE_TIMEOUT": str(PATIENCE),
            "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": str(PATIENCE),
            # By default the scheduler looks 100 days ahead: too short to see both sides of a clock change.
            "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME": "P400D",
            "PREFECT_WORKER_QUERY_SECONDS": "2",
            # How long a run that found the deployment busy is put back; half a minute by default.
            "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "2",
            "DO_NOT_TRACK": "1",
            "PYTHONPATH": str(folder / "watch"),
            "HCLIC_CONNECTIONS": str(self.connections),
            "HCLIC_HOME": str(ROOT),
        }

    def client(self) -> Any:
        from prefect.client.orchestration import SyncPrefectClient

        return SyncPrefectClient(self.url)

    def call(self, *arguments: str) -> None:
        done = subprocess.run(
            [PREFECT, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


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
    """Ask the process to end, and make it end when it does not."""
    process.terminate()
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    import httpx

    made = Server(tmp_path_factory.mktemp("server"))
    with made.log.open("w") as log:
        process = subprocess.Popen(
            [PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(made.port)],
            env=made.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:

            def healthy() -> bool:
                try:
                    return httpx.get(f"{made.url}/health", timeout=2).status_code == 200
                except httpx.HTTPError:
                    return False

            wait_for("the server's start", healthy)
            yield made
        finally:
            stop(process)


@pytest.fixture(scope="module")
def deployment(server: Server) -> Iterator[Any]:
    """The deployment of prefect.yaml, applied as the README says, and a worker for its pool."""
    server.call("work-pool", "create", "hclic", "--type", "process")
    server.call("--no-prompt", "deploy", "--all")
    with server.worker_log.open("w") as log:
        worker = subprocess.Popen(
            [PREFECT, "worker", "start", "--pool", "hclic", "--name", "test"],
            cwd=ROOT,
            env=server.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            with server.client() as client:
                yield client.read_deployment_by_name("quarterly-return/quarterly")
        finally:
            stop(worker)


def runs_of(server: Server, deployment_id: Any) -> list[Any]:
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
    from prefect.client.schemas.sorting import FlowRunSort

    with server.client() as client:
        found = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment_id])),
            sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        )
    return list(found)


def export_with_sentinels(folder: Path) -> Path:
    """The sample with a sentinel in every name, number and address."""
    import polars as pl

    export = folder / "export"
    shutil.copytree(ROOT / "data" / "sample" / "native", export)
    people = pl.read_csv(export / "people.csv", infer_schema=False)
    personal = ("forename", "surname", "nino", "last_address")
    people.with_columns(pl.lit(SENTINEL).alias(name) for name in personal).write_csv(export / "people.csv")
    return export


def test_scheduled_runs_appear_at_half_past_two_in_the_uk_across_a_clock_change(
    server: Server, deployment: Any
) -> None:
    def scheduled() -> list[datetime]:
        times = [run.expected_start_time for run in runs_of(server, deployment.id) if run.auto_scheduled]
        return times if len(times) >= 3 else []

    times = [moment.astimezone(LONDON) for moment in wait_for("the scheduling of three runs", scheduled)]
    assert {(moment.hour, moment.minute, moment.day) for moment in times} == {(2, 30, 8)}
    assert {moment.month for moment in times} <= {1, 4, 7, 10}
    assert len({moment.utcoffset() for moment in times}) == 2, "three quarters in a row cross a clock change"


def ended_run(client: Any, run: Any) -> Any:
    """The flow run when it has ended, and nothing before."""
    found = client.read_flow_run(run.id)
    return found if found.state is not None and found.state.is_final() else None


@pytest.fixture
def parameters(tmp_path: Path) -> dict[str, Any]:
    return {
        "export": str(export_with_sentinels(tmp_path)),
        "authority": "E06000034",
        "quarter": "2025-Q3",
        "source": "native",
        "personal": True,
    }


def test_a_short_schedule_runs_by_itself(
    server: Server, deployment: Any, parameters: dict[str, Any], tmp_path: Path
) -> None:
    from prefect.client.schemas.schedules import IntervalSchedule

    with server.client() as client:
        # The second run is far off when the first has been seen to start, and goes with its schedule.
        client.create_deployment_schedules(
            deployment.id,
            [
                (
                    IntervalSchedule(
                        interval=timedelta(minutes=2), anchor_date=datetime.now(UTC) + timedelta(seconds=20)
                    ),
                    True,
                )
            ],
            max_scheduled_runs=1,
            parameters={**parameters, "out": str(tmp_path / "out")},
            slug="short",
        )

        def started_by_itself() -> Any:
            runs = [run for run in runs_of(server, deployment.id) if run.auto_scheduled and run.state is not None]
            return next((run for run in runs if not run.state.is_scheduled()), None)

        run = wait_for("the start of a scheduled run", started_by_itself)
        for schedule in client.read_deployment_schedules(deployment.id):
            if schedule.slug == "short":
                client.delete_deployment_schedule(deployment.id, schedule.id)
        ended = wait_for("the end of the scheduled run", lambda: ended_run(client, run))
    assert ended.state.is_completed(), ended.state.message
    assert (tmp_path / "out" / "E06000034" / "2025-Q3" / "ledger.json").is_file()


def test_two_runs_that_meet_are_queued_and_both_end_clean_and_leave_their_artifacts(
    server: Server, deployment: Any, parameters: dict[str, Any], tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with server.client() as client:
        made = [
            client.create_flow_run_from_deployment(
                deployment.id,
                parameters={**parameters, "out": str(tmp_path / name), "warehouse": str(warehouse), "pages": False},
            )
            for name in ("one", "other")
        ]
        assert client.read_deployment(deployment.id).global_concurrency_limit.limit == 1
        ended = [wait_for("the end of a run", lambda run=run: ended_run(client, run)) for run in made]
        tasks = [client.read_task_runs(flow_run_filter=_only(run.id)) for run in made]
        artifacts = [[item for item in client.read_artifacts() if item.flow_run_id == run.id] for run in made]
    first, second = sorted(ended, key=lambda run: run.start_time)
    assert first.end_time <= second.start_time, "one run of the deployment at a time"
    for name, run, its_tasks, its_artifacts in zip(("one", "other"), ended, tasks, artifacts, strict=True):
        assert run.state.is_completed(), run.state.message
        done = {task.name.rsplit("-", 1)[0] for task in its_tasks}
        assert done >= {"extract", "validate", "freeze", "emit-return", "finish"}
        assert {task.state_name for task in its_tasks} == {"Completed"}
        assert len(its_artifacts) == 1
        assert '"cases in the return"' in its_artifacts[0].data
        assert (tmp_path / name / "E06000034" / "2025-Q3" / "ledger.json").is_file()


def test_no_connection_left_the_machine(server: Server, deployment: Any) -> None:
    seen = set(server.connections.read_text().split("\n")) - {""}
    assert seen, "the watch saw the worker talk to the server"
    assert seen <= {"127.0.0.1", "::1", "localhost", "local socket"}


def test_prefect_stored_no_personal_value(server: Server, deployment: Any) -> None:
    stored = [path for path in server.folder.rglob("*") if path.is_file() and path.suffix != ".py"]
    assert any(path.suffix == ".db" for path in stored), "the server's database is among the files"
    assert [path.name for path in stored if SENTINEL.encode() in path.read_bytes()] == []


def test_the_server_logged_no_error(server: Server, deployment: Any) -> None:
    entries = re.split(r"\n(?=\d\d:\d\d:\d\d\.\d{3} \| |[A-Z]+:)", server.log.read_text())
    bad = [entry for entry in entries if " ERROR " in entry.split("\n")[0] or entry.startswith("ERROR")]
    # SQLite has one writer: on two busy cores a heartbeat may find it taken, and the next one is written.
    assert [entry for entry in bad if "database is locked" not in entry] == []


def _only(flow_run_id: Any) -> Any:
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    return FlowRunFilter(id=FlowRunFilterId(any_=[flow_run_id]))
