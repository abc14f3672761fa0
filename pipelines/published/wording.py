"""The words that a heading says: abbreviations written out, numbers, ages and lengths of time in one spelling.

Two labels that say the same in other words give the same tokens, as far as ``schemas/tables/heading_words.csv``
and the spellings of numbers below know of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pipelines.published.headings import read_data

PERCENT, RATE, THOUSANDS = "percent", "rate", "thousands"
TOTAL = "total"
WITHOUT = "without"
WITH_CHILDREN = "withchildren"

_NOTE = re.compile(r"[\[(]\s*notes?\s+[\d ,and]+[\])]|[\u00b9\u00b2\u00b3\u2070-\u2079]", re.IGNORECASE)
_RATE = re.compile(
    r"\b(?:rate\s+)?per\s+\(?'?(?:1,?000s?|000'?s|thousands?)\)?(?:\s+households?\b(?:\s+in\s+(?:the\s+)?area)?)?|\brates?\b"
)
_PERCENT = re.compile(
    r"(?:%|\b(?:per\s?cent(?:age)?s?|percentages?|proportion|pct)\b)(?:\s+of\b(?:\s+(?:the\s+|all\s+)?total\b)?)?"
)
_THOUSANDS = re.compile(r"\(?\s*(?:\bin\s+)?(?:'?\b000'?s\b|\bthousands?\b)\s*\)?")
_MONTHS = r"(?:months?|mths?)"
_YEARS = r"(?:years?|yrs?)"
_AND_UP = r"(?:or|and)\s+(?:over|above|more|older|longer|upwards)"
_RANGE_TO = r"\s*(?:-|to|/|up to|and|or)\s*(?:(?:less|fewer)\s+than\s+|under\s+|up to\s+)?"
# Each turns one spelling of a number into a token; the first that fits is taken, in this order.
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), token)
    for pattern, token in (
        (rf"\b(\d+)\s*{_MONTHS}{_RANGE_TO}(\d+)\s*{_YEARS}", r" span_\1m_\2y "),
        (rf"\b(\d+)\s*{_MONTHS}?{_RANGE_TO}(\d+)\s*{_MONTHS}", r" span_\1m_\2m "),
        (rf"(?:less|fewer) than\s+(\d+)\s*{_MONTHS}|(?:under|up to|below|<)\s*(\d+)\s*{_MONTHS}", r" below_\1\2m "),
        (rf"(?:more than|over|at least|>)\s*(\d+)\s*{_MONTHS}|\b(\d+)\s*(?:\+\s*{_MONTHS}|{_MONTHS}\s+{_AND_UP}"
         rf"|{_AND_UP}\s+{_MONTHS})", r" above_\1\2m "),
        (r"\b(\d{1,2})\s+(?=(\d{1,2})\b)(\d{1,2})\b", r" \1-\2 "),
        (r"\b(\d{1,2})\s*(?:-|–|to|/|and|or)\s*(\d{1,2})\b(?!\s*(?:weeks?|days?))", r" \1-\2 "),
        (rf"(?:more than|over|at least|>)\s*(\d+)\b|\b(\d+)\s*(?:\+|plus\b|(?:{_YEARS}\s+)?(?:old\s+)?{_AND_UP})",
         r" above_\1\2 "),
        (r"(?:less than|fewer than|under|below|<)\s*(\d+)(?:\s*'?s\b)?", r" below_\1 "),
        (r"\bs(?:ection)?\.?\s?(\d+[a-z]?)\b", r" section \1 "),
    )
)  # fmt: skip
_IN_MONTHS = re.compile(r"span_(\d+)m_(\d+)([my])|above_(\d+)m")
_TOKEN = re.compile(r"(?:above|below)_\d+m?|span_\d+_\d+|\d+-\d+|[a-z0-9]+")
_NEGATIONS = frozenset(["not", "non", "no", "never", "nor", "neither"])
_UNTOUCHED = frozenset(["rented", "housing", "notknown", "arrears", WITHOUT, WITH_CHILDREN])
_ENDINGS = (
    "isations", "isation", "ations", "ation", "ances", "ance", "ments", "ment", "ings", "ing", "ions", "ion", "als",
    "al", "ities", "ity", "edly", "ed", "ly", "ies", "es", "s", "e", "y",
)  # fmt: skip
_SHORTEST_STEM = 4


@dataclass(frozen=True)
class Wording:
    """What one label says: its words with how often each stands there, which are numbers, what it measures.

    ``measure`` is percent, rate, thousands, or empty where the label does not say. ``aside`` are the words
    that stand in brackets.
    """

    words: Counter[str]
    aside: frozenset[str]
    measure: str
    total: bool

    @property
    def numbers(self) -> frozenset[str]:
        """Those of the words that are numbers, ages or lengths of time."""
        return frozenset(word for word in self.words if is_number(word))


@lru_cache(maxsize=4096)
def is_number(word: str) -> bool:
    """Whether a word is a number, an age, a span or a length of time."""
    return any(character.isdigit() for character in word)


@dataclass(frozen=True)
class _Vocabulary:
    short: dict[str, tuple[str, ...]]
    phrases: dict[tuple[str, ...], tuple[str, ...]]
    longest: int
    numbers: dict[str, str]
    empty: frozenset[str]


@lru_cache(maxsize=1)
def _vocabulary() -> _Vocabulary:
    rows: dict[str, dict[str, str]] = {}
    for row in read_data("heading_words.csv"):
        rows.setdefault(row["kind"], {})[row["printed"]] = row["means"]
    phrases = {tuple(printed.split()): tuple(means.split()) for printed, means in rows["phrase"].items()}
    return _Vocabulary(
        short={printed: tuple(means.split()) for printed, means in rows["abbreviation"].items()},
        phrases=phrases,
        longest=max(len(words) for words in phrases),
        numbers=rows["number"],
        empty=frozenset(rows["empty"]),
    )


@lru_cache(maxsize=1)
def opposites() -> dict[str, frozenset[str]]:
    """For a word those of which a column has one where its neighbour has the other: male and female."""
    found: dict[str, set[str]] = {}
    for row in read_data("heading_words.csv"):
        if row["kind"] == "opposites":
            one, other = (stem(word) for word in row["printed"].split())
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in found.items()}


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """A word without its ending: refused, refusal and refusing are one."""
    if word in _UNTOUCHED or is_number(word):
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=8192)
def wording(label: str) -> Wording:
    """Read one label, or the labels of a column path run together."""
    text = _plain(label)
    measure = ""
    for name, pattern in ((PERCENT, _PERCENT), (RATE, _RATE), (THOUSANDS, _THOUSANDS)):
        if pattern.search(text):
            measure = measure or name
            text = pattern.sub(" ", text)
    inside = " ".join(re.findall(r"\(([^()]*)\)", text))
    tokens = list(_tokens(text))
    aside = frozenset(_tokens(inside)) if inside else frozenset()
    outside = Counter(_tokens(re.sub(r"\([^()]*\)", " ", text))) if inside else None
    if outside is not None:
        aside = frozenset(word for word in aside if word not in outside)
    words = Counter(token for token in tokens if token != TOTAL)
    if {"median", "mean"} <= set(words):
        del words["mean"]  # "Average length of stay: median": the average is the heading, the median the figure.
    return Wording(words, aside, measure, TOTAL in tokens)


def _plain(label: str) -> str:
    text = _NOTE.sub(" ", label).casefold()
    text = re.sub(r"[\u2010-\u2015\u2212]", "-", text.replace("_x000d_", " ").replace("_", " "))
    text = re.sub(r"[\u2018\u2019\u201c\u201d\"`]", "'", text)
    text = re.sub(r"\bnos?\.?\s+of\b|\bno\.(?=\s)", " number of", text)
    text = re.sub(r"\bb\s?(?:&|and)\s?b\b", "bandb", text)
    text = text.replace("&", " and ")
    return " ".join(text.split())


def _tokens(text: str) -> Iterator[str]:
    text = re.sub(r"[a-z]+", lambda word: _vocabulary().numbers.get(word[0], word[0]), text)
    for pattern, token in _SPELLINGS:
        text = pattern.sub(token, text)
    text = _IN_MONTHS.sub(_months, text)
    words = _TOKEN.findall(text.replace("'s ", "s ").replace("s' ", "s ").replace("'", ""))
    yield from _negated(_in_full(words))


def _months(match: re.Match[str]) -> str:
    """Months as years where they are whole years: "12 to 24 months" is "1 to 2 years"."""
    if match[4]:
        longer = int(match[4])
        return f"above_{longer // 12}" if longer % 12 == 0 else match[0]
    first, last = int(match[1]), int(match[2]) * (12 if match[3] == "y" else 1)
    if first == 0:
        return f"below_{last}m"
    return f"{first // 12}-{last // 12}" if first % 12 == last % 12 == 0 else f"span_{first}_{last}"


def _in_full(words: list[str]) -> list[str]:
    """Words with phrases in one spelling, abbreviations written out, empty words left out."""
    known = _vocabulary()
    kept = [word for word in words if word not in ("and", "or", "the", "of")]
    told: list[str] = []
    at = 0
    while at < len(kept):
        for length in range(min(known.longest, len(kept) - at), 0, -1):
            means = known.phrases.get(tuple(kept[at : at + length]))
            if means is not None:
                told.extend(means)
                at += length
                break
        else:
            told.append(kept[at])
            at += 1
    full: list[str] = []
    for word in told:
        if word in known.short:
            # "local authority (LA)" says it twice.
            full.extend(means for means in known.short[word] if means not in full)
        else:
            full.append(word)
    # "Heterosexual or straight" is one word twice.
    return [word for at, word in enumerate(full) if at == 0 or word != full[at - 1]]


def _negated(words: list[str]) -> Iterator[str]:
    negation = False
    for word in words:
        if word in _NEGATIONS:
            negation = True
        elif word not in _vocabulary().empty:
            stemmed = word if word == TOTAL else stem(word)
            yield f"not_{stemmed}" if negation else stemmed
            negation = False
