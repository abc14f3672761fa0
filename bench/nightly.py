"""The nightly check of a large authority: ``python bench/nightly.py [--cases 60000] [--repeat 3] [--drawn 0.0125]``.

A first check fills the warehouse; then 1 % of the rows of every section change, as from one day to the next, and the
check is made again, as Prefect's worker makes it: a process of its own that talks to a server which is up already.
Prints lines of a table: what, seconds, peak MiB. With ``--without-prefect`` the same by ``hclic run``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from bench.history import AUTHORITY, NEIGHBOUR, QUARTER, changed
from bench.run import timed
from pipelines.synthesise.routes import make_cases
from schemas.sections import SECTIONS

FIRST_DAY = QUARTER.first_day.replace(year=QUARTER.year - 8)
AT_MOST = 8.0


def exports(cases: int, drawn: float, folder: Path) -> tuple[Path, Path]:
    """Yesterday's export and today's, one CSV a section."""
    sections = make_cases(
        cases, authority=AUTHORITY, neighbour=NEIGHBOUR, first_day=FIRST_DAY, last_day=QUARTER.last_day, seed=1
    )
    later = {one.name: changed(sections[one.name], one.name, drawn, seed=100 + one.number) for one in SECTIONS}
    for name, rows in (("yesterday", sections), ("today", later)):
        (folder / name).mkdir()
        for section, frame in rows.items():
            frame.write_csv(folder / name / f"{section}.csv")
    return folder / "yesterday", folder / "today"


def start_server(folder: Path) -> tuple[subprocess.Popen[bytes], dict[str, str]]:
    """A Prefect server in a home of its own, once it is up, and the environment in which to call it."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    own = {
        "HOME": str(folder),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(600):
        with suppress(OSError):
            if urllib.request.urlopen(f"{own['PREFECT_API_URL']}/health", timeout=5).status == 200:
                return process, own
        time.sleep(0.5)
    raise SystemExit("the Prefect server did not come up")


def main() -> int:
    """Measure, print, and say whether the aim is met."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=60_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--drawn", type=float, default=0.0125, help="Share of the rows drawn to change.")
    parser.add_argument("--without-prefect", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hclic-bench-") as name:
        folder = Path(name)
        yesterday, today = exports(given.cases, given.drawn, folder)
        flow = [
            sys.executable,
            *(["-m", "pipelines.cli", "run"] if given.without_prefect else ["-m", "pipelines.flows"]),
        ]
        asked = ["--authority", AUTHORITY, "--quarter", str(QUARTER), "--source", "native", "--only", "check"]
        server = None
        if not given.without_prefect:
            server, environment = start_server(folder)
            os.environ.update(environment)
        try:
            first = folder / "first"
            timed([*flow, str(yesterday), *asked, "--out", str(first)])
            runs = []
            for number in range(given.repeat):
                out = folder / f"out{number}"
                shutil.copytree(first, out)
                runs.append(timed([*flow, str(today), *asked, "--out", str(out)])[:2])
        finally:
            if server is not None:
                server.terminate()
                server.wait()
    seconds, memory = (statistics.median(one[place] for one in runs) for place in (0, 1))
    by = "by `hclic run`" if given.without_prefect else f"beside the start of a server, at most {AT_MOST:g}"
    print(f"| nightly-check, {given.cases:,} cases, 1 % changed: {by} | {seconds:.2f} | {memory:,.0f} |")
    return int(not given.without_prefect and seconds > AT_MOST)


if __name__ == "__main__":
    sys.exit(main())
