"""Source profiles: which file and heading of an export feeds which column of which section.

One TOML file a case-management system; every key is described in ``schemas/sources/README.md``.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path

from schemas.sources.checked import listed
from schemas.sources.profile import DATE_FORMATS, DEFAULT_DATES, Feed, Profile, ProfileError, Source, Table
from schemas.sources.reader import parse

__all__ = [
    "DATE_FORMATS",
    "DEFAULT_DATES",
    "Feed",
    "Profile",
    "ProfileError",
    "Source",
    "Table",
    "blanks",
    "load",
    "parse",
    "profile_names",
]


def profile_names() -> tuple[str, ...]:
    """Names of the shipped profiles, sorted."""
    return tuple(
        sorted(
            entry.name.removesuffix(".toml") for entry in files(__package__).iterdir() if entry.name.endswith(".toml")
        )
    )


def load(name: str) -> Profile:
    """The shipped profile of that name, or the one in the file of that path.

    Raises:
        ProfileError: there is no such profile, or it holds something that is not understood.
    """
    if name in profile_names():
        return _shipped(name)
    path = Path(name)
    if not path.is_file():
        raise ProfileError(
            f"There is no source profile of that name or path; the shipped ones are {listed(profile_names())}."
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise ProfileError("The source profile cannot be read as a UTF-8 text file.") from None
    return parse(text, path.stem)


@cache
def _shipped(name: str) -> Profile:
    return parse((files(__package__) / f"{name}.toml").read_text(encoding="utf-8"), name)


@cache
def blanks() -> tuple[tuple[str, bool, bool], ...]:
    """Cell texts that mean "nothing", in lower case, and whether they do so in free text and in columns of codes too.

    What is unknown is a code in many lists, so only days, numbers and answers by yes or no are empty for it.
    """
    with (files(__package__) / "blanks.csv").open(encoding="utf-8") as handle:
        return tuple(
            (row["value"].casefold(), row["in_text"] == "yes", row["in_codes"] == "yes")
            for row in csv.DictReader(handle)
        )
