"""How much a heading looks like the name of a field, from 0 to 1."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from pipelines.profiles.words import forms, word_set
from schemas.sections import SECTIONS
from schemas.sources.heading_aliases import IN_ITS_TABLE, PERHAPS, YES, heading_aliases

STRENGTH = {YES: 1.0, PERHAPS: 0.87, IN_ITS_TABLE: 0.96}
NEAR_WORD = 86
"""Likeness, of 100, from which two words are one and the same with a slip of the pen."""
LEAST_WORD = 5
"""Letters of a word that may have a slip."""
CUT_SHORT = 0.95
"""How sure a word is that is the beginning of a known one: "orient" for "orientation"."""

# Words that tell little: the contents of the column tell the same.
_DULL = {
    "date": 0.3,
    "code": 0.1,
    "to": 0.3,
    "from": 0.5,
    "status": 0.4,
    "name": 0.5,
    "type": 0.5,
    "number": 0.5,
    "reference": 0.6,
    "sent": 0.2,
}
_OF_SECTION = {
    "main": "homeless application case",
    "people": "person people household member applicant occupant",
    "support_needs": "support need household",
    "prevention": "prevention duty s 195",
    "relief": "relief duty s 189b b 189",
    "final_duties": "main duty final full s 193 housing",
    "assistance": "support assistance",
    "temporary_accommodation": "temporary accommodation placement booking stay",
    "reviews": "review s 202",
}
CONTEXT_WORDS = {section: frozenset(words.split()) for section, words in _OF_SECTION.items()}
"""Words of a heading that only repeat what its table is about."""

# A word that turns the meaning round: where one side has it and the other has not, they are two things.
_TURNING = word_set(
    "end start partner applicant previous due notify letter reason outcome last first current time next no expected"
    " target email phone mobile telephone title initials postcode count total"
)


TELLING = _TURNING | word_set("prevention relief main duty final review s 193 195 189 202 child member decision letter")
"""Words of the heading of a group without which what stands below it may mean something else."""


@dataclass(frozen=True)
class Variant:
    """One way in which a field is called."""

    section: str
    field: str
    heading: str
    words: tuple[str, ...]
    strength: float
    only_in_its_table: bool


@dataclass(frozen=True)
class Likeness:
    """How near a heading comes to a field, and by which of its names."""

    section: str
    field: str
    score: float
    by: str
    only_in_its_table: bool


@cache
def variants() -> tuple[Variant, ...]:
    """Every name of every field: its own, its element in the return, and the headings collected."""
    given: list[tuple[str, str, str, str]] = [
        (one.section, one.field, one.heading, one.clear) for one in heading_aliases()
    ]
    for section in SECTIONS:
        for column in section.columns:
            if column.name == "case_ref" and section.name != "main":
                continue
            shared = sum(1 for other in SECTIONS if column.name in other.names) > 1
            given.append((section.name, column.name, column.name, IN_ITS_TABLE if shared else YES))
            if column.official_element:
                given.append((section.name, column.name, column.official_element, YES))
    found: dict[tuple[str, str, tuple[str, ...]], Variant] = {}
    for name, field, heading, clear in given:
        for words in forms(heading):
            one = Variant(name, field, heading, words, STRENGTH[clear], clear == IN_ITS_TABLE)
            key = (name, field, words)
            if key not in found or (found[key].only_in_its_table and not one.only_in_its_table):
                found[key] = one
    return tuple(found.values())


@cache
def _weights() -> dict[str, float]:
    """A word that few fields have tells more."""
    fields: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in variants():
        for word in one.words:
            fields[word].add((one.section, one.field))
    most = math.log(1 + len({(one.section, one.field) for one in variants()}))
    return {
        word: _DULL.get(word, 0.45 + 0.55 * (1 - math.log(1 + len(having)) / most)) for word, having in fields.items()
    }


def _weight(word: str) -> float:
    return _weights().get(word, _DULL.get(word, 0.75 if not word.isdigit() else 0.4))


@cache
def _having() -> dict[str, tuple[int, ...]]:
    index: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(variants()):
        for word in set(one.words):
            index[word].append(number)
    return {word: tuple(numbers) for word, numbers in index.items()}


def vocabulary() -> frozenset[str]:
    """Words that names of fields have."""
    return frozenset(_having())


@lru_cache(maxsize=20_000)
def _known_as(word: str) -> tuple[str, float]:
    """The word as the names of fields have it, and how sure that is."""
    if word in _having() or len(word) < LEAST_WORD or word.isdigit():
        return word, 1.0
    from rapidfuzz import fuzz, process

    known = [one for one in _having() if len(one) >= LEAST_WORD]
    begun = sorted((one for one in known if one.startswith(word)), key=len)
    if begun:
        return begun[0], CUT_SHORT
    best = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=NEAR_WORD)
    return (best[0], best[1] / 100) if best else (word, 1.0)


def likenesses(heading: str, context: Iterable[str] = ()) -> list[Likeness]:
    """Fields that the heading may mean, the likeliest first.

    Args:
        heading: as it stands in the file, ``{n}`` for the number of a repeat left out.
        context: sections that the table is about; words that only repeat this count for nothing.
    """
    return list(_likenesses(heading, frozenset(context)))


@lru_cache(maxsize=50_000)
def _likenesses(heading: str, context: frozenset[str]) -> tuple[Likeness, ...]:
    best: dict[tuple[str, str], Likeness] = {}
    for words in forms(heading):
        known = [_known_as(word) for word in words]
        have = Counter(word for word, _ in known)
        sure = {word: how for word, how in known}
        numbers = {number for word in have for number in _having().get(word, ())}
        for number in numbers:
            one = variants()[number]
            if one.only_in_its_table and one.section not in context:
                continue
            score = _dice(have, Counter(one.words), sure, one, context)
            key = (one.section, one.field)
            if score > 0.3 and (key not in best or score > best[key].score):
                best[key] = Likeness(one.section, one.field, score, one.heading, one.only_in_its_table)
    return tuple(sorted(best.values(), key=lambda like: (-like.score, like.section, like.field)))


def _dice(
    have: Counter[str], want: Counter[str], sure: dict[str, float], one: Variant, context: frozenset[str]
) -> float:
    idle = CONTEXT_WORDS[one.section] if one.section in context else frozenset()
    both = set(have) & set(want)
    shared = sum(_weight(word) * sure.get(word, 1.0) for word in both)
    only_have = [word for word in have if word not in want and word not in idle]
    only_want = [word for word in want if word not in have and word not in idle]
    mine = sum(map(_weight, only_have))
    theirs = sum(map(_weight, only_want))
    if not shared:
        return 0.0
    score = 2 * shared / (2 * shared + mine + theirs)
    turned = sum(word in _TURNING for word in (*only_have, *only_want))
    return score * one.strength * 0.72**turned
