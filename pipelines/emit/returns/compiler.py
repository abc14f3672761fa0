"""Turns a plan into templates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from pipelines.emit.returns.fits import said_as_missing
from pipelines.emit.returns.plan import Constant, Field, Header, Plan, Spot, Value, repeated_group, touches
from pipelines.emit.returns.rows import CODES_APART, Case, Row, escape, head
from pipelines.emit.returns.template import (
    Branch,
    Choice,
    Each,
    Hole,
    InPlace,
    Leaf,
    Part,
    RowsOf,
    Take,
    Taken,
    Template,
    Together,
)
from pipelines.emit.returns.xsd import Model, Node, Simple
from schemas.returns import Group

XSI = "http://www.w3.org/2001/XMLSchema-instance"
HOLE = "\0cases\0"
_XML = "http://www.w3.org/XML/1998/namespace"

Probe = Callable[[Row, Case, str | None], bool]


@dataclass(frozen=True)
class Compiler:
    """Turns spots into templates: ``header`` by field name and form, ``prefixes`` by namespace ("": the default)."""

    header: Callable[[Header], str]
    prefixes: Mapping[str, str]
    unit: Spot

    def template(
        self,
        spot: Spot,
        node: Node,
        current: Group | None,
        depth: int,
        inside: Field | None = None,
        *,
        is_row: bool = False,
    ) -> Template:
        """The template of one element. ``current``: the group whose row is at hand; ``is_row``: it stands for it."""
        text = None
        if spot.text is not None:
            text = self._taken(spot.text, current, inside, is_row or not node.optional, spot.node.simple)
        return Template(
            indent="  " * depth,
            name=self.name(spot.node.namespace, spot.node.name),
            attributes=[
                (
                    self.name(attribute.namespace, attribute.name),
                    self._taken(
                        spot.attributes[attribute.tag][1], current, inside, attribute.required, attribute.simple
                    ),
                )
                for attribute in spot.node.attributes
                if attribute.tag in spot.attributes
            ],
            text=text,
            empty=empty_as(spot),
            children=self._parts(spot, current, depth + 1, inside),
            is_kept=not node.optional or empty_as(spot) != "omit" or not spot.holds_row_values(),
            is_mandatory=not node.optional,
            marks=self._type(spot.node),
        )

    def _type(self, node: Node) -> str:
        if node.xsi_type is None:
            return ""
        return f' xsi:type="{self.name(*node.xsi_type)}"'

    def _parts(self, spot: Spot, current: Group | None, depth: int, inside: Field | None) -> list[Part]:
        done: set[str] = set()
        return [
            part for model in spot.node.models for part in self._of_model(spot, model, current, depth, inside, done)
        ]

    def _of_model(
        self, spot: Spot, model: Model | Node, current: Group | None, depth: int, inside: Field | None, done: set[str]
    ) -> list[Part]:
        """The parts of one content model. ``done``: elements written before, which are not written again."""
        if isinstance(model, Node):
            child = spot.children.get(model.tag)
            if child is None or model.tag in done:
                return []
            done.add(model.tag)
            return [self._child(child, model, current, depth, inside)]
        # What stands in a repeated part can be repeated with it: a choice in it takes another branch each time.
        inner_parts = [replace(p, many=True) if model.many and isinstance(p, Model) else p for p in model.parts]
        touched = [part for part in inner_parts if touches(spot, part)]
        group = repeated_group(spot, model)
        if group is not None and group is not current:
            once = replace(model, many=False, optional=False)
            inner = self._of_model(spot, once, group, depth, None, done)
            return [InPlace(group.name, inner, _match(group, current))]
        if model.kind != "choice":
            parts = [p for part in touched for p in self._of_model(spot, part, current, depth, inside, done)]
            if not model.optional or not parts:
                return parts
            return [Together(parts, not any(_holds_row_values(spot, part) for part in touched))]
        if model.many:
            # Each branch as often as there is something for it.
            return [
                Together(parts, not _holds_row_values(spot, part))
                for part in touched
                if (parts := self._of_model(spot, part, current, depth, inside, done))
            ]
        before = set(done)
        branches = []
        for part in touched:
            own = set(before)
            parts = self._of_model(spot, part, current, depth, inside, own)
            done |= own
            if parts:
                probes = list(self._probes(spot, part, current, inside))
                says_missing = any(_says_missing(child) for child in _children(spot, part))
                branches.append(Branch(parts, probes, not _holds_row_values(spot, part), says_missing))
        return [Choice(branches, not model.optional)] if branches else []

    def _child(self, spot: Spot, node: Node, current: Group | None, depth: int, inside: Field | None) -> Part:
        """A child of an element: rows, codes, a plain leaf, or any other element."""
        if spot is self.unit:
            return Hole(HOLE)
        if spot.rows:
            return RowsOf(
                [
                    (group.name, self.template(row, node, group, depth, is_row=True), _match(group, current))
                    for group, row in spot.rows
                ],
                not node.optional,
            )
        if spot.each is not None:
            taken = self._taken(spot.each, current, None, not node.optional, spot.node.simple)
            return Each(taken, self.template(spot, node, current, depth, inside=spot.each))
        plain = not spot.attributes and not spot.children
        if plain and isinstance(spot.text, Field):
            own = spot.text.group is current and spot.text != inside and spot.text.mapped.join is None
            if own and node.xsi_type is None:
                return self._leaf(spot, node, spot.text, depth)
            template = self.template(spot, node, current, depth, inside)
            # A mandatory leaf without a value is not made up: the XSD check names it.
            template.is_kept = empty_as(spot) != "omit" or (template.text is not None and bool(template.text.missing))
            return template
        return self.template(spot, node, current, depth, inside)

    def name(self, namespace: str | None, name: str) -> str:
        """The name with the prefix of its namespace."""
        prefix = self.prefixes[namespace] if namespace is not None else ""
        return f"{prefix}:{name}" if prefix else name

    def _leaf(self, spot: Spot, node: Node, value: Field, depth: int) -> Leaf:
        name, indent = self.name(spot.node.namespace, spot.node.name), "  " * depth
        missing = {"omit": None, "empty": f"{indent}<{name}/>\n", "nil": f'{indent}<{name} xsi:nil="true"/>\n'}
        instead = missing[empty_as(spot)]
        said = None if node.optional else said_as_missing(value.mapped, spot.node.simple)
        if said is not None:
            instead = f"{indent}<{name}>{escape(said)}</{name}>\n"
        return Leaf(f"{indent}<{name}>", f"</{name}>\n", _index(value), instead, not node.optional)

    def _taken(
        self, value: Value, current: Group | None, each: Field | None, is_mandatory: bool, simple: Simple
    ) -> Taken:
        is_of_case = isinstance(value, Field) or (isinstance(value, Constant) and value.group is not None)
        said = None
        if isinstance(value, Field) and is_mandatory and value != each:
            said = said_as_missing(value.mapped, simple)
        return Taken(self._take(value, current, each), is_of_case, None if said is None else escape(said), is_mandatory)

    def _take(self, value: Value, current: Group | None, each: Field | None) -> Take:
        if isinstance(value, Constant):
            text, laid_in = escape(value.text), value.group
            if laid_in is not None:
                return lambda row, case, code: text if case.get(laid_in.name) else None
            return lambda row, case, code: text
        if isinstance(value, Header):
            header = self.header
            return lambda row, case, code: escape(header(value))
        if each is not None and value == each:
            return lambda row, case, code: code
        index, join = _index(value), value.mapped.join
        take: Take
        if value.group is current:

            def take(row: Row, case: Case, code: str | None) -> str | None:
                return row[index]
        else:
            name, slot = value.group.name, value.slot

            def take(row: Row, case: Case, code: str | None) -> str | None:
                rows = case.get(name, ())
                return rows[slot][index] if slot < len(rows) else None

        if join is None:
            return take
        separator = escape(join)

        def joined(row: Row, case: Case, code: str | None) -> str | None:
            text = take(row, case, code)
            return None if text is None else text.replace(CODES_APART, separator)

        return joined

    def _probes(self, spot: Spot, part: Model | Node, current: Group | None, inside: Field | None) -> Iterator[Probe]:
        values: dict[tuple[str, int, str], Field] = {}
        groups: dict[str, None] = {}
        for child in _children(spot, part):
            _collect(child, values, groups)
        for value in values.values():
            take = self._take(value, current, inside)
            yield lambda row, case, code, take=take: take(row, case, code) is not None  # type: ignore[misc]
        for name in groups:
            yield lambda row, case, code, name=name: bool(case.get(name))  # type: ignore[misc]


def _children(spot: Spot, part: Model | Node) -> list[Spot]:
    if isinstance(part, Node):
        found = spot.children.get(part.tag)
        return [] if found is None else [found]
    return [child for inner in part.parts for child in _children(spot, inner)]


def _collect(spot: Spot, values: dict[tuple[str, int, str], Field], groups: dict[str, None]) -> None:
    """Columns of the row, and groups of further rows, that go into an element."""
    groups.update({group.name: None for group, _ in spot.rows})
    for value in [spot.text, *(value for _, value in spot.attributes.values())]:
        if isinstance(value, Field):
            values[value.group.name, value.slot, value.mapped.column.name] = value
    for child in spot.children.values():
        _collect(child, values, groups)


def _says_missing(spot: Spot) -> bool:
    """Whether something in it says that a value is missing: a code, or an empty element."""
    is_said = isinstance(spot.text, Field) and (
        said_as_missing(spot.text.mapped, spot.node.simple) is not None or empty_as(spot) != "omit"
    )
    return is_said or any(_says_missing(child) for child in spot.children.values())


def _holds_row_values(spot: Spot, part: Model | Node) -> bool:
    return any(child.holds_row_values() for child in _children(spot, part))


def _index(value: Field) -> int:
    return len(head(value.group)) + value.group.columns.index(value.mapped)


def _match(group: Group, current: Group | None) -> list[tuple[int, int]]:
    if group.within is None or current is None:
        return []
    return [(head(group).index(name), head(current).index(name)) for name in group.match]


def empty_as(spot: Spot) -> str:
    """How a missing value is written here: ``omit``, ``empty`` or ``nil`` (only where the XSD allows it)."""
    if not isinstance(spot.text, Field):
        return "omit"
    wanted = spot.text.mapped.empty
    return "omit" if wanted == "nil" and not spot.node.nillable else wanted


def prefixes(plan: Plan) -> dict[str, str]:
    """Prefixes by namespace, for the namespaces that the file uses; an empty one is the default namespace.

    The root's namespace is the default one only if every element and type that is named has a namespace: one without
    would otherwise be read as belonging to it.
    """
    assert plan.root is not None
    elements: dict[str | None, None] = {}
    attributes: dict[str | None, None] = {}
    instance = plan.file.schema_location is not None

    def visit(spot: Spot) -> None:
        nonlocal instance
        elements[spot.node.namespace] = None
        if spot.node.xsi_type is not None:
            elements[spot.node.xsi_type[0]] = None
        attributes.update({a.namespace: None for a, _ in spot.attributes.values()})
        instance = instance or empty_as(spot) == "nil" or spot.node.xsi_type is not None
        for child in spot.in_order():
            visit(child)
        for _, row in spot.rows:
            visit(row)

    visit(plan.root)
    root = plan.root.node.namespace
    found: dict[str, str] = {}
    for namespace in dict.fromkeys([*elements, *attributes]):
        if namespace is not None:
            default = namespace == root and None not in elements and root not in attributes
            found[namespace] = "xml" if namespace == _XML else "" if default else f"n{len(found) + 1}"
    return found | ({XSI: "xsi"} if instance else {})
