"""Columns of another file beside each row, by equal keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipelines.extract.parsing import fold
from pipelines.extract.steps.keeping import Kept
from pipelines.extract.steps.step import (
    AT,
    BEFORE,
    Check,
    Headings,
    Said,
    Step,
    both,
    counted,
    first_place,
    folded,
    is_filled,
    is_one_of,
    listed,
    place,
    quoted,
)
from schemas.sources.shape import Join, Shape

Asked = Callable[[str], bool]
"""Whether anything in the profile names the heading."""


def join_step(
    join: Join, shape: Shape, have: Headings, theirs: Headings, label: str, asked: Asked, located: Asked
) -> tuple[Step, Headings]:
    """The rows with the columns that the profile names, and their headings then.

    Args:
        join: what is joined.
        shape: of the table.
        have: headings of the rows.
        theirs: headings of the other relation.
        label: what messages call the rows.
        asked: whether the profile names a heading.
        located: whether the place of the cells under a heading must be known although rows will be turned.

    Raises:
        InputError: a column that it names is not there.
    """
    other, where = join.other.name, f"{shape.place}, join"
    mine = [have.need(one, where, label) for one, _ in join.on]
    keys = [theirs.need(one, where, other) for _, one in join.on]
    brought: dict[str, str] = {}
    clashes: dict[str, str] = {}
    for name in theirs:
        heading = f"{join.prefix}{name}"
        same_key = any(fold(heading) == fold(one) and name == key for one, key in zip(mine, keys, strict=True))
        if not asked(heading) or same_key:
            continue
        if (own := have.find(heading)) is not None:
            clashes[own] = name
        else:
            brought[heading] = name
    helper = f"_joined {other}"
    names = list(brought)
    placed = {one for one in names if join.prefix or located(one) or theirs.place_of(brought[one])}
    rows, kept = _rows_of(join, shape, theirs, brought, clashes, placed, keys)
    columns = [f"o._c{index} as {quoted(heading)}" for index, heading in enumerate(names)]
    places = {f"{AT}:{heading}": f"o._p{index}" for index, heading in enumerate(names) if heading in placed}
    ours = {one for one in have if located(one)} | set(clashes)
    places |= {f"{AT}:{one}": f"i.{AT}" for one in sorted(ours) if have.place_of(one) is None}
    columns += [f"{at} as {quoted(name)}" for name, at in places.items()]
    fit = [f"{_key(f'i.{quoted(one)}', join)} = o._k{index}" for index, one in enumerate(mine)]
    step = Step(
        name=f"join {other} by {listed(one for one, _ in join.on)}",
        reads=(other,),
        helpers=(*kept, (helper, rows)),
        sql=f"select i.* replace ({both(f'i.{AT}', f'o.{AT}')} as {AT}){''.join(f', {one}' for one in columns)}"
        f" from {BEFORE} i left join {quoted(helper)} o on {' and '.join(fit)}",
        checks=(
            _check(join, helper, mine, shape),
            *_checks_of_clashes(join, helper, clashes, " and ".join(fit), shape),
            *_checks_of_keep(join, shape, theirs, keys),
        ),
    )
    return step, Headings([*have, *have.hidden, *names, *places])


def _key(text: str, join: Join) -> str:
    return text if join.exact else folded(text)


def _rows_of(
    join: Join,
    shape: Shape,
    theirs: Headings,
    brought: Mapping[str, str],
    clashes: Mapping[str, str],
    placed: set[str],
    keys: list[str],
) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The other relation's rows that can be asked for, one a key unless several are wanted, and helpers of it."""
    other = join.other.name
    cells = [f"{quoted(name)} as _c{index}" for index, name in enumerate(brought.values())]
    at = [
        f"{quoted(theirs.place_of(name) or AT)} as _p{index}"
        for index, (heading, name) in enumerate(brought.items())
        if heading in placed
    ]
    cells += [f"{quoted(name)} as _d{index}" for index, name in enumerate(clashes.values())]
    folded_keys = [f"{_key(quoted(one), join)} as _k{index}" for index, one in enumerate(keys)]
    partition = ", ".join(f"_k{index}" for index in range(len(keys)))
    source, helpers = quoted(other), []
    if join.keep:
        kept = _kept(join, shape, theirs, keys)
        helpers = [(f"_rows to keep of {other}", kept.ranked)]
        source = f"({kept.kept(helpers[0][0])})"
    rows = (
        f"select {', '.join([*folded_keys, *cells, *at])}, {AT}, {first_place()} as _place"
        f" from {source} where {_where(join, theirs, shape, keys)}"
    )
    count = f"count(*) over (partition by {partition}) as _several"
    if join.many or join.keep:
        return f"select *, {count} from ({rows})", tuple(helpers)
    contents = ", ".join(one.rpartition(" as ")[2] for one in cells) or "1"
    nth = f"row_number() over (partition by {partition} order by _place, hash({contents})) as _nth"
    return f"select * exclude (_nth) from (select *, {count}, {nth} from ({rows})) where _nth = 1", tuple(helpers)


def _where(join: Join, theirs: Headings, shape: Shape, keys: list[str]) -> str:
    tests = [is_filled(quoted(one), shape.spelling) for one in keys]
    for heading, wanted in join.where.items():
        name = theirs.need(heading, f"{shape.place}, join, where", join.other.name)
        tests.append(is_one_of(quoted(name), wanted))
    return " and ".join(tests)


def _kept(join: Join, shape: Shape, theirs: Headings, keys: list[str]) -> Kept:
    assert join.keep is not None
    where = f"{shape.place}, join, order_by"
    return Kept(
        source=quoted(join.other.name),
        same=tuple(_key(quoted(one), join) for one in keys),
        concerned=_where(join, theirs, shape, keys),
        order=tuple(theirs.need(one, where, join.other.name) for one in join.keep.order_by),
        last=join.keep.last,
        content=tuple(theirs),
        spelling=shape.spelling,
    )


def _checks_of_keep(join: Join, shape: Shape, theirs: Headings, keys: list[str]) -> tuple[Check, ...]:
    if join.keep is None:
        return ()
    words = {"which": "last" if join.keep.last else "first", "per": listed(keys)}
    return _kept(join, shape, theirs, keys).checks(f"_rows to keep of {join.other.name}", words)


def _checks_of_clashes(
    join: Join, helper: str, clashes: Mapping[str, str], fit: str, shape: Shape
) -> tuple[Check, ...]:
    """Columns of both files in which they do not hold the same."""

    def check(index: int, own: str) -> Check:
        query = (
            f"select count(*) as count, min({first_place(f'i.{AT}')}) as place"
            f" from {BEFORE} i join {quoted(helper)} o on {fit} where {is_filled(f'o._d{index}', shape.spelling)}"
            f" and {folded(f'i.{quoted(own)}')} is distinct from {folded(f'o._d{index}')}"
        )

        def judge(row: Mapping[str, Any]) -> Iterator[Said]:
            if row["count"]:
                words = {"other": join.other.name, "count": counted(row["count"], "row")}
                yield Said("X-85", words, own, at=place(row["place"]))

        return Check(query, judge)

    return tuple(check(index, own) for index, own in enumerate(clashes))


def _check(join: Join, helper: str, mine: list[str], shape: Shape) -> Check:
    names = [f"_k{index}" for index in range(len(mine))]
    keys = ", ".join(
        f"case when {is_filled(quoted(one), shape.spelling)} then {_key(quoted(one), join)} end as _k{index}"
        for index, one in enumerate(mine)
    )
    filled = " and ".join(f"k.{one} is not null" for one in names)
    fit = " and ".join(f"k.{one} = o.{one}" for one in names)
    asked = f"select {keys}, count(*) as n, min({first_place()}) as place from {BEFORE} group by {', '.join(names)}"
    there = f"select {', '.join(names)}, any_value(_several) as _several from {quoted(helper)} group by all"
    query = (
        "select coalesce(sum(k.n), 0)::bigint as rows,"
        f" coalesce(sum(k.n) filter (where {filled}), 0)::bigint as asked,"
        " coalesce(sum(k.n) filter (where o._several is not null), 0)::bigint as matched,"
        " coalesce(sum(k.n) filter (where o._several > 1), 0)::bigint as several,"
        " min(k.place) filter (where o._several > 1) as place_of_several,"
        f" min(k.place) filter (where {filled} and o._several is null) as place_of_unmatched"
        f" from ({asked}) k left join ({there}) o on {fit}"
    )

    def judge(row: Mapping[str, Any]) -> Iterator[Said]:
        column = " + ".join(one for one, _ in join.on)
        words = {
            "other": join.other.name,
            "matched": f"{row['matched']:,}",
            "asked": counted(row["asked"], "row"),
            "count": counted(row["several"], "row"),
        }
        unmatched = place(row["place_of_unmatched"])
        if row["rows"] and not row["matched"]:
            yield Said("X-83", words, column, at=unmatched, softened=join.optional)
        elif 2 * row["matched"] < row["asked"] and not join.optional:
            yield Said("X-82", words, column, at=unmatched)
        if row["several"] and not join.many and join.keep is None:
            yield Said("X-81", words, column, at=place(row["place_of_several"]))

    return Check(query, judge)
