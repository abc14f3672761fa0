"""What a look at the machine says: every fault that a run would meet, before it meets it, and what to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from pipelines import at_rest
from pipelines.cli import app
from pipelines.errors import UsageError
from pipelines.run.lock import alone_at
from pipelines.setup import configuration, folder
from pipelines.setup.configuration import Configuration
from pipelines.setup.doctor import FAULT, OK, WARNING, Line, Machine, clock, given, keys, look, places, server, software
from pipelines.setup.doctor import warehouse as store
from pipelines.warehouse import chain, layouts
from pipelines.warehouse.store import RUNNING, Warehouse

POSIX = pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with an empty warehouse, on which nothing is amiss."""
    for name in ("kept", "out"):
        (tmp_path / name).mkdir(mode=0o700)
    path = tmp_path / "kept" / "warehouse.duckdb"
    now = datetime.now(UTC)
    with Warehouse(path) as opened:
        chain.append(opened.connection, "backup", la_code=None, at=now, facts={})
    return Machine(now=now, environment={}, warehouse=path, out=tmp_path / "out")


def levels(lines: Iterator[Line]) -> dict[str, str]:
    """The worst level by what was looked at."""
    order, worst = (OK, WARNING, FAULT), dict[str, str]()
    for line in lines:
        worst[line.about] = max(worst.get(line.about, OK), line.level, key=order.index)
    return worst


def said(lines: Iterator[Line], about: str) -> str:
    return "\n".join(f"{line.level}: {line.words} {line.what_to_do}" for line in lines if line.about == about)


def with_environment(machine: Machine, **environment: str) -> Machine:
    return Machine(machine.now, environment, machine.warehouse, machine.out, machine.configuration)


def test_a_machine_on_which_nothing_is_amiss_has_no_fault(machine: Machine) -> None:
    assert [line for line in look(machine) if line.level == FAULT] == []


def test_every_line_that_is_not_ok_says_what_to_do(machine: Machine) -> None:
    machine.warehouse.write_text("no warehouse")
    machine.warehouse.chmod(0o644)
    lines = list(look(machine))
    assert {line.level for line in lines} >= {OK, FAULT}
    assert [line for line in lines if (line.level == OK) == bool(line.what_to_do)] == []


@POSIX
def test_a_file_that_others_may_read_is_a_fault_and_a_folder_a_warning(machine: Machine) -> None:
    assert levels(places.look(machine))["files"] == OK
    (machine.out / "cases.csv").write_text("x")
    (machine.out / "cases.csv").chmod(0o640)
    machine.out.chmod(0o710)
    lines = list(places.look(machine))
    assert levels(iter(lines)) | {"git": ""} == {"folder": WARNING, "files": FAULT, "room": OK, "git": ""}
    assert f"chmod 700 {machine.out}" in said(iter(lines), "folder")


@pytest.mark.parametrize(
    ("spare", "level"),
    [(0, OK), (-1, WARNING), (-1 - 2 * 1000, FAULT)],
)
def test_room_is_needed_for_a_run_and_two_copies_of_the_warehouse(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, spare: int, level: str
) -> None:
    machine.warehouse.write_bytes(b"x" * 1000)
    free = places.TIMES * 1000 + places.ROOM + spare
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert levels(places.look(machine))["room"] == level


def test_git_that_would_take_up_case_data_is_a_fault(machine: Machine) -> None:
    top = machine.out.parent
    assert "git" not in levels(places.look(machine))
    subprocess.run(["git", "init", "--quiet", str(top)], check=True)
    assert levels(places.look(machine))["git"] == FAULT
    (top / ".gitignore").write_text("*\n")
    assert levels(places.look(machine))["git"] == OK


def test_keys_are_judged_and_never_shown(machine: Machine) -> None:
    short, long = "Secret-Word-1", at_rest.new_key()
    for name, about in ((at_rest.KEY, "key of files"), ("HCLIC_PSEUDONYM_KEY", "key of pseudonyms")):
        weak = list(keys.look(with_environment(machine, **{name: short})))
        assert levels(iter(weak))[about] == FAULT
        assert short not in repr(weak)
    strong = with_environment(machine, HCLIC_PSEUDONYM_KEY=long, HCLIC_DB_PASSWORD="Open-Sesame")
    lines = list(keys.look(strong))
    assert levels(iter(lines)) == {"key of files": WARNING, "key of pseudonyms": OK, "database": WARNING}
    assert long not in repr(lines)
    assert "Open-Sesame" not in repr(lines)


def test_a_key_and_a_warehouse_that_do_not_belong_together_are_a_fault(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = at_rest.new_key()
    said_of = said(keys.look(with_environment(machine, **{at_rest.KEY: key})), "key of files")
    assert "fault" in said_of and "is not encrypted" in said_of
    monkeypatch.setenv(at_rest.KEY, key)
    encrypted = tmp_path / "encrypted.duckdb"
    Warehouse(encrypted).close()
    monkeypatch.delenv(at_rest.KEY)
    closed = Machine(machine.now, {}, encrypted, machine.out)
    assert levels(keys.look(closed))["key of files"] == FAULT
    assert levels(store.look(closed))["warehouse"] == FAULT


@pytest.mark.parametrize(("late", "level"), [(timedelta(0), OK), (timedelta(seconds=1), FAULT)])
def test_a_clock_that_is_behind_the_files_is_a_fault(machine: Machine, late: timedelta, level: str) -> None:
    newest = (machine.now + clock.AHEAD + late).timestamp()
    os.utime(machine.warehouse, (newest, newest))
    assert levels(clock.look(machine))["clock"] == level


def test_a_changed_line_of_the_ledger_is_a_fault(machine: Machine) -> None:
    assert levels(store.look(machine))["ledger"] == OK
    with Warehouse(machine.warehouse) as opened:
        opened.connection.execute("update ledger_line set facts = '{\"cases\":2}'")
    assert levels(store.look(machine))["ledger"] == FAULT


def test_a_backup_is_asked_for_when_the_last_is_more_than_a_month_old(machine: Machine) -> None:
    for days, level in ((0, OK), (store.OLD_BACKUP.days, OK), (store.OLD_BACKUP.days + 1, WARNING)):
        later = Machine(machine.now + timedelta(days=days), {}, machine.warehouse, machine.out)
        assert levels(store.look(later))["backup"] == level, days


def test_what_a_stopped_run_left_is_told_unless_a_run_is_at_work(machine: Machine) -> None:
    with Warehouse(machine.warehouse) as opened:
        opened.connection.execute(
            "insert into runs (run_id, run_order, la_code, quarter, as_at, result) values ('r', 1, 'E06000034',"
            f" '2025-Q3', date '2025-09-30', '{RUNNING}')"
        )
    (machine.out / "E06000034" / ".2025-Q3.new").mkdir(parents=True)
    found = levels(store.look(machine))
    assert (found["warehouse"], found["left over"]) == (WARNING, WARNING)
    with alone_at(machine.warehouse):
        found = levels(store.look(machine))
    assert (found["warehouse"], "left over" in found) == (OK, False)


def test_an_older_layout_is_told_and_not_migrated(machine: Machine) -> None:
    with Warehouse(machine.warehouse) as opened:
        opened.connection.execute(f"update about set layout = {layouts.NEWEST - 1}")
    before = machine.warehouse.read_bytes()
    assert f"layout {layouts.NEWEST - 1}" in said(store.look(machine), "warehouse")
    assert machine.warehouse.read_bytes() == before


def test_packages_that_are_missing_or_other_than_tested_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Machine(datetime.now(UTC), {}, Path("w"), Path("o"))
    assert levels(software.look(here))["packages"] == OK
    assert {"polars", "duckdb", "prefect"} <= set(software.needed())
    assert "pytest" not in software.needed()
    monkeypatch.setattr(software, "tested_versions", lambda: {"polars": "0.1"})
    assert "tested with 0.1" in said(software.look(here), "packages")


def test_what_the_configuration_names_and_is_not_there_is_told(machine: Machine, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.toml")
    named = Configuration(tmp_path / "hclic.toml", {}, {"source": gone, "out": str(tmp_path / "none"), "wait": 3})
    lines = list(given.look(Machine(machine.now, {}, machine.warehouse, machine.out, named)))
    assert [line.level for line in lines] == [OK, WARNING, WARNING]
    assert gone in lines[1].words and f"hclic profile draft EXPORT --out {gone}" in lines[1].what_to_do
    assert "does not say which authority it is for" in lines[2].words
    wrong = Machine(machine.now, {}, machine.warehouse, machine.out, UsageError("It is not TOML."))
    assert levels(given.look(wrong)) == {"configuration": FAULT}


def test_a_new_folder_says_what_is_still_to_be_put_there(machine: Machine, tmp_path: Path) -> None:
    folder.make(tmp_path / "new", "E06000034")
    named = configuration.read(tmp_path / "new" / configuration.NAME)
    lines = list(given.look(Machine(machine.now, {}, machine.warehouse, machine.out, named)))
    told = [line.what_to_do for line in lines if line.level == WARNING]
    assert (
        len(told) == 2 and any("Put an export" in one for one in told) and any("profile draft" in one for one in told)
    )
    (tmp_path / "new" / "exports" / "main.csv").touch()
    (tmp_path / "new" / "profiles" / "my-system.toml").touch()
    assert levels(given.look(Machine(machine.now, {}, machine.warehouse, machine.out, named))) == {"configuration": OK}


class Prefect(BaseHTTPRequestHandler):
    """A server that answers as Prefect's does."""

    answers: ClassVar[dict[str, Any]] = {}

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(self.answers[self.path]).encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture
def address() -> Iterator[str]:
    httpd = HTTPServer(("127.0.0.1", 0), Prefect)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}/api"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def answers(deployments: list[dict[str, Any]], status: str = "READY", number: str | None = None) -> dict[str, Any]:
    return {
        "/api/health": True,
        "/api/admin/version": number or version("prefect"),
        "/api/deployments/filter": deployments,
        "/api/work_pools/filter": [{"name": "hclic", "type": "process", "status": status}],
    }


def test_the_server_its_schedules_and_its_workers_are_told(machine: Machine, address: str) -> None:
    quiet = {"PREFECT_API_URL": address, **server.QUIET}
    ours = {"name": "quarterly", "entrypoint": "pipelines/flows.py:quarterly_return", "schedules": [{"active": True}]}
    Prefect.answers = answers([ours])
    assert levels(server.look(with_environment(machine, **quiet))) == {"prefect": OK, "schedules": OK, "worker": OK}
    Prefect.answers = answers([ours | {"paused": True}], "NOT_READY", "3.0.0")
    found = levels(server.look(with_environment(machine, PREFECT_API_URL=address)))
    assert found == {"prefect": WARNING, "schedules": WARNING, "worker": WARNING}
    Prefect.answers = answers([{"name": "other", "entrypoint": "somebody/elses.py:flow"}])
    assert "hclic deploy" in said(server.look(with_environment(machine, **quiet)), "schedules")


def test_a_server_that_does_not_answer_is_a_fault_and_its_password_is_not_shown(machine: Machine) -> None:
    lines = list(server.look(with_environment(machine, PREFECT_API_URL="http://me:Open-Sesame@127.0.0.1:1/api")))
    assert levels(iter(lines))["prefect"] == FAULT
    assert "Open-Sesame" not in repr(lines)
    assert [line.level for line in server.look(machine)] == [OK]


def test_the_command_ends_with_1_where_there_is_a_fault_and_reads_the_folders_configuration(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = machine.out.parent
    (top / "hclic.toml").write_text('warehouse = "kept/warehouse.duckdb"\n[run]\nout = "out"\n')
    monkeypatch.chdir(top)
    for name in ("PREFECT_API_URL", at_rest.KEY, "HCLIC_PSEUDONYM_KEY"):
        monkeypatch.delenv(name, raising=False)
    well = CliRunner().invoke(app, ["doctor"])
    assert well.exit_code == 0, well.output
    assert str(machine.warehouse.parent) in well.output
    machine.warehouse.write_text("no warehouse")
    ill = CliRunner().invoke(app, ["doctor"])
    assert ill.exit_code == 1
    assert ill.output.rstrip().endswith("1 fault")
