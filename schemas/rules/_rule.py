"""What a rule is, and the three ways to write one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl

Kind = Literal["row", "household", "sql", "none"]
Severity = Literal["error", "warning"]
Status = Literal["active", "known-wrong", "withdrawn", "not-decidable"]
FindingKind = Literal["fix", "tidy", "casework"]
ValidBy = Literal["quarter", "application_date", "assess_date"]

ERROR: Severity = "error"
WARNING: Severity = "warning"
FIX: FindingKind = "fix"
TIDY: FindingKind = "tidy"
CASEWORK: FindingKind = "casework"

Row = Mapping[str, Any]
Example = Mapping[str, Sequence[Row]]
"""Rows by section. Only the columns that matter are given; dates are written as text."""


@dataclass(frozen=True)
class Known:
    """What a rule may know besides the rows."""

    authority: str
    last_day: date
    """Last day of the quarter."""
    as_at: date
    """Day the export was taken."""


Expression = Callable[[Known], pl.Expr]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: true for a good row, and null passes. A SQL check selects the bad rows instead."""

    rule_id: str
    kind: Kind
    section: str
    fields: tuple[str, ...]
    """Columns of the section; ``other_section.column`` where the rule reads another one."""
    message: str
    action: str
    severity: Severity
    source: str
    confidence: str
    name: str
    finding_kind: FindingKind
    """What an officer does about it: fix data for this return, tidy the record, or act on the case."""
    why: str = ""
    """What the law or the return needs, and what goes wrong otherwise, for somebody who knows no code."""
    status: Status = "active"
    scope: str = "record"
    valid_from: date | None = None
    valid_to: date | None = None
    valid_by: ValidBy = "quarter"
    """Which date must lie in [valid_from, valid_to] for the rule to apply."""
    expression: Expression | None = None
    passes: tuple[Example, ...] = ()
    fails: tuple[Example, ...] = ()
    nulls: tuple[Example, ...] = ()
    note: str | None = None
    relation: str | None = None
    """The relation of several SQL checks that this one is part of; without one, the check has a file of its own."""

    def __post_init__(self) -> None:
        """An error is always data to fix.

        Raises:
            ValueError: an error is said to be of another kind.
        """
        if self.severity == ERROR and self.finding_kind != FIX:
            raise ValueError(f"{self.rule_id} is an error, so its findings are to be fixed for the return.")

    @property
    def spec_id(self) -> str | None:
        """The rule of the specification notes that this one carries out; none for our own (prefix H)."""
        return None if self.rule_id.startswith("H-") else self.rule_id[:4]

    @property
    def decidable(self) -> bool:
        """Whether the fields of the return can decide it."""
        return self.status != "not-decidable"

    def covers(self, day: date) -> bool:
        """Whether ``day`` lies in the rule's dates of validity, both ends included."""
        return (self.valid_from is None or day >= self.valid_from) and (self.valid_to is None or day <= self.valid_to)


@dataclass
class RuleBook:
    """Collects the rules of one section in the order of the module.

    Each method takes id, fields (column names with blanks between) and message; everything else that a ``Rule`` says
    is given by the name of its field: action, why, severity, source, confidence, passes, fails, nulls, dates, note. A
    warning says its kind; an error is to be fixed.
    """

    section: str
    rules: list[Rule] = field(default_factory=list)

    def row(
        self, rule_id: str, fields: str, message: str, *, rows: bool = False, **said: Any
    ) -> Callable[[Expression], Expression]:
        """A rule over one row: the decorated function gives an expression that is true for a good row.

        An example is one row; ``rows`` says that it is several (for expressions that look along the case).
        """
        return self._decorate("row", rule_id, fields, message, rows, said)

    def household(self, rule_id: str, fields: str, message: str, **said: Any) -> Callable[[Expression], Expression]:
        """A rule over all rows of one case: the expression aggregates them to one value, true for a good case.

        An example is the rows of a case, or rows by section.
        """
        return self._decorate("household", rule_id, fields, message, True, said)

    def sql(self, rule_id: str, fields: str, message: str, **said: Any) -> None:
        """A check across sections: ``sql/checks/<rule_id>.sql`` selects the bad rows. An example is rows by section."""
        file = said.get("relation") or rule_id
        self._add("sql", rule_id, fields, message, True, said | {"name": f"sql/checks/{file}.sql"})

    def not_decidable(self, rule_id: str, fields: str, message: str, **said: Any) -> None:
        """A rule of the notes that no field of the return can decide; listed so that nobody thinks it is checked."""
        told = {"severity": WARNING, "name": "not decidable", "status": "not-decidable", "finding_kind": CASEWORK}
        self._add("none", rule_id, fields, message, True, said | told)

    def _decorate(
        self, kind: Kind, rule_id: str, fields: str, message: str, many: bool, said: dict[str, Any]
    ) -> Callable[[Expression], Expression]:
        def register(function: Expression) -> Expression:
            name = getattr(function, "__name__", rule_id)
            self._add(kind, rule_id, fields, message, many, said | {"name": name, "expression": function})
            return function

        return register

    def _add(self, kind: Kind, rule_id: str, fields: str, message: str, many: bool, said: dict[str, Any]) -> None:
        shown = {
            name: tuple(self._example(one, many=many) for one in said.get(name, ()))
            for name in ("passes", "fails", "nulls")
        }
        if said["severity"] == ERROR:
            said = {"finding_kind": FIX} | said
        named = {"kind": kind, "section": self.section, "fields": tuple(fields.split()), "message": message}
        self.rules.append(Rule(rule_id=rule_id, **(said | shown | named)))

    def _example(self, given: Any, *, many: bool) -> Example:
        if not many:
            return {self.section: [given]}
        return given if isinstance(given, Mapping) else {self.section: list(given)}
