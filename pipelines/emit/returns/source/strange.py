"""Elements and attributes of a document for which the return profile has no place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from pipelines.emit.returns.plan import Plan, Spot

_LINES_KNOWN = 65_535
_OF_SCHEMAS = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass
class Known:
    """What an element may hold."""

    attributes: set[str] = field(default_factory=set)
    children: dict[str, Known] = field(default_factory=dict)
    has_text: bool = False

    def add(self, spot: Spot) -> Known:
        """Put what the profile writes into it to what is known."""
        self.attributes |= set(spot.attributes)
        self.has_text |= spot.text is not None
        for tag, child in spot.children.items():
            self.children.setdefault(tag, Known()).add(child)
        for _, row in spot.rows:
            self.add(row)
        return self


def known_of(plan: Plan) -> tuple[Known, Known]:
    """Of the root, and of the repeated element."""
    assert plan.root is not None
    return Known().add(plan.root), Known().add(plan.unit)


def fits(element: etree._Element, known: Known) -> bool:
    """Whether all of it is known: the short way for nearly all of many elements."""
    if not known.has_text and (text := element.text) and not text.isspace():
        return False
    names = element.keys()
    if names and not known.attributes.issuperset(map(str, names)):
        return False
    children = known.children
    for child in element:
        inner = children.get(child.tag)
        if inner is None or not fits(child, inner):
            return False
    return True


def unknown(element: etree._Element, known: Known, path: tuple[str, ...] = ()) -> Iterator[tuple[str, int]]:
    """Path and line of each element, attribute or text that holds something and is not known.

    An element that is not known is one, whatever it holds.
    """
    for name in map(str, element.attrib):
        if name not in known.attributes and not name.startswith(_OF_SCHEMAS):
            yield "/".join((*path, f"@{_local(name)}")), line_of(element)
    if not known.has_text and element.text and element.text.strip():
        yield "/".join((*path, "text()")), line_of(element)
    for child in element:
        if not isinstance(child.tag, str):
            continue
        below = (*path, _local(child.tag))
        inner = known.children.get(child.tag)
        if inner is not None:
            yield from unknown(child, inner, below)
        elif _holds_something(child):
            yield "/".join(below), line_of(child)


def line_of(element: etree._Element) -> int:
    """Line on which it begins; 0 where that is not known.

    From line 65,535 on libxml2 knows the lines of texts alone: that on which the first text within it ends.
    """
    line = int(_sourceline(element) or 0)
    if line < _LINES_KNOWN:
        return line
    while not element.text and len(element):
        element = element[0]
    return line - (element.text or "").count("\n")


def _sourceline(element: Any) -> Any:
    return element.sourceline


def _holds_something(element: etree._Element) -> bool:
    return any((one.text or "").strip() or len(one.attrib) for one in element.iter("*"))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
