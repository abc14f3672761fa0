"""Which columns of the sheets tell to which case, or person, a row belongs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.extract.parsing import fold
from pipelines.profiles.evidence import Evidence
from pipelines.profiles.names import likenesses
from pipelines.profiles.sheets import Sheet
from pipelines.profiles.words import forms, word_set

ASKED = 1_000
"""Different references of a column that are looked for in another."""
SHARED = 0.6
"""Share of them that must be there for both to be the same kind of reference."""
LOOKED_AT = 40
"""References whose look is compared first."""
MOST_OF_SHEET = 6
NAMED = 0.97
"""Likeness of a heading from which a column holds cases although no other table shares them."""
LEAST_NUMBER_OF_A_CASE = 1_000
# What a reference of something else is called after.
_OF_OTHERS = word_set(
    "question option answer person member placement booking event officer user property landlord invoice review need"
    " party client customer sequence line row staff team provider document address"
)
_KEY_WORDS = word_set("reference number code")
_CASE_WORDS = word_set("case application")
SAID = 0.15
"""What a heading that speaks of cases counts more than a mere "Ref"."""
SHARED_FROM = 3
"""Different references below which only the same heading ties two columns."""


@dataclass
class KeyGroup:
    """Columns of several sheets that hold the same references."""

    columns: list[tuple[int, int]]
    """Number of the sheet, number of the column."""
    case_score: float = 0.0


@dataclass
class Keys:
    """What the references of an export are."""

    case: dict[int, int]
    """Number of a sheet → its column with the reference of the case."""
    why: dict[int, str]
    groups: list[KeyGroup]
    """Columns with the same references, those of the case apart."""


def find_keys(
    sheets: Sequence[Sheet], evidence: Sequence[Sequence[Evidence]], of_lookups: Collection[tuple[int, int]] = ()
) -> Keys:
    """The columns that tie rows to cases and to persons, by their names and by what sheets share.

    Args:
        sheets: the tables of the export.
        evidence: of their columns.
        of_lookups: number of a sheet and of a column that holds the keys of a look-up, and so no references of cases.
    """
    asked: list[tuple[int, int, float]] = []
    for number, columns in enumerate(evidence):
        may = [
            (one.index, case_name(one.short))
            for one in columns
            if _may_be_key(one) and (number, one.index) not in of_lookups
        ]
        may.sort(key=lambda item: (-item[1], not _is_named_key(columns[item[0]].heading), item[0]))
        asked += [(number, index, name) for index, name in may[:MOST_OF_SHEET]]
    groups = _groups(sheets, evidence, asked)
    for group in groups:
        names = [name for number, index, name in asked if (number, index) in group.columns]
        is_unique = [evidence[number][index].is_unique for number, index in group.columns]
        # The case is one row somewhere, and many elsewhere.
        group.case_score = max(names) + 0.1 * min(len(names), 8) + 0.2 * any(is_unique) + 0.1 * (not all(is_unique))
        group.case_score += SAID * any(says_case(evidence[number][index].short) for number, index in group.columns)
    best = max((group for group in groups if _named(group, asked) >= 0.5), key=lambda one: one.case_score, default=None)
    keys = Keys({}, {}, [group for group in groups if group is not best and len(group.columns) > 1])
    if best is None:
        return keys
    names_of = {(number, index): name for number, index, name in asked}
    for number in range(len(sheets)):
        mine = [place for place in best.columns if place[0] == number]
        if mine:
            place = max(mine, key=lambda one: (names_of[one], evidence[number][one[1]].filled, -one[1]))
            others = len({other for other, _ in best.columns} - {number})
            keys.case[number] = place[1]
            keys.why[number] = f"its references are in {others} other tables too" if others else "name and shape"
        else:
            known = _look_of(best, sheets)
            named = [
                (name, -index)
                for other, index, name in asked
                if other == number
                and name >= NAMED
                and known & _looks(sheets[number].frame.get_column(f"c{index}").drop_nulls())
            ]
            if named:
                keys.case[number] = -max(named)[1]
                keys.why[number] = "by its name only; other tables hold other references"
    for number, columns in enumerate(evidence):
        # A section without rows has a file with its headings only.
        named = [(case_name(one.short), -one.index) for one in columns if not one.rows and one.heading]
        if number not in keys.case and named and max(named)[0] >= NAMED:
            keys.case[number] = -max(named)[1]
            keys.why[number] = "by its name only: the file has no rows"
    return keys


def _look_of(group: KeyGroup, sheets: Sequence[Sheet]) -> frozenset[str]:
    """What the references of the group look like."""
    number, index = group.columns[0]
    return _looks(sheets[number].frame.get_column(f"c{index}").drop_nulls())


def _may_be_key(one: Evidence) -> bool:
    return (
        bool(one.heading)
        and one.filled > 0
        and one.filled >= one.rows * 0.5
        and one.share(one.references) >= 0.95
        and not one.is_day
        and one.share(one.ninos) < 0.5
        and one.longest <= 40
        and not (one.distinct <= SHARED_FROM and one.filled > 10 and not says_case(one.short))
    )


def says_case(heading: str) -> bool:
    """Whether the heading is that of a reference and speaks of cases or applications."""
    return case_name(heading) >= NAMED and any(_CASE_WORDS & set(form) for form in forms(heading))


def case_name(heading: str) -> float:
    """How much the heading is that of the reference of a case, from 0 to 1."""
    score = next(
        (like.score for like in likenesses(heading) if (like.section, like.field) == ("main", "case_ref")), 0.0
    )
    return score * (0.4 if any(_OF_OTHERS & set(form) for form in forms(heading)) else 1.0)


def _told(text: str) -> set[str]:
    return {word for form in forms(text) for word in form} - _KEY_WORDS


def is_small(texts: pl.Series) -> bool:
    """Whether the references are numbers from 1 on, which other things have too."""
    if not texts.head(50).str.contains(r"^\d+$").all():
        return False
    least = texts.cast(pl.Int64, strict=False).min()
    return isinstance(least, int) and least < LEAST_NUMBER_OF_A_CASE


def _is_named_key(heading: str) -> bool:
    return any(_KEY_WORDS & set(form) for form in forms(heading))


def _named(group: KeyGroup, asked: Sequence[tuple[int, int, float]]) -> float:
    return max(name for number, index, name in asked if (number, index) in group.columns)


def _groups(
    sheets: Sequence[Sheet], evidence: Sequence[Sequence[Evidence]], asked: Sequence[tuple[int, int, float]]
) -> list[KeyGroup]:
    places = [(number, index) for number, index, _ in asked]
    texts = {
        (number, index): sheets[number].frame.get_column(f"c{index}").drop_nulls().unique().sort()
        for number, index in places
    }
    parent = {place: place for place in places}

    def root(place: tuple[int, int]) -> tuple[int, int]:
        while parent[place] != place:
            place = parent[place]
        return place

    looks = {place: _looks(texts[place]) for place in places}
    heads = {(number, index): _told(evidence[number][index].short) for number, index in places}
    labels = {number: _told(sheets[number].label) for number, _ in places}
    for first, one in enumerate(places):
        for other in places[first + 1 :]:
            if one[0] == other[0] or root(one) == root(other) or not looks[one] & looks[other]:
                continue
            named = heads[one] & heads[other] or heads[one] & labels[other[0]] or heads[other] & labels[one[0]]
            if is_small(texts[one]) and not named:
                continue  # the numbers 1, 2, 3 … are everywhere
            same = bool(named) and fold(evidence[one[0]][one[1]].short) == fold(evidence[other[0]][other[1]].short)
            if not _shares(texts[one], texts[other], 1 if same else SHARED_FROM):
                continue
            parent[root(other)] = root(one)
    found: dict[tuple[int, int], KeyGroup] = {}
    for place in places:
        found.setdefault(root(place), KeyGroup([])).columns.append(place)
    return list(found.values())


def _looks(texts: pl.Series) -> frozenset[str]:
    """What the references look like (``A9_9``), runs of digits and letters as one: most pairs differ already in it."""
    asked = texts.gather_every(max(len(texts) // LOOKED_AT, 1))
    alike = asked.str.replace_all(r"[0-9]+", "9").str.replace_all(r"[A-Za-z]+", "A")
    return frozenset(alike.to_list())


def _shares(one: pl.Series, other: pl.Series, least: int) -> bool:
    """Whether most references of the column that has fewer, ``least`` or more, are in the other one."""
    small, large = sorted((one, other), key=len)
    if len(small) < least:
        return False
    if _numbers(small) != _numbers(large):
        return False
    asked = small.gather_every(max(len(small) // ASKED, 1))
    met = asked.is_in(large.implode()).sum() / len(asked)
    # Small whole numbers are found in every column of small whole numbers.
    return met >= (0.95 if _numbers(small) and len(small) < 50 else SHARED)


def _numbers(texts: pl.Series) -> bool:
    return bool(texts.head(50).str.contains(r"^\d{1,6}$").all())
