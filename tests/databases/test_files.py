"""SQLite and DuckDB files as sources."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import InputError
from pipelines.extract.databases.queries import Query
from tests.databases.reading import assert_the_sample_is_read, rows, take
from tests.databases.servers import Source

KINDS = ("sqlite_source", "duckdb_source")
FOREVER = {
    "sqlite_source": "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) as c from n",
    "duckdb_source": "select count(*) as c from range(100000000) a, range(100000000) b where a.range + b.range = 7",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_is_read_as_from_its_files(kind: str, request: pytest.FixtureRequest) -> None:
    assert_the_sample_is_read(request.getfixturevalue(kind).address)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select * from nowhere", "has no nowhere, or the user may not see it"),
        ("select missing from reviews", "has no such column: missing"),
        ("select 1 as a, 2 as a", "gives two columns with the name a"),
        ("select 1 as a,, 2 as b", "is not understood by"),
        ("select cast('x' as blob) as photo", "The column photo of the query one holds no plain text"),
    ],
)
def test_a_query_that_fails_says_what_to_do(
    kind: str, sql: str, said: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as refused:
        rows(request.getfixturevalue(kind).address, tmp_path / "x", sql)
    assert said in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", KINDS)
def test_a_slow_query_is_stopped(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(InputError, match="took longer than"):
        rows(request.getfixturevalue(kind).address, tmp_path / "x", FOREVER[kind], minutes=0.005)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("kind", KINDS)
def test_reading_changes_nothing_in_the_file(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    source: Source = request.getfixturevalue(kind)
    path = Path(source.address.partition("://")[2])
    before = path.read_bytes()
    take(source.address, tmp_path / "x", Query("reviews", table=("reviews",)))
    assert path.read_bytes() == before


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_a_file_that_is_not_there_or_no_database_is_a_sentence(scheme: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.db"
    wrong.write_bytes(b"This is a letter to a person. " * 200)
    for path, said in ((tmp_path / "none.db", "There is no database file"), (wrong, "file wrong.db is no ")):
        with pytest.raises(InputError, match=said):
            take(f"{scheme}://{path}", tmp_path / "x", Query("one", "select 1 as one"))
        assert not (tmp_path / "x").exists()
    assert not (tmp_path / "none.db").exists(), "a database was made where none was"


def test_the_path_may_be_one_below_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite3.connect(tmp_path / "x.db").execute("create table t (a)").connection.commit()
    monkeypatch.chdir(tmp_path)
    take("sqlite:///x.db", tmp_path / "out", Query("t", table=("t",)))
    assert (tmp_path / "out/t.parquet").is_file()


def test_a_column_of_sqlite_may_hold_values_of_several_kinds(tmp_path: Path) -> None:
    con = sqlite3.connect(tmp_path / "x.db")
    con.execute("create table t (id integer, day date, rent numeric, open boolean)")
    con.execute(
        "insert into t values (1, '2025-09-30', '10.10', 1), ('Fred', '30/09/2025', 2.5, 'yes'), (3, null, 4, 0)"
    )
    con.commit()
    found = rows(f"sqlite://{tmp_path / 'x.db'}", tmp_path / "y" / "z", "select * from t")
    assert found == [
        {"id": "1", "day": "2025-09-30", "rent": "10.1", "open": "1"},
        {"id": "3", "day": None, "rent": "4", "open": "0"},
        {"id": "Fred", "day": "30/09/2025", "rent": "2.5", "open": "yes"},
    ]


def test_a_query_of_sqlite_reaches_no_other_file(sqlite_source: Source, tmp_path: Path) -> None:
    # What stands between connection and query is refused by the profile; this is the wall behind it.
    from pipelines.address import parse_address
    from pipelines.extract.databases.faults import Fault
    from pipelines.extract.databases.products import open_sqlite

    session = open_sqlite(parse_address(sqlite_source.address), 1)
    with pytest.raises(Fault):
        session._run(f"attach '{tmp_path / 'other.db'}' as other")
    session.close()
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize("reach", ["read_csv('{}')", "read_text('{}')", "'{}'", "glob('*')"])
def test_a_query_of_duckdb_reaches_no_other_file(duckdb_source: Source, tmp_path: Path, reach: str) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    sql = f"select * from {reach.format(other)}"
    with pytest.raises(InputError, match="is not understood by"):
        rows(duckdb_source.address, tmp_path / "x", sql)


def test_types_of_duckdb_are_read_as_the_text_that_a_file_would_hold(duckdb_source: Source, tmp_path: Path) -> None:
    sql = """
        select date '2025-09-30' as day, timestamp '2025-09-30 10:30:00' as moment,
            timestamptz '2025-09-30 23:30:00+00' as zoned, true as yes, 0.10::decimal(5, 2) as exact,
            170141183460469231731687303715884105727::hugeint as huge, 0.1::double as double, 2.0::float as single,
            'a'::enum('a', 'b') as choice, uuid '00000000-0000-0000-0000-000000000001' as id, null as nothing
    """
    assert rows(duckdb_source.address, tmp_path / "y" / "z", sql) == [
        {
            "day": "2025-09-30",
            "moment": "2025-09-30 10:30:00",
            "zoned": "2025-10-01 00:30:00",
            "yes": "yes",
            "exact": "0.10",
            "huge": "170141183460469231731687303715884105727",
            "double": "0.1",
            "single": "2",
            "choice": "a",
            "id": "00000000-0000-0000-0000-000000000001",
            "nothing": None,
        }
    ]


def test_what_fails_while_the_rows_of_duckdb_come_is_a_sentence_too(duckdb_source: Source, tmp_path: Path) -> None:
    # Counting it needs no cell.
    with pytest.raises(InputError, match="a value does not fit what the query makes of it") as refused:
        rows(duckdb_source.address, tmp_path / "x", "select cast(word as int) as age from (values ('Fred')) as t(word)")
    assert "Fred" not in str(refused.value)


def test_a_duckdb_file_can_be_read_again_after_rows_were_left(duckdb_source: Source) -> None:
    from pipelines.address import parse_address
    from pipelines.extract.databases.duck import DuckSession

    kept = []
    for _ in range(2):
        session = DuckSession(parse_address(duckdb_source.address), 1)
        kept.append(session.read("select * from people"))
        next(kept[-1].batches)
        session.close()
    assert len(kept) == 2


def test_a_duckdb_file_that_is_written_elsewhere_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("create table t as select 1 as a")
        with pytest.raises(InputError, match="is open in another program"):
            take(f"duckdb://{path}", tmp_path / "y", Query("t", table=("t",)))


def test_all_queries_of_a_sqlite_file_see_one_moment(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("pragma journal_mode = wal")
    writer.execute("create table t (a)")
    writer.execute("insert into t values (1)")
    from pipelines.address import parse_address
    from pipelines.extract.databases.products import open_sqlite

    session = open_sqlite(parse_address(f"sqlite://{path}"), 1)
    assert session.count("select a from t") == 1
    writer.execute("insert into t values (2)")
    assert session.count("select a from t") == 1
    session.close()
    writer.close()
