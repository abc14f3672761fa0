"""A file whose bytes lie in an encrypted database, where a key is set: what was read of a database, until a run ends.

The file keeps its name, and who reads it gets the bytes that would stand in it without a key: digests are the same.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import duckdb

from pipelines import at_rest
from pipelines.errors import InputError

_PART = 16 << 20
"""Bytes of one row: a value of DuckDB is kept in memory whole."""
_IN_MEMORY = "memory"


def copy_to(con: duckdb.DuckDBPyConnection, query: str, path: Path, options: str) -> None:
    """DuckDB's ``copy`` of a query into a file for its owner alone, encrypted where a key is set.

    Raises:
        duckdb.Error: the query cannot be carried out, or the file not be written.
    """
    if not at_rest.has_key():
        con.execute(f"copy ({query}) to {_text(str(path))} ({options})")
        path.chmod(at_rest.PRIVATE_FILE)
        return
    # Parquet has an encryption of its own, with which no two files of the same rows would have the same digest.
    import fsspec

    memory = fsspec.filesystem(_IN_MEMORY)
    if not con.filesystem_is_registered(_IN_MEMORY):
        con.register_filesystem(memory)
    # The path is that of this file alone: all of the process share what lies in memory.
    place = f"/hclic{path.resolve().as_posix()}"
    try:
        con.execute(f"copy ({query}) to {_text(f'{_IN_MEMORY}:/{place}')} ({options})")
        _seal(memory.cat_file(place), path)
    finally:
        if memory.exists(place):
            memory.rm(place)


def is_sealed(path: Path) -> bool:
    """Whether the file's bytes lie in a database."""
    return at_rest.is_encrypted(path)


def size_of(path: Path) -> int:
    """The number of bytes that ``opened`` gives.

    Raises:
        UsageError: the key does not fit.
        InputError: the database holds something else.
    """
    with _database(path) as con:
        row = con.execute("select sum(octet_length(bytes)) from part").fetchone()
    return int(row[0]) if row and row[0] else 0


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes, as a stream in memory.

    Raises:
        UsageError: the key does not fit.
        InputError: the database holds something else.
    """
    stream = io.BytesIO()
    with _database(path) as con:
        reading = con.execute("select bytes from part order by number")
        while row := reading.fetchone():
            stream.write(row[0])
    stream.seek(0)
    yield stream


@contextmanager
def _database(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        with at_rest.connect(path, read_only=True) as con:
            yield con
    except duckdb.Error:
        raise InputError(f"The file {path.name} is an encrypted database, and not one of hclic's.") from None


def _seal(content: bytes, path: Path) -> None:
    path.unlink(missing_ok=True)
    with at_rest.connect(":memory:") as con:
        at_rest.attach(con, path, "sealed")
        con.execute("create table sealed.part (number integer, bytes blob)")
        for number, start in enumerate(range(0, len(content), _PART)):
            con.execute("insert into sealed.part values (?, ?)", [number, content[start : start + _PART]])


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
