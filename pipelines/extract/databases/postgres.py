"""PostgreSQL, through DuckDB's own scanner: rows come as binary copies, four times as fast as through a driver.

The scanner gives no SQLSTATE, so a fault is told by the server's English words. None of them is passed on.
"""

from __future__ import annotations

import re
from contextlib import suppress
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import duckdb
import pyarrow as pa

from pipelines import at_rest
from pipelines.address import Address
from pipelines.credentials import Credentials
from pipelines.errors import UsageError
from pipelines.extract.databases import faults
from pipelines.extract.databases.duck import refuse_what_is_not_plain
from pipelines.extract.databases.faults import Fault
from pipelines.extract.databases.session import BATCH_ROWS, Reading, told

MEMORY = "300MB"
ANSWER_SECONDS = 15
"""How long a server has to answer."""
EXTENSION = "postgres_scanner"
LONDON = "Europe/London"

# The first that fits decides. What is captured is a name of the query, never a value.
_FAULTS = tuple(
    (re.compile(pattern, re.IGNORECASE), sentence)
    for pattern, sentence in (
        (r"duplicate column name \"(.*?)\"", faults.TWO_COLUMNS),
        (r"statement timeout", faults.SLOW),
        (r"does not support SSL|SSL error|certificate|sslmode|root\.crt", faults.NO_TLS),
        (r"password|authentication|role \".*?\" does not exist|pg_hba\.conf", faults.NO_ENTRY),
        (r"database \".*?\" does not exist|permission denied for database", faults.NO_DATABASE),
        (r"could not translate host name|connection refused|timeout expired|no route|unreachable", faults.NO_ANSWER),
        (
            r"terminating connection|connection not open|server closed|connection .*?(lost|reset)|broken pipe|EOF det"
            r"|no connection to the server|shutting down|starting up|recovery mode",
            faults.LOST,
        ),
        (r"unable to connect", faults.NO_ANSWER),
        (r"relation \"(.*?)\" does not exist|schema \"(.*?)\" does not exist", faults.NO_TABLE),
        (r"column \"?(.*?)\"? does not exist", faults.NO_COLUMN),
        (r"permission denied", faults.NO_RIGHT),
        (r"read-only transaction", faults.NOT_READ_ONLY),
        (r"invalid input|out of range|division by zero|value too long|invalid value", faults.NO_VALUE),
        (r"must return data", faults.NO_COLUMNS),
        (r"(?:ERROR|failed to prepare)", faults.NOT_UNDERSTOOD),
    )
)
_ASKED = re.compile(r"Unable to connect to Postgres at \".*?\": ", re.DOTALL)
_LINE = re.compile(r"^LINE (\d+): ", re.MULTILINE)
_IDENTIFIER = re.compile(r"[\w.$#\" -]{1,130}")


class PostgresSession:
    """One read-only transaction, repeatable read."""

    snapshot = True

    def __init__(self, address: Address, credentials: Credentials, minutes: float) -> None:
        self._asked: list[tuple[str, str]] = []
        self._reader: pa.RecordBatchReader | None = None
        self._con = at_rest.connect(":memory:")
        try:
            self._open(address, credentials, minutes)
        except duckdb.Error as error:
            self._con.close()
            raise fault_of(error) from None
        except BaseException:
            self.close()
            raise

    def _open(self, address: Address, credentials: Credentials, minutes: float) -> None:
        # One thread, so that the order of the rows, and what is in memory, depend on no machine.
        self._con.execute(f"set threads = 1; set memory_limit = '{MEMORY}'; set enable_progress_bar = false")
        load_extension(self._con, EXTENSION)
        known = {"host": address.host, "port": str(address.port), "database": address.database}
        known |= {"user": credentials.user, "password": credentials.password}
        parts = ", ".join(f"{key} {_text(value)}" for key, value in known.items() if value)
        self._con.execute(f"create temporary secret asked (type postgres, {parts})")
        settings = [
            "default_transaction_read_only=on",
            f"statement_timeout={int(minutes * 60_000)}",
            f"TimeZone={LONDON}",
            "DateStyle=ISO",
            "bytea_output=hex",
            "extra_float_digits=1",
        ]
        if schema := address.options.get("schema"):
            settings.append(f"search_path={schema}")
        options = " ".join(f"-c {one}" for one in settings)
        words = [f"connect_timeout={ANSWER_SECONDS}", "application_name=hclic", f"sslmode={address.sslmode}"]
        if path := address.options.get("sslrootcert"):
            words.append(f"sslrootcert={_quoted(path)}")
        words.append(f"options={_quoted(options)}")
        self._con.execute(f"attach {_text(' '.join(words))} as source (type postgres, secret asked, read_only)")
        self._con.execute("begin")

    def name(self, parts: tuple[str, ...]) -> str:
        return ".".join(part if re.fullmatch(r"[a-z_][a-z0-9_]*", part) else f'"{part}"' for part in parts)

    def has(self, table: str) -> bool:
        return self._one(f"select to_regclass({_text(table)}) is not null as has") is True

    def count(self, sql: str) -> int:
        self._asked = self._columns(sql)
        refuse_what_is_not_plain(self._asked)
        return int(self._one(f"select count(*) as count from (\n{sql}\n) as query"))

    def rows_of(self, sql: str) -> int:
        return self.count(sql)

    def read(self, sql: str) -> Reading:
        found = self._columns(sql)
        if found != self._asked:
            raise Fault(faults.CHANGED)
        columns = ", ".join(_plain(name, kind) for name, kind in found)
        try:
            self._con.execute(_remote(f"select {columns} from (\n{sql}\n) as query"))
            self._reader = reader = self._con.to_arrow_reader(BATCH_ROWS)
        except duckdb.Error as error:
            raise fault_of(error) from None
        return Reading(reader.schema, told(reader, fault_of))

    def sent(self) -> None:
        return None

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        # A transaction whose connection was lost, and that is left open, takes the whole process with it.
        with suppress(duckdb.Error):
            self._con.execute("rollback")
        self._con.close()

    def _columns(self, sql: str) -> list[tuple[str, str]]:
        """Name and type of each column, in DuckDB's words."""
        try:
            found = self._con.execute(f"describe {_remote(sql)}").fetchall()
        except duckdb.Error as error:
            raise fault_of(error) from None
        return [(str(row[0]), str(row[1])) for row in found]

    def _one(self, sql: str) -> Any:
        try:
            row = self._con.execute(_remote(sql)).fetchone()
        except duckdb.Error as error:
            raise fault_of(error) from None
        return row[0] if row else None


def load_extension(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension of DuckDB from its wheel: nothing is fetched, and nothing is written into the home folder.

    Raises:
        UsageError: the wheel is not installed, or is one of another DuckDB.
    """
    package = f"duckdb_extension_{name}"
    if find_spec(package) is None:
        raise UsageError("PostgreSQL is read with an extra that is not installed: pip install 'hclic[databases]'.")
    path = files(package) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not path.is_file():
        raise UsageError(
            f"The installed {package.replace('_', '-')} is not of DuckDB {duckdb.__version__}:"
            " pip install --upgrade 'hclic[databases]'."
        )
    con.execute(f"load {_text(str(path))}")


def fault_of(error: Exception) -> Fault:
    """What the server's words mean."""
    words = _ASKED.sub("unable to connect: ", str(error))
    for pattern, sentence in _FAULTS:
        if match := pattern.search(words):
            detail = next((one for one in match.groups() if one), "")
            if sentence is faults.NOT_UNDERSTOOD:
                line = _LINE.search(words)
                return Fault(sentence, f", near its line {line[1]}" if line else "")
            return Fault(sentence, detail if _IDENTIFIER.fullmatch(detail) else "")
    return Fault(faults.FAILED)


def _plain(name: str, kind: str) -> str:
    """The column as the server is asked for it, so that no digit, and no hour, is lost on the way."""
    column = '"' + name.replace('"', '""') + '"'
    if kind in ("DOUBLE", "FLOAT", "INTERVAL", "TIME", "TIME WITH TIME ZONE", "UUID"):
        return f"{column}::text as {column}"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"{column}::timestamp as {column}"
    return column


def _remote(sql: str) -> str:
    return f"select * from postgres_query('source', {_text(sql)})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted(value: str) -> str:
    """As a value of a connection string."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
