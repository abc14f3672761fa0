"""``hclic fleet backup``: the catalogues of a DuckLake as they stood at one moment, and the data files that they name.

In the folder of backups each call adds one file, ``catalogue-<time>.duckdb``, with its digest beside it. It holds the
catalogues, which hold the keys of the data, and the list of the data files with their digests; it is encrypted where
``HCLIC_WAREHOUSE_KEY`` is set. The data files are in ``data``, for all backups of the folder: none ever changes once
it is written, so a later backup copies only those that are new.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from pipelines import arrow, at_rest
from pipelines.errors import HclicError, InputError, PassingError, UsageError
from pipelines.fleet import copies, data_files
from pipelines.fleet.data_files import DataFile, Store
from pipelines.keeping import files
from pipelines.place import Lake
from pipelines.run.lock import alone_in
from pipelines.warehouse import catalogue, chain
from pipelines.warehouse.lakes import authority_of
from pipelines.warehouse.store import Warehouse

DATA = "data"
"""Folder of the data files below that of the backups."""
FORM = 1
_NAME, _SUFFIX = "catalogue-", ".duckdb"
NOT_THE_SAME = "A data file of the warehouse is not what its catalogue says. Nothing was put in place."
_GONE = "A data file that the catalogue names is not there, or cannot be read. Nothing was put in place. Run it again."
MADE = {
    "about": "form integer not null, made_at varchar not null, data_path varchar not null",
    "copied": "schema_name varchar not null, table_name varchar not null, definition varchar not null,"
    " content blob not null",
    "data_file": "schema_name varchar not null, name varchar not null, bytes bigint not null, sha256 varchar not null",
}
"""The tables of a backup's catalogue, and their columns as in SQL."""
_FILES = {"schema_name": pl.String, "name": pl.String, "bytes": pl.Int64, "sha256": pl.String}


@dataclass(frozen=True)
class Backup:
    """A backup that was written: its catalogue and digest, authorities, data files and how many of them were new.

    ``is_encrypted``: the catalogue, with the keys of the data in it. ``without_line``: authorities whose ledger has no
    line of it, because somebody wrote to them just then or this user may not.
    """

    path: Path
    sha256: str
    authorities: tuple[str, ...]
    files: int
    bytes: int
    new_files: int
    is_encrypted: bool
    without_line: tuple[str, ...] = ()


def back_up(lake: Lake, to: Path, at: datetime, *, said_by: str | None = None, seconds: float = 600) -> Backup:
    """Back up the authority's catalogue and data, or those of all that this user may read; nobody waits for it.

    What is being written meanwhile is not in it. It appears under its name only when every data file that it names
    stands in the folder, with the length that the catalogue says and the digest of the one that was read.

    Args:
        lake: the address.
        to: the folder of backups, which is made; best one that is named for this warehouse alone.
        at: the time, from the edge.
        said_by: who asked for it.
        seconds: how long to wait for another backup into the folder.

    Raises:
        InputError: no warehouse was made there, it holds no such authority, or a file cannot be read.
        PassingError: the catalogue, or the object store with the data, is not reached.
        UsageError: the folder cannot be written, or a backup of this second is there.
        HeldError: another backup into the folder was still at work.
    """
    target = to / f"{_NAME}{at:%Y-%m-%dT%H%M%SZ}{_SUFFIX}"
    try:
        to.mkdir(parents=True, exist_ok=True, mode=files.PRIVATE_FOLDER)
    except OSError as error:
        raise files.not_written(to, error) from None
    if target.exists():
        raise UsageError(f"The file {target} is there already, and a backup overwrites nothing.")
    with ExitStack() as held:
        held.enter_context(alone_in(to, seconds))
        files.clear_unfinished(to, target.stem)
        folder = held.enter_context(files.unfinished(target, files.COPYING))
        with catalogue.connected(lake) as con:
            schemas, data = _schemas(lake, catalogue.schemas(con)), catalogue.data_path(con)
        held.enter_context(copies.files_kept(lake, schemas))
        copy = folder / target.name
        with at_rest.connect(copy) as written:
            for table, columns in MADE.items():
                written.execute(f"create table {table} ({columns})")
            written.execute("insert into about values (?, ?, ?)", [FORM, at.isoformat(timespec="seconds"), data])
            wanted = _copy_catalogues(lake, schemas, data, written)
            rows, new = _copy_files(wanted, data, to)
            arrow.load(written, "insert into data_file by name select * from incoming", rows)
        copy.chmod(files.PRIVATE_FILE)
        digest = files.sha256_of(copy)
        files.write_digest(digest, target)
        files.put_in_place(copy, target)
        authorities = tuple(authority_of(schema) for schema in schemas)
        made = Backup(target, digest, authorities, rows.height, int(rows["bytes"].sum()), new, at_rest.has_key())
    return replace(made, without_line=_write_lines(lake, made, at, said_by))


def _schemas(lake: Lake, found: list[str]) -> list[str]:
    wanted = [one for one in found if lake.authority in (None, authority_of(one))]
    if not wanted:
        of = "" if lake.authority is None else f" of authority {lake.authority}"
        raise InputError(f"The warehouse holds no run{of}.")
    return wanted


def _copy_catalogues(
    lake: Lake, schemas: list[str], data: str, written: duckdb.DuckDBPyConnection
) -> dict[str, list[DataFile]]:
    wanted = {}
    with copies.at_one_moment(lake) as con:
        for schema in schemas:
            catalogue.work_as(con, schema)
            for one in copies.tables(con, schema):
                written.execute("insert into copied values (?, ?, ?, ?)", [schema, *one])
            wanted[schema] = data_files.named(con, schema, data)
            con.run("reset role")
    return wanted


def _copy_files(wanted: dict[str, list[DataFile]], data: str, to: Path) -> tuple[pl.DataFrame, int]:
    """Bring the data files into the folder: one row per file, and how many were copied."""
    known, rows, new = _digests_known(to), [], 0
    with data_files.opened(data) as store:
        for schema, listed in wanted.items():
            for one in listed:
                place = to / DATA / one.name
                digest = known.get(one.name)
                if digest is None or not is_copy(place, one.bytes, digest):
                    digest, new = _fetched(store, one, place), new + 1
                rows.append((schema, one.name, one.bytes, digest))
    return pl.DataFrame(rows, schema=_FILES, orient="row"), new


def is_copy(place: Path, size: int, digest: str) -> bool:
    """Whether a file of the backup stands there with this length and digest."""
    return place.is_file() and place.stat().st_size == size and files.sha256_of(place) == digest


def _fetched(store: Store, one: DataFile, place: Path) -> str:
    beside = place.with_name(f".{place.name}.new")
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=files.PRIVATE_FOLDER)
        digest = store.fetch(one.name, beside)
    except (FileNotFoundError, PermissionError, PassingError) as error:
        raise error if isinstance(error, PassingError) else InputError(_GONE) from None
    if beside.stat().st_size != one.bytes or files.sha256_of(beside) != digest:
        beside.unlink()
        raise InputError(NOT_THE_SAME)
    files.put_in_place(beside, place)
    return digest


def catalogues_in(to: Path) -> list[Path]:
    """The catalogues of backups in a folder, oldest first."""
    return sorted(to.glob(f"{_NAME}*{_SUFFIX}"))


def _digests_known(to: Path) -> dict[str, str]:
    """Digest by data file, of the newest earlier backup that this key opens."""
    for path in reversed(catalogues_in(to)):
        try:
            with at_rest.connect(path, read_only=True) as con:
                return dict(con.execute("select name, sha256 from data_file").fetchall())
        except (HclicError, duckdb.Error):
            continue
    return {}


def _write_lines(lake: Lake, made: Backup, at: datetime, said_by: str | None) -> tuple[str, ...]:
    """Tell the ledger of each authority; the backup stands without it."""
    without = []
    facts = {"file": str(made.path.resolve()), "sha256": made.sha256, "files": made.files, "bytes": made.bytes}
    for authority in made.authorities:
        try:
            with Warehouse(lake.of(authority)) as store, store.transaction():
                chain.append(store.connection, "backup", la_code=None, at=at, facts=facts, said_by=said_by)
        except HclicError:
            without.append(authority)
    return tuple(without)
