"""What an XSD says about its elements: order, repetition, what is mandatory, which values are listed.

Only what is needed to place values; validation itself is libxml2's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from lxml import etree

from pipelines.emit.returns.xsd_files import XS, XsdFiles, kind_of, parse_safely, safe_parser
from pipelines.emit.returns.xsd_simple import MAX_DEPTH, Simple, SimpleTypes, narrowed
from schemas.returns import ProfileError

__all__ = ["Attribute", "Model", "Node", "Schema", "Simple", "nodes_of", "parse_safely", "safe_parser"]

_COMPOSITORS = ("sequence", "choice", "all")
_TRUE = ("true", "1")


@dataclass(frozen=True)
class Attribute:
    """An attribute that an element may carry."""

    name: str
    namespace: str | None
    required: bool
    fixed: str | None
    simple: Simple

    @property
    def values(self) -> frozenset[str] | None:
        """Listed values; None: any."""
        return self.simple.values

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


@dataclass(frozen=True)
class Content:
    """What an element may hold."""

    text: Simple | None = None
    """What its text may be; None: it has none."""
    models: tuple[Model, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    is_mixed: bool = False
    is_abstract: bool = False


@dataclass(eq=False)
class Node:
    """One element of the XSD, seen at one place of the tree."""

    name: str
    namespace: str | None
    optional: bool
    many: bool
    nillable: bool
    fixed: str | None
    """What the XSD writes into it by itself: its fixed value, else its default."""
    is_abstract: bool
    """The element may not be written; those that may stand for it are named in its stead."""
    xsi_type: tuple[str | None, str] | None = field(default=None, kw_only=True)
    """Namespace and name of the type that the profile chose for it."""
    _declaration: etree._Element = field(repr=False)
    _schema: Schema = field(repr=False)
    _depth: int = 0
    _type: etree._Element | None = field(default=None, repr=False)
    _typed: dict[str, Node] = field(default_factory=dict, repr=False)

    @property
    def tag(self) -> str:
        """Name as lxml writes it."""
        return f"{{{self.namespace}}}{self.name}" if self.namespace else self.name

    @cached_property
    def content(self) -> Content:
        """What the element may hold."""
        if self._depth > MAX_DEPTH:
            raise ProfileError(f"The XSD nests element {self.name} more than {MAX_DEPTH} deep.")
        if self._type is not None:
            return self._schema.complex_content(self._type, self._depth)
        return self._schema.content_of(self._declaration, self._depth)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Attributes in the order of the XSD."""
        return self.content.attributes

    @property
    def models(self) -> tuple[Model, ...]:
        """Content models, in order (an extended type has its base's first)."""
        return self.content.models

    @property
    def has_text(self) -> bool:
        """Whether the element holds a value rather than elements."""
        return self.content.text is not None

    @property
    def simple(self) -> Simple:
        """What the element's text may be."""
        return self.content.text or Simple()

    @property
    def values(self) -> frozenset[str] | None:
        """Listed values of the element's text; None: any."""
        return self.simple.values

    @property
    def is_list(self) -> bool:
        """Whether the text is a list of values parted by spaces."""
        return self.simple.is_list

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

    def as_type(self, name: str) -> Node | None:
        """The same element with a type derived from its own; None where the XSD has no such type."""
        if name not in self._typed:
            found = self._schema.type_named(name)
            if found is None:
                return None
            namespace, element = found
            self._typed[name] = replace(self, xsi_type=(namespace, name), _type=element, _typed={})
        return self._typed[name]

    def types(self) -> list[str]:
        """Names of the types that may be chosen for it."""
        return self._schema.derived_names(self._declaration)


def nodes_of(part: Model | Node) -> Iterator[Node]:
    """The elements of a content model, those of its groups among them, in order."""
    if isinstance(part, Node):
        yield part
    else:
        for inner in part.parts:
            yield from nodes_of(inner)


class Schema:
    """An XSD with all that it includes and imports.

    Raises:
        ProfileError: a file is missing, outside the folder, not well-formed, or refers to what is not there.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self._files = XsdFiles(folder, name)
        self._simple = SimpleTypes(self._files)
        self.path = self._files.path

    def roots(self) -> list[str]:
        """Names of the global elements."""
        return sorted(str(element.get("name")) for element in self._files.all_of("element"))

    def root(self, name: str) -> Node | None:
        """The global element of that local name."""
        found = [element for element in self._files.all_of("element") if element.get("name") == name]
        return self._node(found[0], found[0], 0) if len(found) == 1 else None

    def validator(self) -> etree.XMLSchema:
        """The compiled XSD.

        Raises:
            ProfileError: libxml2 does not accept it.
        """
        try:
            return etree.XMLSchema(etree.parse(str(self.path), safe_parser()))
        except etree.XMLSchemaParseError as error:
            last = error.error_log.last_error
            raise ProfileError(_not_valid(self.path.name, str(error), last.line if last is not None else 0)) from None

    # --- elements --------------------------------------------------------------------------------------------------

    def _node(self, declaration: etree._Element, particle: etree._Element, depth: int) -> Node:
        root = declaration.getroottree().getroot()
        is_global = declaration.getparent() is root
        form = declaration.get("form") or root.get("elementFormDefault", "unqualified")
        return Node(
            name=str(declaration.get("name")),
            namespace=self._files.namespace(declaration) if is_global or form == "qualified" else None,
            optional=particle.get("minOccurs", "1") == "0",
            many=_is_many(particle),
            nillable=declaration.get("nillable") in _TRUE,
            fixed=declaration.get("fixed") if declaration.get("fixed") is not None else declaration.get("default"),
            is_abstract=declaration.get("abstract") in _TRUE,
            _declaration=declaration,
            _schema=self,
            _depth=depth,
        )

    def _substitutes(self, head: etree._Element) -> Iterator[etree._Element]:
        for element in self._files.all_of("element"):
            name = element.get("substitutionGroup")
            if name and self._files.seek("element", element, name) is head and element is not head:
                yield element
                yield from self._substitutes(element)

    def _element(self, particle: etree._Element, depth: int) -> Model | Node:
        reference = particle.get("ref")
        if not reference:
            return self._node(particle, particle, depth)
        head = self._files.find("element", particle, reference)
        node = self._node(head, particle, depth)
        others = list(dict.fromkeys(self._substitutes(head)))
        if not others:
            return node
        # Each stands at the head's place: how often is said once, by the choice between them.
        once = etree.Element(f"{{{XS}}}element")
        parts = [self._node(one, once, depth) for one in ([head, *others] if not node.is_abstract else others)]
        return Model("choice", node.optional, node.many, tuple(part for part in parts if not part.is_abstract))

    def _model(self, element: etree._Element, depth: int) -> Model:
        if depth > MAX_DEPTH:
            raise ProfileError(f"The XSD nests its groups more than {MAX_DEPTH} deep.")
        parts: list[Model | Node] = []
        for child in element.iterchildren(f"{{{XS}}}*"):
            kind = kind_of(child)
            if child.get("maxOccurs") == "0":
                continue
            if kind == "element":
                parts.append(self._element(child, depth + 1))
            elif kind in _COMPOSITORS:
                parts.append(self._model(child, depth + 1))
            elif kind == "group":
                parts.append(self._group(child, depth + 1))
        return Model(kind_of(element), element.get("minOccurs", "1") == "0", _is_many(element), tuple(parts))

    def _group(self, reference: etree._Element, depth: int) -> Model:
        group = self._files.find("group", reference, str(reference.get("ref")))
        inner = [m for m in group.iterchildren(f"{{{XS}}}*") if kind_of(m) in _COMPOSITORS]
        return Model(
            "sequence",
            reference.get("minOccurs", "1") == "0",
            _is_many(reference),
            tuple(self._model(m, depth) for m in inner),
        )

    # --- types -----------------------------------------------------------------------------------------------------

    def content_of(self, declaration: etree._Element, depth: int) -> Content:
        """What an element or attribute declaration may hold."""
        for child in declaration.iterchildren(f"{{{XS}}}simpleType", f"{{{XS}}}complexType"):
            if kind_of(child) == "complexType":
                return self.complex_content(child, depth)
            return Content(text=self._simple.read(child))
        name = declaration.get("type")
        if name is not None:
            return self._named(declaration, name, depth)
        head = declaration.get("substitutionGroup")
        if head is not None and depth <= MAX_DEPTH:
            return self.content_of(self._files.find("element", declaration, head), depth + 1)
        return Content(text=Simple())

    def _named(self, at: etree._Element, name: str, depth: int) -> Content:
        if name.rpartition(":")[2] == "anyType" and at.nsmap.get(name.rpartition(":")[0] or None) == XS:
            return Content(text=Simple(), is_mixed=True)
        simple = self._simple.named(at, name)
        if simple is not None:
            return Content(text=simple)
        return self.complex_content(self._files.find("complexType", at, name), depth)

    def type_named(self, name: str) -> tuple[str | None, etree._Element] | None:
        """Namespace and element of the global complex type of that name; None unless there is exactly one."""
        found = [element for element in self._files.all_of("complexType") if element.get("name") == name]
        return (self._files.namespace(found[0]), found[0]) if len(found) == 1 else None

    def derived_names(self, declaration: etree._Element) -> list[str]:
        """Names of the types that are derived from an element's, abstract ones left out."""
        name = declaration.get("type")
        base = None if name is None else self._files.seek("complexType", declaration, name)
        if base is None:
            return []
        return [
            str(element.get("name"))
            for element in self._files.all_of("complexType")
            if element.get("abstract") not in _TRUE and base in self._bases(element)
        ]

    def _bases(self, element: etree._Element) -> list[etree._Element]:
        found: list[etree._Element] = []
        at: etree._Element | None = element
        while at is not None and len(found) <= MAX_DEPTH:
            derived = next(at.iterfind(f"{{{XS}}}complexContent/*[@base]"), None)
            at = None if derived is None else self._files.seek("complexType", derived, str(derived.get("base")))
            if at is not None:
                found.append(at)
        return found

    def complex_content(self, element: etree._Element, depth: int) -> Content:
        """What a ``xs:complexType`` says, with what it takes from the types it is derived from."""
        if depth > MAX_DEPTH:
            raise ProfileError("The XSD derives a complex type from itself.")
        is_abstract, is_mixed = element.get("abstract") in _TRUE, element.get("mixed") in _TRUE
        for content in element.iterchildren(f"{{{XS}}}simpleContent", f"{{{XS}}}complexContent"):
            for derived in content.iterchildren(f"{{{XS}}}extension", f"{{{XS}}}restriction"):
                base = self._named(derived, str(derived.get("base")), depth + 1)
                extends = kind_of(derived) == "extension"
                models = self._models(derived, depth)
                prohibited = {a.get("name") for a in derived.iterchildren() if a.get("use") == "prohibited"}
                attributes = {a.name: a for a in base.attributes if a.name not in prohibited}
                attributes.update({a.name: a for a in self._attributes(derived)})
                return Content(
                    text=self._narrowed_text(base, derived) if kind_of(content) == "simpleContent" else None,
                    models=(*base.models, *models) if extends else models,
                    attributes=tuple(attributes.values()),
                    is_mixed=is_mixed or content.get("mixed") in _TRUE or (base.is_mixed and base.text is None),
                    is_abstract=is_abstract,
                )
        return Content(
            models=self._models(element, depth),
            attributes=tuple(self._attributes(element)),
            is_mixed=is_mixed,
            is_abstract=is_abstract,
        )

    def _narrowed_text(self, base: Content, derived: etree._Element) -> Simple:
        own = derived.find(f"{{{XS}}}simpleType")
        simple = self._simple.read(own) if own is not None else base.text or Simple()
        return narrowed(simple, derived)

    def _models(self, element: etree._Element, depth: int) -> tuple[Model, ...]:
        found = []
        for child in element.iterchildren(f"{{{XS}}}*"):
            kind = kind_of(child)
            if child.get("maxOccurs") == "0":
                continue
            if kind in _COMPOSITORS:
                found.append(self._model(child, depth + 1))
            elif kind == "group":
                found.append(self._group(child, depth + 1))
        return tuple(found)

    def _attributes(self, element: etree._Element, depth: int = 0) -> Iterator[Attribute]:
        if depth > MAX_DEPTH:
            raise ProfileError("The XSD derives an attribute group from itself.")
        for child in element.iterchildren(f"{{{XS}}}attribute", f"{{{XS}}}attributeGroup"):
            if kind_of(child) == "attributeGroup":
                group = self._files.find("attributeGroup", child, str(child.get("ref")))
                yield from self._attributes(group, depth + 1)
                continue
            if child.get("use") == "prohibited":
                continue
            reference = child.get("ref")
            declared = self._files.find("attribute", child, reference) if reference else child
            root = declared.getroottree().getroot()
            form = declared.get("form") or root.get("attributeFormDefault", "unqualified")
            yield Attribute(
                name=str(declared.get("name")),
                namespace=self._files.namespace(declared) if reference or form == "qualified" else None,
                required=child.get("use") == "required",
                fixed=child.get("fixed") or declared.get("fixed"),
                simple=self.content_of(declared, 0).text or Simple(),
            )


def _is_many(particle: etree._Element) -> bool:
    return particle.get("maxOccurs", "1") not in ("0", "1")


def _not_valid(name: str, message: str, line: int) -> str:
    """Why libxml2 refuses an XSD, without its namespaces in braces and its file paths."""
    words = message.splitlines()[0].replace(f"{{{XS}}}", "xs:")
    words = " ".join(word for word in words.split() if "/" not in word)
    return f"{name} is not a valid XSD: {words}" + (f" (line {line})." if line else "")
