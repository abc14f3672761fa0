"""The cells of the official tables are kept with the run that counted them, and seen in no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from pipelines.warehouse import official_cells
from pipelines.warehouse.store import Warehouse
from tests.warehouse.stored import LA, NEIGHBOUR, freeze, rows_kept, sections_of


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse(tmp_path / "warehouse.duckdb") as opened:
        yield opened


def cells(*values: float | None) -> pl.DataFrame:
    rows = [
        {"official_table": "A1", "column_path": str(no), "measure": "count", "value": value, "note": ""}
        for no, value in enumerate(values)
    ]
    return pl.DataFrame(rows, schema=official_cells.SCHEMA)


def begin(warehouse: Warehouse, *runs: str, authority: str = LA) -> None:
    for run in runs:
        freeze(warehouse, run, sections_of(main=[{"case_ref": "1"}]), authority=authority)


def values(warehouse: Warehouse, run: str) -> list[float | None]:
    return official_cells.read(warehouse.connection, run)["value"].to_list()


def test_each_run_shows_its_own_cells_and_only_those_that_changed_are_added(warehouse: Warehouse) -> None:
    counted = {"a": (5.0, 0.0, None), "b": (5.0, 1.0, None), "c": (5.0, 0.0, None)}
    for run, given in counted.items():
        begin(warehouse, run)
        warehouse.keep_ledger(run, {}, cells=cells(*given))
    assert {run: tuple(values(warehouse, run)) for run in counted} == counted
    assert rows_kept(warehouse, "official_cells") == 5


def test_a_run_that_made_no_tables_or_did_not_end_shows_none_and_not_those_before_it(warehouse: Warehouse) -> None:
    begin(warehouse, "whole")
    warehouse.keep_ledger("whole", {}, cells=cells(5.0))
    begin(warehouse, "findings only")
    warehouse.keep_ledger("findings only", {})
    begin(warehouse, "stopped")
    assert [values(warehouse, run) for run in ("whole", "findings only", "stopped")] == [[5.0], [], []]


def test_a_run_made_again_shows_what_it_counted_last(warehouse: Warehouse) -> None:
    for run, value in (("a", 1.0), ("b", 2.0), ("a", 3.0)):
        begin(warehouse, run)
        warehouse.keep_ledger(run, {}, cells=cells(value))
    assert [values(warehouse, run) for run in ("a", "b")] == [[3.0], [2.0]]
    # What run a counted first is in no run any more.
    assert rows_kept(warehouse, "official_cells") == 2


def test_a_run_made_again_shows_nothing_before_it_ends(warehouse: Warehouse) -> None:
    begin(warehouse, "a")
    warehouse.keep_ledger("a", {}, cells=cells(1.0))
    begin(warehouse, "a")
    assert values(warehouse, "a") == []


def test_of_two_runs_at_work_at_once_the_one_that_was_overtaken_shows_none(warehouse: Warehouse) -> None:
    begin(warehouse, "a", "b")
    warehouse.keep_ledger("b", {}, cells=cells(2.0))
    warehouse.keep_ledger("a", {}, cells=cells(1.0))
    assert [values(warehouse, run) for run in ("a", "b")] == [[], [2.0]]
    begin(warehouse, "c", "d")
    warehouse.keep_ledger("c", {}, cells=cells(3.0))
    warehouse.keep_ledger("d", {}, cells=cells(4.0))
    assert [values(warehouse, run) for run in ("b", "c", "d")] == [[2.0], [3.0], [4.0]]


def test_authorities_do_not_see_each_others_cells(warehouse: Warehouse) -> None:
    for run, authority, value in (("a", LA, 1.0), ("n", NEIGHBOUR, 9.0), ("b", LA, 2.0)):
        begin(warehouse, run, authority=authority)
        warehouse.keep_ledger(run, {}, cells=cells(value))
    assert [values(warehouse, run) for run in ("a", "n", "b")] == [[1.0], [9.0], [2.0]]
