"""What needs a column that was not read says so, and takes it for nothing."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from pipelines.cli import main
from pipelines.errors import InputError
from pipelines.metrics import benchmarks as measured
from pipelines.metrics.benchmarks import benchmarks, not_read
from pipelines.published.needs import require_columns
from pipelines.published.reader import PublishedWorkbook
from pipelines.synthesise.cells import sets_an_aim
from tests.published.flat_layout import THURROCK, Style, read_flat
from tests.published.test_published_2026_layout import as_xlsx
from tests.published.wordings import edited, run_together

WITH_CHILDREN = ("TA1", "Total number of households in TA with children", "count")
RATE = ("TA1", "Total number of households in TA per (000s)", "rate")
SHARE = ("A6", "16-17", "percent")


@cache
def without(*dropped: tuple[str, str, str]) -> PublishedWorkbook:
    return read_flat(Style("lacks columns", run_together, dropped=frozenset(dropped)))[0]


def test_what_lacks_a_needed_column_is_refused_with_tables_and_the_way_out() -> None:
    with pytest.raises(InputError) as refused:
        require_columns(without(WITH_CHILDREN, RATE), sets_an_aim, "hclic synthesise")
    assert str(refused.value).startswith(
        "1 column of the workbook of 2026-Q1 that hclic synthesise needs could not be read: TA1 (1). "
        "Run hclic published WORKBOOK --out CSV --propose-headings FILE"
    )


def test_rates_and_percentages_are_not_needed_to_invent_households() -> None:
    lacking = without(RATE, SHARE)
    assert lacking.unread, "the workbook does lack columns"
    require_columns(lacking, sets_an_aim, "hclic synthesise")


def test_a_benchmark_whose_column_was_not_read_is_empty_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "read_workbook", lambda *_, **__: without(WITH_CHILDREN))
    frame = benchmarks([Path("any")], THURROCK)
    empty = frame.filter(pl.col("note") == "not read")
    assert empty["measure"].unique().to_list() == ["share_ta_with_children"]
    assert empty["value"].null_count() == empty.height == frame["area_kind"].n_unique()
    assert [line.partition(". ")[0] for line in not_read(frame)] == [
        "Not read in the workbook of 2026-Q1, so that these measures are empty: share_ta_with_children"
    ]


def test_a_benchmark_of_a_whole_workbook_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "read_workbook", lambda *_, **__: read_flat(Style("whole", edited))[0])
    assert not_read(benchmarks([Path("any")], THURROCK)) == []


def test_the_command_refuses_to_invent_households_from_a_workbook_with_columns_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    workbook = as_xlsx(tmp_path / "Detailed_Local_Authority_Data_202603.xlsx")
    made = tmp_path / "made"
    arguments = ["--published", str(workbook), "--authority", THURROCK, "--seed", "1", "--out", str(made)]
    monkeypatch.setattr(sys, "argv", ["hclic", "synthesise", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 3
    said = capsys.readouterr()
    assert "columns of the workbook of 2026-Q1 that hclic synthesise needs could not be read" in " ".join(
        (said.out + said.err).split()
    )
    assert not made.exists()
