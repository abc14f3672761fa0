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
ValidBy = Literal["quarter", "application_date", "assess_date"]

ERROR: Severity = "error"
WARNING: Severity = "warning"

Row = Mapping[str, Any]
Example = Mapping[str, Sequence[Row]]
"""Rows by section. Only the columns that matter are given; dates are written as text."""


@dataclass(frozen=True)
class Known:
    """What a rule may know besides the rows."""

    authority: str
    first_day: date
    last_day: date
    """Last day of the quarter."""
    as_at: date
    """Day the export was taken."""


Expression = Callable[[Known], pl.Expr]


@dataclass(frozen=True)
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


def _names(fields: str) -> tuple[str, ...]:
    return tuple(fields.split())


def _label(rule_id: str, function: Expression) -> str:
    return getattr(function, "__name__", rule_id)


@dataclass
class RuleBook:
    """Collects the rules of one section in the order of the module."""

    section: str
    rules: list[Rule] = field(default_factory=list)

    def _examples(self, rows: Sequence[Any], *, many: bool) -> tuple[Example, ...]:
        """A row rule's example is one row of its section; a household's is a list of them, or rows by section."""
        if not many:
            return tuple({self.section: [row]} for row in rows)
        return tuple(row if isinstance(row, Mapping) else {self.section: list(row)} for row in rows)

    def row(
        self,
        rule_id: str,
        fields: str,
        message: str,
        *,
        action: str,
        severity: Severity,
        source: str,
        confidence: str,
        passes: Sequence[Row | Sequence[Row]],
        fails: Sequence[Row | Sequence[Row]],
        nulls: Sequence[Row | Sequence[Row]],
        rows: bool = False,
        **more: Any,
    ) -> Callable[[Expression], Expression]:
        """A rule over one row: the decorated function gives an expression that is true for a good row.

        ``rows`` says that each example is several rows (for expressions that look along the case).
        """
        return self._decorate(
            "row",
            rule_id,
            fields,
            message,
            action,
            severity,
            source,
            confidence,
            passes,
            fails,
            nulls,
            rows,
            more,
        )

    def household(
        self,
        rule_id: str,
        fields: str,
        message: str,
        *,
        action: str,
        severity: Severity,
        source: str,
        confidence: str,
        passes: Sequence[Sequence[Row] | Example],
        fails: Sequence[Sequence[Row] | Example],
        nulls: Sequence[Sequence[Row] | Example],
        **more: Any,
    ) -> Callable[[Expression], Expression]:
        """A rule over all rows of one case: the expression aggregates them to one value, true for a good case."""
        return self._decorate(
            "household",
            rule_id,
            fields,
            message,
            action,
            severity,
            source,
            confidence,
            passes,
            fails,
            nulls,
            True,
            more,
        )

    def _decorate(
        self,
        kind: Kind,
        rule_id: str,
        fields: str,
        message: str,
        action: str,
        severity: Severity,
        source: str,
        confidence: str,
        passes: Sequence[Any],
        fails: Sequence[Any],
        nulls: Sequence[Any],
        many: bool,
        more: dict[str, Any],
    ) -> Callable[[Expression], Expression]:
        def register(function: Expression) -> Expression:
            self.rules.append(
                Rule(
                    rule_id=rule_id,
                    kind=kind,
                    section=self.section,
                    fields=_names(fields),
                    message=message,
                    action=action,
                    severity=severity,
                    source=source,
                    confidence=confidence,
                    name=_label(rule_id, function),
                    expression=function,
                    passes=self._examples(passes, many=many),
                    fails=self._examples(fails, many=many),
                    nulls=self._examples(nulls, many=many),
                    **more,
                )
            )
            return function

        return register

    def sql(
        self,
        rule_id: str,
        fields: str,
        message: str,
        *,
        action: str,
        severity: Severity,
        source: str,
        confidence: str,
        passes: Sequence[Example],
        fails: Sequence[Example],
        nulls: Sequence[Example],
        **more: Any,
    ) -> None:
        """A check across sections: ``sql/checks/<rule_id>.sql`` selects the bad rows."""
        self.rules.append(
            Rule(
                rule_id=rule_id,
                kind="sql",
                section=self.section,
                fields=_names(fields),
                message=message,
                action=action,
                severity=severity,
                source=source,
                confidence=confidence,
                name=f"sql/checks/{rule_id}.sql",
                passes=tuple(passes),
                fails=tuple(fails),
                nulls=tuple(nulls),
                **more,
            )
        )

    def not_decidable(
        self, rule_id: str, fields: str, message: str, *, action: str, source: str, confidence: str, note: str
    ) -> None:
        """A rule of the notes that no field of the return can decide; listed so that nobody thinks it is checked."""
        self.rules.append(
            Rule(
                rule_id=rule_id,
                kind="none",
                section=self.section,
                fields=_names(fields),
                message=message,
                action=action,
                severity=WARNING,
                source=source,
                confidence=confidence,
                name="not decidable",
                status="not-decidable",
                note=note,
            )
        )
