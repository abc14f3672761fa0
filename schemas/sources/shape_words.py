"""What the keys of a table do to its rows, in words that a colleague can check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from schemas.sources.shape import Join, Keep, Lookup, Pivot, Shape, Unpivot


def shape_words(shape: Shape) -> list[str]:
    """One phrase for each key, in the order in which they are applied; look-ups of single columns are left out."""
    return list(_words(shape))


def lookup_words(lookup: Lookup) -> str:
    """``label TEXT of the key ID in lookups where LIST is Decision``."""
    same = {there: (f"what stands under {here}",) for there, here in lookup.where_same.items()}
    kept = "; other cells stay" if lookup.keep_others else ""
    where = _where({**lookup.where, **same})
    return f"label {lookup.label} of the key {lookup.key} in {lookup.other.name}{where}{kept}"


def _words(shape: Shape) -> Iterator[str]:
    yield from map(_join, shape.joins)
    for lookup in shape.lookups:
        yield f"{_and(cell.heading for cell in lookup.cells)} read as the {lookup_words(lookup)}"
    if shape.unpivot:
        yield _unpivot(shape.unpivot)
    if shape.keep:
        yield f"{_keep(shape.keep)} of the rows with the same {_and(shape.keep.per)}"
    if shape.pivot:
        yield _pivot(shape.pivot)
    for one in shape.collect:
        yield f'{one.column} of all rows with the same {_and(one.per)} joined by "{one.by}" as {one.into}'


def _join(join: Join) -> str:
    pairs = _and(mine if mine == theirs else f"{mine} = {theirs}" for mine, theirs in join.on)
    keep = f", {_keep(join.keep)} of several" if join.keep else ""
    more = [", each of several" if join.many else "", ", where there is one" if join.optional else ""]
    prefix = f', headings with "{join.prefix}" before them' if join.prefix else ""
    return f"with the row of {join.other.name} by {pairs}{_where(join.where)}{keep}{''.join(more)}{prefix}"


def _keep(keep: Keep) -> str:
    by = _and("the month in the file's name" if one == "_file" else one for one in keep.order_by)
    by = f" by {by}" if by else ""
    return f"only the {'last' if keep.last else 'first'}{by}"


def _unpivot(unpivot: Unpivot) -> str:
    groups = _and(f"{_or(patterns)} as {into}" for into, patterns in unpivot.groups)
    return f"a row for each column {groups}, its name as {unpivot.name}"


def _pivot(pivot: Pivot) -> str:
    several = f', {_and(pivot.several)} joined by "{pivot.by}"' if pivot.several else ""
    values = _and(pivot.values)
    return f"one row for each {_and(pivot.per)}, with {values} under the text of {pivot.name} as heading{several}"


def _where(where: Mapping[str, Iterable[str]]) -> str:
    tests = _and(f"{heading} is {_or(values)}" for heading, values in where.items())
    return f" where {tests}" if tests else ""


def _and(parts: Iterable[str]) -> str:
    return " and ".join(parts)


def _or(parts: Iterable[str]) -> str:
    return " or ".join(parts)
