"""Cases with faults: invented ones, each changed in one to three places drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from pipelines.synthesise.routes import make_cases
from schemas.codelists import codelist
from schemas.rules import Rule
from schemas.sections import SECTION, SECTIONS, Column

AUTHORITY, NEIGHBOUR = "E06000034", "E09000007"
FIRST_DAY, LAST_DAY = date(2024, 1, 1), date(2025, 12, 31)
UNLISTED = "not_a_code"
_SHIFTS = (-400, -57, -56, -55, -54, -2, -1, 1, 2, 54, 55, 56, 57, 400)

Sections = dict[str, pl.DataFrame]
Case = dict[str, list[dict[str, Any]]]
Cell = tuple[str, str, dict[str, Any], str]
"""Case, section, key of the row, column."""


@dataclass
class Faulty:
    """Sections with faults, and what the writer would not write: codes that no list has."""

    sections: Sections
    unlisted: list[Cell] = field(default_factory=list)
    """Where ``UNLISTED`` stands."""


def faulty_cases(count: int, seed: int, rules: Sequence[Rule]) -> Faulty:
    """``count`` invented cases with faults drawn from the seed, and one case per example of each of the rules."""
    draw = random.Random(seed)
    made = make_cases(
        count, authority=AUTHORITY, neighbour=NEIGHBOUR, first_day=FIRST_DAY, last_day=LAST_DAY, seed=seed
    )
    cases = _by_case(made)
    for case in cases:
        for _ in range(draw.choice((1, 1, 2, 3))):
            _change(case, cases, draw)
    examples = [ex for rule in rules for kind in (rule.passes, rule.fails, rule.nulls) for ex in kind]
    whole = _by_case(
        make_cases(
            len(examples),
            authority=AUTHORITY,
            neighbour=NEIGHBOUR,
            first_day=FIRST_DAY,
            last_day=LAST_DAY,
            seed=seed + 1,
        )
    )
    for number, (case, example) in enumerate(zip(whole, examples, strict=True), 1):
        _lay_over(case, example, f"{AUTHORITY}_{9 * 10**11 + number:012d}")
    together = [*cases, *whole]
    return Faulty(_frames(together), list(_unlisted(together)))


def _unlisted(cases: list[Case]) -> Iterator[Cell]:
    for case in cases:
        for name, rows in case.items():
            for row in rows:
                key = {part: row[part] for part in SECTION[name].key}
                yield from ((row["case_ref"], name, key, column) for column, value in row.items() if value == UNLISTED)


def _by_case(sections: Sections) -> list[Case]:
    refs = sections["main"]["case_ref"].to_list()
    cases: dict[str, Case] = {ref: {section.name: [] for section in SECTIONS} for ref in refs}
    for name, frame in sections.items():
        for row in frame.to_dicts():
            cases[row["case_ref"]][name].append(row)
    return list(cases.values())


def _frames(cases: list[Case]) -> Sections:
    return {
        section.name: pl.DataFrame(
            [row for case in cases for row in case[section.name]],
            schema={column.name: column.dtype for column in section.columns},
        )
        for section in SECTIONS
    }


def _lay_over(case: Case, example: Mapping[str, Any], ref: str) -> None:
    """Put the rows of a rule's example in the place of the case's own, column by column."""
    for name, rows in example.items():
        columns = SECTION[name]
        own = case[name][: len(rows)] or [{}]
        laid = []
        for place, row in enumerate(rows):
            base = dict(own[min(place, len(own) - 1)])
            for key in columns.key:
                if key != "case_ref" and columns.column(key).kind == "integer":
                    base[key] = place + 1
            base.update({k: _typed(columns.column(k), v) for k, v in row.items()})
            laid.append({column.name: base.get(column.name) for column in columns.columns})
        case[name] = laid
    for rows in case.values():
        for row in rows:
            row["case_ref"] = ref


def _typed(column: Column, value: Any) -> Any:
    return date.fromisoformat(value) if column.kind == "date" and isinstance(value, str) else value


def _change(case: Case, cases: list[Case], draw: random.Random) -> None:
    kind = draw.random()
    filled = [name for name, rows in case.items() if rows]
    if kind < 0.06:
        case[draw.choice([name for name in filled if name != "main"] or ["people"])] = []
    elif kind < 0.12:
        name = draw.choice([section.name for section in SECTIONS if section.name != "main"])
        other = draw.choice(cases)
        ref = case["main"][0]["case_ref"]
        case[name] = [{**row, "case_ref": ref} for row in other[name]]
    elif kind < 0.16:
        _twice(case, draw)
    elif kind < 0.18:
        ref = f"X{case['main'][0]['case_ref'][1:]}"
        for rows in case.values():
            for row in rows:
                row["case_ref"] = ref
    else:
        _change_cell(case, draw.choice(filled), draw)


def _twice(case: Case, draw: random.Random) -> None:
    names = [n for n in ("people", "support_needs", "assistance", "temporary_accommodation", "reviews") if case[n]]
    if names:
        name = draw.choice(names)
        row = dict(draw.choice(case[name]))
        number = next((key for key in SECTION[name].key if key.endswith("_no")), None)
        if number is not None and draw.random() < 0.5:
            row[number] = max(one[number] or 0 for one in case[name]) + 1
        case[name].append(row)


def _change_cell(case: Case, name: str, draw: random.Random) -> None:
    row = draw.choice(case[name])
    columns = [c for c in SECTION[name].columns if not c.local and not c.personal and c.name != "case_ref"]
    column = draw.choice(columns)
    if draw.random() < 0.25:
        row[column.name] = None
    elif column.kind == "date":
        row[column.name] = _other_day(case, row[column.name], draw)
    elif column.codelist is not None:
        codes = list(codelist(column.codelist).codes)
        is_key = column.name in SECTION[name].key
        if draw.random() < 0.1 and not is_key:
            row[column.name] = UNLISTED
        elif column.kind == "codes":
            row[column.name] = ";".join(sorted(draw.sample(codes, 2)))
        else:
            row[column.name] = draw.choice(codes)


def _other_day(case: Case, day: date | None, draw: random.Random) -> date:
    there = sorted(
        {
            value
            for name, rows in case.items()
            for row in rows
            for column, value in row.items()
            if isinstance(value, date) and not SECTION[name].column(column).local
        }
    )
    kind = draw.random()
    if kind < 0.15:
        return draw.choice((LAST_DAY, LAST_DAY + timedelta(1), date(1977, 12, 1), date(1977, 11, 30), date(2018, 4, 2)))
    if kind < 0.6 and there:
        return draw.choice(there) + timedelta(draw.choice((-1, 0, 0, 1)))
    return (day or draw.choice(there or [LAST_DAY])) + timedelta(draw.choice(_SHIFTS))
