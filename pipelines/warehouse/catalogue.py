"""The PostgreSQL database that holds the catalogues of a DuckLake: who may read which, and who writes just now."""

from __future__ import annotations

import getpass
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pipelines.address import CHECKED, ENCRYPTED, PLAIN
from pipelines.errors import HeldError, InputError, PassingError, UsageError
from pipelines.place import PASSWORD, USER, Lake

if TYPE_CHECKING:
    from pg8000.native import Connection

OWN = "hclic"
"""Schema of what concerns all authorities."""
SCHEMA = r"hclic\_e________"
"""The schemas that hold an authority's catalogue, as a pattern of SQL."""
DATA = "data_path"
ALL_WRITE = "all_write"
"""Under what it is kept which role makes the catalogue of an authority that is new."""
RUNS, WRITES = "hclic_runs", "hclic_writes"
"""Tables beside an authority's catalogue, without rows: who runs the authority, or writes, holds one locked."""

UNREACHED = (
    "The catalogue of the warehouse could not be reached, or did not let you in. See that it runs, that its address is"
    f" right and that {USER} and {PASSWORD} are set, and run again."
)
NOT_MADE = "There is no warehouse at that address. Make one with: hclic fleet init ADDRESS --data FOLDER."

_LOCAL = ("localhost", "127.0.0.1", "::1")
_PORT = 5432
PATIENCE = 20
"""Seconds after which a catalogue that does not answer is taken for gone, here and at its own end."""
# A lock falls when its connection does; without these the server would hold it for hours where a machine is cut off.
_NOTICED = (
    f"set tcp_keepalives_idle = {PATIENCE // 2}",
    f"set tcp_keepalives_interval = {PATIENCE // 4}",
    "set tcp_keepalives_count = 2",
    f"set tcp_user_timeout = {PATIENCE * 1000}",
)
_TOLD_APART = 160000
_IS_LOCKED = "55P03"
_IS_THERE = ("23505", "42P06", "42P07")
IN_LIBPQ = {
    "connect_timeout": str(PATIENCE),
    "keepalives_idle": str(PATIENCE // 2),
    "keepalives_interval": str(PATIENCE // 4),
    "keepalives_count": "2",
    "tcp_user_timeout": str(PATIENCE * 1000),
    "application_name": "hclic",
}
"""The same for DuckDB's own connections, as libpq calls it."""


def user() -> str:
    """Who asks the catalogue: of the environment, by default the user of this computer, as libpq has it."""
    return os.environ.get(USER) or getpass.getuser()


def password() -> str:
    """The password of the environment; empty where there is none and the server needs none."""
    return os.environ.get(PASSWORD, "")


def sslmode(lake: Lake) -> str:
    """Whether the connection is encrypted: as the address says; to this machine it need not be."""
    host = lake.options.get("host", "")
    return lake.options.get("sslmode") or (PLAIN if not host or host.startswith("/") or host in _LOCAL else ENCRYPTED)


@contextmanager
def connected(lake: Lake) -> Iterator[Connection]:
    """A connection to the catalogue for the block.

    Raises:
        UsageError: the driver is not installed, or a file of certificates cannot be read.
        PassingError: the catalogue cannot be reached, or does not answer any more.
    """
    con = _connection(lake)
    try:
        with _reached():
            yield con
    finally:
        _close(con)


@contextmanager
def _reached() -> Iterator[None]:
    from pg8000.exceptions import InterfaceError

    try:
        yield
    except (InterfaceError, OSError):
        raise PassingError(UNREACHED) from None


def _close(con: Connection) -> None:
    from pg8000.exceptions import InterfaceError

    with suppress(InterfaceError, OSError):
        con.close()


def _connection(lake: Lake) -> Connection:
    if find_spec("pg8000") is None:
        raise missing("pg8000")
    from pg8000.exceptions import InterfaceError
    from pg8000.native import Connection, DatabaseError

    host, port = lake.options.get("host", ""), int(lake.options.get("port", _PORT))
    where: dict[str, Any] = {"host": lake.options.get("hostaddr") or host or "localhost", "port": port}
    if host.startswith("/"):
        where = {"unix_sock": f"{host}/.s.PGSQL.{port}"}
    try:
        return Connection(
            user(),
            password=password() or None,
            database=lake.options["dbname"],
            ssl_context=_encryption(lake),
            timeout=PATIENCE,
            application_name="hclic",
            **where,
        )
    except (InterfaceError, DatabaseError, OSError):
        # What the driver says may name the user.
        raise PassingError(UNREACHED) from None


def missing(package: str) -> UsageError:
    """The sentence for a package that is not there."""
    return UsageError(
        f"A warehouse for many authorities needs packages that are not installed ({package}):"
        " pip install 'hclic[fleet]'."
    )


def schemas(con: Connection) -> list[str]:
    """The schemas that hold an authority's catalogue and may be read by this user, in order."""
    return [
        str(name)
        for (name,) in con.run(
            "select nspname from pg_namespace as held where nspname like :pattern"
            " and (has_schema_privilege(oid, 'usage') or pg_has_role(nspowner, 'member'))"
            " and exists (select from pg_class where relnamespace = held.oid and relname = 'ducklake_metadata')"
            " order by nspname",
            pattern=SCHEMA,
        )
    ]


def data_path(con: Connection) -> str:
    """Where the data files of all authorities are: a folder, or an address in an object store; ends with a slash.

    Raises:
        InputError: no warehouse was made there, or this user may not read where it is.
    """
    found = setting(con, DATA)
    if found is None:
        raise InputError(NOT_MADE)
    return found


def setting(con: Connection, name: str) -> str | None:
    """What is kept under a name for all authorities; None where nothing is, or no warehouse was made."""
    if not con.run("select 1 from pg_namespace where nspname = :own and has_schema_privilege(oid, 'usage')", own=OWN):
        return None
    rows = con.run(f"select value from {OWN}.setting where name = :name", name=name)
    return str(rows[0][0]) if rows else None


class Turn:
    """What a writer holds while it writes; others of the authority are told to wait."""

    def __init__(self, con: Connection) -> None:
        self._con = con
        self._is_lost = False

    def check(self) -> None:
        """See that it is still held. Once lost it stays so: the turn falls with its connection.

        Raises:
            PassingError: the catalogue is not reached any more, so that another writer may be at work.
        """
        from pg8000.exceptions import DatabaseError, InterfaceError

        if not self._is_lost:
            try:
                self._con.run("select 1")
                return
            except (DatabaseError, InterfaceError, OSError):
                self._is_lost = True
        raise PassingError(UNREACHED) from None


def work_as(con: Connection, schema: str) -> str | None:
    """Work as the group that an authority's catalogue belongs to, where this user is a member of one; gives its name.

    What is made then belongs to all who may write there, and nothing of another authority is within reach. Of an
    authority that is new it is the group that may make it.
    """
    may = membership(con)
    owner = con.run(
        f"select rolname, not rolcanlogin and pg_has_role(nspowner, '{may}') from pg_namespace"
        " join pg_roles on pg_roles.oid = nspowner where nspname = :schema",
        schema=schema,
    )
    if owner:
        group = str(owner[0][0]) if owner[0][1] else None
    else:
        group = setting(con, ALL_WRITE)
        if group is not None and not con.run(
            f"select 1 from pg_roles where rolname = :group and pg_has_role(oid, '{may}')", group=group
        ):
            group = None
    if group is not None:
        con.run(f"set role {identifier(group)}")
    return group


def membership(con: Connection) -> str:
    """What PostgreSQL calls it that a role can work as another: since 16 who made a role need not be able to."""
    return "set" if version(con) >= _TOLD_APART else "member"


def version(con: Connection) -> int:
    """The server's version as a number, like 160004."""
    return int(con.run("select current_setting('server_version_num')")[0][0])


def check_may_write(con: Connection, schema: str, authority: str) -> None:
    """Refuse a user who may not write an authority's catalogue; whether there is one is not said.

    Raises:
        InputError: the user may not.
    """
    may = con.run(
        "select has_schema_privilege(oid, 'create') from pg_namespace where nspname = :schema"
        " union all select has_database_privilege(current_database(), 'create')"
        " where not exists (select from pg_namespace where nspname = :schema)",
        schema=schema,
    )
    if not may[0][0]:
        raise InputError(
            f"You may not write to the warehouse of authority {authority}. Its owner lets you in:"
            f" hclic fleet admit ADDRESS {authority} --user ROLE."
        )


@contextmanager
def held(lake: Lake, schema: str, what: str, words: str) -> Iterator[Turn]:
    """Hold an authority's ``RUNS`` or ``WRITES`` for the block: one connection at a time does, and it falls with it.

    It is the lock of a table in the authority's own schema, so that only who may write there can take it: the
    advisory locks of PostgreSQL are anybody's. The transaction that holds it has read and written nothing, and keeps
    no dead row from being cleared.

    Raises:
        HeldError: another holds it; ``words`` say what.
        InputError: this user may not write there.
        PassingError: the catalogue cannot be reached.
    """
    con = _connection(lake)
    from pg8000.native import DatabaseError

    try:
        with _reached():
            for statement in _NOTICED:
                con.run(statement)
            con.run(
                "select set_config(name, '0', false) from pg_settings where context = 'user'"
                " and name in ('idle_in_transaction_session_timeout', 'transaction_timeout', 'idle_session_timeout')"
            )
            work_as(con, schema)
            check_may_write(con, schema, str(lake.authority))
            _make_lockable(con, schema)
            con.run("begin")
            try:
                con.run(f"lock table {schema}.{what} in exclusive mode nowait")
            except DatabaseError as error:
                if _code(error) != _IS_LOCKED:
                    raise
                raise HeldError(words) from None
        # Outside: what goes wrong in the block is no fault of the catalogue's.
        yield Turn(con)
    finally:
        _close(con)


def is_held(lake: Lake, schema: str, what: str) -> bool:
    """Whether somebody holds it just now."""
    with connected(lake) as con:
        return bool(
            con.run(
                "select 1 from pg_locks join pg_class on pg_class.oid = relation"
                " join pg_namespace on pg_namespace.oid = relnamespace"
                " join pg_database on pg_database.oid = database"
                " where datname = current_database() and nspname = :schema and relname = :what"
                " and mode = 'ExclusiveLock' and granted",
                schema=schema,
                what=what,
            )
        )


def identifier(name: str) -> str:
    """A name as PostgreSQL reads it in SQL."""
    return '"' + name.replace('"', '""') + '"'


def _make_lockable(con: Connection, schema: str) -> None:
    from pg8000.native import DatabaseError

    there = con.run(
        "select count(*) from pg_tables where schemaname = :schema and tablename in (:runs, :writes)",
        schema=schema,
        runs=RUNS,
        writes=WRITES,
    )
    if there[0][0] == 2:
        return
    wanted = [f"create table if not exists {schema}.{what} (held boolean)" for what in (RUNS, WRITES)]
    if not con.run("select 1 from pg_namespace where nspname = :schema", schema=schema):
        wanted.insert(0, f"create schema if not exists {schema}")
    for statement in wanted:
        try:
            con.run(statement)
        except DatabaseError as error:
            # Another makes it at the same moment.
            if _code(error) not in _IS_THERE:
                raise


def _code(error: Exception) -> str | None:
    """What PostgreSQL calls an error."""
    said = error.args[0] if error.args else None
    return said.get("C") if isinstance(said, dict) else None


def _encryption(lake: Lake) -> ssl.SSLContext | None:
    mode = sslmode(lake)
    if mode == PLAIN:
        return None
    root = lake.options.get("sslrootcert")
    try:
        context = ssl.create_default_context(cafile=root)
    except OSError:
        raise UsageError("The file that sslrootcert of the warehouse's address names cannot be read.") from None
    if mode != CHECKED:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
