"""What runs found is kept once for all the runs in which it held, and every run's state is read back as it was."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.findings import ERROR, Finding, frame
from pipelines.warehouse import history
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTION
from tests.warehouse.stored import LA, NEIGHBOUR, as_it_was, freeze, rows_kept, sections_of


def case(number: int, **more: Any) -> dict[str, Any]:
    return {"la_code": LA, "case_ref": f"{LA}_{number:012d}", "application_date": date(2025, 7, 1), **more}


def officers(warehouse: Warehouse, run_id: str) -> list[str | None]:
    rows = warehouse.connection.execute(
        "select officer from snapshot_main where run_id = ? order by case_ref, officer", [run_id]
    ).fetchall()
    return [row[0] for row in rows]


@pytest.fixture
def warehouse(tmp_path: Path) -> Any:
    with Warehouse(tmp_path / "warehouse.duckdb") as opened:
        yield opened


def test_a_row_that_does_not_change_is_kept_once_and_seen_in_every_run(warehouse: Warehouse) -> None:
    for run in ("a", "b", "c"):
        freeze(warehouse, run, sections_of(main=[case(1, officer="HO01"), case(2)]))
    assert rows_kept(warehouse) == 2
    assert [len(as_it_was(warehouse, run)) for run in ("a", "b", "c")] == [2, 2, 2]


def test_a_changed_row_is_seen_as_it_was_in_each_run(warehouse: Warehouse) -> None:
    for run, officer in (("a", "HO01"), ("b", "HO02"), ("c", "HO01")):
        freeze(warehouse, run, sections_of(main=[case(1, officer=officer), case(2)]))
    assert [officers(warehouse, run) for run in ("a", "b", "c")] == [["HO01", None], ["HO02", None], ["HO01", None]]


def test_a_case_that_is_gone_and_comes_back_is_in_the_runs_that_held_it(warehouse: Warehouse) -> None:
    for run, rows in (("a", [case(1)]), ("b", []), ("c", [case(1)])):
        freeze(warehouse, run, sections_of(main=rows))
    assert [len(as_it_was(warehouse, run)) for run in ("a", "b", "c")] == [1, 0, 1]


@pytest.mark.parametrize("counts", [(3, 1, 2), (1, 3, 0), (2, 2, 2)])
def test_as_many_equal_rows_are_kept_as_the_run_had(warehouse: Warehouse, counts: tuple[int, ...]) -> None:
    need = {"case_ref": f"{LA}_000000000001", "support_need": "mental_health"}
    for no, count in enumerate(counts):
        freeze(warehouse, f"run {no}", sections_of(support_needs=[need] * count))
    found = [len(as_it_was(warehouse, f"run {no}", "snapshot_support_needs")) for no in range(len(counts))]
    assert tuple(found) == counts


def test_an_empty_text_and_no_value_are_told_apart(warehouse: Warehouse) -> None:
    for run, officer in (("a", None), ("b", ""), ("c", None)):
        freeze(warehouse, run, sections_of(main=[case(1, officer=officer)]))
    assert [officers(warehouse, run) for run in ("a", "b", "c")] == [[None], [""], [None]]


def test_rows_whose_hashes_are_equal_are_still_told_apart(warehouse: Warehouse) -> None:
    # Every row has the same hash here, as two rows of a real export might.
    arguments = ", ".join(f"a{no}" for no in range(len(SECTION["main"].names)))
    warehouse.connection.execute(f"create temp macro no_hash({arguments}) as 0")

    class EveryHashEqual:
        def execute(self, statement: str, *rest: Any) -> Any:
            return warehouse.connection.execute(statement.replace("hash(", "no_hash("), *rest)

    states = {"a": ["HO01", "HO02"], "b": ["HO02", "HO03"], "c": ["HO02", "HO02", "HO03"]}
    for no, (run, names) in enumerate(states.items(), 1):
        warehouse.connection.execute(
            "insert into runs (run_id, run_order, la_code, quarter, as_at) values (?, ?, ?, '2025-Q3', '2025-09-30')",
            [run, no, LA],
        )
        rows = sections_of(main=[case(1, officer=name) for name in names])["main"]
        warehouse.connection.register("rows", rows.to_arrow())
        history.record(EveryHashEqual(), "main", "from rows", LA, no)  # type: ignore[arg-type]
    assert {run: officers(warehouse, run) for run in states} == states


def test_quarters_and_authorities_that_take_turns_do_not_disturb_each_other(warehouse: Warehouse) -> None:
    turns = [
        ("q3 a", LA, "2025-Q3", "HO01"),
        ("n a", NEIGHBOUR, "2025-Q3", "HO01"),
        ("q4 a", LA, "2025-Q4", "HO02"),
        ("q3 b", LA, "2025-Q3", "HO03"),
        ("n b", NEIGHBOUR, "2025-Q4", "HO01"),
        ("q4 b", LA, "2025-Q4", "HO02"),
    ]
    for run, authority, quarter, officer in turns:
        freeze(warehouse, run, sections_of(main=[case(1, officer=officer)]), authority=authority, quarter=quarter)
    assert {run: officers(warehouse, run) for run, *_ in turns} == {run: [officer] for run, *_, officer in turns}


def test_a_run_made_again_replaces_its_state_and_becomes_the_newest(warehouse: Warehouse) -> None:
    freeze(warehouse, "a", sections_of(main=[case(1, officer="HO01")]))
    freeze(warehouse, "b", sections_of(main=[case(1, officer="HO02")]))
    freeze(warehouse, "a", sections_of(main=[case(1, officer="HO03")]))
    assert (officers(warehouse, "a"), officers(warehouse, "b")) == (["HO03"], ["HO02"])
    assert warehouse.connection.execute("select run_id from runs order by run_order").fetchall() == [("b",), ("a",)]
    # The first state of run a was in no other run: it may not stay in the file.
    held = warehouse.connection.execute("select officer from history.main order by all").fetchall()
    assert held == [("HO02",), ("HO03",)]


def test_sections_can_come_from_another_database(warehouse: Warehouse) -> None:
    given = sections_of(main=[case(1, officer="HO01"), case(2, advice_only=True)])
    with duckdb.connect(":memory:") as other:
        other.execute("create schema recorded")
        for name, rows in given.items():
            other.register("rows", rows.to_arrow())
            other.execute(f"create table recorded.{name} as from rows")
        freeze(warehouse, "a", other)
        freeze(warehouse, "b", given)
    assert as_it_was(warehouse, "a") == as_it_was(warehouse, "b") != []
    assert rows_kept(warehouse) == 2


def test_findings_and_selection_are_read_back_as_of_each_run(warehouse: Warehouse) -> None:
    messages = {"a": ["one", "one", "two"], "b": ["two", "three"], "c": ["two", "three"]}
    chosen = {"a": True, "b": False, "c": True}
    for run, texts in messages.items():
        freeze(warehouse, run, sections_of(main=[case(1)]))
        warehouse.save_findings(run, frame([Finding("X-01", ERROR, text, "Mend it.") for text in texts]))
        selection = {"case_ref": "1", "is_selected": chosen[run], "triggers": None, "forced": None, "reason": None}
        warehouse.save_selection(
            run, pl.DataFrame([selection], schema_overrides=dict.fromkeys(("triggers", "forced", "reason"), pl.String))
        )
    found = warehouse.connection.execute("select run_id, message from findings order by all").fetchall()
    assert found == sorted((run, text) for run, texts in messages.items() for text in texts)
    assert [as_it_was(warehouse, run, "case_selection")[0][1] for run in messages] == list(chosen.values())
    assert rows_kept(warehouse, "findings") == 4


def test_only_the_newest_run_can_be_written_to(warehouse: Warehouse) -> None:
    for run in ("a", "b"):
        freeze(warehouse, run, sections_of())
    with pytest.raises(ValueError, match="newest"):
        warehouse.save_findings("a", frame([]))


def test_any_sequence_of_exports_is_read_back_exactly(warehouse: Warehouse) -> None:
    """Rows are drawn from a few values, so that equal rows, missing values and returning rows all come up."""
    rng = random.Random(20251128)
    states: dict[str, list[tuple[Any, ...]]] = {}
    for no in range(20):
        run = f"run {rng.randrange(10)}"
        rows = [
            case(rng.randrange(4), officer=rng.choice([None, "", "HO01"]), team=rng.choice([None, "North"]))
            | {"recorded_date": rng.choice([None, date(2025, 7, 1) + timedelta(days=no % 3)])}
            for _ in range(rng.randrange(8))
        ]
        given = sections_of(main=rows)
        states.pop(run, None)
        states[run] = sorted(given["main"].rows(), key=repr)
        freeze(warehouse, run, given)
    for known, expected in states.items():
        assert sorted(as_it_was(warehouse, known), key=repr) == expected, known
