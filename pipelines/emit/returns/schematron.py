"""The pack's Schematron, where it can be run: query binding XSLT 1, with every access to files and network denied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from lxml import etree

from pipelines.emit.returns.xsd import parse_safely
from schemas.returns import ProfileError, inside

# The stubs of lxml lack the module.
isoschematron: Any = import_module("lxml.isoschematron")

SCH = isoschematron.SCHEMATRON_NS
SVRL = isoschematron.SVRL_NS
XSL = "http://www.w3.org/1999/XSL/Transform"
_BINDINGS = ("", "xslt", "xslt1", "xpath", "exslt")
_WARNINGS = ("warn", "warning", "info", "information")
_MAX_INCLUDES = 100

# Neither files nor network: a pack comes by e-mail. The stubs lack the name.
_NO_ACCESS: Any = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Violation:
    """One assertion that failed (or report that held): the element, the rule, its fixed text."""

    node: etree._Element | None
    rule: str
    text: str
    is_warning: bool


class Schematron:
    """A compiled Schematron.

    Raises:
        ProfileError: not well-formed, not Schematron, reaches out of the pack, or not compilable.
    """

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self.not_run: str | None = None
        self._transform: etree.XSLT | None = None
        root = parse_safely(path).getroot()
        if root.tag != f"{{{SCH}}}schema":
            raise ProfileError(f"The pack's file {path.name} is not ISO Schematron.")
        _include(root, path, folder)
        binding = root.get("queryBinding", "").lower()
        if binding not in _BINDINGS:
            self.not_run = (
                f"{path.name} has the query binding {binding}, which this program cannot run (it runs XSLT 1"
                " only). The Schematron was not run, so the return is not clean."
            )
            return
        self._number(root)
        for element in root.iter(f"{{{XSL}}}*"):
            if etree.QName(element).localname in ("include", "import", "document"):
                raise ProfileError(f"{path.name} loads or writes other files by XSLT, which is not accepted.")
        try:
            expanded = isoschematron.iso_abstract_expand(root.getroottree())
            compiled = isoschematron.iso_svrl_for_xslt1(expanded)
            self._transform = etree.XSLT(compiled, access_control=_NO_ACCESS)
        except (etree.XSLTError, etree.LxmlError) as error:
            raise ProfileError(f"{path.name} cannot be compiled: {type(error).__name__}.") from None

    def _number(self, root: etree._Element) -> None:
        """Give every assertion an id, so that its fixed text can be found again: the report's text holds values."""
        self._texts: dict[str, tuple[str, str, bool]] = {}
        for number, test in enumerate(root.iter(f"{{{SCH}}}assert", f"{{{SCH}}}report"), 1):
            rule = test.getparent()
            own = test.get("id")
            role = (
                test.get("role") or test.get("flag") or (rule.get("role") if rule is not None else "") or ""
            ).lower()
            key = f"hclic-{number}"
            self._texts[key] = (own or f"{self.path.name} assertion {number}", _text(test), role in _WARNINGS)
            test.set("id", key)

    def violations(self, document: etree._ElementTree) -> Iterator[Violation]:
        """What the document violates, in the Schematron's order.

        Raises:
            ProfileError: the Schematron failed while it ran, or tried to open a file.
        """
        if self._transform is None:
            return
        try:
            report = self._transform(document)
        except (etree.XSLTError, etree.LxmlError) as error:
            raise ProfileError(f"{self.path.name} could not be run to its end: {type(error).__name__}.") from None
        for found in report.getroot().iter(f"{{{SVRL}}}failed-assert", f"{{{SVRL}}}successful-report"):
            rule, text, is_warning = self._texts.get(found.get("id", ""), (self.path.name, "A rule is not met.", False))
            try:
                nodes = document.xpath(found.get("location", ""))
            except etree.XPathError:
                nodes = []
            node = nodes[0] if isinstance(nodes, list) and nodes and isinstance(nodes[0], etree._Element) else None
            yield Violation(node, rule, text, is_warning)


def _text(test: etree._Element) -> str:
    """The assertion's fixed text: what it would print of the data is left out."""
    parts = [test.text or ""]
    for child in test:
        if etree.QName(child).localname in ("value-of", "name"):
            parts.append("…")
        else:
            parts.append("".join(str(part) for part in child.itertext()))
        parts.append(child.tail or "")
    return re.sub(r"\s+", " ", "".join(parts)).strip() or "A rule of the Schematron is not met."


def _include(root: etree._Element, path: Path, folder: Path) -> None:
    for _ in range(_MAX_INCLUDES):
        include = next(root.iter(f"{{{SCH}}}include"), None)
        if include is None:
            break
        name = (path.parent.relative_to(folder.resolve()) / (include.get("href") or "")).as_posix()
        part = parse_safely(inside(folder, name)).getroot()
        parent = include.getparent()
        if parent is None:
            break
        part.tail = include.tail
        parent.replace(include, part)
    else:
        raise ProfileError(f"{path.name} includes more than {_MAX_INCLUDES} files.")
    if next(root.iter("{http://www.w3.org/2001/XInclude}include"), None) is not None:
        raise ProfileError(f"{path.name} uses XInclude, which is not accepted.")
