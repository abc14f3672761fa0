"""The documents of a return that somebody has at hand: told apart, parsed in parts, held to what they say they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree

from pipelines.emit.returns.official import PlannedFile, ReturnProfile
from pipelines.emit.returns.readback import getter
from pipelines.errors import InputError
from pipelines.extract.exports import ExportFile, shown, xml_files_of
from pipelines.period import Quarter

_FED_AT_ONCE = 1024 * 1024
_ROOT_WITHIN = 4 * _FED_AT_ONCE
"""Bytes within which a return's root has begun."""
_NAMED = re.compile(r"(?<![A-Z0-9])([EWSN]\d{8})_(\d{4}-Q[1-4])(?!\d)")


@dataclass
class Document:
    """One file of a return."""

    file: ExportFile
    planned: PlannedFile
    header: dict[str, str] = field(default_factory=dict)
    """Value by the name of the header's field, as written; known when it has been read to its end."""

    @property
    def kind(self) -> str:
        """``case`` or ``personal``."""
        return self.planned.profile.kind


def is_return(export: Path) -> bool:
    """Whether an export is one XML file, or a folder or zip that holds such files and no tables."""
    if export.is_file() and export.suffix.lower() not in (".xml", ".zip"):
        return False
    try:
        files, others = xml_files_of(export)
    except InputError:
        return export.suffix.lower() == ".xml"
    return bool(files) and not others


Files = Path | Sequence[ExportFile]
"""A return: the XML file, a folder or zip with those of one return, or the files themselves."""


def read_documents(
    export: Files,
    profile: ReturnProfile,
    begin: Callable[[Document], None],
    take: Callable[[Document, etree._Element], None],
    frame: Callable[[Document, etree._Element], None],
) -> list[Document]:
    """Parse every XML file of a return, its repeated elements one after the other, in order of the files' names.

    Args:
        export: the return.
        profile: the return profile that it was written with.
        begin: is given each document before its elements.
        take: is given each repeated element; it is emptied afterwards.
        frame: is given the root of each document, without its repeated elements.

    Raises:
        InputError: a file is damaged, declares a document type, or is no part of a return of that profile.
    """
    files = xml_files_of(export)[0] if isinstance(export, Path) else tuple(export)
    if isinstance(export, Path) and not files:
        raise InputError(f"The export {shown(export.name)} holds no XML file, so it is no return.")
    found = [_read(file, profile, begin, take, frame) for file in files]
    if all(one.kind != "case" for one in found):
        name = shown(export.name) if isinstance(export, Path) else ", ".join(file.name for file in files)
        raise InputError(f"{name} holds the personal data of a return only; give the case file, or the folder of both.")
    return found


def check_headers(documents: list[Document], authority: str, quarter: Quarter) -> None:
    """Refuse a return of another authority or quarter: by its header or, where that is silent, by its file's name.

    Raises:
        InputError: it is of another.
    """
    for one in documents:
        named = _NAMED.search(one.file.stem)
        given = named.groups() if named else (None, None)
        for what, wanted, said in (
            ("authority", authority, one.header.get("authority", given[0])),
            ("quarter", str(quarter), one.header.get("quarter", given[1])),
        ):
            if said and said.strip() != wanted:
                raise InputError(
                    f"{one.file.name} is a return of another {what} than {wanted}: so its header or its name says."
                )


def _read(
    file: ExportFile,
    profile: ReturnProfile,
    begin: Callable[[Document], None],
    take: Callable[[Document, etree._Element], None],
    frame: Callable[[Document, etree._Element], None],
) -> Document:
    """Parse one file. ``tag`` keeps libxml2 from handing over each of millions of elements."""
    roots = {one.plan.root.node.tag: one for one in profile.files.values() if one.plan.root is not None}
    tags = {*roots, *(one.plan.unit.node.tag for one in profile.files.values())}
    parser: Any = etree.XMLPullParser(
        events=("start", "end"),
        tag=tuple(sorted(tags)),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    document: Document | None = None
    ended, fed = False, 0
    try:
        for part in _slices(file):
            parser.feed(part)
            fed += len(part)
            for event, element in parser.read_events():
                if document is None:
                    document = _begun(file, roots, element)
                    begin(document)
                if event == "end":
                    ended = _ended(document, element, take, frame) or ended
            if document is None and fed > _ROOT_WITHIN:
                break
        if document is not None:
            parser.close()
    except etree.XMLSyntaxError as error:
        raise InputError(
            f"{file.name} is damaged, or no XML: it cannot be read further than line {error.lineno}. Nothing of it was"
            " used; fetch the file again."
        ) from None
    if document is None:
        raise _no_return(file, roots)
    if not ended:
        raise InputError(f"{file.name} is cut off: its end is missing. Nothing of it was used; fetch the file again.")
    return document


def _slices(file: ExportFile) -> Iterator[bytes]:
    for part in file.parts():
        for start in range(0, len(part), _FED_AT_ONCE):
            yield part[start : start + _FED_AT_ONCE]


def _begun(file: ExportFile, roots: dict[str, PlannedFile], element: etree._Element) -> Document:
    if element.getroottree().docinfo.internalDTD is not None:
        raise InputError(
            f"{file.name} declares a document type (DOCTYPE), which no return has and which was not followed. Fetch the"
            " file again from where it was made."
        )
    if element.getparent() is not None or element.tag not in roots:
        raise _no_return(file, roots)
    return Document(file, roots[element.tag])


def _no_return(file: ExportFile, roots: dict[str, PlannedFile]) -> InputError:
    names = " or ".join(sorted({tag.rpartition("}")[2] for tag in roots}))
    return InputError(
        f"{file.name} is no file of a return as the return profile has it, which begins with {names}. A return made"
        " with an official pack needs --return-profile and the pack's folder."
    )


def _ended(
    document: Document,
    element: etree._Element,
    take: Callable[[Document, etree._Element], None],
    frame: Callable[[Document, etree._Element], None],
) -> bool:
    """Take what has ended; true where it was the root."""
    plan, parent = document.planned.plan, element.getparent()
    above = sum(1 for _ in element.iterancestors())
    if element.tag == plan.unit.node.tag and above == len(document.planned.profile.unit) - 1:
        if parent is None:
            document.header = _header(document.planned, element)
        take(document, element)
        if parent is None:
            return True
        element.clear()
        before = element.getprevious()
        if before is not None and before.tag == element.tag:
            parent.remove(before)
    if parent is not None:
        return False
    document.header = _header(document.planned, element)
    frame(document, element)
    return True


def _header(planned: PlannedFile, root: etree._Element) -> dict[str, str]:
    found = {}
    assert planned.plan.root is not None
    for path, name in planned.profile.header.items():
        for text in getter(planned.plan.root.node, path)(root)[:1]:
            found[name] = text.strip()
    return found
