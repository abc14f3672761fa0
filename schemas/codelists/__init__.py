"""Code lists as data: one CSV a list (code, label, dates of validity, source, confidence, official value).

``<list>.aliases.csv`` (raw, code, note) holds spellings seen in exports; one that is in neither file is a finding.
``<list>.labels.csv`` holds the labels of a code that was called otherwise at other times, each with its dates. A code
that had another name in earlier versions says so in the column ``formerly``; exports and profiles may still use it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Label:
    """What a code was, or is, called between two days, both included."""

    text: str
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str


@dataclass(frozen=True)
class Code:
    """One code of a list."""

    code: str
    label: str
    valid_from: date | None
    valid_to: date | None
    """Last day on which a case could be assessed with this code."""
    source: str
    confidence: str
    official_code: str | None
    extra: Mapping[str, str]
    """Columns that only some lists have: ``group``, or region and successor of an authority."""
    labels: tuple[Label, ...] = ()
    """Labels by date, where there is more than one; ``label`` then holds for all of them."""

    def label_on(self, day: date) -> str:
        """What the code is called for a case assessed on ``day``."""
        for one in self.labels:
            if (one.valid_from is None or day >= one.valid_from) and (one.valid_to is None or day <= one.valid_to):
                return one.text
        return self.label

    def in_force(self, day: date) -> bool:
        """Whether the code may be used for a case assessed on ``day``."""
        return (self.valid_from is None or day >= self.valid_from) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class CodeList:
    """All codes of one list, retired ones among them, in the order of the file."""

    name: str
    codes: Mapping[str, Code]
    aliases: Mapping[str, str]
    """Code by spelling: those of exports, labels by date and names that codes had in earlier versions."""

    @property
    def renamed(self) -> dict[str, str]:
        """Code by the name that it had in earlier versions."""
        return {code.extra["formerly"]: code.code for code in self.codes.values() if code.extra.get("formerly")}

    def current(self, code: str) -> str:
        """The code itself, or what the code of that name is called now."""
        return self.renamed.get(code, code)

    def __contains__(self, code: str) -> bool:
        return code in self.codes

    def in_force(self, day: date) -> tuple[Code, ...]:
        """Codes in force for a case assessed on ``day``."""
        return tuple(code for code in self.codes.values() if code.in_force(day))


_FIXED = ("code", "label", "valid_from", "valid_to", "source", "confidence", "official_code")


def _rows(name: str) -> list[dict[str, Any]]:
    path = files(__package__) / name
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def codelist(name: str) -> CodeList:
    """The code list of that name.

    Raises:
        KeyError: there is no such list.
    """
    rows = _rows(f"{name}.csv")
    if not rows:
        raise KeyError(name)
    labels: dict[str, list[Label]] = {}
    for row in _rows(f"{name}.labels.csv"):
        dates = (_day(row["valid_from"]), _day(row["valid_to"]))
        labels.setdefault(row["code"], []).append(Label(row["label"], *dates, row["source"], row["confidence"]))
    codes = {
        row["code"]: Code(
            code=row["code"],
            label=row["label"],
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            source=row["source"],
            confidence=row["confidence"],
            official_code=row["official_code"] or None,
            extra={key: value for key, value in row.items() if key not in _FIXED},
            labels=tuple(labels.get(row["code"], ())),
        )
        for row in rows
    }
    aliases = {row["raw"]: row["code"] for row in _rows(f"{name}.aliases.csv")}
    aliases |= {one.text: code.code for code in codes.values() for one in code.labels}
    aliases |= {code.extra["formerly"]: code.code for code in codes.values() if code.extra.get("formerly")}
    return CodeList(name, codes, aliases)


@cache
def codelist_names() -> tuple[str, ...]:
    """Names of all lists, sorted."""
    return tuple(
        sorted(
            entry.name.removesuffix(".csv")
            for entry in files(__package__).iterdir()
            if entry.name.endswith(".csv") and "." not in entry.name.removesuffix(".csv")
        )
    )
