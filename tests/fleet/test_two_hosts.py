"""Workers on two hosts, one of them cut off in mid-run: the work is finished, and counted once."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.place import Lake
from pipelines.warehouse.store import Warehouse
from tests.few import few
from tests.fleet import hosts, lakes

OLD = "E06000034"
CODES = ("E06000001", "E06000005", "E06000006", OLD)
QUARTER = "2025-Q3"
NEAR, FAR = "near", "far"
SCHEDULER = f"tls://{hosts.CONTROLLER}:8786"
WHOSE = ("SCHEDULER", "WORKER", "CLIENT")
PRELOAD = Path(__file__).with_name("held_up.py")


def _exports(folder: Path) -> Path:
    """The same cases for each authority, and the manifest of them."""
    lines = ["authority,export"]
    for code in CODES:
        target = folder / code
        target.mkdir(parents=True)
        for path in few().glob("*.csv"):
            (target / path.name).write_text(path.read_text("utf-8").replace(OLD, code), "utf-8")
        lines.append(f"{code},{code}")
    manifest = folder / "manifest.csv"
    manifest.write_text("\n".join(lines) + "\n")
    return manifest


def _environment(folder: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DASK_"))}
    return own | {
        "HOME": str(folder),
        "PREFECT_API_URL": f"http://{hosts.CONTROLLER}:4200/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "DO_NOT_TRACK": "1",
        "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "11s",
        "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "20s",
        "PYTHONPATH": str(hosts.ROOT),
        "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true",
        **_certificate(folder),
    }


def _certificate(folder: Path) -> dict[str, str]:
    """One certificate for all, which is the authority's too."""
    if shutil.which("openssl") is None:
        pytest.skip("a certificate is made with openssl")
    own, key = folder / "own.pem", folder / "own.key"
    asked = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=hclic"
    subprocess.run([*asked.split(), "-out", str(own), "-keyout", str(key)], check=True, capture_output=True)
    start = "DASK_DISTRIBUTED__COMM__TLS__"
    whose = {f"{start}{who}__{what}": str(path) for who in WHOSE for what, path in (("CERT", own), ("KEY", key))}
    return {f"{start}CA_FILE": str(own), **whose}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hosts.Machines]:
    folder = tmp_path_factory.mktemp("machines")
    with hosts.machines(folder, _environment(folder), NEAR, FAR) as made:
        yield made


@pytest.fixture(scope="module")
def lake(network: hosts.Machines) -> Iterator[Lake]:
    with lakes.catalogues(hosts.CONTROLLER) as server:
        for name in ("HCLIC_WAREHOUSE_USER", "HCLIC_WAREHOUSE_PASSWORD"):
            network.environment[name] = os.environ[name]
        yield server.lake("fleet", network.folder / "data")


@dataclass(frozen=True)
class State:
    """What the lake and the outputs hold of each authority."""

    counted: dict[str, list[tuple[object, ...]]]
    """Quarter, result and number of lines that say it has ended, for each run."""
    cells: dict[str, str]
    names: dict[str, tuple[str, ...]]
    bytes: dict[str, str]


def _state(lake: Lake, out: Path) -> State:
    state = State({}, {}, {}, {})
    for code in CODES:
        with Warehouse(lake.of(code), read_only=True) as store:
            ask = store.connection.execute
            state.counted[code] = ask(
                "select quarter, result, (select count(*) from ledger_line as line where line.run_id = runs.run_id"
                ' and facts like \'%"event":"ended"%\') from runs order by all'
            ).fetchall()
            cells = ask("select official_table, column_path, measure, value, note from official_cells order by all")
            state.cells[code] = hashlib.sha256(repr(cells.fetchall()).encode()).hexdigest()
        files = sorted(path for path in (out / code).rglob("*") if path.is_file())
        state.names[code] = tuple(str(path.relative_to(out / code)).replace(code, "") for path in files)
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in files))
        state.bytes[code] = digest.hexdigest()
    return state


def _summary(out: Path) -> dict[str, dict[str, str]]:
    with (out / "fleet" / QUARTER / "summary.csv").open(encoding="utf-8-sig", newline="") as handle:
        return {row["authority"]: row for row in csv.DictReader(handle)}


def _worker(network: hosts.Machines, host: str, **more: str) -> hosts.Started:
    given = (
        "--nthreads",
        "1",
        "--no-nanny",
        "--no-dashboard",
        "--preload",
        str(PRELOAD),
        "--local-directory",
        str(network.folder),
    )
    return network.start(host, "dask", "worker", SCHEDULER, *given, host=host, more=more)


def test_a_run_whose_host_is_cut_off_is_finished_by_another_and_counted_once(
    network: hosts.Machines, lake: Lake
) -> None:
    folder = network.folder
    manifest, out, notes = _exports(folder / "exports"), folder / "out", folder / "notes"
    notes.mkdir()
    prefect = network.start("prefect", "prefect", "server", "start", "--host", hosts.CONTROLLER, "--port", "4200")
    given = ("--protocol", "tls", "--host", hosts.CONTROLLER, "--port", "8786", "--no-dashboard")
    network.start("scheduler", "dask", "scheduler", *given)
    _worker(network, NEAR)
    far = _worker(network, FAR, HELD_UP=str(notes))
    hosts.until("the start of the far worker", lambda: "Registered to" in far.said, far)
    hosts.until("the start of Prefect", lambda: hosts.listens(4200), prefect)
    command = ("run", str(manifest), "--scheduler", SCHEDULER, "--warehouse", str(lake), "--out", str(out))
    command += ("--quarter", QUARTER, "--source", "native", "--no-pages")
    made = network.start("command", "hclic", "fleet", *command)
    hosts.until("a run on the far host", (notes / "caught").exists, made)
    caught = (notes / "caught").read_text()

    network.link(FAR, up=False)
    (notes / "cut").touch()
    hosts.until("the loss of the locks of files", (notes / "fallen").exists, far)
    assert made.wait() == 0, made.said
    rows = _summary(out)
    assert {code: row["tries"] for code, row in rows.items()} == {code: str(1 + (code == caught)) for code in CODES}
    before = _state(lake, out)
    assert before.counted == {code: [(QUARTER, "clean", 1)] for code in CODES}
    assert len({before.cells[code] for code in CODES}) == 1, "the same cases give the same figures"
    assert len({before.names[code] for code in CODES}) == 1, "as on the host that was never cut off"

    network.link(FAR, up=True)
    (notes / "back").touch()
    hosts.until("the end of the run that was held up", (notes / "said").exists)
    said = (notes / "said").read_text()
    assert said.startswith(f"{caught} failed "), said
    assert _state(lake, out) == before
