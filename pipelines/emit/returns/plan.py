"""Where every value of a return goes: the profile's paths laid over the tree of the XSD."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.emit.returns.xsd import Attribute, Model, Node, Schema, Simple, nodes_of
from schemas.returns import FileProfile, Group, Mapped, Place


@dataclass(frozen=True)
class Constant:
    """A value that the profile gives. ``group``: only where a row of it is laid into the element."""

    text: str
    group: Group | None = None


@dataclass(frozen=True)
class Header:
    """A value of the return as a whole: authority, quarter and the like. ``dates``: the form of a date."""

    name: str
    dates: str = "%Y-%m-%d"


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
    children: dict[str, Spot] = field(default_factory=dict)
    """By the tag: an element that stands in several branches of a choice is one spot."""
    rows: list[tuple[Group, Spot]] = field(default_factory=list)
    """Groups whose rows are each written as one such element, with what goes into it."""
    each: Field | None = None
    """Multi-code column for each code of which the element is repeated."""
    is_marker: bool = False
    """The profile wants the element as such, without a value."""

    def in_order(self) -> list[Spot]:
        """Children in the order of the XSD."""
        found = {id(spot): spot for node in self.node.children if (spot := self.children.get(node.tag))}
        return list(found.values())

    def groups(self) -> Iterator[Group]:
        """Groups whose columns are written into it, those with elements of their own left out."""
        for value in [self.text, *(value for _, value in self.attributes.values())]:
            if isinstance(value, Field):
                yield value.group
        for child in self.children.values():
            yield from child.groups()

    def holds_row_values(self) -> bool:
        """Whether anything in it comes from the rows of a case, rather than from the profile or the return."""
        values = [self.text, *(value for _, value in self.attributes.values())]
        return (
            bool(self.rows)
            or any(isinstance(value, Field) or (isinstance(value, Constant) and value.group) for value in values)
            or any(child.holds_row_values() for child in self.children.values())
        )


@dataclass(frozen=True)
class Leaf:
    """One place of the XSD that takes a value."""

    label: str
    value: Value
    simple: Simple
    nillable: bool
    is_mandatory: bool

    @property
    def values(self) -> frozenset[str] | None:
        """Listed values; None: any."""
        return self.simple.values


def parted(step: str) -> tuple[str, str | None]:
    """Name of an element and of the type that is chosen for it: ``Duty(EndedDuty)``."""
    name, bracket, rest = step.partition("(")
    return (name, rest.removesuffix(")")) if bracket and rest.endswith(")") else (step, None)


class Plan:
    """The tree of one file of the return. ``problems`` holds every path that the XSD does not have."""

    def __init__(self, file: FileProfile, schema: Schema) -> None:
        self.file = file
        self.problems: list[str] = []
        self.leaves: list[Leaf] = []
        self.root: Spot | None = None
        self.of_group: dict[str, Spot] = {}
        node = schema.root(parted(file.unit[0])[0]) if file.unit else None
        is_whole = len(file.unit) == 1 and file.form == "per-case"
        if node is None or (len(file.unit) < 2 and not is_whole):
            roots = ", ".join(schema.roots())
            self.problems.append(
                f"{'/'.join(file.unit) or 'path'}: must lead from a global element ({roots}) to the repeated one;"
                ' the root alone is a case only with form = "per-case".'
            )
            return
        self.root = Spot(node, node.name)
        holder = self.root if is_whole else self._descend(self.root, file.unit[1:], typed=False)
        if holder is None:
            return
        self.unit = holder
        self._rows(holder, file.root_group, file.unit[-1])
        top = self.of_group[file.root_group.name] if is_whole else self.root
        for path, name in file.header.items():
            self._put(top, path, Header(name, file.header_dates[path]))
        for path, text in file.header_constants.items():
            self._put(top, path, Constant(text))
        for group in file.groups:
            self._place(group)

    def _rows(self, holder: Spot, group: Group, step: str) -> None:
        node = self._typed(holder.node, step, holder.label)
        if node is None:
            return
        spot = Spot(node, holder.label)
        holder.rows.append((group, spot))
        self.of_group[group.name] = spot

    def _place(self, group: Group) -> None:
        if group is not self.file.root_group:
            around = self.of_group.get(group.within or self.file.root_group.name)
            if around is None:
                self.problems.append(f"Group {group.name} is within {group.within}, which must come before it.")
                return
            if group.path:
                holder = self._descend(around, group.path, typed=False)
                if holder is None:
                    return
                self._rows(holder, group, group.path[-1])
            else:
                self.of_group[group.name] = around
        spot = self.of_group.get(group.name)
        if spot is None:
            return
        for path, text in group.constants.items():
            inline = group if not group.path and group is not self.file.root_group else None
            self._put(spot, path, Constant(text, inline))
        for slot in range(group.slots):
            for mapped in group.columns:
                for place in mapped.places:
                    path = tuple(step.replace("{n}", str(slot + 1)) for step in place.path)
                    self._put(spot, path, Field(group, slot, mapped), place)

    def _typed(self, node: Node, step: str, label: str) -> Node | None:
        chosen = parted(step)[1]
        found = node if chosen is None else node.as_type(chosen)
        if found is None:
            known = ", ".join(node.types())
            self.problems.append(f"{label}: the XSD has no type {chosen}" + (f"; it has {known}." if known else "."))
        return found

    def _descend(self, spot: Spot, path: tuple[str, ...], *, typed: bool = True) -> Spot | None:
        """The spot at the end of the path. ``typed``: its last step may choose a type for all that stands there."""
        for index, step in enumerate(path):
            name = parted(step)[0]
            nodes = spot.node.named(name)
            if not nodes:
                self.problems.append(f"{spot.label}/{name}: the XSD has no such element.")
                return None
            if len({node.tag for node in nodes}) > 1:
                self.problems.append(f"{spot.label}/{name}: the XSD has it in more than one namespace.")
                return None
            label = f"{spot.label}/{name}"
            wanted = step if typed or index < len(path) - 1 else name
            node = self._typed(nodes[0], wanted, label)
            if node is None:
                return None
            found = spot.children.setdefault(node.tag, Spot(node, label))
            if found.node.xsi_type != node.xsi_type:
                self.problems.append(f"{label}: mapped with two types; write each through a group of its own.")
                return None
            spot = found
        return spot

    def _put(self, start: Spot, path: tuple[str, ...], value: Value, place: Place | None = None) -> None:
        to_attribute = bool(path) and path[-1].startswith("@")
        spot = self._descend(start, path[:-1] if to_attribute else path)
        if spot is None:
            return
        if place is not None and place.repeat >= 0 and isinstance(value, Field):
            repeated = self._descend(start, path[: place.repeat + 1])
            if repeated is not None:
                repeated.each = value
        node = spot.node
        if to_attribute:
            self._put_attribute(spot, path[-1][1:], value)
        elif spot.text is not None:
            self.problems.append(f"{spot.label}: mapped twice.")
        elif node.has_text or node.content.is_mixed:
            spot.text = value
            self.leaves.append(Leaf(spot.label, value, node.simple, node.nillable, not node.optional))
        elif isinstance(value, Constant) and not value.text:
            spot.is_marker = True
        else:
            self.problems.append(f"{spot.label}: holds elements, not a value.")

    def _put_attribute(self, spot: Spot, name: str, value: Value) -> None:
        attribute = spot.node.attribute(name)
        label = f"{spot.label}/@{name}"
        if attribute is None:
            self.problems.append(f"{label}: the XSD has no such attribute.")
        elif attribute.tag in spot.attributes:
            self.problems.append(f"{label}: mapped twice.")
        else:
            spot.attributes[attribute.tag] = (attribute, value)
            self.leaves.append(Leaf(label, value, attribute.simple, False, attribute.required))

    # --- what the XSD demands ---------------------------------------------------------------------------------------

    def missing(self) -> list[str]:
        """Mandatory leaves to which nothing is mapped; fixed values and empty wrappers are filled in on the way."""
        if self.root is None:
            return []
        return list(dict.fromkeys(self._missing(self.root)))

    def misplaced(self) -> list[str]:
        """Groups that are to be repeated in place where the XSD repeats nothing, or something else with it."""
        found = []
        for group in self.file.groups:
            spot = self.of_group.get(group.name)
            if not group.repeat or spot is None:
                continue
            around = self._at(spot, common_path(group))
            within = [m for m in _repeated(around.node.models) if repeated_group(around, m) is group]
            held = {id(g) for m in within for n in nodes_of(m) for g in _groups_at(around, n)}
            if group.path or group.slots > 1 or len(within) != 1 or held != {id(group)}:
                found.append(
                    f"Group {group.name}: repeat is for elements in a repeated xs:sequence that nothing else is"
                    " written into, without path and slots."
                )
        return found

    @staticmethod
    def _at(spot: Spot, path: tuple[str, ...]) -> Spot:
        for step in path:
            tag = spot.node.named(parted(step)[0])
            if not tag or tag[0].tag not in spot.children:
                break
            spot = spot.children[tag[0].tag]
        return spot

    def abstract(self) -> list[str]:
        """Elements that the XSD lets nobody write as they are, with what may stand for them."""
        if self.root is None:
            return []
        return list(dict.fromkeys(self._abstract(self.root)))

    def _abstract(self, spot: Spot) -> Iterator[str]:
        if spot.rows:
            for _, row in spot.rows:
                yield from self._abstract(row)
            return
        node = spot.node
        if node.is_abstract:
            yield f"{spot.label}: abstract in the XSD; name the element that stands for it."
        elif node.content.is_abstract:
            yield (
                f"{spot.label}: its type is abstract; name the one that is meant, as {node.name}(Type)."
                f" The XSD has {', '.join(node.types()) or 'none'}."
            )
        if spot.text is not None and spot.children:
            yield f"{spot.label}: holds a value and elements at once, which cannot be written."
        for child in spot.children.values():
            yield from self._abstract(child)

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
            inner = spot.children.get(part.tag)
            if inner is not None:
                yield from self._missing(inner)
            elif not part.optional:
                yield from self._unmapped(spot, part)
        elif part.kind == "choice":
            used = [p for p in part.parts if touches(spot, p)]
            for inner_part in used:
                yield from self._missing_in(spot, inner_part)
            if not used and not part.optional and not any(_may_be_empty(p) for p in part.parts):
                yield f"{spot.label}/({' or '.join(n.name for p in part.parts for n in nodes_of(p))})"
        elif not part.optional or touches(spot, part):
            for inner_part in part.parts:
                yield from self._missing_in(spot, inner_part)

    def _unmapped(self, spot: Spot, node: Node) -> Iterator[str]:
        inner = Spot(node, f"{spot.label}/{node.name}")
        found = [inner.label] if node.is_abstract or node.content.is_abstract else list(self._missing(inner))
        if not found:
            # An empty wrapper, or one that holds nothing but fixed values.
            spot.children[node.tag] = inner
        yield from found


def common_path(group: Group) -> tuple[str, ...]:
    """Steps that the paths of all columns of a group have in common, their last element left out."""
    paths = [
        [step for step in place.path if not step.startswith("@")][:-1]
        for mapped in group.columns
        for place in mapped.places
    ]
    common = []
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        common.append(steps[0])
    return tuple(common)


def _repeated(models: tuple[Model | Node, ...]) -> Iterator[Model]:
    for model in models:
        if isinstance(model, Model):
            if model.many:
                yield model
            yield from _repeated(model.parts)


def _groups_at(spot: Spot, node: Node) -> Iterator[Group]:
    child = spot.children.get(node.tag)
    return iter(()) if child is None else child.groups()


def touches(spot: Spot, part: Model | Node) -> bool:
    """Whether something is written into an element of that part of the XSD."""
    return any(node.tag in spot.children for node in nodes_of(part))


def repeated_group(spot: Spot, model: Model | Node) -> Group | None:
    """The group that a repeated sequence of the XSD is written for, row by row; None if there is none."""
    if isinstance(model, Node) or not model.many or model.kind == "choice":
        return None
    for node in nodes_of(model):
        child = spot.children.get(node.tag)
        for group in child.groups() if child is not None else ():
            if group.repeat:
                return group
    return None


def _may_be_empty(part: Model | Node) -> bool:
    if isinstance(part, Node) or part.optional:
        return part.optional
    if part.kind == "choice":
        return any(_may_be_empty(p) for p in part.parts)
    return all(_may_be_empty(p) for p in part.parts)
