"""A second run at the same warehouse waits, says once for what, and both end clean."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from pipelines.errors import HeldError, UsageError
from pipelines.run import lock, run
from pipelines.run.request import Request
from pipelines.run.run import make
from pipelines.warehouse.store import Warehouse

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "golden" / "prevention-secured-alternative" / "input"
AUTHORITY, QUARTER = "E06000034", "2025-Q3"


def request(out: Path, warehouse: Path, **given: object) -> Request:
    typed = {"export": str(TINY), "authority": AUTHORITY, "quarter": QUARTER, "source": "native", "pages": False}
    more = {"out": str(out), "warehouse": str(warehouse), **given}
    return Request.read({**typed, **more}, started=datetime(2025, 10, 8, tzinfo=UTC))


def command(out: Path, warehouse: Path) -> list[str]:
    hclic = str(Path(sys.executable).with_name("hclic"))
    place = ["--out", str(out), "--warehouse", str(warehouse), "--no-pages"]
    return [hclic, "run", str(TINY), "--authority", AUTHORITY, "--quarter", QUARTER, "--source", "native", *place]


def test_a_run_in_another_folder_waits_for_the_one_at_its_warehouse(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PAUSE_SECONDS", 0.01)
    warehouse, inside, order = tmp_path / "warehouse.duckdb", threading.Event(), []

    def slow(step: run.Step) -> None:
        if step.name == "build_facts":
            inside.set()
            threading.Event().wait(0.3)

    def first() -> None:
        order.append(make(request(tmp_path / "one", warehouse), before=slow).result)

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(60)
    order.append(f"second {make(request(tmp_path / 'other', warehouse)).result}")
    thread.join()
    assert order == ["clean", "second clean"]
    said = [record.getMessage() for record in caplog.records]
    assert said == [f"Waiting, up to 10 minutes: another run is at work at the warehouse {warehouse}."]


def test_two_processes_at_one_warehouse_both_end_clean_and_the_second_says_what_it_waits_for(tmp_path: Path) -> None:
    warehouse = tmp_path / "store" / "warehouse.duckdb"
    with lock.alone_at(warehouse):
        both = [
            subprocess.Popen(command(tmp_path / name, warehouse), stdout=-1, stderr=-1, text=True)
            for name in ("one", "other")
        ]
        for process in both:
            assert process.stderr
            assert process.stderr.readline() == (
                f"Waiting, up to 10 minutes: another run is at work at the warehouse {warehouse}.\n"
            )
    for process in both:
        _, said = process.communicate(timeout=120)
        assert (process.returncode, said) == (0, "")
    assert sorted(path.name for path in warehouse.parent.iterdir()) == ["warehouse.duckdb"]
    with Warehouse(warehouse, read_only=True) as store:
        row = store.connection.execute("select count(*), max(result) from runs").fetchone()
    # One export, one run: the second wrote it again.
    assert row == (1, "clean")


def test_a_run_whose_time_to_wait_is_over_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with lock.alone_at(warehouse), pytest.raises(HeldError, match="after a wait of 0 minutes") as held:
        make(request(tmp_path / "out", warehouse, wait="0"))
    assert "--wait" in str(held.value) and str(warehouse) in str(held.value)
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_holds_no_warehouse(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    (tmp_path / ".warehouse.duckdb.in-use").touch()
    with lock.alone_at(warehouse, seconds=0):
        assert (tmp_path / ".warehouse.duckdb.in-use").exists()
    assert list(tmp_path.iterdir()) == []


def test_a_warehouse_under_another_name_is_the_same_one(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "name.duckdb").symlink_to(tmp_path / "warehouse.duckdb")
    with (
        lock.alone_at(tmp_path / "warehouse.duckdb"),
        pytest.raises(HeldError),
        lock.alone_at(tmp_path / "other" / "name.duckdb", seconds=0),
    ):
        pass


def test_two_warehouses_in_one_folder_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with lock.alone_at(tmp_path / "one.duckdb"), lock.alone_at(tmp_path / "other.duckdb", seconds=0):
        assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_made_for_a_warehouse_that_did_not_come_goes_again(tmp_path: Path) -> None:
    with lock.alone_at(tmp_path / "a" / "b" / "warehouse.duckdb"):
        assert (tmp_path / "a" / "b").is_dir()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wait", ["-1", "soon", "1.5"])
def test_a_time_to_wait_is_whole_minutes(wait: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="whole number of minutes"):
        request(tmp_path, tmp_path / "warehouse.duckdb", wait=wait)


def test_the_time_to_wait_changes_nothing_in_the_outputs(tmp_path: Path) -> None:
    make(request(tmp_path / "out", tmp_path / "warehouse.duckdb"))
    assert make(request(tmp_path / "out", tmp_path / "warehouse.duckdb", wait="3")).is_unchanged


def test_a_deployment_runs_once_at_a_time_and_the_next_run_queues() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    assert [one["name"] for one in deployments] == ["nightly-check", "quarterly-return", "weekly-metrics"]
    for deployment in deployments:
        assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}, deployment["name"]
