"""The states of a DuckLake by their numbers: what wrote each, and what was submitted read again as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.emit.tables.several import write_each
from pipelines.errors import InputError, UsageError
from pipelines.fleet import snapshots
from pipelines.period import Quarter
from pipelines.place import Lake, Place, of_authority, parse_place
from pipelines.run.run import make
from pipelines.state import CHECKED, SIGNED_OFF, SUBMITTED
from pipelines.warehouse import sign_offs
from pipelines.warehouse.store import Warehouse
from tests.fleet.test_lakes import request_of
from tests.warehouse.stored import LA, freeze, sections_of

QUARTER = Quarter.parse("2025-Q3")


def _say(store: Warehouse, run_id: str, *states: str) -> None:
    for state in states:
        with store.transaction():
            sign_offs.add_state(
                store.connection,
                LA,
                QUARTER,
                run_id,
                state,
                by="Ann Other",
                at=datetime(2026, 1, 9, tzinfo=UTC),
                why="Pat Doe",
            )


def _tables(warehouse: Place, out: Path) -> dict[str, bytes]:
    for _ in write_each(warehouse, LA, [QUARTER], lambda quarter: out):
        pass
    return {path.name: path.read_bytes() for path in out.iterdir() if path.suffix == ".csv"}


def test_the_tables_at_what_was_submitted_are_those_of_the_signed_off_run_today(lake: Lake, tmp_path: Path) -> None:
    make(request_of(tmp_path / "out", lake))
    with Warehouse(lake.of(LA)) as store:
        run_id = str(store.newest_run(LA))
        _say(store, run_id, CHECKED, SIGNED_OFF, SUBMITTED)
        number = snapshots.as_submitted(snapshots.of_connection(store.connection), str(QUARTER))
        freeze(store, "later", sections_of(main=[{"case_ref": f"{LA}_1"}]))
    then = parse_place(f"{lake} at={number}")
    assert _tables(then, tmp_path / "then") == _tables(lake, tmp_path / "now") != {}

    with Warehouse(of_authority(then, LA), read_only=True) as store:
        assert store.newest_run(LA) == run_id, "at the snapshot the later run is not there yet"
    with pytest.raises(UsageError, match="only be read"):
        Warehouse(of_authority(then, LA))
    with pytest.raises(InputError, match="no snapshot 999"):
        Warehouse(of_authority(parse_place(f"{lake} at=999"), LA), read_only=True)

    shown = CliRunner().invoke(app, ["fleet", "snapshots", str(lake)])
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert [line.partition("  run began")[1] != "" for line in lines].count(True) == 2
    (submitted,) = [line for line in lines if "sign_off submitted 2025-Q3" in line]
    assert submitted.split()[0] == str(number)
    assert submitted.endswith("kept for ever")
    assert "Ann Other" not in shown.output
    assert "Pat Doe" not in shown.output, "what a person said stands in the ledger, not in the list of snapshots"


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="hclic fleet snapshots"):
        parse_place("ducklake:postgres:dbname=hclic at=yesterday")
