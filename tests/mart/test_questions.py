"""Every ready question says what it is, and runs on invented cases with one row a key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import sql
from pipelines.finance.mart.run import open_run
from pipelines.metrics.catalogue import metrics
from pipelines.metrics.emit import prepare_metrics
from tests.mart.conftest import LA, MARK

EVERY = sql.names("metrics")
NOT_INTERNAL = [one.name for one in metrics() if one.make is None and not one.is_internal and not one.is_daily]
TITLED = [metric.name for metric in metrics() if metric.make is None]


@pytest.fixture(scope="module")
def con(warehouse_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_run(warehouse_file, None, None, costs=False) as run:
        prepare_metrics(run.connection)
        yield run.connection


def test_there_are_more_than_a_dozen_ready_questions() -> None:
    assert len(TITLED) >= 12


@pytest.mark.parametrize("name", TITLED)
def test_a_ready_question_has_a_plain_title_of_its_own(name: str) -> None:
    titles = {metric.name: metric.title for metric in metrics()}
    assert 8 <= len(titles[name]) <= 110
    assert "_" not in titles[name]
    assert [other for other, title in titles.items() if title == titles[name]] == [name]


@pytest.mark.parametrize("name", EVERY)
def test_a_relation_says_its_grain_and_holds_to_its_key(con: duckdb.DuckDBPyConnection, name: str) -> None:
    assert sql.grain(f"metrics/{name}.sql").startswith("One row per ")
    key = ", ".join(sql.key(f"metrics/{name}.sql"))
    repeated = con.execute(
        f"select count(*) from (select {key} from {name} group by all having count(*) > 1)"
    ).fetchone()
    assert repeated == (0,)


@pytest.mark.parametrize("name", NOT_INTERNAL)
def test_a_question_that_is_not_internal_names_no_person_and_no_case(con: duckdb.DuckDBPyConnection, name: str) -> None:
    said = con.execute(f"select * from {name}").pl().write_csv()
    for word in (f"{LA}_0", f"{MARK}forename", f"{MARK}nino", f"{MARK}last_address", f"{MARK}local_ref"):
        assert word not in said
