"""``hclic restore``: a backup put in the place of a warehouse, checked before, with what was there kept beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines import arrow, at_rest
from pipelines.errors import HeldError, InputError, SurroundingsError, UsageError, is_held
from pipelines.keeping import files
from pipelines.keeping.tables import connect_to_read
from pipelines.paths import refuse_address
from pipelines.run.lock import alone_at
from pipelines.run.storing import open_store
from pipelines.warehouse import chain, gone, layouts
from pipelines.warehouse.rekeyed import rekey
from pipelines.warehouse.store import Warehouse

_KEPT = "before-restore"
_DAMAGED = "The backup could not be opened: it is damaged, or no warehouse of hclic."
_WRITTEN_TO = "Another program wrote to the warehouse meanwhile. Nothing was put in place. Run it again."
REFERENCES = dict.fromkeys(("la_code", "local_ref", "case_ref", "origin"), pl.String)


@dataclass(frozen=True)
class Restored:
    """What was put in place: the number of its runs, and of references that the replaced warehouse gave since.

    ``kept``: where the replaced warehouse stands; None where there was none. ``is_older_read``: it could be read, so
    that its references were taken over; true where there was none. ``is_purged_since``: it has lines of a purge, or of
    somebody forgotten, that the backup has not. ``faults``: how many lines of the backup's ledger are not as they were
    written.
    """

    path: Path
    sha256: str
    kept: Path | None
    runs: int
    references_kept: int
    is_older_read: bool
    is_purged_since: bool
    faults: int


def restore(
    backup: Path,
    warehouse: Path,
    at: datetime,
    *,
    is_replacing: bool = False,
    is_unchecked: bool = False,
    said_by: str | None = None,
    seconds: float = 600,
) -> Restored:
    """Put a copy of the backup where the warehouse stands; the backup stays as it is.

    References that the replaced warehouse has given since are taken over: a number is given to one case only. So are
    the marks of cases that were forgotten. A backup under another key than the warehouse's comes under that one.

    Args:
        backup: a file that ``hclic backup`` wrote.
        warehouse: where to put it.
        at: the time, from the edge.
        is_replacing: whether a warehouse that stands there may be replaced; it is kept beside.
        is_unchecked: take a file without a digest beside it.
        said_by: who asked for it.
        seconds: how long to wait for a run.

    Raises:
        InputError: the backup cannot be read, is not what was written, or there is no space.
        UsageError: a warehouse stands there, or the folder cannot be written.
        WrongKeyError: the key does not fit the backup, or the warehouse that stands there.
        HeldError: a program still held the warehouse.
    """
    refuse_address(backup, "backup")
    refuse_address(warehouse, "warehouse")
    if not backup.is_file():
        raise InputError(f"There is no file {backup}.")
    if warehouse.is_dir():
        raise UsageError(f"{warehouse} is a folder. Name the file: --warehouse {warehouse / 'warehouse.duckdb'}.")
    if warehouse.exists() and not is_replacing:
        raise UsageError(
            f"A warehouse stands at {warehouse}. Name another file, or add --replace: it is then kept beside the"
            " restored one."
        )
    if warehouse.exists() and warehouse.samefile(backup):
        raise UsageError("The backup and the warehouse are the same file.")
    with alone_at(warehouse, seconds), files.unfinished(warehouse) as folder, ExitStack() as held:
        _clear_half_kept(warehouse)
        # Whatever is wrong with it is then said of the backup, and not of the warehouse.
        copy, digest = folder / backup.name, _checked(backup, is_unchecked)
        files.copy(backup, copy)
        if files.sha256_of(copy) != digest:
            raise InputError("The copy of the backup is not what was read. Nothing was put in place. Run it again.")
        older = held.enter_context(_Older.held(warehouse, seconds)) if warehouse.exists() else _Older()
        older.check_knows(backup, digest)
        _bring_under_todays_key(copy, at, said_by)
        restored = _prepare(copy, digest, older, at, said_by)
        if os.name == "nt":  # Windows renames no file that is open.
            held.close()
        kept = _swap(copy, warehouse, at)
    is_older_read = kept is None or older.is_read
    return Restored(warehouse, digest, kept=kept, is_older_read=is_older_read, **restored)


def _clear_half_kept(warehouse: Path) -> None:
    """Take away the second name that a killed restore gave the warehouse: it is no copy of it."""
    if warehouse.exists():
        for kept in warehouse.parent.glob(f"{warehouse.name}.{_KEPT}-*"):
            if kept.samefile(warehouse):
                kept.unlink()


def _bring_under_todays_key(copy: Path, at: datetime, said_by: str | None) -> None:
    """Write the copy anew where it has another key than the warehouse is to have, or none although there is one.

    Raises:
        WrongKeyError: the key does not fit the backup.
        UsageError: there is a key for the backup, and none for the warehouse.
    """
    today, was = at_rest.key_of(os.environ), at_rest.key_of(os.environ, at_rest.BACKUP_KEY)
    old = (was or today) if at_rest.is_encrypted(copy) else None
    if old is not None and today is None:
        raise UsageError(
            f"{at_rest.BACKUP_KEY} is set and {at_rest.KEY} is not. Set {at_rest.KEY} to the key that the restored"
            " warehouse is to have."
        )
    try:
        with at_rest.using(old):
            number = _layout_of(copy)
    except at_rest.WrongKeyError as error:
        if was is not None:
            raise at_rest.WrongKeyError(str(error).replace(at_rest.KEY, at_rest.BACKUP_KEY)) from None
        more = f" If the backup is under another key than the warehouse, set {at_rest.BACKUP_KEY} to that."
        raise at_rest.WrongKeyError(f"{error}{more}") from None
    if number is None:
        raise InputError(_DAMAGED)
    layouts.check_is_known(number)
    if old != today:
        rekey(copy, old, today, at=at, by=said_by)


def _checked(backup: Path, is_unchecked: bool) -> str:
    """Digest of the backup, held against the one that was written beside it."""
    said, digest = files.read_digest(backup), files.sha256_of(backup)
    if said is None and not is_unchecked:
        raise InputError(
            f"Beside {backup.name} there is no {files.digest_file(backup).name} to check it by. Put it there, or add"
            " --unchecked to take the file as it is."
        )
    if said is not None and said != digest:
        raise InputError(
            f"The backup {backup.name} is not what was written: its digest is another. Take an earlier backup."
        )
    return digest


@dataclass(frozen=True)
class _Older:
    """What the replaced warehouse knows that its backup may not: references, marks of gone cases, lines of its ledger.

    ``is_read``: it could be read. Without one, or where it is damaged, nothing is known.
    """

    is_read: bool = False
    references: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REFERENCES))
    marks: tuple[tuple[object, ...], ...] = ()
    lines: tuple[chain.Line, ...] = ()

    @classmethod
    @contextmanager
    def held(cls, warehouse: Path, seconds: float) -> Iterator[_Older]:
        """Read it, lay into the file what waits beside it, and let nobody write to it until the block ends.

        Raises:
            HeldError: a program still had it open.
            WrongKeyError: the key does not fit it.
            InputError: it is of a newer layout.
            SurroundingsError: its disk is full.
        """
        try:
            number = _layout_of(warehouse)
        except at_rest.WrongKeyError as error:
            more = " If that key is lost, move the file away first: what it gave since the backup is not known then."
            raise at_rest.WrongKeyError(f"{error}{more}") from None
        if number is not None:
            layouts.check_is_known(number)
        try:
            with open_store(warehouse, seconds) as store:
                con = store.connection
                con.execute("checkpoint")
                older = cls(
                    True,
                    con.execute(f"select {', '.join(REFERENCES)} from reference_map").pl(),
                    tuple(gone.rows(con)),
                    tuple(chain.lines(con)),
                )
            reading = connect_to_read(warehouse)
        except (HeldError, SurroundingsError, UsageError):
            raise
        except (InputError, duckdb.Error) as error:
            if isinstance(error, duckdb.Error) and is_held(error):
                raise HeldError(_WRITTEN_TO) from None
            yield cls()
            return
        with reading:
            if warehouse.with_name(f"{warehouse.name}.wal").exists():
                raise HeldError(_WRITTEN_TO)
            yield older

    def check_knows(self, backup: Path, digest: str) -> None:
        """Refuse a file of which the ledger of the replaced warehouse says that it held other bytes.

        The digest beside a backup can be changed by whoever can change the backup.

        Raises:
            InputError: the ledger says so.
        """
        facts = [line.facts for line in self.lines if line.kind == "backup"]
        said = {one.get("sha256") for one in facts if one.get("file") == str(backup.resolve())}
        if said and digest not in said:
            raise InputError(
                f"The ledger of the warehouse says that the backup {backup.name} held other bytes when it was made, and"
                " the digest beside it was changed too. Take another backup."
            )


def _layout_of(warehouse: Path) -> int | None:
    """The layout of the file; None where it is damaged or held, which shows when it is opened."""
    try:
        with connect_to_read(warehouse) as con:
            return layouts.layout_of(con)
    except duckdb.Error as error:
        return layouts.NEWEST if is_held(error) else None
    except at_rest.WrongKeyError:
        raise
    except InputError:
        return None


def _prepare(copy: Path, digest: str, older: _Older, at: datetime, said_by: str | None) -> dict[str, Any]:
    """Open the copy, take over what the replaced warehouse gave since, and add the ledger's line of it.

    Raises:
        InputError: the backup is not a warehouse, or is of a newer layout.
    """
    try:
        with Warehouse(copy) as store, store.transaction():
            con = store.connection
            faults = len(chain.verify(con))
            head, known = chain.head(con), {line.digest for line in chain.lines(con)}
            since = [line.kind for line in older.lines if line.digest not in known]
            gained = take_over(con, older.references, older.marks)
            runs = con.execute("select count(*) from runs").fetchone()
            facts = {
                "sha256": digest,
                "head": head,
                "replaced_head": older.lines[-1].digest if older.lines else None,
                "lines_not_in_backup": len(since),
                "references_kept": gained,
            }
            chain.append(con, "restore", la_code=None, at=at, facts=facts, said_by=said_by)
    except duckdb.Error:
        raise InputError(_DAMAGED) from None
    return {
        "runs": runs[0] if runs else 0,
        "references_kept": gained,
        "faults": faults,
        "is_purged_since": bool({"purge", "forget"} & set(since)),
    }


def take_over(con: duckdb.DuckDBPyConnection, given: pl.DataFrame, marks: Sequence[tuple[object, ...]]) -> int:
    """Add the references and the marks of gone cases that a replaced warehouse knew; how many references were new.

    Args:
        con: the restored warehouse.
        given: its references: la_code, local_ref, case_ref, origin.
        marks: its marks (``gone.rows``).
    """
    gone.take_over(con, marks)
    before = con.execute("select count(*) from reference_map").fetchone()
    arrow.load(con, "create or replace temp table _since as select * from incoming", given)
    con.execute(
        "insert into reference_map select * from _since as given where not exists (from reference_map as known"
        " where known.la_code = given.la_code and known.local_ref = given.local_ref)"
    )
    con.execute("drop table _since")
    after = con.execute("select count(*) from reference_map").fetchone()
    assert before is not None and after is not None
    return int(after[0] - before[0])


def _swap(copy: Path, warehouse: Path, at: datetime) -> Path | None:
    """Put the copy under the name of the warehouse, at which a file stands at every moment."""
    kept, place = None, warehouse.with_name(f"{warehouse.name}.{_KEPT}-{at:%Y-%m-%dT%H%M%SZ}")
    if place.exists():
        raise UsageError(f"The file {place} is in the way. Move it, and run it again.")
    if warehouse.exists():
        kept = place
        try:
            os.link(warehouse, kept)
        except OSError:
            # A file system without links: for a moment no file stands there.
            warehouse.replace(kept)
        kept.chmod(files.PRIVATE_FILE)
    with suppress(FileNotFoundError):
        # Beside a damaged file, or of one that is gone: DuckDB would lay it into the restored one.
        warehouse.with_name(f"{warehouse.name}.wal").replace(place.with_name(f"{place.name}.wal"))
    files.put_in_place(copy, warehouse)
    return kept
