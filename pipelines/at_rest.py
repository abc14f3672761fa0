"""Databases that hold case data: the one place where their files are opened, encrypted where there is a key.

The key is in the environment variable ``HCLIC_WAREHOUSE_KEY`` and nowhere else. With it every file is written
encrypted (AES-256 in Galois/counter mode, by DuckDB with the cryptography of its extension ``httpfs``), the write-ahead
log and what DuckDB spills among them, and a file that is not encrypted is refused. No error says anything of the key.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb

from pipelines.errors import UsageError
from pipelines.keys import BACKUP_KEY, DIFFERENT_SIGNS, KEY, MART_KEY, NEW_KEY, SHORTEST, key_of, new_key
from pipelines.private import PRIVATE_FILE, PRIVATE_FOLDER, clear_left, is_private, keep_to_owner, private_folder

__all__ = [
    "BACKUP_KEY",
    "DIFFERENT_SIGNS",
    "KEY",
    "MART_KEY",
    "NEW_KEY",
    "PRIVATE_FILE",
    "PRIVATE_FOLDER",
    "SHORTEST",
    "WrongKeyError",
    "attach",
    "check_fits",
    "clear_left",
    "connect",
    "cursor",
    "has_key",
    "in_memory",
    "is_encrypted",
    "is_private",
    "keep_to_owner",
    "key_of",
    "load_cryptography",
    "load_extension",
    "mart_key",
    "new_key",
    "private_folder",
    "spill_to",
    "using",
    "with_extensions",
]

HELD = "hclic_held"
"""Name under which an encrypted file is attached to its connection."""
EXTENSION = "httpfs"

_MEMORY = ":memory:"
_ONE_AT_A_TIME = Lock()
_MAGIC, _FLAGS = 8, 20
"""Where in a file DuckDB's four letters stand, and its flags, of which the lowest says that it is encrypted."""


_INSTEAD: ContextVar[tuple[str | None] | None] = ContextVar("_INSTEAD", default=None)
"""The key in whose stead of the environment's a block works (``using``)."""


class WrongKeyError(UsageError):
    """The key does not fit the file: there is none, another one, or one although the file is not encrypted."""


def connect(
    path: Path | str, *, read_only: bool = False, config: Mapping[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to a database file, which is made where there is none; encrypted where a key is set.

    ``":memory:"`` is a database that is kept nowhere; what it spills is encrypted likewise.

    Raises:
        UsageError: the key cannot be used.
        WrongKeyError: it does not fit the file.
        duckdb.Error: the file cannot be opened (``errors.is_held`` for one that is held).
    """
    key, name = _key(), str(path)
    options = dict(config or {})
    if name == _MEMORY:
        # By default it would be spilled into the working directory.
        options.setdefault("temp_directory", "")
    if key is None:
        try:
            return duckdb.connect(name, read_only=read_only, config=options)
        except duckdb.Error as error:
            raise _explained(error, Path(name)) from None
    if name == _MEMORY:
        return _with_cryptography(_MEMORY, options)
    # DuckDB keeps one instance of a named database in memory for all connections of the process, as it does of a file:
    # opened twice side by side, a file would be written by two that know nothing of each other.
    with _ONE_AT_A_TIME:
        con = _with_cryptography(f"{_MEMORY}{os.path.realpath(name)}", options)
        try:
            _attach(con, Path(name), HELD, key, read_only=read_only)
            con.execute(f"use {HELD}")
            with suppress(duckdb.Error):  # it is used already
                con.execute("set temp_directory = " + _text(f"{name}.tmp"))
        except BaseException:
            con.close()
            raise
    return con


def attach(
    con: duckdb.DuckDBPyConnection, path: Path, name: str, *, read_only: bool = False, options: str = ""
) -> None:
    """Attach a file to a connection of ``connect`` under a name, encrypted where a key is set.

    Args:
        con: the connection.
        path: the file, made where there is none; where it is made, only its owner may read it.
        name: what it is called in SQL.
        read_only: do not write to it.
        options: more options of ``attach``, as in SQL.

    Raises:
        UsageError: the key cannot be used.
        WrongKeyError: it does not fit the file.
        duckdb.Error: the file cannot be opened.
    """
    is_new = not path.exists()
    _attach(con, path, name, _key(), read_only=read_only, options=options)
    if is_new and path.exists():
        path.chmod(PRIVATE_FILE)


@contextmanager
def using(key: str | None) -> Iterator[None]:
    """Open files in the block with this key (``key_of``), or with none, whatever the environment says."""
    token = _INSTEAD.set((key,))
    try:
        yield
    finally:
        _INSTEAD.reset(token)


def mart_key() -> str | None:
    """The key that the mart is written with: finance's own, where there is one and the warehouse has one too."""
    return key_of(os.environ, MART_KEY) or _key() if has_key() else None


def _key() -> str | None:
    instead = _INSTEAD.get()
    return key_of(os.environ) if instead is None else instead[0]


def has_key() -> bool:
    """Whether what is written now is encrypted.

    Raises:
        UsageError: the key cannot be used.
    """
    return _key() is not None


def check_fits(path: Path) -> None:
    """Refuse a file that is encrypted where no key is set, or not encrypted where one is. Not for one that is open.

    Raises:
        UsageError: the key cannot be used.
        WrongKeyError: it does not fit the file.
    """
    key = _key()
    if path.is_file() and is_encrypted(path) != (key is not None):
        raise _without_key(path) if key is None else _not_encrypted(path)


def cursor(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Another connection to the same database; DuckDB's own would not know which of those attached is meant."""
    own = con.cursor()
    if own.execute("select 1 from duckdb_databases() where database_name = ?", [HELD]).fetchone():
        own.execute(f"use {HELD}")
    return own


@contextmanager
def in_memory(beside: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory for the block, on one thread; what does not fit goes to a private folder (``beside``)."""
    with private_folder(beside) as folder, connect(_MEMORY) as con:
        con.execute("set enable_progress_bar = false")
        # The threads of a query cost more than they bring, and rows that nothing puts in order come in one order.
        con.execute("set threads = 1")
        spill_to(con, folder)
        yield con


def spill_to(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Have what does not fit into memory go to the folder, encrypted where a key is set."""
    con.execute("set temp_directory = " + _text(str(folder)))
    if has_key():
        load_cryptography(con)
        con.execute("set temp_file_encryption = true")


def is_encrypted(path: Path) -> bool:
    """Whether the file is an encrypted database; false where there is none.

    Not for a file that this process has open: closing it here would end DuckDB's lock on it.
    """
    # A pipe would keep the reader waiting.
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_FLAGS + 8)
    except OSError:
        return False
    return head[_MAGIC : _MAGIC + 4] == b"DUCK" and len(head) > _FLAGS and bool(head[_FLAGS] & 1)


def with_extensions(names: Sequence[str]) -> duckdb.DuckDBPyConnection:
    """A connection to a database in memory in which DuckDB's extensions are loaded; what it spills as of ``connect``.

    Raises:
        UsageError: the wheel of one is not installed, or is one of another DuckDB.
    """
    return _loaded(_MEMORY, {"temp_directory": ""}, names)


def _with_cryptography(name: str, options: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    return _loaded(name, options, (EXTENSION,))


def _loaded(name: str, options: dict[str, Any], extensions: Sequence[str]) -> duckdb.DuckDBPyConnection:
    # DuckDB's own check of the extension's signature would cost 0.2 seconds for each connection. What is loaded comes
    # with the program, from a package as it is one; the wheel's digest is what the installer checks.
    options |= {"allow_unsigned_extensions": True, "autoinstall_known_extensions": False}
    con = duckdb.connect(name, config=options)
    try:
        for extension in extensions:
            load_extension(con, extension)
        con.execute("set allow_unsigned_extensions = false")
        if has_key():
            con.execute("set temp_file_encryption = true")
    except BaseException:
        con.close()
        raise
    return con


def load_cryptography(con: duckdb.DuckDBPyConnection) -> None:
    """Load what writes encrypted files, from its wheel: nothing is fetched.

    Raises:
        UsageError: the wheel is not installed, or is one of another DuckDB.
    """
    load_extension(con, EXTENSION)


def load_extension(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension of DuckDB from its wheel: nothing is fetched.

    Raises:
        UsageError: the wheel is not installed, or is one of another DuckDB.
    """
    package = f"duckdb_extension_{name}"
    path = None
    if find_spec(package) is not None:
        path = files(package) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if path is None or not path.is_file():
        what = "Encryption" if name == EXTENSION else "A warehouse for many authorities"
        raise UsageError(
            f"{what} needs a package that is not installed: pip install"
            f" {package.replace('_', '-')}=={duckdb.__version__}."
        )
    con.execute(f"load {_text(str(path))}")


def _attach(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    name: str,
    key: str | None,
    *,
    read_only: bool = False,
    options: str = "",
) -> None:
    listed = [*(["read_only"] if read_only else []), *([options] if options else [])]
    if key is not None:
        listed.append(f"encryption_key '{key}'")
    words = f" ({', '.join(listed)})" if listed else ""
    try:
        con.execute(f"attach {'if not exists ' if name == HELD else ''}{_text(str(path))} as {name}{words}")
    except duckdb.Error as error:
        raise _explained(error, path) from None


def _explained(error: duckdb.Error, path: Path) -> Exception:
    """The error, or where a key is what keeps the file shut a sentence that says so."""
    words = str(error)
    if "without a key" in words:
        return _without_key(path)
    if "Wrong encryption key" in words:
        return WrongKeyError(f"The key in {KEY} is not the one that {path.name} is encrypted with. Set the right one.")
    if "is not encrypted" in words:
        return _not_encrypted(path)
    return error


def _without_key(path: Path) -> WrongKeyError:
    return WrongKeyError(f"{path.name} is encrypted. Set {KEY} to its key, and run again.")


def _not_encrypted(path: Path) -> WrongKeyError:
    return WrongKeyError(
        f"{KEY} is set, but {path.name} is not encrypted. Encrypt it with: hclic key encrypt --warehouse FILE; or unset"
        f" {KEY}."
    )


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
