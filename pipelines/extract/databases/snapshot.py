"""From an address to a private folder of Parquet files, one a query: whole, or not there at all.

All else reads that folder as an export of files.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines import arrow
from pipelines.address import DUCKDB, MYSQL, ORACLE, POSTGRESQL, SQL_SERVER, SQLITE, Address
from pipelines.at_rest import connect
from pipelines.credentials import Credentials
from pipelines.errors import InputError
from pipelines.extract.databases import faults
from pipelines.extract.databases.faults import Fault
from pipelines.extract.databases.listing import MOST_ROWS, Taken, read_all
from pipelines.extract.databases.queries import Query
from pipelines.extract.databases.session import BATCH_ROWS, MOMENT_WITH_ZONE, Reading, Session
from pipelines.sealed import copy_to

PRIVATE_FOLDER = 0o700
MEMORY = "400MB"
ROW_GROUP = 50_000
_SCRATCH = "scratch.duckdb"
_MOMENTS = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_AS_TEXT = ("TIME", "TIME WITH TIME ZONE", "INTERVAL", "UUID", "HUGEINT", "UHUGEINT", '"NULL"')


def take_snapshot(
    address: Address, queries: Sequence[Query], credentials: Credentials, folder: Path, *, minutes: float
) -> tuple[str, ...]:
    """Read every query into ``folder``, which appears when all of it is there.

    The rows are sorted by all their columns, so that the same data give the same bytes.

    Returns:
        sentences for the user: what the database cannot promise.

    Raises:
        UsageError: the driver of the database is not installed.
        InputError: the database, or a query, cannot be read. Nothing is left in the folder.
    """
    with _whole(folder) as new:
        return _fill(address, queries, credentials, new, minutes)


def take_all(address: Address, credentials: Credentials, folder: Path, *, minutes: float) -> Taken:
    """Read every table and view that the account may read into ``folder``, each whole, as ``take_snapshot`` does.

    Raises:
        UsageError: the driver of the database is not installed.
        InputError: the database cannot be read, or nothing in it. Nothing is left in the folder.
    """
    at_work = "the list of its tables"

    def take(session: Session, sql: str, path: Path) -> int:
        nonlocal at_work
        at_work = f"the table {path.stem}"
        return _take(session, sql, con, path, most=MOST_ROWS)

    with _whole(folder) as new, _told(address, minutes, lambda: at_work), _scratch(new) as con:
        return read_all(address, minutes, lambda: open_session(address, credentials, minutes), take, new)


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A private folder that is put in place when all is in it, and removed when it is not."""
    new = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=PRIVATE_FOLDER, parents=True)
    try:
        yield new
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


@contextmanager
def _told(address: Address, minutes: float, at_work: Callable[[], str]) -> Iterator[None]:
    """What goes wrong within, as an error for the user; ``at_work`` says what was read."""
    try:
        yield
    except Fault as fault:
        raise fault.error(address, at_work(), minutes) from None
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        # Nothing of it is shown: it may hold a value, or what was asked with the password.
        raise Fault(faults.FAILED, f" ({type(error).__name__})").error(address, at_work(), minutes) from None


def _fill(
    address: Address, queries: Sequence[Query], credentials: Credentials, folder: Path, minutes: float
) -> tuple[str, ...]:
    at_work = ""
    with _told(address, minutes, lambda: at_work):
        session = open_session(address, credentials, minutes)
        try:
            with _scratch(folder) as con:
                for query in queries:
                    at_work = query.words
                    sql = query.sql
                    if query.table:
                        table = session.name(query.table)
                        if query.optional and not session.has(table):
                            continue
                        sql = f"select * from {table}"
                    _take(session, sql, con, folder / f"{query.name}.parquet")
            said = () if session.snapshot else (NO_SNAPSHOT.format(place=address.place),)
        finally:
            session.close()
    if not any(folder.glob("*.parquet")):
        raise InputError(f"None of the tables that the source profile names is in {address.place}.")
    return said


NO_SNAPSHOT = (
    "The tables of {place} were read one after the other, since it does not allow snapshot isolation: a case that was"
    " changed meanwhile may be new in one and old in another. Its administrator can allow it."
)


def open_session(address: Address, credentials: Credentials, minutes: float) -> Session:
    """The session with the database of the address; ``minutes``: how long a query may take.

    Raises:
        UsageError: the driver is not installed.
        Fault: it cannot be opened.
    """
    # Each product's driver is looked for only when it is asked for.
    if address.product is DUCKDB:
        from pipelines.extract.databases.duck import DuckSession

        return DuckSession(address, minutes)
    if address.product is POSTGRESQL:
        from pipelines.extract.databases.postgres import PostgresSession

        return PostgresSession(address, credentials, minutes)
    from pipelines.extract.databases import products

    if address.product is SQLITE:
        return products.open_sqlite(address, minutes)
    openers = {MYSQL.name: products.open_mysql, SQL_SERVER.name: products.open_sql_server}
    openers[ORACLE.name] = products.open_oracle
    return openers[address.product.name](address, credentials, minutes)


@contextmanager
def _scratch(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in the private folder, in which rows are sorted: they may be more than the memory."""
    con = connect(folder / _SCRATCH)
    try:
        con.execute(f"set threads = 1; set memory_limit = '{MEMORY}'; set enable_progress_bar = false")
        yield con
    finally:
        con.close()
        for entry in folder.glob(f"{_SCRATCH}*"):
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)


def _take(session: Session, sql: str, con: duckdb.DuckDBPyConnection, path: Path, *, most: int | None = None) -> int:
    """Read one query into a file, and hold what came against what the database counted; returns the number of rows.

    ``most``: rows above which it is refused before a row is read; the query has to be one that can stand in another.
    """
    expected = session.count(sql)
    if most is not None:
        rows = session.rows_of(sql) if expected is None else expected
        if rows > most:
            raise Fault(faults.TOO_MANY, f"{rows:,}")
    reading = session.read(sql)
    _refuse_what_is_not_plain(reading.schema)
    found = _lay_down(reading, con)
    expected = session.sent() if expected is None else expected
    if expected is not None and expected != found:
        raise Fault(faults.OTHER_COUNT, f"{found:,} rows of the {expected:,} that were counted before")
    columns = ", ".join(_column(con, name, kind, reading) for name, kind in _types(con))
    options = f"format parquet, compression zstd, row_group_size {ROW_GROUP}"
    copy_to(con, f"select {columns} from answered order by all", path, options)
    con.execute("drop table answered")
    return found


def _lay_down(reading: Reading, con: duckdb.DuckDBPyConnection) -> int:
    """The rows as the table ``answered``; returns how many there are."""
    found = 0
    none = pa.Table.from_batches([], reading.schema)
    arrow.load(con, "create or replace table answered as select * from incoming", none)
    con.execute("begin")
    try:
        for batch in reading.batches:
            for start in range(0, batch.num_rows, BATCH_ROWS):
                some = pa.Table.from_batches([batch.slice(start, BATCH_ROWS)])
                arrow.load(con, "insert into answered select * from incoming", some)
            found += batch.num_rows
    except Fault:
        con.execute("rollback")
        raise
    con.execute("commit")
    return found


def _refuse_what_is_not_plain(schema: pa.Schema) -> None:
    for field in schema:
        kind = field.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise Fault(faults.NOT_PLAIN, field.name)
        if pa.types.is_fixed_size_binary(kind) or pa.types.is_binary_view(kind):
            raise Fault(faults.NOT_PLAIN, field.name)


def _types(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return [(str(row[0]), str(row[1])) for row in con.execute("describe answered").fetchall()]


def _column(con: duckdb.DuckDBPyConnection, name: str, kind: str, reading: Reading) -> str:
    """The column as it is written: in a type of its own where that reads back as the same text."""
    column = '"' + name.replace('"', '""') + '"'
    value = column
    if told := reading.kinds.get(name):
        value, kind = f"cast({column} as {told})", told.upper()
        kind = "TIMESTAMP WITH TIME ZONE" if told == MOMENT_WITH_ZONE else kind
    if kind == "TIMESTAMP WITH TIME ZONE":
        # A moment is the day, and the hour, that it was in England.
        value, kind = f"timezone('Europe/London', {value})", "TIMESTAMP"
    if kind in _MOMENTS or kind == "DATE":
        value = _day_or_moment(con, value)
    elif kind in _AS_TEXT or kind.startswith("ENUM"):
        value = f"cast({value} as varchar)"
    return f"{value} as {column}"


def _day_or_moment(con: duckdb.DuckDBPyConnection, value: str) -> str:
    """Days where no moment has a time of day; text where one is no day of a calendar, such as infinity."""
    within = f"from (select {value} as d from answered) where d is not null"
    is_calendar = _all(con, f"select bool_and(isfinite(d) and year(d) between 1 and 9999) {within}")
    if not is_calendar:
        return f"cast({value} as varchar)"
    is_day = _all(con, f"select bool_and(d = date_trunc('day', d)) {within}")
    return f"cast({value} as date)" if is_day else f"cast({value} as timestamp)"


def _all(con: duckdb.DuckDBPyConnection, sql: str) -> bool:
    row = con.execute(sql).fetchone()
    return row is None or row[0] is not False
