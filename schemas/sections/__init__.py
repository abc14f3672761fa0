"""The nine sections of the return: the only field catalogue. Everything else about fields is derived from here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pandera.polars as pa
import polars as pl

from schemas.sections import (
    assistance,
    final_duties,
    main,
    people,
    prevention,
    relief,
    reviews,
    support_needs,
    temporary_accommodation,
)

CASE_REF_PATTERN = main.CASE_REF_PATTERN

DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "code": pl.String(),
    "codes": pl.String(),
    "date": pl.Date(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "flag": pl.Boolean(),
}


@dataclass(frozen=True)
class Column:
    """One field of the catalogue."""

    section: str
    name: str
    kind: str
    description: str
    words: str
    """What an officer calls it: stands in a sentence after 'the'."""
    required: bool
    codelist: str | None
    number: str | None
    element: str
    """Element name of the provisional return: official where public, else ours."""
    official_element: str | None
    source: str
    confidence: str
    personal: bool
    local: bool
    when: str | None
    key: bool
    is_event: bool
    """A date on which something happened in the case: no birth, and no day on which something is only due."""
    is_nightly: bool = False
    """An amount for one night."""

    @property
    def dtype(self) -> pl.DataType:
        """The polars type that a parsed column has."""
        return DTYPES[self.kind]


@dataclass(frozen=True)
class Section:
    """One of the nine sections."""

    number: int
    name: str
    label: str
    model: type[pa.DataFrameModel]
    key: tuple[str, ...]
    many: bool
    """More than one row per case is possible."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The section's fields in catalogue order."""
        return _columns(self)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in catalogue order."""
        return tuple(column.name for column in self.columns)

    @property
    def grain(self) -> str:
        """First sentence of the model's docstring: one row per what."""
        return (self.model.__doc__ or "").split(".")[0] + "."

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            KeyError: the section has no such column.
        """
        return _by_name(self)[name]

    def empty(self) -> pl.DataFrame:
        """A frame with the section's columns and types and no rows."""
        return pl.DataFrame(schema={column.name: column.dtype for column in self.columns})


@cache
def _columns(section: Section) -> tuple[Column, ...]:
    schema = section.model.to_schema()
    found = []
    for name, field in schema.columns.items():
        meta: dict[str, Any] = dict(field.metadata)
        official = meta["element"]
        found.append(
            Column(
                section=section.name,
                name=name,
                kind=meta["kind"],
                description=field.description or "",
                words=meta["words"],
                required=not field.nullable,
                codelist=meta["codelist"],
                number=meta["number"],
                element=official or name.upper(),
                official_element=official,
                source=meta["source"],
                confidence=meta["confidence"],
                personal=meta["personal"],
                local=meta["local"],
                when=meta["when"],
                key=name in section.key,
                is_event=meta["is_event"],
                is_nightly=meta.get("is_nightly", False),
            )
        )
    return tuple(found)


@cache
def _by_name(section: Section) -> dict[str, Column]:
    return {column.name: column for column in section.columns}


SECTIONS: tuple[Section, ...] = (
    Section(1, "main", "Main", main.Main, main.KEY, many=False),
    Section(2, "people", "People", people.People, people.KEY, many=True),
    Section(3, "support_needs", "Support needs", support_needs.SupportNeeds, support_needs.KEY, many=True),
    Section(4, "prevention", "Prevention", prevention.Prevention, prevention.KEY, many=False),
    Section(5, "relief", "Relief", relief.Relief, relief.KEY, many=False),
    Section(6, "final_duties", "Final duties", final_duties.FinalDuties, final_duties.KEY, many=False),
    Section(7, "assistance", "Assistance", assistance.Assistance, assistance.KEY, many=True),
    Section(
        8,
        "temporary_accommodation",
        "Temporary accommodation",
        temporary_accommodation.TemporaryAccommodation,
        temporary_accommodation.KEY,
        many=True,
    ),
    Section(9, "reviews", "Reviews", reviews.Reviews, reviews.KEY, many=True),
)

SECTION: dict[str, Section] = {section.name: section for section in SECTIONS}


def catalogue() -> tuple[Column, ...]:
    """Every field of every section, in order of section and catalogue."""
    return tuple(column for section in SECTIONS for column in section.columns)
