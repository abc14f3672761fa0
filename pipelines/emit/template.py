"""A plan compiled for writing: each element knows what to take from a row, in the order of the XSD."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from pipelines.emit.plan import Constant, Field, Header, Spot, Value
from pipelines.emit.return_rows import Case, Row, head
from schemas.returns import Group

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
CODES_APART = "\t"
"""Parts the codes of a multi-code column in a row; no value of a code list holds one."""

Take = Callable[[Row, Case, str | None], str | None]


@dataclass
class Template:
    """One element with its attributes, text and children."""

    tag: str
    attributes: list[tuple[str, Take]]
    text: Take | None
    empty: str
    children: list[Template | RowsOf | Each | Leaf]
    mandatory: bool

    def write(self, parent: etree._Element, row: Row, case: Case, code: str | None) -> bool:
        """Append the element unless it would be empty; returns whether it did."""
        element = etree.SubElement(parent, self.tag)
        if not (self.fill(element, row, case, code) or self.mandatory):
            parent.remove(element)
            return False
        return True

    def fill(self, element: etree._Element, row: Row, case: Case, code: str | None) -> bool:
        """Write attributes, text and children; returns whether any was written."""
        used = False
        for name, take in self.attributes:
            value = take(row, case, code)
            if value is not None:
                element.set(name, value)
                used = True
        if self.text is not None:
            value = self.text(row, case, code)
            if value is not None:
                element.text = value
                used = True
            elif self.empty != "omit":
                if self.empty == "nil":
                    element.set(NIL, "true")
                used = True
        for child in self.children:
            if child.write(element, row, case, code):
                used = True
        return used


@dataclass
class Leaf:
    """An element that holds one column of the row and nothing else: by far the most frequent."""

    tag: str
    index: int
    empty: str

    def write(self, parent: etree._Element, row: Row, case: Case, code: str | None) -> bool:
        """Append the element if the row has the value, or the profile wants empty ones."""
        value = row[self.index]
        if value is not None:
            etree.SubElement(parent, self.tag).text = value
            return True
        if self.empty == "omit":
            return False
        element = etree.SubElement(parent, self.tag)
        if self.empty == "nil":
            element.set(NIL, "true")
        return True


@dataclass
class RowsOf:
    """One element for each row of each of these groups."""

    tag: str
    groups: list[tuple[Group, Template, list[tuple[int, int]]]]

    def write(self, parent: etree._Element, row: Row, case: Case, code: str | None) -> bool:
        """Append one element for each row."""
        used = False
        for group, template, match in self.groups:
            for inner in case.get(group.name, ()):
                if all(inner[own] == row[outer] for own, outer in match):
                    template.fill(etree.SubElement(parent, self.tag), inner, case, None)
                    used = True
        return used


@dataclass
class Each:
    """One element for each code of a multi-code column."""

    take: Take
    template: Template

    def write(self, parent: etree._Element, row: Row, case: Case, code: str | None) -> bool:
        """Append one element for each code."""
        value = self.take(row, case, None)
        if value is None:
            return False
        for one in value.split(CODES_APART):
            self.template.fill(etree.SubElement(parent, self.template.tag), row, case, one)
        return True


@dataclass(frozen=True)
class Compiler:
    """Turns spots into templates. ``current``: the group whose row is at hand."""

    header: Mapping[str, str]

    def template(self, spot: Spot, current: Group | None, inside_each: Field | None = None) -> Template:
        """The template of one element."""
        return Template(
            tag=spot.node.tag,
            attributes=[
                (tag, self._take(spot.attributes[tag][1], current, inside_each))
                for tag in (attribute.tag for attribute in spot.node.attributes)
                if tag in spot.attributes
            ],
            text=None if spot.text is None else self._take(spot.text, current, inside_each),
            empty=_empty(spot),
            children=[self.child(child, current, inside_each) for child in spot.in_order()],
            mandatory=not spot.node.optional,
        )

    def child(
        self, spot: Spot, current: Group | None, inside_each: Field | None = None
    ) -> Template | RowsOf | Each | Leaf:
        """A child of an element: rows, codes, a plain leaf, or any other element."""
        if spot.rows:
            return RowsOf(
                spot.node.tag,
                [(group, self.template(row, group), _match(group, current)) for group, row in spot.rows],
            )
        if spot.each is not None:
            take = self._take(spot.each, current, None)
            return Each(take, self.template(spot, current, inside_each=spot.each))
        plain = not spot.attributes and not spot.children
        own = isinstance(spot.text, Field) and spot.text.group is current and spot.text != inside_each
        if plain and own and isinstance(spot.text, Field) and spot.text.mapped.join is None:
            return Leaf(spot.node.tag, _index(spot.text), _empty(spot))
        template = self.template(spot, current, inside_each)
        if plain and isinstance(spot.text, Field):
            # A mandatory leaf without a value is not made up: the XSD check names it.
            template.mandatory = False
        return template

    def _take(self, value: Value, current: Group | None, each: Field | None) -> Take:
        if isinstance(value, Constant):
            text, laid_in = value.text, value.group
            if laid_in is not None:
                return lambda row, case, code: text if case.get(laid_in.name) else None
            return lambda row, case, code: text
        if isinstance(value, Header):
            of_return = self.header[value.name]
            return lambda row, case, code: of_return
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
        separator: str = join

        def joined(row: Row, case: Case, code: str | None) -> str | None:
            text = take(row, case, code)
            return None if text is None else text.replace(CODES_APART, separator)

        return joined


def _index(value: Field) -> int:
    return len(head(value.group)) + value.group.columns.index(value.mapped)


def _match(group: Group, current: Group | None) -> list[tuple[int, int]]:
    if group.within is None or current is None:
        return []
    return [(head(group).index(name), head(current).index(name)) for name in group.match]


def _empty(spot: Spot) -> str:
    if not isinstance(spot.text, Field):
        return "omit"
    wanted = spot.text.mapped.empty
    return "omit" if wanted == "nil" and not spot.node.nillable else wanted
