"""``hclic qa`` on a return of some 5,000 cases: ``python -m bench.quality [--cases 5000] [--repeat 5]``.

Prints rows of a Markdown table. The two earlier quarters have returns on disk, as in an authority's third quarter; the
first report reads their XML, and every later one knows their totals.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from pipelines.synthesise.routes import make_cases

ROOT = Path(__file__).resolve().parent.parent
AUTHORITY = "E08000025"
QUARTERS = ("2024-Q3", "2025-Q2", "2025-Q3")
LAST_DAY = date(2025, 9, 30)
HCLIC = [sys.executable, "-m", "pipelines.cli"]


def _export(folder: Path, cases: int) -> Path:
    folder.mkdir()
    # Cases of five months: nearly all of them are in the return of the last three.
    sections = make_cases(
        cases, authority=AUTHORITY, neighbour="E08000031", first_day=date(2025, 5, 1), last_day=LAST_DAY, seed=1
    )
    for name, rows in sections.items():
        rows.write_csv(folder / f"{name}.csv")
    return folder


def _run(export: Path, out: Path, quarter: str) -> None:
    # The earlier quarters' returns have few cases: what is measured is the report on a large one.
    given = ["--authority", AUTHORITY, "--quarter", quarter, "--source", "native", "--out", str(out)]
    more = ["--as-at", str(LAST_DAY), "--personal", "--no-pages", "--exclude-cases-with-errors", "bench"]
    subprocess.run([*HCLIC, "run", str(export), *given, *more], cwd=ROOT, check=False, stdout=subprocess.DEVNULL)


def _seconds(warehouse: Path) -> float:
    begun = time.perf_counter()
    asked = [*HCLIC, "qa", "--warehouse", str(warehouse), "--authority", AUTHORITY, "--quarter", QUARTERS[-1]]
    done = subprocess.run(asked, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
    if done.returncode not in (0, 1):
        raise SystemExit(f"hclic qa ended with status {done.returncode}")
    return time.perf_counter() - begun


def main() -> None:
    """Measure, and print the rows."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--cases", type=int, default=5_800, help="Cases of the export; 5,000 of 5,800 are in the return."
    )
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="hclic-bench-"))
    try:
        export, out = _export(work / "export", given.cases), work / "out"
        for quarter in QUARTERS:
            _run(export, out, quarter)
        file = next((out / AUTHORITY / QUARTERS[-1] / "return").glob("hclic_case_*.xml"))
        cases = file.read_text(encoding="utf-8").count("<CASE>")
        first = _seconds(out / "warehouse.duckdb")
        later = statistics.median(_seconds(out / "warehouse.duckdb") for _ in range(given.repeat))
        print(f"| `hclic qa`, {cases:,} cases with the personal-data file (at most 3) | {later:.2f} | |")
        print(f"| `hclic qa`, the same, the first time (once) | {first:.2f} | |")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
