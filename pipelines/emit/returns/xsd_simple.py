"""What an XSD says about a single value: its type, the values it lists, its form and its length."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lxml import etree

from pipelines.emit.returns.xsd_files import XS, XsdFiles, kind_of
from schemas.returns import ProfileError

MAX_DEPTH = 64
_LISTS = ("NMTOKENS", "IDREFS", "ENTITIES")
_LIMITS = ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive", "totalDigits", "fractionDigits")
_LENGTHS = ("length", "minLength", "maxLength")


@dataclass(frozen=True)
class Simple:
    """What one value may be."""

    base: str = "string"
    """Built-in type from which it is derived, without prefix: ``date``, ``integer``; ``string`` unless it is said."""
    values: frozenset[str] | None = None
    """Listed values; None: any."""
    is_list: bool = False
    patterns: tuple[str, ...] = ()
    """Patterns of the last step of the derivation that has any: one of them must fit."""
    limits: tuple[tuple[str, str], ...] = ()
    """Facets on length and size by name, the narrowest last: ``("maxLength", "20")``."""
    members: tuple[Simple, ...] = ()
    """Of a union: what the value may be instead."""

    def limit(self, name: str) -> str | None:
        """The facet of that name."""
        return dict(self.limits).get(name)


class SimpleTypes:
    """Reads simple types of an XSD."""

    def __init__(self, files: XsdFiles) -> None:
        self._files = files

    def named(self, at: etree._Element, name: str, depth: int = 0) -> Simple | None:
        """The simple type of that name as written at an element; None where the XSD has no such simple type."""
        prefix, _, local = name.rpartition(":")
        if at.nsmap.get(prefix or None) == XS:
            return Simple(base=local, is_list=local in _LISTS)
        found = self._files.seek("simpleType", at, name)
        return None if found is None else self.read(found, depth + 1)

    def _named(self, at: etree._Element, name: str, depth: int) -> Simple:
        found = self.named(at, name, depth)
        if found is None:
            raise ProfileError(f"The XSD refers to the type {name.rpartition(':')[2]}, which is not in the pack.")
        return found

    def read(self, element: etree._Element, depth: int = 0) -> Simple:
        """What a ``xs:simpleType`` says.

        Raises:
            ProfileError: it is derived from itself, or from what is not in the pack.
        """
        if depth > MAX_DEPTH:
            raise ProfileError("The XSD derives a simple type from itself.")
        for part in element.iterchildren(f"{{{XS}}}*"):
            kind = kind_of(part)
            inner = [self.read(t, depth + 1) for t in part.iterchildren(f"{{{XS}}}simpleType")]
            if kind == "restriction":
                base = self._named(part, str(part.get("base")), depth) if part.get("base") else inner[0]
                return narrowed(base, part)
            if kind == "list":
                item = self._named(part, str(part.get("itemType")), depth) if part.get("itemType") else inner[0]
                return replace(item, is_list=True, limits=())
            if kind == "union":
                members = [self._named(part, name, depth) for name in str(part.get("memberTypes") or "").split()]
                members += inner
                sets = [member.values for member in members]
                listed = None if None in sets else frozenset().union(*[s for s in sets if s is not None])
                return Simple(values=listed, members=tuple(members))
        return Simple()


def narrowed(base: Simple, restriction: etree._Element) -> Simple:
    """The base with the facets of a restriction."""
    listed = frozenset(str(e.get("value")) for e in restriction.iterchildren(f"{{{XS}}}enumeration"))
    patterns = tuple(str(e.get("value")) for e in restriction.iterchildren(f"{{{XS}}}pattern"))
    limits = dict(base.limits)
    for facet in restriction.iterchildren(*(f"{{{XS}}}{name}" for name in (*_LIMITS, *_LENGTHS))):
        limits[kind_of(facet)] = str(facet.get("value"))
    return replace(base, values=listed or base.values, patterns=patterns or base.patterns, limits=tuple(limits.items()))
