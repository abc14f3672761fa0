"""``hclic purge``: personal data of cases that are over goes, for good; counts and the ledger stay."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import InputError, OutputError, UsageError
from pipelines.keeping import files, outputs
from pipelines.keeping.due import Known, known_cases
from pipelines.keeping.figures import figures_of, quarters_between
from pipelines.keeping.removing import Removed, remove
from pipelines.keeping.searching import Searched, Sought, by_column, in_file
from pipelines.keeping.tables import connect_to_read, digests
from pipelines.keeping.values import references_of, values_of
from pipelines.paths import refuse_address
from pipelines.period import in_words
from pipelines.private import WORK, clear_left, own_place
from pipelines.run.lock import alone_at, alone_in
from pipelines.transform.window import financial_year_start
from pipelines.warehouse import chain, gone, retold
from pipelines.warehouse.files import copy_open, held_to_copy
from pipelines.warehouse.quarter import looked_in
from pipelines.warehouse.store import Warehouse

_WAITING = ".waiting"
"""Ending of a proof, hidden, until the warehouse that it is about stands in its place."""


@dataclass(frozen=True)
class Asked:
    """What is to go, and where to look.

    ``outs``: output folders, in which files that hold values are taken away. ``others``: folders that are searched
    only. ``why``: one of ``gone.PURGED`` and ``gone.FORGOTTEN``; ``reason``: in the words of who asked.
    """

    warehouse: Path
    la_code: str
    at: datetime
    outs: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()
    said_by: str | None = None
    seconds: float = 600.0
    is_dry: bool = False
    is_deleting_backups: bool = False
    why: str = gone.PURGED
    reason: str | None = None


@dataclass
class Purged:
    """What went, what was looked at, and where something still is."""

    cases: int
    known: int
    before: date
    rows: dict[str, int] = field(default_factory=dict)
    values: int = 0
    held_of_others: int = 0
    quarters: list[str] = field(default_factory=list)
    cleared: outputs.Cleared = field(default_factory=outputs.Cleared)
    searched: Searched = field(default_factory=Searched)
    work_folders: int = 0
    backups: list[Path] = field(default_factory=list)
    backups_moved: list[Path] = field(default_factory=list)
    backups_deleted: int = 0
    proof: Path | None = None

    @property
    def is_proven(self) -> bool:
        """Whether a search found nothing anywhere, and no copy is known that still holds it."""
        return not (self.cleared.left or self.searched.closed or self.backups)


def purge(asked: Asked, before: date) -> Purged:
    """Purge the cases of an authority that are over since before a day.

    A case goes when it is closed, no placement is open, no review undecided, and nothing in it is dated on the day or
    after it. The warehouse is written anew without it, and takes the old one's place when a search has found nothing.

    Raises:
        InputError: there is no warehouse, or no run of the authority.
        UsageError: the day is too late, or a folder cannot be written.
        OutputError: a value was still found in the new warehouse: nothing was changed there.
        HeldError: a run, or another program, still held the warehouse.
    """
    with held(asked):
        with Warehouse(asked.warehouse) as store:
            known = known_cases(store, asked.la_code)
        latest = financial_year_start(known.quarter.last_day)
        if before > latest:
            raise UsageError(
                f"--before is at most {latest} ({in_words(latest)}), the first day of the financial year of the newest"
                " quarter: its returns and figures still rest on these cases."
            )
        return take_out(asked, known, known.over_before(before), before)


def held(asked: Asked) -> ExitStack:
    """Hold the warehouse and the output folders of the authority until the block ends.

    Raises:
        InputError: there is no warehouse.
        HeldError: a run still held one of them.
    """
    refuse_address(asked.warehouse, "warehouse")
    if not asked.warehouse.is_file():
        raise InputError(f"There is no warehouse {asked.warehouse.name}. hclic run makes one.")
    with ExitStack() as kept:
        kept.enter_context(alone_at(asked.warehouse, asked.seconds))
        for out in asked.outs:
            if (out / asked.la_code).is_dir():
                kept.enter_context(alone_in(out / asked.la_code, asked.seconds))
        return kept.pop_all()


def take_out(
    asked: Asked, known: Known, cases: Sequence[str], before: date, marked_before: date | None = None
) -> Purged:
    """Take cases out of the warehouse and the folders; the caller holds both (``purge``, ``forget``).

    Args:
        asked: what is to go, and where to look.
        known: every case.
        cases: H-CLIC references of those that go.
        before: no quarter that began before it is counted from cases any more.
        marked_before: a case of which an export holds a day from here on is back; by default ``before``.
    """
    done = Purged(len(cases), known.cases.height, before)
    if not asked.is_dry:
        _end_what_was_killed(asked.warehouse)
    if not cases:
        return done
    days = known.cases.filter(known.cases["case_ref"].is_in(list(cases)))
    with Warehouse(asked.warehouse) as store:
        con = store.connection
        values = values_of(con, asked.la_code, cases)
        already = gone.gone_before(con, asked.la_code)
        first = con.execute(
            "select min(application_date) from history.main where list_contains(?, case_ref)", [list(cases)]
        ).fetchone()
        if asked.is_dry:
            con.execute("begin")
            removed = remove(con, asked.la_code, cases, values)
            con.execute("rollback")
    begin = (first[0] if first else None) or days["last_day"].min() or before
    if not isinstance(begin, date):
        begin = before
    quarters = [one for one in quarters_between(begin, before) if already is None or one.first_day >= already]
    done.quarters = [str(one) for one in quarters]
    done.backups, done.backups_moved = _backups(asked)
    without = {asked.warehouse, *done.backups}
    folders = [asked.warehouse.parent, *asked.others]
    if asked.is_dry:
        _tell(done, removed, len(values))
        sought = Sought(removed.sought)
        done.cleared = outputs.clear(
            asked.outs, folders, sought, done.searched, without=_beside(asked.warehouse, without), is_dry=True
        )
        return done
    figures = figures_of(asked.warehouse, asked.la_code, quarters)
    clear_left(own_place())
    with Warehouse(asked.warehouse) as store:
        store.connection.execute("checkpoint")
    # A note that somebody made from here on would stand in the older file alone.
    with files.unfinished(asked.warehouse) as folder, held_to_copy(asked.warehouse) as copy_held:
        new = _written_anew(asked, copy_held, folder, cases, values, figures, (before, marked_before or before))
        sought = Sought(new[1].sought)
        _tell(done, new[1], len(values))
        _check_new(new[0], sought, done.searched)
        done.work_folders = outputs.clear_work(asked.outs, asked.la_code)
        if asked.is_deleting_backups:
            done.backups_deleted = _delete_backups(done.backups)
            done.backups = []
        done.cleared = outputs.clear(
            asked.outs, folders, sought, done.searched, without=_beside(asked.warehouse, without, folder)
        )
        proof = _proof(asked, done)
        with Warehouse(new[0]) as store, store.transaction():
            _write_line(store.connection, asked, done, new[1], proof)
        done.proof = asked.warehouse.with_name(f"{asked.why}-{asked.la_code}-{asked.at:%Y-%m-%dT%H%M%SZ}.json")
        waiting = done.proof.with_name(f".{done.proof.name}{_WAITING}")
        files.write(proof, waiting)
        files.put_in_place(new[0], asked.warehouse)
        files.put_in_place(waiting, done.proof)
    return done


def _end_what_was_killed(warehouse: Path) -> None:
    """Give the proof of a purge that was killed after its end its name; take away one of a purge that was not made."""
    waiting = [path for why in (gone.PURGED, gone.FORGOTTEN) for path in warehouse.parent.glob(f".*{why}-*{_WAITING}*")]
    if not waiting:
        return
    with looked_in(warehouse) as store:
        proofs = {line.facts.get("proof_sha256") for line in chain.lines(store.connection)}
    for path in waiting:
        if path.name.endswith(_WAITING) and files.sha256_of(path) in proofs:
            files.put_in_place(path, path.with_name(path.name[1 : -len(_WAITING)]))
        else:
            path.unlink(missing_ok=True)


def _tell(done: Purged, removed: Removed, count: int) -> None:
    done.rows = dict(sorted(removed.rows.items()))
    done.values = len(removed.sought)
    done.held_of_others = count - len(removed.sought)


def _beside(warehouse: Path, without: Collection[Path], work: Path | None = None) -> set[Path]:
    """The files that are not searched in the folders: the old warehouse, and the new one in its work folder."""
    # What others have at work beside it goes when they end, or with the next command after a kill.
    places = [warehouse.parent / WORK, *([work] if work else [])]
    more = {path for place in places for path in place.rglob("*")}
    return {*without, *more, warehouse.with_name(f".{warehouse.name}.in-use")}


def _written_anew(
    asked: Asked,
    copy_held: Callable[[Path], None],
    folder: Path,
    cases: Sequence[str],
    values: Collection[Any],
    figures: Sequence[gone.Figures],
    days: tuple[date, date],
) -> tuple[Path, Removed]:
    """The warehouse without the cases, in a file in which nothing ever stood of them.

    A row that is deleted stays in the blocks of the file until they are used again. So the rows are deleted in a copy,
    and what the copy then holds is written into another.
    """
    copy, new = folder / "copy.duckdb", folder / asked.warehouse.name
    copy_held(copy)
    with Warehouse(copy) as store:
        con = store.connection
        with store.transaction():
            known = references_of(con, asked.la_code, cases)
            removed = remove(con, asked.la_code, cases, values)
            gone.remember(con, asked.la_code, known, why=asked.why, before=days[1], on=asked.at.date())
            gone.record(
                con, asked.la_code, before=days[0], on=asked.at.date(), cases=len(cases), references=list(cases)
            )
            gone.keep_figures(con, figures)
        copy_open(con, new)
        expected = digests(con)
    copy.unlink()
    with connect_to_read(new) as con:
        if digests(con) != expected:
            raise OutputError("The warehouse could not be written anew. Nothing was changed. Run it again.")
    return new, removed


def _check_new(new: Path, sought: Sought, searched: Searched) -> None:
    """Read every column and every byte of the new warehouse.

    Raises:
        OutputError: a value was found.
    """
    if hits := in_file(new, sought, searched):
        kinds = ", ".join(outputs.kinds_of(hits))
        with connect_to_read(new) as con:
            where = sorted(by_column(con, sought, Searched()))
        raise OutputError(
            f"Values of cases that were to go ({kinds}) would still stand in the warehouse"
            f"{': ' + ', '.join(where) if where else ''}. Nothing was changed there. Please report this line; it holds"
            " no case data."
        )


def _backups(asked: Asked) -> tuple[list[Path], list[Path]]:
    """The copies that still hold the cases, and those of the ledger that are not where they were written.

    Of the ledger; beside these, since a backup that was killed, or met a reader, has no line; and the warehouses that a
    restore replaced.
    """
    with looked_in(asked.warehouse) as store:
        named = [Path(line.facts["file"]) for line in chain.lines(store.connection) if line.kind == "backup"]
    folders = dict.fromkeys([asked.warehouse.parent, *(path.parent for path in named)])
    like = [path for folder in folders for path in sorted(folder.glob(f"{asked.warehouse.stem}-*.duckdb"))]
    beside = sorted(asked.warehouse.parent.glob(f"{asked.warehouse.name}.before-*"))
    there = [path for path in dict.fromkeys([*named, *like, *beside]) if path.is_file()]
    return there, [path for path in dict.fromkeys(named) if not path.is_file()]


def _delete_backups(backups: Sequence[Path]) -> int:
    for path in backups:
        try:
            path.unlink()
            files.digest_file(path).unlink(missing_ok=True)
        except OSError as error:
            raise files.not_written(path.parent, error) from None
    return len(backups)


def _proof(asked: Asked, done: Purged) -> bytes:
    told = {
        "what": "Search for what was held of cases that were taken out of the warehouse",
        "authority": asked.la_code,
        "made_at": asked.at.isoformat(timespec="seconds"),
        "why": asked.why,
        "before": str(done.before),
        "cases": done.cases,
        "rows_taken_out": done.rows,
        "values_sought": done.values,
        "values_that_others_hold_too": done.held_of_others,
        "files_searched": done.searched.files,
        "bytes_searched": done.searched.bytes,
        "columns_of_databases_read": done.searched.columns,
        "files_taken_away": len(done.cleared.removed),
        "files_rewritten": len(done.cleared.rewritten),
        "work_folders_taken_away": done.work_folders,
        "found_after": {str(path): kinds for path, kinds in sorted(done.cleared.left.items())},
        "not_searched": [str(path) for path in done.searched.closed],
        "copies_that_still_hold_it": [str(path) for path in done.backups],
        "copies_no_longer_where_they_were_written": [str(path) for path in done.backups_moved],
        "copies_deleted": done.backups_deleted,
        "how": (
            "References of eight characters and more, full names, National Insurance numbers, addresses and notes were"
            " looked for anywhere; single names, days of birth and shorter references as whole cells. Every form in"
            " which hclic writes them was tried. Databases were opened and every text read; archives and workbooks"
            " were unpacked. A value that somebody else's record holds too was not looked for."
        ),
    }
    return (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()


def _write_line(con: duckdb.DuckDBPyConnection, asked: Asked, done: Purged, removed: Removed, proof: bytes) -> None:
    facts = {
        "before": str(done.before),
        "cases": done.cases,
        "rows": done.rows,
        "quarters_kept_as_figures": done.quarters,
        "files_taken_away": len(done.cleared.removed),
        "files_rewritten": len(done.cleared.rewritten),
        "found_after": len(done.cleared.left),
        "copies_that_still_hold_it": len(done.backups),
        chain.SAID_TAKEN: list(removed.lines),
        "rows_taken": retold.retell(con, removed.before, at=asked.at, said_by=asked.said_by),
        "proof_sha256": hashlib.sha256(proof).hexdigest(),
    }
    said = {"reason": asked.reason} if asked.reason else None
    kind = "purge" if asked.why == gone.PURGED else "forget"
    chain.append(con, kind, la_code=asked.la_code, at=asked.at, facts=facts, said_by=asked.said_by, said=said)
