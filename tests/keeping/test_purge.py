"""A purge takes the cases that are over out of every file, keeps what was counted, and never lets a count shrink."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.emit.tables.several import write_each
from pipelines.errors import InputError, UsageError
from pipelines.keeping.backup import back_up
from pipelines.keeping.purge import Purged, purge
from pipelines.keeping.tables import connect
from pipelines.metrics.emit import metric_frame, prepare_metrics
from pipelines.period import Quarter
from pipelines.transform.ended import years_before
from pipelines.warehouse import chain, gone
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.store import Warehouse
from tests.keeping.made import (
    AT,
    AUTHORITY,
    BEFORE,
    EDGE,
    GONE,
    LATER,
    NOTE,
    OLD,
    OPEN,
    PLACED,
    add,
    asked,
    export,
    holds,
    left_in,
    mode,
    place,
    run,
)


@pytest.fixture(scope="session")
def purged(before: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Purged]:
    """The same after the purge, and what it told."""
    folder = place(before, tmp_path_factory.mktemp("after") / "here")
    return folder, purge(asked(folder), BEFORE)


@pytest.mark.parametrize("words", [*GONE, NOTE])
def test_what_was_held_was_there_before_the_purge(before: Path, words: str) -> None:
    if words == "Quixote, Zebedee":
        pytest.skip("nobody writes it so")
    if words != "Zebedee Quixote":
        assert "warehouse.duckdb" in holds(before / "out", words)


@pytest.mark.parametrize("words", [*GONE, NOTE])
def test_after_a_purge_a_search_of_every_file_finds_nothing(purged: tuple[Path, Purged], words: str) -> None:
    folder, done = purged
    assert holds(folder / "out", words) == []
    assert done.is_proven


def test_the_references_of_purged_cases_are_in_no_file(before: Path, purged: tuple[Path, Purged]) -> None:
    with Warehouse(before / "out" / "warehouse.duckdb", read_only=True) as store:
        known = dict(store.reference_map(AUTHORITY).select("local_ref", "case_ref").iter_rows())
    for ref in (OLD, EDGE):
        assert holds(purged[0] / "out", known[ref]) == []
    for ref in (LATER, OPEN, PLACED):
        assert "reference_map.csv" in holds(purged[0] / "out", known[ref])


def test_cases_go_that_are_over_before_the_day_and_no_others(purged: tuple[Path, Purged]) -> None:
    folder, done = purged
    with Warehouse(folder / "out" / "warehouse.duckdb", read_only=True) as store:
        kept = set(store.reference_map(AUTHORITY)["local_ref"].to_list())
    assert done.cases == 2
    assert {LATER, OPEN, PLACED} <= kept
    assert not {OLD, EDGE} & kept


def test_a_name_that_somebody_who_stays_bears_is_not_looked_for(purged: tuple[Path, Purged]) -> None:
    folder, done = purged
    assert "warehouse.duckdb" in holds(folder / "out", "Stone")
    assert done.held_of_others > 0


def test_the_proof_is_written_and_the_ledger_has_its_digest(purged: tuple[Path, Purged]) -> None:
    folder, done = purged
    assert done.proof is not None and mode(done.proof) == 0o600
    told = json.loads(done.proof.read_text())
    assert (told["cases"], told["found_after"], told["not_searched"]) == (2, {}, [])
    with Warehouse(folder / "out" / "warehouse.duckdb", read_only=True) as store:
        line = list(chain.lines(store.connection))[-1]
    assert line.kind == "purge"

    assert line.facts["proof_sha256"] == sha256(done.proof.read_bytes()).hexdigest()


def test_the_ledger_stays_whole_without_what_it_said_of_a_case(before: Path, purged: tuple[Path, Purged]) -> None:
    with Warehouse(before / "out" / "warehouse.duckdb", read_only=True) as store:
        assert chain.verify(store.connection) == []
    with Warehouse(purged[0] / "out" / "warehouse.duckdb", read_only=True) as store:
        con = store.connection
        assert chain.verify(con) == []
        lines = list(chain.lines(con))
        book = store.ledger_of(store.newest_run(AUTHORITY) or "") or {}
        assert con.execute("select count(*) from frozen_file").fetchone() == (0,)
    taken = lines[-1].facts["said_taken"]
    said = {line.line_no for line in lines if line.facts.get("table") in ("finding_note", "waiver", "frozen_file")}
    assert said <= set(taken)
    assert book["cases"]["excluded_for_errors"]["cases"] == ["[purged]"]


def test_the_tables_of_a_purged_quarter_are_those_that_were_counted_before(
    before: Path, purged: tuple[Path, Purged], tmp_path: Path
) -> None:
    quarter = Quarter.parse("2019-Q3")
    cells = []
    for name, folder in (("before", before), ("after", purged[0])):
        warehouse = folder / "out" / "warehouse.duckdb"
        list(write_each(warehouse, AUTHORITY, [quarter], lambda _, name=name: tmp_path / name))  # type: ignore[misc]
        cells.append((tmp_path / name / "official_internal.csv").read_bytes())
    assert cells[0] == cells[1]


@pytest.mark.parametrize("quarter", ["2018-Q4", "2019-Q3"])
def test_a_purged_quarter_is_not_counted_from_what_is_left(purged: tuple[Path, Purged], quarter: str) -> None:
    warehouse = purged[0] / "out" / "warehouse.duckdb"
    with pytest.raises(InputError, match="count too few"), open_quarter(warehouse, AUTHORITY, Quarter.parse(quarter)):
        pass


def test_no_series_begins_before_what_was_purged(purged: tuple[Path, Purged]) -> None:
    """Months, quarters and financial years of which a case is gone are not shown, rather than shown too small."""
    with open_quarter(purged[0] / "out" / "warehouse.duckdb", AUTHORITY, Quarter.parse("2025-Q3")) as opened:
        prepare_metrics(opened.connection)
        flow, years = (metric_frame(opened.connection, name) for name in ("case_flow_month", "stock_financial_year"))
    assert flow["first_day"].min() == date(2020, 4, 1)
    assert years["first_day"].min() == date(2020, 4, 1)


def test_a_quarter_after_the_purge_is_counted_as_before(before: Path, purged: tuple[Path, Purged]) -> None:
    found = []
    for folder in (before, purged[0]):
        with open_quarter(folder / "out" / "warehouse.duckdb", AUTHORITY, Quarter.parse("2019-Q4")) as opened:
            prepare_metrics(opened.connection)
            frame = metric_frame(opened.connection, "stock_month")
            found.append(frame.filter(pl.col("dimension") == "all").filter(pl.col("first_day") >= date(2019, 10, 1)))
    assert found[0].equals(found[1])


def test_a_run_of_a_purged_quarter_is_refused(purged: tuple[Path, Purged], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="count too few"):
        run(
            tmp_path / "new",
            purged[0] / "export",
            quarter="2019-Q3",
            warehouse=str(purged[0] / "out" / "warehouse.duckdb"),
        )


def findings(out: Path) -> dict[str, str]:
    rows = pl.read_csv(out / AUTHORITY / "2025-Q3" / "findings" / "findings.csv", infer_schema=False)
    return dict(rows.select("rule_id", "message").iter_rows())


def test_a_purged_case_does_not_come_back_with_the_next_export(purged: tuple[Path, Purged], tmp_path: Path) -> None:
    folder = place(purged[0], tmp_path / "here")
    run(folder / "out", folder / "export", is_whole=True)
    assert findings(folder / "out")["REF-09"] == "2 cases that were purged are in the export again. Left out."
    for words in GONE:
        assert holds(folder / "out", words) == []
    book = json.loads((folder / "out" / AUTHORITY / "2025-Q3" / "ledger.json").read_text())
    left = {one["name"]: one["rows_left_out"] for one in book["inputs"]}
    assert (left["main.csv"], left["people.csv"], left["prevention.csv"]) == (2, 4, 2)


def test_a_case_that_goes_on_comes_back_under_its_reference_and_no_number_is_given_twice(
    before: Path, purged: tuple[Path, Purged], tmp_path: Path
) -> None:
    with Warehouse(before / "out" / "warehouse.duckdb", read_only=True) as store:
        known = dict(store.reference_map(AUTHORITY).select("local_ref", "case_ref").iter_rows())
    folder, new = place(purged[0], tmp_path / "here"), export(tmp_path / "export", back=OLD)
    add(new, "main", {"case_ref": "HL/NEW99", "la_code": AUTHORITY, "application_date": "2025-08-01"})
    run(folder / "out", new)
    told = findings(folder / "out")
    assert told["REF-09"].startswith("1 case that was purged")
    assert told["REF-10"].startswith("1 case that was purged is in the export again, with newer days")
    with Warehouse(folder / "out" / "warehouse.duckdb", read_only=True) as store:
        now = dict(store.reference_map(AUTHORITY).select("local_ref", "case_ref").iter_rows())
    assert now[OLD] == known[OLD]
    assert now["HL/NEW99"] not in set(known.values())


def test_a_dry_run_tells_and_changes_nothing(before: Path, tmp_path: Path) -> None:
    folder = place(before, tmp_path / "here")
    kept = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".duckdb"}
    done = purge(asked(folder, is_dry=True), BEFORE)
    assert done.rows["history.main"] == 2
    assert done.cleared.rewritten and done.proof is None
    assert {path: path.read_bytes() for path in kept} == kept
    with Warehouse(folder / "out" / "warehouse.duckdb", read_only=True) as store:
        assert OLD in store.reference_map(AUTHORITY)["local_ref"].to_list()


def test_backups_that_still_hold_the_cases_are_named_and_deleted_when_told(before: Path, tmp_path: Path) -> None:
    folder = place(before, tmp_path / "here")
    backup = back_up(folder / "out" / "warehouse.duckdb", tmp_path / "kept", AT).path
    own = tmp_path / "here" / "out" / "letter.txt"
    own.write_text(f"To {OLD}")
    done = purge(asked(folder), BEFORE)
    assert done.backups == [backup] and backup.exists() and not done.is_proven
    assert {path.name: kinds for path, kinds in done.cleared.left.items()} == {"letter.txt": ["reference"]}
    assert own.exists(), "what hclic did not write is named and left"
    other = place(before, tmp_path / "other")
    made = back_up(other / "out" / "warehouse.duckdb", tmp_path / "kept2", AT).path
    assert purge(asked(other, is_deleting_backups=True), BEFORE).backups_deleted == 1
    assert not made.exists() and left_in(tmp_path / "kept2") == []


def test_cases_on_which_the_year_in_hand_rests_are_not_purged(before: Path, tmp_path: Path) -> None:
    folder = place(before, tmp_path / "here")
    with pytest.raises(UsageError, match="at most 2025-04-01"):
        purge(asked(folder), date(2025, 4, 2))


def test_the_command_says_counts_and_no_value(before: Path, tmp_path: Path) -> None:
    folder = place(before, tmp_path / "here")
    warehouse = str(folder / "out" / "warehouse.duckdb")
    told = CliRunner().invoke(app, ["purge", "--warehouse", warehouse, "--before", "2019-09-01", "--dry-run"])
    assert told.exit_code == 0, told.output
    assert "2 of 6 cases would go" in told.output
    assert not [words for words in (*GONE, NOTE) if words in told.output]
    due = CliRunner().invoke(app, ["purge", "--warehouse", warehouse, "--due"])
    assert "No retention is set" in due.output


def test_a_year_ago_of_a_leap_day_is_the_last_of_february() -> None:
    assert years_before(date(2024, 2, 29), 1) == date(2023, 2, 28)
    assert years_before(date(2024, 2, 29), 4) == date(2020, 2, 29)


def test_what_is_sealed_needs_the_local_reference() -> None:
    with connect(Path(":memory:")) as con:
        gone.create(con)
        gone.remember(con, AUTHORITY, [("HL/1", "E1"), ("E1", "E1")], why="purged", before=BEFORE, on=BEFORE)
        known = gone.of_authority(con, AUTHORITY)
        assert known.reference_of("HL/1") == "E1"
        assert known.reference_of("HL/2") is None
        held = con.execute("select string_agg(g::varchar, '') from gone_case as g").fetchone()
    assert held is not None and "HL/1" not in held[0] and "E1" not in held[0]
