"""An authority's warehouse goes from its file into a DuckLake and back with all that it holds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.errors import UsageError
from pipelines.fleet.moving import Moved, move
from pipelines.place import Lake, Place
from pipelines.run.request import Request
from pipelines.run.run import make
from pipelines.submission.reproduce import reproduce
from pipelines.warehouse import chain, waivers
from pipelines.warehouse.quarter import run_of
from pipelines.warehouse.store import Warehouse
from tests.few import few, without
from tests.warehouse.stored import LA, NEIGHBOUR, freeze, sections_of

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
GIVEN = {"rule_id": "L-09", "owner": "A. Officer", "reason": "asked", "expires": NOON.date()}


def few_rows() -> int:
    """The rows of the export, each of which the warehouse holds."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) - 1 for path in few().glob("*.csv"))


def _moved(source: Place, target: Place) -> Moved:
    return move(source, target, None, at=NOON, by="B. Head", seconds=1)


def _run_of(warehouse: Path, out: Path) -> str:
    given = {"export": str(few()), "authority": LA, "quarter": "2025-Q3", "source": "native", "out": str(out)}
    with without():
        make(Request.read({**given, "warehouse": str(warehouse), "pages": False}, started=NOON))
    with Warehouse(warehouse) as store, store.transaction():
        waivers.give(store.connection, LA, GIVEN, by="A. Officer", on=NOON)
        return str(store.newest_run(LA))


def test_a_warehouse_goes_into_a_lake_and_back_and_its_return_is_the_same_byte_for_byte(
    lake: Lake, tmp_path: Path
) -> None:
    file, back = tmp_path / "w.duckdb", tmp_path / "back.duckdb"
    run_id = _run_of(file, tmp_path / "out")
    moved = _moved(file, lake)
    assert moved.authority == LA
    assert moved.rows > few_rows()
    assert _moved(lake, back).rows == moved.rows + 1, "the line of the move comes along"
    for place in (lake.of(LA), back):
        with Warehouse(place) as store:
            assert chain.verify(store.connection) == []
            assert [line.kind for line in chain.lines(store.connection)][-1] == "moved"
            assert waivers.standing(store.connection, LA).height == 1
    with Warehouse(lake.of(LA), read_only=True) as store:
        assert reproduce(store, run_of(store, run_id), tmp_path).is_same, "the return made from what was moved"


def test_nothing_is_moved_onto_what_is_there(lake: Lake, tmp_path: Path) -> None:
    for place in (tmp_path / "w.duckdb", lake.of(LA)):
        with Warehouse(place) as store:
            freeze(store, "r1", sections_of(main=[{"case_ref": f"{LA}_1"}]))
    with pytest.raises(UsageError, match="holds something"):
        _moved(tmp_path / "w.duckdb", lake)


def test_a_file_of_several_authorities_is_not_taken_apart(lake: Lake, tmp_path: Path) -> None:
    with Warehouse(tmp_path / "w.duckdb") as store:
        for authority in (LA, NEIGHBOUR):
            freeze(store, authority, sections_of(), authority=authority)
    with pytest.raises(UsageError, match="several authorities"):
        _moved(tmp_path / "w.duckdb", lake)
