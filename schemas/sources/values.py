"""Where one section column comes from: the keys of a column of a section in a source profile."""

from __future__ import annotations

import difflib
from fractions import Fraction
from typing import Any

from schemas.codelists import CodeList, codelist
from schemas.codelists.spellings import codes_meant, fold
from schemas.sections import SECTION, Column
from schemas.sources.checked import known, mapping, suggest, texts
from schemas.sources.profile import ProfileError, Source
from schemas.sources.shapes import lookup_of

SOURCE_KEYS = (
    "column",
    "columns",
    "join",
    "constant",
    "replace",
    "split",
    "part",
    "codes",
    "separator",
    "on",
    "per",
    "optional",
    "codes_from",
)

FLAGS = ("yes", "no")
"""What the spellings of a flag stand for."""

EXPORT = "export"
AGE_DAYS = (EXPORT, "application_date", "assess_date")
"""Days on which an age may have been taken: that of the export, or a day of the case in ``main``."""

PERIODS = {
    "night": Fraction(1),
    "week": Fraction(7),
    "month": Fraction(36525, 1200),
    "4 weeks": Fraction(28),
    "fortnight": Fraction(14),
    "year": Fraction(36525, 100),
}
"""Nights of the periods that a rate may be for; a month is a twelfth of a year, a year 365¼ days."""

_PART = (
    "part is the number of the piece to take, from 1, and -1 is the last; [2, -1] takes the second to the last,"
    ' "rest" all after the first.'
)


def source_of(data: Any, section: str, name: str, place: str) -> Source:
    """What a column of a section is given.

    Raises:
        ProfileError: a key or a value of it is not understood, or does not go with the field.
    """
    if isinstance(data, str):
        return Source((data,), optional=name == "la_code")
    data = mapping(data, place)
    known(data, SOURCE_KEYS, place)
    given = [key for key in ("column", "columns", "constant") if key in data]
    if len(given) != 1:
        raise ProfileError(f"{place}: give one of column, columns or constant.")
    columns = texts(data["columns"], place) if "columns" in data else ()
    if "column" in data:
        columns = (str(data["column"]),)
    field = SECTION[section].column(name)
    part, last = _part(data.get("part", 1), place)
    if "part" in data and not data.get("split"):
        raise ProfileError(f"{place}: part needs split, the text that parts the pieces of the cell.")
    # An export of one authority seldom says which; the command line does.
    soft = bool(data.get("optional", name == "la_code"))
    return Source(
        columns=columns,
        join=str(data.get("join", " ")),
        constant=str(data["constant"]) if "constant" in data else None,
        replace=_replace(data.get("replace", {}), place),
        split=str(data["split"]) if data.get("split") else None,
        part=part,
        last=last,
        codes=_codes(data["codes"], field, f"{place}.codes") if "codes" in data else {},
        separator=str(data.get("separator", ";")),
        codes_from=lookup_of(data["codes_from"], f"{place}.codes_from") if "codes_from" in data else None,
        on=_on(data["on"], field, place) if "on" in data else None,
        per=_per(data["per"], field, place) if "per" in data else "night",
        optional=soft,
    )


def two_digit_years(data: Any) -> int | None:
    """The last of the hundred years that two digits stand for, if any.

    Raises:
        ProfileError: it is no year with four digits.
    """
    if data is None or (isinstance(data, int) and not isinstance(data, bool) and 1999 <= data <= 2099):
        return data
    raise ProfileError(
        "options.two_digit_years is the last year that two digits may mean, from 1999 to 2099, such as 2035: then 35"
        " means 2035 and 36 means 1936."
    )


def spellings(data: Any, list_name: str, place: str) -> dict[str, str]:
    """Code by spelling for a whole list; the profile may name the code, its label or an alias of it.

    Raises:
        ProfileError: a text is none of these, may be several codes, or one spelling is given two codes.
    """
    if "" in mapping(data, place):
        raise ProfileError(f"{place}: what an empty cell means is said by codes of one column, not of a whole list.")
    return _meant(data, list_name, place)


def _meant(data: Any, list_name: str, place: str) -> dict[str, str]:
    codes = codelist(list_name)
    found = {str(raw): _code(str(meant), codes, place) for raw, meant in mapping(data, place).items()}
    return _without_clash(found, place)


def _code(text: str, codes: CodeList, place: str) -> str:
    meant = codes_meant(text, codes)
    if len(meant) > 1:
        raise ProfileError(f'{place}: "{text}" may be {" or ".join(meant)} of the list {codes.name}; write the code.')
    if not meant:
        shown = {fold(one): one for one in (*codes.aliases, *(one.label for one in codes.codes.values()), *codes.codes)}
        near = difflib.get_close_matches(fold(text), shown, n=1, cutoff=0.6)
        said = f'"{text}" is not known; did you mean "{shown[near[0]]}"?' if near else suggest(text, codes.codes)
        raise ProfileError(f"{place}: {said}")
    return meant[0]


def _without_clash(found: dict[str, str], place: str) -> dict[str, str]:
    """The spellings, if none of them is there twice but for case or white space."""
    seen: dict[str, str] = {}
    for raw, code in found.items():
        if seen.setdefault(fold(raw), code) != code:
            raise ProfileError(f'{place}: "{raw}" is given twice, once for {seen[fold(raw)]} and once for {code}.')
    return found


def _codes(data: Any, field: Column, place: str) -> dict[str, str]:
    if field.kind == "flag":
        words = {str(raw): _flag(meant, place) for raw, meant in mapping(data, place).items()}
        return _without_clash(words, place)
    if field.codelist is None:
        raise ProfileError(
            f"{place}: this field has no code list and is not answered by yes or no, so it takes no codes."
        )
    return _meant(data, field.codelist, place)


def _flag(meant: Any, place: str) -> str:
    word = {True: "yes", False: "no"}.get(meant, "") if isinstance(meant, bool) else fold(str(meant))
    if word not in FLAGS:
        raise ProfileError(f'{place}: a spelling of this field stands for "yes" or "no".')
    return word


def _on(data: Any, field: Column, place: str) -> str:
    if (field.section, field.name) != ("people", "age"):
        raise ProfileError(f"{place}: this field is not an age, so it takes no on.")
    if data not in AGE_DAYS:
        raise ProfileError(
            f"{place}.on: {suggest(str(data), AGE_DAYS)} For the day in a column of the export write"
            ' age_date = "Heading".'
        )
    return str(data)


def _per(data: Any, field: Column, place: str) -> str:
    if not field.is_nightly:
        raise ProfileError(f"{place}: this field is not an amount for one night, so it takes no per.")
    if data not in PERIODS:
        raise ProfileError(f"{place}.per: {suggest(str(data), PERIODS)}")
    return str(data)


def _replace(data: Any, place: str) -> dict[str, str]:
    found = {}
    for old, new in mapping(data, f"{place}.replace").items():
        if not isinstance(new, str) or not old:
            raise ProfileError(f'{place}.replace: write {{ "old text" = "new text" }}; the new text may be "".')
        found[str(old)] = new
    return found


def _part(data: Any, place: str) -> tuple[int, int | None]:
    """The first piece that is taken, and the last one where there may be several."""
    if data == "rest":
        return 2, -1
    if isinstance(data, list) and len(data) == 2 and all(_is_piece(one) for one in data):
        first, last = data
        if (first > 0) == (last > 0) and first > last:
            raise ProfileError(f"{place}: part names its first piece before its last one.")
        return first, last
    if not _is_piece(data):
        raise ProfileError(f"{place}: {_PART}")
    return data, None


def _is_piece(data: Any) -> bool:
    return isinstance(data, int) and not isinstance(data, bool) and data != 0


def shown_part(source: Source) -> str:
    """The pieces that are taken, in words: ``2``, or ``2 to -1``."""
    return str(source.part) if source.last is None else f"{source.part} to {source.last}"
