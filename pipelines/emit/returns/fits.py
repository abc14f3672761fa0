"""What a profile would write, held against the XSD before anything is written: codes, dates, flags, constants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from lxml import etree

from pipelines.emit.returns.expected import expected
from pipelines.emit.returns.plan import Constant, Field, Header, Leaf
from pipelines.emit.returns.xsd import Simple
from pipelines.emit.returns.xsd_files import XS
from schemas.returns import Mapped, Profile

# Any day does, if no two of its parts are alike and the day is no month.
_A_DAY = date(2025, 12, 31)
_DATES = ("first_day", "last_day", "as_at")
_COUNTS = ("records", "document", "documents")


def unfit(profile: Profile, leaf: Leaf) -> Iterator[str]:
    """One sentence per thing that the profile writes at a place of the XSD and that the XSD would not accept."""
    if isinstance(leaf.value, Constant):
        if leaf.values is not None and leaf.value.text not in leaf.values:
            yield f"{leaf.label}: the constant is not among the XSD's values."
        elif not fits(leaf.simple, leaf.value.text):
            yield f"{leaf.label}: the constant does not fit; the XSD expects {expected(leaf.simple)}."
    elif isinstance(leaf.value, Header):
        yield from _header(leaf, leaf.value)
    else:
        yield from _column(profile, leaf, leaf.value)


def _header(leaf: Leaf, value: Header) -> Iterator[str]:
    if value.name in _DATES and not fits(leaf.simple, _A_DAY.strftime(value.dates)):
        yield f"{leaf.label}: dates are written as {value.dates}, and the XSD expects {expected(leaf.simple)}."
    elif value.name in _COUNTS and not fits(leaf.simple, "1"):
        yield f"{leaf.label}: a number is written, and the XSD expects {expected(leaf.simple)}."


def _column(profile: Profile, leaf: Leaf, value: Field) -> Iterator[str]:
    mapped = value.mapped
    column = mapped.column
    name = f"{column.section}.{column.name}"
    if column.kind == "flag":
        if leaf.values is not None and not set(profile.flags) <= leaf.values:
            yield f"{leaf.label}: what true and false are written as is not among the XSD's values."
        elif not all(fits(leaf.simple, flag) for flag in profile.flags):
            yield f"{leaf.label}: what true and false are written as does not fit; the XSD expects " + (
                f"{expected(leaf.simple)}."
            )
    if column.kind == "date" and not fits(leaf.simple, _A_DAY.strftime(mapped.dates)):
        yield f"{leaf.label}: {name} is written as {mapped.dates}, and the XSD expects {expected(leaf.simple)}."
    demanded = leaf.is_mandatory and not mapped.is_missing_by_default
    if mapped.missing is not None and demanded and not accepts(leaf.simple, mapped.missing):
        yield (
            f"{leaf.label}: {mapped.missing}, for a missing {name}, does not fit; the XSD expects"
            f" {expected(leaf.simple)}."
        )
    if column.codelist is not None:
        yield from _codes(profile, leaf, value)


def _codes(profile: Profile, leaf: Leaf, value: Field) -> Iterator[str]:
    column, group = value.mapped.column, value.group
    name = f"{column.section}.{column.name}"
    official = profile.official_values(column)
    only, without = group.where.get(column.name), group.unless.get(column.name, ())
    official = {c: v for c, v in official.items() if (only is None or c in only) and c not in without}
    nothing = sorted(code for code, value in official.items() if value is None)
    if nothing:
        yield f"{name}: codes mapped to nothing: {', '.join(nothing)}."
    if value.mapped.join is not None and not leaf.simple.is_list:
        return
    given = sorted((code, text) for code, text in official.items() if text is not None)
    if leaf.values is not None:
        outside = [code for code, text in given if text not in leaf.values]
        if outside:
            yield f"{leaf.label}: codes of {name} whose value the XSD does not list: {', '.join(outside)}."
        return
    outside = [code for code, text in given if not fits(leaf.simple, text)]
    if outside:
        yield (
            f"{leaf.label}: codes of {name} whose value does not fit: {', '.join(outside)};"
            f" the XSD expects {expected(leaf.simple)}."
        )


def said_as_missing(mapped: Mapped, simple: Simple) -> str | None:
    """What is written for a missing value at a place that the XSD demands; None: nothing."""
    if mapped.missing is None or (mapped.is_missing_by_default and not accepts(simple, mapped.missing)):
        return None
    return mapped.missing


def accepts(simple: Simple, text: str) -> bool:
    """Whether the XSD lists a text or, without a list, whether it fits."""
    return text in simple.values if simple.values is not None else fits(simple, text)


def fits(simple: Simple, text: str) -> bool:
    """Whether a text fits the type, its form and its length; lists and unions are left to the check of the document."""
    if simple.members or simple.is_list or (simple.base == "string" and not simple.patterns and not simple.limits):
        return True
    validator = _validator(simple)
    element = etree.Element("v")
    element.text = text
    return validator is None or bool(validator.validate(element))


@lru_cache(maxsize=64)
def _validator(simple: Simple) -> etree.XMLSchema | None:
    schema = etree.Element(f"{{{XS}}}schema", nsmap={"xs": XS})
    declared = etree.SubElement(schema, f"{{{XS}}}element", {"name": "v"})
    kind = etree.SubElement(declared, f"{{{XS}}}simpleType")
    restriction = etree.SubElement(kind, f"{{{XS}}}restriction", {"base": f"xs:{simple.base}"})
    for name, value in simple.limits:
        etree.SubElement(restriction, f"{{{XS}}}{name}", {"value": value})
    for pattern in simple.patterns:
        etree.SubElement(restriction, f"{{{XS}}}pattern", {"value": pattern})
    try:
        return etree.XMLSchema(schema)
    except etree.XMLSchemaParseError:
        # Facets of a list, or of a type that cannot be narrowed by itself.
        return None
