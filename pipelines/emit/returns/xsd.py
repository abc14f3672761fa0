"""What an XSD says about its elements: order, repetition, what is mandatory, which values are listed.

Only what is needed to place values; validation itself is libxml2's. A pack comes by e-mail, so every file is read
without network, DTD or entities, and from the pack's folder only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import etree

from schemas.returns import ProfileError, inside

XS = "http://www.w3.org/2001/XMLSchema"
_COMPOSITORS = ("sequence", "choice", "all")
_MAX_DEPTH = 64


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


@dataclass(frozen=True)
class Attribute:
    """An attribute that an element may carry."""

    name: str
    namespace: str | None
    required: bool
    fixed: str | None
    values: frozenset[str] | None
    """Listed values; None: any."""

    @property
    def tag(self) -> str:
        """Name as lxml writes it."""
        return f"{{{self.namespace}}}{self.name}" if self.namespace else self.name


@dataclass(frozen=True)
class Model:
    """A sequence, choice or all-group of elements and further groups."""

    kind: str
    optional: bool
    many: bool
    parts: tuple[Model | Node, ...]


@dataclass(eq=False)
class Node:
    """One element of the XSD, seen at one place of the tree."""

    name: str
    namespace: str | None
    optional: bool
    many: bool
    nillable: bool
    fixed: str | None
    _declaration: etree._Element = field(repr=False)
    _schema: Schema = field(repr=False)
    _depth: int = 0

    @property
    def tag(self) -> str:
        """Name as lxml writes it."""
        return f"{{{self.namespace}}}{self.name}" if self.namespace else self.name

    @cached_property
    def _type(self) -> _Type:
        if self._depth > _MAX_DEPTH:
            raise ProfileError(f"The XSD nests element {self.name} more than {_MAX_DEPTH} deep.")
        return self._schema.type_of(self._declaration, self._depth)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Attributes in the order of the XSD."""
        return self._type.attributes

    @property
    def models(self) -> tuple[Model, ...]:
        """Content models, in order (an extended type has its base's first)."""
        return self._type.models

    @property
    def has_text(self) -> bool:
        """Whether the element holds a value rather than elements."""
        return self._type.text

    @property
    def values(self) -> frozenset[str] | None:
        """Listed values of the element's text; None: any."""
        return self._type.values

    @property
    def is_list(self) -> bool:
        """Whether the text is a list of values parted by spaces."""
        return self._type.is_list

    @cached_property
    def children(self) -> tuple[Node, ...]:
        """Child elements in the order of the XSD."""
        return tuple(node for model in self.models for node in nodes_of(model))

    def named(self, name: str) -> list[Node]:
        """Child elements of that local name."""
        return [node for node in self.children if node.name == name]

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that local name."""
        return next((a for a in self.attributes if a.name == name), None)


def nodes_of(part: Model | Node) -> Iterator[Node]:
    """The elements of a content model, those of its groups among them, in order."""
    if isinstance(part, Node):
        yield part
    else:
        for inner in part.parts:
            yield from nodes_of(inner)


@dataclass(frozen=True)
class _Type:
    text: bool = False
    values: frozenset[str] | None = None
    is_list: bool = False
    models: tuple[Model, ...] = ()
    attributes: tuple[Attribute, ...] = ()


class Schema:
    """An XSD with all that it includes and imports.

    Raises:
        ProfileError: a file is missing, outside the folder, not well-formed, or refers to what is not there.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.path = inside(folder, name)
        self._globals: dict[tuple[str, str | None, str], etree._Element] = {}
        self._target: dict[etree._Element, str | None] = {}
        self._read: set[tuple[Path, str | None]] = set()
        self._load(self.path, None)

    def roots(self) -> list[str]:
        """Names of the global elements."""
        return sorted(name for kind, _, name in self._globals if kind == "element")

    def root(self, name: str) -> Node | None:
        """The global element of that local name."""
        found = [d for (kind, _, n), d in self._globals.items() if kind == "element" and n == name]
        return self._node(found[0], found[0], 0) if len(found) == 1 else None

    def validator(self) -> etree.XMLSchema:
        """The compiled XSD.

        Raises:
            ProfileError: libxml2 does not accept it.
        """
        try:
            return etree.XMLSchema(etree.parse(str(self.path), safe_parser()))
        except etree.XMLSchemaParseError as error:
            raise ProfileError(f"{self.path.name} is not a valid XSD: {str(error).splitlines()[0]}") from None

    # --- reading ---------------------------------------------------------------------------------------------------

    def _load(self, path: Path, chameleon: str | None) -> None:
        root = parse_safely(path).getroot()
        if root.tag != f"{{{XS}}}schema":
            raise ProfileError(f"The pack's file {path.name} is not an XSD.")
        target = root.get("targetNamespace") or chameleon
        if (path, target) in self._read:
            return
        self._read.add((path, target))
        self._target[root] = target
        for child in root.iterchildren(f"{{{XS}}}*"):
            kind = etree.QName(child).localname
            if kind in ("include", "import", "redefine", "override"):
                location = child.get("schemaLocation")
                if location is None:
                    continue
                if kind in ("redefine", "override"):
                    raise ProfileError(f"{path.name} uses xs:{kind}, which is not supported.")
                beside = path.parent.relative_to(self.folder.resolve()) / location
                name = location if "://" in location else beside.as_posix()
                self._load(inside(self.folder, name), target if kind == "include" else None)
            elif child.get("name"):
                self._globals[kind, target, str(child.get("name"))] = child

    def _namespace(self, declaration: etree._Element) -> str | None:
        return self._target[declaration.getroottree().getroot()]

    def _find(self, kind: str, at: etree._Element, name: str) -> etree._Element:
        prefix, _, local = name.rpartition(":")
        namespace = at.nsmap.get(prefix or None)
        for candidate in (namespace, self._namespace(at)):
            found = self._globals.get((kind, candidate, local))
            if found is not None:
                return found
        raise ProfileError(f"The XSD refers to the {kind} {local}, which is not in the pack.")

    def _node(self, declaration: etree._Element, particle: etree._Element, depth: int) -> Node:
        is_global = etree.QName(declaration.getparent()).localname == "schema"
        root = declaration.getroottree().getroot()
        form = declaration.get("form") or root.get("elementFormDefault", "unqualified")
        return Node(
            name=str(declaration.get("name")),
            namespace=self._namespace(declaration) if is_global or form == "qualified" else None,
            optional=particle.get("minOccurs", "1") == "0",
            many=particle.get("maxOccurs", "1") not in ("0", "1"),
            nillable=declaration.get("nillable") in ("true", "1"),
            fixed=declaration.get("fixed"),
            _declaration=declaration,
            _schema=self,
            _depth=depth,
        )

    def _model(self, element: etree._Element, depth: int) -> Model:
        if depth > _MAX_DEPTH:
            raise ProfileError(f"The XSD nests its groups more than {_MAX_DEPTH} deep.")
        parts: list[Model | Node] = []
        for child in element.iterchildren(f"{{{XS}}}*"):
            kind = etree.QName(child).localname
            if child.get("maxOccurs") == "0":
                continue
            if kind == "element":
                reference = child.get("ref")
                found = self._find("element", child, reference) if reference else child
                parts.append(self._node(found, child, depth + 1))
            elif kind in _COMPOSITORS:
                parts.append(self._model(child, depth + 1))
            elif kind == "group":
                parts.append(self._group(child, depth + 1))
        return Model(
            etree.QName(element).localname,
            element.get("minOccurs", "1") == "0",
            element.get("maxOccurs", "1") not in ("0", "1"),
            tuple(parts),
        )

    def _group(self, reference: etree._Element, depth: int) -> Model:
        group = self._find("group", reference, str(reference.get("ref")))
        inner = [m for m in group.iterchildren(f"{{{XS}}}*") if etree.QName(m).localname in _COMPOSITORS]
        return Model(
            "sequence",
            reference.get("minOccurs", "1") == "0",
            reference.get("maxOccurs", "1") not in ("0", "1"),
            tuple(self._model(m, depth) for m in inner),
        )

    # --- types -----------------------------------------------------------------------------------------------------

    def type_of(self, declaration: etree._Element, depth: int) -> _Type:
        """What an element declaration may hold."""
        for child in declaration.iterchildren(f"{{{XS}}}simpleType", f"{{{XS}}}complexType"):
            return self._complex(child, depth) if child.tag.endswith("complexType") else self._simple(child)
        name = declaration.get("type")
        return _Type(text=True) if name is None else self._named(declaration, name, depth)

    def _named(self, at: etree._Element, name: str, depth: int) -> _Type:
        prefix, _, local = name.rpartition(":")
        if at.nsmap.get(prefix or None) == XS:
            return _Type(text=True, is_list=local in ("NMTOKENS", "IDREFS", "ENTITIES"))
        try:
            return self._simple(self._find("simpleType", at, name))
        except ProfileError:
            return self._complex(self._find("complexType", at, name), depth)

    def _simple(self, element: etree._Element, depth: int = 0) -> _Type:
        if depth > _MAX_DEPTH:
            raise ProfileError("The XSD derives a simple type from itself.")

        def named(at: etree._Element, name: str) -> _Type:
            prefix, _, local = name.rpartition(":")
            if at.nsmap.get(prefix or None) == XS:
                return _Type(text=True, is_list=local in ("NMTOKENS", "IDREFS", "ENTITIES"))
            return self._simple(self._find("simpleType", at, name), depth + 1)

        for part in element.iterchildren(f"{{{XS}}}*"):
            kind = etree.QName(part).localname
            inner = [self._simple(t, depth + 1) for t in part.iterchildren(f"{{{XS}}}simpleType")]
            if kind == "restriction":
                base = named(part, str(part.get("base"))) if part.get("base") else inner[0]
                listed = frozenset(str(e.get("value")) for e in part.iterchildren(f"{{{XS}}}enumeration"))
                return _Type(text=True, values=listed or base.values, is_list=base.is_list)
            if kind == "list":
                item = named(part, str(part.get("itemType"))) if part.get("itemType") else inner[0]
                return _Type(text=True, values=item.values, is_list=True)
            if kind == "union":
                members = [named(part, name) for name in str(part.get("memberTypes") or "").split()] + inner
                sets = [member.values for member in members]
                listed_all = None if None in sets else frozenset().union(*[s for s in sets if s is not None])
                return _Type(text=True, values=listed_all)
        return _Type(text=True)

    def _complex(self, element: etree._Element, depth: int) -> _Type:
        if depth > _MAX_DEPTH:
            raise ProfileError("The XSD derives a complex type from itself.")
        for content in element.iterchildren(f"{{{XS}}}simpleContent", f"{{{XS}}}complexContent"):
            simple = content.tag.endswith("simpleContent")
            for derived in content.iterchildren(f"{{{XS}}}extension", f"{{{XS}}}restriction"):
                base_name = str(derived.get("base"))
                base = _Type() if base_name.endswith("anyType") else self._named(derived, base_name, depth + 1)
                own = frozenset(str(e.get("value")) for e in derived.iterchildren(f"{{{XS}}}enumeration"))
                extends = derived.tag.endswith("extension")
                models = self._models(derived, depth)
                attributes = {a.name: a for a in base.attributes}
                attributes.update({a.name: a for a in self._attributes(derived)})
                return _Type(
                    text=simple,
                    values=own or base.values,
                    is_list=base.is_list,
                    models=(*base.models, *models) if extends else models,
                    attributes=tuple(attributes.values()),
                )
        return _Type(models=self._models(element, depth), attributes=tuple(self._attributes(element)))

    def _models(self, element: etree._Element, depth: int) -> tuple[Model, ...]:
        found = []
        for child in element.iterchildren(f"{{{XS}}}*"):
            kind = etree.QName(child).localname
            if kind in _COMPOSITORS:
                found.append(self._model(child, depth + 1))
            elif kind == "group":
                found.append(self._group(child, depth + 1))
        return tuple(found)

    def _attributes(self, element: etree._Element, depth: int = 0) -> Iterator[Attribute]:
        if depth > _MAX_DEPTH:
            raise ProfileError("The XSD derives an attribute group from itself.")
        for child in element.iterchildren(f"{{{XS}}}attribute", f"{{{XS}}}attributeGroup"):
            if child.tag.endswith("attributeGroup"):
                group = self._find("attributeGroup", child, str(child.get("ref")))
                yield from self._attributes(group, depth + 1)
                continue
            if child.get("use") == "prohibited":
                continue
            reference = child.get("ref")
            declared = self._find("attribute", child, reference) if reference else child
            root = declared.getroottree().getroot()
            form = declared.get("form") or root.get("attributeFormDefault", "unqualified")
            yield Attribute(
                name=str(declared.get("name")),
                namespace=self._namespace(declared) if reference or form == "qualified" else None,
                required=child.get("use") == "required",
                fixed=child.get("fixed") or declared.get("fixed"),
                values=self.type_of(declared, 0).values,
            )
