"""Where an element of a written document comes from: case, place in the profile, section fields, type in the XSD."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from pipelines.emit.returns.plan import Field, Plan, Spot, Value
from pipelines.emit.returns.readback import Reader, getter, reader_of
from pipelines.emit.returns.xsd import Node, Simple
from schemas.returns import Group

_FIELDS_NAMED = 4


@dataclass(frozen=True)
class _Place:
    """One spot of the plan at a path from the root. ``row_depth``: steps down to the element of the group's row."""

    spot: Spot
    group: Group | None
    row_depth: int


class Located:
    """Answers for the elements of one file of the return."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._unit = plan.unit.node
        root_group = plan.file.root_group
        path = next(m for m in root_group.columns if m.column.name == "case_ref").path
        self._reference = getter(plan.unit.rows[0][1].node, path)
        self._readers: dict[str, Reader] = {}
        self._places: dict[tuple[str, ...], list[_Place]] = {}
        assert plan.root is not None
        self._walk(plan.root, (), None, 0)

    def _walk(self, spot: Spot, above: tuple[str, ...], group: Group | None, row_depth: int) -> None:
        tags = (*above, spot.node.tag)
        for own, row in spot.rows:
            self._add(row, tags, own, len(tags))
        if not spot.rows:
            self._add(spot, tags, group, row_depth)

    def _add(self, spot: Spot, tags: tuple[str, ...], group: Group | None, row_depth: int) -> None:
        self._places.setdefault(tags, []).append(_Place(spot, group, row_depth))
        for child in spot.children.values():
            self._walk(child, tags, group, row_depth)

    def case_ref(self, element: etree._Element | None) -> str | None:
        """Reference of the case that an element belongs to."""
        while element is not None:
            if element.tag == self._unit.tag:
                return next(iter(self._reference(element)), None)
            element = element.getparent()
        return None

    def label(self, element: etree._Element | None, below: str | None = None) -> str:
        """The element's path from that of the case, with ``below`` at its end."""
        steps = []
        while element is not None and element.tag != self._unit.tag:
            steps.append(etree.QName(element).localname)
            element = element.getparent()
        names = [*reversed(steps), *([below] if below else [])]
        return "/".join(names) or self._unit.name

    def node(self, element: etree._Element) -> Node | None:
        """The element's declaration in the XSD; None for one that the plan does not write."""
        found = self._spot(element)
        return None if found is None else found.node

    def simple(self, element: etree._Element, attribute: str | None = None) -> Simple | None:
        """What the value of the element, or of its attribute of that local name, may be."""
        node = self.node(element)
        if node is None:
            return None
        if attribute is None:
            return node.content.text
        declared = node.attribute(attribute)
        return None if declared is None else declared.simple

    def fields(self, element: etree._Element, below: str | None = None) -> str | None:
        """Section columns that go into the element, or into its child or attribute (``@name``) of that local name."""
        spot = self._spot(element)
        if spot is None:
            return None
        named: list[Value | None]
        if below is not None and below.startswith("@"):
            named = [value for attribute, value in spot.attributes.values() if attribute.name == below[1:]]
        else:
            inside = [c for c in spot.children.values() if c.node.name == below] if below else [spot]
            named = [inside[0].text] if below is None else [v for one in inside for v in _values(one)]
        columns = [value.mapped.column for value in named if isinstance(value, Field)]
        names = list(dict.fromkeys(f"{column.section}.{column.name}" for column in columns))
        return ", ".join(names[:_FIELDS_NAMED]) or None

    def _spot(self, element: etree._Element) -> Spot | None:
        above = [element, *element.iterancestors()][::-1]
        places = self._places.get(tuple(str(one.tag) for one in above), [])
        for place in places:
            if len(places) == 1 or place.group is None or self._claims(place, above):
                return place.spot
        return places[0].spot if places else None

    def _claims(self, place: _Place, above: list[etree._Element]) -> bool:
        assert place.group is not None
        reader = self._readers.get(place.group.name)
        if reader is None:
            reader = self._readers.setdefault(place.group.name, reader_of(self._plan, place.group))
        return reader.may_claim(above[place.row_depth - 1])


def _values(spot: Spot) -> Iterator[Value | None]:
    yield spot.text
    yield from (value for _, value in spot.attributes.values())
    for child in spot.children.values():
        yield from _values(child)
    for _, row in spot.rows:
        yield from _values(row)
