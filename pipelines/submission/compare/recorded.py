"""What two runs hold of the same cases as recorded: what is new, gone, changed, and how each spelling was read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from pipelines.emit.returns.source.tables import PERSONAL
from pipelines.transform import RECORDED
from pipelines.warehouse.quarter import OpenQuarter
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTION, SECTIONS

_MADE_OF = {("people", "age"): ("date_of_birth", "age", "age_date")}
"""Fields of a return that are made of other columns."""

Record = dict[str, Any]


@dataclass(frozen=True)
class Spellings:
    """Which code each spelling of a run was read as, by section and field."""

    read: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    @staticmethod
    def of(store: Warehouse, run_id: str) -> Spellings:
        """Those of a stored run; none of one before they were kept."""
        rows = store.connection.execute(
            "select section, field, spelling, code from spelling_read where run_id = ?", [run_id]
        ).fetchall()
        found: dict[tuple[str, str], dict[str, str]] = {}
        for section, name, spelling, code in rows:
            found.setdefault((section, name), {})[spelling] = code
        return Spellings(found)

    def explain(self, later: Spellings, section: str, name: str, before: str, after: str) -> bool:
        """Whether some spelling was read as the one code then and is read as the other now."""
        now = later.read.get((section, name), {})
        return any(
            code == before and now.get(spelling) == after
            for spelling, code in self.read.get((section, name), {}).items()
        )


class Recorded:
    """The cases that interest, as one run recorded them."""

    def __init__(self, opened: OpenQuarter, refs: Collection[str]) -> None:
        self._opened, self._refs = opened, sorted(refs)
        con = opened.connection
        self.all_refs = {ref for (ref,) in con.execute(f"select case_ref from {RECORDED}.main").fetchall()}

    @cached_property
    def rows(self) -> dict[tuple[str, str], list[Record]]:
        """Rows by section and case, sorted by key."""
        found: dict[tuple[str, str], list[Record]] = {}
        for section in SECTIONS:
            frame = self._opened.connection.execute(
                f"select {', '.join(section.names)} from {RECORDED}.{section.name}"
                f" where list_contains(?::varchar[], case_ref) order by {', '.join(section.key)}",
                [self._refs],
            ).pl()
            for row in frame.iter_rows(named=True):
                found.setdefault((section.name, row["case_ref"]), []).append(row)
        return found

    def of(self, section: str, ref: str) -> list[Record]:
        """The rows of a section of a case."""
        return self.rows.get((section, ref), [])

    def record(self, section: str, ref: str, key: str | None) -> Record | None:
        """The row that a difference names by ``record_key``; None where it is not there."""
        wanted = dict(part.split("=", 1) for part in (key or "").split(", ") if "=" in part)
        same = [
            row for row in self.of(section, ref) if all(str(row.get(name)) == text for name, text in wanted.items())
        ]
        return same[0] if same else None

    def holds_same(self, other: Recorded, ref: str) -> bool:
        """Whether a case stands in both as the same rows, fields that are ours alone left aside."""
        return all(_sent_of(self, name, ref) == _sent_of(other, name, ref) for name in SECTION)

    def like(self, ref: str) -> tuple[Any, ...] | None:
        """What tells the same household under another reference: days, and the people's births and names."""
        if not (rows := self.of("main", ref)):
            return None
        people = [(one["date_of_birth"], one["surname"], one["forename"]) for one in self.of("people", ref)]
        if not any(any(parts) for parts in people):
            return None
        return rows[0]["application_date"], rows[0]["assess_date"], tuple(sorted(people, key=str))


def _sent_of(recorded: Recorded, section: str, ref: str) -> list[tuple[Any, ...]]:
    names = [column.name for column in SECTION[section].columns if not column.local]
    return [tuple(row[name] for name in names) for row in recorded.of(section, ref)]


def columns_behind(section: str, name: str) -> tuple[str, tuple[str, ...]]:
    """Section and columns as recorded behind a field of the return."""
    section = "people" if section == PERSONAL else section
    return section, _MADE_OF.get((section, name), (name,))


def findings_of(store: Warehouse, run_id: str, refs: Collection[str]) -> pl.DataFrame:
    """Errors and warnings of the run on the cases: finding_id, rule_id, severity, case_ref, section, fields, value."""
    return store.connection.execute(
        "select finding_id, rule_id, severity, case_ref, section, fields, value from findings"
        " where run_id = ? and list_contains(?::varchar[], case_ref)",
        [run_id, sorted(refs)],
    ).pl()
