"""The bytes of a return as it was sent: those kept when it was signed off, or those that still stand in its folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pipelines.submission.remade import RETURN, Book
from pipelines.warehouse import sign_offs
from pipelines.warehouse.store import Warehouse


def sent_files(store: Warehouse, book: Book) -> dict[str, bytes]:
    """Bytes by name of the files of the return that the run wrote, as far as they are kept.

    Only bytes whose SHA-256 is the one in the run's ledger count.
    """
    kept = {file.name: file.content for file in sign_offs.frozen_files(store.connection, book.run.run_id)}
    wanted = book.return_files
    found = {name: content for name, content in kept.items() if _is(content, wanted.get(name))}
    for folder in _folders(book):
        for name in wanted.keys() - found.keys():
            try:
                content = (folder / name).read_bytes()
            except OSError:
                continue
            if _is(content, wanted[name]):
                found[name] = content
    return found


def output_of(book: Book, name: str) -> bytes | None:
    """The bytes of one output of the run where they still stand as its ledger says; None where they do not.

    Args:
        book: the run.
        name: path within the output folder, like ``tables/official_internal.csv``.
    """
    wanted = next((item["sha256"] for item in book.ledger.get("outputs", ()) if item["path"] == name), None)
    for folder in _folders(book) if wanted else ():
        try:
            content = (folder.parent / name).read_bytes()
        except OSError:
            continue
        if _is(content, wanted):
            return content
    return None


def _is(content: bytes, sha256: str | None) -> bool:
    return sha256 is not None and hashlib.sha256(content).hexdigest() == sha256


def _folders(book: Book) -> list[Path]:
    """Where the return may stand: the folder of its quarter, or that of a revision."""
    if not (out := book.typed.get("out")):
        return []
    above, quarter = Path(out) / book.run.la_code, str(book.run.quarter)
    try:
        return [one / RETURN for one in sorted(above.glob(f"{quarter}*")) if one.is_dir()]
    except OSError:
        return []


def laid_out(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write the files into a private folder and give it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(content)
    return folder
