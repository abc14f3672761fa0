"""What the database of a run promises to the steps that work on it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.run.database import RunDatabase

JOIN = "explain select * from one inner join two on one.n = two.n and one.m <> two.m"


def planned(con: duckdb.DuckDBPyConnection) -> str:
    """The plan of a join of two temporary tables made on the connection."""
    for name in ("one", "two"):
        con.execute(f"create temp table {name} as select range as n, range % 7 as m from range(5000)")
    return str(con.execute(JOIN).fetchall()[0][1])


def test_a_step_that_only_reads_has_its_joins_planned_by_what_the_tables_hold(tmp_path: Path) -> None:
    with RunDatabase(tmp_path) as database, database.step("any"), database.reading() as con:
        assert "~5,000 rows" in planned(con)


def test_a_step_that_only_reads_sees_what_the_steps_before_it_have_kept(tmp_path: Path) -> None:
    with RunDatabase(tmp_path) as database:
        with database.step("first") as step:
            step.put(result="clean")
        with database.step("second", 1), database.reading() as con:
            assert con.execute("select value from main.state where name = 'result'").fetchall() == [('"clean"',)]


def test_steps_at_work_at_the_same_time_keep_what_they_say_apart(tmp_path: Path) -> None:
    with RunDatabase(tmp_path) as database:
        with database.step("first", 0) as first, database.step("second", 1) as second:
            second.say("the second begins")
            first.say("the first begins", "the first ends")
            second.put(second=2)
            first.put(first=1)
            second.say("the second ends")
            assert database.done() == []
        assert database.done() == ["first", "second"]
        assert (database.get("first"), database.get("second")) == (1, 2)
        assert database.notices() == ["the first begins", "the first ends", "the second begins", "the second ends"]
