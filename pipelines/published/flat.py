"""Which known column each label of a flat heading row is: by its words, with how sure that is.

A column that is not read is a nuisance; one that is read as another is a wrong figure. So a label is taken for
a column only when its words say so, no word speaks against it, no other column is nearly as near and no other
label is nearly as near to that column.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pipelines.published.headings import SEPARATOR, Column
from pipelines.published.wording import (
    PERCENT,
    RATE,
    THOUSANDS,
    WITH_CHILDREN,
    WITHOUT,
    Wording,
    is_number,
    opposites,
    wording,
)

EXACT = "exact"
LISTED = "listed"
BY_WORDS = "by words"
BY_SUMS = "by sums"
BY_PLACE = "by place"

LEAST_SCORE = 0.6
LEAST_MARGIN = 0.08
_LEAST_PRECISION = 0.6
_LEAST_OF_LEAF = 0.45
# Words that the column lacks, and words that the label lacks: other words in place of them.
_LEAST_OF_ONE = 0.8
_MARGIN_TO_TAKEN = 0.03
_ALL_EXPLAINED = 0.9
_OF_GROUP = 0.3
_ASIDE = 0.4
_GROUP_IN_TOTAL = 0.35
_UNKNOWN_WORD = 0.7
_NUMBER = 1.5
_IN_TITLE = 0.1
_OF_A_RIVAL = 0.6
# What is counted: any label may say so, unless the columns of its table differ in it.
_UNITS = frozenset(["household", "applicant", "main", "lead", "case", "person", "people"])

Key = tuple[str, str]  # column path, measure


@dataclass(frozen=True)
class Candidate:
    """A known column that a label may be, and how near its words are: 1 is the same words."""

    column_path: str
    measure: str
    score: float

    @property
    def key(self) -> Key:
        """What names the column in its table."""
        return self.column_path, self.measure


@dataclass(frozen=True)
class _Description:
    """The words of one way to name a column: the leaf's own, and those of the groups above it."""

    leaf: Counter[str]
    group: Counter[str]
    weightless: frozenset[str]
    pure_total: bool
    total: bool
    rivals: frozenset[str] = frozenset()
    """Words by which the other columns of its group are told from it."""
    shared: frozenset[str] = frozenset()
    """Words of the leaf that most columns of its group have too."""


@dataclass(frozen=True)
class Context:
    """The words of one table: how rare each is among its columns, and which its title says anyway.

    ``title`` are words of the title, or of the first column where it is the total of the table, that no other
    column has: any label may have them, and they tell nothing.
    """

    weights: dict[str, float]
    title: frozenset[str]
    unique: frozenset[str]
    """Words that stand in a single column."""
    counted: frozenset[str]
    """Words for what the table counts."""

    def weight(self, word: str) -> float:
        """How much a word tells: 1 for one that stands in a single column, near 0 for one that all have."""
        known = self.weights.get(word)
        if known is None:
            return _UNKNOWN_WORD * (_NUMBER if is_number(word) else 1) if word not in self.title else _IN_TITLE
        return known


def _is_empty_group(label: str) -> bool:
    return label.casefold().startswith("of which")


def _description(path: Sequence[str]) -> _Description:
    *groups, leaf_label = [label for label in path if not _is_empty_group(label)]
    leaf = wording(leaf_label)
    group: Counter[str] = Counter()
    weightless: set[str] = set(leaf.aside)
    for label in groups:
        said = wording(label)
        group |= said.words
        weightless |= said.aside
    total = leaf_label.startswith("Total")
    pure = total and set(leaf.words) - {"household"} <= set(group) | ({"prs", "srs"})
    return _Description(leaf.words, group, frozenset(weightless), pure and bool(groups), total)


def _ways(path: Sequence[str]) -> list[_Description]:
    """The ways to say a path: "White: Irish" under "White" is also "Irish" under "White"."""
    begins, colon, own = path[-1].rpartition(":")
    said_twice = bool(colon) and len(path) > 1 and set(wording(begins).words) == set(wording(path[-2]).words)
    return [_description(path), *([_description([*path[:-1], own.strip()])] if said_twice else [])]


@lru_cache(maxsize=64)
def context_of(columns: tuple[Column, ...]) -> Context:
    """The words of the columns of one table."""
    paths = dict.fromkeys(column.column_path for column in columns)
    seen: Counter[str] = Counter()
    for path in paths:
        described = _description(path.split(SEPARATOR))
        seen.update(set(described.leaf) | set(described.group))
    many = len(paths)
    weights = {
        word: math.log((many + 1) / count) / math.log(many + 1) * (_NUMBER if is_number(word) else 1)
        for word, count in seen.items()
    }
    first = next(iter(paths))
    title = set(wording(columns[0].title).words)
    if first.startswith("Total"):
        title |= set(wording(first).words)
        own = set(wording(first).words)
    else:
        own = set()
    title |= _UNITS
    counted = frozenset(own | _UNITS)
    telling = {word for word, count in seen.items() if count > (word in own)}
    weights |= dict.fromkeys(title - telling, _IN_TITLE)
    return Context(weights, frozenset(title - telling), frozenset(word for word in seen if seen[word] == 1), counted)


def _with_siblings(columns: Sequence[Column]) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """For each column path the words that tell its group's other columns from it, and those most of them share."""
    described = {c.column_path: _ways(c.column_path.split(SEPARATOR))[-1] for c in columns}
    first = columns[0].column_path
    common = set(wording(columns[0].title).words) | (set(wording(first).words) if first.startswith("Total") else set())
    found = {}
    for path, own in described.items():
        group = path.rpartition(SEPARATOR)[0]
        others = [d for p, d in described.items()
                  if p != path and p.rpartition(SEPARATOR)[0] == group and not d.pure_total]  # fmt: skip
        words = Counter(word for other in others for word in set(other.leaf))
        rivals = frozenset(set(words) - set(own.leaf) - common)
        shared = frozenset(word for word in own.leaf if group and 2 * words[word] >= len(others) > 1)
        found[path] = rivals, shared
    return found


def score(label: Wording, described: _Description, context: Context) -> float:
    """How near a label is to one way of naming a column: 0 when a word speaks against it."""
    leaf, group = described.leaf, described.group
    if described.pure_total:
        leaf, group = leaf | group, Counter()
    if not label.words.keys() & leaf.keys():
        return 0.0
    # "Domestic abuse: domestic abuse Total" says it twice.
    echo = set(leaf) if described.total and label.total else set()
    free_leaf, free_group = Counter(leaf), Counter(group)
    extra: Counter[str] = Counter()
    explained = 0.0
    for word, times in label.words.items():
        for _ in range(times):
            for free in (free_leaf, free_group):
                if free[word] > 0:
                    free[word] -= 1
                    explained += context.weight(word)
                    break
            else:
                if word not in echo:
                    extra[word] += 1
    missing = {word for word, times in free_leaf.items() if times > 0}
    idle = {word for word, times in free_group.items() if times > 0}
    if _contradicts(label, extra, missing, idle, described, context):
        return 0.0
    # "Other" by itself is other than its neighbours, and "Other household types" is a column of another table.
    is_rest = set(leaf) == {"other"}
    spare = sum(
        (_UNKNOWN_WORD if is_rest and word not in context.counted else context.weight(word)) * times
        for word, times in extra.items()
        if word not in context.title or (is_rest and word not in context.counted)
    )
    precision = explained / (explained + spare) if explained else 0.0

    def weight(word: str) -> float:
        weighed = context.weight(word) * (_ASIDE if word in described.weightless else 1)
        if word in described.shared:
            weighed *= _ASIDE
        is_name = word not in described.leaf or word in _UNITS
        return weighed * (_GROUP_IN_TOTAL if described.pure_total and is_name else 1)

    whole = sum(weight(word) for word in leaf) or 1e-9
    of_leaf = sum(weight(word) for word in leaf if word not in missing) / whole
    if described.pure_total and label.total:
        of_leaf = math.sqrt(of_leaf)  # The name of a group is long and is often cut short.
    telling = {word for word in leaf if word in context.unique and word not in described.weightless}
    if telling and not telling & missing and precision >= _ALL_EXPLAINED and not described.pure_total:
        of_leaf = max(of_leaf, LEAST_SCORE)
    if precision < _LEAST_PRECISION or of_leaf < _LEAST_OF_LEAF or max(precision, of_leaf) < _LEAST_OF_ONE:
        return 0.0
    recall = of_leaf
    if group:
        of_group = sum(weight(w) for w in group if w not in idle) / (sum(weight(w) for w in group) or 1e-9)
        recall = (1 - _OF_GROUP) * of_leaf + _OF_GROUP * math.sqrt(of_group)
    found = 2 * precision * recall / (precision + recall)
    if (set(extra) - context.title) & described.rivals:
        found *= _OF_A_RIVAL
    if label.total and not described.total:
        return found * 0.75
    return found * (0.93 if described.pure_total and not label.total else 1.0)


def _contradicts(
    label: Wording,
    extra: Counter[str],
    missing: set[str],
    idle: set[str],
    described: _Description,
    context: Context,
) -> bool:
    """Whether a word of the label speaks against the column."""
    own = set(described.leaf) | set(described.group)
    if (WITHOUT in label.words) != (WITHOUT in own) or (WITH_CHILDREN in label.words and WITH_CHILDREN not in own):
        return True
    numbers = {word for word in extra if is_number(word) and word not in context.title and word not in own}
    if numbers:
        return True
    if any(is_number(word) for word in missing) and label.numbers - own:
        return True
    if ("retir" in label.words) != ("retir" in own):
        return True
    for word in set(label.words) | set(own):
        if word.startswith("not_"):
            plain = word.removeprefix("not_")
            on_label, on_column = word in label.words, word in own
            if on_label and not on_column and plain in own and plain not in label.words:
                return True
            if on_column and not on_label and plain in label.words and plain not in own:
                return True
    of = opposites()
    return any(word in of and not of[word].isdisjoint(missing | idle) for word in extra)


@dataclass(frozen=True)
class Heading:
    """One column of figures of a sheet: its place from 0, and its label or labels run together."""

    column: int
    text: str


@dataclass(frozen=True)
class Found:
    """What a heading was taken for, or, without ``key``, the candidates that were too near each other."""

    heading: Heading
    key: Key | None
    confidence: str
    score: float
    margin: float
    candidates: tuple[Candidate, ...]


class Matcher:
    """The known columns of one table, as a label may name them."""

    def __init__(self, columns: Sequence[Column], other_names: dict[Key, list[tuple[str, ...]]]) -> None:
        self.columns = tuple(columns)
        self.context = context_of(self.columns)
        siblings = _with_siblings(self.columns)
        self.described = {
            (c.column_path, c.measure): [
                replace(way, rivals=siblings[c.column_path][0], shared=siblings[c.column_path][1])
                for names in (tuple(c.column_path.split(SEPARATOR)), *other_names.get((c.column_path, c.measure), ()))
                for way in _ways(names)
            ]
            for c in self.columns
        }

    def scores(self, heading: Heading) -> dict[Key, float]:
        """How near each known column is to a heading, where it is near at all."""
        label = wording(heading.text)
        found = {}
        for key, ways in self.described.items():
            if not _fits_measure(label.measure, key[1]):
                continue
            best = max(score(label, way, self.context) for way in ways)
            if best > 0:
                found[key] = best
        return found

    def allowed(self, heading: Heading) -> dict[Key, float]:
        """As ``scores``; a bare "Total" may be the total of any group."""
        label = wording(heading.text)
        if not label.total or label.measure or set(label.words) - _UNITS:
            return self.scores(heading)
        totals = [key for key, ways in self.described.items() if key[1] == "count" and ways[0].pure_total]
        return dict.fromkeys(totals, LEAST_SCORE)

    def match(self, headings: Sequence[Heading], taken: set[Key]) -> list[Found]:
        """What each heading is, in the order given; ``taken`` are columns that other headings are for certain."""
        scores = [self.scores(heading) for heading in headings]
        settled: dict[int, Found] = {}
        free = {key for key in self.described if key not in taken}
        while True:
            sure = []
            for at, near in enumerate(scores):
                if at in settled or not near:
                    continue
                best = max(near.values())
                key = min((k for k in near if near[k] == best), key=str)
                if key not in free or best < LEAST_SCORE:
                    continue
                if any(near[k] > best - _MARGIN_TO_TAKEN for k in near if k != key and k not in free):
                    continue
                rivals = [near[k] for k in near if k != key and k in free]
                others = [s[key] for i, s in enumerate(scores) if i != at and i not in settled and key in s]
                margin = best - max([0.0, *rivals, *others])
                if margin >= LEAST_MARGIN:
                    sure.append((margin, best, at, key))
            if not sure:
                break
            margin, best, at, key = max(sure, key=lambda s: (s[0], s[1], -s[2]))
            settled[at] = Found(headings[at], key, BY_WORDS, best, margin, _candidates(scores[at]))
            free.discard(key)
        return [
            settled.get(at, Found(heading, None, "", 0.0, 0.0, _candidates(scores[at])))
            for at, heading in enumerate(headings)
        ]


def _candidates(near: dict[Key, float]) -> tuple[Candidate, ...]:
    best = sorted(near.items(), key=lambda item: (-item[1], item[0]))[:2]
    return tuple(Candidate(path, measure, round(value, 3)) for (path, measure), value in best)


def _fits_measure(said: str, measure: str) -> bool:
    if said in (PERCENT, RATE):
        return measure == said
    if said == THOUSANDS:
        return measure == THOUSANDS
    return measure in ("count", "days", THOUSANDS)
