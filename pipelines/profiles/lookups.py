"""Files of keys and labels: which columns hold such keys, and what the labels are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from pipelines.extract.parsing import folded_codes
from pipelines.profiles import toml
from pipelines.profiles.evidence import Evidence, nearness
from pipelines.profiles.keys import NAMED, case_name, is_small, says_case
from pipelines.profiles.names import likenesses
from pipelines.profiles.sheets import Sheet
from pipelines.profiles.words import forms, word_set
from schemas.sections import SECTION

MOST_COLUMNS, MOST_ROWS = 7, 5_000
COVERED = 0.95
"""Share of the different texts of a column that must be keys."""
TOLD = 0.4
"""From which score a column is taken to hold the keys of a list."""
LABELS_DIFFER = 0.9
"""Share of the labels of a list that differ from each other."""
_LABEL = word_set("label text description name value meaning title caption option answer question")
_KEY = word_set("reference code key number value")
_LIST = word_set("list domain type set group table field lookup class kind question")
_DULL = word_set(
    "lookup lookups lkp lk tbl ref reference code codes list lists value values type id key table description"
)


@dataclass(frozen=True)
class LookupSheet:
    """A sheet of keys and labels."""

    sheet: Sheet
    key: int
    label: int
    group: int | None
    """Column that names the list, where one sheet holds several."""
    lists: Mapping[str, Mapping[str, str]]
    """Name of the list (empty where there is one) → key → label."""

    @property
    def has_own_keys(self) -> bool:
        """Whether no two lists have a key in common, so that the key alone tells the label."""
        keys = [key for labels in self.lists.values() for key in labels]
        return len(keys) == len(set(keys))

    def says(self, words: frozenset[str]) -> bool:
        """Whether its name or the heading of its labels has one of the words."""
        said = f"{self.sheet.label} {self.sheet.headings[self.label]}".casefold()
        return any(word in said for word in words)

    def written(
        self, group: str | None, *, column: str | None = None, same: str | None = None, keep: bool = False
    ) -> str:
        """The look-up as the profile says it."""
        place = {"sheet": self.sheet.sheet} if self.sheet.sheet is not None else {"file": self.sheet.file.stem}
        parts = {"column": toml.text(column)} if column else {}
        parts |= {name: toml.text(value) for name, value in place.items() if value is not None}
        parts["key"] = toml.text(self.sheet.headings[self.key])
        parts["label"] = toml.text(self.sheet.headings[self.label])
        if self.group is not None and same is not None:
            inner = toml.table({"column": toml.text(same)})
            parts["where"] = toml.table({self.sheet.headings[self.group]: inner})
        elif self.group is not None and group is not None:
            parts["where"] = toml.table({self.sheet.headings[self.group]: toml.text(group)})
        if keep:
            parts["others"] = toml.text("keep")
        return toml.table(parts)


def find(sheets: Sequence[Sheet], evidence: Sequence[Sequence[Evidence]]) -> list[LookupSheet]:
    """The sheets that are look-ups by their form; whether a column uses one is asked afterwards."""
    found = []
    for sheet, columns in zip(sheets, evidence, strict=True):
        filled = [one for one in columns if one.filled]
        if not 2 <= len(filled) <= MOST_COLUMNS or not 2 <= sheet.frame.height <= MOST_ROWS:
            continue
        if any(one.is_day for one in filled) and len(filled) < 4:
            continue
        one = _form(sheet, filled)
        if one is not None:
            found.append(one)
    return found


def columns_of_keys(sheets: Sequence[Sheet], evidence: Sequence[Sequence[Evidence]]) -> set[tuple[int, int]]:
    """Columns that hold keys of sheets that are look-ups for certain: number of the sheet, number of the column.

    A look-up is certain where its headings say label and key, no column holds days, and the labels of a list differ.
    """
    columns_of = {sheet.name: columns for sheet, columns in zip(sheets, evidence, strict=True)}
    certain = [one for one in find(sheets, evidence) if _is_certain(one, columns_of[one.sheet.name])]
    names = {one.sheet.name for one in certain}
    found: set[tuple[int, int]] = set()
    for number, (sheet, columns) in enumerate(zip(sheets, evidence, strict=True)):
        if sheet.name in names:
            found |= {(number, one.index) for one in columns}
            continue
        for one in columns:
            if not one.texts or says_case(one.short):
                continue
            # Numbers from 1 on are in every list; then a heading like "Ref" stands for the case.
            if case_name(one.short) >= NAMED and is_small(pl.Series(list(one.texts))):
                continue
            if any(set(one.texts) <= set(labels) for lookup in certain for labels in lookup.lists.values()):
                found.add((number, one.index))
    return found


def _is_certain(one: LookupSheet, columns: Sequence[Evidence]) -> bool:
    headed = _has(columns[one.label], _LABEL) and _has(columns[one.key], _KEY)
    if not headed or any(column.is_day or says_case(column.short) for column in columns):
        return False
    labels = sum(len(part) for part in one.lists.values())
    return sum(len(set(part.values())) for part in one.lists.values()) >= LABELS_DIFFER * labels


def _form(sheet: Sheet, columns: Sequence[Evidence]) -> LookupSheet | None:
    keys = [one for one in columns if one.filled == one.rows and one.longest <= 30 and not one.is_day]
    for key in sorted(keys, key=lambda one: (not _has(one, _KEY), one.index)):
        labels = [
            one
            for one in columns
            if one.index != key.index
            and one.share(one.numbers) < 0.5
            and not one.is_day
            and not one.is_personal
            and one.filled >= 0.9 * one.rows
        ]
        for label in sorted(labels, key=lambda one: (not _has(one, _LABEL), -one.distinct, one.index)):
            if key.is_unique:
                others = [one for one in columns if one.index not in (key.index, label.index)]
                group = next((one for one in others if _has(one, _LIST) and 1 < one.distinct < one.rows), None)
                return _made(sheet, key, label, group)
            for group in columns:
                if group.index in (key.index, label.index) or group.distinct >= group.rows or group.filled < group.rows:
                    continue
                if sheet.frame.select(pl.struct(f"c{key.index}", f"c{group.index}").is_duplicated().any()).item():
                    continue
                return _made(sheet, key, label, group)
    return None


def _has(one: Evidence, words: frozenset[str]) -> bool:
    return any(words & set(form) for form in forms(one.heading)) or bool(set(one.heading.casefold().split()) & words)


def _made(sheet: Sheet, key: Evidence, label: Evidence, group: Evidence | None) -> LookupSheet:
    lists: dict[str, dict[str, str]] = defaultdict(dict)
    chosen = [f"c{key.index}", f"c{label.index}", *([f"c{group.index}"] if group else [])]
    for code, text, *name in sheet.frame.select(chosen).iter_rows():
        if code is not None and text is not None:
            lists[str(name[0] or "") if name else ""][code] = text
    return LookupSheet(sheet, key.index, label.index, group.index if group else None, dict(lists))


def translated(sheet: Sheet, columns: Sequence[Evidence], lookups: Sequence[LookupSheet], keys: set[int]) -> Sheet:
    """The sheet with labels in place of keys where a column holds the keys of a list."""
    frame, codes_from = sheet.frame, dict(sheet.codes_from)
    for one in columns:
        if one.index in keys or one.is_day or not one.filled or one.distinct > 400 or one.is_personal:
            continue
        best = _best(sheet, one, lookups)
        if best is None:
            continue
        lookup, name = best
        named = name if len(lookup.lists) > 1 else None
        codes_from[one.index] = lookup.written(named)
        frame = frame.with_columns(pl.col(f"c{one.index}").replace(dict(lookup.lists[name])))
    return replace(sheet, frame=frame, codes_from=codes_from)


def _best(sheet: Sheet, one: Evidence, lookups: Sequence[LookupSheet]) -> tuple[LookupSheet, str] | None:
    scored: list[tuple[float, LookupSheet, str]] = []
    for lookup in lookups:
        if lookup.sheet.name == sheet.name:
            continue
        for name, labels in lookup.lists.items():
            covered = sum(often for text, often in one.texts.items() if text in labels)
            distinct = sum(text in labels for text in one.texts)
            if distinct < COVERED * len(one.texts) or covered < COVERED * one.seen:
                continue
            texts = tuple(dict.fromkeys(labels[text] for text in one.texts if text in labels))
            score = _told(one.heading, texts) + _named(one.heading, f"{name} {lookup.sheet.label if not name else ''}")
            scored.append((score, lookup, name))
    scored.sort(key=lambda item: (-item[0], item[1].sheet.name, item[2]))
    if not scored or scored[0][0] < TOLD:
        return None
    if len(scored) > 1 and scored[0][0] - scored[1][0] < 0.05:
        return None
    return scored[0][1], scored[0][2]


def _told(heading: str, texts: tuple[str, ...]) -> float:
    """How well the labels are those of a field that the heading may mean; and of any field, for less."""
    best = 0.0
    for like in likenesses(heading, SECTION)[:6]:
        list_name = SECTION[like.section].column(like.field).codelist
        if list_name:
            best = max(best, like.score * max(_known(texts, list_name), nearness(texts, list_name)))
    return best


def _known(texts: tuple[str, ...], list_name: str) -> float:
    from pipelines.extract.parsing import fold

    known = folded_codes(list_name)
    return sum(fold(text) in known for text in texts) / len(texts) if texts else 0.0


def _named(heading: str, name: str) -> float:
    """How much the name of the list says the same as the heading of the column."""
    mine = {word.removesuffix("s") for form in forms(heading) for word in form if word not in _DULL}
    theirs = {word.removesuffix("s") for form in forms(name) for word in form if word not in _DULL}
    return 0.5 * len(mine & theirs) / max(min(len(mine), len(theirs)), 1)
