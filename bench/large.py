"""An export far larger than what is mapped of it: peak memory against the size of the file.

``python bench/large.py EXPORT FOLDER MIB`` writes the export into FOLDER, the people with notes of several lines
that no profile maps, so that their file has so many MiB, and reads it. Prints its size and the peak memory.
"""

from __future__ import annotations

import resource
import shutil
import sys
from datetime import date
from pathlib import Path

from pipelines.extract import extract

MIB = 1024**2
AUTHORITY, AS_AT = "E08000025", date(2025, 9, 30)


def with_notes(export: Path, folder: Path, mib: int) -> Path:
    """The file of people with a column of notes."""
    shutil.copytree(export, folder)
    path = folder / "people.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    note = "client called re arrears of £\nletter sent, visit booked " * (mib * MIB // len(rows) // 54 + 1)
    with path.open("w", encoding="utf-8") as out:
        out.write(f"{header},notes\n")
        out.writelines(f'{row},"{note}"\n' for row in rows)
    return path


def main() -> None:
    """Write, read, and print."""
    export, folder, mib = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    path = with_notes(export, folder, mib)
    extract(folder, "native", authority=AUTHORITY, as_at=AS_AT)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = path.stat().st_size / MIB
    sys.stdout.write(f"{size:,.0f} MiB read in {peak:,.0f} MiB, {peak / size:.2f} of the file\n")


if __name__ == "__main__":
    main()
