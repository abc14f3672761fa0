"""What the pack's Schematron says of a written return, as findings like those of our own rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from lxml import etree

from pipelines import findings as found
from pipelines.emit.returns.official import PlannedFile, ReturnProfile
from pipelines.emit.returns.schematron import Schematron, Violation
from pipelines.emit.returns.schematron_checks import Check
from pipelines.emit.returns.written import ReturnFiles
from pipelines.validate import NOT_RUN
from schemas.returns import FileProfile, Group, Mapped, Profile, ProfileError
from schemas.rules import RULES
from schemas.sections import SECTION

_PREFIX = {"case": "O", "personal": "OP"}
"""Of the ids of assertions that have none of their own: official, official personal."""


def judge_return(files: ReturnFiles, profile: ReturnProfile) -> pl.DataFrame:
    """One finding per assertion that failed and report that held, in the columns of ``findings.csv``.

    A message holds the fixed words of the assertion; what it printed of the data stands in ``value``, and is masked in
    the personal-data file. A Schematron that did not run to its end is a finding on the return (R-not-run).
    """
    rows: list[found.Finding] = []
    for kind, paths in files.by_kind.items():
        file = profile.files[kind]
        if file.schematron is None:
            continue
        reader = _Reader(file, profile.profile, file.schematron)
        try:
            rows += [reader.finding(violation) for violation in file.schematron.violations(paths)]
        except ProfileError as error:
            rows.append(_not_run(str(error), file.schematron))
    return found.combine([found.frame(rows).unique(maintain_order=True)])


def rule_ids(profile: ReturnProfile) -> set[str]:
    """Ids of the findings that the pack's Schematron can make."""
    return {
        rule_id(file.profile, check.own_id, check.number)
        for file in profile.files.values()
        if file.schematron is not None
        for check in file.schematron.checks
    }


def rule_id(file: FileProfile, own_id: str | None, number: int) -> str:
    """The assertion's own id, unless one of our rules has it; without one, its number among the assertions."""
    prefix = _PREFIX[file.kind]
    if own_id is None:
        return f"{prefix}-{number}"
    return f"{prefix}-{own_id}" if own_id in _OURS else own_id


_OURS = {rule.rule_id for rule in RULES}


def _not_run(sentence: str, rules: Schematron) -> found.Finding:
    return found.Finding(
        rule_id=NOT_RUN,
        severity=found.ERROR,
        scope=found.RETURN,
        fields=rules.path.name,
        message=f"The return profile's Schematron could not be run: {sentence}",
        action="Nothing is known about what it checks. Ask for a corrected file, or report a fault of hclic.",
    )


@dataclass(frozen=True)
class _Reader:
    """Makes findings of one file's violations."""

    file: PlannedFile
    profile: Profile
    rules: Schematron

    def finding(self, violation: Violation) -> found.Finding:
        """The violation with its case, record and fields."""
        check, where = violation.check, self._where(violation)
        severity = found.WARNING if check.is_warning and violation.error is None else found.ERROR
        message = check.text
        if violation.error is not None:
            message = (
                "An assertion of the Schematron could not be judged: an expression of it fails, or a value is not of"
                f" the kind that it needs ({violation.error}). It says: {check.text}"
            )
        personal = self.file.profile.kind == "personal"
        return found.Finding(
            rule_id=rule_id(self.file.profile, check.own_id, check.number),
            severity=severity,
            scope=found.RETURN if where.case_ref is None else found.RECORD,
            section=where.section,
            case_ref=where.case_ref,
            record_key=where.record_key,
            fields=", ".join(where.fields) or None,
            value=found.MASK if personal and violation.evaluated else violation.evaluated,
            message=message,
            action=check.advice
            or f"Correct it in the case. The assertion stands in {self.rules.path.name} of the return profile.",
        )

    def _where(self, violation: Violation) -> _Where:
        unit, path = self._unit(violation.node)
        if unit is None or violation.node is None:
            return _Where()
        below = (*path, f"@{violation.attribute}") if violation.attribute else path
        spoken: dict[str, list[str]] = {}
        for group, mapped, at in self._columns():
            if _speaks_of(violation.check, at, below, self._path(group)) and self._is_row_of(
                group, below, violation.node
            ):
                spoken.setdefault(group.section, []).append(mapped.column.name)
        innermost = self._row_group(below, violation.node)
        section = "main" if innermost is None else innermost.section
        if section not in spoken and len(spoken) == 1:
            section = next(iter(spoken))
        fields = [name if of == section else f"{of}.{name}" for of, names in spoken.items() for name in names]
        return _Where(
            self.file.located.case_ref(unit),
            section,
            self._record_key(innermost, below, violation.node),
            tuple(dict.fromkeys(fields)),
        )

    def _unit(self, node: etree._Element | None) -> tuple[etree._Element | None, tuple[str, ...]]:
        """The repeated element around the node, and the names of the steps from it to the node."""
        tag = self.file.plan.unit.node.tag
        steps: list[str] = []
        while node is not None:
            if node.tag == tag:
                return node, tuple(reversed(steps))
            steps.append(etree.QName(node).localname)
            node = node.getparent()
        return None, ()

    def _columns(self) -> Iterator[tuple[Group, Mapped, tuple[str, ...]]]:
        for group in self.file.profile.groups:
            for mapped in group.columns:
                yield group, mapped, (*self._path(group), *mapped.path)

    def _path(self, group: Group) -> tuple[str, ...]:
        outer = next((one for one in self.file.profile.groups if one.name == group.within), None)
        return (*(self._path(outer) if outer is not None else ()), *group.path)

    def _holds(self, group: Group, below: tuple[str, ...]) -> bool:
        """Whether the node lies in a row of the group, or the group's row around it."""
        path = self._path(group)
        return bool(path) and below[: len(path)] == path

    def _is_row_of(self, group: Group, below: tuple[str, ...], node: etree._Element) -> bool:
        """Whether the row around the node is one of the group: constants tell groups apart that share an element."""
        path = self._path(group)
        row = self._row(path, below, node) if path and self._holds(group, below) else None
        return row is None or _has(row, group.constants)

    def _row_group(self, below: tuple[str, ...], node: etree._Element) -> Group | None:
        """The group of whose rows one lies around the node: the innermost."""
        groups = [g for g in self.file.profile.groups if self._holds(g, below) and self._is_row_of(g, below, node)]
        return max(groups, key=lambda group: (len(self._path(group)), len(group.constants)), default=None)

    def _record_key(self, group: Group | None, below: tuple[str, ...], node: etree._Element) -> str | None:
        if group is None:
            return None
        keys = [name for name in SECTION[group.section].key if name != "case_ref"]
        row = self._row(self._path(group), below, node)
        parts = []
        for name in keys:
            mapped = next((one for one in group.columns if one.column.name == name), None)
            text = None if mapped is None else _text(row, mapped.path)
            if mapped is None or text is None:
                return None
            if mapped.column.codelist is not None:
                codes = [code for code, value in self.profile.official_values(mapped.column).items() if value == text]
                text = codes[0] if len(codes) == 1 else text
            parts.append(f"{name}={text}")
        return ", ".join(parts) or None

    @staticmethod
    def _row(path: Sequence[str], below: Sequence[str], node: etree._Element) -> etree._Element:
        """The element of the row, that many steps above the node."""
        steps = [step for step in below if not step.startswith("@")]
        for _ in range(len(steps) - len(path)):
            parent = node.getparent()
            assert parent is not None, "the row lies around the node"
            node = parent
        return node


@dataclass(frozen=True)
class _Where:
    case_ref: str | None = None
    section: str | None = None
    record_key: str | None = None
    fields: tuple[str, ...] = ()


def _speaks_of(check: Check, at: tuple[str, ...], below: tuple[str, ...], row: tuple[str, ...]) -> bool:
    """Whether the assertion, judged at ``below``, speaks of the value at ``at``, which is of the row at ``row``."""
    if at == below:
        return True
    if at[: len(below)] == below:
        steps = at[len(below) :]
    elif below[: len(row)] == row:
        steps = at[len(row) :]
    else:
        return False
    return all(any(re.fullmatch(_numbered(step), name) for name in check.names) for step in steps)


def _numbered(step: str) -> str:
    return re.escape(step.removeprefix("@")).replace(r"\{n\}", r"\d+")


def _has(row: etree._Element, constants: Mapping[tuple[str, ...], str]) -> bool:
    return all(_text(row, path) == text for path, text in constants.items())


def _text(row: etree._Element, path: Sequence[str]) -> str | None:
    """The value at a path of local names below the row; a last step ``@name`` is an attribute."""
    element: etree._Element | None = row
    for step in path:
        if element is None:
            return None
        if step.startswith("@"):
            name = step[1:]
            return next((str(v) for k, v in element.attrib.items() if etree.QName(k).localname == name), None)
        element = next((child for child in element.iterchildren("*") if etree.QName(child).localname == step), None)
    return None if element is None else element.text
