"""MySQL and MariaDB as a source, with a real MariaDB server."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from pipelines.credentials import Credentials
from pipelines.errors import InputError, PassingError
from pipelines.extract.databases.queries import Query
from tests.databases.reading import assert_the_sample_is_read, rows, take
from tests.databases.servers import READER, SECRET, Source


def refusal(source: Source, folder: Path, sql: str = "select 1 as one", **given: object) -> InputError:
    with pytest.raises(InputError) as refused:
        rows(str(given.pop("address", source.address)), folder, sql, **given)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None and refused.value.__suppress_context__
    assert not list(folder.parent.iterdir()), "something was left of what was half read"
    return refused.value


def test_the_sample_is_read_as_from_its_files(mariadb: Source) -> None:
    assert_the_sample_is_read(mariadb.address)


def test_types_are_read_as_the_text_that_a_file_would_hold(mariadb: Source, tmp_path: Path) -> None:
    sql = """
        select date '2025-09-30' as day, timestamp '2025-09-30 10:30:00' as moment,
            timestamp '2025-09-30 00:00:00' as midnight, cast(1.10 as decimal(30, 2)) as exact, 12 as whole,
            cast(18446744073709551615 as unsigned) as large, 1e-1 as approximate, 'Zoë' as word, null as nothing,
            time '10:00' as hour, b'1' + 0 as bit, flag as flag, word as choice
        from sample.typed
    """
    mariadb.do(
        "create table if not exists sample.typed (flag bit(1), word enum('a', 'b'))",
        "insert into sample.typed values (b'1', 'b')",
    )
    assert rows(mariadb.address, tmp_path / "x", sql) == [
        {
            "day": "2025-09-30",
            "moment": "2025-09-30 10:30:00",
            "midnight": "2025-09-30",
            "exact": "1.10",
            "whole": "12",
            "large": "18446744073709551615",
            "approximate": "0.1",
            "word": "Zoë",
            "nothing": None,
            "hour": "10:00:00",
            "bit": "1",
            "flag": "1",
            "choice": "b",
        }
    ]


def test_all_queries_see_one_moment(mariadb: Source, tmp_path: Path) -> None:
    mariadb.do("create table sample.moving (id int) engine = innodb", "insert into sample.moving values (1)")
    adding = threading.Timer(0.4, mariadb.do, ["insert into sample.moving values (2)"])
    adding.start()
    asked = [
        Query(name, sql)
        for name, sql in (
            ("a", "select id from moving"),
            ("b", "select sleep(0.5) as slept"),
            ("c", "select id from moving"),
        )
    ]
    take(mariadb.address, tmp_path / "x", *asked)
    adding.join()
    assert mariadb.ask("select count(*) from sample.moving") == [(2,)]
    assert (tmp_path / "x/a.parquet").read_bytes() == (tmp_path / "x/c.parquet").read_bytes()


def test_a_table_that_may_be_missing_is_left_out_and_another_is_not(mariadb: Source, tmp_path: Path) -> None:
    take(mariadb.address, tmp_path / "x", Query("gone", table=("gone",), optional=True), Query("r", "select 1 as a"))
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["r.parquet"]
    with pytest.raises(InputError, match=r"^The table gone: .* has no sample\.gone, or the user may not see it\.$"):
        take(mariadb.address, tmp_path / "y", Query("gone", table=("gone",)))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select * from nowhere", "has no sample.nowhere, or the user may not see it"),
        ("select missing from reviews", "has no such column: missing"),
        ("select 1 as a, 2 as a", "gives two columns with the name a"),
        ("select\n  1 as a,,\n 2 as b", "is not understood by"),
        ("select cast('x' as binary) as photo", "The column photo of the query one holds no plain text"),
        ("select * from mysql.user", "may not read what the query one reads"),
        ("select 'Fred' as a, 9223372036854775807 * 2 as b", "a value does not fit what the query makes of it"),
    ],
)
def test_a_query_that_fails_says_what_to_do_and_no_value(mariadb: Source, tmp_path: Path, sql: str, said: str) -> None:
    error = refusal(mariadb, tmp_path / "x", sql)
    assert said in str(error)
    assert "Fred" not in str(error)


def test_a_slow_query_is_stopped(mariadb: Source, tmp_path: Path) -> None:
    began = time.monotonic()
    slow = "select count(*) as n from people a, people b, people c where a.surname <> concat(b.surname, c.surname)"
    error = refusal(mariadb, tmp_path / "x", slow, minutes=1 / 120)
    assert time.monotonic() - began < 10
    assert "took longer than" in str(error)


def test_a_connection_lost_half_way_leaves_nothing(mariadb: Source, tmp_path: Path) -> None:
    def kill() -> None:
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            at_work = "select id from information_schema.processlist where user = 'reader' and info like '%slowly%'"
            if found := mariadb.ask(at_work):
                mariadb.do(f"kill connection {found[0][0]}")
                return
            time.sleep(0.05)

    killer = threading.Thread(target=kill)
    killer.start()
    slow = "select p.*, sleep(0.002) as slowly from people p"
    with pytest.raises(PassingError, match=r"was lost while the query slow was read\. Nothing of it is kept") as lost:
        take(mariadb.address, tmp_path / "x", Query("first", "select 1 as one"), Query("slow", slow))
    killer.join()
    assert lost.value.exit_code == 3
    assert not list(tmp_path.iterdir())


def test_nothing_is_written(mariadb: Source, tmp_path: Path) -> None:
    from pipelines.address import parse_address
    from pipelines.extract.databases.faults import NOT_READ_ONLY, Fault
    from pipelines.extract.databases.products import open_mysql

    mariadb.do("grant insert on sample.reviews to reader@'%'")
    session = open_mysql(parse_address(mariadb.address), READER, 1)
    with pytest.raises(Fault) as refused:
        session._run("insert into reviews (case_ref) values ('x')")
    session.close()
    mariadb.do("revoke insert on sample.reviews from reader@'%'")
    assert refused.value.sentence == NOT_READ_ONLY


@pytest.mark.parametrize(
    ("who", "change", "said"),
    [
        (Credentials("reader", "another"), ("", ""), "did not accept the user or the password"),
        (Credentials("nobody", "another"), ("", ""), "did not accept the user or the password"),
        (READER, ("/sample", "/elsewhere"), "There is no such database"),
        (READER, ("127.0.0.1", "nowhere.invalid"), "There is no answer from"),
        (READER, ("/sample", "/sample?sslmode=require"), "could not be encrypted"),
    ],
)
def test_a_connection_that_is_refused_says_why(
    mariadb: Source, tmp_path: Path, who: Credentials, change: tuple[str, str], said: str
) -> None:
    error = refusal(mariadb, tmp_path / "x", who=who, address=mariadb.address.replace(*change))
    assert said in str(error)


def test_a_server_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^There is no answer from the MySQL or MariaDB database x on 127.0.0.1:1\."):
        take("mysql://127.0.0.1:1/x", tmp_path / "x", Query("one", "select 1 as one"))
