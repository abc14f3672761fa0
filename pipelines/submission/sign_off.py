"""Signing off the return of a quarter: checked, signed off, submitted, each with who, when and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.errors import InputError, UsageError
from pipelines.period import Quarter
from pipelines.place import Place, of_authority
from pipelines.run import ledger, storing
from pipelines.run.lock import WAIT_MINUTES, alone_at, alone_in
from pipelines.state import CLEAN
from pipelines.submission import persons, places, sheet
from pipelines.submission.levels import read_levels, sections_without
from pipelines.submission.qa.missing import missing_explanations
from pipelines.warehouse import returned, sign_offs
from pipelines.warehouse.places import check_there
from pipelines.warehouse.sign_offs import CHECKED, DRAFT, SIGNED_OFF, SUBMITTED, SUPERSEDED
from pipelines.warehouse.store import NOT_ENDED, Warehouse
from pipelines.whole import into

READ_ONLY = 0o444
FILES = "files"
"""What a state says of the files of the return: SHA-256 by name."""
PURGED = "The bytes of the return are no longer kept: cases of it were purged since it was signed off."


@dataclass(frozen=True)
class Of:
    """The return that is spoken of: ``out`` and ``warehouse`` as a run is given them."""

    authority: str
    quarter: Quarter
    out: Path
    warehouse: Place


@dataclass(frozen=True)
class Said:
    """Who says it, when and why; ``levels`` of checking as they are given."""

    by: str
    at: datetime
    why: str
    levels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for what, text in (("name of whoever says so: --by", self.by), ("reason: --why", self.why)):
            if not text.strip():
                raise UsageError(f"The sign-off needs the {what}.")


@dataclass(frozen=True)
class Answers:
    """What is answered on signing: whether the data are fit to publish, on which evidence.

    ``one_person``: why whoever checked the return signs it too, where no second person can.
    """

    fit: bool
    evidence: str
    one_person: str | None = None
    return_profile: str | None = None
    """Name or folder of the return profile, where it is no longer where the run found it."""


def check(of: Of, said: Said) -> sign_offs.SignOff:
    """Say that the newest return of the quarter was checked; levels are added to those said of it before.

    Raises:
        UsageError: the return is not one that can be checked.
        InputError: the warehouse holds no run of the quarter.
    """
    with _held(of) as store:
        run_id, book, folder = _newest(store, of)
        files = places.return_of(book)
        places.read_return(folder, files)
        before = sign_offs.state_of_run(store.connection, of.authority, of.quarter, run_id)
        is_added = before is not None and before.state == CHECKED and before.details.get(FILES, files) == files
        levels = read_levels(said.levels, before.levels if before and is_added else None)
        if not levels:
            raise UsageError("Say how thoroughly the sections were checked: --levels main=audited,people=sampled.")
        _add(store, of, run_id, CHECKED, said, levels=levels, details={FILES: files})
        return _now(store, of, run_id)


def withdraw(of: Of, said: Said) -> sign_offs.SignOff:
    """Take back that the newest return was checked: it is a draft again.

    Raises:
        UsageError: it was not checked, or is signed off.
        InputError: the warehouse holds no run of the quarter.
    """
    with _held(of) as store:
        run_id, _, _ = _newest(store, of)
        _add(store, of, run_id, DRAFT, said)
        return _now(store, of, run_id)


def sign(of: Of, said: Said, answers: Answers) -> Path:
    """Sign the newest return off: its bytes are kept, its files on disk read-only, and a sheet is written.

    Returns:
        the folder of the outputs.

    Raises:
        UsageError: the return is not clean, not checked, not the one on disk, not explained, or was checked by the same
            person.
        InputError: the warehouse holds no run of the quarter, or a file cannot be read.
    """
    with _held(of) as store:
        run_id, book, folder = _newest(store, of)
        con = store.connection
        before = sign_offs.state_of_run(con, of.authority, of.quarter, run_id)
        if before is not None and before.state in sign_offs.FROZEN:
            _finish(store, of, run_id, folder)
        sign_offs.check_is_lawful(DRAFT if before is None else before.state, SIGNED_OFF)
        assert before is not None
        written = places.return_of(book)
        if before.details.get(FILES, written) != written:
            raise UsageError(
                "The return was written anew since it was checked, with other bytes: check it again, with"
                " hclic signoff check."
            )
        files = places.read_return(folder, written)
        levels = read_levels(said.levels, before.levels)
        if lacking := sections_without(levels):
            raise UsageError(
                f"Say how thoroughly these sections were checked before signing: {', '.join(lacking)}."
                " not_checked is a level too, and stands on the sheet."
            )
        if not answers.evidence.strip():
            raise UsageError(
                "Signing needs the evidence on which the data are, or are not, fit to publish: --evidence."
            )
        checkers = persons.who_checked(sign_offs.states(con, of.authority, of.quarter), run_id)
        one_person = persons.why_one(checkers, said.by, answers.one_person)
        if missing := missing_explanations(store, of.authority, of.quarter, folder, profile=answers.return_profile):
            raise UsageError(
                f"These totals changed by more than their threshold and are not explained: {', '.join(missing)}."
                " Explain them with: hclic qa."
            )
        earlier = sign_offs.standing_run(con, of.authority, of.quarter)
        details = {
            "fit_to_publish": answers.fit,
            "evidence": answers.evidence.strip(),
            "checked_by": ", ".join(checkers),
            "one_person": one_person,
            FILES: {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
            "supersedes": earlier,
        }
        facts = {"fit_to_publish": answers.fit, FILES: details[FILES], "supersedes": earlier}
        with store.transaction():
            sign_offs.keep_files(con, of.authority, of.quarter, run_id, files, at=said.at, by=said.by)
            if earlier is not None:
                why = Said(said.by, said.at, f"A revision was signed off: run {run_id}.")
                _add(store, of, earlier, SUPERSEDED, why)
            # Last: the sheet prints where the ledger stands with it.
            _add(store, of, run_id, SIGNED_OFF, said, levels=levels, details=details, facts=facts)
        _finish(store, of, run_id, folder)
        return folder


def submit(of: Of, said: Said, receipt: str) -> Path | None:
    """Record that the signed-off return was submitted, with the words of its receipt.

    Returns:
        the folder of the outputs, whose sheet is written again; None where they do not stand under ``out``.

    Raises:
        UsageError: no return of the quarter is signed off, or there is no receipt.
        InputError: the warehouse holds no run of the quarter.
    """
    if not receipt.strip():
        raise UsageError("Say what DELTA answered, or the reference of the submission: --receipt.")
    with _held(of) as store:
        run_id = sign_offs.standing_run(store.connection, of.authority, of.quarter)
        if run_id is None:
            sign_offs.check_is_lawful(DRAFT, SUBMITTED)
            raise AssertionError
        before = sign_offs.state_of_run(store.connection, of.authority, of.quarter, run_id)
        assert before is not None
        text = receipt.strip()
        details = {"receipt": text, "receipt_sha256": hashlib.sha256(text.encode()).hexdigest()}
        _add(
            store,
            of,
            run_id,
            SUBMITTED,
            said,
            levels=before.levels,
            details=details,
            facts={"receipt_sha256": details["receipt_sha256"]},
        )
        folder = places.folder_of(of.out, of.authority, of.quarter, run_id)
        if folder is not None:
            sheet.write(store, of.authority, of.quarter, run_id, store.ledger_of(run_id) or {}, folder)
        return folder


def write_sheet(of: Of) -> Path:
    """Write the sheet of the return that is signed off again, from what the warehouse keeps.

    Raises:
        UsageError: no return of the quarter is signed off, or its outputs do not stand under ``out``.
    """
    with _held(of) as store:
        run_id = sign_offs.standing_run(store.connection, of.authority, of.quarter)
        if run_id is None:
            raise UsageError(f"No return of {of.quarter.words} is signed off: there is no sheet of it.")
        folder = places.folder_of(of.out, of.authority, of.quarter, run_id)
        if folder is None:
            raise UsageError(
                f"The outputs of the return that is signed off are not below {of.out / of.authority}. Correct --out, or"
                " write them again with: hclic signoff restore."
            )
        sheet.write(store, of.authority, of.quarter, run_id, store.ledger_of(run_id) or {}, folder)
        return folder / sheet.SHEETS / sheet.PAGE


def restore(of: Of) -> tuple[Path, list[str]]:
    """Write the return that is signed off and its ledger again, as the warehouse keeps them, where they are not there.

    Returns:
        the folder of the outputs, and the names of the files that were written.

    Raises:
        UsageError: no return of the quarter is signed off, cases of it were purged, a file cannot be written, or other
            outputs stand there.
        InputError: what the warehouse keeps was changed.
    """
    with _held(of) as store:
        con = store.connection
        run_id = sign_offs.standing_run(con, of.authority, of.quarter)
        if run_id is None:
            raise UsageError(f"No return of {of.quarter.words} is signed off: nothing is kept that could be restored.")
        folder = places.folder_of(of.out, of.authority, of.quarter, run_id) or _place_of(con, of)
        if (other := places.run_in(folder)) not in (None, run_id):
            raise UsageError(f"The outputs in {folder} are of another run, {other}. Restore with another --out.")
        kept = sign_offs.frozen_files(con, run_id)
        if not kept:
            raise UsageError(PURGED)
        if changed := [file.name for file in kept if not file.is_whole]:
            raise InputError(
                f"The warehouse's own copy of {changed[0]} was changed. Restore the warehouse from a backup."
            )
        book = store.ledger_of(run_id) or {}
        wanted = {folder / places.RETURN / file.name: file.content for file in kept}
        # Without it nobody knows of which run the folder is.
        wanted[folder / "ledger.json"] = ledger.render(book).encode()
        written = []
        try:
            with into(folder) as new:
                for path, content in wanted.items():
                    if not path.is_file() or path.read_bytes() != content:
                        name = path.relative_to(folder)
                        (new / name).parent.mkdir(exist_ok=True)
                        (new / name).write_bytes(content)
                        written.append(name.as_posix())
        except OSError:
            raise UsageError(f"The folder {folder} cannot be written.") from None
        _finish(store, of, run_id, folder)
        return folder, written


def _finish(store: Warehouse, of: Of, run_id: str, folder: Path) -> None:
    """What follows once the warehouse knows of a sign-off; again for one that was stopped just then."""
    protect(folder)
    sheet.write(store, of.authority, of.quarter, run_id, store.ledger_of(run_id) or {}, folder)
    for earlier in sign_offs.signed_runs(store.connection, of.authority, of.quarter):
        place = places.folder_of(of.out, of.authority, of.quarter, earlier)
        if earlier != run_id and place is not None:
            # It says submitted until then, and whoever finds it first would take it for the one that holds.
            sheet.write(store, of.authority, of.quarter, earlier, store.ledger_of(earlier) or {}, place)


def protect(folder: Path) -> None:
    """Make the files of a return read-only, for their owner too."""
    for path in sorted((folder / places.RETURN).glob("*")):
        with suppress(OSError):  # a file system that knows no modes: the warehouse keeps the bytes
            path.chmod(path.stat().st_mode & READ_ONLY)


@contextmanager
def _held(of: Of) -> Iterator[Warehouse]:
    """The warehouse, held as a run holds it, and the folder of the authority's outputs where there is one."""
    warehouse = of_authority(of.warehouse, of.authority)
    check_there(warehouse)
    folder, seconds = of.out / of.authority, WAIT_MINUTES * 60.0
    with alone_at(warehouse, seconds):
        if not folder.is_dir():
            with storing.open_store(warehouse, seconds) as store:
                yield store
            return
        with alone_in(folder, seconds), storing.open_store(warehouse, seconds) as store:
            yield store


def _newest(store: Warehouse, of: Of) -> tuple[str, dict[str, Any], Path]:
    """The quarter's newest run, its ledger and the folder of its outputs; it ended clean and wrote a return."""
    found = returned.newest(store.connection, of.authority, of.quarter)
    if found is None:
        raise InputError(
            f"The warehouse holds no run of {of.authority} for {of.quarter.words}. Make one with hclic run."
        )
    run_id, result = found
    if result in NOT_ENDED:
        raise UsageError(f"The newest run of {of.quarter.words} has not ended. Run again, and sign off what it writes.")
    if result != CLEAN:
        raise UsageError(
            f"The newest run of {of.quarter.words} is {result}: it wrote no return that could be signed off. Mend what"
            " its findings say, and run again."
        )
    folder = places.folder_of(of.out, of.authority, of.quarter, run_id)
    if folder is None:
        raise UsageError(
            f"The outputs of the newest run of {of.quarter.words} are not below {of.out / of.authority}. Give the"
            " folder that its run was given as --out."
        )
    return run_id, store.ledger_of(run_id) or {}, folder


def _add(store: Warehouse, of: Of, run_id: str, state: str, said: Said, **more: Any) -> None:
    with store.transaction():
        sign_offs.add_state(
            store.connection,
            of.authority,
            of.quarter,
            run_id,
            state,
            by=" ".join(said.by.split()),
            at=said.at,
            why=said.why.strip(),
            **more,
        )


def _now(store: Warehouse, of: Of, run_id: str) -> sign_offs.SignOff:
    now = sign_offs.state_of_run(store.connection, of.authority, of.quarter, run_id)
    assert now is not None
    return now


def _place_of(con: Any, of: Of) -> Path:
    """Where the return that was signed off last belongs: revisions have folders of their own, numbered."""
    earlier = len(sign_offs.signed_runs(con, of.authority, of.quarter)) - 1
    return of.out / of.authority / (f"{of.quarter}-revision-{earlier}" if earlier else str(of.quarter))
