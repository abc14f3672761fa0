"""Every authority of a quarter through ``hclic fleet run``, and eight years of England checked: rows of a table.

``python -m bench.fleet [EXPORTS] [--years YEARS] [--sizes 37,74,148,296] [--pages] [--lake] [--no-check]``. EXPORTS is
a folder that ``hclic synthesise --all`` has written, YEARS one that ``bench.years`` has made of it; without them they
are made of the workbook. Of each size as many authorities are run as it says, evenly out of the list, by two workers,
each time from nothing; ``--lake`` runs those of the last size into a DuckLake besides, on the PostgreSQL of the tests.
Processor time is that of all processes, and peak memory what they hold together (what they share is counted once),
looked at twice a second.

The check is that of ``hclic check``, of the years of each authority of the last size, in two processes that stay.
"""

from __future__ import annotations

import argparse
import csv
import math
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUARTER = "2025-Q3"
WORKERS = 2
ALL = 296
"""Authorities of the workbook."""
GIB = 1024**3
MOST_SECONDS, MOST_GIB = 600, 6
MOST_CHECK_SECONDS, MOST_CHECK_GIB = 90, 4
MOST_GROWTH, MOST_RATIO = 1.02, 1.5


@dataclass
class Cost:
    """What a command took: seconds, seconds of processor time of all its processes, and their peak memory in bytes."""

    seconds: float = 0.0
    processor: float = 0.0
    memory: int = 0

    @property
    def cells(self) -> str:
        """The three as cells of a table."""
        return f"{self.seconds:,.0f} | {self.processor:,.0f} | {self.memory / GIB:.2f}"


@contextmanager
def measured() -> Iterator[Cost]:
    """The cost of what this process and its children do in the block; children count once they have ended."""
    cost, ended = Cost(), threading.Event()

    def look() -> None:
        while not ended.wait(0.5):
            cost.memory = max(cost.memory, _held())

    looking = threading.Thread(target=look)
    looking.start()
    began, spent = time.perf_counter(), _spent()
    try:
        yield cost
    finally:
        cost.seconds, cost.processor = time.perf_counter() - began, _spent() - spent
        ended.set()
        looking.join()


def _spent() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def _held() -> int:
    """Bytes that the processes below this one hold, each page divided among those that share it."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    ours, total = {os.getpid()}, 0
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    for pid in ours - {os.getpid()}:
        with suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def made(workbook: Path, folder: Path) -> Path:
    """The exports of every authority of the workbook."""
    command = ["synthesise", "--all", "--published", str(workbook), "--seed", "1", "--out", str(folder)]
    subprocess.run([sys.executable, "-m", "pipelines.cli", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return folder if (folder / "manifest.csv").is_file() else folder / QUARTER


def some_of(exports: Path, count: int, manifest: Path) -> int:
    """A manifest of ``count`` authorities, evenly out of the list; their cases together."""
    with (exports / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    count = min(count, len(rows))
    chosen = [rows[number * len(rows) // count] for number in range(count)]
    with manifest.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows({**row, "export": str((exports / row["export"]).resolve())} for row in chosen)
    return sum(_cases(exports / row["export"]) for row in chosen)


def _cases(export: Path) -> int:
    with (export / "main.csv").open("rb") as file:
        return sum(1 for _ in file) - 1


def run(manifest: Path, out: Path, *options: str, again: bool = False) -> Cost:
    """``hclic fleet run`` of the manifest, from nothing; ``again``: over what stands there."""
    if not again:
        shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "pipelines.cli", "fleet", "run", str(manifest), "--out", str(out), "--personal"]
    with measured() as cost:
        ended = subprocess.run(
            [*command, "--workers", str(WORKERS), *options], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
    if ended.returncode not in (0, 1):
        raise SystemExit(f"hclic fleet run ended with status {ended.returncode}: {ended.stderr.decode()[-400:]}")
    return cost


def growth(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """The exponent with which a cost grows, by least squares of the logarithms."""
    x, y = [math.log(size) for size in sizes], [math.log(cost) for cost in costs]
    middle = sum(x) / len(x)
    return sum((a - middle) * b for a, b in zip(x, y, strict=True)) / sum((a - middle) ** 2 for a in x)


def size_of(folder: Path, pattern: str) -> int:
    """Bytes of the files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob(pattern) if path.is_file())


def beside_a_lake(manifest: Path, work: Path, files: int, options: Sequence[str], note: Callable[..., None]) -> None:
    """The same into a DuckLake, and what it takes on disk beside the DuckDB files."""
    from tests.fleet.lakes import catalogues

    with catalogues() as server:
        data = work / "data"
        place = server.lake("england", data)
        cost = run(manifest, work / "lake", "--warehouse", str(place), *options)
        (catalogue,) = server.do("select pg_database_size('england')")[0]
        empty = server.do("select pg_database_size('template1')")[0][0]
    note("the same, into one DuckLake", cost)
    parquet, about = size_of(data, "*"), int(str(catalogue)) - int(str(empty))
    share = parquet / files if files else math.nan
    note(f"  Parquet {parquet / 1e6:,.1f} MB, DuckDB files {files / 1e6:,.1f} MB: times (at most {MOST_RATIO})", share)
    note("  its catalogue in PostgreSQL (MB)", about / 1e6)


def _checked(asked: tuple[str, str]) -> tuple[int, float]:
    """Findings, and seconds of processor time."""
    from pipelines.period import Quarter
    from pipelines.run.check import check_export

    export, authority = asked
    began = time.process_time()
    found = check_export(Path(export), authority=authority, quarter=Quarter.parse(QUARTER), source="native")
    return found.findings.height, time.process_time() - began


def check(manifest: Path, note: Callable[..., None]) -> None:
    """The years of the authorities of a manifest, in two processes that stay; the largest first."""
    with manifest.open(encoding="utf-8", newline="") as file:
        asked = [(row["export"], row["authority"]) for row in csv.DictReader(file)]
    sizes = {export: _cases(Path(export)) for export, _ in asked}
    # So that none is left alone at the end.
    asked.sort(key=lambda one: -sizes[one[0]])
    fresh = multiprocessing.get_context("spawn")
    with measured() as cost, ProcessPoolExecutor(WORKERS, mp_context=fresh) as pool:
        spent = sum(seconds for _, seconds in pool.map(_checked, asked))
    limit = f" (at most {MOST_CHECK_SECONDS} s, {MOST_CHECK_GIB} GiB)" if len(asked) == ALL else ""
    note(f"{sum(sizes.values()):,} cases of {len(asked)} authorities checked in two processes{limit}", cost)
    note("  processor seconds of an authority, without the start of the processes", spent / len(asked))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("exports", type=Path, nargs="?")
    parser.add_argument("--workbook", type=Path, default=next((ROOT / "data" / "published").glob("*.ods"), None))
    parser.add_argument("--sizes", default="37,74,148,296")
    parser.add_argument("--pages", action="store_true", help="With pages and charts as well.")
    parser.add_argument("--lake", action="store_true", help="The largest size into a DuckLake as well.")
    parser.add_argument("--years", type=Path, help="What bench.years has made of the exports.")
    parser.add_argument("--no-check", action="store_true", help="Without the check of years.")
    given = parser.parse_args()
    sizes = [int(one) for one in given.sizes.split(",") if one]
    print(f"Load average when it began: {os.getloadavg()[0]:.1f}, on {os.cpu_count()} cores.\n")
    print("| what | seconds | processor seconds | peak GiB |\n|---|--:|--:|--:|", flush=True)

    def note(what: str, cost: Cost | float) -> None:
        cells = cost.cells if isinstance(cost, Cost) else f"{cost:.2f} | |"
        print(f"| {what} | {cells} |", flush=True)

    with tempfile.TemporaryDirectory(prefix="hclic-bench-") as name:
        work = Path(name)
        exports = given.exports
        if exports is None:
            with measured() as cost:
                exports = made(given.workbook, work / "exports")
            note("`hclic synthesise --all`, one workbook", cost)
        costs: list[Cost] = []
        manifest, out = work / "manifest.csv", work / "out"
        for size in sizes:
            cases = some_of(exports, size, manifest)
            costs.append(run(manifest, out, "--no-pages"))
            limit = f" (at most {MOST_SECONDS} s, {MOST_GIB} GiB)" if size == ALL else ""
            note(f"`hclic fleet run`, {size} authorities, {cases:,} cases, without pages{limit}", costs[-1])
        if len(sizes) > 1:
            note(
                f"  growth exponent in authorities, at most {MOST_GROWTH}",
                growth(sizes, [one.seconds for one in costs]),
            )
            note("  of the processor time", growth(sizes, [one.processor for one in costs]))
        if sizes:
            files = size_of(out, "warehouse.duckdb")
            summing = ["fleet", "tables", "--warehouse", str(out), "--quarter", QUARTER, "--published"]
            with measured() as cost:
                subprocess.run(
                    [
                        sys.executable,
                        "-m",
                        "pipelines.cli",
                        *summing,
                        str(given.workbook),
                        "--out",
                        str(work / "tables"),
                    ],
                    cwd=ROOT,
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            note(f"`hclic fleet tables`, {sizes[-1]} authorities", cost)
            cost = run(manifest, out, "--no-pages", again=True)
            note(f"`hclic fleet run` with nothing changed, {sizes[-1]} authorities", cost)
            if given.pages:
                note(f"`hclic fleet run`, {sizes[-1]} authorities, with pages and charts", run(manifest, out))
            if given.lake:
                beside_a_lake(manifest, work, files, ["--no-pages"], note)
        if not given.no_check:
            years = given.years
            if years is None:
                years = work / "years"
                making = [sys.executable, "-m", "bench.years", str(exports), str(years)]
                subprocess.run(making, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            some_of(years, sizes[-1] if sizes else ALL, manifest)
            check(manifest, note)


if __name__ == "__main__":
    main()
