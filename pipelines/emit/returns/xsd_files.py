"""The files of an XSD: read without network, DTD or entities, and from the pack's folder only.

A pack comes by e-mail; it is read as if a stranger had written it.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from schemas.returns import ProfileError, inside

XS = "http://www.w3.org/2001/XMLSchema"
_NOT_SUPPORTED = ("redefine", "override")
_OF_XSD_1_1 = ("assert", "alternative", "openContent", "defaultOpenContent")


def safe_parser() -> etree.XMLParser:
    """A parser that opens nothing but the bytes it is given."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def parse_safely(path: Path) -> etree._ElementTree:
    """Read an XML file of a pack.

    Raises:
        ProfileError: it is not well-formed, or has a document type declaration.
    """
    try:
        tree = etree.parse(str(path), safe_parser())
    except (etree.XMLSyntaxError, OSError):
        raise ProfileError(f"The pack's file {path.name} is not well-formed XML.") from None
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise ProfileError(f"The pack's file {path.name} has a document type declaration, which is not accepted.")
    return tree


def kind_of(element: etree._Element) -> str:
    """Local name of an element of the XSD: ``sequence``, ``complexType`` and the like."""
    return etree.QName(element).localname


class XsdFiles:
    """What an XSD declares globally, in its own file and in all that it includes and imports.

    Raises:
        ProfileError: a file is missing, outside the folder, not well-formed, or says what cannot be followed.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.path = inside(folder, name)
        self.declared: dict[tuple[str, str | None, str], etree._Element] = {}
        self._target: dict[etree._Element, str | None] = {}
        self._read: set[tuple[Path, str | None]] = set()
        self._load(self.path, None)

    def all_of(self, kind: str) -> list[etree._Element]:
        """Global declarations of a kind, in the order of the files."""
        return [element for (one, _, _), element in self.declared.items() if one == kind]

    def namespace(self, declaration: etree._Element) -> str | None:
        """Target namespace of the file that a declaration stands in."""
        return self._target[declaration.getroottree().getroot()]

    def find(self, kind: str, at: etree._Element, name: str) -> etree._Element:
        """The global declaration that a name, as written at an element, refers to.

        Raises:
            ProfileError: there is none.
        """
        found = self.seek(kind, at, name)
        if found is None:
            raise ProfileError(f"The XSD refers to the {kind} {name.rpartition(':')[2]}, which is not in the pack.")
        return found

    def seek(self, kind: str, at: etree._Element, name: str) -> etree._Element | None:
        """Like ``find``; None where there is none."""
        prefix, _, local = name.rpartition(":")
        for namespace in (at.nsmap.get(prefix or None), self.namespace(at)):
            found = self.declared.get((kind, namespace, local))
            if found is not None:
                return found
        return None

    def _load(self, path: Path, chameleon: str | None) -> None:
        root = parse_safely(path).getroot()
        if root.tag != f"{{{XS}}}schema":
            raise ProfileError(f"The pack's file {path.name} is not an XSD.")
        newer = next(root.iter(*(f"{{{XS}}}{kind}" for kind in _OF_XSD_1_1)), None)
        if newer is not None:
            raise ProfileError(
                f"{path.name} uses xs:{kind_of(newer)} of XSD 1.1, which this program cannot check; ask for the"
                " XSD 1.0 form."
            )
        target = root.get("targetNamespace") or chameleon
        if (path, target) in self._read:
            return
        self._read.add((path, target))
        self._target[root] = target
        for child in root.iterchildren(f"{{{XS}}}*"):
            kind = kind_of(child)
            if kind in ("include", "import", *_NOT_SUPPORTED):
                location = child.get("schemaLocation")
                if location is None:
                    continue
                if kind in _NOT_SUPPORTED:
                    raise ProfileError(
                        f"{path.name} uses xs:{kind}, which is not supported: ask for an XSD in which the changed"
                        " types are written out."
                    )
                beside = path.parent.relative_to(self.folder.resolve()) / unquote(location)
                name = location if "://" in location else beside.as_posix()
                self._load(inside(self.folder, name), target if kind == "include" else None)
            elif child.get("name"):
                self.declared[kind, target, str(child.get("name"))] = child
