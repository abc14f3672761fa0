"""``hclic restore``: a backup put in the place of a warehouse, checked before, with what was there kept beside it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.errors import HclicError, HeldError, InputError, UsageError
from pipelines.keeping import files
from pipelines.paths import refuse_address
from pipelines.run.lock import alone_at
from pipelines.run.storing import open_store
from pipelines.warehouse import chain, gone
from pipelines.warehouse.store import Warehouse

_REFERENCES = dict.fromkeys(("la_code", "local_ref", "case_ref", "origin"), pl.String)


@dataclass(frozen=True)
class Restored:
    """What was put in place: the number of its runs, and of references that the replaced warehouse gave since.

    ``kept``: where the replaced warehouse stands; None where there was none. ``is_purged_since``: the replaced
    warehouse has lines of a purge, or of somebody forgotten, that the backup has not. ``faults``: how many lines of the
    backup's ledger are not as they were written.
    """

    path: Path
    sha256: str
    kept: Path | None
    runs: int
    references_kept: int
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
    the marks of cases that were forgotten.

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
        HeldError: a program still held the warehouse.
    """
    refuse_address(backup, "backup")
    refuse_address(warehouse, "warehouse")
    if not backup.is_file():
        raise InputError(f"There is no file {backup}.")
    if warehouse.exists() and not is_replacing:
        raise UsageError(
            f"A warehouse stands at {warehouse}. Name another file, or add --replace: it is then kept beside the"
            " restored one."
        )
    if warehouse.exists() and warehouse.samefile(backup):
        raise UsageError("The backup and the warehouse are the same file.")
    with alone_at(warehouse, seconds), files.unfinished(warehouse) as folder:
        copy, digest = folder / warehouse.name, _checked(backup, is_unchecked)
        files.copy(backup, copy)
        if files.sha256_of(copy) != digest:
            raise InputError("The copy of the backup is not what was read. Nothing was put in place. Run it again.")
        older = _Older.of(warehouse, seconds) if warehouse.exists() else _Older()
        restored = _prepare(copy, digest, older, at, said_by)
        kept = _swap(copy, warehouse, at)
    return Restored(warehouse, digest, kept=kept, **restored)


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
    references: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_REFERENCES))
    marks: tuple[tuple[object, ...], ...] = ()
    lines: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, warehouse: Path, seconds: float) -> _Older:
        """Read it, and lay into the file what waits beside it, so that it can be moved.

        Raises:
            HeldError: a program still had it open.
        """
        try:
            with open_store(warehouse, seconds) as store:
                con = store.connection
                con.execute("checkpoint")
                return cls(
                    True,
                    con.execute(f"select {', '.join(_REFERENCES)} from reference_map").pl(),
                    tuple(gone.rows(con)),
                    tuple((line.kind, line.digest) for line in chain.lines(con)),
                )
        except HeldError:
            raise
        except (HclicError, duckdb.Error):
            return cls()


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
            since = [kind for kind, digest_of_line in older.lines if digest_of_line not in known]
            gained = _take_over(con, older)
            runs = con.execute("select count(*) from runs").fetchone()
            facts = {
                "sha256": digest,
                "head": head,
                "replaced_head": older.lines[-1][1] if older.lines else None,
                "lines_not_in_backup": len(since),
                "references_kept": gained,
            }
            chain.append(con, "restore", la_code=None, at=at, facts=facts, said_by=said_by)
    except duckdb.Error:
        raise InputError("The backup could not be opened: it is damaged, or no warehouse of hclic.") from None
    return {
        "runs": runs[0] if runs else 0,
        "references_kept": gained,
        "faults": faults,
        "is_purged_since": bool({"purge", "forget"} & set(since)),
    }


def _take_over(con: duckdb.DuckDBPyConnection, older: _Older) -> int:
    gone.take_over(con, older.marks)
    before = con.execute("select count(*) from reference_map").fetchone()
    arrow.load(con, "create or replace temp table _since as select * from incoming", older.references)
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
    kept = None
    if warehouse.exists():
        kept = warehouse.with_name(f"{warehouse.name}.before-restore-{at:%Y-%m-%dT%H%M%SZ}")
        if kept.exists():
            raise UsageError(f"The file {kept} is in the way. Move it, and run it again.")
        try:
            os.link(warehouse, kept)
        except OSError:
            # A file system without links: for a moment no file stands there.
            warehouse.replace(kept)
        kept.chmod(files.PRIVATE_FILE)
        waiting = warehouse.with_name(f"{warehouse.name}.wal")
        with suppress(FileNotFoundError):
            # Only beside a damaged file: it must not be laid into the restored one.
            waiting.replace(kept.with_name(f"{kept.name}.wal"))
    files.put_in_place(copy, warehouse)
    return kept
