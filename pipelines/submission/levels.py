"""How thoroughly each section of a return was checked, as it is given on the command line or in a file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipelines.errors import InputError, UsageError
from pipelines.side_files import read_rows
from pipelines.warehouse.sign_offs import LEVELS
from schemas.sections import SECTION, SECTIONS

ALL = "all"
"""Stands for every section of which nothing was said."""


def read_levels(given: Iterable[str], before: Mapping[str, str] | None = None) -> dict[str, str]:
    """Level by section, of ``main=audited,people=sampled`` or the name of a CSV or TOML file; several are joined.

    A section that is named has its level from there; ``all`` gives one to those that were given none ``before`` either.

    Raises:
        UsageError: a section or a level is not known, or a section has two levels.
        InputError: the file cannot be read.
    """
    found: dict[str, str] = {}
    for text in given:
        for name, level in _pairs(text):
            section, word = _folded(name), _folded(level)
            if section != ALL and section not in SECTION:
                raise UsageError(f"There is no section {name}. The sections are: {', '.join(SECTION)}.")
            if word not in LEVELS:
                raise UsageError(f"{level} is no level of checking. Give one of: {', '.join(LEVELS)}.")
            if found.setdefault(section, word) != word:
                raise UsageError(f"The section {section} is given two levels of checking. Give one.")
    every = found.pop(ALL, None)
    return ({one.name: every for one in SECTIONS} if every else {}) | dict(before or {}) | found


def sections_without(levels: Mapping[str, str]) -> list[str]:
    """The sections that have no level, in the order of the return."""
    return [one.name for one in SECTIONS if one.name not in levels]


def _pairs(text: str) -> list[tuple[str, str]]:
    path = Path(text)
    if "=" not in text or path.suffix.lower() in (".csv", ".toml"):
        return _of_file(path)
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    return [(name.strip(), level.strip()) for name, _, level in parts]


def _of_file(path: Path) -> list[tuple[str, str]]:
    """A CSV of section and level, or a TOML file of ``section = "level"``."""
    if path.suffix.lower() != ".toml":
        rows = read_rows(path, ("section", "level"), what="file of levels of checking")
        return [(row.cells["section"], row.cells["level"]) for row in rows]
    try:
        return [(name, str(level)) for name, level in tomllib.loads(path.read_text(encoding="utf-8")).items()]
    except (OSError, UnicodeDecodeError):
        raise InputError(f"The file {path.name} with the levels of checking cannot be read.") from None
    except tomllib.TOMLDecodeError:
        raise UsageError(f'The file {path.name} is not valid TOML. Write lines like: main = "audited".') from None


def _folded(word: str) -> str:
    return word.strip().lower().replace(" ", "_").replace("-", "_")
