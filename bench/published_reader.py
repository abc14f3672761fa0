"""Processor time to read published workbooks, all authorities, by themselves and from a copy that was kept.

Run: ``python bench/published_reader.py [FOLDER]``; by default the one workbook of the repository.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from pipelines.published.reader import read_workbook

KEPT = Path(__file__).parent.parent / "data" / "published"


def seconds(workbook: Path) -> float:
    """The best of three readings."""
    times = []
    for _ in range(3):
        start = time.process_time()
        read_workbook(workbook)
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Print two figures a workbook. The first one pays for the tables of headings too."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else KEPT
    with tempfile.TemporaryDirectory(prefix="hclic-bench-") as cache:
        for workbook in sorted(path for path in folder.iterdir() if path.suffix in (".ods", ".xlsx")):
            if "Time_Series" in workbook.name:
                continue
            os.environ["HCLIC_CACHE"] = "off"
            read = seconds(workbook)
            os.environ["HCLIC_CACHE"] = cache
            read_workbook(workbook)
            print(f"{read:.2f} s, {seconds(workbook):.2f} s from a copy: {workbook.name}")


if __name__ == "__main__":
    main()
