"""What the steps of a source profile read, and in which order they are done."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelines.errors import UsageError
from pipelines.extract.parsing import fold
from pipelines.extract.steps.declared import INPUT, reads_of
from pipelines.extract.steps.statement import Statement, StatementError, check
from pipelines.extract.steps.workspace import refuse
from schemas.sources import Profile, Table
from schemas.sources.readings import Reading
from schemas.sources.shape import Shape


@dataclass
class Plan:
    """What a profile's steps read and in which order they are done."""

    statements: dict[str, Statement] = field(default_factory=dict)
    """Those that some table needs, by name, in the profile's order."""
    unread: tuple[str, ...] = ()
    """Names of the statements that no table needs."""
    files: tuple[Table, ...] = ()
    """The inputs, and the files and sheets that steps call by their own names."""
    called: dict[str, str] = field(default_factory=dict)
    """Casefolded name of a file or sheet that a statement calls by its own name → name of that statement."""
    own: tuple[tuple[Table, Shape], ...] = ()
    """Tables of the profile whose rows go through steps of their own, with these."""

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.files or self.statements or self.unread or self.own)

    @property
    def columns(self) -> frozenset[str]:
        """Folded names of all columns that any step mentions."""
        names = {fold(name) for one in self.statements.values() for name in one.columns}
        for _, shape in self.own:
            for relation in (INPUT, *(one.name for one in shape.others)):
                names |= reads_of(shape, relation)
        return frozenset(names)

    def read_of(self, relation: str) -> frozenset[str] | None:
        """Folded names of the columns that steps read of a relation; none where one takes all its columns."""
        key = relation.casefold()
        found: set[str] = set()
        for one in self.statements.values():
            if key in (name.casefold() for name in one.tables):
                if one.has_star:
                    return None
                found |= {fold(name) for name in one.columns}
        for table, shape in self.own:
            if (table.source or own_name(table)).casefold() == key:
                return None
            for other in shape.others:
                if other.name.casefold() == key:
                    found |= reads_of(shape, other.name)
        return frozenset(found)


def own_name(table: Table) -> str:
    """What the workspace calls the rows of a table that steps change, as they stand in its file."""
    return f"rows of {table.label}"


def plan_of(profile: Profile) -> Plan:
    """The steps that the profile's tables need.

    Raises:
        UsageError: a statement is no select over tables, or reads itself or a later one.
    """
    named = {name.casefold(): name for name in profile.sql}
    inputs = {one.name.casefold(): one for one in profile.inputs}
    parsed: dict[str, Statement] = {}
    for name, text in profile.sql.items():
        try:
            parsed[name] = check(text)
        except StatementError as error:
            raise refuse(name, error) from None
        done = {one.casefold() for one in list(parsed)[:-1]}
        if late := [one for one in parsed[name].tables if one.casefold() in named and one.casefold() not in done]:
            raise UsageError(
                f"The source profile's statement {name} reads {late[0]}, which does not stand above it in [sql]."
            )
    wanted: set[str] = set()
    files: dict[str, Table] = {}

    called_by: dict[str, str] = {}

    def need(name: str, called: Table, by: str = "") -> None:
        key = name.casefold()
        if key in named:
            if key not in wanted:
                wanted.add(key)
                for one in parsed[named[key]].tables:
                    need(one, _called(one), named[key])
        else:
            if by and key not in inputs:
                called_by.setdefault(key, by)
            files.setdefault(key, inputs.get(key, called))

    for table in profile.tables:
        if table.source:
            need(table.source, _called(table.source))
        for other in table.shape.others if table.shape else ():
            need(other.name, _called(other.name, other.file, other.sheet))
    return Plan(
        statements={name: one for name, one in parsed.items() if name.casefold() in wanted},
        unread=tuple(name for name in parsed if name.casefold() not in wanted),
        files=tuple(files.values()),
        called=called_by,
        own=tuple((table, table.shape) for table in profile.tables if table.shape),
    )


def refuse_unknown(profile: Profile, plan: Plan, found: Iterable[Table], names: Iterable[str]) -> None:
    """Refuse a statement that reads a file or sheet which the export lacks: it may be misspelt.

    Args:
        found: the tables of the plan that the export holds.
        names: of the files and sheets of the export.

    Raises:
        UsageError: some statement does.
    """
    held = {id(table) for table in found}
    for table in plan.files:
        name = plan.called.get(table.name.casefold())
        if name is None or id(table) in held:
            continue
        lines = profile.sql[name].strip().splitlines()
        line = next((number for number, one in enumerate(lines, 1) if table.name.casefold() in one.casefold()), None)
        known = {fold(one): one for one in (*names, *profile.sql, *(one.name for one in profile.inputs))}
        near = difflib.get_close_matches(fold(table.name), known, n=1, cutoff=0.6)
        hint = f" Did you mean {known[near[0]]}?" if near else ""
        raise UsageError(
            f"The source profile's statement {name}{f', line {line}' if line else ''}: the export has no file or sheet"
            f" {table.name}, and the profile no statement or input of that name.{hint}"
        )


def _called(name: str, file: str | None = None, sheet: str | None = None) -> Table:
    """The file or sheet of that name."""
    return Table(
        file=file if file or sheet else name,
        sheet=sheet,
        optional=False,
        reading=Reading(),
        delimiter=None,
        ignore=(),
        allow_unused_rows=False,
        feeds=(),
        name=name,
    )
