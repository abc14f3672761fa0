"""What a warehouse file holds, counted and digested table by table, to say of two files that they hold the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines import at_rest


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection to a file of a warehouse, of whatever layout, to read and write."""
    return at_rest.connect(path)


def connect_to_read(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection to any database file, as it stands: no figure is read by it, and nothing is migrated."""
    return at_rest.connect(path, read_only=True)


@dataclass(frozen=True)
class Table:
    """A table of a warehouse: ``name`` with its schema, quoted as SQL asks; its columns, each with its type."""

    name: str
    columns: tuple[tuple[str, str], ...]


def tables(con: duckdb.DuckDBPyConnection) -> list[Table]:
    """Every table of the file, by name."""
    rows = con.execute(
        "select schema_name, table_name, list((column_name, data_type) order by column_index) from duckdb_columns()"
        " where database_name = current_database() and not internal"
        " and (schema_name, table_name) in (select (schema_name, table_name) from duckdb_tables()"
        " where database_name = current_database() and not temporary) group by all order by all"
    ).fetchall()
    return [
        Table(
            f'"{table}"' if schema == "main" else f'"{schema}"."{table}"', tuple((name, kind) for name, kind in columns)
        )
        for schema, table, columns in rows
    ]


def counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Number of rows of each table."""
    found = {}
    for table in tables(con):
        row = con.execute(f"select count(*) from {table.name}").fetchone()
        assert row is not None
        found[table.name.replace('"', "")] = int(row[0])
    return found


def digests(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Number of rows of each table, and a sum over all its values that does not ask for an order.

    The sum is that of DuckDB's own hashes: two files are compared by it in one process, and it is kept nowhere.
    """
    found = {}
    for table in tables(con):
        row = con.execute(f"select count(*), coalesce(sum(hash(*columns(*))::hugeint), 0) from {table.name}").fetchone()
        assert row is not None
        found[table.name.replace('"', "")] = (int(row[0]), int(row[1]))
    return found
