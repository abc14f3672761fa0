"""What a reader of the edition for sharing can work out, with counts as they leave and rounded to the nearest 5.

    .venv/bin/python bench/disclosure_attack.py out/warehouse.duckdb E06000034 2025-Q3

Every figure and every relation of the register are laid before the solver: how many counts can be fewer than three
values, and how many exactly one. The edition that leaves is left out of before it is judged, the other is not.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time

from pipelines.disclosure.audit import SLACK, bounds, exposed
from pipelines.disclosure.rounding import Window
from pipelines.disclosure.system import System
from pipelines.disclosure.thresholds import ROUND_TO
from pipelines.metrics.emit import prepare_metrics, shareable_release
from pipelines.period import Quarter
from pipelines.warehouse.quarter import open_quarter


def judged(system: System) -> str:
    """How many counts a reader can narrow, in words."""
    start = process_time()
    narrow = exposed(system)
    exact = [number for number in narrow if len(set(bounds(system, number))) == 1]
    printed = sum(system.is_printed)
    return (
        f"{printed:,} counts printed, {len(narrow)} can be fewer than three values, {len(exact)} exactly one;"
        f" {process_time() - start:.1f} s"
    )


def to_the_nearest(system: System) -> None:
    """Print every count to the nearest 5 instead."""
    for number, cell in enumerate(system.cells):
        if system.is_printed[number] and cell[0] != SLACK:
            figure = (system.values[number] + ROUND_TO // 2) // ROUND_TO * ROUND_TO
            system.windows[number] = Window(max(figure - ROUND_TO // 2, 0), figure + ROUND_TO // 2)


def main(warehouse: str, authority: str, quarter: str) -> None:
    """Judge both."""
    with open_quarter(Path(warehouse), authority, Quarter.parse(quarter)) as opened:
        prepare_metrics(opened.connection)
        released = shareable_release(opened.connection)
    sys.stdout.write(f"as it leaves ({released.left_out} left out): {judged(released.system)}\n")
    to_the_nearest(released.system)
    sys.stdout.write(f"to the nearest {ROUND_TO}: {judged(released.system)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
