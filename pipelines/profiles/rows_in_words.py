"""What a source profile does to the rows of a file before they are mapped, in words."""

from __future__ import annotations

from schemas.sources import Profile, Table
from schemas.sources.shape_words import shape_words


def where_from(table: Table, profile: Profile) -> str:
    """The file, sheet, input or statement that gives the rows."""
    if table.source in profile.sql:
        return f"statement {table.source}"
    if table.source:
        read = next((one for one in profile.inputs if one.name.casefold() == table.source.casefold()), None)
        return f"input {table.source}" + (f" ({where_from(read, profile)})" if read is not None else "")
    parts = [f"file {table.file}" if table.file else "", f"sheet {table.sheet}" if table.sheet else ""]
    return ", ".join(part for part in parts if part)


def made_by(table: Table) -> str:
    """The steps that make the rows, in their order; empty where the rows are those of the file."""
    parts = []
    for condition in table.reading.skip:
        said = " and ".join(f"{heading} is {' or '.join(texts)}" for heading, texts in condition.items())
        parts.append(f"rows left out where {said}")
    return "; ".join([*parts, *(shape_words(table.shape) if table.shape else ())])
