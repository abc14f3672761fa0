"""Sentences made of words, days and traced figures. Words hold no digit, so that no figure goes untraced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from pipelines import shown
from pipelines.emit.pages.words import day
from pipelines.period import Quarter
from pipelines.report.quantities import Quantity

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Said:
    """A traced figure as it is printed."""

    printed: str
    quantity: Quantity
    unit: str


@dataclass(frozen=True)
class When:
    """A day, month or quarter in words."""

    words: str


@dataclass(frozen=True)
class Fixed:
    """Words with a number that law or method fixes and no case changes: ``past 56 days of relief``, ``95%``."""

    words: str


@dataclass(frozen=True)
class Name:
    """A label of a list of codes or groups, as it stands in the metric: ``56 days elapsed``."""

    words: str


Part = str | Said | When | Fixed | Name


@dataclass(frozen=True)
class Sentence:
    """One or more plain sentences that belong together."""

    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        loose = [part for part in self.parts if isinstance(part, str) and _DIGIT.search(part)]
        if loose:
            raise ValueError("A number stands in the words of a sentence, where nothing says what it rests on.")

    @property
    def text(self) -> str:
        """The words as they are read."""
        return "".join(part if isinstance(part, str) else words_of(part) for part in self.parts)

    @property
    def figures(self) -> tuple[Said, ...]:
        """Its traced figures, in reading order."""
        return tuple(part for part in self.parts if isinstance(part, Said))

    def __add__(self, other: Sentence) -> Sentence:
        return Sentence((*self.parts, " ", *other.parts))


def words_of(part: Said | When | Fixed | Name) -> str:
    return part.printed if isinstance(part, Said) else part.words


def sentence(*parts: Part) -> Sentence:
    """A sentence of these parts."""
    return Sentence(parts)


def said(quantity: Quantity, unit: str = "") -> Said:
    """A figure for reading. ``unit``: empty for counts, ``£``, ``%``, ``points`` (of a percentage), ``days``,
    ``rate`` (a published rate, to two places as printed), ``fraction`` (a published share, as a percentage)."""
    return Said(printed(quantity, unit), quantity, unit)


def about(quantity: Quantity, unit: str = "") -> Said:
    """A figure in a sentence: ``702``; of a rounded count ``about 700``, ``fewer than 5`` if it is rounded to 0."""
    if not quantity.slack:
        return said(quantity, unit)
    text = f"about {printed(quantity, unit)}" if quantity.value else f"fewer than {quantity.slack + 1}"
    return Said(text, quantity, unit)


def printed(quantity: Quantity, unit: str) -> str:
    """The words of a value in its unit; ``%`` and ``points`` are of whole percentage points."""
    value = quantity.value
    if unit == "£":
        return shown.money(value)
    if unit == "rate":
        return f"{shown.rounded(value, 2):,}"
    if unit == "fraction":
        return shown.percentage(value)
    if unit == "days":
        return f"{shown.median_days(value)} day{'' if value == 1 else 's'}"
    text = shown.count(value)
    if unit == "points":
        return f"{text} percentage point{'' if text == '1' else 's'}"
    return f"{text}%" if unit == "%" else text


def on(value: date) -> When:
    """``on 30 September 2025``, without the ``on``."""
    return When(day(value))


def quarter_words(value: Quarter) -> When:
    """``July to September 2025``."""
    return When(value.words)
