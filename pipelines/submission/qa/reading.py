"""The files of a return: that they are those which a run wrote, and what they hold."""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.emit.returns import ReturnProfile, load_profile
from pipelines.emit.returns.source import count_return
from pipelines.errors import InputError, UsageError
from pipelines.extract import Extracted
from pipelines.extract.exports import ExportFile, shown
from pipelines.period import Quarter
from pipelines.run.ledger import software
from pipelines.settings import values
from pipelines.submission.qa.catalogue import Total
from pipelines.submission.qa.counted import Counted, count
from pipelines.warehouse.quarter import open_returned
from pipelines.warehouse.returned import Wrote, wrote
from pipelines.warehouse.store import StoredRun


@dataclass(frozen=True)
class Returned:
    """The files of a return, known to be those of the run that wrote them.

    They are held in memory, so that what is counted is what the digests are of.
    """

    run: Wrote
    files: tuple[ExportFile, ...]
    digests: Mapping[str, str]
    """SHA-256 by name of each file."""


@dataclass(frozen=True)
class Read:
    """A return as read and counted."""

    counted: Counted
    remarks: tuple[str, ...]
    """What in the files was not understood, in sentences without values."""


def folder_of(given: Path) -> Path:
    """Where the files stand: the folder ``return`` of a run's output folder, or what was given itself."""
    inner = given / "return"
    return inner if given.is_dir() and inner.is_dir() else given


def find(con: duckdb.DuckDBPyConnection, authority: str, quarter: Quarter, path: Path) -> Returned:
    """Which run of the quarter wrote the files at hand; they are not read yet.

    Args:
        con: the warehouse.
        path: an XML file, or the folder of those of one return.

    Raises:
        InputError: there is no return, it is of another authority or quarter, or no run of the warehouse wrote these
            bytes.
    """
    if not path.exists():
        raise InputError(
            f"There is no return of {quarter.words} at {path}: the run was blocked, or its output folder is elsewhere."
            " Name the folder or file with --return."
        )
    contents = on_disk(path)
    runs = list(wrote(con, authority, quarter))
    for run in runs:
        if (found := of_run(run, contents)) is not None:
            return found
    _check_headers(contents, authority, quarter, runs)
    if not runs:
        raise InputError(
            f"The warehouse knows no run that wrote a return of {quarter.words} for {authority}, so it cannot be said"
            " whose files these are. Name the warehouse of the run with --warehouse."
        )
    raise InputError(
        f"The files at {path} are not those that a run of {quarter.words} wrote: their digests stand in no ledger. They"
        " were changed after the run, or belong to another warehouse. Run hclic run again."
    )


def on_disk(path: Path) -> dict[str, bytes]:
    """The bytes by name of each XML file of a return, as they are now.

    Raises:
        InputError: there is none, or one cannot be read.
    """
    if path.is_file() and path.suffix.lower() == ".xml":
        found = {path.name: path}
    elif path.is_dir():
        found = {one.relative_to(path).as_posix(): one for one in sorted(path.rglob("*.xml")) if one.is_file()}
    else:
        raise InputError(f"{shown(path.name)} is neither an XML file nor a folder of them, so it is no return.")
    if not found:
        raise InputError(f"The folder {path} holds no XML file, so it is no return.")
    try:
        return {name: one.read_bytes() for name, one in found.items()}
    except OSError:
        raise InputError(f"A file of the return at {path} cannot be read; check that it may be.") from None


def of_run(run: Wrote, contents: Mapping[str, bytes]) -> Returned | None:
    """The files as those of a run; None if one of them is of another, or one with cases is missing."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    if not set(digests.values()) <= set(run.digests.values()) or not _case_files(run) <= set(digests.values()):
        return None
    return Returned(run, _files(contents), digests)


def _files(contents: Mapping[str, bytes]) -> tuple[ExportFile, ...]:
    return tuple(
        ExportFile(shown(name), partial(len, content), partial(BytesIO, content))
        for name, content in sorted(contents.items())
    )


def _case_files(run: Wrote) -> set[str]:
    """Digests of the files with cases: all of them have to be there, the personal-data file need not be."""
    cases = {sha256 for name, sha256 in run.digests.items() if "personal" not in name}
    return cases or set(run.digests.values())


def _check_headers(contents: Mapping[str, bytes], authority: str, quarter: Quarter, runs: list[Wrote]) -> None:
    """Say of files that no run wrote what else is wrong with them: damaged, or another authority's or quarter's."""
    profile = profile_of(runs[0].ledger, None) if runs else load_profile("provisional")
    count_return(_files(contents), profile, authority=authority, quarter=quarter, as_at=quarter.last_day)


def profile_of(ledger: Mapping[str, Any], given: str | None) -> ReturnProfile:
    """The return profile that the run wrote with.

    Args:
        ledger: that of the run.
        given: name or folder of the profile; by default the name in the ledger.

    Raises:
        UsageError: it is not at hand, or has changed since.
    """
    said = ledger.get("return_profile", {})
    name = str(said.get("name", ""))
    try:
        profile = load_profile(given or name)
    except UsageError:
        if given:
            raise
        raise UsageError(
            f"The return was written with the return profile {name}, which is not at hand. Name its folder with"
            " --return-profile."
        ) from None
    if profile.name != name:
        raise UsageError(f"The return was written with the return profile {name}, not with {profile.name}.")
    return profile


def read(
    returned: Returned,
    authority: str,
    quarter: Quarter,
    totals: tuple[Total, ...],
    profile: str | None = None,
) -> Read:
    """Read the files through the return profile of their run, and count what they hold.

    Args:
        totals: what to count.
        profile: as for ``profile_of``.

    Raises:
        UsageError: the return profile is not at hand.
        InputError: a file cannot be read.
    """
    run = returned.run
    with _without_collecting():
        extracted, people = count_return(
            returned.files, profile_of(run.ledger, profile), authority=authority, quarter=quarter, as_at=run.as_at
        )
    stored = StoredRun(run.run_id, authority, quarter, run.as_at, exact=True)
    with open_returned(extracted.sections, stored, run.settings) as con:
        counted = count(con, totals, people)
    return Read(counted, tuple(_remarks(extracted)))


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let Python not look for cycles in the block: among a million short texts it finds none, and takes a sixth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def counted_from(returned: Returned, quarter: Quarter, totals: tuple[Total, ...]) -> str:
    """A digest over all that the totals of a return rest on: its bytes, settings, definitions and our own files."""
    run = returned.run
    rests_on = [
        sorted(returned.digests.values()),
        str(quarter),
        str(run.as_at),
        values(run.settings),
        [(one.ident, one.relation, one.rule.cells) for one in totals],
        software()["files"],
    ]
    return hashlib.sha256(json.dumps(rests_on, default=str).encode()).hexdigest()


def _remarks(extracted: Extracted) -> list[str]:
    """What the files hold that is in no section."""
    said = []
    aside = extracted.set_aside.height
    if aside:
        said.append(f"{aside:,} elements of the return are of no section or have no key: they are in no total.")
    unread = extracted.findings.filter(pl.col("severity") == "error").height
    if unread:
        said.append(f"{unread:,} values of the return could not be read: what they say is in no total.")
    return said
