"""The keys of a ``[[table]]`` for its rows, from the text of a profile to what they say, or why they are refused.

Applied in this order, whatever their order in the profile: ``join``, ``codes_from`` of the table, ``unpivot``,
``keep``, ``pivot`` or ``collect``, ``codes_from`` of single columns. ``schemas/sources/README.md`` shows each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from schemas.sections import SECTION
from schemas.sources.checked import known, mapping, texts, values
from schemas.sources.errors import ProfileError
from schemas.sources.profile import Feed, Source
from schemas.sources.shape import (
    Cell,
    Collect,
    Join,
    Keep,
    Lookup,
    Other,
    Pivot,
    Shape,
    Spelling,
    Taken,
    Unpivot,
    Wanted,
)

SHAPE_KEYS = ("join", "codes_from", "unpivot", "keep", "order_by", "per", "pivot", "collect")
_OTHER_KEYS = ("file", "sheet", "from")
_JOIN_KEYS = (*_OTHER_KEYS, "on", "where", "prefix", "keep", "order_by", "optional", "many", "exact")
_LOOKUP_KEYS = (*_OTHER_KEYS, "key", "label", "where", "others")


def shape_of(
    data: Mapping[str, Any], place: str, feeds: tuple[Feed, ...], spelling: Spelling
) -> tuple[Shape | None, tuple[Feed, ...]]:
    """What the table's keys say of its rows, if it has any; and its sections, with the headings that rows then have.

    Args:
        data: the table as it stands in the profile.
        place: what messages call it.
        feeds: the sections that it feeds.
        spelling: how cells are written.

    Raises:
        ProfileError: a key is wrong.
    """
    by_column = any(source.codes_from for feed in feeds for source in feed.columns.values())
    if not by_column and not any(key in data for key in SHAPE_KEYS):
        return None, feeds
    pivot = _pivot(data["pivot"], f"{place}, pivot", feeds) if "pivot" in data else None
    collect = _collect(data["collect"], f"{place}, collect", feeds) if "collect" in data else ()
    if pivot and collect:
        raise ProfileError(
            f"{place}: pivot and collect cannot stand together; name the texts that occur several times under collect"
            " within pivot."
        )
    ignore = texts(data.get("ignore", []), f"{place}: ignore")
    for feed in feeds:
        for name, source in feed.columns.items():
            if source.codes_from and not source.columns:
                raise ProfileError(
                    f"{place}, {feed.section}.{name}: codes_from needs a column whose cells it looks up."
                )
    feeds, cells = _cells(feeds, data)
    shape = Shape(
        place=place,
        joins=tuple(_join(one, f"{place}, join") for one in _blocks(data.get("join", []))),
        lookups=tuple(_table_lookup(one, f"{place}, codes_from") for one in _blocks(data.get("codes_from", []))),
        unpivot=_unpivot(data["unpivot"], f"{place}, unpivot") if "unpivot" in data else None,
        keep=_keep_of_table(data, place, feeds, pivot),
        pivot=pivot,
        collect=collect,
        cells=cells,
        wanted=_wanted(feeds, data),
        ignore=ignore,
        taken=() if pivot else _taken(feeds),
        spelling=spelling,
    )
    _check_separators(shape, feeds, place)
    return shape, feeds


def lookup_of(data: Any, place: str) -> Lookup:
    """A look-up file: ``{ file = "lookups", key = "ID", label = "TEXT", where = { "LIST" = "Decision" } }``.

    Raises:
        ProfileError: a key is wrong.
    """
    data = mapping(data, place)
    known(data, _LOOKUP_KEYS, place)
    for name in ("key", "label"):
        if not isinstance(data.get(name), str):
            raise ProfileError(f'{place}: give key and label, headings of the look-up file, such as key = "ID".')
    where: dict[str, Any] = {}
    same: dict[str, str] = {}
    for heading, wanted in mapping(data.get("where", {}), f"{place}.where").items():
        if isinstance(wanted, Mapping):
            known(wanted, ("column",), f"{place}.where")
            same[heading] = _text(wanted.get("column"), f"{place}.where: column")
        else:
            where[heading] = wanted
    others = data.get("others", "blank")
    if others not in ("blank", "keep"):
        raise ProfileError(f'{place}: others says what becomes of a cell that is no key: "blank" or "keep".')
    return Lookup(
        other=_other(data, place),
        key=data["key"],
        label=data["label"],
        where=values(where, f"{place}.where"),
        where_same=same,
        keep_others=others == "keep",
    )


def _other(data: Mapping[str, Any], place: str) -> Other:
    given = {key: _text(data[key], f"{place}: {key}") for key in _OTHER_KEYS if key in data}
    if not given or ("from" in given and len(given) > 1):
        raise ProfileError(f"{place}: give file, sheet or both, or from, the name of an [input.…] or a statement.")
    if any(mark in one for one in given.values() for mark in "*?["):
        raise ProfileError(f'{place}: give several files one name by an [input.NAME] and write from = "NAME".')
    return Other(given.get("file"), given.get("sheet"), given.get("from", ""))


def _join(data: Any, place: str) -> Join:
    data = mapping(data, place)
    known(data, _JOIN_KEYS, place)
    on = data.get("on")
    if isinstance(on, Mapping):
        pairs = tuple((str(mine), _text(theirs, f"{place}: on")) for mine, theirs in on.items())
    else:
        pairs = tuple((one, one) for one in _headings(on, f"{place}: on"))
    if not pairs:
        raise ProfileError(f'{place}: on is missing: on = {{ "Heading here" = "Heading there" }}.')
    keep = _keep(data, place, per=tuple(theirs for _, theirs in pairs))
    if keep and _flag(data, "many", place):
        raise ProfileError(f"{place}: keep takes one row of several, many takes all; give one of them.")
    return Join(
        other=_other(data, place),
        on=pairs,
        where=values(mapping(data.get("where", {}), f"{place}.where"), f"{place}.where"),
        prefix=_text(data.get("prefix", ""), f"{place}: prefix", empty=True),
        keep=keep,
        optional=_flag(data, "optional", place),
        many=_flag(data, "many", place),
        exact=_flag(data, "exact", place),
    )


def _table_lookup(data: Any, place: str) -> Lookup:
    data = dict(mapping(data, place))
    columns = _headings(data.pop("column", None) or data.pop("columns", None), f"{place}: column")
    if not columns:
        raise ProfileError(f'{place}: column is missing, the heading whose cells are looked up: column = "Answer".')
    return replace(lookup_of(data, place), cells=tuple(Cell(one, one) for one in columns))


def _unpivot(data: Any, place: str) -> Unpivot:
    data = mapping(data, place)
    known(data, ("columns", "name", "value"), place)
    columns = data.get("columns")
    if isinstance(columns, Mapping):
        if "value" in data:
            raise ProfileError(f"{place}: value cannot stand beside groups of columns; each group names its own.")
        groups = tuple((str(into), _headings(one, f"{place}: columns")) for into, one in columns.items())
    else:
        groups = ((_text(data.get("value"), f"{place}: value"), _headings(columns, f"{place}: columns")),)
    if not groups or not all(patterns for _, patterns in groups):
        raise ProfileError(f'{place}: columns is missing: columns = ["Need *"].')
    patterns = [one for _, many in groups for one in many]
    if any(one.count("*") > 1 for one in patterns):
        raise ProfileError(f"{place}: a heading may hold one * only.")
    if len(groups) > 1 and not all("*" in one for one in patterns):
        raise ProfileError(f"{place}: with groups of columns each heading holds a *, by which they belong together.")
    name = _text(data.get("name"), f"{place}: name")
    if len({name.casefold(), *(into.casefold() for into, _ in groups)}) <= len(groups):
        raise ProfileError(f"{place}: name and the headings of the values must differ from each other.")
    return Unpivot(groups, name)


def _pivot(data: Any, place: str, feeds: Sequence[Feed]) -> Pivot:
    data = mapping(data, place)
    known(data, ("per", "name", "value", "collect", "by"), place)
    per = _headings(data.get("per"), f"{place}: per") or _per_case(feeds, place)
    name = _text(data.get("name"), f"{place}: name")
    value = _headings(data.get("value"), f"{place}: value")
    if not value:
        raise ProfileError(f'{place}: value is missing, the heading of what becomes the cell: value = "Answer".')
    return Pivot(
        per=per,
        name=name,
        values=value,
        single=isinstance(data.get("value"), str),
        several=_headings(data.get("collect"), f"{place}: collect"),
        by=_text(data.get("by", ";"), f"{place}: by"),
    )


def _collect(data: Any, place: str, feeds: Sequence[Feed]) -> tuple[Collect, ...]:
    found = []
    for one in _blocks(data):
        one = mapping(one, place)
        known(one, ("into", "column", "by", "per"), place)
        column = _text(one.get("column"), f"{place}: column")
        per = _headings(one.get("per"), f"{place}: per") or _per_case(feeds, place)
        by = _text(one.get("by", ";"), f"{place}: by")
        found.append(Collect(per, column, _text(one.get("into", column), f"{place}: into"), by))
    if len({one.per for one in found}) > 1:
        raise ProfileError(f"{place}: all of them have the same per; the rows can become one in one way only.")
    return tuple(found)


def _keep_of_table(data: Mapping[str, Any], place: str, feeds: Sequence[Feed], pivot: Pivot | None) -> Keep | None:
    if "keep" not in data:
        for key in ("order_by", "per"):
            if key in data:
                raise ProfileError(f'{place}: {key} belongs to keep; write keep = "last" or keep = "first" beside it.')
        return None
    per = _headings(data.get("per"), f"{place}: per")
    if not per:
        per = (*pivot.per, pivot.name) if pivot else _per_row(feeds, place)
    return _keep(data, place, per=per)


def _keep(data: Mapping[str, Any], place: str, per: tuple[str, ...]) -> Keep | None:
    if "keep" not in data:
        if "order_by" in data:
            raise ProfileError(f'{place}: order_by belongs to keep; write keep = "last" or keep = "first" beside it.')
        return None
    if data["keep"] not in ("first", "last"):
        raise ProfileError(f'{place}: keep is "first" or "last", by order_by.')
    return Keep(data["keep"] == "last", _headings(data.get("order_by"), f"{place}: order_by"), per)


def _per_case(feeds: Sequence[Feed], place: str) -> tuple[str, ...]:
    """The headings of the case's reference, if all sections have the same."""
    found = {feed.columns["case_ref"].columns for feed in feeds}
    if len(found) != 1 or not (per := found.pop()):
        raise ProfileError(f'{place}: per is missing, the heading by which rows belong together: per = "Case no".')
    return per


def _per_row(feeds: Sequence[Feed], place: str) -> tuple[str, ...]:
    """The headings of the sections' key, if all have the same and it is in the rows."""
    found: set[tuple[str, ...]] = set()
    for feed in feeds:
        split = feed.split_rows[0] if feed.split_rows else None
        names = ["case_ref"] if feed.repeat else [name for name in SECTION[feed.section].key if name != split]
        sources = [feed.columns.get(name) for name in names]
        if any(one is None or any("{n}" in heading for heading in one.columns) for one in sources):
            found.add(())
        else:
            found.add(tuple(heading for one in sources if one for heading in one.columns))
    if len(found) != 1 or not (per := found.pop()):
        raise ProfileError(
            f"{place}: keep needs per, the headings by which rows are the same, since the key of the section is not in"
            ' them: per = ["Placement ref"].'
        )
    return per


def _taken(feeds: Sequence[Feed]) -> tuple[Taken, ...]:
    found = [Taken(feed.when_value, feed.when_filled) for feed in feeds]
    return tuple(found) if all((one.values or one.filled) for one in found) else ()


def _wanted(feeds: Sequence[Feed], data: Mapping[str, Any]) -> tuple[Wanted, ...]:
    found: dict[str, Wanted] = {}
    for feed in feeds:
        for slot in range(1, max(feed.repeat, 1) + 1):
            for name, source in feed.columns.items():
                for heading in source.columns:
                    text = heading.replace("{n}", str(slot))
                    soft = source.optional or slot > 1 or SECTION[feed.section].column(name).local
                    known_one = found.get(text)
                    if known_one is None or (known_one.optional and not soft):
                        found[text] = Wanted(text, feed.section, name, soft)
            for heading in (*feed.when_filled, *feed.when_value):
                text = heading.replace("{n}", str(slot))
                found.setdefault(text, Wanted(text, feed.section))
    for heading in data.get("leave_out", {}):
        found.setdefault(heading, Wanted(heading))
    return tuple(found.values())


def _cells(feeds: tuple[Feed, ...], data: Mapping[str, Any]) -> tuple[tuple[Feed, ...], tuple[Lookup, ...]]:
    """Look-ups of single columns, and the sections reading the labels."""
    uses: dict[str, list[Any]] = {}
    for feed in feeds:
        for source in feed.columns.values():
            for heading in source.columns:
                uses.setdefault(heading.casefold(), []).append(source.codes_from)
        for heading in (*feed.when_filled, *feed.when_value):
            uses.setdefault(heading.casefold(), []).append(None)
    for heading in data.get("leave_out", {}):
        uses.setdefault(heading.casefold(), []).append(None)
    cells: dict[int, tuple[Lookup, dict[str, Cell]]] = {}
    names: dict[tuple[str, int], str] = {}
    kinds: list[Lookup] = []
    turned = []
    for feed in feeds:
        columns = dict(feed.columns)
        for name, source in feed.columns.items():
            lookup = source.codes_from
            if lookup is None:
                continue
            if lookup not in kinds:
                kinds.append(lookup)
            number = kinds.index(lookup)
            into = []
            for heading in source.columns:
                alone = all(one == lookup for one in uses[heading.casefold()])
                taken = [text for (one, _), text in names.items() if one == heading.casefold()]
                derived = f"{heading} ({lookup.other.name}{'' if not taken else f' {len(taken) + 1}'})"
                label = heading if alone else names.setdefault((heading.casefold(), number), derived)
                into.append(label)
                cells.setdefault(number, (lookup, {}))[1].setdefault(label, _cell(feed, name, source, heading, label))
            columns[name] = replace(source, columns=tuple(into))
        turned.append(replace(feed, columns=columns))
    return tuple(turned), tuple(replace(one, cells=tuple(found.values())) for one, found in cells.values())


def _cell(feed: Feed, name: str, source: Source, heading: str, into: str) -> Cell:
    column = SECTION[feed.section].column(name)
    by = source.separator if column.kind == "codes" else None
    if feed.split_rows and feed.split_rows[0] == name:
        by = feed.split_rows[1]
    repeat = feed.repeat if "{n}" in heading else 0
    return Cell(heading, into, by, repeat, column.personal, column.local, feed.section, name)


def _check_separators(shape: Shape, feeds: Sequence[Feed], place: str) -> None:
    """What is joined here must be parted in the same way where it is read."""
    joined = {one.into.casefold(): one.by for one in shape.collect}
    if shape.pivot:
        joined |= {one.casefold(): shape.pivot.by for one in shape.pivot.several}
    for feed in feeds:
        for name, source in feed.columns.items():
            kind = SECTION[feed.section].column(name).kind
            by = source.separator if kind == "codes" else None
            if feed.split_rows and feed.split_rows[0] == name:
                by = feed.split_rows[1]
            for heading in source.columns:
                given = joined.get(heading.casefold())
                if given is not None and by is not None and given != by:
                    raise ProfileError(f'{place}: {name} is parted by "{by}" and collected by "{given}"; use the same.')


def _blocks(data: Any) -> list[Any]:
    return data if isinstance(data, list) else [data]


def _headings(data: Any, place: str) -> tuple[str, ...]:
    """One heading, or several in brackets."""
    if data is None:
        return ()
    return texts([data] if isinstance(data, str) else data, place)


def _text(data: Any, place: str, *, empty: bool = False) -> str:
    if not isinstance(data, str) or not (data or empty):
        raise ProfileError(f"{place} is a text between quotation marks, and must be there.")
    return data


def _flag(data: Mapping[str, Any], key: str, place: str) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise ProfileError(f"{place}: {key} is true or false.")
    return value
