"""The rules as a page, a table or a list, and one rule with its examples."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipelines.dictionary import as_csv
from pipelines.errors import UsageError
from pipelines.extract.problems import PROBLEMS, Problem
from pipelines.findings import CASEWORK, ERROR, FIX, TIDY, WARNING
from pipelines.validate.constraints import Constraint, constraints_of
from pipelines.validate.kinds import EXPORT_KINDS
from pipelines.validate.others import OTHERS
from schemas.rules import RULES, Example, Rule
from schemas.sections import SECTIONS

KINDS = {
    "row": "one row",
    "household": "all rows of a case",
    "sql": "across sections",
    "none": "not decidable",
}


RULES_FILE = "rules.html"
"""The rules explained in one file: in ``docs`` all of them, beside the findings of a run those that they name."""

KIND_WORDS = {FIX: "fix for this return", TIDY: "tidy the record", CASEWORK: "casework"}
"""What an officer does about a finding of the kind (design §4)."""


def entries() -> list[dict[str, Any]]:
    """One entry per rule, in the order of the sections."""
    return [
        {
            "rule_id": rule.rule_id,
            "severity": rule.severity,
            "scope": rule.scope,
            "section": rule.section,
            "finding_kind": rule.finding_kind,
            "kind": KINDS[rule.kind],
            "status": rule.status,
            "fields": ", ".join(rule.fields),
            "message": rule.message,
            "action": rule.action,
            "why": rule.why,
            "source": rule.source,
            "confidence": rule.confidence,
            "valid_from": rule.valid_from.isoformat() if rule.valid_from else None,
            "valid_to": rule.valid_to.isoformat() if rule.valid_to else None,
            "valid_by": rule.valid_by,
            "note": rule.note,
        }
        for rule in RULES
    ]


def known_ids() -> frozenset[str]:
    """The id of every rule, constraint and other kind of finding of ours."""
    generated = {constraint.rule_id for section in SECTIONS for constraint in constraints_of(section.name)}
    return frozenset({rule.rule_id for rule in RULES} | generated | set(PROBLEMS) | set(EXPORT_KINDS) | set(OTHERS))


def kind_of(rule_id: str, severity: str | None = None) -> str:
    """What an officer does about a finding of the rule: ``fix``, ``tidy`` or ``casework``.

    What an official pack says is to be fixed. A finding that is milder than its rule, as it is in a local field, is to
    be tidied.
    """
    if severity == WARNING and rule_id in PROBLEMS and PROBLEMS[rule_id].severity == ERROR:
        return TIDY
    return _kinds().get(rule_id, FIX)


@cache
def _kinds() -> dict[str, str]:
    generated = {
        one.rule_id: FIX if one.severity == ERROR else TIDY
        for section in SECTIONS
        for one in constraints_of(section.name)
    }
    return {
        **{one.id: one.finding_kind for one in _problems()},
        **generated,
        **{rule.rule_id: rule.finding_kind for rule in RULES},
    }


def _problems() -> tuple[Problem, ...]:
    return (*OTHERS.values(), *PROBLEMS.values(), *EXPORT_KINDS.values())


def render(form: str) -> str:
    """All rules as ``table``, ``csv`` or ``json``."""
    rows = entries()
    if form == "json":
        return json.dumps(rows, indent=2, ensure_ascii=False)
    if form == "csv":
        return as_csv(rows)
    lines = []
    for section in SECTIONS:
        lines += ["", f"{section.number}. {section.label}", ""]
        for rule in RULES:
            if rule.section == section.name:
                mark = rule.severity if rule.status == "active" else rule.status
                lines.append(f"  {rule.rule_id:6} {mark:14} {_short(rule):9} {rule.message}")
    lines += ["", "While the export is read", ""]
    lines += [f"  {one.id:6} {one.severity:14} {one.finding_kind:9} {_template(one)}" for one in PROBLEMS.values()]
    lines += ["", "Of the export as a whole", ""]
    lines += [f"  {one.id:6} {one.severity:14} {one.finding_kind:9} {_template(one)}" for one in EXPORT_KINDS.values()]
    return "\n".join([*lines, "", _totals()]).lstrip("\n")


@dataclass(frozen=True)
class Plain:
    """One rule in the words of an officer, without what differs from one of its findings to the next."""

    message: str
    why: str
    todo: str


def plain(rule_id: str) -> Plain | None:
    """What is wrong, why it matters and what to do about the data; none for an id that is not ours.

    ``todo`` leaves out what whoever keeps the source profile could do instead, which the action of a finding tells too.
    """
    return _plain().get(rule_id)


@cache
def _plain() -> dict[str, Plain]:
    generated = [one for section in SECTIONS for one in constraints_of(section.name)]
    return {
        **{one.id: Plain(in_plain_words(one.message), one.why, one.action) for one in _problems()},
        **{one.rule_id: Plain(one.message, one.why, one.action) for one in generated},
        **{rule.rule_id: Plain(rule.message, rule.why, rule.action) for rule in RULES},
    }


def shorter_todo(rule_id: str) -> str | None:
    """What an officer does, where the action of a finding tells of the source profile too; none elsewhere."""
    problem = PROBLEMS.get(rule_id)
    return problem.action if problem and problem.in_profile else None


def rule_page(rule_id: str) -> str:
    """Where the rule is explained, as an address below ``docs/`` that an officer can open: ``rules.html#L-06``.

    A run writes a file of the same name beside its findings, with the rules that they name.
    """
    return f"{RULES_FILE}#{page_id(rule_id)}"


def page_id(rule_id: str) -> str:
    """The id whose page tells of the rule: constraints of one kind share one, and all of an official pack do."""
    if rule_id.startswith("M-"):
        return f"M-{rule_id.rsplit('-', 1)[1]}"
    return rule_id if rule_id in _plain() else "O-1"


def words_of(rule_id: str) -> str | None:
    """What a finding of the rule says, without the words that differ from one to the next; none for an unknown id."""
    for one in _problems():
        if one.id == rule_id:
            return _template(one)
    known = plain(rule_id)
    return known.message if known else None


_STANDS_FOR = {"place": "File, row and column", "near": "", "back": "", "field": "the field", "as_at": "‹day›"}


def in_plain_words(template: str) -> str:
    """A message without its finding: what would be filled in is named, or left out where it says no more."""
    text = re.sub(r"\{(\w+)\}", lambda match: _STANDS_FOR.get(match[1], f"‹{match[1]}›"), template)
    return text[:1].upper() + text[1:]


def _template(problem: Problem) -> str:
    return problem.message.replace("{place}", "<file, row, column>").replace("{", "<").replace("}", ">")


def _short(rule: Rule) -> str:
    return rule.finding_kind if rule.decidable else ""


def _totals() -> str:
    decidable = [rule for rule in RULES if rule.decidable]
    severities = Counter(rule.severity for rule in decidable)
    kinds = Counter(str(rule.finding_kind) for rule in decidable)
    generated = sum(len(constraints_of(section.name)) for section in SECTIONS)
    return (
        f"{len(decidable)} rules that the data can decide ({severities['error']} errors, {severities['warning']} "
        f"warnings; {kinds[FIX]} fix for this return, {kinds[TIDY]} tidy the record, {kinds[CASEWORK]} casework), "
        f"{len(RULES) - len(decidable)} that no field decides; {generated} constraints generated from the "
        "models come on top."
    )


def explain(rule_id: str) -> str:
    """One rule with its examples, as text.

    Raises:
        UsageError: there is no such rule.
    """
    wanted = rule_id.strip().lower()
    # A rule of the specification that needs several checks is asked for by its own number: L-01 is L-01a, L-01b, …
    found = [one for one in RULES if one.rule_id.lower() == wanted] or [
        one for one in RULES if re.sub(r"[a-z]$", "", one.rule_id.lower()) == wanted
    ]
    if found:
        return "\n\n".join(_explained(rule) for rule in found)
    for problems, when in (
        (PROBLEMS, "found while the export is read"),
        (EXPORT_KINDS, "found of the export as a whole"),
        (OTHERS, "found of references, waivers or the run"),
    ):
        problem = next((one for one in problems.values() if one.id.lower() == wanted), None)
        if problem is not None:
            return _explained_problem(problem, when)
    for section in SECTIONS:
        for constraint in constraints_of(section.name):
            if constraint.rule_id.lower() == wanted:
                return _explained_constraint(constraint)
    raise UsageError(f"There is no rule {rule_id}. hclic rules lists them all.")


def _explained_problem(problem: Problem, when: str) -> str:
    local = f" ({problem.local_severity} in a local field)" if problem.local_severity else ""
    return "\n".join(
        [
            f"{problem.id}  {problem.severity}{local}, {KIND_WORDS[problem.finding_kind]}, {when}",
            "",
            _template(problem),
            problem.advice.replace("{", "<").replace("}", ">"),
            *([problem.why] if problem.why else []),
        ]
    )


def _explained_constraint(constraint: Constraint) -> str:
    return "\n".join(
        [
            f"{constraint.rule_id}  {constraint.severity}, {KIND_WORDS[kind_of(constraint.rule_id)]}, generated from"
            f" the model of {constraint.section}",
            "",
            constraint.message,
            constraint.action,
            *([constraint.why] if constraint.why else []),
        ]
    )


def _explained(rule: Rule) -> str:
    lines = [
        f"{rule.rule_id}  {rule.severity}, {rule.status}, {KIND_WORDS[rule.finding_kind]}",
        "",
        rule.message,
        rule.action,
        *([rule.why] if rule.why else []),
        "",
        f"  section     {rule.section}",
        f"  fields      {', '.join(rule.fields)}",
        f"  looks at    {KINDS[rule.kind]}",
        f"  source      {rule.source}",
        f"  confidence  {rule.confidence}",
        f"  in force    {_validity(rule)}",
        f"  written in  {_where(rule)}",
    ]
    if rule.note:
        lines.append(f"  note        {rule.note}")
    for title, examples in (("Passes", rule.passes), ("Fails", rule.fails), ("Not judged (blank)", rule.nulls)):
        if examples:
            lines += ["", f"{title}:"]
        for number, example in enumerate(examples, start=1):
            lines += [
                f"  {number}. {line}" if not place else f"     {line}" for place, line in enumerate(_lines(example))
            ]
    return "\n".join(lines)


def _lines(example: Example) -> list[str]:
    lines = []
    for section, rows in example.items():
        for row in rows:
            cells = ", ".join(f"{name} {_cell(value)}" for name, value in row.items())
            lines.append(f"{section}: {cells or 'a row'}")
    return lines


def _cell(value: Any) -> str:
    if value is None:
        return "blank"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _validity(rule: Rule) -> str:
    by = {"quarter": "quarters ending", "application_date": "applications", "assess_date": "assessments"}[rule.valid_by]
    if rule.valid_from is None and rule.valid_to is None:
        return "always"
    start = f" from {rule.valid_from.isoformat()}" if rule.valid_from else ""
    end = f" to {rule.valid_to.isoformat()}" if rule.valid_to else ""
    return f"{by}{start}{end}"


def _where(rule: Rule) -> str:
    if rule.kind == "sql":
        return rule.name
    module = (
        rule.expression.__module__.replace(".", "/") + ".py" if rule.expression else f"schemas/rules/{rule.section}.py"
    )
    return f"{module}, {rule.name}"


def render_markdown() -> str:
    """The rule catalogue, ``schemas/rules/README.md``: same rules, same bytes."""
    lines = [
        "<!-- Generated from schemas/rules by `make docs`. Change the rules, not this. -->",
        "# Rules",
        "",
        _totals(),
        "",
        "A rule is true for a good row, and null passes: that a field must be filled is a rule of its own. Checks",
        "across sections are SQL (`sql/checks/<id>.sql`) and select the bad rows. An error blocks the return, a",
        "warning does not; a `known-wrong` rule never blocks. Rules V, N and L carry out those of the specification",
        "notes (suffix: one of several checks); rules H are ours. MHCLG's own validations are not public:",
        "*confidence* says what a rule rests on.",
        "`hclic rules L-06` prints one rule with its examples.",
        "",
    ]
    for section in SECTIONS:
        lines += [
            f"## {section.number}. {section.label}",
            "",
            "| rule | severity | kind | looks at | fields | what is wrong | what to do | source | confidence |"
            " in force |",
            "|---|---|---|---|---|---|---|---|---|---|",
        ]
        for rule in RULES:
            if rule.section != section.name:
                continue
            severity = rule.severity if rule.status == "active" else f"{rule.severity}, {rule.status}"
            cells = [
                rule.rule_id,
                severity,
                KIND_WORDS[rule.finding_kind] if rule.decidable else "",
                KINDS[rule.kind],
                ", ".join(f"`{field}`" for field in rule.fields),
                rule.message,
                rule.action + (f" {rule.note}" if rule.note else ""),
                rule.source,
                rule.confidence,
                _validity(rule),
            ]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        generated = Counter(constraint.check for constraint in constraints_of(section.name))
        counted = ", ".join(f"{count} {check}" for check, count in sorted(generated.items()))
        lines += ["", f"Generated from the model: {counted} (ids `M-{section.name}-<column>-<check>`).", ""]
    lines += [
        "## While the export is read",
        "",
        "| id | severity | kind | in a local field | what is wrong | what to do |",
        "|---|---|---|---|---|---|",
    ]
    for one in PROBLEMS.values():
        message = _template(one).replace("<", "&lt;").replace(">", "&gt;")
        action = one.advice.replace("{", "&lt;").replace("}", "&gt;")
        kind = KIND_WORDS[one.finding_kind]
        lines.append(
            f"| {one.id} | {one.severity} | {kind} | {one.local_severity or one.severity} | {message} | {action} |"
        )
    lines += [
        "",
        "## Of the export as a whole",
        "",
        "| id | severity | kind | what is wrong | what to do |",
        "|---|---|---|---|---|",
    ]
    for one in EXPORT_KINDS.values():
        message = _template(one).replace("<", "&lt;").replace(">", "&gt;")
        lines.append(f"| {one.id} | {one.severity} | {KIND_WORDS[one.finding_kind]} | {message} | {one.action} |")
    return "\n".join(lines).rstrip() + "\n"
