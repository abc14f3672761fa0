"""Where every value of a return goes: the profile's paths laid over the tree of the XSD."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.emit.returns.xsd import Attribute, Model, Node, Schema, nodes_of
from schemas.returns import FileProfile, Group, Mapped


@dataclass(frozen=True)
class Constant:
    """A value that the profile gives. ``group``: only where a row of it is laid into the element."""

    text: str
    group: Group | None = None


@dataclass(frozen=True)
class Header:
    """A value of the return as a whole: authority, quarter and the like."""

    name: str


@dataclass(frozen=True)
class Field:
    """A section column of the row that is being written, or of a row laid into the element around it."""

    group: Group
    slot: int
    mapped: Mapped


Value = Constant | Header | Field


@dataclass(eq=False)
class Spot:
    """One element of the XSD into which something is written."""

    node: Node
    label: str
    text: Value | None = None
    attributes: dict[str, tuple[Attribute, Value]] = field(default_factory=dict)
    children: dict[Node, Spot] = field(default_factory=dict)
    rows: list[tuple[Group, Spot]] = field(default_factory=list)
    """Groups whose rows are each written as one such element, with what goes into it."""
    each: Field | None = None
    """Multi-code column for each code of which the element is repeated."""

    @property
    def is_used(self) -> bool:
        """Whether anything is written into it."""
        return bool(self.text or self.attributes or self.children or self.rows)

    def in_order(self) -> list[Spot]:
        """Children in the order of the XSD."""
        return [self.children[node] for node in self.node.children if node in self.children]


@dataclass(frozen=True)
class Leaf:
    """One place of the XSD that takes a value."""

    label: str
    value: Value
    values: frozenset[str] | None
    is_list: bool
    nillable: bool


class Plan:
    """The tree of one file of the return. ``problems`` holds every path that the XSD does not have."""

    def __init__(self, file: FileProfile, schema: Schema) -> None:
        self.file = file
        self.problems: list[str] = []
        self.leaves: list[Leaf] = []
        self.root: Spot | None = None
        self.of_group: dict[str, Spot] = {}
        node = schema.root(file.unit[0]) if file.unit else None
        if node is None or len(file.unit) < 2:
            roots = ", ".join(schema.roots())
            self.problems.append(
                f"{'/'.join(file.unit) or 'path'}: must lead from a global element ({roots}) to the repeated one."
            )
            return
        self.root = Spot(node, node.name)
        holder = self._descend(self.root, file.unit[1:])
        if holder is None:
            return
        self.unit = holder
        self._rows(holder, file.root_group)
        for path, name in file.header.items():
            self._put(self.root, path, Header(name))
        for path, text in file.header_constants.items():
            self._put(self.root, path, Constant(text))
        for group in file.groups:
            self._place(group)

    def _rows(self, holder: Spot, group: Group) -> None:
        spot = Spot(holder.node, holder.label)
        holder.rows.append((group, spot))
        self.of_group[group.name] = spot

    def _place(self, group: Group) -> None:
        if group is not self.file.root_group:
            around = self.of_group.get(group.within or self.file.root_group.name)
            if around is None:
                self.problems.append(f"Group {group.name} is within {group.within}, which must come before it.")
                return
            if group.path:
                holder = self._descend(around, group.path)
                if holder is None:
                    return
                self._rows(holder, group)
            else:
                self.of_group[group.name] = around
        spot = self.of_group[group.name]
        for path, text in group.constants.items():
            inline = group if not group.path and group is not self.file.root_group else None
            self._put(spot, path, Constant(text, inline))
        for slot in range(group.slots):
            for mapped in group.columns:
                path = tuple(step.replace("{n}", str(slot + 1)) for step in mapped.path)
                self._put(spot, path, Field(group, slot, mapped))

    def _descend(self, spot: Spot, path: tuple[str, ...]) -> Spot | None:
        for step in path:
            nodes = spot.node.named(step)
            if not nodes:
                self.problems.append(f"{spot.label}/{step}: the XSD has no such element.")
                return None
            if len({node.tag for node in nodes}) > 1:
                self.problems.append(f"{spot.label}/{step}: the XSD has it in more than one namespace.")
                return None
            node = next((n for n in nodes if n in spot.children), nodes[0])
            spot = spot.children.setdefault(node, Spot(node, f"{spot.label}/{step}"))
        return spot

    def _put(self, start: Spot, path: tuple[str, ...], value: Value) -> None:
        steps, last = (path[:-1], path[-1][1:]) if path[-1].startswith("@") else (path, None)
        spot = self._descend(start, steps)
        if spot is None:
            return
        if isinstance(value, Field) and value.mapped.repeat >= 0:
            repeated = self._descend(start, path[: value.mapped.repeat + 1])
            if repeated is not None:
                repeated.each = value
        if last is not None:
            attribute = spot.node.attribute(last)
            label = f"{spot.label}/@{last}"
            if attribute is None:
                self.problems.append(f"{label}: the XSD has no such attribute.")
            elif attribute.tag in spot.attributes:
                self.problems.append(f"{label}: mapped twice.")
            else:
                spot.attributes[attribute.tag] = (attribute, value)
                self.leaves.append(Leaf(label, value, attribute.values, False, False))
        elif not spot.node.has_text:
            self.problems.append(f"{spot.label}: holds elements, not a value.")
        elif spot.text is not None:
            self.problems.append(f"{spot.label}: mapped twice.")
        else:
            spot.text = value
            node = spot.node
            self.leaves.append(Leaf(spot.label, value, node.values, node.is_list, node.nillable))

    # --- what the XSD demands ---------------------------------------------------------------------------------------

    def missing(self) -> list[str]:
        """Mandatory leaves to which nothing is mapped; fixed values and empty wrappers are filled in on the way."""
        if self.root is None:
            return []
        return list(dict.fromkeys(self._missing(self.root)))

    def _missing(self, spot: Spot) -> Iterator[str]:
        if spot.rows:
            for group, row in spot.rows:
                for label in self._missing(row):
                    yield f"{label} (group {group.name})" if len(spot.rows) > 1 else label
            return
        for attribute in spot.node.attributes:
            if attribute.required and attribute.tag not in spot.attributes:
                if attribute.fixed is None:
                    yield f"{spot.label}/@{attribute.name}"
                else:
                    spot.attributes[attribute.tag] = (attribute, Constant(attribute.fixed))
        if spot.node.has_text:
            if spot.text is None and spot.node.fixed is not None:
                spot.text = Constant(spot.node.fixed)
            if spot.text is None:
                yield spot.label
            return
        for model in spot.node.models:
            yield from self._missing_in(spot, model)

    def _missing_in(self, spot: Spot, part: Model | Node) -> Iterator[str]:
        if isinstance(part, Node):
            inner = spot.children.get(part)
            if inner is not None:
                yield from self._missing(inner)
            elif not part.optional:
                yield from self._unmapped(spot, part)
        elif part.kind == "choice":
            used = [p for p in part.parts if self._touches(spot, p)]
            for inner_part in used:
                yield from self._missing_in(spot, inner_part)
            if not used and not part.optional and not any(_may_be_empty(p) for p in part.parts):
                yield f"{spot.label}/({' or '.join(n.name for p in part.parts for n in nodes_of(p))})"
        elif not part.optional or self._touches(spot, part):
            for inner_part in part.parts:
                yield from self._missing_in(spot, inner_part)

    def _unmapped(self, spot: Spot, node: Node) -> Iterator[str]:
        inner = Spot(node, f"{spot.label}/{node.name}")
        found = list(self._missing(inner))
        if not found:
            # An empty wrapper, or one that holds nothing but fixed values.
            spot.children[node] = inner
        yield from found

    @staticmethod
    def _touches(spot: Spot, part: Model | Node) -> bool:
        return any(node in spot.children for node in nodes_of(part))


def _may_be_empty(part: Model | Node) -> bool:
    if isinstance(part, Node) or part.optional:
        return part.optional
    if part.kind == "choice":
        return any(_may_be_empty(p) for p in part.parts)
    return all(_may_be_empty(p) for p in part.parts)
