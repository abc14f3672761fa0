"""Messages without what differs from case to case, and the section fields that a portal means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipelines.emit.returns.official import ReturnProfile
from pipelines.emit.returns.plan import Field
from schemas.sections import SECTIONS

GAP = "…"
"""Stands for what was taken out of a message."""
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_TAKEN_OUT = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\"[^\"]*\"|“[^”]*”|‘[^’]*’|(?<!\w)'[^']*'(?!\w)",
        r"\b[EWNS]\d{8}_\d{1,12}\b|\b[EWNS]\d{8}\b",
        r"\b\d{4}-\d{2}-\d{2}(?:[T ][\d:.]+Z?)?\b",
        r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?: \d{1,2}:\d{2}(?::\d{2})?)?\b",
        rf"\b\d{{1,2}}(?:st|nd|rd|th)? {_MONTH} \d{{2,4}}\b|\b{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b",
        # Digits that follow a letter, a dash or a low line belong to a name: s193, ERR_102, L-06.
        r"(?<![\w-])[£]?\d+(?:[.,]\d+)*%?(?!\w)",
    )
]
_WORD = re.compile(r"[a-z]{3,}")
_EMPTY = frozenset(
    {"the", "and", "for", "has", "have", "was", "were", "are", "but", "not", "with", "without", "this", "that", "must"}
    | {"may", "can", "cannot", "should", "which", "when", "where", "from", "been", "being", "than", "then", "there"}
    | {"their", "its", "into", "one", "any", "all", "only", "also", "case", "value", "field", "error", "invalid"}
)
_ENDINGS = ("ations", "ation", "ions", "ion", "ments", "ment", "ings", "ing", "ed", "es", "s", "e")


def normalised(message: str, references: Iterable[str] = ()) -> str:
    """The message without references, dates, numbers and quoted values: alike for every case it is said of."""
    text = message
    for reference in references:
        if reference:
            text = re.sub(rf"(?<!\w){re.escape(reference)}(?!\w)", GAP, text, flags=re.IGNORECASE)
    for pattern in _TAKEN_OUT:
        text = pattern.sub(GAP, text)
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(rf"{GAP}(?:[ ,;/-]*{GAP})+", GAP, text)


def key(message: str) -> str:
    """A normalised message for comparing: letters and digits only."""
    return re.sub(r"[^a-z0-9]+", " ", message.casefold()).strip()


def words(text: str) -> frozenset[str]:
    """The words that say something, without their endings."""
    found = _WORD.findall(text.casefold().replace("_", " "))
    return frozenset(_stem(word) for word in found if word not in _EMPTY)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """How far two sets of words agree: 0 (not at all) to 1."""
    return len(one & other) / len(one | other) if one and other else 0.0


@dataclass(frozen=True)
class FieldNames:
    """Section columns (``section.column``) by every name that they may go under."""

    by_name: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, profile: ReturnProfile | None) -> FieldNames:
        """The names of the catalogue, and of the elements and attributes that a return profile writes."""
        found: dict[str, set[str]] = {}
        for column, name in [*_of_catalogue(), *(_of_profile(profile) if profile is not None else ())]:
            found.setdefault(_fold(name), set()).add(column)
        found.pop("", None)
        return cls({name: frozenset(columns) for name, columns in found.items()})

    def resolved(self, text: str) -> frozenset[str]:
        """The columns that the text of a field names: a name, a path whose last steps count, or several of them."""
        found: set[str] = set()
        for part in re.split(r"[,;|\n]", text):
            steps = [
                re.sub(r"\[[^\]]*\]|@|^\w+:", "", step).strip() for step in part.strip().split("/") if step.strip()
            ]
            for most in range(len(steps), 0, -1):
                known = self.by_name.get(_fold("/".join(steps[-most:])))
                if known:
                    found |= known
                    break
        return frozenset(found)

    def named_in(self, message: str) -> frozenset[str]:
        """The columns that a message names by a name with a low line, as ``RELIEF_END``."""
        found: set[str] = set()
        for token in re.findall(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+", message):
            found |= self.by_name.get(_fold(token), frozenset())
        return frozenset(found)


def _of_catalogue() -> Iterator[tuple[str, str]]:
    for section in SECTIONS:
        for column in section.columns:
            name = f"{section.name}.{column.name}"
            for one in (column.name, name, f"{section.name}/{column.name}", column.element, column.description):
                yield name, one
            for other in (column.official_element, column.number):
                if other:
                    yield name, other


def _of_profile(profile: ReturnProfile) -> Iterator[tuple[str, str]]:
    for file in profile.files.values():
        for leaf in file.plan.leaves:
            if isinstance(leaf.value, Field):
                column = leaf.value.mapped.column
                steps = leaf.label.split("/")[len(file.profile.unit) :] or [leaf.label]
                for most in range(1, len(steps) + 1):
                    yield f"{column.section}.{column.name}", "/".join(steps[-most:])


def _fold(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.casefold())
