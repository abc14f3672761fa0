"""``hclic backup``: a whole copy of a warehouse, consistent whoever reads it meanwhile, and verified after writing."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.errors import HeldError, InputError, UsageError, is_held
from pipelines.keeping import files
from pipelines.keeping.tables import connect, connect_to_read, counts, digests
from pipelines.paths import refuse_address
from pipelines.run.lock import alone_at, alone_in, wait
from pipelines.run.storing import open_store
from pipelines.warehouse import chain, layouts
from pipelines.warehouse.files import NOT_OPENED

SUFFIX = ".duckdb"
_WAL = ".wal"
NOT_THE_SAME = "The copy does not hold what the warehouse holds, and was removed. Run it again."
LINE_SECONDS = 30.0
"""How long the line of the ledger waits for readers to close the file: the backup stands without it."""


@dataclass(frozen=True)
class Backup:
    """A backup that was written and verified: its file, bytes, digest, tables and rows.

    ``is_in_ledger``: the warehouse has a line of it. ``faults``: how many lines of its ledger are not as they were
    written, there and in the copy.
    """

    path: Path
    bytes: int
    sha256: str
    tables: int
    rows: int
    layout: int
    is_in_ledger: bool
    faults: int


def back_up(warehouse: Path, to: Path, at: datetime, *, said_by: str | None = None, seconds: float = 600) -> Backup:
    """Write a copy of the warehouse, as it stands, and verify it.

    Runs wait meanwhile, readers do not. The copy appears under its name, with its digest beside it, only when it was
    opened, every value of it read, and found to hold what the warehouse holds. An encrypted file stays encrypted.

    Args:
        warehouse: the file.
        to: a folder, in which the copy gets the warehouse's name and the time, or the file to write (``.duckdb``).
        at: the time, from the edge.
        said_by: who asked for it.
        seconds: how long to wait for a run.

    Raises:
        InputError: the warehouse cannot be read, or there is no space.
        UsageError: the folder cannot be written, or the file is there already.
        HeldError: a run, or another program that writes, still held the warehouse.
    """
    refuse_address(warehouse, "warehouse")
    refuse_address(to, "backup")
    if not warehouse.is_file():
        raise InputError(f"There is no warehouse {warehouse.name}. hclic run makes one.")
    target = _target(warehouse, to, at)
    if target.exists():
        raise UsageError(f"The file {target} is there already, and a backup overwrites nothing. Name another file.")
    with ExitStack() as held:
        held.enter_context(alone_in(target.parent, seconds))
        held.enter_context(alone_at(warehouse, seconds))
        files.clear_unfinished(target.parent, warehouse.stem)
        folder = held.enter_context(files.unfinished(target, files.COPYING))
        copy = folder / target.name
        original = _copy(warehouse, copy, seconds)
        faults = _verify(copy, original)
        digest, size = files.sha256_of(copy), copy.stat().st_size
        if original.sha256 not in (None, digest):
            raise InputError(NOT_THE_SAME)
        # A backup under its name always has its digest beside it.
        files.write_digest(digest, target)
        try:
            files.put_in_place(copy, target)
        except OSError:
            files.digest_file(target).unlink(missing_ok=True)
            raise
        rows = sum(original.rows.values())
        made = Backup(target, size, digest, len(original.rows), rows, original.layout, False, faults)
        return Backup(**{**vars(made), "is_in_ledger": _write_line(warehouse, made, at, said_by, seconds)})


def _target(warehouse: Path, to: Path, at: datetime) -> Path:
    is_file = to.suffix == SUFFIX and not to.is_dir()
    target = to if is_file else to / f"{warehouse.stem}-{at:%Y-%m-%dT%H%M%SZ}{SUFFIX}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=files.PRIVATE_FOLDER)
    except OSError as error:
        raise files.not_written(target.parent, error) from None
    return target


@dataclass(frozen=True)
class _Original:
    """What was copied: its layout, rows by table, and what the copy is held against.

    ``sha256``: of the bytes, where nothing waited beside the file; else ``digests``, of each table.
    """

    layout: int
    rows: dict[str, int]
    sha256: str | None
    digests: dict[str, tuple[int, int]] | None


def _copy(warehouse: Path, copy: Path, seconds: float) -> _Original:
    """Copy the file as readers see it, with what waits beside it.

    A connection that reads keeps writers away while the bytes are copied, and lets readers in.
    """
    with ExitStack() as held:
        descriptors: list[int] = []
        held.callback(_close, descriptors)
        opened = []

        def is_free() -> bool:
            with suppress(HeldError):
                opened.append(_reading(warehouse))
            return bool(opened)

        wait(f"another program writes to the warehouse {warehouse}", is_free, seconds)
        con = held.enter_context(opened[0])
        layout = layouts.layout_of(con)
        if layout is None:
            raise InputError(NOT_OPENED)
        layouts.check_is_known(layout)
        sha256 = None
        waiting = warehouse.with_name(warehouse.name + _WAL)
        is_waiting = waiting.exists() and waiting.stat().st_size > 0
        for source in (warehouse, waiting) if is_waiting else (warehouse,):
            descriptors.append(files.opened_to_copy(source))
            sha256 = files.copy_open(descriptors[-1], copy.with_name(copy.name + source.name[len(warehouse.name) :]))
        if is_waiting:
            return _Original(layout, counts(con), None, digests(con))
        return _Original(layout, counts(con), sha256, None)


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _reading(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return connect_to_read(path)
    except duckdb.Error as error:
        if is_held(error):
            raise HeldError("Another program holds the warehouse. Wait until it has ended, and run again.") from None
        raise InputError(NOT_OPENED) from None


def _verify(copy: Path, original: _Original) -> int:
    """Lay into the copy what waited beside it, read every value, and hold it against the warehouse.

    Returns:
        how many lines of the ledger are not as they were written.

    Raises:
        InputError: the copy does not hold what the warehouse holds.
    """
    try:
        if original.digests is not None:
            with connect(copy) as con:
                con.execute("checkpoint")
        with connect_to_read(copy) as con:
            found = digests(con)
            rows = {name: count for name, (count, _) in found.items()}
            if rows != original.rows or original.digests not in (None, found):
                raise InputError(NOT_THE_SAME)
            number = layouts.layout_of(con)
            return len(chain.verify(con)) if number == layouts.NEWEST else 0
    except duckdb.Error:
        raise InputError("The copy could not be opened, and was removed. Run it again.") from None


def _write_line(warehouse: Path, made: Backup, at: datetime, said_by: str | None, seconds: float) -> bool:
    """Tell the ledger of the warehouse; not where the file is of an older layout or a reader stays at it."""
    if made.layout != layouts.NEWEST:
        return False
    facts = {
        "file": str(made.path.resolve()),
        "sha256": made.sha256,
        "bytes": made.bytes,
        "tables": made.tables,
        "rows": made.rows,
    }
    try:
        with open_store(warehouse, min(seconds, LINE_SECONDS)) as store, store.transaction():
            chain.append(store.connection, "backup", la_code=None, at=at, facts=facts, said_by=said_by)
    except InputError:
        # The copy stands and was verified: it is good without a line.
        return False
    return True
