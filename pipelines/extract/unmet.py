"""What the source profile names and nothing in the export meets: values of ``when``, spellings of codes, columns."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.extract.headings import COMPARED, COMPARED_CHARS, nearest
from pipelines.extract.mapping import Columns, Fed
from pipelines.extract.notes import Notes, Place
from pipelines.extract.parsing import CODE, fold
from pipelines.extract.tables import Loaded
from pipelines.findings import MASK
from schemas.sections import SECTION
from schemas.sources import Feed, Profile, Table
from schemas.sources.values import shown_part

CLOSE = 0.85
"""Likeness of two texts, of 1, from which one may be meant for the other."""

SHOWN = 8
"""Names in a message; the rest are counted."""


@dataclass(frozen=True)
class _Unused:
    """Spellings of one code list, or of one column's own codes, that no cell has."""

    where: Place
    section: str | None
    fields: str | None
    unmet: tuple[str, ...]
    of: int
    near: str | None
    """Spellings of the export that are not understood and close to one of these."""


def report_unmet(profile: Profile, loaded: Sequence[Loaded], notes: Notes) -> None:
    """One finding per table and condition, per table with optional columns, per code list to which the export has a
    spelling that may be the one meant, and for all other spellings of codes.

    A table without rows meets nothing and says nothing; neither does a code list in whose columns no cell is filled.
    """
    for table in profile.tables:
        files = [one for one in loaded if one.located.table is table and one.feeds]
        if not files:
            continue
        _optional_columns(table, files, notes)
        if any(one.text.numbers.height for one in files):
            _values_of_when(table, files, notes)
            _close_texts(table, files, notes)
            _whole_conditions(table, files, notes)
            _values_left_out(table, files, notes)
            _pieces(table, files, notes)
            _replacements(table, files, notes)
    _report_spellings([*_own_codes(profile, loaded), *_code_lists(profile, loaded)], notes)


def _values_of_when(table: Table, files: Sequence[Loaded], notes: Notes) -> None:
    for heading in dict.fromkeys(heading for feed in table.feeds for heading in feed.when_value):
        if not _has(files, heading):
            continue  # the missing column has its finding
        met = {text for one in files for fed in one.feeds for text in fed.met.when.get(heading, ())}
        unmet: dict[str, str] = {}
        sections = []
        for feed in table.feeds:
            here = {fold(value): value for value in feed.when_value.get(heading, ()) if fold(value) not in met}
            unmet |= here
            sections += [feed.section] if here else []
        if unmet:
            _condition(
                table,
                files,
                notes,
                heading=heading,
                by=[heading],
                section=sections[0],
                what=f"no row has {_listed(unmet.values())}, by which the source profile takes rows",
                value=_near(unmet.values(), _texts(files, heading), is_personal=_is_personal(table, heading)),
            )


def _close_texts(table: Table, files: Sequence[Loaded], notes: Notes) -> None:
    """Texts that are nearly one by which rows were taken: another spelling of it, perhaps."""
    for heading in dict.fromkeys(heading for feed in table.feeds for heading in feed.when_value):
        met = {text for one in files for fed in one.feeds for text in fed.met.when.get(heading, ())}
        wanted = [value for feed in table.feeds for value in feed.when_value.get(heading, ()) if fold(value) in met]
        pairs = _pairs(wanted, _texts(files, heading), CLOSE)
        if pairs:
            texts = {text for _, text in pairs}
            count = sum(one.untaken.values.get(heading, Counter[str]())[text] for one in files for text in texts)
            place = Place(_place(table, files), column=heading)
            notes.add(
                "X-48",
                place,
                record_key=str(place),
                value=_shown(pairs, is_personal=_is_personal(table, heading)),
                count="1 row has" if count == 1 else f"{count:,} rows have",
                what=_listed(dict.fromkeys(value for value, _ in pairs)),
            )


def _whole_conditions(table: Table, files: Sequence[Loaded], notes: Notes) -> None:
    """Conditions of several columns of which each is met somewhere, and lists of columns that are blank everywhere."""
    for place, feed in enumerate(table.feeds):
        met = [one.feeds[place].met for one in files]
        if any(one.taken for one in met):
            continue
        label = SECTION[feed.section].label
        if feed.when_filled and any(_has(files, heading) for heading in feed.when_filled):
            what = f"{label} took no row, because nothing is filled in under {_listed(feed.when_filled)}"
        elif len(feed.when_value) > 1 and all(any(one.when.get(heading) for one in met) for heading in feed.when_value):
            what = f"{label} took no row, because none has what all of {_listed(feed.when_value)} should have"
        else:
            continue
        by = list(feed.when_value)
        _condition(table, files, notes, heading=None, by=by, section=feed.section, what=what, value=None)


def _condition(
    table: Table,
    files: Sequence[Loaded],
    notes: Notes,
    *,
    heading: str | None,
    by: Sequence[str],
    section: str,
    what: str,
    value: str | None,
) -> None:
    """An error where rows with another text were left out, or taken for other sections: they may be the ones meant."""
    taken_for_others = [sum(one.untaken.unnamed[name] for one in files) for name in by]
    count = sum(one.rows_left_unnamed for one in files) + max(taken_for_others, default=0)
    place = Place(_place(table, files), column=heading)
    notes.add(
        "X-40" if count else "X-41",
        place,
        section=section,
        record_key=str(place),
        value=value,
        what=what,
        count="1 row has" if count == 1 else f"{count:,} rows have",
    )


def _values_left_out(table: Table, files: Sequence[Loaded], notes: Notes) -> None:
    for heading, values in table.leave_out.items():
        met = {text for one in files for text in one.untaken.met.get(heading, ())}
        unmet = [value for value in values if fold(value) not in met]
        if unmet and _has(files, heading):
            place = Place(_place(table, files), column=heading)
            near = _near(unmet, _texts(files, heading), is_personal=_is_personal(table, heading))
            what = f"no row has {_listed(unmet)}, which the source profile leaves out"
            notes.add("X-41", place, record_key=str(place), value=near, what=what)


def report_skipped(tables: Iterable[Table], read: Sequence[Loaded], notes: Notes) -> None:
    """One finding per table and heading whose ``skip_rows_where`` leaves out no row of the files as they were read."""
    for table in tables:
        files = [one for one in read if one.located.table is table]
        if table.reading.skip and files:
            _rows_skipped(table, files, notes)


def _rows_skipped(table: Table, files: Sequence[Loaded], notes: Notes) -> None:
    """Conditions of ``skip_rows_where`` that are met nowhere: totals may have been taken for cases."""
    read = {fold(name) for feed in table.feeds for one in feed.columns.values() for name in one.columns}
    for heading in dict.fromkeys(heading for condition in table.reading.skip for heading in condition):
        is_told = table.shape is None and fold(heading) in read
        for one in files:
            if Columns(one.text.headings).get(heading) is None and not is_told:
                notes.add("X-09", Place(one.name, column=heading))
        texts = dict.fromkeys(text for one in table.reading.skip for text in one.get(heading, ()))
        unmet = [text for text in texts if not any((heading, text) in one.text.skipped.met for one in files)]
        if unmet and any(one.text.rows_read for one in files) and _has(files, heading):
            place = Place(_place(table, files), column=heading)
            what = _listed(text or "(blank)" for text in unmet)
            what = f"skip_rows_where leaves out no row by {what}"
            notes.add("X-41", place, record_key=str(place), what=what)


def _optional_columns(table: Table, files: Sequence[Loaded], notes: Notes) -> None:
    expected = {fold(heading) for heading in table.headings()}
    for feed in table.feeds:
        absent = {
            heading.replace("{n}", "1"): name
            for name, source in feed.columns.items()
            if source.optional and source.named
            for heading in source.columns
            if not _has(files, heading)
        }
        if not absent:
            continue
        unknown = {
            fold(heading): f"{one.name}, column {number}"
            for one in files
            for number, heading in enumerate(one.text.headings, 1)
            if fold(heading) not in expected
        }
        near = (
            [unknown[hit] for heading in absent for hit in nearest(heading, unknown)]
            if len(unknown) <= COMPARED
            else []
        )
        notes.add(
            "X-44",
            _place(table, files),
            section=feed.section,
            record_key=_place(table, files),
            fields=", ".join(dict.fromkeys(absent.values())),
            what=_listed(absent),
            near=f" A heading close to it stands over {' and '.join(dict.fromkeys(near))}." if near else "",
        )


def _pieces(table: Table, files: Sequence[Loaded], notes: Notes) -> None:
    """Cells that lack the piece which the profile takes: the field would be blank without a word."""
    for place, feed in enumerate(table.feeds):
        met = [one.feeds[place].met for one in files]
        for name, source in feed.columns.items():
            cells = sum(one.cells.get(name, 0) for one in met)
            lacking = cells - sum(one.pieces.get(name, 0) for one in met)
            if lacking:
                notes.add(
                    "X-47",
                    Place(_place(table, files), column=" + ".join(source.columns)),
                    section=feed.section,
                    record_key=_place(table, files),
                    fields=name,
                    count=f"{lacking:,}",
                    of=f"{cells:,}",
                    part=shown_part(source),
                    split=source.split,
                    what=name,
                )


def _replacements(table: Table, files: Sequence[Loaded], notes: Notes) -> None:
    for place, feed in enumerate(table.feeds):
        for name, source in feed.columns.items():
            met = {text for one in files for text in one.feeds[place].met.replaced.get(name, ())}
            unmet = [text for text in source.replace if text not in met]
            if unmet and any(_has(files, heading) for heading in source.columns):
                where = Place(_place(table, files), column=" + ".join(source.columns))
                notes.add("X-74", where, section=feed.section, record_key=str(where), fields=name, what=_listed(unmet))


def _own_codes(profile: Profile, loaded: Sequence[Loaded]) -> Iterator[_Unused]:
    for table in profile.tables:
        files = [one for one in loaded if one.located.table is table and one.feeds]
        for place, feed in enumerate(table.feeds):
            for name, source in feed.columns.items():
                if files and source.codes:
                    where = Place(_place(table, files), position=f"codes of {_listed(source.columns)}")
                    yield from _unused(where, source.codes, [(one.feeds[place], name) for one in files])


def _code_lists(profile: Profile, loaded: Sequence[Loaded]) -> Iterator[_Unused]:
    mapped = {
        SECTION[feed.section].column(name).codelist
        for table in profile.tables
        for feed in table.feeds
        for name in feed.columns
    }
    for list_name, spellings in profile.codes.items():
        cells = [
            (fed, name)
            for one in loaded
            for fed in one.feeds
            for name in fed.feed.columns
            if SECTION[fed.feed.section].column(name).codelist == list_name
        ]
        place = Place("", position=f"[codes.{list_name}]")
        if list_name in mapped:
            yield from _unused(place, spellings, cells)
        else:
            yield _Unused(place, None, None, tuple(spellings), len(spellings), None)


def _unused(where: Place, spellings: Mapping[str, str], cells: Sequence[tuple[Fed, str]]) -> Iterator[_Unused]:
    filled = [fed.met.spellings[name] for fed, name in cells if name in fed.met.spellings]
    unmet = tuple(spelling for spelling in spellings if not any(fold(spelling) in met for met in filled))
    if not filled or not unmet:
        return
    unknown: set[str] = set()
    for fed, name in cells:
        failed = fed.failures.filter((pl.col("column") == name) & (pl.col("problem") == CODE))
        unknown |= set(failed.get_column("raw"))
    personal = any(SECTION[fed.feed.section].column(name).personal for fed, name in cells)
    yield _Unused(
        where=where,
        section=cells[0][0].feed.section,
        fields=", ".join(dict.fromkeys(name for _, name in cells)),
        unmet=unmet,
        of=len(spellings),
        near=_near(unmet, sorted(unknown), is_personal=personal),
    )


def _report_spellings(unused: Sequence[_Unused], notes: Notes) -> None:
    for one in unused:
        if one.near:
            notes.add(
                "X-43",
                one.where,
                section=one.section,
                record_key=str(one.where),
                fields=one.fields,
                value=one.near,
                what=_listed(one.unmet),
            )
    others = [one for one in unused if not one.near]
    if others:
        total = sum(len(one.unmet) for one in others)
        notes.add(
            "X-46",
            "",
            value="; ".join(f"{one.where}: {', '.join(one.unmet)}" for one in others),
            count=f"{total:,} spelling{'s' if total > 1 else ''}",
            what="; ".join(
                f"{one.where} {_listed(one.unmet) if total <= SHOWN else f'{len(one.unmet)} of {one.of}'}"
                for one in others
            ),
        )


def _place(table: Table, files: Sequence[Loaded]) -> str:
    return files[0].name if len(files) == 1 else table.label


def _has(files: Iterable[Loaded], heading: str) -> bool:
    return any(Columns(one.text.headings).get(heading.replace("{n}", "1")) for one in files)


def _texts(files: Iterable[Loaded], heading: str) -> list[str]:
    """What rows have under the heading and the profile does not name, the most frequent first."""
    often: Counter[str] = Counter()
    for one in files:
        often.update(one.untaken.values.get(heading, {}))
    return sorted(often, key=lambda text: (-often[text], text))


def _is_personal(table: Table, heading: str) -> bool:
    def holds(feed: Feed) -> Iterable[bool]:
        for name, source in feed.columns.items():
            if heading in source.columns:
                yield name == "case_ref" or SECTION[feed.section].column(name).personal

    return any(any(holds(feed)) for feed in table.feeds)


def _near(wanted: Iterable[str], texts: Sequence[str], *, is_personal: bool) -> str | None:
    """For the findings file: each text with the nearest one that the rows do have."""
    return _shown(_pairs(wanted, texts, 0.6), is_personal=is_personal)


def _pairs(wanted: Iterable[str], texts: Sequence[str], cutoff: float) -> list[tuple[str, str]]:
    short = [text for text in texts if len(text) <= COMPARED_CHARS][:COMPARED]
    folded = {fold(text): text for text in short}
    return [
        (text, folded[near[0]])
        for text in list(wanted)[:COMPARED]
        if (near := difflib.get_close_matches(fold(text), folded, n=1, cutoff=cutoff))
    ]


def _shown(pairs: Sequence[tuple[str, str]], *, is_personal: bool) -> str | None:
    if not pairs:
        return None
    return MASK if is_personal else "; ".join(f"{text}: {near}" for text, near in pairs)


def _listed(names: Iterable[str]) -> str:
    every = [f"'{name}'" for name in names]
    shown = every[:SHOWN]
    if len(every) > SHOWN:
        return f"{', '.join(shown)} and {len(every) - SHOWN} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
