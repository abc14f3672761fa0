"""A plan compiled for writing: each element knows what to take from a row, in the order of the XSD.

Text is put together here rather than by lxml: building elements and serialising them took three times as long, and
repeated the namespaces on every case. Values arrive escaped (``escape``); what is on disk is parsed again by the check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipelines.emit.returns.plan import Constant, Field, Header, Spot, Value
from pipelines.emit.returns.rows import CODES_APART, Case, Row, escape, head
from schemas.returns import Group

XSI = "http://www.w3.org/2001/XMLSchema-instance"

Take = Callable[[Row, Case, str | None], str | None]
Out = list[str]


@dataclass
class Template:
    """One element with its attributes, text and children."""

    indent: str
    name: str
    attributes: list[tuple[str, Take]]
    text: Take | None
    empty: str
    children: list[Template | RowsOf | Each | Leaf]
    mandatory: bool

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> bool:
        """Append the element unless it would be empty; returns whether it did."""
        mark = len(out)
        if not (self.fill(out, row, case, code) or self.mandatory):
            del out[mark:]
            return False
        return True

    def start(self, out: Out, row: Row, case: Case, code: str | None) -> bool:
        """Append the start of the tag with its attributes; returns whether there were any."""
        used = False
        out.append(f"{self.indent}<{self.name}")
        for name, take in self.attributes:
            value = take(row, case, code)
            if value is not None:
                out.append(f' {name}="{value}"')
                used = True
        return used

    def fill(self, out: Out, row: Row, case: Case, code: str | None) -> bool:
        """Append the element; returns whether it holds anything."""
        used = self.start(out, row, case, code)
        if self.text is not None:
            value = self.text(row, case, code)
            if value is not None:
                out.append(f">{value}</{self.name}>\n")
                return True
            out.append(' xsi:nil="true"/>\n' if self.empty == "nil" else "/>\n")
            return used or self.empty != "omit"
        out.append(">\n")
        mark = len(out)
        for child in self.children:
            if child.write(out, row, case, code):
                used = True
        if len(out) == mark:
            out[-1] = "/>\n"
        else:
            out.append(f"{self.indent}</{self.name}>\n")
        return used


@dataclass
class Leaf:
    """An element that holds one column of the row and nothing else: by far the most frequent."""

    before: str
    after: str
    index: int
    missing: str | None
    """What is written instead of a missing value; None: nothing."""

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> bool:
        """Append the element if the row has the value, or the profile wants empty ones."""
        value = row[self.index]
        if value is not None:
            out += (self.before, value, self.after)
            return True
        if self.missing is None:
            return False
        out.append(self.missing)
        return True


@dataclass
class RowsOf:
    """One element for each row of each of these groups."""

    groups: list[tuple[str, Template, list[tuple[int, int]]]]

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> bool:
        """Append one element for each row."""
        used = False
        for name, template, match in self.groups:
            for inner in case.get(name, ()):
                if not match or all(inner[own] == row[outer] for own, outer in match):
                    template.fill(out, inner, case, None)
                    used = True
        return used


@dataclass
class Each:
    """One element for each code of a multi-code column."""

    take: Take
    template: Template

    def write(self, out: Out, row: Row, case: Case, code: str | None) -> bool:
        """Append one element for each code."""
        value = self.take(row, case, None)
        if value is None:
            return False
        for one in value.split(CODES_APART):
            self.template.fill(out, row, case, one)
        return True


@dataclass(frozen=True)
class Compiler:
    """Turns spots into templates: ``header`` by field name, ``prefixes`` by namespace (empty: the default one)."""

    header: Mapping[str, str]
    prefixes: Mapping[str, str]

    def template(self, spot: Spot, current: Group | None, depth: int, inside: Field | None = None) -> Template:
        """The template of one element. ``current``: the group whose row is at hand."""
        return Template(
            indent="  " * depth,
            name=self.name(spot.node.namespace, spot.node.name),
            attributes=[
                (
                    self.name(attribute.namespace, attribute.name),
                    self._take(spot.attributes[attribute.tag][1], current, inside),
                )
                for attribute in spot.node.attributes
                if attribute.tag in spot.attributes
            ],
            text=None if spot.text is None else self._take(spot.text, current, inside),
            empty=empty_as(spot),
            children=[self.child(child, current, depth + 1, inside) for child in spot.in_order()],
            mandatory=not spot.node.optional,
        )

    def child(
        self, spot: Spot, current: Group | None, depth: int, inside: Field | None = None
    ) -> Template | RowsOf | Each | Leaf:
        """A child of an element: rows, codes, a plain leaf, or any other element."""
        if spot.rows:
            return RowsOf(
                [(group.name, self.template(row, group, depth), _match(group, current)) for group, row in spot.rows]
            )
        if spot.each is not None:
            take = self._take(spot.each, current, None)
            return Each(take, self.template(spot, current, depth, inside=spot.each))
        plain = not spot.attributes and not spot.children
        if plain and isinstance(spot.text, Field):
            own = spot.text.group is current and spot.text != inside and spot.text.mapped.join is None
            if own:
                return self._leaf(spot, spot.text, depth)
            template = self.template(spot, current, depth, inside)
            # A mandatory leaf without a value is not made up: the XSD check names it.
            template.mandatory = False
            return template
        return self.template(spot, current, depth, inside)

    def name(self, namespace: str | None, name: str) -> str:
        """The name with the prefix of its namespace."""
        prefix = self.prefixes[namespace] if namespace is not None else ""
        return f"{prefix}:{name}" if prefix else name

    def _leaf(self, spot: Spot, value: Field, depth: int) -> Leaf:
        name, indent = self.name(spot.node.namespace, spot.node.name), "  " * depth
        missing = {"omit": None, "empty": f"{indent}<{name}/>\n", "nil": f'{indent}<{name} xsi:nil="true"/>\n'}
        return Leaf(f"{indent}<{name}>", f"</{name}>\n", _index(value), missing[empty_as(spot)])

    def _take(self, value: Value, current: Group | None, each: Field | None) -> Take:
        if isinstance(value, Constant):
            text, laid_in = escape(value.text), value.group
            if laid_in is not None:
                return lambda row, case, code: text if case.get(laid_in.name) else None
            return lambda row, case, code: text
        if isinstance(value, Header):
            of_return = escape(self.header[value.name])
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
        separator = escape(join)

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


def empty_as(spot: Spot) -> str:
    """How a missing value is written here: ``omit``, ``empty`` or ``nil`` (only where the XSD allows it)."""
    if not isinstance(spot.text, Field):
        return "omit"
    wanted = spot.text.mapped.empty
    return "omit" if wanted == "nil" and not spot.node.nillable else wanted
