"""Cells that hold the keys of a look-up file, translated into its labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from pipelines.extract.steps.step import (
    AT,
    BEFORE,
    Check,
    Headings,
    Said,
    Step,
    counted,
    first_place,
    folded,
    is_filled,
    is_one_of,
    literal,
    place,
    quoted,
)
from pipelines.findings import MASK
from schemas.sources.shape import Cell, Lookup, Shape

SHOWN = 20
"""Cells that stand under the value of one finding."""


def look_up_step(lookup: Lookup, shape: Shape, have: Headings, theirs: Headings, label: str) -> tuple[Step, Headings]:
    """The rows with labels for keys, and their headings then.

    A cell that is itself a label stays; one that the look-up lacks, or for which it has two labels, becomes blank.

    Raises:
        InputError: a column that it names is not there.
    """
    other, where = lookup.other.name, f"{shape.place}, codes_from"
    key, text = (theirs.need(one, where, other) for one in (lookup.key, lookup.label))
    static = [
        is_one_of(quoted(theirs.need(heading, f"{where}, where", other)), wanted)
        for heading, wanted in lookup.where.items()
    ]
    same = [
        (theirs.need(there, f"{where}, where", other), have.need(here, f"{where}, where", label))
        for there, here in lookup.where_same.items()
    ]
    static = [f"{quoted(key)} is not null", f"{quoted(text)} is not null", *static]
    entries = (
        f"select {folded(quoted(key))} as k, {quoted(text)} as label"
        f"{''.join(f', {folded(quoted(there))} as s{index}' for index, (there, _) in enumerate(same))}"
        f" from {quoted(other)} where {' and '.join(static)}"
    )
    helpers = [(f"_entries of {other}", entries)]
    checks, joins, replaced, added = [], [], [], []
    for number, (cell, heading, into) in enumerate(_cells(lookup, have, where, label)):
        helper = f"_labels of {heading} by {other} {number}"
        helpers.append((helper, _labels(lookup, shape, cell, heading, helpers[0][0], [here for _, here in same])))
        checks.append(_check(lookup, cell, heading, helper, helpers[0][0]))
        fit = [f"i.{quoted(heading)} = l{number}.cell"]
        fit += [
            f"{folded(f'i.{quoted(here)}')} is not distinct from l{number}.s{index}"
            for index, (_, here) in enumerate(same)
        ]
        joins.append(f" left join {quoted(helper)} l{number} on {' and '.join(fit)}")
        if into == heading:
            replaced.append(f"l{number}.becomes as {quoted(heading)}")
        else:
            at = have.place_of(heading)
            added += [f"l{number}.becomes as {quoted(into)}", f"i.{quoted(at or AT)} as {quoted(f'{AT}:{into}')}"]
    instead = f" replace ({', '.join(replaced)})" if replaced else ""
    chosen = ", ".join([f"i.*{instead}", *added])
    step = Step(
        name=f"labels from {other}",
        reads=(other,),
        looks_up=(other,),
        helpers=tuple(helpers),
        sql=f"select {chosen} from {BEFORE} i{''.join(joins)}",
        checks=tuple(checks),
    )
    news = [into for _, heading, into in _cells(lookup, have, where, label) if into != heading]
    return step, Headings([*have, *have.hidden, *news, *(f"{AT}:{one}" for one in news)])


def _cells(lookup: Lookup, have: Headings, where: str, label: str) -> Iterator[tuple[Cell, str, str]]:
    """Each column to translate: the heading of its keys and that of its labels, the number of a repeat filled in."""
    for cell in lookup.cells:
        for slot in range(1, max(cell.repeat, 1) + 1):
            heading, into = (one.replace("{n}", str(slot)) for one in (cell.heading, cell.into))
            if cell.fields is not None and have.find(heading) is None:
                continue  # the missing column of a field has a finding of its own
            found = have.need(heading, where, label)
            yield cell, found, found if cell.into == cell.heading else into


def _labels(lookup: Lookup, shape: Shape, cell: Cell, heading: str, entries: str, same: list[str]) -> str:
    """One row per different cell: what becomes of it, and why it becomes nothing."""
    fixed = [f"s{index}" for index in range(len(same))]
    also = "".join(f", {one}" for one in fixed)
    shown = "".join(f", {folded(quoted(one))} as s{index}" for index, one in enumerate(same))
    fit = "".join(f" and {{0}}.{one} is not distinct from {{1}}.{one}" for one in fixed)
    cells = (
        f"select {quoted(heading)} as cell{shown}, count(*) as n, min({first_place()}) as place"
        f" from {BEFORE} where {is_filled(quoted(heading), shape.spelling)} group by all"
    )
    pieces = "[cell]" if cell.by is None else f"string_split(cell, {literal(cell.by)})"
    numbered = (
        f"select cell{also}, n, place, unnest({pieces}) as piece, generate_subscripts({pieces}, 1) as nth"
        f" from ({cells})"
    )
    known = (
        f"select k{also}, any_value(label order by label) as label, count(distinct {folded('label')}) as labels"
        f" from {quoted(entries)} group by all"
    )
    labels = f"select distinct {folded('label')} as f{also} from {quoted(entries)}"
    becomes = (
        "case when k.labels = 1 then k.label when k.labels > 1 then null"
        f" when l.f is not null{' or true' if lookup.keep_others else ''} then trim(p.piece) end"
    )
    told = (
        f"select p.cell{''.join(f', p.{one}' for one in fixed)}, p.n, p.place, p.nth, {becomes} as becomes,"
        " k.labels > 1 as doubtful, k.labels is null and l.f is null as lacking"
        f" from ({numbered}) p left join ({known}) k on {folded('p.piece')} = k.k{fit.format('p', 'k')}"
        f" left join ({labels}) l on {folded('p.piece')} = l.f{fit.format('p', 'l')}"
        " where trim(p.piece) <> ''"
    )
    whole = f"string_agg(becomes, {literal(cell.by or '')} order by nth)"
    return (
        f"select cell{also}, n, place, case when bool_and(becomes is not null) then {whole} end as becomes,"
        f" bool_or(coalesce(doubtful, false)) as doubtful, bool_or(lacking) as lacking from ({told}) group by all"
    )


def _check(lookup: Lookup, cell: Cell, heading: str, helper: str, entries: str) -> Check:
    def texts(condition: str) -> str:
        return f"(select list(cell order by n desc, cell)[:{SHOWN}] from {quoted(helper)} where {condition})"

    query = (
        f"select (select count(*) from {quoted(entries)}) as entries, coalesce(sum(n), 0)::bigint as cells,"
        " coalesce(sum(n) filter (where doubtful), 0)::bigint as doubtful,"
        " min(place) filter (where doubtful) as place_of_doubtful,"
        " coalesce(sum(n) filter (where lacking), 0)::bigint as lacking,"
        " min(place) filter (where lacking) as place_of_lacking, min(place) as place,"
        f" {texts('doubtful')} as doubtful_texts, {texts('lacking')} as lacking_texts from {quoted(helper)}"
    )

    def judge(row: Mapping[str, Any]) -> Iterator[Said]:
        if not row["cells"]:
            return
        common = partial(Said, column=heading, section=cell.section, fields=cell.fields)
        words = {"other": lookup.other.name, "cells": counted(row["cells"], "cell")}
        masked = cell.personal or cell.fields is None
        if not row["entries"]:
            yield common("X-87", words, at=place(row["place"]))
            return
        if count := row["doubtful"]:
            at, shown = place(row["place_of_doubtful"]), _shown(row["doubtful_texts"], masked)
            yield common("X-88", {**words, "count": counted(count, "cell")}, value=shown, at=at)
        if (count := row["lacking"]) and not lookup.keep_others:
            at, shown = place(row["place_of_lacking"]), _shown(row["lacking_texts"], masked)
            yield common("X-89", {**words, "count": counted(count, "cell")}, value=shown, at=at, softened=cell.local)

    return Check(query, judge)


def _shown(texts: list[str], masked: bool) -> str:
    return MASK if masked else "; ".join(texts)
