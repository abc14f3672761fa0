"""Opening a warehouse file: its layout is checked, and an older one is migrated with a copy kept beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import duckdb

from pipelines import at_rest
from pipelines.errors import HeldError, InputError, UsageError, is_held
from pipelines.paths import refuse_address
from pipelines.private import own_place
from pipelines.warehouse import history, layouts

NOT_OPENED = "The warehouse could not be opened: it is not an hclic warehouse, or its folder cannot be written."
# A day's few rows fill a small part of a block: with DuckDB's own 256 KiB, 40 daily runs of 60,000 cases make a file of
# three times its first size. The version decides how texts are packed.
STORAGE = "block_size 65536, storage_version 'v1.5.0'"

COPY_SUFFIX = ".before-migration"
"""What is added to the name of a warehouse for the copy that stands beside it while it is migrated."""


def open_file(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection to a warehouse file of the newest layout, made or migrated if need be, to read and write.

    Raises:
        UsageError: an address instead of a file, or a folder that cannot be written.
        HeldError: another program holds the file.
        InputError: the file is not a warehouse, or is of a newer layout.
    """
    refuse_address(path, "warehouse")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise UsageError(f"The folder {path.parent} cannot be written.") from None
    at_rest.clear_left(path.parent)
    # What reads a database works there: killed, it leaves what it read until somebody clears it.
    at_rest.clear_left(own_place())
    if _copy_of(path).is_file():
        _recover(path)
    if not path.exists():
        _make(path)
    con = _connect(path)
    try:
        _bring_to_newest_layout(con, path)
        history.add_missing_columns(con)
    except duckdb.Error:
        con.close()
        raise InputError(NOT_OPENED) from None
    except BaseException:
        con.close()
        raise
    return con


def open_to_read(path: Path, *, as_it_is: bool = False) -> tuple[duckdb.DuckDBPyConnection, ExitStack]:
    """A connection that only reads, and the private folder, to be closed after it, of what it spills or copies.

    An older file is migrated where it stands if it can be written, else, or with ``as_it_is``, as a copy for this
    reader alone.

    Raises:
        HeldError: another program writes to the file.
        InputError: there is no file, it is not a warehouse, or is of a newer layout.
    """
    refuse_address(path, "warehouse")
    if not path.is_file() and not _copy_of(path).is_file():
        raise InputError(f"There is no warehouse {path.name}. Make one with: hclic run … --warehouse FILE.")
    if not as_it_is and (_copy_of(path).is_file() or _is_older(path)):
        with suppress(InputError, UsageError):
            open_file(path).close()
    is_older = _is_older(path)
    with ExitStack() as held:
        folder = held.enter_context(at_rest.private_folder(path))
        read = path
        if is_older:
            read = folder / path.name
            _write_copy(path, read)
            open_file(read).close()
        con = _connect(read, read_only=True)
        _spill(con, folder)
        return con, held.pop_all()


def open_to_write(path: Path) -> tuple[duckdb.DuckDBPyConnection, ExitStack]:
    """``open_file``, and the private folder, to be closed after it, of what does not fit into memory.

    Raises:
        UsageError: an address instead of a file, or a folder that cannot be written.
        HeldError: another program holds the file.
        InputError: the file is not a warehouse, or is of a newer layout.
    """
    con = open_file(path)
    try:
        with ExitStack() as held:
            _spill(con, held.enter_context(at_rest.private_folder(path)))
            return con, held.pop_all()
    except BaseException:
        con.close()
        raise


def _spill(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    # By default it lies beside the file: readers would write over each other, and what a kill leaves would stay there.
    # Where this process has the file open already and has spilled, it goes on where it did.
    with suppress(duckdb.Error):
        con.execute(f"set temp_directory = {_quoted(folder)}")


def has_table(path: Path, name: str) -> bool:
    """Whether the file holds a table, as it stands: nothing is migrated.

    Raises:
        HeldError: another program writes to the file.
        InputError: it is no database.
    """
    with _connect(path, read_only=True) as con:
        return bool(con.execute("select 1 from duckdb_tables() where table_name = ?", [name]).fetchall())


def in_memory() -> duckdb.DuckDBPyConnection:
    """A warehouse that is kept nowhere."""
    con = _connect(":memory:")
    layouts.create(con)
    return con


def _connect(path: Path | str, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    try:
        con = at_rest.connect(path, read_only=read_only)
        con.execute("set enable_progress_bar = false")
        # As in the database of a run: a second thread costs more than it brings.
        con.execute("set threads = 1")
        stands = con.execute("select path from duckdb_databases() where database_name = current_database()").fetchone()
    except duckdb.Error as error:
        raise _sentence(error) from None
    if isinstance(path, Path) and (stands is None or stands[0] is None):
        # DuckDB opens a data file, such as a CSV, as a database in memory: all that was written would be lost.
        con.close()
        raise InputError(NOT_OPENED)
    return con


def _sentence(error: duckdb.Error) -> InputError:
    if is_held(error):
        return HeldError("Another program holds the warehouse. Wait until it has ended, and run again.")
    return InputError(NOT_OPENED)


def _make(path: Path) -> None:
    """An empty database file that only its owner may read."""
    try:
        with at_rest.connect(":memory:") as con:
            _attach_new(con, path, "made")
    except duckdb.Error as error:
        raise _sentence(error) from None


def _attach_new(con: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    at_rest.attach(con, path, name, options=STORAGE)


def _is_older(path: Path) -> bool:
    with _connect(path, read_only=True) as con:
        number = layouts.layout_of(con)
    if number is None:
        raise InputError("The file is not an hclic warehouse.")
    layouts.check_is_known(number)
    return number < layouts.NEWEST


def _copy_of(path: Path) -> Path:
    return path.with_name(f"{path.name}{COPY_SUFFIX}")


def _bring_to_newest_layout(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    number = layouts.layout_of(con)
    if number == layouts.NEWEST:
        return
    if number is not None:
        layouts.check_is_known(number)
        _keep_copy(con, path)
    con.execute("begin")
    try:
        if number is None:
            layouts.create(con)
        else:
            layouts.migrate(con, number)
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")
    if number is not None:
        con.execute("checkpoint")
        _copy_of(path).unlink()


def _keep_copy(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Keep a whole copy beside the file: it appears under its name only when it is complete."""
    folder = path.with_name(f".{path.name}.copying")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    copy_open(con, folder / path.name)
    (folder / path.name).replace(_copy_of(path))
    folder.rmdir()


def _recover(path: Path) -> None:
    """End a migration that was interrupted: done if it had been committed, else the file is as it was before.

    Raises:
        HeldError: another program holds the file, so that the migration may be under way.
    """
    try:
        with _connect(path) as con:
            if layouts.layout_of(con) == layouts.NEWEST:
                _copy_of(path).unlink()
                return
    except HeldError:
        raise
    except (InputError, duckdb.Error):
        pass
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    _copy_of(path).replace(path)


def _write_copy(path: Path, target: Path) -> None:
    with at_rest.in_memory(target) as con:
        at_rest.attach(con, path, "original", read_only=True)
        _copy_database(con, "original", target)


@contextmanager
def held_to_copy(path: Path) -> Iterator[Callable[[Path], None]]:
    """Let nobody write to a warehouse until the block ends; gives what writes all that it holds into a new file.

    The caller has laid into the file what waited beside it (``checkpoint``).

    Raises:
        HeldError: another program writes to it, or has since.
        InputError: it cannot be opened.
    """
    with at_rest.in_memory(path) as con:
        try:
            at_rest.attach(con, path, "original", read_only=True)
        except duckdb.Error as error:
            raise _sentence(error) from None
        if path.with_name(f"{path.name}.wal").exists():
            raise HeldError("Another program wrote to the warehouse meanwhile. Nothing was changed. Run it again.")

        def copy(target: Path) -> None:
            _copy_database(con, "original", target)
            if os.name == "nt":  # Windows replaces no file that is open.
                con.execute("detach original")

        yield copy


def copy_open(con: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Write what an open file holds into a new one, in which nothing stands that the tables do not hold."""
    row = con.execute("select current_database()").fetchone()
    assert row is not None
    _copy_database(con, row[0], target)


def _copy_database(con: duckdb.DuckDBPyConnection, name: str, target: Path) -> None:
    """Copy by DuckDB itself: closing a second file handle of this process would end DuckDB's lock on the file."""
    _attach_new(con, target, "copied")
    con.execute(f'copy from database "{name}" to copied')
    con.execute("detach copied")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
