"""The keys of a table for its rows (``join``, ``codes_from``, ``keep`` …) as steps over the workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pipelines.extract.parsing import fold
from pipelines.extract.steps.joining import join_step
from pipelines.extract.steps.keeping import keep_step
from pipelines.extract.steps.looking import look_up_step
from pipelines.extract.steps.step import INPUT, Headings, Step
from pipelines.extract.steps.turning import collect_step, fits, pivot_step, unpivot_step
from schemas.sources.shape import Shape


def compile(shape: Shape, columns_of: Callable[[str], list[str]], label: str = "the table") -> list[Step]:
    """The steps that make the table's rows.

    In order: join, look-ups of the table, unpivot, keep, pivot or collect, look-ups of single columns.

    Each step reads the relation before it as ``INPUT``; the first one the rows as they stand in the file.

    Args:
        shape: what the profile says of the rows.
        columns_of: the columns of a relation, hidden ones (``_file``, ``_row``, ``_at``, ``_at:X``) too: of
            ``INPUT``, and of each of ``shape.others`` by its name.
        label: what messages call the rows.

    Raises:
        InputError: a column that a key names is not there; the sentence says where.
    """
    have = Headings(columns_of(INPUT))
    asked = names_heading(shape)
    steps: list[Step] = []
    for join in shape.joins:
        theirs = Headings(columns_of(join.other.name))
        step, have = join_step(join, shape, have, theirs, label, asked, is_turned(shape))
        steps.append(step)
    for lookup in shape.lookups:
        step, have = look_up_step(lookup, shape, have, Headings(columns_of(lookup.other.name)), label)
        steps.append(step)
    if shape.unpivot:
        step, have = unpivot_step(shape.unpivot, shape, have, label)
        steps.append(step)
    if shape.keep:
        steps.append(keep_step(shape.keep, shape, have, label))
    if shape.pivot:
        step, have = pivot_step(shape.pivot, shape, have, label, asked)
        steps.append(step)
    if shape.collect:
        step, have = collect_step(shape.collect, shape, have, label, asked)
        steps.append(step)
    for lookup in shape.cells:
        step, have = look_up_step(lookup, shape, have, Headings(columns_of(lookup.other.name)), label)
        steps.append(step)
    return steps


def names_heading(shape: Shape) -> Callable[[str], bool]:
    """Whether the mapping, or a key for rows, names a heading; a pattern with ``*`` names all that fit it."""
    exact = {fold(one) for one in _named(shape)}
    patterns = _patterns(shape)
    return lambda heading: fold(heading) in exact or any(one(heading) for one in patterns)


def _patterns(shape: Shape) -> list[Callable[[str], bool]]:
    groups = shape.unpivot.groups if shape.unpivot else ()
    return [fits(pattern) for _, patterns in groups for pattern in patterns]


def is_turned(shape: Shape) -> Callable[[str], bool]:
    """Whether cells under the heading will stand under another one, so that their place must be carried along."""
    turned = {fold(cell.heading) for lookup in shape.cells for cell in lookup.cells if cell.into != cell.heading}
    turned |= {fold(one) for one in (shape.pivot.values if shape.pivot else ())}
    turned |= {fold(one.column) for one in shape.collect}
    patterns = _patterns(shape)
    return lambda heading: fold(heading) in turned or any(one(heading) for one in patterns)


def reads_of(shape: Shape, name: str) -> frozenset[str]:
    """Folded headings that the keys read of another relation of that name; of the rows themselves with ``INPUT``."""
    found: list[str] = []
    if name == INPUT:
        found += _named(shape)
    for join in shape.joins:
        if join.other.name == name:
            found += [*(theirs for _, theirs in join.on), *join.where, *(join.keep.order_by if join.keep else ())]
            start = fold(join.prefix)
            found += [fold(one).removeprefix(start) for one in _named(shape) if fold(one).startswith(start)]
    for lookup in (*shape.lookups, *shape.cells):
        if lookup.other.name == name:
            found += [lookup.key, lookup.label, *lookup.where, *lookup.where_same]
    return frozenset(fold(one) for one in found)


def _named(shape: Shape) -> Iterable[str]:
    found = [one.heading for one in shape.wanted]
    for join in shape.joins:
        found += [mine for mine, _ in join.on]
    for lookup in (*shape.lookups, *shape.cells):
        found += lookup.where_same.values()
        for cell in lookup.cells:
            found += [cell.heading.replace("{n}", str(slot)) for slot in range(1, max(cell.repeat, 1) + 1)]
    if shape.keep:
        found += [*shape.keep.per, *shape.keep.order_by]
    if shape.pivot:
        found += [*shape.pivot.per, shape.pivot.name, *shape.pivot.values]
    for one in shape.collect:
        found += [*one.per, one.column]
    return found
