"""The sheets of an export as rows that a mapping reads: months united, keys translated, people joined, rows turned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipelines.profiles import lookups as look
from pipelines.profiles import toml
from pipelines.profiles.evidence import Evidence, evidence_of
from pipelines.profiles.joins import joined
from pipelines.profiles.keys import KeyGroup, Keys, find_keys
from pipelines.profiles.sheets import Sheet
from pipelines.profiles.turned import turned
from pipelines.profiles.unions import united


def recognise(read: Sequence[Sheet], *, unite: bool = True) -> tuple[list[Sheet], list[list[Evidence]], Keys]:
    """Sheets, the evidence of their columns, and which of these hold the reference of the case.

    ``unite``: whether those of months may be one table; a database is asked for each of its tables by its name.
    """
    sheets = united(read) if unite else list(read)
    evidence = [_evidence(sheet) for sheet in sheets]
    keys = find_keys(sheets, evidence, look.columns_of_keys(sheets, evidence))
    orphans = [number for number in range(len(sheets)) if number not in keys.case]
    found = look.find([sheets[number] for number in orphans], [evidence[number] for number in orphans])
    names = {one.sheet.name for one in found}
    used: set[str] = set()
    for number, sheet in enumerate(sheets):
        if sheet.name in names:
            continue
        mine = {index for group in keys.groups for at, index in group.columns if at == number}
        mine = {index for index in mine if not _in_lookup(number, index, keys, sheets, names)}
        mine |= {keys.case[number]} if number in keys.case else set()
        made = look.translated(sheet, evidence[number], found, mine)
        if made.codes_from:
            used |= _used(found, made.codes_from.values())
            sheets[number] = made
            evidence[number] = _evidence(made)
    case = dict(keys.case)
    for number, sheet in enumerate(sheets):
        if number not in case:
            continue
        made = turned(sheet, evidence[number], case[number], found)
        if made is not sheet:
            sheets[number] = made
            if not made.is_turned:
                continue
            used |= _used(found, made.keys)
            evidence[number] = _evidence(made)
            case[number] = 0
    changed, cases, gone = joined(sheets, evidence, case, _without(keys.groups, sheets, names))
    case |= cases
    for number, sheet in changed.items():
        sheets[number] = sheet
        evidence[number] = _evidence(sheet)
    kept = [number for number, sheet in enumerate(sheets) if number not in gone and sheet.name not in used]
    order = {number: place for place, number in enumerate(kept)}
    return (
        [sheets[number] for number in kept],
        [evidence[number] for number in kept],
        Keys(
            {order[number]: index for number, index in case.items() if number in order},
            {order[number]: why for number, why in keys.why.items() if number in order},
            [],
        ),
    )


def _evidence(sheet: Sheet) -> list[Evidence]:
    found = evidence_of(sheet.frame, sheet.headings, sheet.shorts)
    for one in found:
        one.about = sheet.about.get(one.index, ())
    return found


def _used(lookups: Sequence[look.LookupSheet], lines: Iterable[str]) -> set[str]:
    """Names of the look-ups that the lines of the profile name."""
    said = list(lines)
    return {one.sheet.name for one in lookups if any(toml.text(one.sheet.label) in line for line in said)}


def _without(groups: Sequence[KeyGroup], sheets: Sequence[Sheet], names: set[str]) -> list[KeyGroup]:
    """The groups without columns of look-ups and of sheets that were turned round, whose columns are others now."""
    return [
        KeyGroup([(number, index) for number, index in group.columns if not _is_other(sheets[number], names)])
        for group in groups
    ]


def _is_other(sheet: Sheet, names: set[str]) -> bool:
    return sheet.name in names or sheet.is_turned


def _in_lookup(number: int, index: int, keys: Keys, sheets: Sequence[Sheet], names: set[str]) -> bool:
    """Whether the column shares its texts with look-ups only, so that it is no key of people or placements."""
    groups = [group for group in keys.groups if (number, index) in group.columns]
    return all(sheets[at].name in names for group in groups for at, _ in group.columns if at != number)
