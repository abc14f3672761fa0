"""Writes an export of invented cases in native layout, for the benchmarks: ``python bench/cases.py COUNT FOLDER``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from pipelines.synthesise.routes import make_cases

LAST_DAY = date(2025, 9, 30)
# Eight years of a large authority: 60,000 cases, some 5,000 of them in the quarter.
FIRST_DAY = date(2017, 10, 1)


def write(count: int, folder: Path, seed: int = 1) -> Path:
    """One CSV per section in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    sections = make_cases(
        count, authority="E08000025", neighbour="E08000031", first_day=FIRST_DAY, last_day=LAST_DAY, seed=seed
    )
    for name, rows in sections.items():
        rows.write_csv(folder / f"{name}.csv")
    return folder


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
