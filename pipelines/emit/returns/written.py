"""What the writer hands to the checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipelines.emit.returns.problems import Problem

LIST_OF_DOCUMENTS = "documents.csv"
"""Beside the documents, where there are several: which cases are in which of them."""


@dataclass(frozen=True)
class Document:
    """One XML document. ``count_records``: how often the repeated element stands in it."""

    path: Path
    count_cases: int
    count_records: int
    first_case: str | None
    last_case: str | None


@dataclass(frozen=True)
class ReturnFiles:
    """What was written. ``problems``: values that could not be written; each of them blocks the return."""

    documents: dict[str, tuple[Document, ...]]
    """By file of the return, ``case`` first."""
    count_cases: int
    count_refused: int
    """People left out of the personal-data file because they refused that personal data be sent."""
    is_provisional: bool
    problems: tuple[Problem, ...] = field(default=())

    @property
    def by_kind(self) -> dict[str, tuple[Path, ...]]:
        """The documents by file of the return, ``case`` first."""
        return {kind: tuple(one.path for one in documents) for kind, documents in self.documents.items()}

    @property
    def case(self) -> Path:
        """The first document with cases."""
        return self.documents["case"][0].path

    @property
    def personal(self) -> Path | None:
        """The first document with personal data; None if none was asked for."""
        found = self.documents.get("personal", ())
        return found[0].path if found else None
