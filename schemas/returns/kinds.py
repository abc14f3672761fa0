"""Which kind of TOML value each entry of a profile takes: a wrong one is named, whatever it is."""

from __future__ import annotations

from typing import Any, get_args

from schemas.returns.profile import Empty, ProfileError

TEXT, NUMBER, FLAG, CODE = "text", "a whole number", "true or false", "text or a number"
ANY = "*"
"""Key of a table whose keys are free."""
_TYPES: dict[str, tuple[type, ...]] = {TEXT: (str,), NUMBER: (int,), FLAG: (bool,), CODE: (str, int, float)}

Kind = str | list[Any] | dict[str, Any] | tuple[Any, ...]
"""A kind of value, ``[kind]`` for a list, ``{key: kind}`` for a table, a tuple for one or another."""

_TEXTS: Kind = {ANY: TEXT}
_CODES: Kind = {ANY: CODE}
_FILTER: Kind = {ANY: (CODE, [CODE])}
_COLUMN: Kind = (TEXT, [TEXT], {"path": (TEXT, [TEXT]), "join": TEXT})
_GROUP: Kind = {
    **dict.fromkeys(("name", "section", "path", "under", "within"), TEXT),
    **{key: [TEXT] for key in ("filled", "unfilled", "match")},
    "columns": (TEXT, {ANY: _COLUMN}),
    "constants": _CODES,
    "where": _FILTER,
    "unless": _FILTER,
    "by": _TEXTS,
    "slots": NUMBER,
    "count": FLAG,
    "repeat": FLAG,
}
_FILE: Kind = {
    **dict.fromkeys(("schema", "schematron", "phase", "path", "header_dates", "form", "schema_location"), TEXT),
    "header": {ANY: (TEXT, _TEXTS)},
    "constants": _CODES,
    "missing": CODE,
    "batch": NUMBER,
    "group": [_GROUP],
}
PROFILE: Kind = {
    **dict.fromkeys(("name", "dates", "empty"), TEXT),
    **dict.fromkeys(("date_formats", "empties", "leave_out"), _TEXTS),
    "version": CODE,
    "provisional": FLAG,
    "flags": _CODES,
    "missing": (CODE, _CODES),
    "other_codes": (TEXT, _TEXTS),
    "codes": {ANY: _CODES},
    "unused": {ANY: [CODE]},
    "return": {"form": TEXT, "batch": NUMBER},
    "case": _FILE,
    "personal": _FILE,
}


def check_kinds(raw: dict[str, Any]) -> None:
    """Hold every entry of a profile to its kind. Entries that are not known are left to the reader.

    Raises:
        ProfileError: an entry is of another kind, or ``empty`` is none of its words.
    """
    _check(raw, PROFILE, ())
    for name in [raw.get("empty", "omit"), *raw.get("empties", {}).values()]:
        if name not in get_args(Empty):
            raise ProfileError(f"empty and [empties] must be one of {', '.join(get_args(Empty))}.")


def _check(value: Any, kind: Kind, path: tuple[str, ...]) -> None:
    if not _fits(value, kind):
        raise ProfileError(f"profile.toml: {_where(path)} must be {_words(kind)}.")
    if isinstance(kind, tuple):
        kind = next(one for one in kind if _fits(value, one))
    if isinstance(kind, list):
        for number, one in enumerate(value, 1):
            _check(one, kind[0], (*path, str(number)))
    elif isinstance(kind, dict):
        for key, one in value.items():
            inner = kind.get(key, kind.get(ANY))
            if inner is not None:
                _check(one, inner, (*path, key))


def _fits(value: Any, kind: Kind) -> bool:
    if isinstance(kind, tuple):
        return any(_fits(value, one) for one in kind)
    if isinstance(kind, str):
        return isinstance(value, _TYPES[kind]) and (kind == FLAG or not isinstance(value, bool))
    return isinstance(value, type(kind))


def _words(kind: Kind) -> str:
    if isinstance(kind, tuple):
        return " or ".join(dict.fromkeys(_words(one) for one in kind))
    if isinstance(kind, str):
        return kind
    return "a list" if isinstance(kind, list) else "a table"


def _where(path: tuple[str, ...]) -> str:
    first, *rest = path
    return f"[{first}] {', '.join(rest)}" if rest else first
