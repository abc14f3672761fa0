"""The data files of a DuckLake where they are kept: a folder or an object store. Once written, none ever changes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from pipelines import at_rest
from pipelines.errors import InputError, PassingError
from pipelines.keeping import files
from pipelines.warehouse import lakes
from pipelines.warehouse.lakes import folder_of

if TYPE_CHECKING:
    from pg8000.native import Connection

_NAMED = """
select distinct
    holder.path, holder.path_is_relative, kept.path, kept.path_is_relative, file.path, file.path_is_relative,
    file.file_size_bytes
from (
    select table_id, path, path_is_relative, file_size_bytes from {schema}.ducklake_data_file
    union all
    select table_id, path, path_is_relative, file_size_bytes from {schema}.ducklake_delete_file
) as file
join (select distinct on (table_id) * from {schema}.ducklake_table order by table_id, begin_snapshot desc) as kept
    using (table_id)
join (select distinct on (schema_id) * from {schema}.ducklake_schema order by schema_id, begin_snapshot desc) as holder
    using (schema_id)
"""


class DataFile(NamedTuple):
    """A data file that a catalogue names: where it is below the folder of all data, and its length in bytes."""

    name: str
    bytes: int


def named(con: Connection, schema: str, data: str) -> list[DataFile]:
    """The data files that the catalogue of an authority names, for whichever snapshot, by name.

    Raises:
        InputError: one lies elsewhere than below the folder of its authority.
    """
    own, found = f"{schema}/", set()
    for *paths, size in con.run(_NAMED.format(schema=schema)):
        name = own
        for path, is_relative in zip(paths[::2], paths[1::2], strict=True):
            name = f"{name}{path}" if is_relative else str(path).removeprefix(data)
        if not name.startswith(own) or ".." in name.split("/"):
            raise InputError("The catalogue names a data file outside the folder of its authority.")
        found.add(DataFile(name, int(size)))
    return sorted(found)


class Store:
    """Where the data of a warehouse are, open to read and write."""

    def __init__(self, data: str, con: duckdb.DuckDBPyConnection | None) -> None:
        self.data, self._con = data, con

    def names(self, schema: str) -> list[str]:
        """The data files that stand there of one authority, whoever knows them, by name."""
        if self._con is None:
            root = Path(self.data)
            return sorted(path.relative_to(root).as_posix() for path in (root / schema).rglob("*.parquet"))
        pattern = f"{folder_of(self.data, schema)}**/*.parquet"
        rows = self._ask("select file from glob(?)", [pattern])
        return sorted(str(name).removeprefix(self.data) for (name,) in rows)

    def fetch(self, name: str, target: Path) -> str:
        """Copy a file to ``target``, private; its SHA-256.

        Raises:
            OSError: it could not be read or written.
            PassingError: the object store is not reached.
        """
        target.unlink(missing_ok=True)
        if self._con is None:
            descriptor = os.open(f"{self.data}{name}", os.O_RDONLY | getattr(os, "O_BINARY", 0))
            try:
                return files.copy_open(descriptor, target)
            finally:
                os.close(descriptor)
        content = self._content(name)
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, files.PRIVATE_FILE), "wb") as written:
            written.write(content)
        return hashlib.sha256(content).hexdigest()

    def sha256_of(self, name: str) -> str | None:
        """The SHA-256 of a file that stands there; None where none does."""
        if self._con is None:
            path = Path(f"{self.data}{name}")
            return files.sha256_of(path) if path.is_file() else None
        return (
            hashlib.sha256(self._content(name)).hexdigest() if self._ask("from glob(?)", [self.data + name]) else None
        )

    def put(self, source: Path, name: str) -> None:
        """Copy a file to where none stands under that name, whole or not at all.

        Raises:
            OSError: it could not be read or written.
            PassingError: the object store is not reached.
        """
        if self._con is None:
            target = Path(f"{self.data}{name}")
            target.parent.mkdir(parents=True, exist_ok=True, mode=files.PRIVATE_FOLDER)
            beside = target.with_name(f".{target.name}.new")
            beside.unlink(missing_ok=True)
            files.copy(source, beside)
            files.put_in_place(beside, target)
            return
        place = f"{self.data}{name}".replace("'", "''")
        self._ask(f"copy (select ?::blob as content) to '{place}' (format blob)", [source.read_bytes()])

    def _content(self, name: str) -> bytes:
        ((content,),) = self._ask("select content from read_blob(?)", [f"{self.data}{name}"])
        assert isinstance(content, bytes)
        return content

    def _ask(self, sql: str, given: list[object]) -> list[tuple[object, ...]]:
        assert self._con is not None
        try:
            return self._con.execute(sql, given).fetchall()
        except duckdb.Error:
            # What DuckDB says repeats the address, and may hold the key's name.
            raise PassingError(lakes.STORE_UNREACHED) from None


@contextmanager
def opened(data: str) -> Iterator[Store]:
    """The place of the data for the block.

    Raises:
        UsageError: it is an object store, and its key is not set.
    """
    if "://" not in data:
        yield Store(data, None)
        return
    with at_rest.with_extensions(("httpfs",)) as con:
        con.execute(lakes.object_store(data))
        yield Store(data, con)
