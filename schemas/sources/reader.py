"""From the text of a source profile to what it says, or the sentence that refuses it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from schemas.codelists import codelist_names
from schemas.sections import SECTION
from schemas.sources import readings
from schemas.sources.case_url import case_url
from schemas.sources.checked import known as _known
from schemas.sources.checked import listed
from schemas.sources.checked import mapping as _mapping
from schemas.sources.checked import suggest as _suggest
from schemas.sources.checked import texts as _texts
from schemas.sources.checked import values as _values
from schemas.sources.errors import ProfileError
from schemas.sources.profile import DATE_FORMATS, DEFAULT_DATES, Feed, Profile, Source, Table
from schemas.sources.queries import queries, read_directly
from schemas.sources.shape import Spelling
from schemas.sources.shapes import SHAPE_KEYS, shape_of
from schemas.sources.values import source_of, spellings, two_digit_years

_PROFILE_KEYS = (
    "name",
    "title",
    "note",
    "illustration",
    "case_url",
    "options",
    "codes",
    "table",
    "input",
    "sql",
    "queries",
)
_OPTION_KEYS = ("dates", "blanks", "case_ref_pattern", "two_digit_years", "statement_minutes")
_TABLE_KEYS = (
    "file",
    "sheet",
    "optional",
    *readings.KEYS,
    "delimiter",
    "ignore",
    "allow_unused_rows",
    "leave_out",
    "footer",
)
_READING_KEYS = ("file", "sheet", *readings.KEYS, "delimiter")
_FEED_KEYS = ("when", "repeat", "split_rows", "all_columns", "adds_columns")


def parse(text: str, name: str) -> Profile:
    """Read a profile.

    Raises:
        ProfileError: the text is not TOML, or holds a key, section, column or code that does not exist.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"The source profile is not valid TOML: {error}.") from None
    _known(data, _PROFILE_KEYS, "the profile")
    options = _mapping(data.get("options", {}), "[options]")
    _known(options, _OPTION_KEYS, "[options]")
    dates = _texts(options.get("dates", list(DEFAULT_DATES)), "options.dates")
    for one in dates:
        if one not in DATE_FORMATS:
            raise ProfileError(f"options.dates: {_suggest(one, DATE_FORMATS)}")
    if {"uk", "us"} <= set(dates):
        raise ProfileError('options.dates: "uk" and "us" cannot both be read; 01/02/2026 would mean two days.')
    blanks = _texts(options.get("blanks", []), "options.blanks")
    spelling = Spelling(dates, blanks, two_digit_years(options.get("two_digit_years")))
    pattern = options.get("case_ref_pattern")
    try:
        pattern = None if pattern is None else re.compile(pattern).pattern
    except (re.error, TypeError):
        raise ProfileError("options.case_ref_pattern is not a regular expression.") from None
    tables = data.get("table", [])
    if not isinstance(tables, list) or not tables:
        raise ProfileError("The source profile has no [[table]]; it needs one for each file or sheet to read.")
    asked = queries(data.get("queries", {}))
    rows = tuple(_table(_mapping(one, "[[table]]"), index, spelling) for index, one in enumerate(tables, 1))
    profile = Profile(
        name=str(data.get("name", name)),
        title=str(data.get("title", name)),
        note=str(data.get("note", "")),
        illustration=bool(data.get("illustration", False)),
        dates=dates,
        blanks=spelling.blanks,
        case_ref_pattern=pattern,
        two_digit_years=spelling.two_digit_years,
        codes=_codes(data.get("codes", {})),
        tables=read_directly(rows, asked),
        inputs=_inputs(data.get("input", {})),
        sql=_statements(data.get("sql", {})),
        queries=asked,
        statement_minutes=_minutes(options.get("statement_minutes", 10)),
        case_url=case_url(data.get("case_url")),
    )
    _check(profile)
    return profile


def _codes(data: Any) -> dict[str, dict[str, str]]:
    found = {}
    for name, texts in _mapping(data, "[codes]").items():
        if name not in codelist_names():
            raise ProfileError(f"[codes]: {_suggest(name, codelist_names())}")
        found[name] = spellings(texts, name, f"[codes.{name}]")
    return found


def _inputs(data: Any) -> tuple[Table, ...]:
    found = []
    for name, one in _mapping(data, "[input]").items():
        place = f"[input.{name}]"
        given = _mapping(one, place)
        _known(given, (key for key in _TABLE_KEYS if key not in ("allow_unused_rows", "leave_out")), place)
        found.append(_rows({"file": name, **given} if "sheet" not in given else given, place, name=name))
    return tuple(found)


def _statements(data: Any) -> dict[str, str]:
    found = {}
    for name, text in _mapping(data, "[sql]").items():
        if not isinstance(text, str) or not text.strip():
            raise ProfileError(f'[sql], {name}: a statement is a text; write it between """ and """.')
        found[str(name)] = text
    return found


def _minutes(data: Any) -> int:
    if not isinstance(data, int) or isinstance(data, bool) or not 1 <= data <= 600:
        raise ProfileError("options.statement_minutes is how long a statement may take: a whole number from 1 to 600.")
    return data


def _table(data: Mapping[str, Any], index: int, spelling: Spelling) -> Table:
    place = f"[[table]] {data.get('file') or data.get('sheet') or data.get('from') or index}"
    _known(data, (*_TABLE_KEYS, "from", *SHAPE_KEYS, *SECTION), place)
    source = data.get("from", "")
    if not isinstance(source, str):
        raise ProfileError(f"{place}: from is a text, the name of a statement under [sql] or of an [input.…].")
    if source and (wrong := [key for key in (*_READING_KEYS,) if key in data]):
        raise ProfileError(f"{place}: {listed(wrong)} says how a file is read, so it cannot stand beside from.")
    feeds = []
    for section in SECTION:
        given = data.get(section, [])
        for one in given if isinstance(given, list) else [given]:
            feeds.append(_feed(_mapping(one, f"{place}, {section}"), section, f"{place}, {section}"))
    if not feeds:
        raise ProfileError(f"{place}: it feeds no section; add for example [table.main].")
    shape, shaped = shape_of(data, place, tuple(feeds), spelling)
    table = replace(_rows(data, place, source=source, feeds=shaped), shape=shape)
    if shape is None:
        readings.check_letters(table.reading, table.headings(), place)
    return table


def _rows(
    data: Mapping[str, Any], place: str, *, name: str = "", source: str = "", feeds: tuple[Feed, ...] = ()
) -> Table:
    """Which rows are read, and how; ``feeds``: what they give."""
    if not data.get("file") and not data.get("sheet") and not source:
        raise ProfileError(f"{place}: give file, sheet or both, or from.")
    for key in ("file", "sheet"):
        if key in data and not isinstance(data[key], str):
            raise ProfileError(f"{place}: {key} is a text, the name of one {key}; for several files write * in it.")
    delimiter = data.get("delimiter")
    if delimiter is not None and delimiter not in (",", ";", "\t", "|"):
        raise ProfileError(f'{place}: delimiter is "," ";" "\\t" or "|"; leave it out and it is found.')
    return Table(
        name=name,
        source=source,
        file=data.get("file"),
        sheet=data.get("sheet"),
        optional=bool(data.get("optional", False)),
        reading=readings.reading_of(data, place),
        delimiter=delimiter,
        ignore=_texts(data.get("ignore", []), f"{place}: ignore"),
        allow_unused_rows=bool(data.get("allow_unused_rows", False)),
        feeds=feeds,
        footer=_texts(data.get("footer", []), f"{place}: footer"),
        leave_out=_values(_mapping(data.get("leave_out", {}), f"{place}: leave_out"), f"{place}: leave_out"),
    )


def _feed(data: Mapping[str, Any], section: str, place: str) -> Feed:
    names = SECTION[section].names
    _known(data, (*_FEED_KEYS, *names), place)
    columns = {name: source_of(data[name], section, name, f"{place}.{name}") for name in names if name in data}
    if data.get("all_columns"):
        for column in SECTION[section].columns:
            # Not every system holds every item of a person; the model says what must be there.
            soft = column.local or (section == "people" and not column.required) or column.name == "la_code"
            columns.setdefault(column.name, Source((column.name,), optional=soft, named=False))
    if "case_ref" not in columns:
        raise ProfileError(f"{place}: case_ref is missing; every section needs the case's reference.")
    repeat = data.get("repeat", 0)
    if not isinstance(repeat, int) or isinstance(repeat, bool) or repeat < 0:
        raise ProfileError(f"{place}: repeat is how often the columns repeat, a whole number.")
    headings = [name for source in columns.values() for name in source.columns]
    if repeat and not any("{n}" in name for name in headings):
        raise ProfileError(f"{place}: with repeat, write {{n}} in the headings where the number stands.")
    if not repeat and any("{n}" in name for name in headings):
        raise ProfileError(f"{place}: {{n}} in a heading needs repeat, how often the columns repeat.")
    when = data.get("when", [])
    if isinstance(when, Mapping):
        filled: tuple[str, ...] = ()
        value = _values(when, f"{place}.when")
    else:
        filled, value = _texts([when] if isinstance(when, str) else when, f"{place}.when"), {}
    split_rows = None
    if "split_rows" in data:
        split = _mapping(data["split_rows"], f"{place}.split_rows")
        _known(split, ("column", "by"), f"{place}.split_rows")
        target = split.get("column")
        if target not in columns:
            raise ProfileError(f"{place}.split_rows: column is the section's column whose cell is split.")
        split_rows = (str(target), str(split.get("by", ";")))
    return Feed(
        section=section,
        columns=columns,
        when_filled=filled,
        when_value=value,
        repeat=repeat,
        split_rows=split_rows,
        adds_columns=bool(data.get("adds_columns", False)),
    )


def _check(profile: Profile) -> None:
    places = [(table.file, table.sheet) for table in profile.tables if not table.source]
    if len(set(places)) != len(places):
        raise ProfileError(
            "The same file and sheet stand in two [[table]] blocks; put both sections in one, or name the file under"
            " [input.NAME] and read that by from in both."
        )
    _check_names(profile)
    fed: dict[str, list[Feed]] = {}
    for table in profile.tables:
        for feed in table.feeds:
            fed.setdefault(feed.section, []).append(feed)
    for section in ("main", "people"):
        if section not in fed:
            raise ProfileError(f"The source profile feeds no {section} section; a return needs main and people.")
    for section, feeds in fed.items():
        base = {name for feed in feeds if not feed.adds_columns for name in feed.columns}
        if all(feed.adds_columns for feed in feeds):
            raise ProfileError(f"{section}: every table of it has adds_columns; one must give the rows.")
        for feed in (one for one in feeds if one.adds_columns):
            key = set(SECTION[section].key)
            if missing := sorted(key - set(feed.columns)):
                raise ProfileError(f"{section}: a table with adds_columns needs {listed(missing)} too.")
            if twice := sorted((base - key) & set(feed.columns)):
                raise ProfileError(f"{section}: {listed(twice)} is given by two tables.")
            base |= set(feed.columns)


def _check_names(profile: Profile) -> None:
    """One name for one thing, in any case; and nothing read that has no name."""
    names = [*(one.name for one in profile.inputs), *profile.sql, *profile.queries]
    folded = [name.casefold() for name in names]
    for name in names:
        if folded.count(name.casefold()) > 1:
            raise ProfileError(
                f'The name "{name}" stands for two things under [input], [sql] and [queries]; give each its own.'
            )
    read = [(f"[[table]] from {table.source}", table.source) for table in profile.tables if table.source]
    shapes = [table.shape for table in profile.tables if table.shape]
    read += [
        (f"{one.place}, from {other.source}", other.source) for one in shapes for other in one.others if other.source
    ]
    for place, source in read:
        if source.casefold() not in folded:
            known = _suggest(source, names) if names else "the profile has no [sql], no [queries] and no [input.…]."
            raise ProfileError(f"{place}: {known}")
