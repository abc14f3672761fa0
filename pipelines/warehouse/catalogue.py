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
    if find_spec("pg8000") is None:
        raise missing("pg8000")
    from pg8000.exceptions import InterfaceError
    from pg8000.native import Connection, DatabaseError

    host, port = lake.options.get("host", ""), int(lake.options.get("port", _PORT))
    where: dict[str, Any] = {"host": lake.options.get("hostaddr") or host or "localhost", "port": port}
    if host.startswith("/"):
        where = {"unix_sock": f"{host}/.s.PGSQL.{port}"}
    try:
        con = Connection(
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
    try:
        yield con
    except (InterfaceError, OSError):
        raise PassingError(UNREACHED) from None
    finally:
        with suppress(InterfaceError, OSError):
            con.close()


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
            "select nspname from pg_namespace where nspname like :pattern"
            " and has_schema_privilege(oid, 'usage') order by nspname",
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

    def check(self) -> None:
        """See that it is still held.

        Raises:
            PassingError: the catalogue is not reached any more, so that another writer may be at work.
        """
        from pg8000.exceptions import InterfaceError

        try:
            self._con.run("select 1")
        except (InterfaceError, OSError):
            raise PassingError(UNREACHED) from None


@contextmanager
def held(lake: Lake, what: str, words: str) -> Iterator[Turn]:
    """Hold ``what`` for the block: one connection at a time does. It falls with the connection.

    Raises:
        HeldError: another holds it; ``words`` say what.
        PassingError: the catalogue cannot be reached.
    """
    with connected(lake) as con:
        for statement in _NOTICED:
            con.run(statement)
        if not con.run("select pg_try_advisory_lock(hashtextextended(:what, 0))", what=f"{OWN} {what}")[0][0]:
            raise HeldError(words)
        yield Turn(con)


def is_held(lake: Lake, what: str) -> bool:
    """Whether somebody holds it just now."""
    with connected(lake) as con:
        took = con.run("select pg_try_advisory_lock(hashtextextended(:what, 0))", what=f"{OWN} {what}")[0][0]
    return not took


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
