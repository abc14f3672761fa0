"""What officers are told: every message, what to do and why, kept in one file so that a change of words is seen."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from pipelines.emit.findings.officers import officers_frame
from pipelines.extract.problems import PROBLEMS
from pipelines.findings import complete
from pipelines.validate.catalogue import kind_of, known_ids, plain
from schemas.codelists import codelist, codelist_names
from schemas.sections import catalogue

KEPT = Path(__file__).with_name("messages.txt")

# What stands for words of its own too: nobody takes 'age' for the name of a column.
_NAMES = {column.name for column in catalogue()} | set(codelist_names())
_CODES = {code for name in codelist_names() for code in codelist(name).codes}
_INTERNAL = {one for one in _NAMES | _CODES if "_" in one} | {
    "assess1",
    "lastaccom",
    "currentaccom",
    "reasonloss",
    "pneed",
    "taduty",
    "nino",
    "nk",
}
FORBIDDEN = {
    "a name or code of ours": rf"(?i)\b({'|'.join(sorted(map(re.escape, _INTERNAL)))})\b",
    "any name with an underscore": r"\b[a-z]+_[a-z_]+\b",
    "a day written by year": r"\b\d{4}-\d{2}-\d{2}\b",
    "a section of the return by its number": r"(?i)\bsections? [1-9]\b(?! notice)",
    "the number of a rule": r"\b[A-Z]{1,3}-\d{1,3}[a-z]?\b",
    "a tag of the notes": r"\[[A-Z][^\]]*\]",
    "an option or command": r"(--[a-z]|\bhclic\b)",
    "a published table by its number": r"\b(A\d{1,2}|P\d|R\d|MD\d|TA\d)\b",
}
EXAMPLE_REFERENCE = "E06000034_000000030363"


def of_the_profile(rule_id: str) -> bool:
    """Whether what to do is for whoever keeps the source profile: the trouble is of a file, not of a case."""
    return rule_id in PROBLEMS and PROBLEMS[rule_id].scope == "return"


def said(rule_id: str) -> dict[str, str]:
    known = plain(rule_id)
    assert known is not None, rule_id
    parts = {"message": known.message, "why": known.why, "todo": known.todo}
    if of_the_profile(rule_id):
        del parts["todo"]
    return {name: text.replace(EXAMPLE_REFERENCE, "") for name, text in parts.items()}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_that_an_officer_reads_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        (rule_id, name, match[0])
        for rule_id in sorted(known_ids())
        for name, text in said(rule_id).items()
        if (match := pattern.search(text))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a name or code of ours", "The value of assess1 was not in use."),
        ("a name or code of ours", "Choose prs_self."),
        ("any name with an underscore", "Set case_ref_pattern."),
        ("a day written by year", "Before 2018-04-03."),
        ("a section of the return by its number", "It belongs to no case of section 1."),
        ("the number of a rule", "See L-06."),
        ("a tag of the notes", "Ended early [L s189B(4)]."),
        ("an option or command", "Give --as-at."),
        ("a published table by its number", "Table MD3 counts by it."),
    ],
)
def test_what_is_looked_for_is_found(what: str, text: str) -> None:
    assert re.search(FORBIDDEN[what], text)


@pytest.mark.parametrize("text", ["under section 193C(4)", "a section 8 notice", "the 21 days of section 202(3)"])
def test_the_law_may_be_named_by_its_sections(text: str) -> None:
    assert not any(re.search(pattern, text) for pattern in FORBIDDEN.values())


def test_every_rule_says_what_is_wrong_why_and_what_to_do_in_whole_sentences() -> None:
    for rule_id in sorted(known_ids()):
        known = plain(rule_id)
        assert known is not None, rule_id
        for text in (known.message, known.why, known.todo):
            assert re.match(r"['‹A-Z]", text), (rule_id, text)
            assert text.rstrip().endswith((".", "'")), (rule_id, text)
        assert known.why != known.message, rule_id


def as_text() -> str:
    """One paragraph per rule: id and kind, message, why, what to do."""
    parts = []
    for rule_id in sorted(known_ids()):
        known = plain(rule_id)
        assert known is not None
        parts.append(f"{rule_id} ({kind_of(rule_id)})\n  {known.message}\n  {known.why}\n  {known.todo}\n")
    return "\n".join(parts)


def test_the_messages_are_those_that_were_read_and_agreed(request: pytest.FixtureRequest) -> None:
    """A change of words is a change of this file: run with --rewrite-golden and read its difference."""
    if request.config.getoption("--rewrite-golden"):
        KEPT.write_text(as_text(), encoding="utf-8")
    kept, now = KEPT.read_text(encoding="utf-8").split("\n\n"), as_text().split("\n\n")
    assert [one for one in now if one not in kept] == []
    assert [one for one in kept if one not in now] == []


SCENARIOS = Path(__file__).parents[1] / "golden"


def test_what_the_findings_of_the_scenarios_say_to_officers_holds_none_of_it() -> None:
    """Sentences as runs made them; a file, a heading and the reference of a case are the council's own."""
    own = re.compile(r"^[\w .-]+\.csv(, row \d+)?(, column '[^']*')?|E\d{8}_\d{12}")
    read, found = 0, []
    for path in sorted(SCENARIOS.glob("*/expected/findings/findings.csv")):
        rows = pl.read_csv(path, infer_schema=False).cast({"row": pl.Int64, "count": pl.Int64})
        for row in officers_frame(complete(rows)).to_dicts():
            parts = [row["what"], *([] if of_the_profile(row["rule_id"]) else [row["todo"]])]
            read += 1
            found += [
                (path.parts[-4], row["rule_id"], what, text)
                for text in parts
                for what, pattern in FORBIDDEN.items()
                if re.search(pattern, own.sub("", text))
            ]
    assert read > 100
    assert found == []
