"""Our error rules against the same rules in XPath, judged by lxml and by Saxon, on cases with faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.validate.constraints import constraints_of
from schemas.sections import SECTIONS
from tools.differential import both
from tools.differential.both import Found, comparable, compared, compile_both, missing, ours, theirs, write
from tools.differential.cases import Faulty, faulty_cases
from tools.differential.schematron import differs, error_rules, left_out, notes

# Beside them stands one case per example of each rule; make differential judges thousands.
CASES, SEED = 150, 20251128


@pytest.fixture(scope="module")
def faulty() -> Faulty:
    return faulty_cases(CASES, SEED, [rule for rule in error_rules() if rule.rule_id in compared()])


@pytest.fixture(scope="module")
def judged(faulty: Faulty, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    """What each side finds."""
    folder = tmp_path_factory.mktemp("differential")
    document = write(faulty, folder / "return")
    found = {engine: theirs(document, schema) for engine, schema in compile_both(folder).items()}
    return {name: comparable(one, faulty.sections) for name, one in (found | {"ours": ours(faulty.sections)}).items()}


@pytest.mark.parametrize("engine", ["lxml", "saxon"])
def test_the_rules_written_in_xpath_find_what_ours_find(engine: str, judged: dict[str, Found]) -> None:
    assert sorted((judged["ours"] - judged[engine]).elements()) == [], "ours only"
    assert sorted((judged[engine] - judged["ours"]).elements()) == [], "theirs only"


def test_every_rule_that_blocks_is_written_in_xpath_or_left_out_for_a_reason() -> None:
    assert missing() == set()
    ours_by_id = {rule.rule_id for rule in error_rules()}
    assert set(notes()["rules"]) <= ours_by_id, "rules.toml has rules that no longer block"
    kinds = {one.check for section in SECTIONS for one in constraints_of(section.name)}
    assert set(left_out()) <= ours_by_id | kinds
    assert not set(left_out()) & compared()
    for about in differs().values():
        assert all(both.named([rule]) for rule in about["rules"]), "rules.toml names a rule that is not compared"


def test_every_rule_fails_in_some_case(judged: dict[str, Found]) -> None:
    assert {rule for rule in notes()["rules"]} - {rule for rule, _ in judged["ours"]} == set()


def test_a_rule_that_is_not_what_it_says_is_seen(faulty: Faulty, judged: dict[str, Found], tmp_path: Path) -> None:
    # A plan on the day of the application is lawful; a Schematron that refuses it must stand out.
    schema = tmp_path / "wrong.sch"
    text = both.schematron(xpath1=True)
    right = "number(translate(PHP_DATE, '-', '')) &lt; number(translate(APPLICATION_DATE, '-', ''))"
    assert right in text
    schema.write_text(text.replace(right, right.replace("&lt;", "&lt;=")), encoding="utf-8")
    document = write(faulty, tmp_path / "return")
    found = comparable(theirs(document, both.Schematron(schema, tmp_path)), faulty.sections)
    assert {rule for rule, _ in found - judged["ours"]} == {"L-01q"}
