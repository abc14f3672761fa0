"""PostgreSQL as a source, with a real server."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.credentials import Credentials
from pipelines.errors import InputError, PassingError
from pipelines.extract.databases.queries import Query
from pipelines.period import Quarter
from pipelines.run.request import Request, parse_export
from pipelines.run.run import begin, make, opened
from tests.databases.reading import assert_the_sample_is_read, rows, take
from tests.databases.servers import READER, SAMPLE, SECRET, Source

PEOPLE = "(values ('b', 2), ('a', 1)) as person(name, age)"


def refusal(source: Source, folder: Path, sql: str = "select 1 as one", **given: object) -> InputError:
    with pytest.raises(InputError) as refused:
        rows(given.pop("address", source.address), folder, sql, **given)  # type: ignore[arg-type]
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None and refused.value.__suppress_context__
    assert not list(folder.parent.iterdir()), "something was left of what was half read"
    return refused.value


def test_the_sample_is_read_as_from_its_files(postgresql: Source) -> None:
    assert_the_sample_is_read(postgresql.address)


def test_a_run_gives_the_return_of_the_files_byte_for_byte_and_keeps_no_secret(
    postgresql: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HCLIC_DB_USER", READER.user)
    monkeypatch.setenv("HCLIC_DB_PASSWORD", READER.password)
    made = {}
    for name, export in (("files", str(SAMPLE)), ("database", postgresql.address)):
        request = Request(
            export=parse_export(export),
            authority="E06000034",
            quarter=Quarter(2025, 3),
            source="native",
            out=tmp_path / name,
            started=datetime(2025, 10, 8, tzinfo=UTC),
            personal=True,
            pages=False,
        )
        ended = make(request)
        assert ended.result == "clean"
        made[name] = {path.name: path.read_bytes() for path in (ended.folder / "return").iterdir()}
    assert len(made["files"]) == 2
    assert made["database"] == made["files"]
    assert [path.name for path in ended.folder.parent.iterdir()] == ["2025-Q3"]
    assert f'"database": "{postgresql.address}"' in (ended.folder / "ledger.json").read_text(encoding="utf-8")
    for path in (tmp_path / "database").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


def test_types_are_read_as_the_text_that_a_file_would_hold(postgresql: Source, tmp_path: Path) -> None:
    sql = """
        select date '2025-09-30' as day, timestamp '2025-09-30 10:30:00' as moment,
            timestamp '2025-09-30 00:00:00' as midnight, timestamptz '2025-09-30 23:30:00+00' as zoned,
            true as yes, 0.1::numeric as loose, 1234567890123456789.10::numeric(30, 2) as long,
            0.1::real as single, 0.1::float8 as double, 12::int as whole, 'Zoë' as word, null as nothing,
            time '10:00' as hour, 'x'::char(3) as padded, '{"a": 1}'::jsonb as json, date 'infinity' as never
    """
    assert rows(postgresql.address, tmp_path / "x", sql) == [
        {
            "day": "2025-09-30",
            "moment": "2025-09-30 10:30:00",
            "midnight": "2025-09-30",
            "zoned": "2025-10-01 00:30:00",
            "yes": "yes",
            "loose": "0.1",
            "long": "1234567890123456789.10",
            "single": "0.1",
            "double": "0.1",
            "whole": "12",
            "word": "Zoë",
            "nothing": None,
            "hour": "10:00:00",
            "padded": "x",
            "json": '{"a": 1}',
            "never": "infinity",
        }
    ]


def test_rows_come_in_one_order_and_the_same_bytes_whatever_the_order_of_the_database(
    postgresql: Source, tmp_path: Path
) -> None:
    for folder, order in (("up", "1"), ("down", "1 desc")):
        take(postgresql.address, tmp_path / folder, Query("p", f"select * from {PEOPLE} order by {order}"))
    assert (tmp_path / "up/p.parquet").read_bytes() == (tmp_path / "down/p.parquet").read_bytes()


def test_all_queries_see_one_moment(postgresql: Source, tmp_path: Path) -> None:
    postgresql.do("create table sample.moving (id int)", "insert into sample.moving values (1)")
    # The second query is read after another session has added a row.
    adding = threading.Timer(0.4, postgresql.do, ["insert into sample.moving values (2)"])
    adding.start()
    asked = [
        Query(name, sql)
        for name, sql in (
            ("a", "select id from moving"),
            ("b", "select pg_sleep(1)::text as slept"),
            ("c", "select id from moving"),
        )
    ]
    take(postgresql.address, tmp_path / "x", *asked)
    adding.join()
    assert postgresql.ask("select count(*) as n from sample.moving") == [(2,)]
    assert (tmp_path / "x/a.parquet").read_bytes() == (tmp_path / "x/c.parquet").read_bytes()


def test_a_table_that_may_be_missing_is_left_out_and_another_is_not(postgresql: Source, tmp_path: Path) -> None:
    optional = Query("gone", table=("gone",), optional=True)
    take(postgresql.address, tmp_path / "x", optional, Query("reviews", table=("sample", "reviews")))
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["reviews.parquet"]
    with pytest.raises(InputError, match=r"^The table gone: .* has no gone, or the user may not see it\.$"):
        take(postgresql.address, tmp_path / "y", Query("gone", table=("gone",)))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select * from nowhere", "has no nowhere, or the user may not see it"),
        ("select missing from reviews", "has no such column: missing"),
        ("select 'Fred'::int as age", "a value does not fit what the query makes of it"),
        ("select 1/age as share from (values (0)) as p(age)", "a value does not fit what the query makes of it"),
        ("select 1 as a, 2 as A", None),
        ("select 1 as a, 2 as a", "gives two columns with the name a"),
        ("select\n  1 as a,,\n 2 as b", "near its line 2"),
        ("select 'x'::bytea as photo", "The column photo of the query one holds no plain text"),
        ("select array[1, 2] as flags", "The column flags of the query one holds no plain text"),
        ("select * from pg_authid", "may not read what the query one reads"),
        ("select nextval('sample.counter') as n", "would change something"),
    ],
)
def test_a_query_that_fails_says_what_to_do_and_no_value(
    postgresql: Source, tmp_path: Path, sql: str, said: str | None
) -> None:
    postgresql.do("create sequence if not exists sample.counter", "grant usage on sequence sample.counter to reader")
    if said is None:
        said = "gives two columns with the name"
    error = refusal(postgresql, tmp_path / "x", sql)
    assert said in str(error)
    assert "Fred" not in str(error)


def test_a_slow_query_is_stopped(postgresql: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    postgresql.do("alter role reader in database postgres set statement_timeout = '10min'")
    began = time.monotonic()
    error = refusal(postgresql, tmp_path / "x", "select pg_sleep(30)::text as s", minutes=1 / 120)
    assert time.monotonic() - began < 10
    assert "took longer than" in str(error) and "statement_minutes" in str(error)


@pytest.mark.parametrize("word", ["count(*)", "FORMAT"])
def test_a_connection_lost_half_way_leaves_nothing(postgresql: Source, tmp_path: Path, word: str) -> None:
    cut = "select pg_terminate_backend(pid)::text as cut from pg_stat_activity where application_name = 'hclic'"
    cut += f" and state = 'active' and query like '%{word}%'"

    def kill() -> None:
        ends = time.monotonic() + 20
        while not postgresql.ask(cut) and time.monotonic() < ends:
            time.sleep(0.05)

    killer = threading.Thread(target=kill)
    killer.start()
    slow = "select i, repeat('x', 200) as x, pg_sleep(0.002)::text as s from generate_series(1, 2000) as t(i)"
    asked = [Query("first", "select 1 as one"), Query("slow", slow)]
    with pytest.raises(PassingError, match=r"was lost while the query slow was read\. Nothing of it is kept") as lost:
        take(postgresql.address, tmp_path / "x", *asked)
    killer.join()
    assert lost.value.exit_code == 3
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("who", "change", "said"),
    [
        (Credentials("reader", "another"), ("", ""), "did not accept the user or the password"),
        (Credentials("nobody", "another"), ("", ""), "did not accept the user or the password"),
        (Credentials("reader", ""), ("", ""), "did not accept the user or the password"),
        (READER, ("/postgres", "/elsewhere"), "There is no such database"),
        (READER, ("/postgres", "/postgres?sslmode=require"), "could not be encrypted"),
        (READER, ("127.0.0.1", "nowhere.invalid"), "There is no answer from"),
    ],
)
def test_a_connection_that_is_refused_says_why(
    postgresql: Source, tmp_path: Path, who: Credentials, change: tuple[str, str], said: str
) -> None:
    error = refusal(postgresql, tmp_path / "x", who=who, address=postgresql.address.replace(*change))
    assert said in str(error)


def test_a_server_that_is_not_there_says_so(postgresql: Source, tmp_path: Path) -> None:
    error = refusal(postgresql, tmp_path / "x", address="postgresql://127.0.0.1:1/postgres")
    assert str(error).startswith("There is no answer from the PostgreSQL database postgres on 127.0.0.1:1.")


def test_nothing_of_the_password_stands_where_others_look(postgresql: Source, tmp_path: Path) -> None:
    seen = "select coalesce(string_agg(query, ' '), '') as q from pg_stat_activity"
    take(postgresql.address, tmp_path / "x", Query("one", "select current_setting('application_name') as name"))
    assert SECRET not in str(postgresql.ask(seen))
    command = Path("/proc/self/cmdline")
    assert not command.exists() or SECRET.encode() not in command.read_bytes()
    assert SECRET not in repr(READER)


def request_of(address: str, out: Path, day: int = 8) -> Request:
    return Request(
        export=parse_export(address),
        authority="E06000034",
        quarter=Quarter(2025, 3),
        source="native",
        out=out,
        started=datetime(2025, 10, day, tzinfo=UTC),
        pages=False,
    )


def test_a_run_that_was_stopped_goes_on_with_what_it_has_read_that_day(postgresql: Source, tmp_path: Path) -> None:
    request = request_of(postgresql.address, tmp_path)
    with opened(request) as folder:
        begin(folder, request, READER)
        snapshot = folder.work / "export"
        files = {path.name: path.stat().st_mtime_ns for path in snapshot.iterdir()}
        assert len(files) == 9
        # Stopped here. It does not ask again, on the same day: a wrong password is no matter.
        begin(folder, request, Credentials("reader", "another"))
        assert {path.name: path.stat().st_mtime_ns for path in snapshot.iterdir()} == files
        with pytest.raises(InputError, match="did not accept"):
            begin(folder, request_of(postgresql.address, tmp_path, day=9), Credentials("reader", "another"))
