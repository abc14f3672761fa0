"""What tests of databases ask: the rows of a query as the rest of hclic reads them."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from pipelines.address import parse_address
from pipelines.credentials import Credentials
from pipelines.extract import extract
from pipelines.extract.databases import as_files
from pipelines.extract.databases.queries import Query
from pipelines.extract.databases.snapshot import take_snapshot
from pipelines.extract.exports import files_of
from pipelines.extract.parquet import read_parquet
from tests.databases.servers import READER, SAMPLE

AUTHORITY, DAY = "E06000034", date(2025, 9, 30)


def take(address: str, folder: Path, *asked: Query, who: Credentials = READER, minutes: int = 1) -> tuple[str, ...]:
    return take_snapshot(parse_address(address), asked, who, folder, minutes=minutes)


def rows(address: str, folder: Path, sql: str, **given: object) -> list[dict[str, str | None]]:
    """The rows of one query, as text."""
    take(address, folder, Query("one", sql), **given)  # type: ignore[arg-type]
    path = folder / "one.parquet"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [entry.name for entry in folder.iterdir()] == ["one.parquet"]
    assert [entry.name for entry in folder.parent.iterdir()] == [folder.name]
    table = read_parquet(files_of(folder)[0], "one")
    frame = pl.concat(list(table.blocks()))
    cells = frame.select(f"c{number}" for number in range(len(table.headings)))
    return [dict(zip(table.headings, row, strict=True)) for row in cells.iter_rows()]


def assert_the_sample_is_read(address: str) -> None:
    """The nine sections of the sample in a database are those of its files."""
    expected = extract(SAMPLE, "native", authority=AUTHORITY, as_at=DAY)
    with as_files(parse_address(address), "native", READER) as files:
        read = extract(files, "native", authority=AUTHORITY, as_at=DAY)
    for name, frame in expected.sections.items():
        assert_frame_equal(facts(read.sections[name]), facts(frame))
    counted = ("rows_read", "rows_loaded", "rows_set_aside", "rows_left_out")
    assert [[getattr(one, name) for name in counted] for one in read.files] == [
        [getattr(one, name) for name in counted] for one in expected.files
    ]
    assert read.findings["rule_id"].sort().to_list() == expected.findings["rule_id"].sort().to_list()


def facts(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(name for name in frame.columns if not name.startswith("_"))
