"""The figures that have left are remembered, edition by edition."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from pipelines.period import Quarter
from pipelines.warehouse.released import before, save
from pipelines.warehouse.store import Warehouse

LA = "E06000034"
Q3, Q4 = Quarter.parse("2025-Q3"), Quarter.parse("2025-Q4")
ONE, TWO = ("case_plans", "2025-07-01|all", "owed_a_duty"), ("case_plans", "2025-07-01|all", "with_plan")


@pytest.fixture
def store() -> Iterator[Warehouse]:
    with Warehouse(None) as opened:
        yield opened


def test_a_figure_is_remembered_with_its_edition(store: Warehouse) -> None:
    save(store.connection, LA, Q3, "run", date(2025, 10, 5), {ONE: 90, TWO: 70})
    rows = store.connection.execute("select quarter, edition_no, run_id, made_on, value from released").fetchall()
    assert rows == [("2025-Q3", 1, "run", date(2025, 10, 5), value) for value in (90.0, 70.0)]
    assert before(store.connection, LA) == {ONE: 90, TWO: 70}
    assert before(store.connection, "E06000033") == {}


def test_an_edition_that_prints_nothing_new_is_none(store: Warehouse) -> None:
    for day in (5, 6):
        save(store.connection, LA, Q3, "run", date(2025, 10, day), {ONE: 90})
    assert store.connection.execute("select count(*), max(edition_no) from released").fetchone() == (1, 1)


def test_the_newest_figure_counts_whichever_quarter_it_was_printed_for(store: Warehouse) -> None:
    save(store.connection, LA, Q4, "later", date(2026, 1, 5), {ONE: 90, TWO: 70})
    save(store.connection, LA, Q3, "again", date(2026, 1, 6), {ONE: 95})
    assert before(store.connection, LA) == {ONE: 95, TWO: 70}


def test_of_two_editions_of_a_day_the_second_counts(store: Warehouse) -> None:
    for value in (90, 95):
        save(store.connection, LA, Q3, "run", date(2025, 10, 5), {ONE: value})
    assert before(store.connection, LA) == {ONE: 95}
