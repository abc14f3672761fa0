"""Columns that become rows, rows that become columns, and several rows that become one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pipelines.errors import InputError
from pipelines.extract.parsing import fold
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
    listed,
    literal,
    place,
    quoted,
    united,
)
from schemas.sources.shape import Collect, Pivot, Shape, Unpivot, Wanted

_TEXTS = "_texts under the name"
_IGNORED = -1
SHOWN = 20
"""Texts that stand under the value of one finding."""


def unpivot_step(unpivot: Unpivot, shape: Shape, have: Headings, label: str) -> tuple[Step, Headings]:
    """One row for each text that ``*`` stands for, where any of its cells is filled; and the headings then.

    Headings that the mapping names, or that are ignored, are not among those that become rows.

    Raises:
        InputError: no column fits a pattern.
    """
    spared = {fold(one.heading) for one in shape.wanted} | {fold(one) for one in shape.ignore}
    spared -= {fold(unpivot.name), *(fold(into) for into, _ in unpivot.groups)}
    stars: dict[str, str] = {}
    cells: dict[str, dict[str, str]] = {}
    for into, patterns in unpivot.groups:
        for pattern in patterns:
            fitting = [(one, star) for one in have if (star := _star(pattern, one)) and fold(one) not in spared]
            if not fitting:
                raise InputError(
                    f"{shape.place}, unpivot: {label} has no column like '{pattern}'. Correct the pattern in the source"
                    " profile, or add the columns to the export."
                )
            for column, star in fitting:
                key = fold(star) if len(unpivot.groups) > 1 else column
                stars.setdefault(key, star)
                cells.setdefault(key, {}).setdefault(into, column)
    turned = {column for one in cells.values() for column in one.values()}
    kept = [one for one in have if one not in turned]
    hidden = [one for one in have.hidden if one.removeprefix(f"{AT}:") not in turned]
    intos = [into for into, _ in unpivot.groups]
    at = {into for one in cells.values() for into, column in one.items() if have.place_of(column)}
    parts = []
    for key, columns in cells.items():
        chosen = [quoted(one) for one in (*kept, *hidden)] + [f"{literal(stars[key])} as {quoted(unpivot.name)}"]
        for into in intos:
            column = columns.get(into, "")
            chosen.append(f"{quoted(column) if column else 'null::varchar'} as {quoted(into)}")
            if into in at:
                own = quoted(have.place_of(column) or AT)
                chosen.append(f"{own} as {quoted(f'{AT}:{into}')}")
        filled = " or ".join(is_filled(quoted(one), shape.spelling) for one in columns.values())
        parts.append(f"select {', '.join(chosen)} from {BEFORE} where {filled}")
    step = Step(name=f"one row for each {listed([unpivot.name])}", sql=" union all ".join(parts))
    return step, Headings([*kept, *hidden, unpivot.name, *intos, *(f"{AT}:{one}" for one in at)])


def fits(pattern: str) -> Callable[[str], bool]:
    """Whether a heading fits the pattern."""
    return lambda heading: _star(pattern, heading) is not None


def _star(pattern: str, heading: str) -> str | None:
    """What ``*`` stands for in the heading; the heading itself where the pattern has none, or null."""
    if "*" not in pattern:
        return heading if fold(pattern) == fold(heading) else None
    ends = [re.sub(r"\s+", " ", one) for one in pattern.strip().split("*")]
    for text, (start, end) in ((" ".join(heading.split()), ends), (fold(heading), [one.casefold() for one in ends])):
        if found := re.fullmatch(f"{re.escape(start)}(.+){re.escape(end)}", text, re.IGNORECASE):
            return found[1].strip() or None
    return None


def pivot_step(
    pivot: Pivot, shape: Shape, have: Headings, label: str, asked: Callable[[str], bool]
) -> tuple[Step, Headings]:
    """One row for each ``per`` with an answer that the mapping names, one column for each; and the headings then.

    Two different values of one cell leave it blank, with a finding.

    Raises:
        InputError: a column that the pivot names is not there.
    """
    where = f"{shape.place}, pivot"
    per = [have.need(one, where, label) for one in pivot.per]
    name = have.need(pivot.name, where, label)
    values = [have.need(one, where, label) for one in pivot.values]
    wanted = _wanted(shape)
    cells = _cells(pivot, wanted, have)
    number = {text: index for index, text in enumerate(dict.fromkeys(text for text, _ in cells.values()))}
    several = {fold(one) for one in pivot.several}
    rows = (
        f"(select i.*, t.k as _k, {first_place(f'i.{AT}')} as _place from {BEFORE} i join {quoted(_TEXTS)} t"
        f" on i.{quoted(name)} = t.text where t.k >= 0)"
    )
    chosen, places = [], []
    for heading, (text, value) in cells.items():
        column, here = quoted(values[value]), f"filter (where _k = {number[text]})"
        if text in several:
            chosen.append(f"{_joined(column, pivot.by, f'_k = {number[text]}')} as {quoted(heading)}")
        else:
            least, most = f"min({column}) {here}", f"max({column}) {here}"
            chosen.append(f"case when {least} = {most} then {least} end as {quoted(heading)}")
        places.append(f"{_place_list(have.place_of(values[value]), here)} as {quoted(f'{AT}:{heading}')}")
    others = _others(wanted, have, [*per, *cells])
    step = Step(
        name=f"one column for each {listed([name])}",
        helpers=((_TEXTS, _texts(pivot, shape, name, number)),),
        sql=f"select {_made_one(per, others, [*chosen, *places])} from {rows} group by {_group(per)}",
        checks=(
            _check_texts(pivot, cells, wanted, name),
            *_check_twice(rows, per, values, cells, number, several),
            *_check_joined(rows, values, pivot.by, [number[one] for one in number if one in several], name),
            *_check_others(rows, per, others),
        ),
        said=_unread(shape, have, asked),
    )
    return step, Headings([AT, *per, *others, *cells, *(f"{AT}:{one}" for one in (*cells, *others))])


def collect_step(
    collect: Sequence[Collect], shape: Shape, have: Headings, label: str, asked: Callable[[str], bool]
) -> tuple[Step, Headings]:
    """One row for each ``per``, with the cells of its rows joined, each once; and the headings then.

    Raises:
        InputError: a column that is named is not there.
    """
    where = f"{shape.place}, collect"
    per = [have.need(one, where, label) for one in collect[0].per]
    columns = [have.need(one.column, where, label) for one in collect]
    wanted = _wanted(shape)
    others = _others(wanted, have, [*per, *(one.into for one in collect)])
    rows = f"(select *, {first_place()} as _place from {BEFORE})"
    chosen = []
    for one, column in zip(collect, columns, strict=True):
        filled = f"{quoted(column)} is not null"
        own = quoted(have.place_of(column) or AT)
        chosen += [
            f"{_joined(quoted(column), one.by, filled)} as {quoted(one.into)}",
            f"{united(own, filled)} as {quoted(f'{AT}:{one.into}')}",
        ]
    checks: list[Check] = []
    for one, column in zip(collect, columns, strict=True):
        checks += _check_joined(rows, [column], one.by, None, column)
    step = Step(
        name=f"collect {listed(columns)}",
        sql=f"select {_made_one(per, others, chosen)} from {rows} group by {_group(per)}",
        checks=(*checks, *_check_others(rows, per, others)),
        said=_unread(shape, have, asked),
    )
    intos = [one.into for one in collect]
    return step, Headings([AT, *per, *others, *intos, *(f"{AT}:{one}" for one in (*intos, *others))])


def _wanted(shape: Shape) -> dict[str, Wanted]:
    """What the mapping reads of the rows as they are before single columns are looked up, by heading."""
    keys: dict[str, str] = {}
    for lookup in shape.cells:
        for cell in lookup.cells:
            for slot in range(1, max(cell.repeat, 1) + 1):
                into, heading = (one.replace("{n}", str(slot)) for one in (cell.into, cell.heading))
                keys[fold(into)] = heading
    found: dict[str, Wanted] = {}
    for one in shape.wanted:
        found.setdefault(fold(keys.get(fold(one.heading), one.heading)), one)
    # By the heading as it is written, of the key where it is looked up.
    return {keys.get(fold(one.heading), one.heading): one for one in found.values()}


def _cells(pivot: Pivot, wanted: Mapping[str, Wanted], have: Headings) -> dict[str, tuple[str, int]]:
    """Heading to make → the folded text under ``name``, and which of the values."""
    found: dict[str, tuple[str, int]] = {}
    for heading in wanted:
        if have.find(heading) is not None:
            continue
        text = fold(heading)
        if pivot.single:
            found[heading] = (text, 0)
            continue
        ends = [(f" {fold(value)}", index) for index, value in enumerate(pivot.values)]
        for end, index in sorted(ends, key=lambda one: -len(one[0])):
            if text.endswith(end) and text != end.strip():
                found[heading] = (text.removesuffix(end), index)
                break
    return found


def _texts(pivot: Pivot, shape: Shape, name: str, number: Mapping[str, int]) -> str:
    """One row per different text under ``name``: which one of those that are wanted it is."""
    known = [f"({folded(literal(text))}, {index})" for text, index in number.items()]
    ignored = {fold(one) for one in shape.ignore}
    ignored |= {one.removesuffix(f" {fold(value)}") for one in ignored for value in pivot.values}
    known += [f"({folded(literal(text))}, {_IGNORED})" for text in sorted(ignored - set(number))]
    found = (
        f"select {quoted(name)} as text, count(*) as n, min({first_place()}) as place from {BEFORE}"
        f" where {quoted(name)} is not null group by 1"
    )
    values = f"values {', '.join(known)}" if known else "select '', 0 where false"
    return f"select t.*, w.k from ({found}) t left join ({values}) w(f, k) on {folded('t.text')} = w.f"


def _joined(column: str, by: str, condition: str) -> str:
    """The different cells as one text, sorted; null where there is none."""
    every = f"list({column}) filter (where {condition} and {column} is not null)"
    return f"array_to_string(list_sort(list_distinct({every})), {literal(by)})"


def _place_list(own: str | None, condition: str) -> str:
    """The first place of the rows that fit the condition, as a list of one."""
    number = f"min({first_place(quoted(own)) if own else '_place'}) {condition}"
    one = f"{{'t': ({number} // 1099511627776)::integer, 'r': {number} % 1099511627776}}"
    return f"case when {number} is not null then [{one}] end"


def _others(wanted: Mapping[str, Wanted], have: Headings, made: Sequence[str]) -> list[str]:
    """Further columns that the mapping reads; they must be the same in all rows that become one."""
    taken = {fold(one) for one in made}
    found = [have.find(one) for one in wanted if fold(one) not in taken]
    return list(dict.fromkeys(one for one in found if one is not None))


def _made_one(per: Sequence[str], others: Sequence[str], more: Sequence[str]) -> str:
    same = [
        f"case when min({quoted(one)}) = max({quoted(one)}) then min({quoted(one)}) end as {quoted(one)}"
        for one in others
    ]
    at = [
        f"{_place_list(None, f'filter (where {quoted(one)} is not null)')} as {quoted(f'{AT}:{one}')}" for one in others
    ]
    return ", ".join([*map(quoted, per), f"{united(AT)} as {AT}", *same, *at, *more])


def _group(per: Sequence[str]) -> str:
    return ", ".join(map(quoted, per))


def _unread(shape: Shape, have: Headings, asked: Callable[[str], bool]) -> tuple[Said, ...]:
    ignored = {fold(one) for one in shape.ignore}
    unread = [one for one in have if fold(one) not in ignored and not asked(one)]
    return (Said("X-86", {"count": counted(len(unread), "column")}, value="; ".join(unread)),) if unread else ()


def _check_texts(pivot: Pivot, cells: Mapping[str, tuple[str, int]], wanted: Mapping[str, Wanted], name: str) -> Check:
    texts = quoted(_TEXTS)
    query = (
        f"select (select coalesce(sum(n), 0)::bigint from {texts}) as rows,"
        f" (select list(distinct k order by k) from {texts} where k >= 0) as met,"
        f" (select list(text order by n desc, text)[:{SHOWN}] from {texts} where k is null) as others,"
        f" (select count(*) from {texts} where k is null) as count,"
        f" (select coalesce(sum(n), 0)::bigint from {texts} where k is null) as rows_of_others"
    )
    headings: dict[str, list[str]] = {}
    for heading, (text, _) in cells.items():
        headings.setdefault(text, []).append(heading)

    def judge(row: Mapping[str, Any]) -> Iterator[Said]:
        if not row["rows"]:
            return
        met = set(row["met"] or ())
        for index, (text, named) in enumerate(headings.items()):
            if index in met:
                continue
            fields = [wanted[one] for one in named]
            soft = not row["count"] or all(one.optional for one in fields)
            shown = named[0] if pivot.single else named[0][: len(text)]
            words = {"text": shown, "name": name, "count": counted(row["count"], "other text")}
            own = ", ".join(dict.fromkeys(one.field for one in fields if one.field)) or None
            yield Said("X-95", words, section=fields[0].section, fields=own, column=named[0], softened=soft)
        if row["count"]:
            words = {"count": counted(row["count"], "text"), "rows": counted(row["rows_of_others"], "row")}
            yield Said("X-96", words, column=name, value="; ".join(row["others"]))

    return Check(query, judge)


def _check_twice(
    rows: str,
    per: Sequence[str],
    values: Sequence[str],
    cells: Mapping[str, tuple[str, int]],
    number: Mapping[str, int],
    several: set[str],
) -> tuple[Check, ...]:
    single = [index for text, index in number.items() if text not in several]
    if not single:
        return ()
    differ = " or ".join(f"min({quoted(one)}) <> max({quoted(one)})" for one in values)
    told = " and ".join(f"{quoted(one)} is not null" for one in per)
    query = (
        f"select _k, count(*) as count, min(_place) as place from (select _k, min(_place) as _place from {rows}"
        f" where {told} and _k in ({', '.join(map(str, single))}) group by {_group(per)}, _k having {differ})"
        " group by 1 order by 1"
    )
    first = {number[text]: heading for heading, (text, _) in reversed(list(cells.items()))}

    def judge(row: Mapping[str, Any]) -> Iterator[Said]:
        words = {"count": counted(row["count"], "time"), "per": listed(per)}
        yield Said("X-94", words, first[row["_k"]], at=place(row["place"]))

    return (Check(query, judge),)


def _check_joined(
    rows: str, values: Sequence[str], by: str, numbers: Sequence[int] | None, column: str
) -> tuple[Check, ...]:
    """Cells that hold the very text by which they are joined: they would come apart again in the wrong place."""
    if numbers is not None and not numbers:
        return ()
    of = "" if numbers is None else f"_k in ({', '.join(map(str, numbers))}) and "
    held = " or ".join(f"contains({quoted(one)}, {literal(by)})" for one in values)
    query = f"select count(*) as count, min(_place) as place from {rows} where {of}({held})"

    def judge(row: Mapping[str, Any]) -> Iterator[Said]:
        if row["count"]:
            yield Said("X-99", {"count": counted(row["count"], "cell"), "by": by}, column, at=place(row["place"]))

    return (Check(query, judge),)


def _check_others(rows: str, per: Sequence[str], others: Sequence[str]) -> tuple[Check, ...]:
    checks = []
    told = " and ".join(f"{quoted(one)} is not null" for one in per)
    for other in others:
        query = (
            f"select count(*) as count, min(_place) as place from (select min(_place) as _place from {rows}"
            f" where {told} group by {_group(per)} having min({quoted(other)}) <> max({quoted(other)}))"
        )
        checks.append(Check(query, _judge_other(other, per)))
    return tuple(checks)


def _judge_other(other: str, per: Sequence[str]) -> Callable[[Mapping[str, Any]], Iterator[Said]]:
    def judge(row: Mapping[str, Any]) -> Iterator[Said]:
        if row["count"]:
            words = {"count": counted(row["count"], "time"), "per": listed(per)}
            yield Said("X-97", words, other, at=place(row["place"]))

    return judge
