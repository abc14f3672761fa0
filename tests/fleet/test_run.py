"""``hclic fleet run`` with its workers and a Prefect server: what becomes of each, and of a command that is stopped."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.few import few
from tests.fleet import ending_workers
from tests.flows.servers import PATIENCE, ROOT, Server, programs, stop, wait_for

pytestmark = pytest.mark.server

CODES = ("E06000034", "E06000001", "E07000008")
GIVEN = ["--quarter", "2025-Q3", "--source", "native", "--only", "check"]
SENTINEL = "Zqxsentinel"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("server"))
    made.environment |= {"HCLIC_WORK": str(made.folder / "work"), "DO_NOT_TRACK": "1"}
    command = [str(programs() / "prefect"), "server", "start", "--port", str(made.port)]
    process = made.start(command, made.folder)
    try:
        import httpx

        def answers() -> bool:
            try:
                return httpx.get(f"{made.url}/health").status_code == 200
            except httpx.TransportError:
                return False

        wait_for("the start of the server", answers)
        yield made
    finally:
        stop(process)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few cases of three authorities: one clean; one with a value in the wrong place; one that cannot be read."""
    folder = tmp_path_factory.mktemp("exports")
    for code in CODES:
        shutil.copytree(few(), folder / code)
        for path in (folder / code).glob("*.csv"):
            path.write_text(path.read_text().replace("E06000034", code))
    blocked = folder / CODES[1] / "main.csv"
    head, first, *rest = blocked.read_text().splitlines()
    cells = first.split(",")
    cells[head.split(",").index("assess_date")] = SENTINEL
    blocked.write_text("\n".join([head, ",".join(cells), *rest]) + "\n")
    shutil.rmtree(folder / CODES[2])
    (folder / CODES[2]).mkdir()
    (folder / CODES[2] / "notes.txt").write_text(f"{SENTINEL}\n")
    return folder


def call(server: Server, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(programs() / "hclic"), "fleet", "run", *words, *GIVEN],
        cwd=server.folder, env=server.environment, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip


def summary(out: Path) -> dict[str, dict[str, str]]:
    with (out / "fleet" / "2025-Q3" / "summary.csv").open(newline="") as handle:
        return {row["authority"]: row for row in csv.DictReader(handle)}


@pytest.fixture(scope="module")
def first(server: Server, exports: Path) -> subprocess.CompletedProcess[str]:
    return call(server, f"{exports}/{{authority}}", "--out", "out")


def test_one_that_fails_stops_nobody_and_each_is_told(
    server: Server, exports: Path, first: subprocess.CompletedProcess[str]
) -> None:
    rows = summary(server.folder / "out")
    found = {code: (rows[code]["result"], rows[code]["exit_status"], rows[code]["tries"]) for code in CODES}
    assert found == {CODES[0]: ("clean", "0", "1"), CODES[1]: ("blocked", "1", "1"), CODES[2]: ("failed", "3", "1")}
    assert first.returncode == 3, first.stderr
    assert {line.partition("  ")[0] for line in first.stderr.splitlines()} == {f"{n} of 3" for n in (1, 2, 3)}
    for code in CODES[:2]:
        # Each has a warehouse of its own, beside its outputs.
        assert (server.folder / "out" / code / "warehouse.duckdb").is_file()
        assert (server.folder / "out" / code / "2025-Q3-check" / "ledger.json").is_file()


def test_no_value_of_the_data_is_shown_or_kept_by_prefect_and_no_connection_leaves_the_machine(
    server: Server, first: subprocess.CompletedProcess[str]
) -> None:
    told = first.stdout + first.stderr + server.log.read_text()
    told += "".join(path.read_text() for path in (server.folder / "out" / "fleet" / "2025-Q3").iterdir())
    assert SENTINEL not in told
    for path in (server.folder / ".prefect").rglob("*"):
        assert not path.is_file() or SENTINEL.encode() not in path.read_bytes(), path
    assert set(server.connections.read_text().split()) <= {"127.0.0.1", "::1", "localhost", "local", "socket"}


def test_prefect_has_a_task_for_each_run_with_its_end(server: Server, first: subprocess.CompletedProcess[str]) -> None:
    def ended() -> dict[str, str]:
        with server.client() as client:
            found = {one.name: str(one.state_name) for one in client.read_task_runs()}
        return found if set(found.values()) >= {"Clean", "Blocked", "Failed"} else {}

    assert wait_for("the record of the tasks", ended) == {
        f"{CODES[0]} 2025-Q3": "Clean", f"{CODES[1]} 2025-Q3": "Blocked", f"{CODES[2]} 2025-Q3": "Failed",
    }  # fmt: skip


def test_said_again_what_stands_is_not_made_anew(
    server: Server, exports: Path, first: subprocess.CompletedProcess[str]
) -> None:
    again = call(server, f"{exports}/{{authority}}", "--out", "out", "--workers", "1")
    rows = summary(server.folder / "out")
    assert [rows[code]["unchanged"] for code in CODES] == ["yes", "yes", "no"]
    assert [rows[code]["result"] for code in CODES] == ["clean", "blocked", "failed"]
    assert again.returncode == 3


def test_a_run_that_ends_its_process_is_begun_once_more_and_takes_no_other_with_it(
    server: Server, tmp_path: Path
) -> None:
    program = str(ROOT / "tests" / "fleet" / "ending_workers.py")
    environment = {**server.environment, "PYTHONPATH": f"{server.environment['PYTHONPATH']}:{ROOT}"}
    ended = subprocess.run(
        [sys.executable, program, str(tmp_path)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    found = {one["authority"]: (one["result"], one["tries"]) for one in json.loads(ended.stdout)}
    assert found == {
        ending_workers.ONCE: ("clean", 2), ending_workers.ALWAYS: ("failed", 2),
        ending_workers.NEVER: ("clean", 1), "E06000004": ("clean", 1),
    }  # fmt: skip


def test_stopped_at_the_keyboard_it_ends_its_workers_clears_and_leaves_a_summary(
    server: Server, exports: Path, tmp_path: Path
) -> None:
    command = [str(programs() / "hclic"), "fleet", "run", f"{exports}/{{authority}}", "--out", str(tmp_path), *GIVEN]
    process = server.start([*command, "--workers", "1"], server.folder)
    at_work = tmp_path / CODES[0] / ".2025-Q3-check.new", tmp_path / CODES[1] / ".2025-Q3-check.new"
    wait_for("a run at work", lambda: any(folder.is_dir() for folder in at_work) or process.poll() is not None)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(PATIENCE) == 128 + signal.SIGINT
    rows = summary(tmp_path)
    assert "stopped" in {row["result"] for row in rows.values()} and len(rows) == 3
    assert not any(folder.exists() for folder in at_work)

    def is_gone() -> bool:
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    wait_for("the end of all that it started", is_gone)
