"""Seconds of ``hclic backup`` and ``hclic restore`` of a warehouse of 1 GB (aim: 20 s): ``python -m bench.backup``.

The warehouse holds what history holds most of, people and placements of many runs, with values that no compression
makes small. It is made first, which takes longer than the backup.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipelines.warehouse.store import Warehouse  # noqa: E402

PEOPLE = 23_000_000
"""Rows that make a file of 1 GB."""
SECONDS = 20


def fill(path: Path, people: int) -> None:
    """A warehouse with so many people in its history."""
    with Warehouse(path) as store:
        store.connection.execute("set threads = 2")
        store.connection.execute(
            f"""
            insert into history.people by name
            select
                n as row_no,
                'E06000034' as authority,
                1 as from_run,
                'E06000034_' || lpad((n // 3)::varchar, 12, '0') as case_ref,
                n % 3 + 1 as person_no,
                date '1940-01-01' + (hash(n) % 29000)::integer as date_of_birth,
                left(md5(n::varchar), 9) as forename,
                left(md5((n + 1)::varchar), 10) as surname,
                upper(left(md5((n + 2)::varchar), 9)) as nino,
                md5((n + 3)::varchar) || ' Street' as last_address,
            from range({people}) as numbers (n)
            """
        )
        store.connection.execute("checkpoint")


def timed(*words: str) -> float:
    """Seconds of one command."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pipelines.cli", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    """Measure, and print a line each."""
    with tempfile.TemporaryDirectory(prefix="hclic-bench-") as name:
        folder = Path(name)
        warehouse = folder / "warehouse.duckdb"
        fill(warehouse, PEOPLE)
        size = warehouse.stat().st_size / 1e9
        backup = folder / "kept.duckdb"
        took = timed("backup", "--warehouse", str(warehouse), "--to", str(backup))
        print(f"backup of {size:.2f} GB: {took:.1f} s (aim: {SECONDS} s)")
        took = timed("restore", str(backup), "--warehouse", str(folder / "new" / "warehouse.duckdb"))
        print(f"restore of {size:.2f} GB: {took:.1f} s")


if __name__ == "__main__":
    main()
