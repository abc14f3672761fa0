"""The databases that are read through a Python driver: how each is opened, and what its error numbers mean."""

from __future__ import annotations

import re
import sqlite3
import ssl
import time
from types import ModuleType
from typing import Any

from pipelines.address import CHECKED, PLAIN, Address
from pipelines.credentials import Credentials
from pipelines.errors import UsageError
from pipelines.extract.databases import faults
from pipelines.extract.databases.driver import Dialect, DriverSession
from pipelines.extract.databases.faults import Fault

ANSWER_SECONDS = 15
"""How long a server has to answer."""
STEPS_BETWEEN_LOOKS = 100_000
"""Steps of SQLite's machine after which the time is looked at."""
_ASK_FOR_USER = "A {product} database asks for a user: set HCLIC_DB_USER and HCLIC_DB_PASSWORD in the environment."

_NAMED = re.compile(r"['\"`]([\w.$# -]{1,130})['\"`]")
_AFTER_COLON = re.compile(r": ([\w.$# -]{1,130})$")


def open_sqlite(address: Address, minutes: float) -> DriverSession:
    """A SQLite file, opened read-only by Python's own driver."""
    path = address.path
    if not path.is_file():
        raise Fault(faults.NO_FILE)
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
        connection.execute("pragma query_only = on")
        connection.execute("select count(*) from sqlite_master").close()
    except sqlite3.Error as error:
        raise _of_sqlite(error) from None
    ends = time.monotonic() + minutes * 60
    connection.set_progress_handler(lambda: time.monotonic() > ends, STEPS_BETWEEN_LOOKS)
    # Nothing else is attached, and no setting is changed, from within a query.
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_DENY if action in (_ATTACH, _DETACH, _PRAGMA) else sqlite3.SQLITE_OK
    )
    connection.text_factory = _text_of_sqlite
    return DriverSession(connection, _SQLITE)


_ATTACH, _DETACH, _PRAGMA = sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_PRAGMA


def _text_of_sqlite(data: bytes) -> str:
    # SQLite promises UTF-8; older programs wrote the Windows code page into it.
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _of_sqlite(error: Exception) -> Fault:
    words, code = str(error), getattr(error, "sqlite_errorcode", 0) & 0xFF
    if words.startswith("no such table"):
        return Fault(faults.NO_TABLE, _after_colon(words))
    if words.startswith("no such column"):
        return Fault(faults.NO_COLUMN, _after_colon(words))
    of_code = {
        sqlite3.SQLITE_INTERRUPT: faults.SLOW,
        sqlite3.SQLITE_BUSY: faults.HELD,
        sqlite3.SQLITE_LOCKED: faults.HELD,
        sqlite3.SQLITE_NOTADB: faults.NO_DATABASE_FILE,
        sqlite3.SQLITE_CORRUPT: faults.NO_DATABASE_FILE,
        sqlite3.SQLITE_CANTOPEN: faults.NO_DATABASE_FILE,
        sqlite3.SQLITE_READONLY: faults.NOT_READ_ONLY,
        sqlite3.SQLITE_AUTH: faults.NOT_READ_ONLY,
        sqlite3.SQLITE_IOERR: faults.LOST,
        sqlite3.SQLITE_MISMATCH: faults.NO_VALUE,
    }
    if code in of_code:
        return Fault(of_code[code])
    return Fault(faults.NOT_UNDERSTOOD if code == sqlite3.SQLITE_ERROR else faults.FAILED)


_SQLITE = Dialect(
    # Deferred: the first query takes the snapshot, and holds it to the end.
    begin=("begin",),
    quote=('"', '"'),
    fault_of=_of_sqlite,
)


def open_mysql(address: Address, credentials: Credentials, minutes: float) -> DriverSession:
    """MySQL or MariaDB: one read-only transaction with a consistent snapshot."""
    pymysql = driver("pymysql", "databases")
    cursors, converters = driver("pymysql.cursors", "databases"), driver("pymysql.converters", "databases")
    bit = driver("pymysql.constants.FIELD_TYPE", "databases").BIT
    given: dict[str, Any] = {"conv": {**converters.conversions, bit: lambda bits: int.from_bytes(bits, "big")}}
    if address.sslmode == PLAIN:
        given["ssl_disabled"] = True
    else:
        given["ssl"] = _tls(address)
    try:
        connection = pymysql.connect(
            host=address.host,
            port=address.port,
            user=credentials.user or None,
            password=credentials.password,
            database=address.database,
            charset="utf8mb4",
            connect_timeout=ANSWER_SECONDS,
            # A server that stops a slow query says so itself; this is for one that says nothing any more.
            read_timeout=minutes * 60 + ANSWER_SECONDS,
            cursorclass=cursors.SSCursor,
            program_name="hclic",
            autocommit=True,
            **given,
        )
        limit = (
            f"set session max_statement_time = {minutes * 60:g}"
            if "MariaDB" in connection.get_server_info()
            else f"set session max_execution_time = {int(minutes * 60_000)}"
        )
    except pymysql.Error as error:
        raise _of_mysql(error, connecting=True) from None
    except ssl.SSLError:
        raise Fault(faults.NO_TLS) from None
    begin = (
        limit,
        "set session transaction isolation level repeatable read",
        "start transaction with consistent snapshot, read only",
    )
    return DriverSession(connection, Dialect(begin=begin, quote=("`", "`"), fault_of=_of_mysql))


def _of_mysql(error: Exception, connecting: bool = False) -> Fault:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    words = str(error.args[1]) if len(error.args) > 1 else ""
    if number == 2003 and "SSL" in words.upper():
        return Fault(faults.NO_TLS)
    for numbers, sentence in _MYSQL.items():
        if number in numbers:
            return _fault(sentence, _NAMED.search(words), connecting)
    if number == 1064:
        line = re.search(r"at line (\d+)$", words)
        return Fault(faults.NOT_UNDERSTOOD, f", near its line {line[1]}" if line else "")
    if connecting and (number == 0 or "SSL" in words.upper()):
        return Fault(faults.NO_TLS)
    return Fault(faults.FAILED, f" (its error {number})" if number else "")


_MYSQL = {
    (2002, 2003, 2005, 1040, 1129, 1130): faults.NO_ANSWER,
    (1045, 1698, 1251, 2059, 1862, 1820, 3118, 4151): faults.NO_ENTRY,
    (1049, 1044): faults.NO_DATABASE,
    (2026, 3159, 1759): faults.NO_TLS,
    (2006, 2013, 2014, 1053, 1317, 1927, 1152, 1158, 1159, 1160, 1161, 1184): faults.LOST,
    (1969, 3024): faults.SLOW,
    (1146, 1051): faults.NO_TABLE,
    (1054,): faults.NO_COLUMN,
    (1060,): faults.TWO_COLUMNS,
    (1142, 1143, 1227, 1370, 1356): faults.NO_RIGHT,
    (1792, 1290): faults.NOT_READ_ONLY,
    (1264, 1292, 1365, 1366, 1367, 1411, 1690): faults.NO_VALUE,
}
"""Sentence by the numbers of MySQL and MariaDB, in the order of a connection."""


def open_sql_server(address: Address, credentials: Credentials, minutes: float) -> DriverSession:
    """SQL Server. It has no read-only session: that the account may only read is for its administrator.

    Where the database does not allow snapshot isolation, all that is read is read as committed, each query for itself.
    """
    pymssql = driver("pymssql", "mssql")
    try:
        connection = pymssql.connect(
            server=address.host,
            port=str(address.port),
            user=credentials.user or None,
            password=credentials.password or None,
            database=address.database,
            timeout=max(1, int(minutes * 60)),
            login_timeout=ANSWER_SECONDS,
            encryption="off" if address.sslmode == PLAIN else "require",
            appname="hclic",
            read_only=True,
            autocommit=True,
            use_datetime2=True,
            arraysize=1,
        )
    except pymssql.Error as error:
        raise _of_sql_server(error, connecting=True) from None
    return sql_server_session(connection)


def sql_server_session(connection: Any) -> DriverSession:
    """The session of an open connection: a snapshot where the database allows it."""
    allowed = "select snapshot_isolation_state from sys.databases where name = db_name()"
    cursor = connection.cursor()
    try:
        cursor.execute(allowed)
        row = cursor.fetchone()
    except Exception as error:
        raise _of_sql_server(error) from None
    snapshot = bool(row and row[0] == 1)
    level = "snapshot" if snapshot else "read committed"
    begin = (f"set transaction isolation level {level}", "begin transaction")
    return DriverSession(
        connection,
        Dialect(
            begin=begin,
            quote=("[", "]"),
            fault_of=_of_sql_server,
            nothing="select top 0 * from {table}",
            # A query that begins with "with", or ends in "order by", cannot stand within another.
            counts_first=False,
            sent="select rowcount_big()",
            snapshot=snapshot,
        ),
    )


def _of_sql_server(error: Exception, connecting: bool = False) -> Fault:
    first = error.args[0] if error.args else 0
    if isinstance(first, tuple) and first:
        first, words = first[0], first[1] if len(first) > 1 else b""
    else:
        words = error.args[1] if len(error.args) > 1 else b""
    number = first if isinstance(first, int) else 0
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    if "ssl" in text.lower() or "encrypt" in text.lower():
        return Fault(faults.NO_TLS)
    for numbers, sentence in _SQL_SERVER.items():
        if number in numbers:
            return _fault(sentence, _NAMED.search(text), connecting)
    return Fault(faults.NO_ANSWER if connecting else faults.FAILED, f" (its error {number})" if number else "")


_SQL_SERVER = {
    (20009, 20002, 20013, 20019): faults.NO_ANSWER,
    (18456, 18452, 18470, 18486, 18487, 18488): faults.NO_ENTRY,
    (4060, 911, 916): faults.NO_DATABASE,
    (20003,): faults.SLOW,
    (20004, 20006, 20017, 20047, 596, 10054): faults.LOST,
    (208,): faults.NO_TABLE,
    (207,): faults.NO_COLUMN,
    (229, 230, 300): faults.NO_RIGHT,
    (3906, 3961): faults.CHANGED,
    (102, 105, 156, 170): faults.NOT_UNDERSTOOD,
    (220, 232, 241, 242, 245, 248, 8114, 8115, 8134): faults.NO_VALUE,
    (8155,): faults.NO_COLUMNS,
    (8156,): faults.TWO_COLUMNS,
}


def open_oracle(address: Address, credentials: Credentials, minutes: float) -> DriverSession:
    """Oracle, by its own driver without Oracle's client: one read-only transaction."""
    oracledb = driver("oracledb", "oracle")
    if not credentials.user:
        raise UsageError(_ASK_FOR_USER.format(product="Oracle"))
    # Long texts come as texts.
    oracledb.defaults.fetch_lobs = False
    oracledb.defaults.fetch_decimals = True
    try:
        connection = oracledb.connect(
            user=credentials.user,
            password=credentials.password,
            host=address.host,
            port=address.port,
            service_name=address.database,
            protocol="tcp" if address.sslmode == PLAIN else "tcps",
            ssl_server_dn_match=address.sslmode == CHECKED,
            tcp_connect_timeout=ANSWER_SECONDS,
        )
    except oracledb.Error as error:
        raise _of_oracle(error, connecting=True) from None
    connection.call_timeout = int(minutes * 60_000)
    return oracle_session(connection, address.options.get("schema", ""))


def oracle_session(connection: Any, schema: str = "") -> DriverSession:
    """The session of an open connection."""
    begin = ["set transaction read only", "alter session set time_zone = 'Europe/London'"]
    if schema:
        begin.insert(0, f"alter session set current_schema = {schema}")
    return DriverSession(connection, Dialect(begin=tuple(begin), quote=('"', '"'), fault_of=_of_oracle, alias=""))


def _of_oracle(error: Exception, connecting: bool = False) -> Fault:
    first = error.args[0] if error.args else None
    code = str(getattr(first, "full_code", "")) or (re.match(r"[A-Z]{3}-\d+", str(error)) or [""])[0]
    words = str(getattr(first, "message", error))
    for codes, sentence in _ORACLE.items():
        if code in codes:
            named = _NAMED.findall(words) if sentence in (faults.NO_TABLE, faults.NO_COLUMN) else []
            detail = ".".join(named)
            return Fault(faults.NO_ANSWER if connecting and sentence == faults.LOST else sentence, detail)
    return Fault(faults.NO_ANSWER if connecting else faults.FAILED, f" ({code})" if code else "")


_ORACLE = {
    ("DPY-6005", "DPY-6000", "ORA-12541", "ORA-12170", "ORA-12545", "ORA-12537"): faults.NO_ANSWER,
    ("ORA-01017", "ORA-28000", "ORA-28001", "ORA-01005", "ORA-01045"): faults.NO_ENTRY,
    ("DPY-6001", "DPY-6003", "ORA-12514", "ORA-12505"): faults.NO_DATABASE,
    ("DPY-4024", "ORA-01013", "ORA-00040"): faults.SLOW,
    ("DPY-4011", "DPY-1001", "ORA-03113", "ORA-03114", "ORA-00028", "ORA-01012", "ORA-02396"): faults.LOST,
    ("ORA-00942",): faults.NO_TABLE,
    ("ORA-00904",): faults.NO_COLUMN,
    ("ORA-01031", "ORA-01720", "ORA-41900"): faults.NO_RIGHT,
    ("ORA-01456",): faults.NOT_READ_ONLY,
    ("ORA-00918", "ORA-00957"): faults.TWO_COLUMNS,
    ("ORA-01722", "ORA-01476", "ORA-01861", "ORA-01858", "ORA-01830", "ORA-01843", "ORA-01426"): faults.NO_VALUE,
    ("ORA-00900", "ORA-00923", "ORA-00933", "ORA-00936", "ORA-00907", "ORA-03048", "ORA-03049"): faults.NOT_UNDERSTOOD,
    ("ORA-01555",): faults.CHANGED,
}


def driver(module: str, extra: str) -> ModuleType:
    """The driver.

    Raises:
        UsageError: it is not installed.
    """
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError:
        raise UsageError(
            f"This database is read with an extra that is not installed: pip install 'hclic[{extra}]'."
        ) from None


def _fault(sentence: str, named: re.Match[str] | None, connecting: bool) -> Fault:
    """The fault; of what the server named only a table or column is kept, which the query names."""
    if connecting and sentence == faults.LOST:
        return Fault(faults.NO_ANSWER)
    return Fault(sentence, named[1] if named and sentence in _NAMES else "")


_NAMES = (faults.NO_TABLE, faults.NO_COLUMN, faults.TWO_COLUMNS)


def _tls(address: Address) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=address.options.get("sslrootcert"))
    except (OSError, ssl.SSLError):
        raise UsageError("The file that sslrootcert of the address names is no certificate that can be read.") from None
    if address.sslmode != CHECKED:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _after_colon(words: str) -> str:
    match = _AFTER_COLON.search(words)
    return match[1] if match else ""
