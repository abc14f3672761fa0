"""The Schematron: our rules out of ``rules.toml``, the constraints of the models out of the field catalogue."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from pipelines.validate.constraints import CODE, KEY, PATTERN, REQUIRED, constraints_of
from schemas.codelists import codelist
from schemas.rules import RULES, Rule
from schemas.sections import SECTION, SECTIONS

ELEMENT = {
    "main": "MAIN",
    "people": "PERSON",
    "support_needs": "NEED",
    "prevention": "PREVENTION",
    "relief": "RELIEF",
    "final_duties": "FINAL_DUTY",
    "assistance": "ASSISTANCE_RECEIVED",
    "temporary_accommodation": "PLACEMENT",
    "reviews": "REVIEW",
}
"""Element of the provisional return that holds a row of each section."""

FIRST_ACT = "2018-04-03"
"""First day of the Homelessness Reduction Act 2017 (SI 2018/167)."""

_JULIAN = (
    "(number(substring({x}, 9, 2)) + floor((153 * (number(substring({x}, 6, 2)) + 12 * {a} - 3) + 2) div 5)"
    " + 365 * {y} + floor({y} div 4) - floor({y} div 100) + floor({y} div 400) - 32045)"
)


@dataclass(frozen=True)
class Written:
    """One rule as it is written in the Schematron."""

    rule_id: str
    at: str
    bad: str


@cache
def notes() -> dict[str, Any]:
    """What stands in ``rules.toml``."""
    return tomllib.loads((Path(__file__).parent / "rules.toml").read_text(encoding="utf-8"))


def left_out() -> dict[str, str]:
    """Rules and kinds of constraint that the Schematron lacks, with the reason."""
    return dict(notes()["left_out"])


def differs() -> dict[str, dict[str, Any]]:
    """Cases on which the two sides rightly say different things: which cases, of which rules, and why."""
    return dict(notes()["differs"])


def error_rules() -> list[Rule]:
    """Our rules that block a return."""
    return [rule for rule in RULES if rule.severity == "error" and rule.status == "active"]


def written(*, xpath1: bool) -> list[Written]:
    """Every rule of the Schematron, in the order of the sections, in XPath 1 or in XPath 3."""
    texts = notes()["rules"]
    rules = [
        Written(rule.rule_id, texts[rule.rule_id]["at"], _spelt(texts[rule.rule_id]["bad"], xpath1))
        for rule in error_rules()
        if rule.rule_id in texts
    ]
    return rules + [one for section in SECTIONS for one in _constraints(section.name, xpath1)]


def schematron(*, xpath1: bool) -> str:
    """The whole schema: a pattern for each rule, so that none hides another."""
    binding = "xslt" if xpath1 else "xslt3"
    lines = [f'<schema xmlns="http://purl.oclc.org/dsdl/schematron" queryBinding="{binding}">']
    for name, path in (("as-at", "AS_AT"), ("last-day", "LAST_DAY")):
        value = _spelt(f"D(/HCLIC_RETURN/HEADER/{path})", xpath1, words=False)
        lines.append(f'<let name="{name}" value={quoteattr(value)}/>')
    lines.append(f'<let name="first-act" value={quoteattr(_spelt(f"D({FIRST_ACT!r})", xpath1, words=False))}/>')
    for one in written(xpath1=xpath1):
        lines += [
            f'<pattern><rule context="{one.at}"><report id="{one.rule_id}" test={quoteattr(one.bad)}>',
            f"{escape(one.rule_id)} is not met.</report></rule></pattern>",
        ]
    return "\n".join([*lines, "</schema>"])


def _constraints(section: str, xpath1: bool) -> list[Written]:
    """Required, listed, well-formed and unique: what the models say of the columns that the case file carries."""
    at, found = ELEMENT[section], []
    own = SECTION[section]
    for one in constraints_of(section):
        if one.severity != "error" or one.check in left_out():
            continue
        if one.check == KEY:
            elements = [own.column(name).element for name in own.key if name != "case_ref"]
            alike = (f"({name} = current()/{name} or not({name} or current()/{name}))" for name in elements)
            same = " and ".join(alike)
            bad = f"count(../{at}[{same}]) > 1" if elements else f"count(../{at}) > 1"
            found.append(Written(one.rule_id, at, bad))
            continue
        column = own.column(one.column)
        if column.personal or (column.name == "case_ref" and section != "main"):
            continue
        bad = {
            REQUIRED: f"not({column.element})",
            CODE: _unlisted(column.element, column.codelist or "authority", column.kind == "codes", xpath1),
            PATTERN: _malformed(column.element, xpath1),
        }[one.check]
        found.append(Written(one.rule_id, at, bad))
    return found


def _unlisted(element: str, list_name: str, several: bool, xpath1: bool) -> str:
    codes = " ".join(codelist(list_name).codes)
    if several and xpath1:
        # XPath 1 cannot part a text: what is left of it without the listed codes is nothing.
        rest = f"concat(' ', normalize-space({element}), ' ')"
        return f"{element} and string-length(translate({rest}, ' ', '')) > 0 and not({_all_listed(element, codes)})"
    if several:
        return f"some $code in tokenize({element}, ' ') satisfies not($code = tokenize('{codes}', ' '))"
    if xpath1:
        return f"{element} and not(contains(' {codes} ', concat(' ', {element}, ' ')))"
    return f"{element} and not({element} = tokenize('{codes}', ' '))"


def _all_listed(element: str, codes: str, most: int = 6) -> str:
    """That each of the first words of a text is listed: XPath 1 has no loops, so the words are taken one by one."""
    parts, rest = [], f"concat(normalize-space({element}), ' ')"
    for _ in range(most):
        word = f"substring-before({rest}, ' ')"
        parts.append(f"({word} = '' or contains(' {codes} ', concat(' ', {word}, ' ')))")
        rest = f"substring-after({rest}, ' ')"
    return " and ".join(parts)


def _malformed(element: str, xpath1: bool) -> str:
    if not xpath1:
        return f"{element} and not(matches({element}, '^[EWSN][0-9]{{8}}_[0-9]{{12}}$'))"
    digits = f"translate({element}, '0123456789', '0000000000')"
    shape = f"substring({digits}, 2) = '00000000_000000000000'"
    return f"{element} and not({shape} and contains('EWSN', substring({element}, 1, 1)))"


# --- short hands ----------------------------------------------------------------------------------------------------


def _spelt(text: str, xpath1: bool, *, words: bool = True) -> str:
    if words:
        for word, meaning in notes()["words"].items():
            text = re.sub(rf"\b{word}\b", lambda _, put=meaning: f"({put})", text)
        for word, name in (("AS_AT", "as-at"), ("LAST_DAY", "last-day"), ("FIRST_ACT", "first-act")):
            text = re.sub(rf"(?<![/\w]){word}\b", "$" + name, text)
    text = re.sub(r"\bIN\(([^,()]+), (\w+)\.(\w+)(?:=(\w+))?\)", lambda m: _listed(*m.groups(), xpath1=xpath1), text)
    text = re.sub(r"\bFITS\((\w+), (\w+), (\w+)\.(\w+)\)", lambda m: _fits(*m.groups()), text)
    text = re.sub(r"\bDATED\((\w+), (\w+)\)", lambda m: _dated(m[1], m[2]), text)
    text = re.sub(r"\bDAYS\(([^,()]+), ([^,()]+)\)", lambda m: _days(m[1], m[2], xpath1), text)
    return re.sub(r"\bD\(([^()]+)\)", lambda m: _day(m[1], xpath1), text)


def _day(x: str, xpath1: bool) -> str:
    return f"number(translate({x}, '-', ''))" if xpath1 else f"xs:date({x})"


def _days(a: str, b: str, xpath1: bool) -> str:
    if not xpath1:
        return f"days-from-duration(xs:date({b}) - xs:date({a}))"
    return f"({_julian(b)} - {_julian(a)})"


def _julian(x: str) -> str:
    """The Julian day number, which XPath 1 can reckon."""
    a = f"floor((14 - number(substring({x}, 6, 2))) div 12)"
    y = f"(number(substring({x}, 1, 4)) + 4800 - {a})"
    return _JULIAN.format(x=x, a=a, y=y)


def _listed(x: str, list_name: str, column: str, value: str | None, *, xpath1: bool) -> str:
    extra = {code.code: code.extra[column] for code in codelist(list_name).codes.values()}
    codes = [code for code, has in extra.items() if (has == value if value else has)]
    if not xpath1:
        return f"{x} = ({', '.join(map(repr, codes))})"
    return f"({' or '.join(f'{x} = {code!r}' for code in codes) or 'false()'})"


def _fits(x: str, y: str, list_name: str, column: str) -> str:
    of = {code.code: code.extra[column].split() for code in codelist(list_name).codes.values() if code.extra[column]}
    return " or ".join(
        f"({x} = {code!r} and ({' or '.join(f'{y} = {one!r}' for one in ys)}))" for code, ys in of.items()
    )


def _dated(x: str, list_name: str) -> str:
    parts = []
    for code in codelist(list_name).codes.values():
        for sign, day in (("<", code.valid_from), (">", code.valid_to)):
            if day is not None:
                parts.append(f"({x} = {code.code!r} and D(ASSESS_DATE) {sign} D('{day.isoformat()}'))")
    return " or ".join(parts) or "false()"
