"""Three quarters of a small authority in one warehouse, made once a session, for the tests of the quality report."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import polars as pl

from pipelines.emit.returns import load_profile, write_return
from pipelines.extract import extract
from pipelines.link.references import empty_map
from pipelines.period import Quarter
from pipelines.run.ledger import outputs
from pipelines.settings import Settings, values
from pipelines.transform import RECORDED, build_facts, build_quarter_end, build_sent, load_sections, prepare
from pipelines.transform.selection import FORCED_SCHEMA
from pipelines.warehouse.store import Warehouse

ROOT = Path(__file__).resolve().parents[2]
AUTHORITY, QUARTER = "E06000034", Quarter(2025, 3)
LAST, YEAR_BEFORE = Quarter(2025, 2), Quarter(2024, 3)
NOW = datetime(2026, 1, 20, 10, 30, tzinfo=UTC)
CASE = f"hclic_case_{AUTHORITY}_{QUARTER}.xml"
_EVERY = 5
"""Of the sample's 1,203 cases."""


@dataclass(frozen=True)
class Place:
    """Where the runs of a test stand."""

    out: Path

    @property
    def warehouse(self) -> Path:
        """The warehouse of all three runs."""
        return self.out / "warehouse.duckdb"

    def folder(self, quarter: Quarter = QUARTER) -> Path:
        """The output folder of a quarter."""
        return self.out / AUTHORITY / str(quarter)

    def case_file(self, quarter: Quarter = QUARTER) -> Path:
        """The case file of a quarter's return."""
        return self.folder(quarter) / "return" / f"hclic_case_{AUTHORITY}_{quarter}.xml"

    @property
    def quality(self) -> Path:
        """The folder of the quality report."""
        return self.out / AUTHORITY / f"{QUARTER}-quality"


def run(
    sections: Mapping[str, pl.DataFrame],
    out: Path,
    quarter: Quarter,
    *,
    run_id: str | None = None,
    as_at: date | None = None,
    personal: bool = False,
    profile: str = "provisional",
) -> str:
    """What a run leaves behind: sections and ledger in the warehouse, and the files of its return. Gives its id."""
    name = run_id or f"{AUTHORITY}-{quarter}-a"
    day = as_at or quarter.last_day
    written_with = load_profile(profile)
    folder = out / AUTHORITY / str(quarter)
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "return").mkdir(parents=True)
    with duckdb.connect(":memory:") as con:
        con.execute("set threads = 1")
        load_sections(con, sections)
        prepare(con, run_id=name, la_code=AUTHORITY, quarter=quarter, as_at=day)
        build_facts(con, RECORDED)
        build_quarter_end(con)
        selection = build_sent(con, pl.DataFrame(schema=FORCED_SCHEMA))
        write_return(con, written_with, folder / "return", personal=personal, software_version="0.1.0")
    book = {
        "run_id": name,
        "result": "clean",
        "software_version": "0.1.0",
        "as_at": str(day),
        "settings": values(Settings()),
        "return_profile": written_with.describe(),
        "outputs": outputs(folder),
    }
    with Warehouse(out / "warehouse.duckdb") as store:
        columns = {
            "run_id": name,
            "la_code": AUTHORITY,
            "quarter": str(quarter),
            "as_at": day,
            "source_profile": "native",
            "return_profile": profile,
            "software_version": "0.1.0",
            "result": "running",
        }
        store.freeze(columns, sections, empty_map())
        store.save_selection(name, selection)
        store.save_ledger(name, book, "clean")
    return name


@cache
def sections() -> dict[str, pl.DataFrame]:
    """Every fifth case of the sample."""
    read = extract(ROOT / "data/sample/native", "native", authority=AUTHORITY, as_at=QUARTER.last_day).sections
    chosen = read["main"]["case_ref"].gather_every(_EVERY).implode()
    return {name: frame.filter(pl.col("case_ref").is_in(chosen)) for name, frame in read.items()}


@cache
def _kept() -> Path:
    out = Path(mkdtemp(prefix="hclic-quality-"))
    for quarter in (YEAR_BEFORE, LAST):
        run(sections(), out, quarter, as_at=QUARTER.last_day)
    run(sections(), out, QUARTER, personal=True)
    return out


def place(folder: Path) -> Place:
    """A copy of the three runs in a test's own folder."""
    out = folder / "out"
    shutil.copytree(_kept(), out)
    return Place(out)


def remove() -> None:
    """Take the folder of the three runs away."""
    if _kept.cache_info().currsize:
        shutil.rmtree(_kept(), ignore_errors=True)
        _kept.cache_clear()
