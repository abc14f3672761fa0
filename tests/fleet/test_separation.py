"""What PostgreSQL lets a role of one authority see and do, tried as that role; the owner is no administrator."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines import at_rest
from pipelines.errors import HclicError, HeldError, InputError, PassingError, UsageError
from pipelines.finance.mart.query import check_statement
from pipelines.fleet.founding import found
from pipelines.fleet.rights import Right, admit, dismiss, groups_of, who
from pipelines.place import USER, Lake
from pipelines.run.lock import alone_at, is_at_work
from pipelines.warehouse import catalogue, lakes
from pipelines.warehouse.catalogue import OWN, RUNS, WRITES
from pipelines.warehouse.lakes import schema_of
from pipelines.warehouse.store import Warehouse
from tests.databases.servers import SECRET
from tests.fleet.lakes import OWNER, Catalogues
from tests.warehouse.stored import LA, NEIGHBOUR, freeze, sections_of

NEW = "E06000001"
DBA, HERE, COLLEAGUE, LOOKS, THERE, FLEET, SEES_ALL = ROLES = (
    *("dba", "here", "colleague", "looks", "there", "supplier", "research"),
)
NAMES = ("Aaronovitch", "Zygmunt")
DENIED = "42501"
PASSWORD_IN_SQL = "E'" + SECRET.replace("\\", "\\\\").replace("'", "''") + "'"


class Parted(NamedTuple):
    """A warehouse of two authorities with a run each, its owner and those who were let in."""

    lake: Lake
    data: Path
    as_role: Callable[[str], None]

    def sql(self, role: str, *statements: str) -> list[Any]:
        """Rows of the last statement, as a role asks PostgreSQL."""
        self.as_role(role)
        rows: list[Any] = []
        with catalogue.connected(self.lake) as con:
            for one in statements:
                rows = con.run(one) or []
        return rows

    def refused(self, role: str, *statements: str) -> str:
        """What PostgreSQL calls the error of the last statement."""
        from pg8000.native import DatabaseError

        with pytest.raises(DatabaseError) as told:
            self.sql(role, *statements)
        return str(told.value.args[0]["C"])


def _people(authority: str) -> dict[str, Any]:
    """Enough people for a Parquet file; fewer are kept in the catalogue itself."""
    people = [
        {"case_ref": f"{authority}_{number}", "person_no": 1, "surname": NAMES[number % 2]} for number in range(40)
    ]
    return sections_of(main=[{"case_ref": f"{authority}_{number}"} for number in range(40)], people=people)


@pytest.fixture(scope="module")
def parted(catalogues: Catalogues, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parted]:
    catalogues.do(
        f"create role {DBA} login createrole password {PASSWORD_IN_SQL}",
        *(f"create role {role} login password {PASSWORD_IN_SQL}" for role in ROLES[1:]),
        f"create database parted owner {DBA}",
    )
    lake, data = catalogues.address("parted"), tmp_path_factory.mktemp("parted") / "data"

    def as_role(role: str) -> None:
        os.environ[USER] = role

    parted = Parted(lake, data, as_role)
    as_role(DBA)
    found(lake, str(data))
    for role in (HERE, COLLEAGUE):
        admit(lake.of(LA), role)
    admit(lake.of(LA), LOOKS, read_only=True)
    admit(lake.of(NEIGHBOUR), THERE)
    admit(lake, FLEET)
    admit(lake, SEES_ALL, read_only=True)
    for role, authority in ((HERE, LA), (THERE, NEIGHBOUR)):
        as_role(role)
        with Warehouse(lake.of(authority)) as store:
            freeze(store, f"first {authority}", _people(authority), authority=authority)
    yield parted
    as_role(OWNER)


@pytest.fixture(autouse=True)
def _asks_as_owner(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.environ.get(USER)
    yield
    if before is not None:
        os.environ[USER] = before


def _newest(parted: Parted, role: str, authority: str) -> str | None:
    parted.as_role(role)
    with Warehouse(parted.lake.of(authority), read_only=True) as store:
        return store.newest_run(authority)


def _write(parted: Parted, role: str, authority: str, run_id: str) -> None:
    parted.as_role(role)
    with Warehouse(parted.lake.of(authority)) as store:
        freeze(store, run_id, sections_of(main=[{"case_ref": f"{authority}_{run_id}"}]), authority=authority)


def test_what_one_who_may_write_makes_all_others_may_read_change_and_clear(parted: Parted) -> None:
    _write(parted, COLLEAGUE, LA, "by a colleague")
    assert _newest(parted, LOOKS, LA) == _newest(parted, HERE, LA) == "by a colleague"
    parted.as_role(HERE)
    with Warehouse(parted.lake.of(LA)) as store:
        # A table with another layout gets a new table of inlined rows; to clear the old one takes its owner.
        store.connection.execute("alter table history.main add column of_a_later_layout varchar")
        freeze(store, "after a change", sections_of(main=[{"case_ref": f"{LA}_1"}]))
    parted.as_role(FLEET)
    with Warehouse(parted.lake.of(LA)) as store:
        store.connection.execute("alter table history.main drop column of_a_later_layout")
        store.connection.execute("call ducklake_flush_inlined_data('lake')")
        store.connection.execute("call ducklake_merge_adjacent_files('lake')")
    _write(parted, COLLEAGUE, LA, "at last")
    assert _newest(parted, LOOKS, LA) == _newest(parted, SEES_ALL, LA) == "at last"
    owners = parted.sql(DBA, f"select distinct tableowner from pg_tables where schemaname = '{schema_of(LA)}'")
    assert owners == [[groups_of(parted.lake).of(schema_of(LA), "write")]]


@pytest.mark.parametrize("role", [HERE, LOOKS])
def test_a_role_of_one_authority_gets_nothing_of_another(parted: Parted, role: str) -> None:
    parted.as_role(role)
    assert lakes.authorities(parted.lake) == [LA]
    for read_only in (True, False):
        with pytest.raises(InputError) as told:
            Warehouse(parted.lake.of(NEIGHBOUR), read_only=read_only)
        assert role not in str(told.value).split()
    with pytest.raises(InputError, match="may not write"):
        Warehouse(parted.lake.of(NEW))


@pytest.mark.parametrize("role", [HERE, LOOKS])
def test_plain_sql_reads_no_table_of_another_authority(parted: Parted, role: str) -> None:
    there = schema_of(NEIGHBOUR)
    tables = [name for (name,) in parted.sql(role, f"select tablename from pg_tables where schemaname = '{there}'")]
    # Names show: everybody may read the system's own list of tables.
    assert {"ducklake_data_file", "ducklake_file_column_stats", "ducklake_snapshot", WRITES} < set(tables)
    for table in tables:
        assert parted.refused(role, f"select * from {there}.{table}") == DENIED, table
    inside = f"select * from information_schema.tables where table_schema = '{there}'"
    assert parted.sql(role, inside) == []
    assert parted.sql(role, f"select * from pg_stats where schemaname = '{there}'") == []
    parted.as_role(THERE)
    with catalogue.connected(parted.lake) as other:
        other.run("select 'a question of theirs'")
        asked = parted.sql(role, f"select query from pg_stat_activity where usename = '{THERE}'")
    assert asked and "theirs" not in str(asked)
    groups = groups_of(parted.lake)
    for group in (groups.of(there, "write"), groups.of(there, "read"), groups.of(None, "write"), DBA):
        assert parted.refused(role, f'set role "{group}"') == DENIED
    assert parted.refused(role, f"create table {there}.mine (one int)") == DENIED
    assert parted.refused(role, "create table public.mine (one int)") == DENIED
    assert parted.refused(role, "create schema hclic_e06000002") == DENIED


def test_duckdb_attaches_no_catalogue_of_another_authority(parted: Parted) -> None:
    part = lakes._Part(parted.lake, schema_of(NEIGHBOUR), str(parted.data), None)
    parted.as_role(HERE)
    with ExitStack() as held, pytest.raises(PassingError) as told:
        lakes._attached(part, held, read_only=True, at=None)
    assert NAMES[0] not in str(told.value)


@pytest.mark.parametrize(
    "asked",
    [
        ["tables", "--quarter", "2025-Q3", "--out", "{out}"],
        ["query", "select count(*) from households"],
        ["ledger"],
        ["signoff", "status", "--quarter", "2025-Q3"],
        ["findings", "list"],
        ["run", "{export}", "--quarter", "2025-Q3", "--source", "native", "--out", "{out}"],
    ],
    ids=lambda asked: str(asked[0]),
)
def test_a_command_for_another_authority_ends_in_a_sentence(parted: Parted, tmp_path: Path, asked: list[str]) -> None:
    from pipelines.cli import app
    from tests.few import few

    parted.as_role(HERE)
    words = [word.format(out=tmp_path / "out", export=few()) for word in asked]
    ended = CliRunner().invoke(app, [*words, "--warehouse", str(parted.lake), "--authority", NEIGHBOUR])
    error = ended.exception
    assert isinstance(error, (HclicError, SystemExit)), (error, ended.output)
    assert (error.exit_code if isinstance(error, HclicError) else error.code) in (2, 3)
    for secret in (SECRET, *NAMES, "Traceback", "ducklake_", "permission denied"):
        assert secret not in f"{ended.output} {error}"


def test_files_of_another_authority_open_with_no_key_of_ones_own(parted: Parted, tmp_path: Path) -> None:
    taken = []
    for file in sorted((parted.data / schema_of(NEIGHBOUR)).rglob("*.parquet")):
        taken.append(Path(shutil.copy(file, tmp_path / file.name)))
    assert taken
    keys = [key for (key,) in parted.sql(LOOKS, f"select encryption_key from {schema_of(LA)}.ducklake_data_file")]
    assert keys and all(keys)
    parted.as_role(HERE)
    with Warehouse(parted.lake.of(LA)) as store:
        con = store.connection
        for file in taken:
            with pytest.raises(duckdb.Error):
                con.execute(f"from read_parquet('{file}')").fetchall()
            for number, key in enumerate(keys):
                con.execute(f"pragma add_parquet_key('own{number}', '{key}')")
                with pytest.raises(duckdb.Error):
                    con.execute(f"from read_parquet('{file}', encryption_config = {{footer_key: 'own{number}'}})")
            with pytest.raises(duckdb.Error):
                con.execute(f"call ducklake_add_data_files('lake', 'reference_map', '{file}')")
    theirs = parted.sql(SEES_ALL, f"select encryption_key from {schema_of(NEIGHBOUR)}.ducklake_data_file")
    assert {key for (key,) in theirs}.isdisjoint(keys), "a key for each file"


def test_a_catalogue_shows_values_to_whoever_may_read_it(parted: Parted) -> None:
    """Why each authority has one of its own, and why it is guarded as case data are."""
    stats = parted.sql(LOOKS, f"select min_value, max_value from {schema_of(LA)}.ducklake_table_column_stats")
    assert list(NAMES) in stats
    assert parted.refused(THERE, f"select * from {schema_of(LA)}.ducklake_table_column_stats") == DENIED


def test_nobody_else_can_keep_an_authority_from_its_turn(parted: Parted) -> None:
    here = schema_of(LA)
    for role in (THERE, LOOKS, SEES_ALL):
        for mode in ("exclusive", "share", "row exclusive"):
            assert parted.refused(role, "begin", f"lock table {here}.{WRITES} in {mode} mode") == DENIED
    parted.as_role(LOOKS)
    with pytest.raises(InputError, match="may not write"):
        Warehouse(parted.lake.of(LA))
    with pytest.raises(InputError, match="may not write"), alone_at(parted.lake.of(LA), 0):
        pass


def test_a_turn_is_one_at_a_time_and_keeps_no_dead_row(parted: Parted) -> None:
    parted.as_role(HERE)
    here = parted.lake.of(LA)
    assert not is_at_work(here)
    with catalogue.held(here, schema_of(LA), RUNS, "taken"):
        parted.as_role(COLLEAGUE)
        with pytest.raises(HeldError, match="taken"), catalogue.held(here, schema_of(LA), RUNS, "taken"):
            pass
        parted.as_role(LOOKS)
        assert is_at_work(here)
        rows = parted.sql(
            OWNER,
            "select backend_xid, backend_xmin from pg_stat_activity where state = 'idle in transaction'",
        )
        assert rows == [[None, None]], "neither a transaction's number nor a snapshot holds back vacuum"
    assert not is_at_work(here)


def test_only_the_owner_changes_where_the_data_are(parted: Parted) -> None:
    for role in (HERE, LOOKS, FLEET, SEES_ALL):
        assert parted.refused(role, f"update {OWN}.setting set value = '/elsewhere/'") == DENIED
    assert (
        parted.refused(
            HERE, f'set role "{groups_of(parted.lake).of(schema_of(LA), "write")}"', f"delete from {OWN}.setting"
        )
        == DENIED
    )
    # What the authority's own catalogue says of it is not followed.
    parted.as_role(HERE)
    group = groups_of(parted.lake).of(schema_of(LA), "write")
    parted.sql(
        HERE,
        f'set role "{group}"',
        f"update {schema_of(LA)}.ducklake_metadata set value = '/elsewhere/' where key = 'data_path'",
    )
    _write(parted, HERE, LA, "where the setting says")
    assert _newest(parted, HERE, LA) == "where the setting says"


def test_a_supplier_makes_an_authority_that_is_new_and_works_on_one_at_a_time(parted: Parted) -> None:
    _write(parted, FLEET, NEW, "first")
    assert _newest(parted, SEES_ALL, NEW) == "first"
    parted.as_role(FLEET)
    with Warehouse(parted.lake.of(NEW)) as store:
        store.connection.execute(
            f"attach {lakes._text(lakes._words(parted.lake, None))} as plain (type postgres, secret catalogue)"
        )
        with pytest.raises(duckdb.Error, match="permission denied"):
            store.connection.execute(f"from plain.{schema_of(LA)}.ducklake_data_file").fetchall()
    parted.as_role(DBA)
    admit(parted.lake.of(NEW), LOOKS, read_only=True)
    assert _newest(parted, LOOKS, NEW) == "first"
    _write(parted, FLEET, NEW, "second")
    assert _newest(parted, LOOKS, NEW) == _newest(parted, SEES_ALL, NEW) == "second"


def test_who_is_let_in_is_told_and_who_is_dismissed_is_out(parted: Parted, catalogues: Catalogues) -> None:
    catalogues.do(f"create role passing login password {PASSWORD_IN_SQL}")
    parted.as_role(DBA)
    admit(parted.lake.of(LA), "passing")
    mine = [one for one in who(parted.lake)[0] if one.role in ("passing", LOOKS, THERE) and one.authority != NEW]
    assert mine == [Right(LOOKS, LA, "read"), Right("passing", LA, "write"), Right(THERE, NEIGHBOUR, "write")]
    admit(parted.lake.of(LA), "passing", read_only=True)
    admit(parted.lake.of(NEIGHBOUR), "passing", read_only=True)
    assert [one[1:] for one in who(parted.lake)[0] if one.role == "passing"] == [(NEIGHBOUR, "read"), (LA, "read")]
    dismiss(parted.lake.of(NEIGHBOUR), "passing")
    assert _newest(parted, "passing", LA)
    with pytest.raises(InputError, match="holds no run"):
        _newest(parted, "passing", NEIGHBOUR)
    parted.as_role(DBA)
    dismiss(parted.lake, "passing")
    assert who(parted.lake)[1] == [OWNER]
    with pytest.raises(PassingError):
        _newest(parted, "passing", LA)


def test_only_who_may_make_roles_lets_others_in(parted: Parted) -> None:
    for role in (HERE, FLEET):
        parted.as_role(role)
        with pytest.raises(UsageError, match="owner of the warehouse's database"):
            admit(parted.lake.of(LA), THERE)
    parted.as_role(DBA)
    with pytest.raises(UsageError, match='create role "nobody here" login'):
        admit(parted.lake.of(LA), "nobody here")


def test_nothing_that_is_asked_in_sql_reaches_catalogue_or_secrets() -> None:
    for statement in (
        "from duckdb_secrets()",
        "from postgres_query('catalogue', 'select 1')",
        "attach 'dbname=hclic' as mine (type postgres)",
        "from read_parquet('/srv/hclic/**')",
        "call ducklake_snapshots('lake')",
    ):
        with pytest.raises(UsageError):
            check_statement(statement)


def test_what_a_lake_spills_is_encrypted_where_there_is_a_key(parted: Parted, monkeypatch: pytest.MonkeyPatch) -> None:
    parted.as_role(HERE)
    for key in (None, at_rest.new_key()):
        if key is not None:
            monkeypatch.setenv(at_rest.KEY, key)
        with Warehouse(parted.lake.of(LA), read_only=True) as store:
            told = store.connection.execute("select current_setting('temp_file_encryption')").fetchone()
        assert told == (key is not None,)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root, to be two accounts")
def test_another_account_of_the_machine_reaches_no_folder_of_data(parted: Parted, tmp_path: Path) -> None:
    for folder in (*parted.data.parents, parted.data):
        if str(folder).startswith("/tmp/"):
            folder.chmod(folder.stat().st_mode | 0o711)
    folder = parted.data / schema_of(LA)
    file = next(folder.rglob("*.parquet"))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not _may(1234, 1234, "ls", parted.data), "which authorities there are"
    assert not _may(1234, 1234, "ls", folder)
    assert not _may(1234, 1234, "cat", file)
    parted.as_role(DBA)
    admit(parted.lake.of(LA), HERE, group="daemon")
    shared = folder.stat().st_gid
    assert folder.stat().st_mode & 0o7777 == 0o2770
    assert _may(1234, shared, "ls", folder)
    assert not _may(1234, 1234, "ls", folder)
    made, before = folder / "made", os.umask(0o077)
    try:
        duckdb.execute(f"copy (select 1 as one, 2 as two) to '{made}' (format parquet, partition_by (two))")
    finally:
        os.umask(before)
    file = next(made.rglob("*.parquet"))
    assert _may(1234, shared, "cat", file) and not _may(1234, 1234, "cat", file)
    shutil.rmtree(made)
    with pytest.raises(UsageError, match="no group"):
        admit(parted.lake.of(LA), HERE, group="no such group")


def _may(user: int, group: int, what: str, path: Path) -> bool:
    """Whether an account of the machine can do it."""
    done = subprocess.run(
        ["/usr/bin/env", what, str(path)], user=user, group=group, extra_groups=[], cwd="/", capture_output=True
    )
    assert done.returncode == 0 or b"ermission denied" in done.stderr, done.stderr
    return done.returncode == 0
