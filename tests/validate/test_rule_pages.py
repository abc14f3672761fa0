"""Each rule has a page that somebody who knows no code can read, and all stand in one file that an officer can open."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from lxml import html

from pipelines.docs import PAGES, ROOT, stale
from pipelines.emit.findings.officers import officers_frame
from pipelines.emit.pages.rules import write_rules
from pipelines.extract.problems import PROBLEMS
from pipelines.findings import complete
from pipelines.validate.catalogue import KIND_WORDS, known_ids, page_id, rule_page
from pipelines.validate.reference import pages
from pipelines.validate.reference_pages import html_page, markdown_pages
from schemas.codelists import codelist, codelist_names
from schemas.rules import RULE

DOCS = ROOT / "docs"


def test_every_id_that_a_finding_can_carry_has_a_page() -> None:
    known = sorted(known_ids())
    assert [one for one in known if not (DOCS / "rules" / f"{page_id(one)}.md").is_file()] == []
    assert rule_page("L-06") == "rules.html#L-06"
    assert rule_page("M-main-assess_date-type") == "rules.html#M-type"
    # An official pack brings ids that nobody here can know.
    assert rule_page("O-17") == rule_page("OP-3") == rule_page("HCLIC-A-1") == "rules.html#O-1"


def test_the_pages_are_those_that_the_rules_give_now() -> None:
    assert "docs/rules.html" in PAGES
    assert [name for name in stale() if name.startswith("docs/rules")] == []


def test_a_page_of_a_rule_that_is_gone_is_stale(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pipelines.docs.ROOT", tmp_path)
    (tmp_path / "docs" / "rules").mkdir(parents=True)
    (tmp_path / "docs" / "rules" / "Z-99.md").write_text("gone", encoding="utf-8")
    found = stale()
    assert "docs/rules/Z-99.md" in found and "docs/rules/L-06.md" in found


def test_a_page_says_what_why_what_to_do_kind_and_source() -> None:
    text = markdown_pages()["L-07.md"]
    rule = RULE["L-07"]
    for words in (rule.message, rule.why, rule.action, "**Casework.**", "it does not block the return", "## Why"):
        assert words in text
    assert "3.3 L-07" in text and "the law" in text


def test_examples_are_told_in_labels_and_days_under_the_words_of_the_fields() -> None:
    text = markdown_pages()["V-02.md"]
    assert "| Living with family | Homeless (inc. intentionally) | Private rented sector: Self-contained |" in text
    assert "| 5 November 2025 | (blank) |" in markdown_pages()["L-07.md"]
    codes = {code for name in codelist_names() for code in codelist(name).codes if "_" in code}
    tables = [table for page in pages() for part in page.good + page.bad for table in part]
    shown = [cell for table in tables for row in table.rows for cell in row]
    assert [cell for cell in shown if cell in codes or re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell)] == []
    headings = {text for table in tables for text in table.headings}
    assert [text for text in headings if "_" in text] == []


def test_both_examples_stand_on_the_page_of_every_rule_that_the_data_can_decide() -> None:
    bare = [page.page_id for page in pages() if page.page_id in RULE and RULE[page.page_id].decidable and not page.bad]
    assert bare == []


def test_the_index_lists_every_page_once_in_its_section_and_by_its_kind() -> None:
    text = markdown_pages()["README.md"]
    for page in pages():
        assert text.count(f"| [{page.page_id}]({page.page_id}.md) |") == 1, page.page_id
    for words in KIND_WORDS.values():
        count = sum(page.kind == words for page in pages())
        assert f"**{words[0].upper()}{words[1:]}** ({count}):" in text


def test_one_file_holds_all_rules_and_asks_for_nothing() -> None:
    tree = html.fromstring(html_page())
    articles = [one.get("id") for one in tree.iter("article")]
    assert len(articles) == len(set(articles))
    assert set(articles) == {page_id(one) for one in known_ids()}
    assert list(tree.iter("script", "link", "img", "iframe")) == []
    links = [one.get("href") for one in tree.iter("a")]
    assert set(links) == {"#main", *(f"#{one}" for one in articles)}
    assert tree.get("lang") == "en-GB"


def test_beside_the_findings_of_a_run_stand_the_rules_that_they_name(tmp_path: Path) -> None:
    write_rules(["L-06", "L-06", "M-main-assess_date-type", "O-17"], tmp_path)
    tree = html.fromstring((tmp_path / "rules.html").read_text(encoding="utf-8"))
    assert [one.get("id") for one in tree.iter("article")] == ["L-06", "M-type", "O-1"]
    write_rules([], tmp_path)
    assert "<article" not in (tmp_path / "rules.html").read_text(encoding="utf-8")


def test_an_officer_is_told_what_to_do_without_the_settings_of_the_profile() -> None:
    rows = [
        {"rule_id": one, "severity": "error", "scope": "record", "message": "…", "action": action}
        for one, action in (
            ("X-30", PROBLEMS["X-30"].advice),
            ("L-06", "Correct the dates."),
            ("O-7", "See it."),
            ("X-31", "Waived by A."),
        )
    ]
    told = {row["rule_id"]: row for row in officers_frame(complete(pl.DataFrame(rows))).to_dicts()}
    assert {one: row["todo"] for one, row in told.items()} == {
        "X-30": "Correct the date.",
        "L-06": "Correct the dates.",
        "O-7": "See it.",
        "X-31": "Waived by A.",
    }
    assert told["L-06"]["rule_page"] == "rules.html#L-06"
