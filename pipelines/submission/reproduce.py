"""Whether a return can be made again, byte for byte, from the history of the warehouse with today's software."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.emit.returns import ReturnProfile
from pipelines.emit.returns.source.diff import diff_returns
from pipelines.emit.returns.source.diff_words import counted
from pipelines.errors import InputError, UsageError
from pipelines.run import ledger
from pipelines.submission import sent
from pipelines.submission.remade import PERSONAL, Book, book_of, profile_of, remade
from pipelines.warehouse import chain
from pipelines.warehouse.store import StoredRun, Warehouse
from schemas.sections import SECTION

SAME, BUT_COMMENT, DIFFERS, NOT_MADE, NOT_SENT = "same", "same but for the comment", "differs", "not made", "not sent"
_COMMENT = re.compile(rb"\A(<\?xml[^>]*\?>\n?)<!--.*?-->\n?", re.DOTALL)


@dataclass(frozen=True)
class File:
    """One file of the return: its SHA-256 in the run's ledger and as it is made today, and what they make of it."""

    name: str
    then: str | None
    now: str | None
    verdict: str


@dataclass(frozen=True)
class Reproduced:
    """What came of making a return again."""

    run: StoredRun
    files: tuple[File, ...]
    version_then: str
    version_now: str
    why: tuple[str, ...] = ()
    """What keeps the bytes from being the same, as far as it is known; none where they are."""
    where: tuple[str, ...] = field(default=())
    """Sections and fields in which they differ, with counts and without a value."""

    @property
    def is_same(self) -> bool:
        """Whether every file is the same, the comment at its head aside."""
        return all(one.verdict in (SAME, BUT_COMMENT) for one in self.files)


def reproduce(store: Warehouse, run: StoredRun, folder: Path, *, return_profile: str | None = None) -> Reproduced:
    """Make the return of a run again and lay it beside what the ledger says of it.

    Args:
        store: the warehouse.
        run: the run.
        folder: a private folder; the return is written into ``made``.
        return_profile: name or folder of its return profile, where that is not where it was.

    Raises:
        InputError: the run wrote no return, or its return profile is not there.
    """
    book = book_of(store, run)
    if not book.return_files:
        raise InputError(f"Run {run.run_id} ended {book.result or 'otherwise'}: it wrote no return to make again.")
    profile = profile_of(book, return_profile)
    made, why = folder / "made", _lost(store, book)
    try:
        with remade(store, book, profile, made):
            pass
    except UsageError as error:
        raise InputError(f"The return of run {run.run_id} cannot be made again: {error}") from None
    before = sent.sent_files(store, book)
    files = tuple(_beside(name, book, before, made) for name in sorted(book.return_files.keys() | _names(made)))
    found = Reproduced(run, files, str(book.ledger.get("software_version")), ledger.software_version())
    if found.is_same:
        return found
    why += [*_other_profile(book, profile), *_other_software(book)]
    if not why:
        why = ["Nothing that the ledger keeps of the run differs: the history itself was changed."]
    where = _where(before, made, folder / "sent", profile)
    return Reproduced(run, files, found.version_then, found.version_now, tuple(why), tuple(where))


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _beside(name: str, book: Book, before: Mapping[str, bytes], made: Path) -> File:
    then = book.return_files.get(name)
    path = made / name
    if then is None:
        return File(name, None, ledger.sha256_of(path), NOT_SENT)
    if not path.is_file():
        return File(name, then, None, NOT_MADE)
    content = path.read_bytes()
    now = hashlib.sha256(content).hexdigest()
    if now == then:
        return File(name, then, now, SAME)
    if name in before and _COMMENT.sub(rb"\1", before[name]) == _COMMENT.sub(rb"\1", content):
        return File(name, then, now, BUT_COMMENT)
    return File(name, then, now, DIFFERS)


def _lost(store: Warehouse, book: Book) -> list[str]:
    """What the history does not hold any more."""
    said = []
    for name, rows in book.ledger.get("sections", {}).items():
        row = store.connection.execute(
            f"select count(*) from snapshot_{name} where run_id = ?", [book.run.run_id]
        ).fetchone()
        if name in SECTION and row is not None and row[0] != rows:
            said.append(f"The history holds {row[0]:,} of the {rows:,} rows of {SECTION[name].label} of the run.")
    ended = str(book.ledger.get("times", {}).get("started", ""))
    for line in chain.lines(store.connection):
        if (
            line.kind in ("purge", "forget")
            and (line.made_at or "") >= ended
            and line.la_code in (None, book.run.la_code)
        ):
            said.append(
                f"{chain.KINDS[line.kind]} since: line {line.line_no} of the ledger, {(line.made_at or '')[:10]}."
            )
    return said


def _other_profile(book: Book, profile: ReturnProfile) -> list[str]:
    then = book.ledger["return_profile"]
    if then["sha256"] == profile.sha256:
        return []
    return [
        f"The return profile {then['name']} is another: SHA-256 {then['sha256'][:12]} then, {profile.sha256[:12]} now"
        f" (version {then['version']} then, {profile.version} now)."
    ]


def _other_software(book: Book) -> list[str]:
    """What of the software is not as it was, as far as the ledger of the run says."""
    now = {
        "rule_set_version": ("The rule set", ledger.rules_version()),
        "codes_version": ("The set of code lists", ledger.codes_version()),
        "software_version": ("hclic", ledger.software_version()),
    }
    said = [
        f"{what} is another: {book.ledger[name]} then, {value} now."
        for name, (what, value) in now.items()
        if name in book.ledger and book.ledger[name] != value
    ]
    then, today = book.ledger.get("software"), ledger.software()
    if then is None:
        return [*said, "The run was made before the ledger named the libraries: these may be others."]
    if then.get("files") != today["files"]:
        said.append(f"Files of hclic are others: {then.get('files')} then, {today['files']} now.")
    others = [
        f"{name} {then.get(name, 'not there')} then, {today.get(name, 'not there')} now"
        for name in sorted(then.keys() | today.keys())
        if name not in ("files", "hclic") and then.get(name) != today.get(name)
    ]
    return [*said, *([f"Libraries are others: {'; '.join(others)}."] if others else [])]


def _where(before: Mapping[str, bytes], made: Path, folder: Path, profile: ReturnProfile) -> list[str]:
    """In which sections and fields the two differ."""
    if not any(not name.startswith(PERSONAL) for name in before):
        return ["What was sent is not kept, so that it cannot be said in which fields they differ."]
    try:
        found = diff_returns(sent.laid_out(before, folder), made, profile, profile)
    except InputError:
        return ["What was sent cannot be read by today's return profile."]
    return ["No field differs: only how they are written."] if found.rows.is_empty() else counted(found)
