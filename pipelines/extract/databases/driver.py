"""A database that is read through a Python driver (DB-API 2.0): SQLite, MySQL and MariaDB, SQL Server, Oracle.

What differs between them is a ``Dialect``; the rest stands here once, so that what is tested with one holds for all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa

from pipelines.extract.databases import faults
from pipelines.extract.databases.duck import refuse_doubles
from pipelines.extract.databases.faults import Fault
from pipelines.extract.databases.session import (
    BATCH_ROWS,
    DAY,
    MOMENT,
    MOMENT_WITH_ZONE,
    YES_NO,
    Reading,
)

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TEXTS = {str, type(None)}


@dataclass(frozen=True)
class Dialect:
    """What differs from database to database."""

    begin: tuple[str, ...]
    """What makes the session read-only, and all of it one snapshot."""
    quote: tuple[str, str]
    """What stands before and after a name."""
    fault_of: Callable[[Exception], Fault]
    """What an error of the driver means, by its number; nothing of its words is passed on."""
    nothing: str = "select * from {table} where 1 = 0"
    """Asks for a table without reading it."""
    counts_first: bool = True
    """Whether a query can stand within ``select count(*) from ( … )``."""
    sent: str = ""
    """Asks how many rows the last query sent, where it was not counted first."""
    alias: str = " as query"
    snapshot: bool = True


class DriverSession:
    """A read-only session through a connection of a driver."""

    def __init__(self, connection: Any, dialect: Dialect) -> None:
        self._connection, self._dialect = connection, dialect
        self.snapshot = dialect.snapshot
        self._asked: list[str] = []
        try:
            for statement in dialect.begin:
                self._run(statement).close()
        except BaseException:
            self.close()
            raise

    def name(self, parts: tuple[str, ...]) -> str:
        before, after = self._dialect.quote
        return ".".join(
            part if _PLAIN_NAME.fullmatch(part) else f"{before}{part.replace(after, after * 2)}{after}"
            for part in parts
        )

    def has(self, table: str) -> bool:
        try:
            self._run(self._dialect.nothing.format(table=table)).close()
        except Fault as fault:
            if fault.sentence == faults.NO_TABLE:
                return False
            raise
        return True

    def count(self, sql: str) -> int | None:
        if not self._dialect.counts_first:
            self._asked = []
            return None
        self._asked = self._columns(sql)
        return self.rows_of(sql)

    def rows_of(self, sql: str) -> int:
        cursor = self._run(f"select count(*) from (\n{sql}\n){self._dialect.alias}")
        row = self._fetched(cursor.fetchone)
        cursor.close()
        return int(row[0])

    def read(self, sql: str) -> Reading:
        cursor = self._run(sql)
        names = _names(cursor)
        refuse_doubles(names)
        if self._asked and names != self._asked:
            raise Fault(faults.CHANGED)
        schema = pa.schema([(name, pa.string()) for name in names])
        kinds: dict[str, str] = {}
        return Reading(schema, self._batches(cursor, schema, kinds), kinds)

    def sent(self) -> int | None:
        if not self._dialect.sent:
            return None
        cursor = self._run(self._dialect.sent)
        row = self._fetched(cursor.fetchone)
        cursor.close()
        return int(row[0])

    def close(self) -> None:
        # It ends with the process at the latest; what was read is whole or thrown away by then.
        with suppress(Exception):
            self._connection.close()

    def _columns(self, sql: str) -> list[str]:
        cursor = self._run(f"select * from (\n{sql}\n){self._dialect.alias} where 1 = 0")
        names = _names(cursor)
        cursor.close()
        return names

    def _run(self, sql: str) -> Any:
        def run() -> Any:
            cursor = self._connection.cursor()
            cursor.arraysize = BATCH_ROWS
            cursor.execute(sql)
            return cursor

        return self._fetched(run)

    def _fetched(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Fault:
            raise
        except Exception as error:
            raise self._dialect.fault_of(error) from None

    def _batches(self, cursor: Any, schema: pa.Schema, kinds: dict[str, str]) -> Iterator[pa.RecordBatch]:
        found: list[set[type]] = [set() for _ in schema.names]
        try:
            while rows := self._fetched(lambda: cursor.fetchmany(BATCH_ROWS)):
                cells = list(zip(*rows, strict=True))
                arrays = [
                    _texts(name, values, types) for name, values, types in zip(schema.names, cells, found, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        finally:
            # Rows that nobody took would stand in the way of the next query.
            with suppress(Exception):
                cursor.close()
        kinds.update({name: kind for name, types in zip(schema.names, found, strict=True) if (kind := _kind(types))})


class _Zoned:
    """Stands for a moment with its zone among the types of a column."""


def _names(cursor: Any) -> list[str]:
    return [str(one[0]) for one in cursor.description or ()]


def _texts(name: str, values: Sequence[Any], types: set[type]) -> pa.Array:
    """The values of a column as text; their types are added to ``types``."""
    here = set(map(type, values))
    types |= here - {type(None)}
    if here <= _TEXTS:
        return pa.array(values, pa.string())
    if datetime in here and any(type(value) is datetime and value.tzinfo is not None for value in values):
        types.add(_Zoned)
    return pa.array([None if value is None else _text(name, value) for value in values], pa.string())


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | UUID | time | timedelta):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    raise Fault(faults.NOT_PLAIN, name)


def _kind(types: set[type]) -> str:
    """What all texts of a column are, in the words of DuckDB; nothing where they differ, or are just texts."""
    if types == {datetime, _Zoned}:
        return MOMENT_WITH_ZONE
    of_one = {date: DAY, datetime: MOMENT, bool: YES_NO}
    return of_one.get(next(iter(types)), "") if len(types) == 1 else ""
