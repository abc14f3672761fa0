"""Older warehouse files open in the newest layout, whatever happens on the way; newer ones are refused."""

from __future__ import annotations

import gzip
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.emit.tables.build import compute_tables
from pipelines.errors import InputError
from pipelines.findings import Finding, frame
from pipelines.findings_id import with_ids
from pipelines.link.references import empty_map
from pipelines.period import Quarter
from pipelines.private import WORK
from pipelines.warehouse import files, history, layouts, life, official_cells, run_files
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.store import Warehouse
from schemas import sections as catalogue
from schemas.sections import SECTIONS
from tests.warehouse.stored import LA, as_it_was, freeze, sections_of

FIXTURE = Path(__file__).parent / "layout_1" / "warehouse.duckdb.gz"
LAYOUT_6 = Path(__file__).parent / "layout_6" / "warehouse.duckdb.gz"
VIEWS = (*(f"snapshot_{section.name}" for section in SECTIONS), "findings", "case_selection", "ledger")

GAINED = {
    "findings": ("local_ref", "in_return", "kind", "team", "finding_id"),
    "snapshot_people": ("age_date",),
    "snapshot_temporary_accommodation": ("last_seen_date", "last_rent_date"),
    "snapshot_reviews": ("representations_received_date",),
}
"""Columns by view that files of the first layout did not have."""
CALLED_NOW = "* replace (if(assess1 = 'prevention_s21', 'prevention_notice', assess1) as assess1)"
"""Section 1 with the code that files before the third layout had under another name."""


def unpacked(fixture: Path, folder: Path) -> Path:
    path = folder / "warehouse.duckdb"
    with gzip.open(fixture) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
    path.chmod(0o600)
    return path


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A file as commit b99ebb6 wrote it."""
    return unpacked(FIXTURE, tmp_path)


def contents(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every view by name, with runs and references; without columns that the views have gained since."""
    views = (*VIEWS, "runs", "reference_map")
    known = {view: f"columns(one -> one not in {list(GAINED[view])})" if view in GAINED else "*" for view in views}
    known["snapshot_main"] = CALLED_NOW
    return {view: con.execute(f"select {known[view]} from {view} order by all").fetchall() for view in views}


def raw(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return contents(con)


def test_a_file_of_the_first_layout_opens_with_the_same_runs_sections_findings_and_references(older: Path) -> None:
    before = raw(older)
    assert len(before["runs"]) == 4 and len(before["snapshot_main"]) == 119
    with Warehouse(older) as warehouse:
        assert contents(warehouse.connection) == before
        assert warehouse.reference_map("E08000025").height == 40
    assert [path.name for path in older.parent.iterdir()] == [older.name]
    assert older.stat().st_mode & 0o777 == 0o600


def test_the_tables_of_an_older_file_are_those_of_its_sections(older: Path, tmp_path: Path) -> None:
    birmingham, october = "E08000025", Quarter(2025, 4)
    with duckdb.connect(str(older), read_only=True) as con:
        row = con.execute("select run_id, as_at from runs where quarter = '2025-Q4'").fetchone()
        assert row is not None
        sections = {}
        for section in SECTIONS:
            columns = CALLED_NOW if section.name == "main" else "*"
            held = con.execute(f"select {columns} from snapshot_{section.name} where run_id = ?", [row[0]]).pl()
            later = [pl.lit(None, one.dtype).alias(one.name) for one in section.columns if one.name not in held.columns]
            sections[section.name] = held.with_columns(later)
    with Warehouse(tmp_path / "fresh.duckdb") as warehouse:
        run = {"run_id": row[0], "la_code": birmingham, "quarter": str(october), "as_at": row[1]}
        warehouse.freeze(run, sections, empty_map())
    found = []
    for path in (older, tmp_path / "fresh.duckdb"):
        with open_quarter(path, birmingham, october) as opened:
            found.append(compute_tables(opened.connection))
    assert found[0].equals(found[1])
    assert found[0].filter(table="TA1", measure="count")["value"].sum() > 0


@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_of_the_second_layout_has_the_code_for_a_notice_under_its_name_of_today(
    tmp_path: Path, read_only: bool
) -> None:
    path = tmp_path / "warehouse.duckdb"
    codes = ("prevention", "prevention_notice", None)
    with Warehouse(path) as warehouse:
        freeze(
            warehouse, "one", sections_of(main=[{"case_ref": str(n), "assess1": code} for n, code in enumerate(codes)])
        )
        warehouse.connection.execute("update history.main set assess1 = 'prevention_s21' where case_ref = '1'")
        warehouse.connection.execute("update about set layout = 2")
    with Warehouse(path, read_only=read_only) as warehouse:
        found = warehouse.connection.execute("select assess1 from snapshot_main order by case_ref").fetchall()
        assert layouts.layout_of(warehouse.connection) == layouts.NEWEST
    assert [code for (code,) in found] == list(codes)


def test_findings_of_a_file_of_the_third_layout_get_the_ids_that_they_would_have_had(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    placed = [{"case_ref": "1", "placement_no": no, "entry_date": date(2025, 8, no)} for no in (1, 2)]
    said = {"severity": "warning", "message": "m", "action": "a"}
    of_placement = {"section": "temporary_accommodation", "fields": "exit_date", "case_ref": "1", **said}
    found = [
        Finding(rule_id="L-26d", record_key="placement_no=2", **of_placement),
        Finding(rule_id="H-11", section="main", case_ref="1", fields="php_date", value="x", **said),
        Finding(rule_id="H-11", section="main", case_ref="1", fields="php_date", value="y", **said),
        Finding(
            rule_id="X-22", section="main", file="main_20250801.csv", **{**said, "message": "main_20250801.csv: m"}
        ),
        Finding(rule_id="E-02", scope="return", **said),
    ]
    known_as = pl.Series("known_as", ["2025-08-02", None, None, None, None], pl.String)
    rows = with_ids(frame(found).with_columns(known_as), "2025-Q3").drop("known_as")
    with Warehouse(path) as warehouse:
        for run in ("one", "two"):
            freeze(warehouse, run, sections_of(main=[{"case_ref": "1"}], temporary_accommodation=placed))
            warehouse.save_findings(run, rows)
            warehouse.save_ledger(run, {"inputs": [{"name": "main_20250801.csv", "sha256": run}]}, "clean")
        con = warehouse.connection
        before = con.execute("select * exclude (row_no) from history.findings order by all").fetchall()
        for column in ("finding_id", "kind", "team"):
            con.execute(f"alter table history.findings drop column {column}")
        for table in ("finding_note", "finding_continued", "waiver", "alert_sent", "same_person", "person_number"):
            con.execute(f"drop table {table}")
        con.execute("update about set layout = 3")
    with Warehouse(path) as warehouse:
        con = warehouse.connection
        after = con.execute(
            f"select {', '.join(['authority', 'from_run', *history.FINDING_COLUMNS])} from history.findings"
        ).fetchall()
        assert sorted(map(str, after)) == sorted(map(str, before))
        states = life.states(con, "two")
        assert set(states["state"]) == {"open"} and states.height == len(found)


def test_a_file_of_the_fourth_layout_can_keep_what_figures_for_sharing_rest_on(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path) as warehouse:
        freeze(warehouse, "one", sections_of(main=[{"case_ref": "1"}]))
        for table in ("run_file", "confirmed_word", "released"):
            warehouse.connection.execute(f"drop table {table}")
        warehouse.connection.execute("update about set layout = 4")
    with Warehouse(path) as warehouse:
        rates = run_files.RunFile("rates.csv", "0f", b"type,rate")
        run_files.save(warehouse.connection, "one", "rates", rates)
        assert run_files.read(warehouse.connection, "one", "rates") == rates
        assert run_files.read(warehouse.connection, "one", "lha") is None
        beside = warehouse.beside_figures(run_id="one", la_code=LA)
    assert {name: rows.height for name, rows in beside.items()} == {"run_file": 1, "confirmed_word": 0, "released": 0}


def test_runs_of_a_file_of_the_sixth_layout_say_nothing_of_official_cells_and_a_later_run_does(tmp_path: Path) -> None:
    path, birmingham = unpacked(LAYOUT_6, tmp_path), "E08000025"
    with duckdb.connect(str(path), read_only=True) as con:
        assert layouts.layout_of(con) == 6
        before, found = contents(con), con.execute("from findings order by all").fetchall()
    assert before["runs"] and found
    cell = {"official_table": "A1", "column_path": "Total", "measure": "count", "value": 3.0, "note": ""}
    cells = pl.DataFrame([cell], schema=official_cells.SCHEMA)
    with Warehouse(path) as warehouse:
        con = warehouse.connection
        assert contents(con) == before
        freeze(warehouse, "next", sections_of(main=[{"case_ref": "x"}]), authority=birmingham)
        warehouse.keep_ledger("next", {}, cells=cells)
        assert {run: official_cells.read(con, run).height for run, *_ in con.execute("from runs").fetchall()} == {
            **dict.fromkeys((row[0] for row in before["runs"]), 0),
            "next": 1,
        }


def test_rows_that_held_in_several_runs_are_stored_once_after_the_migration(older: Path) -> None:
    with Warehouse(older) as warehouse:
        row = warehouse.connection.execute("select count(*) from history.people").fetchone()
    # 260 rows in four copies: 82 people of the export, 6 of Somerset's and those of the left-out case twice.
    assert row is not None and row[0] < 100


def test_a_migrated_file_takes_further_runs(older: Path) -> None:
    with Warehouse(older) as warehouse:
        before = contents(warehouse.connection)["snapshot_main"]
        freeze(warehouse, "next", sections_of(main=[{"la_code": LA, "case_ref": "x"}]), authority="E08000025")
        after = contents(warehouse.connection)["snapshot_main"]
    assert [row for row in after if row[0] != "next"] == before


def test_a_reader_migrates_an_older_file(older: Path) -> None:
    before = raw(older)
    with Warehouse(older, read_only=True) as warehouse:
        assert contents(warehouse.connection) == before
    with duckdb.connect(str(older), read_only=True) as con:
        assert layouts.layout_of(con) == layouts.NEWEST


def test_a_reader_that_may_not_write_reads_a_migrated_copy_and_leaves_nothing(
    older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, bytes_before = raw(older), older.read_bytes()
    temporary = older.parent / WORK
    opening = files.open_file

    def only_elsewhere(path: Path) -> duckdb.DuckDBPyConnection:
        if path == older:
            raise InputError(files.NOT_OPENED)
        return opening(path)

    monkeypatch.setattr(files, "open_file", only_elsewhere)
    with Warehouse(older, read_only=True) as warehouse:
        assert contents(warehouse.connection) == before
        copies = [path for path in temporary.rglob("*") if path.is_file()]
        assert any(path.name == older.name for path in copies)
        assert all(path.stat().st_mode & 0o077 == 0 for path in (temporary, *copies))
    assert not temporary.exists()
    assert older.read_bytes() == bytes_before


def test_a_migration_that_fails_leaves_the_file_as_it_was(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = raw(older)

    def half_way(con: duckdb.DuckDBPyConnection, number: int) -> None:
        con.execute("drop table snapshot_main")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(layouts, "migrate", half_way)
        with pytest.raises(KeyboardInterrupt):
            Warehouse(older)
    assert raw(older) == before
    with Warehouse(older) as warehouse:
        assert contents(warehouse.connection) == before
    assert [path.name for path in older.parent.iterdir()] == [older.name]


@pytest.mark.parametrize("left", [b"", b"half a file"])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_migration_cut_off_by_a_power_cut_is_undone_from_the_copy(
    older: Path, monkeypatch: pytest.MonkeyPatch, left: bytes, read_only: bool
) -> None:
    before = raw(older)
    with monkeypatch.context() as patched:
        patched.setattr(layouts, "migrate", lambda con, number: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            Warehouse(older)
    copy = older.with_name("warehouse.duckdb.before-migration")
    assert copy.stat().st_mode & 0o777 == 0o600
    older.write_bytes(left)
    with Warehouse(older, read_only=read_only) as warehouse:
        assert contents(warehouse.connection) == before
    assert not copy.exists()


def test_a_copy_left_after_the_commit_is_cleared_and_what_was_written_since_stays(older: Path) -> None:
    shutil.copy(older, older.with_name("warehouse.duckdb.before-migration"))
    with Warehouse(older) as warehouse:
        pass
    shutil.copy(older, older.with_name("warehouse.duckdb.before-migration"))
    with Warehouse(older) as warehouse:
        freeze(warehouse, "next", sections_of(main=[{"case_ref": "x"}]))
    with Warehouse(older, read_only=True) as warehouse:
        assert len(as_it_was(warehouse, "next")) == 1
    assert [path.name for path in older.parent.iterdir()] == [older.name]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_layout_is_refused_with_a_sentence_and_left_alone(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path) as warehouse:
        warehouse.connection.execute("update about set layout = ?", [layouts.NEWEST + 1])
    before = path.read_bytes()
    with pytest.raises(InputError, match="newer version"):
        Warehouse(path, read_only=read_only)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table customers as select 1 as customer")
    with pytest.raises(InputError, match="not an hclic warehouse"):
        Warehouse(path, read_only=read_only)
    with duckdb.connect(str(path), read_only=True) as con:
        assert con.execute("select table_name from duckdb_tables()").fetchall() == [("customers",)]


def test_a_section_may_gain_a_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "warehouse.duckdb"
    with Warehouse(path) as warehouse:
        freeze(warehouse, "before", sections_of(main=[{"case_ref": "1", "officer": "HO01"}]))
    main = SECTIONS[0]
    columns = catalogue._columns
    extra = type(main.columns[0])(**{**main.column("officer").__dict__, "name": "housing_register_band"})
    monkeypatch.setattr(
        catalogue, "_columns", lambda section: (*columns(section), *([extra] if section is main else []))
    )
    with Warehouse(path) as warehouse:
        rows = sections_of(main=[{"case_ref": "1", "officer": "HO01"}, {"case_ref": "2", "housing_register_band": "A"}])
        freeze(warehouse, "after", rows)
        found = warehouse.connection.execute(
            "select run_id, case_ref, officer, housing_register_band from snapshot_main order by all"
        ).fetchall()
    assert found == [("after", "1", "HO01", None), ("after", "2", None, "A"), ("before", "1", "HO01", None)]


def test_every_migration_has_the_next_number() -> None:
    assert [migration.number for migration in layouts.MIGRATIONS] == list(range(2, layouts.NEWEST + 1))
