"""How codes are spelt in exports and profiles: a code, its label or an alias, compared folded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from schemas.codelists import CodeList, codelist

_DASHES = str.maketrans(
    {"‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "\u00a0": " ", "’": "'", "‘": "'"}
    # Marks that take no room: a soft hyphen, joiners, what makes a tick a picture, a byte-order mark within a cell.
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufe0f\ufeff")
)
_SPACE = re.compile(r"\s+")


def plain(text: str) -> str:
    """The text without marks that take no room, with single spaces, plain hyphens and plain apostrophes."""
    return _SPACE.sub(" ", text.translate(_DASHES)).strip()


def fold(text: str) -> str:
    """The same without case."""
    return plain(text).casefold()


@cache
def exact_codes(list_name: str) -> Mapping[str, str]:
    """Codes, labels and spellings of a list as they stand, each with its code."""
    known = codelist(list_name)
    found: dict[str, str] = {}
    # A label that two codes share means the one still in use: Barnsley is E08000038, once E08000016.
    for code in sorted(known.codes.values(), key=lambda one: one.extra.get("active_code", one.code) != one.code):
        found.setdefault(code.label, code.code)
    found |= known.aliases
    return found | {code: code for code in known.codes}


@cache
def folded_codes(list_name: str) -> Mapping[str, str]:
    """As ``exact_codes``, keyed by folded text; a code beats a label of the same spelling."""
    found: dict[str, str] = {}
    for raw, code in reversed(list(exact_codes(list_name).items())):
        found.setdefault(fold(raw), code)
    return found


def codes_meant(text: str, known: CodeList) -> tuple[str, ...]:
    """Codes of the list that the text may stand for: a code, the name it had, its label or an alias; sorted.

    A code beats labels; a label that codes share means the one still in use.
    """
    if known.current(text) in known:
        return (known.current(text),)
    wanted = fold(text)
    if found := {code for code in known.codes if fold(code) == wanted}:
        return tuple(sorted(found))
    spelt = [(code.label, code.code) for code in known.codes.values()] + list(known.aliases.items())
    found = {code for label, code in spelt if fold(label) == wanted}
    in_use = {code for code in found if known.codes[code].extra.get("active_code", code) == code}
    return tuple(sorted(in_use or found))
