"""A run with everything encrypted beside the same run without: seconds, and their ratio (at most 1.3).

Run by ``python -m bench.encrypted``; part of ``make bench``. The two take turns, so that a busy neighbour costs both.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipelines.at_rest import KEY, new_key

ROOT = Path(__file__).resolve().parent.parent
AUTHORITY, QUARTER = "E06000034", "2025-Q3"
MOST = 1.3


def seconds_of(command: list[str], key: str | None) -> float:
    """Seconds of the whole process, with the key or without one."""
    environment = {name: value for name, value in os.environ.items() if name != KEY}
    before = time.perf_counter()
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=environment if key is None else {**environment, KEY: key},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if ended.returncode not in (0, 1):
        raise SystemExit(f"{command[3]} ended with status {ended.returncode}")
    return time.perf_counter() - before


def main() -> None:
    """Print one line a measure, in the form of ``bench/results.md``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    hclic = [sys.executable, "-m", "pipelines.cli"]
    work = Path(tempfile.mkdtemp(prefix="hclic-bench-"))
    try:
        export = work / "export"
        making = [sys.executable, "bench/cases.py", str(given.cases), str(export)]
        subprocess.run(making, cwd=ROOT, check=True, env={**os.environ, "PYTHONPATH": "."})
        common = ["--authority", AUTHORITY, "--quarter", QUARTER]
        keys: dict[str, str | None] = {"plain": None, "encrypted": new_key()}
        found: dict[tuple[str, str], list[float]] = {}
        for number in range(given.repeat):
            for name in sorted(keys, reverse=bool(number % 2)):
                out = work / f"{name}{number}"
                running = [*hclic, "run", str(export), *common, "--source", "native", "--out", str(out), "--personal"]
                found.setdefault(("run", name), []).append(seconds_of(running, keys[name]))
                asked = ["--warehouse", str(out / "warehouse.duckdb"), "--out", str(work / "m")]
                reading = [*hclic, "metrics", *common, *asked]
                found.setdefault(("metrics", name), []).append(seconds_of(reading, keys[name]))
                shutil.rmtree(out)
        for command in ("run", "metrics"):
            plain, encrypted = (statistics.median(found[command, name]) for name in ("plain", "encrypted"))
            print(f"| `hclic {command}`, {given.cases:,} cases, without a key | {plain:.2f} | |")
            print(f"| `hclic {command}`, {given.cases:,} cases, encrypted | {encrypted:.2f} | |")
            print(f"|   encrypted as a multiple of plain (at most {MOST}) | {encrypted / plain:.2f} | |", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
