"""Support needs: households with one, two, three or more needs against the columns of A3."""

from __future__ import annotations

import random
from functools import cache

from pipelines.synthesise import codes
from pipelines.synthesise.case import Case
from pipelines.synthesise.cells import Sheet
from pipelines.synthesise.deal import split

_LIKELY_AGE = {
    "young_16_17": {"16-17"},
    "young_18_25": {"18-24"},
    "young_parent": {"18-24", "16-17"},
    "care_18_20": {"18-24"},
    "care_21_24": {"18-24"},
    "care_25": {"25-34", "35-44"},
    "care_21_plus": {"18-24", "25-34"},
    "old_age": {"65-74", "75+"},
}
# Where no column is printed: England, October to December 2025, roughly.
_COMMON = {"mental": 9.0, "physical": 7.0, "domestic_abuse": 4.0, "repeat_homeless": 2.0, "drug": 2.0}
_NEEDS = {
    "Young person aged 16-17": "young_16_17",
    "Young person aged 18-25": "young_18_25",
    "Young parent": "young_parent",
    "Care leaver aged 18-20": "care_18_20",
    "Care leaver aged 21-24": "care_21_24",
    "Care leaver aged 25+": "care_25",
    "Care leaver - retired": "care_21_plus",
    "Care leaver aged 21+": "care_21_plus",
    "Physical": "physical",
    "History of mental": "mental",
    "Learning": "learning",
    "At risk of / has experienced sexual": "sexual_abuse",
    "At risk of / has experienced domestic": "domestic_abuse",
    "At risk of / has experienced abuse": "other_abuse",
    "Drug": "drug",
    "Alcohol": "alcohol",
    "Offending": "offending",
    "History of repeat": "repeat_homeless",
    "History of rough": "rough_sleeping",
    "Former asylum": "former_asylum",
    "Old age": "old_age",
    "Served": "hm_forces",
    "Access to": "eet",
    "Victim": "modern_slavery",
    "Difficulties": "budgeting",
}


@cache
def _need(path: str) -> str:
    """Support need of a column of A3."""
    return codes.labelled(_NEEDS, path)


def deal_needs(sheet: Sheet, cases: list[Case], rng: random.Random) -> None:
    """Give every case owed a duty its needs, so that A3 comes out as printed."""
    base = len(cases)
    none = sheet.get("A3", "Households with no support")
    unknown = sheet.get("A3", "Households with unknown")
    some_path = sheet.find("A3", "Households with one or more", "Total")
    some = None if some_path is None else sheet.count("A3", some_path)
    if some is None:
        england = [sheet.shape("A3", sheet.find("A3", *w) or "") for w in _HEADS]
        none, unknown, some = split(base, [w or d for w, d in zip(england, (40, 2, 55), strict=True)], rng)
    else:
        none = none or 0
        unknown = base - none - some if unknown is None else unknown
    short = base - none - some - unknown
    if short:
        unknown_or_none = max(unknown + short, 0)
        none += short - (unknown_or_none - unknown)
        unknown = unknown_or_none
        if none < 0:
            some, none = some + none, 0
    for words, value in zip(_HEADS, (none, unknown, some), strict=True):
        path = sheet.find("A3", *words)
        printed = None if path is None else sheet.count("A3", path)
        if path is not None and printed is not None and printed != value:
            sheet.clash("A3", path, printed, value, "the three groups do not add to the households owed a duty", ["A1"])
    wanted, columns = _columns(sheet, some, rng)
    degrees = _degrees(sheet, some, wanted, rng)
    order = sorted(cases, key=lambda case: (case.age not in {"16-17", "18-24", "75+"}, rng.random()))
    for case in order[some:]:
        case.needs = []
    groups = order[some:]
    rng.shuffle(groups)
    for case in groups[:none]:
        case.needs = ["none"]
    for case in groups[none:]:
        case.needs = ["unknown"]
    if degrees is None:
        degrees = [max(1, min(len(columns), 1 + int(rng.expovariate(0.8)))) for _ in range(some)]
    _assign(sheet, order[:some], degrees, columns, rng)


_HEADS = (
    ("Households with no support",),
    ("Households with unknown",),
    ("Households with one or more", "Total"),
)


def _columns(sheet: Sheet, some: int, rng: random.Random) -> tuple[int | None, dict[str, int | None]]:
    columns = {}
    for path in sheet.paths("A3"):
        if path.startswith("Households with") or path.startswith("Total number"):
            continue
        columns[path] = sheet.count("A3", path)
    values = list(columns.values())
    total = None if None in values else sum(v for v in values if v is not None)
    return total, columns


def _degrees(sheet: Sheet, some: int, wanted: int | None, rng: random.Random) -> list[int] | None:
    printed = [sheet.get("A3", "Households with one or more", n) for n in ("1", "2", "3+")]
    if None in printed:
        if wanted is None:
            return None
        return _spread(some, wanted, 1, rng)
    one, two, more = (n if n is not None else 0 for n in printed)
    if one + two + more != some:
        paths = [sheet.find("A3", "Households with one or more", n) or "" for n in ("1", "2", "3+")]
        largest = max(range(3), key=lambda i: (one, two, more)[i])
        sizes = [one, two, more]
        sizes[largest] = max(sizes[largest] + some - sum(sizes), 0)
        sheet.clash("A3", paths[largest], (one, two, more)[largest], sizes[largest], "parts do not add", ["A3"])
        one, two, more = sizes
    if wanted is None:
        return [1] * one + [2] * two + [3 + min(int(rng.expovariate(0.9)), 5) for _ in range(more)]
    rest = wanted - one - 2 * two
    if more and rest >= 3 * more:
        return [1] * one + [2] * two + _spread(more, rest, 3, rng)
    return [1] * one + [2] * two + [3] * more


def _spread(rows: int, total: int, least: int, rng: random.Random) -> list[int]:
    """Degrees as equal as can be, then a few moved from one row to another."""
    if not rows:
        return []
    total = max(total, least * rows)
    degrees = [total // rows + (i < total % rows) for i in range(rows)]
    for _ in range(rows // 3):
        a, b = rng.randrange(rows), rng.randrange(rows)
        if degrees[a] > least and degrees[b] < 8:
            degrees[a] -= 1
            degrees[b] += 1
    return degrees


def _assign(
    sheet: Sheet, cases: list[Case], degrees: list[int], columns: dict[str, int | None], rng: random.Random
) -> None:
    free = [path for path, count in columns.items() if count is None]
    if free:
        _fill_free(sheet, degrees, columns, free, rng)
    left = sorted(degrees, reverse=True)
    rows = [(case, n) for case, n in zip(cases, left, strict=True)]
    rng.shuffle(rows)
    room = [n for _, n in rows]
    given: list[list[str]] = [[] for _ in rows]
    total = sum(columns[p] or 0 for p in columns)
    if total != sum(room):
        _clash_degrees(sheet, columns, total, sum(room))
    for path in sorted(columns, key=lambda p: (-(columns[p] or 0), p)):
        need = _need(path)
        likely = _LIKELY_AGE.get(need, set())
        takers = sorted(
            (i for i in range(len(rows)) if room[i] > 0),
            key=lambda i: (-room[i], rows[i][0].age not in likely, rng.random()),
        )
        count = columns[path] or 0
        if len(takers) < count:
            sheet.clash("A3", path, count, len(takers), "more households than have a need left", ["A3: 1, 2 and 3+"])
        for i in takers[:count]:
            room[i] -= 1
            given[i].append(need)
    for (case, _), needs in zip(rows, given, strict=True):
        case.needs = sorted(needs) or ["unknown"]
    path = "Total number of support needs"
    printed = sheet.count("A3", path)
    reached = sum(len(needs) for needs in given)
    if printed is not None and printed != reached:
        sheet.clash("A3", path, printed, reached, "the columns do not add to this total", [f"A3: {p}" for p in columns])


def _clash_degrees(sheet: Sheet, columns: dict[str, int | None], total: int, degrees: int) -> None:
    path = sheet.find("A3", "Households with one or more", "3+") or ""
    printed = sheet.count("A3", path)
    if printed is not None:
        sheet.clash(
            "A3",
            path,
            printed,
            max(printed - max(degrees - total, 0), 0),
            "the columns hold fewer or more needs than the households with one, two and three or more",
            [f"A3: {p}" for p in columns][:3],
        )


def _fill_free(
    sheet: Sheet, degrees: list[int], columns: dict[str, int | None], free: list[str], rng: random.Random
) -> None:
    rest = max(sum(degrees) - sum(v or 0 for v in columns.values()), 0)
    weights = [sheet.shape("A3", p) or _COMMON.get(_need(p), 0.3) for p in free]
    shares = split(rest, weights, rng)
    for _ in range(100):
        over = [i for i, n in enumerate(shares) if n > len(degrees)]
        if not over:
            break
        for i in over:
            spare = shares[i] - len(degrees)
            shares[i] = len(degrees)
            room = sorted((j for j in range(len(shares)) if shares[j] < len(degrees)), key=lambda j: shares[j])
            for j in room[:spare] or room:
                shares[j] += 1
                spare -= 1
                if not spare:
                    break
    for path, share in zip(free, shares, strict=True):
        columns[path] = share
