"""Rows of several duties in one table, told apart by a column that names the duty."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pipelines.profiles.context import sections_of
from pipelines.profiles.evidence import Evidence
from pipelines.profiles.names import CONTEXT_WORDS
from pipelines.profiles.words import forms, word_set

DUTIES = ("prevention", "relief", "final_duties")
NAMED = 0.7
"""Share of the cells that must name a duty."""
_IDLE = word_set("duty duties stage owed owe section phase type accept")


def duty_column(columns: Sequence[Evidence], case: int) -> tuple[int, Mapping[str, tuple[str, ...]]] | None:
    """The column that names the duty of a row, and its texts by section; none where there is no such column."""
    for one in columns:
        if one.index == case or not one.is_code_like or one.distinct > 12:
            continue
        found: dict[str, list[str]] = defaultdict(list)
        cells = 0
        for text, often in one.texts.items():
            section = duty_of(text)
            if section is not None:
                found[section].append(text)
                cells += often
        if len(found) >= 2 and one.share(cells) >= NAMED:
            return one.index, {section: tuple(sorted(texts)) for section, texts in found.items()}
    return None


def duty_of(text: str) -> str | None:
    """The one duty that the text names and says nothing else of."""
    sections = [section for section in sections_of(text) if section in DUTIES]
    if len(sections) != 1:
        return None
    rest = set(forms(text)[0]) - CONTEXT_WORDS[sections[0]] - _IDLE
    return sections[0] if not rest else None
