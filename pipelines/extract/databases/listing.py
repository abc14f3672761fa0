"""All tables and views that an account may read, for a draft: listed from the catalogue, and each read whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.address import DUCKDB, MYSQL, ORACLE, POSTGRESQL, SQL_SERVER, SQLITE, Address
from pipelines.errors import InputError
from pipelines.extract.databases import faults
from pipelines.extract.databases.faults import Fault
from pipelines.extract.databases.session import Session

MOST_TABLES = 200
"""Tables and views of which a draft is made."""
MOST_ROWS = 5_000_000
"""Rows of a table that is read for a draft; no table of cases has more, but logs and documents have."""
TABLE_NAME = re.compile(r"\w[\w$#& -]{0,126}(?:\.\w[\w$#& -]{0,126}){0,2}")
"""What a profile can name: a table, with its schema if need be."""

# Schema (null where the name alone finds it) and name of each table and view that the account may read.
_LISTS: Mapping[str, str] = {
    SQLITE.name: (
        "select null as in_schema, name from sqlite_master"
        " where type in ('table', 'view') and name not like 'sqlite~_%' escape '~'"
    ),
    DUCKDB.name: (
        "select nullif(schema_name, current_schema()) as in_schema, table_name as name from duckdb_tables()"
        " where not internal and not temporary and database_name = current_database()"
        " union all select nullif(schema_name, current_schema()), view_name from duckdb_views()"
        " where not internal and not temporary and database_name = current_database()"
    ),
    POSTGRESQL.name: (
        "select case when pg_table_is_visible(c.oid) then null else n.nspname::text end as in_schema,"
        " c.relname::text as name"
        " from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition"
        " and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'"
        " and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')"
    ),
    MYSQL.name: (
        "select null as in_schema, table_name as name from information_schema.tables"
        " where table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW')"
    ),
    SQL_SERVER.name: (
        "select nullif(s.name, schema_name()) as in_schema, o.name as name"
        " from sys.objects as o join sys.schemas as s on s.schema_id = o.schema_id"
        " where o.type in ('U', 'V') and o.is_ms_shipped = 0"
        " and has_perms_by_name(quotename(s.name) + '.' + quotename(o.name), 'OBJECT', 'SELECT') = 1"
    ),
    # What a user may not read is in neither view. The recycle bin is no part of the database.
    ORACLE.name: (
        "select nullif(o.owner, sys_context('userenv', 'current_schema')) as in_schema, o.name from ("
        "select owner, table_name as name from all_tables where nested = 'NO' and secondary = 'N' and dropped = 'NO'"
        " union all select owner, view_name from all_views) o"
        " where o.owner not in (select username from all_users where oracle_maintained = 'Y')"
    ),
}
_ONE_SCHEMA: Mapping[str, str] = {
    POSTGRESQL.name: " and n.nspname = current_schema()",
    ORACLE.name: " and o.owner = sys_context('userenv', 'current_schema')",
}
"""What is added where the address names a schema."""

_REASONS = {
    faults.NOT_PLAIN: "its column {detail} holds no plain text, number or date",
    faults.TWO_COLUMNS: "two of its columns are called {detail}, but for upper and lower case",
    faults.NO_COLUMNS: "it has no columns",
    faults.TOO_MANY: "it has {detail} rows, more than a table of cases",
    faults.NO_RIGHT: "the user may not read it",
    faults.NO_TABLE: "the database lists it and does not find it by that name",
    faults.SLOW: "it took longer than {minutes:g} minutes",
    faults.NO_VALUE: "a value does not fit what a view makes of it",
}
_WITHIN = (faults.NOT_PLAIN, faults.TWO_COLUMNS, faults.NO_COLUMNS, faults.TOO_MANY)
"""Found on this side: the transaction goes on as if nothing were."""
_ENDS_ALL = (
    faults.NO_ANSWER,
    faults.NO_ENTRY,
    faults.NO_DATABASE,
    faults.NO_FILE,
    faults.NO_DATABASE_FILE,
    faults.HELD,
    faults.NO_TLS,
    faults.LOST,
)


@dataclass(frozen=True)
class Taken:
    """What was read of a database for a draft."""

    place: str
    """The database in words."""
    rows: Mapping[str, int]
    """Table or view that was read → its rows."""
    unread: Mapping[str, str]
    """Table or view that was not → why."""
    said: tuple[str, ...] = ()
    """Sentences for the user: what the database cannot promise."""


def listed(session: Session, address: Address) -> list[tuple[str, ...]]:
    """The tables and views of the database that the account may read, as ``Session.name`` takes them, sorted.

    Raises:
        Fault: the catalogue cannot be read.
        InputError: they are none, or more than a draft is made of.
    """
    product = address.product.name
    sql = _LISTS[product] + (_ONE_SCHEMA.get(product, "") if address.options.get("schema") else "")
    counted = session.count(sql)
    rows = [tuple(row.values()) for batch in session.read(sql).batches for row in batch.to_pylist()]
    counted = session.sent() if counted is None else counted
    if counted is not None and counted != len(rows):
        raise Fault(faults.OTHER_COUNT, f"{len(rows):,} rows of the {counted:,} that were counted before")
    found = sorted({tuple(str(part) for part in row if part is not None) for row in rows})
    if not found:
        raise InputError(
            f"The account may read no table or view of {address.place}. Ask for the right to select from those of the"
            " homelessness system."
        )
    if len(found) > MOST_TABLES:
        schema = " name one schema in the address (?schema=NAME)," if product in _ONE_SCHEMA else ""
        raise InputError(
            f"The account may read {len(found):,} tables and views of {address.place}, and a profile is drafted from at"
            f" most {MOST_TABLES}. Use an account that may read those of homelessness only,{schema} or write the"
            " profile by hand (schemas/sources/README.md)."
        )
    return found


def read_all(
    address: Address,
    minutes: float,
    opened: Callable[[], Session],
    take: Callable[[Session, str, Path], int],
    folder: Path,
) -> Taken:
    """Read every table and view of the database into ``folder``; what cannot be read is told, and the rest goes on.

    Args:
        address: the database.
        minutes: how long one may take.
        opened: opens a session.
        take: reads a query into a file and gives the number of its rows.
        folder: a private folder.

    Raises:
        Fault: the catalogue cannot be read, or the database is gone.
        InputError: none of them can be read, or there are too many.
    """
    session = opened()
    rows: dict[str, int] = {}
    unread: dict[str, str] = {}
    said: list[str] = []
    try:
        for parts in listed(session, address):
            name = ".".join(parts)
            why = _refused(parts, rows)
            if why is None:
                try:
                    rows[name] = take(session, f"select * from {session.name(parts)}", folder / f"{name}.parquet")
                    continue
                except Fault as fault:
                    if fault.sentence in _ENDS_ALL:
                        raise
                    why = _REASONS.get(fault.sentence, "the database could not give it").format(
                        detail=fault.detail or "the same", minutes=minutes
                    )
                    if fault.sentence not in _WITHIN:
                        # Where a statement failed, some databases answer nothing more in that transaction.
                        session.close()
                        session = opened()
                        said.append(f"What comes after {name} by name was read a moment later than what comes before.")
            unread[name] = why
        if not session.snapshot:
            said.append(f"The tables of {address.place} were read one after the other, each as it was at that moment.")
    finally:
        session.close()
    if not rows:
        first = " ".join(f"{name}: {why}." for name, why in list(unread.items())[:5])
        raise InputError(f"None of the tables and views of {address.place} can be read. {first}")
    return Taken(address.place, rows, unread, tuple(said))


def _refused(parts: tuple[str, ...], known: Mapping[str, int]) -> str | None:
    name = ".".join(parts)
    if any("." in part for part in parts) or not TABLE_NAME.fullmatch(name):
        return "its name has marks that a profile cannot ask for; write a query for it under [queries]"
    if name.casefold() in {one.casefold() for one in known}:
        return "its name is that of another but for upper and lower case; write a query for it under [queries]"
    return None
