"""What the page of a rule says: message, why, what to do, examples, source, kind. Read from the rules alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from pipelines.extract.problem import Problem
from pipelines.extract.problems import PROBLEMS
from pipelines.findings import ERROR
from pipelines.period import in_words
from pipelines.validate.catalogue import KIND_WORDS, in_plain_words, kind_of, page_id
from pipelines.validate.constraints import Constraint, constraints_of
from pipelines.validate.kinds import EXPORT_KINDS
from pipelines.validate.others import OTHERS
from schemas.codelists import codelist
from schemas.rules import RULES, Example, Rule
from schemas.sections import SECTION, SECTIONS, Column

BLANK = "(blank)"
OF_FIELDS, OF_THE_EXPORT = "Of every field", "While the export is read"
OF_THE_RUN = "Of the export, references and the run"

BLOCKS = "An error: it blocks the return until it is mended or waived."
WARNS = "A warning: it does not block the return."
NEVER_BLOCKS = "A warning that is known to be wrong: it never blocks the return."
NOT_DECIDED = "No field decides it, so nothing is ever reported: it is listed so that nobody thinks it is checked."

_CONFIDENCE = {
    "stated": "stated in public by a supplier or by the ministry",
    "label": "a label or note that the ministry prints in its tables",
    "hidden label": "a label in a hidden row of the ministry's tables",
    "inferred": "inferred from two or more public sources",
    "statute": "the law",
    "recalled": "recalled, not verified",
    "proposed": "a choice of this program, where nothing is public",
}


@dataclass(frozen=True)
class Table:
    """Rows of an example under the words of their fields."""

    caption: str
    """Part of the case that the rows are of; empty where there is only one."""
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Page:
    """One rule, or one kind of constraint, as a page says it."""

    page_id: str
    group: str
    """Section of the return, or what else it is found of."""
    kind: str
    """In words; empty where nothing is ever reported."""
    verdict: str
    message: str
    why: str
    todo: str
    in_profile: str
    facts: tuple[tuple[str, str], ...]
    good: tuple[tuple[Table, ...], ...] = ()
    """One entry per example that passes."""
    bad: tuple[tuple[Table, ...], ...] = ()


@cache
def pages() -> tuple[Page, ...]:
    """One page per rule, in the order of the sections; then of constraints, the export, references and the run."""
    return (*map(_of_rule, RULES), *_of_constraints(), *map(_of_problem, _problems()))


def _problems() -> tuple[Problem, ...]:
    return (*PROBLEMS.values(), *EXPORT_KINDS.values(), *OTHERS.values())


def _of_rule(rule: Rule) -> Page:
    verdict = WARNS if rule.severity != ERROR else BLOCKS
    if rule.status == "known-wrong":
        verdict = NEVER_BLOCKS
    if not rule.decidable:
        verdict = NOT_DECIDED
    return Page(
        page_id=rule.rule_id,
        group=SECTION[rule.section].label,
        kind=KIND_WORDS[rule.finding_kind] if rule.decidable else "",
        verdict=verdict,
        message=rule.message,
        why=rule.why,
        todo=rule.action,
        in_profile="",
        facts=(
            ("Looks at", ", ".join(_field_words(rule))),
            ("Source", rule.source),
            ("Rests on", _CONFIDENCE[rule.confidence]),
            *((("In force", _in_force(rule)),) if rule.valid_from or rule.valid_to else ()),
            *((("Note", rule.note),) if rule.note else ()),
        ),
        good=_examples(rule.passes),
        bad=_examples(rule.fails),
    )


def _field_words(rule: Rule) -> Iterator[str]:
    for name in rule.fields:
        section, _, field = name.rpartition(".")
        words = SECTION[section or rule.section].column(field).words
        yield f"{words} ({SECTION[section].label})" if section and section != rule.section else words


def _in_force(rule: Rule) -> str:
    of = {"quarter": "quarters that end", "application_date": "applications", "assess_date": "assessments"}
    start = f" from {in_words(rule.valid_from)}" if rule.valid_from else ""
    end = f" to {in_words(rule.valid_to)}" if rule.valid_to else ""
    return f"for {of[rule.valid_by]}{start}{end}"


def _of_constraints() -> Iterator[Page]:
    by_check: dict[str, list[Constraint]] = {}
    for section in SECTIONS:
        for one in constraints_of(section.name):
            by_check.setdefault(page_id(one.rule_id), []).append(one)
    for ident, constraints in by_check.items():
        first = constraints[0]
        checked: dict[str, list[str]] = {}
        for one in constraints:
            section = SECTION[one.section]
            words = " and ".join(section.column(name).words for name in section.key) if one.check == "key" else ""
            checked.setdefault(section.label, []).append(words or section.column(one.column).words)
        is_mixed = len({kind_of(one.rule_id) for one in constraints}) > 1
        local = " A warning in a field that is not sent, which is then to be tidied." if is_mixed else ""
        yield Page(
            page_id=ident,
            group=OF_FIELDS,
            kind=KIND_WORDS[kind_of(first.rule_id)],
            verdict=BLOCKS + local,
            message=first.family,
            why=first.why,
            todo=first.todo_of_all,
            in_profile="",
            facts=tuple((label, "; ".join(words)) for label, words in checked.items()),
        )


def _of_problem(problem: Problem) -> Page:
    verdict = BLOCKS if problem.severity == ERROR else WARNS
    if problem.local_severity:
        verdict += " In a field that is not sent it is a warning, and the record is to be tidied."
    return Page(
        page_id=problem.id,
        group=OF_THE_EXPORT if problem.id in PROBLEMS else OF_THE_RUN,
        kind=KIND_WORDS[problem.finding_kind],
        verdict=verdict,
        message=in_plain_words(problem.message),
        why=problem.why,
        todo=problem.action,
        in_profile=in_plain_words(in_plain_words(problem.in_profile).removeprefix("Or ")),
        facts=(),
    )


def _examples(examples: Sequence[Example]) -> tuple[tuple[Table, ...], ...]:
    """Each example as tables; examples in which every part of the case has one row are the rows of one table."""
    if not examples:
        return ()
    if all(len(rows) == 1 for one in examples for rows in one.values()):
        flat = [
            {(section, name): value for section, rows in one.items() for name, value in rows[0].items()}
            for one in examples
        ]
        return ((_table("", flat),),)
    return tuple(
        tuple(
            _table(SECTION[section].label, [{(section, name): value for name, value in row.items()} for row in rows])
            for section, rows in one.items()
        )
        for one in examples
    )


def _table(caption: str, rows: Sequence[Mapping[tuple[str, str], Any]]) -> Table:
    columns = [SECTION[section].column(name) for section, name in dict.fromkeys(key for row in rows for key in row)]
    return Table(
        caption,
        tuple(column.words[0].upper() + column.words[1:] for column in columns),
        tuple(tuple(_shown(column, row.get((column.section, column.name))) for column in columns) for row in rows),
    )


def _shown(column: Column, value: Any) -> str:
    """A value as an officer reads it: the label of a code, a day in words, yes or no."""
    if value is None:
        return BLANK
    if column.kind == "flag":
        return "Yes" if value else "No"
    if column.kind == "date":
        return in_words(date.fromisoformat(value) if isinstance(value, str) else value)
    if column.codelist:
        codes = codelist(column.codelist).codes
        return "; ".join(codes[one].label if one in codes else one for one in str(value).split(";"))
    return str(value)
