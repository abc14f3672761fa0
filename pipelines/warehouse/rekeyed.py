"""A warehouse under another key, or under none: written whole beside the file, checked, and put in its place."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines import at_rest
from pipelines.errors import HeldError, InputError, UsageError, is_held
from pipelines.warehouse import chain, files

ENCRYPTED, ROTATED, DECRYPTED = "encrypted", "new key", "decrypted"
_ORIGINAL = "original"


def rekey(path: Path, old: str | None, new: str | None, *, at: datetime, by: str | None) -> str:
    """Write the file anew under the key ``new`` (``at_rest.key_of``), with a line in its ledger that says so.

    Killed at any moment, it leaves one good file: under the old key or under the new one.

    Returns:
        what was done: ``ENCRYPTED``, ``ROTATED`` or ``DECRYPTED``.

    Raises:
        UsageError: the keys are the same, or the folder cannot be written.
        WrongKeyError: the old key does not fit the file.
        HeldError: another program has the file open.
        InputError: there is no such warehouse, or the copy is not what it should be.
    """
    if old == new:
        raise UsageError("The new key is the old one. Give another, made with: hclic key new.")
    if not path.is_file():
        raise InputError(f"There is no warehouse {path.name}.")
    done = DECRYPTED if new is None else ENCRYPTED if old is None else ROTATED
    path = path.resolve()
    with at_rest.using(old):
        # What a killed run left in the write-ahead log is laid into the file, and an older layout becomes the newest.
        try:
            with files.open_file(path) as con:
                con.execute("checkpoint")
        except duckdb.Error as error:
            # Its text may hold a value.
            raise _sentence(error) from None
    with at_rest.private_folder(path) as folder:
        if folder.parent.parent != path.parent:
            raise UsageError(f"The folder {path.parent} cannot be written.")
        copy = folder / path.name
        try:
            with at_rest.using(old or new), at_rest.in_memory(path) as held:
                with at_rest.using(old):
                    at_rest.attach(held, path, _ORIGINAL, read_only=True)
                held.execute(f"use {_ORIGINAL}")
                if path.with_name(f"{path.name}.wal").exists():
                    raise HeldError("Another program wrote to the warehouse meanwhile. Run the command again.")
                # Held to read until the copy stands in its place: who would write waits, and then opens the copy.
                _write(held, copy, new, done, at, by)
                _check(held, copy, new)
                _put_in_place(held, copy, path)
        except (duckdb.Error, OSError) as error:
            # Its text may hold a value.
            raise _sentence(error) from None
    return done


def _write(
    held: duckdb.DuckDBPyConnection, copy: Path, key: str | None, done: str, at: datetime, by: str | None
) -> None:
    with at_rest.using(key):
        at_rest.attach(held, copy, "copied", options=files.STORAGE)
        held.execute(f"copy from database {_ORIGINAL} to copied")
        held.execute("detach copied")
        with at_rest.connect(copy) as con:
            con.execute("begin")
            chain.append(con, "key", la_code=None, at=at, facts={"what": done}, said_by=by)
            con.execute("commit")
            con.execute("checkpoint")


def _check(held: duckdb.DuckDBPyConnection, copy: Path, key: str | None) -> None:
    """Refuse a copy that does not hold each row of each table, or whose ledger is not whole."""
    with at_rest.using(key), at_rest.connect(copy, read_only=True) as con:
        before, after = _contents(held), _contents(con)
        differ = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
        row = con.execute("select count(*) from ledger_line").fetchone()
        was = held.execute("select count(*) from ledger_line").fetchone()
        assert row is not None and was is not None
        if differ != ["main.ledger_line"] or row[0] != was[0] + 1:
            raise InputError("The copy under the new key is not what the warehouse holds; nothing was changed.")
        if chain.verify(con) and not chain.verify(held):
            raise InputError("The ledger of the copy is not whole; nothing was changed.")


def _contents(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int | None]]:
    """Rows of each table, and a number made of all their values, by schema and name."""
    names = con.execute(
        "select schema_name, table_name from duckdb_tables()"
        " where not temporary and not internal and database_name = current_database() order by all"
    ).fetchall()
    found = {}
    for schema, table in names:
        row = con.execute(f'select count(*), bit_xor(hash(one)) from "{schema}"."{table}" as one').fetchone()
        assert row is not None
        found[f"{schema}.{table}"] = row
    return found


def _put_in_place(held: duckdb.DuckDBPyConnection, copy: Path, path: Path) -> None:
    with copy.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        copy.replace(path)
    except PermissionError:
        # Windows does not replace a file that is open.
        held.close()
        copy.replace(path)
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _sentence(error: Exception) -> Exception:
    if isinstance(error, duckdb.Error) and is_held(error):
        return HeldError("Another program holds the warehouse. Wait until it has ended, and run again.")
    return InputError(
        "The warehouse could not be written anew: the disk is full, or its folder cannot be written. It is as it was."
    )
