"""One export of two quarters through the real commands: one run, and the tables of each quarter as published."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from pipelines.cli import main
from pipelines.emit.tables import files
from pipelines.synthesise import synthesise
from pipelines.synthesise.cells import read_sheet
from pipelines.synthesise.write import write
from tests.synthesise.caseload import row_of

RUTLAND = "E06000017"
QUARTERS = ("2025-Q2", "2025-Q3")


def hclic(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hclic", *arguments])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_the_last_quarters_run_gives_every_quarter_of_the_chain_as_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row_of(quarter, RUTLAND) for quarter in QUARTERS]
    made = synthesise(rows, RUTLAND, seed=1)
    write(made, tmp_path / "made", seed=1)
    place = ["--authority", RUTLAND, "--out", str(tmp_path / "out")]
    run = ["run", str(tmp_path / "made"), "--quarter", QUARTERS[-1], "--source", "native", "--no-pages"]
    assert hclic(monkeypatch, *run, *place) == 0
    for name in ("write_xlsx", "write_ods"):
        monkeypatch.setattr(files, name, lambda _book, path: path.touch())
    place[-1] = str(tmp_path / "tables")
    store = str(tmp_path / "out" / "warehouse.duckdb")
    assert hclic(monkeypatch, "tables", "--warehouse", store, "--quarter", "..".join(QUARTERS), *place) == 0
    ours = pl.read_csv(tmp_path / "tables" / "official_internal.csv", infer_schema=False)
    # One row per quarter, table, column and measure.
    assert not ours.select("quarter", "table", "column_path", "measure").is_duplicated().any()
    listed = set(made.clashes.select("quarter", "table", "column_path").iter_rows())
    free = set(made.free.select("quarter", "table", "column_path", "measure").iter_rows())
    compared, missed = 0, []
    for quarter, row in zip(QUARTERS, rows, strict=True):
        sheet = read_sheet(row, RUTLAND)
        for table, path, measure, value in (
            ours.filter(quarter=quarter).select("table", "column_path", "measure", "value").iter_rows()
        ):
            cell = sheet.cells.get((table, path, measure))
            if measure not in ("count", "days") or (quarter, table, path, measure) in free or cell is None:
                continue
            compared += 1
            if float(value) != cell.value and (quarter, table, path) not in listed:
                missed.append((quarter, table, path, measure, value, cell.value))
    assert missed == []
    assert compared > 700
