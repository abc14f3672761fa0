"""A run whose export is a database: what it read of it lies in the work folder, and is read from there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from pipelines.address import Address
from pipelines.credentials import Credentials
from pipelines.extract.databases import into_files
from pipelines.run.inputs import source_of
from pipelines.run.outputs import SNAPSHOT, OutputFolder
from pipelines.run.request import Request

_ASKED = f"{SNAPSHOT}.json"


def with_files(request: Request, work: Path) -> Request:
    """The request with the files that stand in the work folder for the database; with files it is as it was."""
    return replace(request, export=work / SNAPSHOT) if isinstance(request.export, Address) else request


def read_database(
    folder: OutputFolder, request: Request, address: Address, credentials: Credentials | None
) -> tuple[str, ...]:
    """Read the database into the work folder, unless a run that was stopped on the same day has read all of it there.

    Returns:
        sentences for the user.

    Raises:
        UsageError: the profile cannot be used with a database.
        InputError: the database cannot be read.
    """
    work = folder.make_work()
    asked = hashlib.sha256(f"{address}\0{source_of(request)['sha256']}".encode()).hexdigest()
    day = request.started.date().isoformat()
    note = work / _ASKED
    if note.is_file() and (work / SNAPSHOT).is_dir():
        before = json.loads(note.read_text(encoding="utf-8"))
        if (before["asked"], before["day"]) == (asked, day):
            return tuple(before["said"])
    note.unlink(missing_ok=True)
    said = into_files(address, request.source, work / SNAPSHOT, credentials)
    note.write_text(json.dumps({"asked": asked, "day": day, "said": said}), encoding="utf-8")
    return said
