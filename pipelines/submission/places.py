"""Where the outputs of a run stand, and whether its return on disk is what the run wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.errors import InputError, UsageError
from pipelines.period import Quarter
from pipelines.run import ledger
from pipelines.warehouse.sign_offs import FrozenFile

RETURN = "return"


def run_in(folder: Path) -> str | None:
    """The run whose outputs stand in a folder; None where there is no ledger that can be read."""
    try:
        return str(json.loads((folder / "ledger.json").read_text(encoding="utf-8"))["run_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def folders(out: Path, authority: str, quarter: Quarter) -> Iterator[Path]:
    """The folders of the quarter's return and of its revisions that are there."""
    parent = out / authority
    for path in (parent / str(quarter), *sorted(parent.glob(f"{quarter}-revision-*"))):
        if path.is_dir():
            yield path


def folder_of(out: Path, authority: str, quarter: Quarter, run_id: str) -> Path | None:
    """The folder in which the outputs of a run stand; None where they do not, or its ledger is gone."""
    return next((path for path in folders(out, authority, quarter) if run_in(path) == run_id), None)


def return_of(book: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 by name of the return's files, as the ledger of the run lists them."""
    prefix = f"{RETURN}/"
    return {
        item["path"].removeprefix(prefix): item["sha256"]
        for item in book.get("outputs", ())
        if item["path"].startswith(prefix)
    }


def differences(folder: Path, expected: Mapping[str, str]) -> list[str]:
    """A sentence for each file of the return on disk that is not what was written: missing, changed, added."""
    place = folder / RETURN
    there = {path.name: path for path in sorted(place.iterdir())} if place.is_dir() else {}
    found = []
    for name, digest in sorted(expected.items()):
        if name not in there:
            found.append(f"{name} is missing from {place}.")
        elif not there[name].is_file() or _digest(there[name]) != digest:
            found.append(f"{name} in {place} is not what was written: it was changed.")
    found += [f"{name} was put into {place} by hand." for name in there if name not in expected]
    return found


def as_kept(kept: list[FrozenFile]) -> dict[str, str]:
    """SHA-256 by name of files that the warehouse keeps."""
    return {file.name: file.sha256 for file in kept}


def read_return(folder: Path, expected: Mapping[str, str]) -> dict[str, bytes]:
    """The bytes of the return by name, each of which has the digest that was written.

    Raises:
        UsageError: there is none, or one is missing, changed or too many.
        InputError: one cannot be read.
    """
    if not expected:
        raise UsageError(f"The ledger of the run in {folder} lists no file of a return. Run again.")
    if wrong := differences(folder, expected):
        raise UsageError(
            f"The return on disk is not the one that the run wrote: {wrong[0][:1].lower()}{wrong[0][1:]} Run again."
        )
    try:
        return {name: (folder / RETURN / name).read_bytes() for name in expected}
    except OSError:
        raise InputError(f"A file of the return in {folder / RETURN} cannot be read.") from None


def _digest(path: Path) -> str | None:
    try:
        return ledger.sha256_of(path)
    except OSError:
        return None
