"""The README's commands, as pasted, in an empty HOME: server, deployments and worker run, and schedules make runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.flows.servers import ROOT, Server, ended_run, programs, stop, wait_for

LONDON = ZoneInfo("Europe/London")
NAMES = ("nightly-check", "quarterly-return", "weekly-metrics")
SENTINEL = "Zqxsentinel"
TINY = ROOT / "tests" / "golden" / "prevention-secured-alternative" / "input"

pytestmark = pytest.mark.server


def pasted() -> str:
    """The commands of the README's section, letter for letter."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- scheduled -->\n```\n(.*?)```\n<!-- /scheduled -->", text, re.S)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """What the README's commands start. Only the port is another, so that two tests can run on one machine."""
    made = Server(tmp_path_factory.mktemp("server"))
    checkout = made.folder / "checkout"
    checkout.mkdir()
    (checkout / "data").symlink_to(ROOT / "data")
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "bin").symlink_to(programs())
    commands = pasted()
    assert commands.count("4200") == 2
    process: subprocess.Popen[bytes] = made.start(["bash", "-c", commands.replace("4200", str(made.port))], checkout)
    try:
        yield made
    finally:
        stop(process)


@pytest.fixture(scope="module")
def deployments(server: Server) -> dict[str, Any]:
    """The deployments by name, once the worker of the pasted commands is at work."""
    import httpx
    from prefect.exceptions import ObjectNotFound

    def at_work() -> Any:
        try:
            with server.client() as client:
                found = {name: client.read_deployment_by_name(f"{name}/{name}") for name in NAMES}
                return found if client.read_work_pool("hclic").status == "READY" else None
        except (httpx.HTTPError, ObjectNotFound):
            return None

    return dict(wait_for("a worker at work", at_work))


@pytest.fixture(scope="module")
def deployment(deployments: dict[str, Any]) -> Any:
    return deployments["quarterly-return"]


def export_with_sentinels(folder: Path) -> Path:
    """The sample with a sentinel in every name, number and address."""
    import polars as pl

    export = folder / "export"
    shutil.copytree(ROOT / "data" / "sample" / "native", export)
    people = pl.read_csv(export / "people.csv", infer_schema=False)
    personal = ("forename", "surname", "nino", "last_address")
    people.with_columns(pl.lit(SENTINEL).alias(name) for name in personal).write_csv(export / "people.csv")
    return export


def test_the_schedules_make_runs_of_each_deployment_at_their_times_in_the_uk(
    server: Server, deployments: dict[str, Any]
) -> None:
    times = {
        name: [moment.astimezone(LONDON) for moment in server.scheduled(made.id, 3)]
        for name, made in deployments.items()
    }
    seen = {name: {(moment.hour, moment.minute) for moment in found} for name, found in times.items()}
    assert seen == {"nightly-check": {(3, 30)}, "quarterly-return": {(2, 30)}, "weekly-metrics": {(4, 30)}}
    for name in ("nightly-check", "quarterly-return"):
        days = [moment.date() for moment in times[name]]
        assert days == [days[0] + timedelta(days=number) for number in range(len(days))], "every night"


def test_a_schedule_stays_at_its_time_in_the_uk_when_the_clocks_change(
    server: Server, deployments: dict[str, Any]
) -> None:
    times = [moment.astimezone(LONDON) for moment in server.scheduled(deployments["weekly-metrics"].id, 50)]
    assert {(moment.weekday(), moment.hour, moment.minute) for moment in times} == {(0, 4, 30)}
    assert len({moment.utcoffset() for moment in times}) == 2, "fifty Mondays in a row cross a clock change"


def test_prefects_page_describes_every_parameter_and_writes_nothing_personal_unasked(
    deployments: dict[str, Any],
) -> None:
    for name, made in deployments.items():
        described = made.parameter_openapi_schema["properties"]
        assert described and all(one.get("description") for one in described.values()), name
        assert set(made.parameters) <= set(described)
        assert "personal" not in made.parameters and described["personal"]["default"] is False
        assert made.global_concurrency_limit.limit == 1
        assert made.enforce_parameter_schema


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
            runs = [run for run in server.runs_of(deployment.id) if run.auto_scheduled and run.state is not None]
            return next((run for run in runs if not run.state.is_scheduled()), None)

        run = wait_for("the start of a scheduled run", started_by_itself)
        for schedule in client.read_deployment_schedules(deployment.id):
            if schedule.slug == "short":
                client.delete_deployment_schedule(deployment.id, schedule.id)
        ended = wait_for("the end of the scheduled run", lambda: ended_run(client, run))
    assert (ended.state.name, ended.state.type.value) == ("Clean", "COMPLETED"), ended.state.message
    assert ended.state.message == "The return of E06000034 for July to September 2025 is written and checked."
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
        assert run.state.name == "Clean", run.state.message
        done = {task.name.rsplit("-", 1)[0] for task in its_tasks}
        assert done >= {"extract", "validate", "freeze", "emit-return", "finish"}
        assert {task.state_name for task in its_tasks} == {"Completed"}
        held = {item.key: item.data for item in its_artifacts}
        assert set(held) == {"quarterly-return", "quarterly-return-outputs"}
        assert '"cases in the return"' in held["quarterly-return"]
        assert (tmp_path / name / "E06000034" / "2025-Q3").as_uri() in held["quarterly-return-outputs"]
        assert (tmp_path / name / "E06000034" / "2025-Q3" / "ledger.json").is_file()


def state_of(server: Server, flow: Any, **given: Any) -> Any:
    """The state in which the server keeps a run that is made in this process."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    asked = {"export": str(TINY), "authority": "E06000034", "source": "native", "quarter": "2025-Q3", "pages": False}
    with temporary_settings({PREFECT_API_URL: server.url}):
        returned = flow(**{**asked, **given}, return_state=True)
    with server.client() as client:
        return client.read_flow_run(returned.state_details.flow_run_id).state


def test_a_blocked_run_is_a_state_of_its_own_with_one_sentence(
    server: Server, deployments: dict[str, Any], tmp_path: Path
) -> None:
    from pipelines.flows import nightly_check

    # Nothing in the export is dated in that quarter.
    state = state_of(server, nightly_check, out=str(tmp_path), quarter="2026-Q1")
    assert (state.name, state.type.value) == ("Blocked", "FAILED")
    folder = tmp_path / "E06000034" / "2026-Q1-check"
    said = f"1 error blocks the return of E06000034 for January to March 2026: see {folder / 'findings'}."
    assert state.message == said
    assert sorted(path.name for path in folder.iterdir()) == [
        "findings",
        "ledger.json",
        "reference_map.csv",
        "worklists",
    ]


def test_a_run_that_takes_too_long_ends_in_a_sentence_and_leaves_nothing_behind(
    server: Server, deployments: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    from pipelines import flows

    seen = []

    def never_ends(work: str) -> None:
        seen.append((Path(work) / "run.duckdb").is_file())
        while True:
            time.sleep(0.01)

    monkeypatch.setitem(flows.TASKS, "extract", never_ends)
    monkeypatch.setattr(flows, "SECONDS_A_MINUTE", 0.5)
    state = state_of(server, flows.quarterly_return, out=str(tmp_path), minutes=10)
    assert (state.name, state.type.value) == ("Timed out", "FAILED")
    assert state.message.startswith("The run did not end within 10 minutes and was stopped")
    assert seen == [True] and [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_error_is_a_failed_run_with_the_sentence_of_the_command_line(
    server: Server, deployments: dict[str, Any], tmp_path: Path
) -> None:
    from pipelines.flows import weekly_metrics

    state = state_of(server, weekly_metrics, out=str(tmp_path), export=str(tmp_path / "not-there"))
    assert (state.name, state.type.value) == ("Failed", "FAILED")
    assert state.message == "There is no export at that path."


def test_no_connection_left_the_machine(server: Server, deployments: dict[str, Any]) -> None:
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
