"""Where the rows and values of a group lie in a document: for reading back what was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from pipelines.emit.returns.plan import Plan, common_path, parted
from pipelines.emit.returns.xsd import Node
from schemas.returns import Group

Get = Callable[[etree._Element], list[str]]
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
Values = list[list[str]]
"""Of a row: the values of each column of its group."""


@dataclass(frozen=True)
class Reader:
    """Finds the rows of one group in a case element, and the values in a row."""

    group: Group
    path: tuple[str, ...] | None
    """None: laid into the element of the case."""
    type: str | None
    """Type that the elements of the group are given, without prefix."""
    constants: list[tuple[Get, str]]
    slots: list[Slot]
    filled: list[int]
    """Values found, in the order of the group's columns."""

    def may_claim(self, row: etree._Element) -> bool:
        """Whether an element has the type and the constants of the group."""
        if self.type is not None and (row.get(_TYPE) or "").rpartition(":")[2] != self.type:
            return False
        return all(get(row) == [text] for get, text in self.constants)


@dataclass(frozen=True)
class Slot:
    """Where the values of one row lie: positions of columns by the element around them, read in one go."""

    around: list[tuple[str, list[tuple[int, str]], list[tuple[int, str]]]]
    """Path of the element; columns that are elements in it; columns that are attributes of it."""
    own: list[int]
    """Columns that are the text of the row's own element."""
    repeated: list[tuple[int, Get]]
    missing: list[str | None]
    """By column: what stands for a missing value, and is none."""
    single: list[bool]
    """By column: whether it is one value, wherever it was written."""

    @cached_property
    def _times(self) -> Counter[int]:
        """By column: in how many places it is written."""
        times = Counter(index for _, elements, names in self.around for index, _ in (*elements, *names))
        times.update(self.own)
        times.update(index for index, _ in self.repeated)
        return times

    @cached_property
    def _ways(self) -> list[tuple[str, dict[str, int], list[tuple[int, str]], list[tuple[int, str]]]]:
        """``around`` with the elements parted: columns written in one place alone, by tag; and all others."""
        times = self._times
        found = []
        for path, elements, attributes in self.around:
            tags = Counter(tag for _, tag in elements)
            alone = {tag: index for index, tag in elements if times[index] == 1 and tags[tag] == 1}
            others = [(index, tag) for index, tag in elements if tag not in alone]
            found.append((path, alone, others, attributes))
        return found

    @cached_property
    def _narrowed(self) -> list[int]:
        """Columns of one value that several places write."""
        times = self._times
        return [
            index
            for index, is_single in enumerate(self.single)
            if is_single and (times[index] > 1 or any(index == one for one, _ in self.repeated))
        ]

    @cached_property
    def _missing(self) -> list[tuple[int, str]]:
        return [(index, text) for index, text in enumerate(self.missing) if text is not None]

    def read(self, row: etree._Element) -> Values:
        """The values of each column."""
        values: Values = [[] for _ in self.missing]
        for index in self.own:
            if row.text and row.text.strip():
                values[index].append(str(row.text))
        for path, alone, others, attributes in self._ways:
            holder = row.find(path) if path else row
            if holder is None:
                continue
            # Most columns of most rows are empty: what is there is looked at, not what could be.
            texts = {child.tag: child.text for child in holder} if alone or others else {}
            for tag, text in texts.items():
                if text and (found := alone.get(tag)) is not None:
                    values[found].append(str(text))
            for index, tag in others:
                if text := texts.get(tag):
                    values[index].append(str(text))
            for index, tag in attributes:
                if text := holder.get(tag):
                    values[index].append(text)
        for index, get in self.repeated:
            values[index] = values[index] or get(row)
        for index, missing in self._missing:
            if values[index]:
                values[index] = [value for value in values[index] if value != missing]
        for index in self._narrowed:
            del values[index][1:]
        return values


class Units:
    """Finds the rows of every group in the repeated elements of one file."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.readers = [reader_of(plan, group) for group in plan.file.groups]
        self.case_ref = getter(
            plan.unit.rows[0][1].node,
            next(m for m in plan.file.root_group.columns if m.column.name == "case_ref").path,
        )
        # The same element may serve several sections: the group with most constants claims a row first.
        self.by_path: dict[tuple[str, ...], list[Reader]] = {}
        for reader in self.readers:
            if reader.path is not None:
                self.by_path.setdefault(reader.path, []).append(reader)
        for sharing in self.by_path.values():
            sharing.sort(key=lambda reader: -len(reader.constants))

    def rows(self, unit: etree._Element) -> Iterator[tuple[Reader | None, Values, etree._Element]]:
        """Every row in one repeated element: its group, None where it is of none; its values; its first element."""
        children: dict[str, list[etree._Element]] = {}
        for child in unit:
            children.setdefault(child.tag, []).append(child)
        for path, readers in self.by_path.items():
            rows = unit.findall("/".join(path)) if len(path) > 1 else children.get(path[0], ()) if path else (unit,)
            for row in rows:
                claimed = claim(readers, row)
                yield (None, [], row) if claimed is None else (*claimed, row)
        for reader in self.readers:
            if reader.group.repeat:
                for values, first in rows_in_place(reader, self._plan, unit):
                    yield reader, values, first
            elif reader.path is None:
                for slot in reader.slots:
                    values = slot.read(unit)
                    if any(values):
                        yield reader, values, unit

    def count(self, unit: etree._Element, section: str) -> int:
        """How many rows of a section stand in one repeated element; values are read only where they tell the group."""
        groups = [reader.group for reader in self.readers if reader.group.section == section and reader.group.count]
        if len(groups) == 1 and not groups[0].repeat:
            for path, readers in self.by_path.items():
                if path and len(readers) == 1 and readers[0].group is groups[0]:
                    return len(unit.findall("/".join(path)))
        return sum(1 for reader, _, _ in self.rows(unit) if reader is not None and reader.group in groups)


def claim(readers: list[Reader], row: etree._Element) -> tuple[Reader, Values] | None:
    """The group that a row belongs to, with its values: of those with most constants, the one that reads most.

    A group that has its elements to itself needs no constants to be known by; they may stand in a part that is not
    in use.
    """
    if len(readers) == 1:
        return readers[0], readers[0].slots[0].read(row)
    found = [reader for reader in readers if reader.may_claim(row)]
    if not found:
        return None
    best = [reader for reader in found if len(reader.constants) == len(found[0].constants)]
    read = [(reader, reader.slots[0].read(row)) for reader in best]
    return max(read, key=lambda one: sum(map(bool, one[1])))


def reader_of(plan: Plan, group: Group) -> Reader:
    """The reader of a group."""
    is_root = group is plan.file.root_group
    node = plan.of_group[group.name].node
    inline = not group.path and not is_root
    return Reader(
        group=group,
        path=None if inline else _path_of(plan, group),
        type=None if inline or node.xsi_type is None else node.xsi_type[1],
        constants=[(getter(node, path), text) for path, text in group.constants.items() if text],
        slots=[_slot(node, group, number) for number in range(1, group.slots + 1)],
        filled=[0] * len(group.columns),
    )


def _slot(node: Node, group: Group, number: int) -> Slot:
    around: dict[str, tuple[list[tuple[int, str]], list[tuple[int, str]]]] = {}
    own: list[int] = []
    repeated: list[tuple[int, Get]] = []
    for index, mapped in enumerate(group.columns):
        for place in mapped.places:
            path = tuple(step.replace("{n}", str(number)) for step in place.path)
            if place.repeat >= 0:
                repeated.append((index, getter(node, path, many=True)))
            elif not path:
                own.append(index)
            else:
                is_attribute = path[-1].startswith("@")
                held = around.setdefault("/".join(_tags(node, path[:-1])), ([], []))
                name = _attribute(node, path) if is_attribute else _tags(node, path)[-1]
                held[1 if is_attribute else 0].append((index, name))
    return Slot(
        [(path, elements, names) for path, (elements, names) in around.items()],
        own,
        repeated,
        [mapped.missing for mapped in group.columns],
        [all(place.repeat < 0 for place in mapped.places) for mapped in group.columns],
    )


def rows_in_place(reader: Reader, plan: Plan, unit: etree._Element) -> Iterator[tuple[Values, etree._Element]]:
    """The rows of a group whose elements stand one after the other without one around them, each with its first one.

    A row ends where the order of the XSD begins anew.
    """
    common = common_path(reader.group)
    node = [plan.of_group[reader.group.name].node, *_walk(plan.of_group[reader.group.name].node, common)][-1]
    above = _tags(plan.of_group[reader.group.name].node, common)
    holder = unit.find("/".join(above)) if above else unit
    firsts = {
        [s for s in place.path if not s.startswith("@")][len(common)]
        for m in reader.group.columns
        for place in m.places
    }
    names = {parted(step)[0] for step in firsts}
    order = {child.tag: index for index, child in enumerate(node.children) if child.name in names}
    row: list[etree._Element] = []
    last = -1
    for child in [] if holder is None else holder:
        at = order.get(str(child.tag))
        if at is None:
            continue
        if row and at <= last:
            yield _read_apart(reader, above, row), row[0]
            row = []
        row.append(child)
        last = at
    if row:
        yield _read_apart(reader, above, row), row[0]


def _read_apart(reader: Reader, above: list[str], row: list[etree._Element]) -> Values:
    holder = root = etree.Element("row")
    for tag in above:
        holder = etree.SubElement(holder, tag)
    holder.extend([deepcopy(element) for element in row])
    return reader.slots[0].read(root)


def _path_of(plan: Plan, group: Group) -> tuple[str, ...]:
    if group is plan.file.root_group:
        return ()
    outer = next((g for g in plan.file.groups if g.name == group.within), plan.file.root_group)
    return (*_path_of(plan, outer), *_tags(plan.of_group[outer.name].node, group.path))


def getter(node: Node, path: tuple[str, ...], many: bool = False) -> Get:
    """Reads the values at a path from an element of the XSD. ``many``: at every element that has the path."""
    is_attribute = bool(path) and path[-1].startswith("@")
    where = "/".join(_tags(node, path[:-1] if is_attribute else path))
    attribute = _attribute(node, path) if is_attribute else None

    def get(row: etree._Element) -> list[str]:
        if many:
            elements = row.findall(where) if where else [row]
        else:
            element = row.find(where) if where else row
            elements = [] if element is None else [element]
        texts = [e.text if attribute is None else e.get(attribute) for e in elements]
        return [str(text) for text in texts if text]

    return get


def _walk(node: Node, path: tuple[str, ...]) -> list[Node]:
    found = []
    for step in path:
        name, chosen = parted(step)
        node = node.named(name)[0]
        if chosen is not None:
            node = node.as_type(chosen) or node
        found.append(node)
    return found


def _tags(node: Node, path: tuple[str, ...]) -> list[str]:
    return [one.tag for one in _walk(node, path)]


def _attribute(node: Node, path: tuple[str, ...]) -> str:
    holder = [node, *_walk(node, path[:-1])][-1]
    declared = holder.attribute(path[-1][1:])
    return path[-1][1:] if declared is None else declared.tag
