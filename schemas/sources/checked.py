"""Pieces of a source profile, each checked as it is taken: the piece, or the sentence that refuses it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from schemas.sources.errors import ProfileError


def known(data: Mapping[str, Any], allowed: Iterable[str], place: str) -> None:
    """Refuse a key that is not among the allowed ones, with the nearest that is."""
    names = tuple(allowed)
    for key in data:
        if key not in names:
            raise ProfileError(f"{place}: {suggest(key, names)}")


def suggest(word: str, known: Iterable[str]) -> str:
    """A sentence that refuses the word and names what may be meant."""
    names = tuple(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f'"{word}" is not known; did you mean "{near[0]}"?'
    shown = listed(names) if len(names) <= 20 else "see schemas/sources/README.md"
    return f'"{word}" is not known; it may be {shown}.' if len(names) <= 20 else f'"{word}" is not known; {shown}.'


def mapping(data: Any, place: str) -> Mapping[str, Any]:
    """The data, if it is a block of keys."""
    if not isinstance(data, Mapping):
        raise ProfileError(f"{place} is a block of keys, not a single value.")
    return data


def values(data: Mapping[str, Any], place: str) -> dict[str, tuple[str, ...]]:
    """Values by heading; a single one may stand without brackets."""
    return {str(key): texts([one] if isinstance(one, str) else one, place) for key, one in data.items()}


def texts(data: Any, place: str) -> tuple[str, ...]:
    """The data, if it is a list of texts."""
    if not isinstance(data, list) or not all(isinstance(one, str) for one in data):
        raise ProfileError(f'{place} is a list of texts: ["one", "two"].')
    return tuple(data)


def listed(names: Iterable[str]) -> str:
    """The names as an enumeration: a, b and c."""
    items = list(names)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
