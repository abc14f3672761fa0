"""The rules as a page, a table or a list, and one rule with its examples."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from typing import Any

from pipelines.dictionary import as_csv
from pipelines.errors import UsageError
from pipelines.extract.problems import PROBLEMS, Problem
from pipelines.findings import ERROR, FIX, TIDY
from pipelines.validate.constraints import Constraint, constraints_of
from pipelines.validate.kinds import EXPORT_KINDS
from schemas.rules import RULES, Example, Rule
from schemas.sections import SECTIONS

OTHERS = {
    "REF-01": "warning. The case was re-keyed: by the migration map it is sent under the reference it was first sent"
    " under. No action if the map is right.",
    "REF-02": "warning. Padded to twelve digits, the local reference is that of another case, so a new number was"
    " issued. If the two are one case, give both in a migration map.",
    "REF-03": "warning. The local reference was sent before under another H-CLIC reference. If it is the same case,"
    " give both in a migration map.",
    "REF-04": "error. Two rows have the same key once every case is under its H-CLIC reference. Keep one row, or"
    " correct the migration map.",
    "REF-05": "warning. The references of some cases begin with the authority's code in small letters; they were read"
    " as if it stood in capitals.",
    "REF-06": "warning. A row of the migration map has a new_reference that no case of the export or of an earlier run"
    " has. Correct it, or take the row out.",
    "REF-07": "warning. The migration map names an old reference that no earlier run has sent, so a new one was issued."
    " Correct it, or load the reference map of the runs in which the case was sent.",
    "REF-08": "warning. A row of the file of forced cases names a case that the export does not hold. Correct its"
    " case_ref.",
    "W-expired": "warning. A waiver's last day has passed; what it covered counts again.",
    "W-repeated": "warning. A waiver covers the same as one above it, which is applied. Keep one of them.",
    "W-unused": "warning. A waiver covers no finding. Remove it, or check its rule and reference.",
    "O-1": "error or warning, as the return profile's Schematron says. The first of its assertions, and so on: one"
    " with an id of its own stands under that, O-… or OP-… (personal-data file) under its number.",
    "R-not-run": "error. A rule could not run, so nothing is known about what it checks. It cannot be waived.",
}
"""Findings of references, waivers and the run itself."""

KINDS = {
    "row": "one row",
    "household": "all rows of a case",
    "sql": "across sections",
    "none": "not decidable",
}


def entries() -> list[dict[str, Any]]:
    """One entry per rule, in the order of the sections."""
    return [
        {
            "rule_id": rule.rule_id,
            "severity": rule.severity,
            "scope": rule.scope,
            "section": rule.section,
            "kind": KINDS[rule.kind],
            "status": rule.status,
            "fields": ", ".join(rule.fields),
            "message": rule.message,
            "action": rule.action,
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


def kind_of(rule_id: str) -> str:
    """What an officer does about a finding of the rule: ``fix``, ``tidy`` or ``casework``.

    What an official pack says is to be fixed.
    """
    return _kinds().get(rule_id, FIX)


@cache
def _kinds() -> dict[str, str]:
    generated = {
        one.rule_id: FIX if one.severity == ERROR else TIDY
        for section in SECTIONS
        for one in constraints_of(section.name)
    }
    others = {id_: FIX if text.startswith("error") else TIDY for id_, text in OTHERS.items()}
    problems = {one.id: one.finding_kind for one in (*PROBLEMS.values(), *EXPORT_KINDS.values())}
    return {**others, **problems, **generated, **{rule.rule_id: rule.finding_kind for rule in RULES}}


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
                lines.append(f"  {rule.rule_id:6} {mark:14} {rule.message}")
    lines += ["", "While the export is read", ""]
    lines += [f"  {one.id:6} {one.severity:14} {_template(one)}" for one in PROBLEMS.values()]
    lines += ["", "Of the export as a whole", ""]
    lines += [f"  {one.id:6} {one.severity:14} {_template(one)}" for one in EXPORT_KINDS.values()]
    return "\n".join([*lines, "", _totals()]).lstrip("\n")


def words_of(rule_id: str) -> str | None:
    """What a finding of the rule says, without the words that differ from one to the next; none for an unknown id."""
    rules = {rule.rule_id: rule.message for rule in RULES}
    generated = {one.rule_id: one.message for section in SECTIONS for one in constraints_of(section.name)}
    problems = {one.id: _template(one) for one in (*PROBLEMS.values(), *EXPORT_KINDS.values())}
    others = {id_: text.split(". ", 1)[1] for id_, text in OTHERS.items()}
    return {**others, **problems, **generated, **rules}.get(rule_id)


def _template(problem: Problem) -> str:
    return problem.message.replace("{place}", "<file, row, column>").replace("{", "<").replace("}", ">")


def _totals() -> str:
    decidable = [rule for rule in RULES if rule.decidable]
    severities = Counter(rule.severity for rule in decidable)
    generated = sum(len(constraints_of(section.name)) for section in SECTIONS)
    return (
        f"{len(decidable)} rules that the data can decide ({severities['error']} errors, {severities['warning']} "
        f"warnings), {len(RULES) - len(decidable)} that no field decides; {generated} constraints generated from the "
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
    for problems, when in ((PROBLEMS, "while the export is read"), (EXPORT_KINDS, "of the export as a whole")):
        problem = next((one for one in problems.values() if one.id.lower() == wanted), None)
        if problem is not None:
            return _explained_problem(problem, when)
    for section in SECTIONS:
        for constraint in constraints_of(section.name):
            if constraint.rule_id.lower() == wanted:
                return _explained_constraint(constraint)
    other = next((one for one in OTHERS if one.lower() == wanted), None)
    if other is not None:
        return f"{other}  {OTHERS[other]}"
    raise UsageError(f"There is no rule {rule_id}. hclic rules lists them all.")


def _explained_problem(problem: Problem, when: str) -> str:
    local = f" ({problem.local_severity} in a local field)" if problem.local_severity else ""
    return "\n".join(
        [
            f"{problem.id}  {problem.severity}{local}, found {when}",
            "",
            _template(problem),
            problem.action.replace("{", "<").replace("}", ">"),
        ]
    )


def _explained_constraint(constraint: Constraint) -> str:
    return "\n".join(
        [
            f"{constraint.rule_id}  {constraint.severity}, generated from the model of {constraint.section}",
            "",
            constraint.message,
            constraint.action,
        ]
    )


def _explained(rule: Rule) -> str:
    lines = [
        f"{rule.rule_id}  {rule.severity}, {rule.status}",
        "",
        rule.message,
        rule.action,
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
            "| rule | severity | looks at | fields | what is wrong | what to do | source | confidence | in force |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        for rule in RULES:
            if rule.section != section.name:
                continue
            severity = rule.severity if rule.status == "active" else f"{rule.severity}, {rule.status}"
            cells = [
                rule.rule_id,
                severity,
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
        "| id | severity | in a local field | what is wrong | what to do |",
        "|---|---|---|---|---|",
    ]
    for one in PROBLEMS.values():
        message = _template(one).replace("<", "&lt;").replace(">", "&gt;")
        action = one.action.replace("{", "&lt;").replace("}", "&gt;")
        lines.append(f"| {one.id} | {one.severity} | {one.local_severity or one.severity} | {message} | {action} |")
    lines += [
        "",
        "## Of the export as a whole",
        "",
        "| id | severity | what is wrong | what to do |",
        "|---|---|---|---|",
    ]
    for one in EXPORT_KINDS.values():
        message = _template(one).replace("<", "&lt;").replace(">", "&gt;")
        lines.append(f"| {one.id} | {one.severity} | {message} | {one.action} |")
    return "\n".join(lines).rstrip() + "\n"
