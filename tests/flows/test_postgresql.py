"""Prefect's own records in PostgreSQL: the deployments are registered, scheduled, and a run ends in its own state."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.databases.servers import SECRET, postgresql_server
from tests.flows.servers import PATIENCE, ROOT, Server, ended_run, programs, stop, wait_for

TINY = ROOT / "tests" / "golden" / "prevention-secured-alternative" / "input"

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server"))
    with postgresql_server(connections=60, with_extensions=True) as port:
        address = f"postgresql+asyncpg://owner:{quote(SECRET, safe='')}@127.0.0.1:{port}/postgres"
        made.environment["PREFECT_API_DATABASE_CONNECTION_URL"] = address
        command = [str(programs() / "prefect"), "server", "start", "--host", "127.0.0.1", "--port", str(made.port)]
        process = made.start(command, made.folder)
        # Only the server is to know it.
        del made.environment["PREFECT_API_DATABASE_CONNECTION_URL"]

        def is_up() -> bool:
            assert process.poll() is None, made.log.read_text()[-2000:]
            try:
                return httpx.get(f"{made.url}/health", timeout=5).status_code == 200
            except httpx.HTTPError:
                return False

        try:
            wait_for("the start of the server", is_up)
            yield made
        finally:
            stop(process)


def called(server: Server, *command: str) -> str:
    done = subprocess.run(
        command,
        cwd=server.folder,
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_run_of_an_installed_package_is_registered_scheduled_made_and_ends_in_its_own_state(server: Server) -> None:
    out = server.folder / "out"
    hclic = (sys.executable, "-m", "pipelines.cli") if not (programs() / "hclic").is_file() else (programs() / "hclic",)
    # From a folder that is no checkout.
    said = called(
        server,
        *(str(part) for part in hclic),
        *("deploy", str(TINY), "--authority", "E06000034", "--source", "native", "--out", str(out), "--register"),
    )
    assert "Registered." in said and (server.folder / "prefect.yaml").is_file()
    with server.client() as client:
        made = {
            name: client.read_deployment_by_name(f"{name}/{name}")
            for name in ("nightly-check", "quarterly-return", "weekly-metrics")
        }
        for one in made.values():
            assert len(server.scheduled(one.id, 3)) >= 3
        run: Any = client.create_flow_run_from_deployment(
            made["nightly-check"].id, parameters={**made["nightly-check"].parameters, "quarter": "2025-Q3"}
        )
        worker = server.start([str(programs() / "prefect"), "worker", "start", "--pool", "hclic"], server.folder)
        try:
            ended = wait_for("the end of the run", lambda: ended_run(client, run))
        finally:
            stop(worker)
    assert (ended.state.name, ended.state.type.value) == ("Clean", "COMPLETED"), ended.state.message
    assert (Path(out) / "E06000034" / "2025-Q3-check" / "findings" / "findings.xlsx").is_file()
    # Its records are in PostgreSQL, and nowhere else.
    assert list(server.folder.rglob("prefect.db")) == []
