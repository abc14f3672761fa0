"""The tables and metrics of a run as one short text: each row that holds a figure, and of the others number and digest.

Most rows of these files are zeros for months and cells that a scenario of one household never touches. Each line names
its file, so that a diff without context can be read.
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

FOLDERS = ("tables", "metrics")
# The catalogue of the metrics: titles, not figures; tests/metrics compares it.
NOT_FIGURES = {"metrics/index.csv"}
# Numbers that say which row it is, and numbers that are the same in every month or year.
NAMES_OF_ROWS = {"band_no", "count_months", "horizon_months", "line_no", "start_year", "seed", "case_ref", "edition"}
SHORT = 12
"""A file of at most this many rows is shown whole."""
MOST = 80
"""Of a metric, this many rows that hold a figure are shown; the rest go into a digest of their own."""


def _holds_figure(row: dict[str, str]) -> bool:
    for column, text in row.items():
        if column in NAMES_OF_ROWS:
            continue
        try:
            if float(text) != 0:
                return True
        except ValueError:
            continue
    return False


def _lines(name: str, path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as handle:
        heading, *rows = handle.read().splitlines()
    columns = next(csv.reader([heading]))
    read = [dict(zip(columns, cells, strict=True)) for cells in csv.reader(rows)]
    shown = [len(rows) <= SHORT or _holds_figure(row) for row in read]
    kept = [row for row, show in zip(rows, shown, strict=True) if show]
    most = MOST if name.startswith("metrics/") else len(kept)
    lines = [f"{name}: {line}" for line in [heading, *kept[:most]]]
    left = [row for row, show in zip(rows, shown, strict=True) if not show]
    for what, others in (("more rows", kept[most:]), ("rows without a figure", left)):
        if others:
            digest = hashlib.sha256("\n".join(others).encode()).hexdigest()[:12]
            lines.append(f"{name}: and {len(others)} {what}, sha256 {digest}")
    return lines


def figures(quarter: Path) -> str:
    """Every CSV of ``tables/`` and ``metrics/`` below a quarter's folder; empty when there is none."""
    lines: list[str] = []
    for folder in FOLDERS:
        for path in sorted((quarter / folder).glob("*.csv")):
            name = path.relative_to(quarter).as_posix()
            if name not in NOT_FIGURES:
                lines += _lines(name, path)
    return "".join(f"{line}\n" for line in lines)
