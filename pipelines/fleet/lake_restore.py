"""``hclic fleet restore``: catalogues and data files of a backup put in place, with what was there kept beside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from pipelines import at_rest
from pipelines.errors import HclicError, InputError, UsageError
from pipelines.fleet import copies, data_files
from pipelines.fleet.copies import Copied
from pipelines.fleet.founding import found
from pipelines.fleet.lake_backup import DATA, FORM, is_copy
from pipelines.keeping import files
from pipelines.keeping.restore import REFERENCES, take_over
from pipelines.place import Lake
from pipelines.warehouse import catalogue, chain, gone, lakes
from pipelines.warehouse.lakes import authority_of, keep_folder, schema_of
from pipelines.warehouse.store import Warehouse

_DAMAGED = "The backup could not be opened: it is damaged, or was not made by hclic fleet backup."
_BUSY = "Somebody runs or writes at the authority's warehouse. Wait until it has ended, and run again."


@dataclass(frozen=True)
class Restored:
    """One authority that was put in place: its data files, those that were copied, and those that were there besides.

    ``unknown``: data files in its folder that the restored catalogue does not know: of later runs. They are never read.
    ``references``: references that the replaced warehouse had given since, taken over; None where there was none that
    could be read. ``kept``: schema of the database that holds the replaced catalogue.
    ``fault``: the sentence why it was not put in place.
    """

    authority: str
    files: int = 0
    copied: int = 0
    unknown: int = 0
    references: int | None = None
    kept: str | None = None
    fault: str | None = None


@dataclass(frozen=True)
class _Held:
    """What a backup holds: where its data were, and by schema tables and files (name, bytes, SHA-256)."""

    data: str
    tables: dict[str, list[Copied]] = field(default_factory=dict)
    files: dict[str, list[tuple[str, int, str]]] = field(default_factory=dict)


def restore(
    backup: Path,
    lake: Lake,
    at: datetime,
    *,
    data: str | None = None,
    is_replacing: bool = False,
    said_by: str | None = None,
) -> Iterator[Restored]:
    """Put the authority of the address, or all of the backup, in place, one after the other.

    Everything in the backup is looked at before anything changes. A data file that stands in place already is left
    where it is what the backup holds. Each catalogue comes whole or not at all.

    Args:
        backup: a catalogue that ``hclic fleet backup`` wrote, with ``data`` beside it.
        lake: the address; where no warehouse was made there, it is.
        at: the time, from the edge.
        data: where the data are to be, where no warehouse was made yet; by default where they were.
        is_replacing: whether an authority that is there may be replaced; its catalogue is kept beside.
        said_by: who asked for it.

    Raises:
        InputError: the backup is not what was written, or lacks the authority.
        UsageError: an authority is there; or the data are to be elsewhere than the warehouse has them.
        WrongKeyError: the key does not fit the backup.
        PassingError: the catalogue, or the object store, is not reached.
    """
    held = _read(backup, lake.authority)
    for listed in held.files.values():
        for name, size, digest in listed:
            if not is_copy(backup.parent / DATA / name, size, digest):
                raise InputError("A data file of the backup is missing, or is not what was written. Take another one.")
    there = lakes.authorities(lake)
    if not is_replacing and (known := [one for one in map(authority_of, held.tables) if one in there]):
        raise UsageError(
            f"The warehouse holds {', '.join(known)} already. Name another address, or add --replace: what is there is"
            " then kept beside."
        )
    with catalogue.connected(lake) as con:
        standing = catalogue.setting(con, catalogue.DATA)
    place = found(lake, data or standing or held.data)
    for schema, tables in held.tables.items():
        authority = authority_of(schema)
        try:
            yield _put(lake.of(authority), schema, tables, held.files[schema], backup, place, at, said_by)
        except HclicError as error:
            yield Restored(authority, fault=str(error))


def _read(backup: Path, authority: str | None) -> _Held:
    if not backup.is_file():
        raise InputError(f"There is no file {backup}.")
    if files.read_digest(backup) != files.sha256_of(backup):
        raise InputError(f"The backup {backup.name} is not what was written, or its .sha256 file is gone.")
    key = at_rest.key_of(os.environ, at_rest.BACKUP_KEY) or at_rest.key_of(os.environ)
    try:
        with (
            at_rest.using(key if at_rest.is_encrypted(backup) else None),
            at_rest.connect(backup, read_only=True) as con,
        ):
            row = con.execute("select data_path, form from about").fetchone()
            if row is None or row[1] != FORM:
                raise InputError("The backup was written by another version of hclic: restore it with that one.")
            held = _Held(row[0])
            wanted = None if authority is None else schema_of(authority)
            for schema, *table in con.execute("from copied order by schema_name, table_name").fetchall():
                if wanted in (None, schema):
                    held.tables.setdefault(schema, []).append(Copied(*table))
                    held.files.setdefault(schema, [])
            for schema, name, size, digest in con.execute("from data_file order by all").fetchall():
                if schema in held.files:
                    held.files[schema].append((name, size, digest))
    except duckdb.Error:
        raise InputError(_DAMAGED) from None
    if not held.tables:
        raise InputError("The backup holds no run" + (f" of authority {authority}." if authority else "."))
    return held


def _put(
    lake: Lake,
    schema: str,
    tables: Sequence[Copied],
    listed: Sequence[tuple[str, int, str]],
    backup: Path,
    place: str,
    at: datetime,
    said_by: str | None,
) -> Restored:
    is_there = lakes.exists(lake)
    with _nobody_at_work(lake, schema, is_there):
        older = _older(lake) if is_there else None
        copied, unknown = _put_files(listed, schema, backup, place)
        kept = f"{schema}_before_{at:%Y%m%d%H%M%S}" if is_there else None
        with catalogue.connected(lake) as con:
            con.run("begin")
            if kept is not None:
                con.run(f"alter schema {schema} rename to {kept}")
            copies.write(con, schema, tables)
            con.run("commit")
    try:
        references = _tell(lake, backup, older, at, said_by)
    except BaseException:
        # Without the references that were given since, numbers would be given a second time.
        with catalogue.connected(lake) as con:
            con.run("begin")
            con.run(f"drop schema {schema} cascade")
            if kept is not None:
                con.run(f"alter schema {kept} rename to {schema}")
            con.run("commit")
        raise
    return Restored(str(lake.authority), len(listed), copied, unknown, references, kept)


@contextmanager
def _nobody_at_work(lake: Lake, schema: str, is_there: bool) -> Iterator[None]:
    if not is_there:
        yield
        return
    with (
        catalogue.held(lake, schema, catalogue.RUNS, _BUSY),
        catalogue.held(lake, schema, catalogue.WRITES, _BUSY),
    ):
        yield


@dataclass(frozen=True)
class _Older:
    references: pl.DataFrame
    marks: list[tuple[object, ...]]
    lines: list[chain.Line]


def _older(lake: Lake) -> _Older | None:
    """What the warehouse that is replaced knows; None where it cannot be read."""
    try:
        with Warehouse(lake, read_only=True) as store:
            con = store.connection
            given = con.execute(f"select {', '.join(REFERENCES)} from reference_map").pl()
            return _Older(given, gone.rows(con), list(chain.lines(con)))
    except (HclicError, duckdb.Error):
        return None


def _put_files(listed: Sequence[tuple[str, int, str]], schema: str, backup: Path, place: str) -> tuple[int, int]:
    """Copy the data files that are not there; how many were copied, and how many stand there that are not listed."""
    copied = 0
    keep_folder(lakes.folder_of(place, schema))
    with data_files.opened(place) as store:
        there = set(store.names(schema))
        for name, _, digest in listed:
            if name not in there:
                try:
                    store.put(backup.parent / DATA / name, name)
                except OSError as error:
                    raise files.not_written(Path(place), error) from None
                copied += 1
            elif store.sha256_of(name) != digest:
                raise InputError("A data file that stands in place is not what the backup holds. It was left as it is.")
    return copied, len(there - {name for name, _, _ in listed})


def _tell(lake: Lake, backup: Path, older: _Older | None, at: datetime, said_by: str | None) -> int | None:
    """Take over what the replaced warehouse knew, and add the ledger's line; the number of references taken over."""
    with Warehouse(lake) as store, store.transaction():
        con = store.connection
        head, known = chain.head(con), {line.digest for line in chain.lines(con)}
        gained = 0 if older is None else take_over(con, older.references, older.marks)
        lines = [] if older is None else older.lines
        facts = {
            "sha256": files.read_digest(backup),
            "head": head,
            "replaced_head": lines[-1].digest if lines else None,
            "lines_not_in_backup": sum(line.digest not in known for line in lines),
            "references_kept": gained,
        }
        chain.append(con, "restore", la_code=None, at=at, facts=facts, said_by=said_by)
    return None if older is None else gained
