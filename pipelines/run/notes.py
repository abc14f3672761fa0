"""What people said of findings since the last run: notes in last time's workbooks and in files that were handed in.

A workbook shows the last note of each finding. A cell that holds something else was written by an officer, whatever
was said elsewhere meanwhile: it is kept as the newest note. Of a file that hclic did not put where it stands it is not
known what it showed; there a text that was ever said of the finding is taken for an old one.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from pipelines.emit.findings.notes import read_notes
from pipelines.errors import UsageError
from pipelines.run import storing
from pipelines.run.database import RunDatabase
from pipelines.run.ledger import sha256_of
from pipelines.run.outputs import OutputFolder
from pipelines.run.request import Request
from pipelines.warehouse import notes, waivers
from pipelines.warehouse.places import exists

FOLDER = "findings"
ENDINGS = (".xlsx", ".ods")
_OPEN_IN_EXCEL = "~$"
_PROPERTIES = ("docProps/core.xml", "meta.xml")
"""Where a workbook says who saved it, and when: XLSX, ODS."""
_MODIFIED = ("{http://purl.org/dc/terms/}modified", "{http://purl.org/dc/elements/1.1/}date")
_BY = (
    "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}lastModifiedBy",
    "{http://purl.org/dc/elements/1.1/}creator",
)
_NOT_TEXT = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_KEPT = {"finding_id": pl.String(), "note": pl.String(), "note_no": pl.Int64()}


@dataclass(frozen=True)
class Said:
    """What people said of the findings of an authority, when a run begins."""

    waivers: pl.DataFrame
    """The waivers that stand in the warehouse."""
    read: pl.DataFrame
    """One row per note that no run has read yet, in the order in which they count: ``notes.SAID``."""
    digest: str
    """Over the waivers and the note that counts of each finding; empty where nothing was said."""
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each file that was read, by its path."""
    old: int = 0
    """Notes in files handed in that say again what was said before the last note."""
    differing: int = 0
    """Findings of which several files say different things."""

    @property
    def waivers_digest(self) -> str:
        """Over the waivers alone; empty without any."""
        return _digest(self.waivers.drop("given_by", "given_on").rows())

    def sentences(self) -> tuple[str, ...]:
        """What the user is to know of the notes."""
        lines = []
        if self.read.height:
            kept = "was kept with its finding" if self.read.height == 1 else "were kept with their findings"
            lines.append(f"{_notes(self.read.height)} in workbooks of findings {kept}.")
        if self.differing:
            lines.append(
                f"Of {self.differing:,} findings the workbooks say different things. All of it is kept, and what the"
                " workbook says that was saved last is shown; hclic findings notes writes out the rest."
            )
        if self.old:
            lines.append(
                f"{_notes(self.old)} in the files handed in say again what was said before a newer note, which stays."
            )
        return tuple(lines)


def _notes(number: int) -> str:
    return "1 note" if number == 1 else f"{number:,} notes"


def said(request: Request) -> Said:
    """What the warehouse keeps of notes and waivers, and what the workbooks say that it does not know.

    Raises:
        UsageError: a file handed in is not there.
        InputError: a workbook cannot be read: what an officer wrote in it would be lost.
    """
    known = pl.DataFrame(schema=_KEPT)
    standing = pl.DataFrame(schema=_WAIVERS)
    last, shown, ever = known, known, pl.DataFrame(schema={"finding_id": pl.String(), "note": pl.String()})
    through = _book(OutputFolder.of(request).final).get("notes", {}).get("through")
    if exists(request.store):
        with storing.open_store(request.store, request.patience) as store:
            con, code = store.connection, request.authority
            standing = waivers.standing(con, code)
            last = notes.notes(con, code)
            shown = notes.notes(con, code, up_to=through) if through is not None else known
            ever = notes.every_note(con, code)
    own, others = _files(request)
    texts = {"shown": _by_id(shown), "last": _by_id(last)}
    rows, old, folder = [], 0, OutputFolder.of(request).final
    for path in sorted([*own, *others], key=lambda one: (_stamp(one), one.name)):
        said_by, said_on = _saved(path)
        is_own = path in own and through is not None
        for finding_id, text in _cells(path, is_handed_in=not path.is_relative_to(folder)):
            before = texts["shown"].get(finding_id)
            if text == (before if is_own else None) or text == texts["last"].get(finding_id):
                continue
            if not is_own and ever.filter((pl.col("finding_id") == finding_id) & (pl.col("note") == text)).height:
                old += 1
                continue
            day = min(said_on or request.started.date(), request.started.date())
            rows.append((finding_id, text, said_by, day, "workbook"))
    read = pl.DataFrame(rows, schema=notes.SAID, orient="row").unique(
        ["finding_id", "note"], keep="last", maintain_order=True
    )
    many = read.group_by("finding_id").len().filter(pl.col("len") > 1).height
    counts = {**texts["last"], **dict(read.select("finding_id", "note").iter_rows())}
    said_of = [standing.drop("given_by", "given_on").rows(), sorted(counts.items())]
    files = {str(path): sha256_of(path) for path in [*own, *others]}
    return Said(standing, read, _digest(said_of) if any(said_of) else "", files, old, many)


def read_again(database: RunDatabase, request: Request) -> None:
    """Before the workbooks are replaced: keep what was written in them since they were read, and other people's files.

    A workbook that hclic did not write is carried over as it is.
    """
    own, others = _files(request)
    if {str(path): sha256_of(path) for path in [*own, *others]} != database.get("notes_files"):
        late = said(request).read
        with storing.open_store(request.store, request.patience) as store, store.transaction():
            notes.save_notes(store.connection, request.authority, late, at=request.started)
        if late.height:
            database.say(f"{_notes(late.height)} came into workbooks during this run: kept, and shown by the next one.")
    folder = OutputFolder.of(request).final
    carried = []
    for path in others:
        target = database.outputs / path.relative_to(folder) if path.is_relative_to(folder) else None
        if target is not None and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
            carried.append(target.relative_to(database.outputs).as_posix())
    database.put(notes={**database.get("notes"), "carried": carried})


_WAIVERS = {
    "waiver_no": pl.Int32(),
    **dict.fromkeys(("rule_id", "case_ref", "record_key", "owner", "reason"), pl.String()),
    "expires": pl.Date(),
    "given_by": pl.String(),
    "given_on": pl.Date(),
}


def _digest(what: Any) -> str:
    return hashlib.sha256(json.dumps(what, default=str).encode()).hexdigest() if what else ""


def _by_id(rows: pl.DataFrame) -> dict[str, str]:
    return dict(rows.select("finding_id", "note").iter_rows())


def _book(folder: Path) -> dict[str, Any]:
    """The ledger of the outputs that stand there; empty where there is none that can be read."""
    try:
        book = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return book if isinstance(book, dict) and isinstance(book.get("notes", {}), dict) else {}


def _files(request: Request) -> tuple[list[Path], list[Path]]:
    """The workbooks of the last run that somebody saved since, and all others that are to be read."""
    folder = OutputFolder.of(request).final
    book = _book(folder)
    carried = set(book.get("notes", {}).get("carried", ()))
    written = {folder / item["path"] for item in book.get("outputs", ()) if item["path"] not in carried}
    there = list(_workbooks(folder / FOLDER))
    given: list[Path] = []
    if request.notes is not None:
        if not request.notes.exists():
            raise UsageError(f"There is no file or folder {request.notes} with notes. Correct --notes.")
        given = [request.notes] if request.notes.is_file() else list(_workbooks(request.notes))

    as_written = {folder / item["path"]: item["sha256"] for item in book.get("outputs", ())}
    own = [path for path in there if path in written and sha256_of(path) != as_written[path]]
    return own, [path for path in [*there, *given] if path not in written]


def _workbooks(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and path.suffix.lower() in ENDINGS and not path.name.startswith(_OPEN_IN_EXCEL):
            yield path


def _cells(path: Path, *, is_handed_in: bool) -> Iterator[tuple[str, str]]:
    for finding_id, text in read_notes(path, must_be_findings=is_handed_in).iter_rows():
        words = _NOT_TEXT.sub("", str(text).replace("\r\n", "\n").replace("\r", "\n")).strip()
        if words:
            yield finding_id, words


def _stamp(path: Path) -> str:
    """When the workbook was saved last, as its writer noted in it."""
    return _property(_properties(path), _MODIFIED)


def _saved(path: Path) -> tuple[str | None, date | None]:
    """Who saved the workbook last, and on which day, as its writer noted in it."""
    told = _properties(path)
    try:
        day = date.fromisoformat(_property(told, _MODIFIED)[:10])
    except ValueError:
        day = None
    return _property(told, _BY) or None, day


def _property(told: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((told[name] for name in names if name in told), "")


def _properties(path: Path) -> dict[str, str]:
    try:
        with zipfile.ZipFile(path) as packed:
            there = [name for name in _PROPERTIES if name in packed.namelist()]
            if not there:
                return {}
            with packed.open(there[0]) as handle:
                root = etree.fromstring(handle.read(1 << 20), etree.XMLParser(resolve_entities=False, no_network=True))
    except (OSError, zipfile.BadZipFile, etree.XMLSyntaxError):
        return {}
    return {str(one.tag): (one.text or "").strip() for one in root.iter()}
