"""Writes an export of invented cases in native layout: ``python bench/cases.py COUNT FOLDER [COPIES]``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.synthesise.routes import make_cases

LAST_DAY = date(2025, 9, 30)
# Eight years of a large authority: 60,000 cases, some 5,000 of them in the quarter.
FIRST_DAY = date(2017, 10, 1)


def write(count: int, folder: Path, copies: int = 1, seed: int = 1) -> Path:
    """One CSV per section in ``folder``; with ``copies`` the same cases again under other references."""
    folder.mkdir(parents=True, exist_ok=True)
    sections = make_cases(
        count, authority="E08000025", neighbour="E08000031", first_day=FIRST_DAY, last_day=LAST_DAY, seed=seed
    )
    for name, rows in sections.items():
        with (folder / f"{name}.csv").open("wb") as file:
            for copy in range(copies):
                numbered = rows.with_columns(pl.col("case_ref").str.replace("_0", f"_{copy}", literal=True))
                if "local_ref" in rows.columns:
                    numbered = numbered.with_columns(pl.col("local_ref") + (f"-{copy}" if copy else ""))
                numbered.write_csv(file, include_header=copy == 0)
    return folder


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]), copies=int(sys.argv[3]) if len(sys.argv) > 3 else 1)
