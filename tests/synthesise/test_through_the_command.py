"""One authority-quarter per workbook through the real commands: synthesise, run, reconcile."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

from pipelines.cli import main
from tests.published.excerpts.chosen import MIDDLING
from tests.published.workbooks import by_quarter

pytestmark = pytest.mark.no_cover

CASES = [
    pytest.param(quarter, path, MIDDLING[number % len(MIDDLING)], id=f"{quarter}-{MIDDLING[number % len(MIDDLING)]}")
    for number, (quarter, path) in enumerate(by_quarter().items(), 1)
]


def hclic(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["hclic", *arguments])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.mark.parametrize(("quarter", "workbook", "authority"), CASES)
def test_the_commands_reach_every_published_cell_but_the_listed_ones(
    quarter: str, workbook: Path, authority: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    status = hclic(
        monkeypatch,
        "synthesise",
        "--published",
        str(workbook),
        "--authority",
        authority,
        "--seed",
        "7",
        "--out",
        str(made),
    )
    assert status == 0
    place = ["--authority", authority, "--quarter", quarter]
    out = tmp_path / "out"
    assert hclic(monkeypatch, "run", str(made), *place, "--source", "native", "--out", str(out), "--no-pages") == 0
    compared = tmp_path / "compared.csv"
    store = str(out / "warehouse.duckdb")
    reconcile = ["reconcile", "--published", str(workbook), "--warehouse", store, *place, "--out", str(compared)]
    assert hclic(monkeypatch, *reconcile) == 0
    cells = pl.read_csv(compared, infer_schema_length=None)
    listed = pl.read_csv(made / "clashes.csv", infer_schema=False)
    free = pl.read_csv(made / "free.csv", infer_schema=False)
    named = set(listed.select("table", "column_path").iter_rows()) | set(
        free.select("table", "column_path").iter_rows()
    )
    missed = [
        (row["table"], row["column_path"], row["ours"], row["published"])
        for row in cells.filter(pl.col("measure").is_in(["count", "days"]) & (pl.col("difference") != 0)).to_dicts()
        if (row["table"], row["column_path"]) not in named
    ]
    assert missed == []
    assert cells.filter(pl.col("difference") == 0).height > 150
