"""A profile drafted from a database: which tables are listed, what is read of them, and what is told of the rest."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.address import parse_address
from pipelines.cli import app
from pipelines.errors import HclicError, InputError
from pipelines.extract.databases import Credentials, all_tables, listing, snapshot
from pipelines.extract.databases.products import oracle_session, sql_server_session
from pipelines.extract.databases.queries import queries_of
from pipelines.profiles.draft import draft
from schemas.sources import parse
from tests.databases.servers import READER, SECRET, Source, sections
from tests.databases.test_recorded import Recorded, Replay, opening_of_oracle, opening_of_sql_server, ora

EXAMPLE = Path(__file__).resolve().parents[2] / "data/sample/shapes/database/export/housing.sqlite"
Taken = tuple[dict[str, int], dict[str, str], tuple[str, ...]]


def taken(address: str, who: Credentials = READER) -> Taken:
    with all_tables(parse_address(address), who) as (folder, found):
        assert sorted(path.stem for path in folder.iterdir()) == sorted(found.rows)
    assert not folder.exists()
    return dict(found.rows), dict(found.unread), found.said


def fields(text: str) -> list[tuple[str | None, str, list[str]]]:
    """File, section and fields of each feed of a drafted profile."""
    return [(one.file, feed.section, sorted(feed.columns)) for one in parse(text, "x").tables for feed in one.feeds]


def sqlite(path: Path, *statements: str) -> str:
    con = sqlite3.connect(path, isolation_level=None)
    for one in statements:
        con.execute(one)
    con.close()
    return f"sqlite://{path}"


def test_the_example_is_drafted_from_its_address_as_from_its_tables_in_files(tmp_path: Path) -> None:
    drafted = draft(parse_address(f"sqlite://{EXAMPLE}"), "x")
    con = sqlite3.connect(EXAMPLE)
    for (name,) in con.execute("select name from sqlite_master where type = 'table'").fetchall():
        rows = con.execute(f'select * from "{name}"')
        with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle)
            writer.writerow(one[0] for one in rows.description)
            writer.writerows(rows)
    con.close()
    found = fields(drafted.text)
    assert len(found) == 9 and found == fields(draft(tmp_path, "x").text)
    assert {one.table for one in queries_of(parse(drafted.text, "x"))} == {(file,) for file, _, _ in found}
    assert "hl_case (31)" in drafted.summary()
    assert draft(parse_address(f"sqlite://{EXAMPLE}"), "x").text == drafted.text


@pytest.mark.parametrize("kind", ["sqlite_source", "duckdb_source"])
def test_a_file_gives_its_tables_and_views_and_none_of_its_own(kind: str, request: pytest.FixtureRequest) -> None:
    rows, unread, said = taken(request.getfixturevalue(kind).address)
    assert (sorted(rows), unread, said) == (sections(), {}, ())
    assert rows["people"] > rows["main"] > 0


def test_a_table_that_cannot_be_read_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    address = sqlite(
        tmp_path / "x.db",
        "create table cases (case_ref text)",
        "insert into cases values ('A/1')",
        "create table files (case_ref text, scan blob)",
        "insert into files values ('A/1', 'as text'), ('A/2', x'00ff')",
        "create table [odd?] (a)",
        "create view broken as select * from gone",
        "create view some as select * from cases",
    )
    rows, unread, _ = taken(address)
    assert rows == {"cases": 1, "some": 1}
    assert sorted(unread) == ["broken", "files", "odd?"]
    assert unread["files"] == "its column scan holds no plain text, number or date"


def test_what_is_not_read_stands_in_the_draft(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(EXAMPLE.read_bytes())
    address = sqlite(path, "create table scans (page blob)", "insert into scans values (x'00ff')")
    drafted = draft(parse_address(address), "x")
    said = "scans: its column page holds no plain text, number or date."
    assert said in " ".join(drafted.text.replace("#", " ").split())
    assert "scans: not read" in drafted.summary()


def test_months_in_tables_are_each_asked_for_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(EXAMPLE.read_bytes())
    stays = "hl_temporary_accommodation"
    address = sqlite(path, *(f"create table ta_{year} as select * from {stays}" for year in (24, 25)))
    sqlite(path, f"drop table {stays}")
    profile = parse(draft(parse_address(address), "x").text, "x")
    assert {("ta_24",), ("ta_25",)} <= {one.table for one in queries_of(profile)}


def test_a_huge_table_is_told_and_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "MOST_ROWS", 2)
    address = sqlite(
        tmp_path / "x.db",
        "create table a (x)",
        "insert into a values (1), (2)",
        "create table log (x)",
        "insert into log values (1), (2), (3)",
    )
    rows, unread, _ = taken(address)
    assert rows == {"a": 2}
    assert unread == {"log": "it has 3 rows, more than a table of cases"}


def test_too_many_tables_or_none_are_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="may read no table or view"):
        taken(sqlite(tmp_path / "none.db", "create table a (x)", "drop table a"))
    monkeypatch.setattr(listing, "MOST_TABLES", 1)
    with pytest.raises(InputError, match=r"may read 2 tables and views .* at most 1"):
        taken(sqlite(tmp_path / "two.db", "create table a (x)", "create table b (x)"))


def test_duckdb_tells_of_lists_and_bytes_and_names_other_schemas(duckdb_source: Source, tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "x.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(
            "create schema other; create table other.cases as select 1 as a; create table plain as select 1 as a"
        )
        con.execute("create table lists as select [1, 2] as several; create table scans as select 'x'::blob as page")
        con.execute("create view wrong as select cast(word as int) as age from (values ('Fred')) as t(word)")
    rows, unread, said = taken(f"duckdb://{path}")
    assert rows == {"other.cases": 1, "plain": 1}
    assert sorted(unread) == ["lists", "scans", "wrong"]
    assert unread["wrong"] == "a value does not fit what a view makes of it"
    assert len(said) == 1


def test_postgresql_lists_what_the_account_may_read_and_goes_on_after_a_failure(postgresql: Source) -> None:
    postgresql.do(
        "create schema drafted",
        "grant usage on schema drafted to reader",
        "create table drafted.aaa_scans (page bytea)",
        "create view drafted.bad as select 1 / (count(*) - count(*)) as n from drafted.aaa_scans",
        "create table drafted.cases as select 'A/1'::text as case_ref",
        "create table drafted.private as select 1 as a",
        "grant select on drafted.aaa_scans, drafted.bad, drafted.cases to reader",
    )
    try:
        rows, unread, said = taken(postgresql.address)
        assert set(sections()) | {"drafted.cases"} <= set(rows)
        assert unread["drafted.aaa_scans"] == "its column page holds no plain text, number or date"
        assert unread["drafted.bad"] == "a value does not fit what a view makes of it"
        assert "drafted.private" not in {*rows, *unread}
        assert len(said) >= 1
        one, _, _ = taken(f"{postgresql.address}?schema=drafted")
        assert one == {"cases": 1}
    finally:
        postgresql.do("drop schema drafted cascade")


def test_a_draft_from_postgresql_maps_what_one_from_files_does_and_tells_no_password(
    postgresql: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HCLIC_DB_USER", "reader")
    monkeypatch.setenv("HCLIC_DB_PASSWORD", SECRET)
    out = tmp_path / "my.toml"
    done = CliRunner().invoke(app, ["profile", "draft", f"{postgresql.address}?schema=sample", "--out", str(out)])
    assert done.exit_code == 0, done.output
    text = out.read_text(encoding="utf-8")
    assert {section for _, section, _ in fields(text)} == set(sections())
    for said in (text, done.output):
        assert SECRET not in said and "geheim" not in said and "reader" not in said


def test_mariadb_lists_the_database_of_the_address(mariadb: Source) -> None:
    mariadb.do("create table scans (page longblob)", "insert into scans values (x'00ff')")
    try:
        rows, unread, _ = taken(mariadb.address)
        assert set(sections()) <= set(rows)
        assert unread["scans"] == "its column page holds no plain text, number or date"
    finally:
        mariadb.do("drop table scans")


def test_sql_server_lists_counts_and_reads_each_table(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = Recorded("select rowcount_big()", ("",), [(1,)])
    counted = "select count(*) from ( select * from {} ) as query"
    calls = [
        *opening_of_sql_server(),
        Recorded(listing._LISTS["SQL Server"], ("in_schema", "name"), [(None, "cases"), ("hl", "case log")]),
        Recorded("select rowcount_big()", ("",), [(2,)]),
        Recorded(counted.format("cases"), ("",), [(1,)]),
        Recorded("select * from cases", ("id",), [(7,)]),
        sent,
        Recorded(counted.format("hl.[case log]"), ("",), [(listing.MOST_ROWS + 1,)]),
    ]
    replay = Replay(calls)
    monkeypatch.setattr(snapshot, "open_session", lambda *_: sql_server_session(replay))
    rows, unread, said = taken("mssql://server/housing")
    assert (rows, said) == ({"cases": 1}, ())
    assert unread == {"hl.case log": "it has 5,000,001 rows, more than a table of cases"}
    assert replay.closed and not replay.calls


def test_oracle_goes_on_in_a_new_session_after_a_view_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = listing._LISTS["Oracle"]
    first = Replay(
        [
            *opening_of_oracle(),
            Recorded(f"select * from ( {asked} ) where 1 = 0", ("IN_SCHEMA", "NAME")),
            Recorded(f"select count(*) from ( {asked} )", ("COUNT(*)",), [(2,)]),
            Recorded(asked, ("IN_SCHEMA", "NAME"), [(None, "BAD"), ("HL", "CASES")]),
            Recorded("select * from ( select * from BAD ) where 1 = 0", error=ora("ORA-01722", "Fred is no number")),
        ]
    )
    second = Replay(
        [
            *opening_of_oracle(),
            Recorded("select * from ( select * from HL.CASES ) where 1 = 0", ("ID",)),
            Recorded("select count(*) from ( select * from HL.CASES )", ("COUNT(*)",), [(1,)]),
            Recorded("select * from HL.CASES", ("ID",), [(7,)]),
        ]
    )
    sessions = iter((first, second))
    monkeypatch.setattr(snapshot, "open_session", lambda *_: oracle_session(next(sessions)))
    rows, unread, said = taken("oracle://server/housing")
    assert rows == {"HL.CASES": 1}
    assert unread == {"BAD": "a value does not fit what a view makes of it"}
    assert said == ("What comes after BAD by name was read a moment later than what comes before.",)
    assert first.closed and second.closed


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [
        ("nosuch://host/x", 2, "is of no database that is read"),
        ("postgresql://me:geheim@host/x", 2, "Take them out"),
        ("postgresql://127.0.0.1:1/x", 3, "There is no answer from"),
        ("sqlite:///no/such/file.db", 3, "There is no database file"),
    ],
)
def test_an_address_that_is_wrong_or_does_not_answer_is_a_sentence(address: str, code: int, said: str) -> None:
    done = CliRunner().invoke(app, ["profile", "draft", address])
    assert isinstance(done.exception, HclicError)
    assert done.exception.exit_code == code
    assert said in str(done.exception) and "geheim" not in f"{done.exception} {done.output}"
