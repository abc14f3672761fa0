"""Time to read the published workbook kept in the repository, all authorities: target 5 s.

Run: ``python bench/published_reader.py``.
"""

from __future__ import annotations

import time
from pathlib import Path

from pipelines.published.reader import read_workbook

TARGET_SECONDS = 5.0


def main() -> None:
    """Print the best of three readings."""
    workbook = next((Path(__file__).parent.parent / "data" / "published").glob("*.ods"))
    times = []
    for _ in range(3):
        start = time.perf_counter()
        cells = read_workbook(workbook).tidy.height
        times.append(time.perf_counter() - start)
    print(f"reading {workbook.name}: {min(times):.1f} s for {cells:,} cells (target {TARGET_SECONDS:.0f} s)")


if __name__ == "__main__":
    main()
