"""A warehouse in a DuckLake holds what a file holds, and keeps writers of an authority from one another."""

from __future__ import annotations

import filecmp
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import HeldError, InputError, PassingError, UsageError
from pipelines.place import Lake
from pipelines.run.lock import alone_at
from pipelines.run.request import Request
from pipelines.run.run import make
from pipelines.run.steps import Step
from pipelines.warehouse import catalogue, lakes, layouts
from pipelines.warehouse.lakes import TURN, schema_of
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.store import Warehouse
from tests.few import few, without
from tests.fleet.lakes import Catalogues
from tests.warehouse.stored import LA, NEIGHBOUR, as_it_was, freeze, sections_of

ROOT = Path(__file__).resolve().parents[2]
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
ONE = sections_of(main=[{"case_ref": f"{LA}_1"}])
TWO = sections_of(main=[{"case_ref": f"{LA}_1"}, {"case_ref": f"{LA}_2"}])


@pytest.fixture
def store(lake: Lake) -> Iterator[Warehouse]:
    with Warehouse(lake.of(LA)) as opened:
        freeze(opened, "r1", ONE)
        yield opened


def request_of(out: Path, warehouse: object) -> Request:
    given = {"export": str(few()), "authority": LA, "quarter": "2025-Q3", "source": "native", "out": str(out)}
    return Request.read({**given, "warehouse": str(warehouse), "personal": True, "pages": False}, started=NOON)


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_run_writes_the_same_bytes_from_a_lake_as_from_a_file(lake: Lake, tmp_path: Path) -> None:
    made = {}
    for name, warehouse in (("file", tmp_path / "w.duckdb"), ("lake", lake)):
        made[name] = make(request_of(tmp_path / name, warehouse)).folder
    assert _files(made["lake"]) == _files(made["file"])
    _, differing, unread = filecmp.cmpfiles(made["file"], made["lake"], _files(made["file"]), shallow=False)
    assert (differing, unread) == ([], [])
    counted = []
    for warehouse in (tmp_path / "w.duckdb", lake):
        with open_quarter(warehouse, LA) as opened:
            counted.append(opened.connection.execute("from sent.cases order by all").fetchall())
    assert counted[0] == counted[1] != []


def test_what_a_lake_keeps_is_encrypted(store: Warehouse, lake: Lake, tmp_path: Path) -> None:
    many = sections_of(main=[{"case_ref": f"{LA}_{number}", "officer": "Ann Other"} for number in range(500)])
    freeze(store, "r2", many)
    files = sorted((tmp_path / "data" / schema_of(LA)).rglob("*.parquet"))
    assert files
    assert all(file.read_bytes()[:4] == b"PARE" for file in files), "the mark of an encrypted Parquet file"
    with pytest.raises(duckdb.Error):
        duckdb.sql(f"from read_parquet('{files[0]}')").fetchall()


def test_a_reader_sees_the_last_complete_state_and_keeps_nobody_waiting(store: Warehouse, lake: Lake) -> None:
    with store.transaction():
        freeze(store, "r2", TWO)
        with Warehouse(lake.of(LA), read_only=True) as reader:
            assert reader.newest_run(LA) == "r1"
            assert len(as_it_was(reader, "r1")) == 1
    with Warehouse(lake.of(LA), read_only=True) as reader:
        assert reader.newest_run(LA) == "r2"
        assert [len(as_it_was(reader, run)) for run in ("r1", "r2")] == [1, 2]


def test_a_reader_sees_what_was_there_at_an_earlier_snapshot(store: Warehouse, lake: Lake) -> None:
    row = store.connection.execute("select max(snapshot_id) from ducklake_snapshots('lake')").fetchone()
    assert row is not None
    freeze(store, "r2", TWO)
    opened = lakes.open_lake(lake.of(LA), read_only=True, at=row[0])
    try:
        assert opened.connection.execute("select run_id from runs").fetchall() == [("r1",)]
    finally:
        lakes.close(opened)


def test_writers_of_two_authorities_do_not_wait_for_each_other(store: Warehouse, lake: Lake) -> None:
    with Warehouse(lake.of(NEIGHBOUR)) as other, store.transaction(), other.transaction():
        freeze(store, "r2", TWO)
        freeze(other, "n1", ONE, authority=NEIGHBOUR)
    assert lakes.authorities(lake) == sorted([LA, NEIGHBOUR])
    with Warehouse(lake.of(NEIGHBOUR), read_only=True) as reader:
        assert reader.newest_run(LA) is None
    with pytest.raises(UsageError, match="several authorities"):
        Warehouse(lake, read_only=True)


def test_a_second_writer_of_an_authority_is_told(store: Warehouse, lake: Lake) -> None:
    with pytest.raises(HeldError, match="writes to the authority's warehouse"):
        Warehouse(lake.of(LA))


def test_a_second_run_of_an_authority_waits_and_is_told(lake: Lake) -> None:
    with alone_at(lake.of(LA)):
        with pytest.raises(HeldError, match=f"nother run of {LA} is at work"), alone_at(lake.of(LA), 0.2):
            pass
        with alone_at(lake.of(NEIGHBOUR), 0.2):
            pass
    with alone_at(lake.of(LA), 0.2):
        pass


def test_a_writer_that_dies_leaves_nothing_and_holds_nothing(store: Warehouse, lake: Lake) -> None:
    store.close()
    code = (
        "import os, sys; sys.path[:0] = sys.argv[2:]\n"
        "from pipelines.place import parse_place\n"
        "from pipelines.warehouse.store import Warehouse\n"
        "from tests.fleet.test_lakes import LA, TWO, freeze\n"
        "store = Warehouse(parse_place(sys.argv[1]).of(LA))\n"
        "with store.transaction():\n"
        "    freeze(store, 'r2', TWO)\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(lake), str(ROOT)], env=os.environ, cwd=ROOT)
    assert done.returncode == 9
    with Warehouse(lake.of(LA)) as after:
        assert after.newest_run(LA) == "r1"
        freeze(after, "r3", TWO)
        assert len(as_it_was(after, "r3")) == 2


def _cut_off(catalogues: Catalogues, lake: Lake, what: str = catalogue.WRITES) -> None:
    """Have the server end the connection by which a writer of the authority, or its run, holds its turn."""
    catalogues.do(
        "select pg_terminate_backend(pid) from pg_locks join pg_class on pg_class.oid = relation"
        f" where relname = '{what}' and mode = 'ExclusiveLock'",
        database=lake.options["dbname"],
    )


def test_a_writer_that_was_cut_off_is_told_and_writes_nothing(
    store: Warehouse, lake: Lake, catalogues: Catalogues
) -> None:
    with pytest.raises(PassingError), store.transaction():
        freeze(store, "r2", TWO)
        _cut_off(catalogues, lake)
    with Warehouse(lake.of(LA), read_only=True) as reader:
        assert reader.newest_run(LA) == "r1"


def test_a_writer_that_comes_back_after_another_wrote_is_refused(
    store: Warehouse, lake: Lake, catalogues: Catalogues, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As when it is held up between its last look at the lock and the commit.
    monkeypatch.setattr(catalogue.Turn, "check", lambda self: None)
    with pytest.raises(HeldError, match="at the same time"), store.transaction():
        freeze(store, "r2", TWO)
        _cut_off(catalogues, lake)
        with Warehouse(lake.of(LA)) as other:
            freeze(other, "r2", TWO)
    with Warehouse(lake.of(LA), read_only=True) as reader:
        assert reader.connection.execute("select run_id from runs order by all").fetchall() == [("r1",), ("r2",)]
        assert len(as_it_was(reader, "r2")) == 2


def test_a_lake_of_an_older_layout_is_migrated_by_who_reads_it_first(store: Warehouse, lake: Lake) -> None:
    con = store.connection
    con.execute("drop view official_cells")
    tables = con.execute(
        "select table_name from duckdb_tables() where database_name = 'lake' and table_name like 'official_cells%'"
    ).fetchall()
    for (table,) in tables:
        con.execute(f"drop table history.{table}")
    con.execute("update about set layout = 6")
    store.close()
    with Warehouse(lake.of(LA), read_only=True) as reader:
        assert layouts.layout_of(reader.connection) == layouts.NEWEST
        assert reader.connection.execute("from official_cells").fetchall() == []
        assert len(as_it_was(reader, "r1")) == 1


def test_a_lake_gains_the_columns_of_a_newer_catalogue(store: Warehouse, lake: Lake) -> None:
    store.connection.execute("alter table history.main drop column officer")
    store.close()
    with Warehouse(lake.of(LA)) as again:
        freeze(again, "r2", ONE)
        rows = again.connection.execute("select officer from snapshot_main where run_id = 'r2'").fetchall()
        assert rows == [(None,)]


def test_where_no_warehouse_was_made_a_sentence_says_how(catalogues: Catalogues) -> None:
    catalogues.do("create database nothing_here")
    with pytest.raises(InputError, match="hclic fleet init"):
        Warehouse(catalogues.address("nothing_here").of(LA))


def test_every_transaction_takes_a_turn(store: Warehouse) -> None:
    """What keeps two writers apart that both only add rows."""
    before = store.connection.execute(f"from {TURN}").fetchall()
    freeze(store, "r2", TWO)
    assert store.connection.execute(f"from {TURN}").fetchall() == [(before[0][0] + 1,)]


def test_a_run_that_lost_its_turn_puts_nothing_in_place_and_settles_nothing(
    lake: Lake, catalogues: Catalogues, tmp_path: Path
) -> None:
    request = request_of(tmp_path / "out", lake)

    def before(step: Step) -> None:
        if step.name == "finish":
            _cut_off(catalogues, lake, catalogue.RUNS)

    with without(), pytest.raises(PassingError, match="could not be reached"):
        make(request, before=before)
    assert not (tmp_path / "out" / LA / "2025-Q3").exists()
    with Warehouse(lake.of(LA), read_only=True) as reader:
        results = reader.connection.execute("select result from runs").fetchall()
        assert results == [("running",)], "another machine may be at work on it"
    with without():
        assert make(request).result == "clean"
    with Warehouse(lake.of(LA), read_only=True) as reader:
        assert reader.connection.execute("select result from runs").fetchall() == [("clean",)]


def test_what_goes_wrong_while_a_turn_is_held_is_not_said_of_the_catalogue(lake: Lake) -> None:
    with pytest.raises(OSError, match="of the disk"), alone_at(lake.of(LA)):
        raise OSError("of the disk")
