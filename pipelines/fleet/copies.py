"""The catalogues of authorities read from PostgreSQL as they stood at one moment, and written into it again."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from pipelines.errors import InputError
from pipelines.place import Lake
from pipelines.warehouse import catalogue
from pipelines.warehouse.catalogue import identifier

if TYPE_CHECKING:
    from pg8000.native import Connection

FILES = "ducklake_data_file"
"""Table of a catalogue by which who reads its files shows: PostgreSQL knows who has read it and has not ended."""


class Copied(NamedTuple):
    """A table of a catalogue: its columns and keys as in SQL, and its rows as PostgreSQL's ``copy`` writes them."""

    name: str
    definition: str
    content: bytes


def tables(con: Connection, schema: str) -> Iterator[Copied]:
    """The tables of a schema, by name."""
    found = con.run("select tablename from pg_tables where schemaname = :schema order by 1", schema=schema)
    for (name,) in found:
        columns = con.run(
            "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute"
            " where attrelid = cast(:table as regclass) and attnum > 0 and not attisdropped order by attnum",
            table=f"{schema}.{identifier(name)}",
        )
        keys = con.run(
            "select pg_get_constraintdef(oid) from pg_constraint"
            " where conrelid = cast(:table as regclass) and contype in ('p', 'u') order by 1",
            table=f"{schema}.{identifier(name)}",
        )
        parts = [f"{identifier(one)} {kind}{' not null' if is_needed else ''}" for one, kind, is_needed in columns]
        parts += [str(key) for (key,) in keys]
        stream = io.BytesIO()
        con.run(f"copy {schema}.{identifier(name)} to stdout", stream=stream)
        yield Copied(str(name), ", ".join(parts), stream.getvalue())


def write(con: Connection, schema: str, copied: Sequence[Copied]) -> None:
    """Make a schema and its tables; called inside a transaction."""
    con.run(f"create schema {schema}")
    for one in copied:
        con.run(f"create table {schema}.{identifier(one.name)} ({one.definition})")
        con.run(f"copy {schema}.{identifier(one.name)} from stdin", stream=io.BytesIO(one.content))


@contextmanager
def at_one_moment(lake: Lake) -> Iterator[Connection]:
    """A connection that sees the database as it stood when it first asked, for the block.

    Raises:
        PassingError: the catalogue cannot be reached.
        InputError: this user may not read what it asks for.
    """
    from pg8000.native import DatabaseError

    with catalogue.connected(lake) as con:
        con.run("begin isolation level repeatable read read only")
        try:
            yield con
        except DatabaseError:
            raise InputError("The catalogue of the warehouse could not be read: this user may not.") from None


@contextmanager
def files_kept(lake: Lake, schemas: Sequence[str]) -> Iterator[None]:
    """Have nobody take away data files of these authorities while the block lasts; nobody waits for it.

    Raises:
        PassingError: the catalogue cannot be reached.
    """
    from pg8000.native import DatabaseError

    with catalogue.connected(lake) as con:
        con.run("begin")
        con.run("set local idle_in_transaction_session_timeout = 0")
        for schema in schemas:
            catalogue.work_as(con, schema)
            try:
                con.run(f"lock table {schema}.{FILES} in access share mode")
            except DatabaseError:
                raise InputError("The catalogue of the warehouse could not be read: this user may not.") from None
            con.run("reset role")
        yield


def are_files_read(lake: Lake, schema: str) -> bool:
    """Whether somebody has asked which data files an authority has, and has not ended: a reader, or a backup."""
    with catalogue.connected(lake) as con:
        return bool(
            con.run(
                "select 1 from pg_locks join pg_class on pg_class.oid = relation"
                " join pg_namespace on pg_namespace.oid = relnamespace"
                " where database = (select oid from pg_database where datname = current_database())"
                " and nspname = :schema and relname = :files and granted and mode = 'AccessShareLock'",
                schema=schema,
                files=FILES,
            )
        )
