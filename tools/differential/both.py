"""Both sides judge the same cases: ours the sections, the Schematron what the return writer makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl
from lxml import etree

from pipelines.emit.returns import load_profile, write_return
from pipelines.emit.returns.schematron import Schematron
from pipelines.period import Quarter
from pipelines.transform import SENT, build_facts, load_sections, prepare
from pipelines.validate import Context, validate
from schemas.sections import SECTION, SECTIONS
from tools.differential.cases import AUTHORITY, LAST_DAY, UNLISTED, Faulty, Sections
from tools.differential.schematron import ELEMENT, differs, error_rules, left_out, schematron, written

Found = Counter[tuple[str, str]]
"""Findings by rule and case."""

_NOT_SENT = ("forename", "surname", "nino", "last_address")

_WHICH: dict[str, Callable[[Sections], pl.DataFrame]] = {
    "legacy": lambda sections: sections["main"].filter("legacy"),
    "people_not_told_apart": lambda sections: sections["people"].filter(
        pl.col("person_no").is_null() | pl.struct("case_ref", "person_no").is_duplicated()
    ),
}
"""The cases of which ``differs`` in ``rules.toml`` speaks."""


def compared() -> set[str]:
    """Ids of the rules and constraints that both sides have."""
    return {one.rule_id for one in written(xpath1=True)}


def missing() -> set[str]:
    """Error rules that are neither written as Schematron nor left out with a reason."""
    return {rule.rule_id for rule in error_rules()} - compared() - set(left_out())


def ours(sections: Sections, *, authority: str = AUTHORITY) -> Found:
    """What our rules and constraints find."""
    rules = [rule for rule in error_rules() if rule.rule_id in compared()]
    context = Context(authority=authority, quarter=Quarter.containing(LAST_DAY), as_at=LAST_DAY)
    found = validate(sections, context, rules=rules).findings
    kept = found.filter(pl.col("rule_id").is_in(list(compared())) & pl.col("case_ref").is_not_null())
    return _counted(kept.select("rule_id", "case_ref").rows())


def theirs(document: Path, schema: Schematron) -> Found:
    """What the Schematron finds in the document."""
    return _counted(
        (str(one.check.own_id), _case_of(one.node)) for one in schema.violations([document]) if one.error is None
    )


def comparable(found: Found, sections: Sections) -> Found:
    """The findings without those on which both sides may differ (``differs`` in ``rules.toml``)."""
    left = set()
    for name, about in differs().items():
        cases = set(_WHICH[name](sections)["case_ref"])
        left |= {(rule, case) for rule in named(about["rules"]) for case in cases}
    return Counter({key: count for key, count in found.items() if key not in left})


def named(rules: list[str]) -> set[str]:
    """The rules; a last ``*`` stands for all that begin so."""
    return {
        one for one in compared() for rule in rules if one == rule or (rule[-1] == "*" and one.startswith(rule[:-1]))
    }


def _counted(found: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> Found:
    return Counter(found)


def _case_of(node: etree._Element | None) -> str:
    while node is not None and node.tag != "CASE":
        node = node.getparent()
    return "" if node is None else str(node.findtext("MAIN/CASE_REF"))


def compile_both(folder: Path) -> dict[str, Schematron]:
    """The Schematron for lxml (XPath 1) and for Saxon (XPath 3)."""
    compiled = {}
    for name, xpath1 in (("lxml", True), ("saxon", False)):
        path = folder / f"{name}.sch"
        path.write_text(schematron(xpath1=xpath1), encoding="utf-8")
        compiled[name] = Schematron(path, folder)
    return compiled


def write(faulty: Faulty, folder: Path, *, authority: str = AUTHORITY) -> Path:
    """The return of the cases as the writer makes it, whatever it thinks of them; codes that no list has put in."""
    with _sent(faulty.sections, authority) as con:
        files = write_return(con, load_profile("provisional"), folder, personal=False, software_version="0")
    if faulty.unlisted:
        _put_in(files.case, faulty)
    return files.case


@contextmanager
def _sent(sections: Sections, authority: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as con:
        con.execute("set enable_progress_bar = false")
        con.execute("set threads = 1")
        load_sections(con, sections)
        prepare(con, run_id="both", la_code=authority, quarter=Quarter.containing(LAST_DAY), as_at=LAST_DAY)
        con.execute("create schema sent")
        con.execute("create table sent.selected_cases as select case_ref from recorded.main")
        for section in SECTIONS:
            left = ", ".join(name for name in _NOT_SENT if name in section.names)
            con.execute(
                f"create table sent.{section.name} as select *{f' exclude ({left})' if left else ''}"
                f" from recorded.{section.name}"
            )
        build_facts(con, SENT)
        yield con


def _put_in(path: Path, faulty: Faulty) -> None:
    tree = etree.parse(str(path))
    cases = {str(case.findtext("MAIN/CASE_REF")): case for case in tree.getroot().iter("CASE")}
    for ref, section, key, name in faulty.unlisted:
        own = SECTION[section]
        wanted = {own.column(part).element: value for part, value in key.items() if part != "case_ref"}
        element = own.column(name).element
        for row in cases[ref].iterchildren(ELEMENT[section]) if ref in cases else ():
            is_it = all(row.findtext(at) == (None if value is None else str(value)) for at, value in wanted.items())
            if is_it and row.find(element) is None:
                etree.SubElement(row, element).text = UNLISTED
                break
    tree.write(str(path), encoding="utf-8", xml_declaration=True)
