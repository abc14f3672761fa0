"""The same cases from CSV and from PostgreSQL: rows of a Markdown table with the seconds of ``hclic check``.

``python -m bench.databases EXPORT [--repeat 3]``, with the folder of CSV files that ``bench/cases.py`` writes. The
server is the one of the tests; the two are asked in turn.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from pipelines.address import parse_address
from pipelines.extract.databases.postgres import EXTENSION, load_extension
from tests.databases.servers import READER, SECRET, Source, postgresql

ROOT = Path(__file__).resolve().parent.parent
COMMON = ["--authority", "E08000025", "--quarter", "2025-Q3", "--source", "native"]


def load(source: Source, export: Path) -> str:
    """Put each file into a table of texts; returns the address."""
    source.do("create schema bench", "grant usage on schema bench to reader")
    source.do("alter default privileges in schema bench grant select on tables to reader")
    address = parse_address(source.address)
    with duckdb.connect() as con:
        load_extension(con, EXTENSION)
        doubled = SECRET.replace("'", "''")
        con.execute(
            f"create temporary secret owner (type postgres, host '{address.host}', port {address.port}, user 'owner',"
            f" password '{doubled}', database '{address.database}')"
        )
        con.execute("attach '' as owned (type postgres, secret owner)")
        for path in sorted(export.glob("*.csv")):
            con.execute(f"create table owned.bench.{path.stem} as from read_csv('{path}', all_varchar = true)")
    return f"{source.address}?schema=bench"


def seconds(export: str) -> float:
    """Of one ``hclic check``."""
    who = {"HCLIC_DB_USER": READER.user, "HCLIC_DB_PASSWORD": READER.password}
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "check", export, *COMMON],
        cwd=ROOT,
        env={**os.environ, **who},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"hclic check ended with status {done.returncode}")
    return time.perf_counter() - began


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("export", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    with postgresql() as source:
        address = load(source, given.export)
        spent = [(seconds(str(given.export)), seconds(address)) for _ in range(given.repeat)]
    files, database = (statistics.median(column) for column in zip(*spent, strict=True))
    print(f"| `hclic check` from CSV, beside PostgreSQL | {files:.2f} | |")
    print(f"| `hclic check` from PostgreSQL | {database:.2f} | |")
    print(f"| PostgreSQL: times the CSV (at most 2) | {database / files:.2f} | |")


if __name__ == "__main__":
    main()
