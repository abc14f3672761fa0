"""What the XSD expects of a value, in words."""

from __future__ import annotations

from pipelines.emit.returns.xsd import Simple

_SHOWN = 8
_BASES = {
    "date": "a date, written like 2025-12-31",
    "dateTime": "a date and time, written like 2025-12-31T09:00:00",
    "time": "a time of day, written like 09:00:00",
    "gYear": "a year, written like 2025",
    "gYearMonth": "a month, written like 2025-12",
    "boolean": "true or false (or 1 or 0)",
    "decimal": "a number",
    "float": "a number",
    "double": "a number",
    "nonNegativeInteger": "a whole number, 0 or more",
    "unsignedInt": "a whole number, 0 or more",
    "unsignedShort": "a whole number, 0 or more",
    "unsignedByte": "a whole number from 0 to 255",
    "unsignedLong": "a whole number, 0 or more",
    "positiveInteger": "a whole number, 1 or more",
    "anyURI": "an address",
}
_WHOLE = ("integer", "int", "long", "short", "byte", "negativeInteger", "nonPositiveInteger")
_LIMITS = {
    "length": "of exactly {} characters",
    "minLength": "of at least {} characters",
    "maxLength": "of at most {} characters",
    "minInclusive": "not below {}",
    "maxInclusive": "not above {}",
    "minExclusive": "above {}",
    "maxExclusive": "below {}",
    "totalDigits": "with at most {} digits",
    "fractionDigits": "with at most {} digits after the point",
}


def expected(simple: Simple) -> str:
    """The type, the listed values (the first of them), the form and the length that a value must have."""
    if simple.is_list:
        return f"a list, parted by blanks, in which each is {_one(simple)}"
    return _one(simple)


def _one(simple: Simple) -> str:
    if simple.values is not None:
        listed = sorted(simple.values)
        more = f", … ({len(listed):,} values in all)" if len(listed) > _SHOWN else ""
        return f"one of {', '.join(listed[:_SHOWN])}{more}"
    if simple.members:
        return " or ".join(dict.fromkeys(expected(member) for member in simple.members))
    base = "a whole number" if simple.base in _WHOLE else _BASES.get(simple.base, "text")
    parts = [_LIMITS[name].format(value) for name, value in simple.limits]
    if simple.patterns:
        parts.append(f"of the form {' or '.join(simple.patterns)}")
    return " ".join([base, ", ".join(parts)]).strip()
