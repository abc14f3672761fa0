"""A DuckDB file, opened read-only by itself; queries reach nothing but it."""

from __future__ import annotations

import re
from contextlib import ExitStack
from threading import Timer

import duckdb
import pyarrow as pa

from pipelines import at_rest
from pipelines.address import Address
from pipelines.errors import is_held
from pipelines.extract.databases import faults
from pipelines.extract.databases.faults import Fault
from pipelines.extract.databases.session import BATCH_ROWS, Reading, told

MEMORY = "500MB"
_TWO = re.compile(r"duplicate column name|duplicate alias", re.IGNORECASE)
_NO_TABLE = re.compile(r"Table with name (.*?) does not exist", re.IGNORECASE)
_NO_COLUMN = re.compile(r"column \"(.*?)\" not found|does not have a column named \"(.*?)\"", re.IGNORECASE)
_NO_VALUE = re.compile(r"(?:Conversion|Out of Range) Error")
_LINE = re.compile(r"^LINE (\d+): ", re.MULTILINE)


class DuckSession:
    """One transaction on the file."""

    snapshot = True

    def __init__(self, address: Address, minutes: float) -> None:
        if not address.path.is_file():
            raise Fault(faults.NO_FILE)
        self._held = ExitStack()
        try:
            # Other folders, the network and the settings are out of reach of a query.
            self._con = duckdb.connect(str(address.path), read_only=True)
            # By default it would be spilled beside the file.
            at_rest.spill_to(self._con, self._held.enter_context(at_rest.private_folder()))
            self._con.execute(f"set threads = 1; set memory_limit = '{MEMORY}'; set enable_progress_bar = false")
            self._con.execute("set TimeZone = 'UTC'; set enable_external_access = false; set lock_configuration = true")
            self._con.execute("begin")
        except duckdb.Error as error:
            self._held.close()
            raise Fault(faults.HELD if is_held(error) else faults.NO_DATABASE_FILE) from None
        self._reader: pa.RecordBatchReader | None = None
        self._seconds = minutes * 60.0
        self._timer = Timer(0, lambda: None)

    def name(self, parts: tuple[str, ...]) -> str:
        return ".".join('"' + part.replace('"', '""') + '"' for part in parts)

    def has(self, table: str) -> bool:
        try:
            self._con.execute(f"describe {table}")
        except duckdb.CatalogException:
            return False
        return True

    def count(self, sql: str) -> int:
        columns = [(str(row[0]), str(row[1])) for row in self._run(f"describe {sql}").fetchall()]
        names = [name for name, _ in columns]
        refuse_what_is_not_plain(columns)
        # DuckDB gives the second of two columns with one name another, in a select from a select.
        row = self._run(f"select count(*) from (\n{sql}\n) as query").fetchone()
        refuse_doubles(names)
        return int(row[0]) if row else 0

    def rows_of(self, sql: str) -> int:
        return self.count(sql)

    def read(self, sql: str) -> Reading:
        self._run(sql)
        self._reader = self._con.to_arrow_reader(BATCH_ROWS)
        return Reading(self._reader.schema, told(self._reader, fault_of))

    def sent(self) -> None:
        return None

    def close(self) -> None:
        self._timer.cancel()
        # Rows that nobody took would hold the file, and who opens it next would wait for ever.
        if self._reader is not None:
            self._reader.close()
        self._con.close()
        self._held.close()

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        self._timer.cancel()
        self._timer = Timer(self._seconds, self._con.interrupt)
        self._timer.daemon = True
        self._timer.start()
        try:
            return self._con.execute(sql)
        except duckdb.Error as error:
            raise fault_of(error) from None


def refuse_what_is_not_plain(columns: list[tuple[str, str]]) -> None:
    """Refuse a column, given with DuckDB's name of its type, of bytes or of several values, before a row is asked for.

    Raises:
        Fault: there is one.
    """
    for name, kind in columns:
        if kind in ("BLOB", "BIT") or kind.endswith("]") or kind.startswith(("STRUCT(", "MAP(", "UNION(")):
            raise Fault(faults.NOT_PLAIN, name)


def refuse_doubles(names: list[str]) -> None:
    """Refuse two columns of one name, in any case.

    Raises:
        Fault: there are, or there is no column at all.
    """
    folded = [name.casefold() for name in names]
    for name, one in zip(names, folded, strict=True):
        if folded.count(one) > 1:
            raise Fault(faults.TWO_COLUMNS, name)
    if not names:
        raise Fault(faults.NO_COLUMNS)


def fault_of(error: Exception) -> Fault:
    """What DuckDB's words mean; none of them but a name of the query is passed on."""
    words = str(error)
    # While rows come an error is one of Arrow's, with DuckDB's words.
    if isinstance(error, duckdb.InterruptException) or "INTERRUPT Error" in words:
        return Fault(faults.SLOW)
    if _TWO.search(words):
        return Fault(faults.TWO_COLUMNS)
    for pattern, sentence in ((_NO_TABLE, faults.NO_TABLE), (_NO_COLUMN, faults.NO_COLUMN)):
        if match := pattern.search(words):
            return Fault(sentence, next((one for one in match.groups() if one), ""))
    if isinstance(error, duckdb.PermissionException):
        return Fault(faults.NOT_UNDERSTOOD, ", since it reaches for more than its tables")
    if _NO_VALUE.search(words):
        return Fault(faults.NO_VALUE)
    if isinstance(error, duckdb.ParserException | duckdb.BinderException | duckdb.CatalogException):
        line = _LINE.search(words)
        return Fault(faults.NOT_UNDERSTOOD, f", near its line {line[1]}" if line else "")
    return Fault(faults.FAILED)
