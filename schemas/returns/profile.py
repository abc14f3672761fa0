"""What a return profile says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from schemas.codelists import codelist
from schemas.sections import SECTION, Column

FILE_NAME = "profile.toml"
PROVISIONAL = "provisional"
PERSONAL_FILE_COLUMNS = (
    "case_ref",
    "person_no",
    "forename",
    "surname",
    "date_of_birth",
    "sex",
    "nino",
    "last_address",
)
"""Columns of the people section that a personal-data file may carry (privacy notices: hclic-spec 1.3)."""
HEADER_FIELDS = (
    "authority",
    "authority_name",
    "quarter",
    "quarter_words",
    "round",
    "first_day",
    "last_day",
    "as_at",
    "software_version",
    "records",
    "document",
    "documents",
)
MAX_PACK_FILE_BYTES = 32_000_000
DEFAULT_BATCH = 50

Empty = Literal["omit", "empty", "nil"]
OtherCodes = Literal["own", "label", "none"]
FileKind = Literal["case", "personal"]
Form = Literal["one", "per-case", "batch"]


class ProfileError(ValueError):
    """A profile that cannot be read; the text is one sentence."""


@dataclass(frozen=True)
class Place:
    """A path from the element of a row; a last step ``@name`` is an attribute, no step the element's own text."""

    path: tuple[str, ...]
    repeat: int = -1
    """Step (index in ``path``) that is repeated for each code of a multi-code column; -1: not repeated."""


@dataclass(frozen=True)
class Mapped:
    """Where one section column goes."""

    column: Column
    places: tuple[Place, ...]
    """One, or several of which a row uses those in the branch of the XSD that it takes."""
    join: str | None = None
    """Multi-code column: written as one value with this separator."""
    dates: str = "%Y-%m-%d"
    empty: Empty = "omit"
    missing: str | None = None
    """Written instead of a missing value where the XSD demands one."""
    is_missing_by_default: bool = False
    """Said for many columns at once: left unwritten where the XSD does not accept it."""

    @property
    def path(self) -> tuple[str, ...]:
        """Path of the first place."""
        return self.places[0].path


@dataclass(frozen=True)
class Group:
    """Rows of one section, each written as one element (or, with an empty path, into the element around it)."""

    name: str
    section: str
    path: tuple[str, ...]
    columns: tuple[Mapped, ...]
    constants: Mapping[tuple[str, ...], str]
    where: Mapping[str, tuple[str, ...]]
    unless: Mapping[str, tuple[str, ...]]
    filled: tuple[str, ...]
    """Columns that must have a value in a row of the group."""
    unfilled: tuple[str, ...]
    """Columns that must have none."""
    slots: int
    """Empty path only: how many rows fit, a path's ``{n}`` being the number of the row."""
    within: str | None
    match: tuple[str, ...]
    repeat: bool
    """Empty path only: the sequence of the XSD around its elements is repeated for each row."""
    count: bool
    """Whether the recount adds this group's rows to the section's. False where rows are shown a second time."""


@dataclass(frozen=True)
class FileProfile:
    """One of the two files of a return."""

    kind: FileKind
    schema: str
    schematron: str | None
    phase: str | None
    """Phase of the Schematron; None: its default."""
    unit: tuple[str, ...]
    """Path from the root to the element that is repeated for each row of the first group."""
    header: Mapping[tuple[str, ...], str]
    header_constants: Mapping[tuple[str, ...], str]
    header_dates: Mapping[tuple[str, ...], str]
    """Form of the dates of the header, by path."""
    groups: tuple[Group, ...]
    form: Form = "one"
    """One document, one for each case, or batches."""
    batch: int = DEFAULT_BATCH
    """Cases in a batch."""
    schema_location: str | None = None
    """Hint in the root: the XSD's file or, for a namespace, the namespace and the file."""

    @property
    def root_group(self) -> Group:
        """The group whose rows are the repeated element itself."""
        return self.groups[0]


@dataclass(frozen=True)
class Profile:
    """One return profile."""

    name: str
    version: str
    provisional: bool
    folder: Path
    sha256: str
    """Of every file of the folder, names and bytes."""
    files: Mapping[str, FileProfile]
    flags: tuple[str, str]
    """What false and true are written as."""
    codes: Mapping[str, Mapping[str, str]]
    """Official values by code list, or by ``section.column`` where one column has its own."""
    other_codes: Mapping[str, OtherCodes]
    """How a code without an official value is written, by code list or ``default``: as itself, its label, or not at
    all (the profile is then refused)."""
    unused: Mapping[str, tuple[str, ...]]
    """Codes by ``section.column`` that the authority never sends there; one in the data blocks the return."""
    same_as: Mapping[str, tuple[str, ...]]
    """Our rules that say what an assertion of the Schematron says, by the assertion's id."""
    leave_out: Mapping[str, str]
    """``section.column`` and the reason for which it has no place in the files."""

    def official_values(self, column: Column) -> dict[str, str | None]:
        """The value written for each code of the column's list; None where the profile gives none."""
        assert column.codelist is not None
        given = {**self.codes.get(column.codelist, {}), **self.codes.get(_qualified(column), {})}
        unused = self.unused.get(_qualified(column), ())
        values: dict[str, str | None] = {}
        for code in codelist(column.codelist).codes.values():
            if code.code in unused:
                continue
            value: str | None = given.get(code.code)
            if value is None and code.code not in given:
                how = self.other_codes.get(column.codelist, self.other_codes["default"])
                value = code.official_code or {"own": code.code, "label": code.label, "none": None}[how]
            values[code.code] = value or None
        return values


def _qualified(column: Column) -> str:
    return f"{column.section}.{column.name}"


def case_file_columns(section: str) -> tuple[Column, ...]:
    """Columns that a case file may carry: statutory, and not personal (age stands for the date of birth)."""
    return tuple(c for c in SECTION[section].columns if not c.local and not c.personal)


def personal_file_columns() -> tuple[Column, ...]:
    """Columns of the people section that a personal-data file may carry."""
    return tuple(SECTION["people"].column(name) for name in PERSONAL_FILE_COLUMNS)
