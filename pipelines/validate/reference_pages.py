"""The rules as pages: Markdown, one a rule with an index (``docs/rules``), and one HTML file that anyone can open."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path

from pipelines.findings import CASEWORK, FIX, TIDY
from pipelines.period import in_words
from pipelines.validate.catalogue import KIND_WORDS, page_id
from pipelines.validate.reference import Page, Table, pages
from schemas.rules._examples import EXAMPLE_KNOWN

_GENERATED = "<!-- Generated from the rules by `make docs`. Change the rules, not this. -->"
_OF_EXAMPLES = (
    f"Where days matter, the quarter ends on {in_words(EXAMPLE_KNOWN.last_day)} and the export was taken on"
    f" {in_words(EXAMPLE_KNOWN.as_at)}."
)
KINDS_EXPLAINED = (
    (FIX, "what is recorded would be sent wrongly, or is missing from what is sent."),
    (TIDY, "the record is wrong or incomplete where nothing is sent from it."),
    (CASEWORK, "the record may be right as it stands; it says something about the case that somebody should look at."),
)
_STYLE = Path(__file__).with_name("reference.css")


@cache
def markdown_pages() -> dict[str, str]:
    """The text of each file of ``docs/rules`` by its name: one page a rule, and ``README.md``, which lists them."""
    known = pages()
    return {f"{page.page_id}.md": _markdown(page) for page in known} | {"README.md": _index(known)}


def _markdown(page: Page) -> str:
    kind = f"**{_first_up(page.kind)}.** " if page.kind else ""
    lines = [_GENERATED, f"# {_md(page.message)}", "", f"{kind}{page.verdict} {page.group}.", ""]
    lines += ["## Why", "", _md(page.why), "", "## What to do", "", _md(page.todo), ""]
    if page.in_profile:
        lines += [f"Instead, for whoever keeps the source profile: {_md(page.in_profile)}", ""]
    for title, examples in _titled(page):
        lines += [f"## {title}", ""]
        for number, tables in enumerate(examples, start=1):
            for table in tables:
                if table.caption:
                    lines += [f"{number}. {table.caption}" if len(examples) > 1 else table.caption, ""]
                lines += [_md_row(table.headings), "|" + "---|" * len(table.headings)]
                lines += [*(_md_row(row) for row in table.rows), ""]
    if page.good or page.bad:
        lines += [_OF_EXAMPLES, ""]
    lines += ["## About this rule", "", "| | |", "|---|---|", _md_row(("Id", page.page_id))]
    lines += [_md_row((name, text)) for name, text in page.facts]
    return "\n".join([*lines, "", "[All rules](README.md)"]) + "\n"


def _titled(page: Page) -> tuple[tuple[str, tuple[tuple[Table, ...], ...]], ...]:
    both = (("Reported, for example", page.bad), ("Not reported, for example", page.good))
    return tuple((title, examples) for title, examples in both if examples)


def _md(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;").replace("|", "\\|").replace("*", "\\*").replace("[", "\\[")


def _md_row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(map(_md, cells)) + " |"


def _first_up(text: str) -> str:
    return text[:1].upper() + text[1:]


def _index(known: tuple[Page, ...]) -> str:
    lines = [
        _GENERATED,
        "# What is checked, and why",
        "",
        "One page a rule: what it says, why, what to do, examples, and where it comes from. `docs/rules.html` has them",
        "all in one file that opens in any browser.",
        "",
        "Three kinds of findings:",
        "",
        *(f"- **{_first_up(KIND_WORDS[kind])}**: {text}" for kind, text in KINDS_EXPLAINED),
        "",
        "An error blocks the return, whatever its kind; a warning never does.",
        "",
    ]
    for group, own in groupby(known, key=lambda page: page.group):
        lines += [f"## {group}", "", "| rule | kind | what is wrong |", "|---|---|---|"]
        lines += [f"| [{one.page_id}]({one.page_id}.md) | {one.kind} | {_md(one.message)} |" for one in own]
        lines.append("")
    lines += ["## By kind", ""]
    for kind, _ in KINDS_EXPLAINED:
        linked = [f"[{one.page_id}]({one.page_id}.md)" for one in known if one.kind == KIND_WORDS[kind]]
        lines += [f"**{_first_up(KIND_WORDS[kind])}** ({len(linked)}): {', '.join(linked)}", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def html_page(rule_ids: Iterable[str] | None = None) -> str:
    """Rules in one self-contained page without script, each an article whose id is that of the rule's page.

    Args:
        rule_ids: those to be explained; by default all.
    """
    wanted = None if rule_ids is None else {page_id(one) for one in rule_ids}
    known = tuple(page for page in pages() if wanted is None or page.page_id in wanted)
    kinds = "".join(
        f"<li><strong>{escape(_first_up(KIND_WORDS[kind]))}</strong>: {escape(text)}</li>"
        for kind, text in KINDS_EXPLAINED
    )
    nav, body = [], []
    for number, (group, own_pages) in enumerate(groupby(known, key=lambda page: page.group), start=1):
        own = list(own_pages)
        links = "".join(f'<li><a href="#{one.page_id}">{escape(one.message)}</a></li>' for one in own)
        nav.append(f"<details><summary>{escape(group)} ({len(own)})</summary><ul>{links}</ul></details>")
        body.append(f'<section aria-labelledby="group-{number}"><h2 id="group-{number}">{escape(group)}</h2>')
        body += [_article(one) for one in own]
        body.append("</section>")
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en-GB"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<title>What is checked, and why</title>",
            f"<style>{_STYLE.read_text(encoding='utf-8')}</style></head><body>",
            '<a class="skip" href="#main">Skip to main content</a>',
            "<header><h1>What is checked, and why</h1>",
            "<p>Findings are of three kinds. An error blocks the return, a warning never does.</p>",
            f"<ul>{kinds}</ul></header>",
            f'<nav aria-label="All rules">{"".join(nav)}</nav>',
            '<main id="main" tabindex="-1">',
            *body,
            f"</main><footer><p>{escape(_OF_EXAMPLES)}</p></footer></body></html>",
            "",
        ]
    )


def _article(page: Page) -> str:
    kind = f"<strong>{escape(_first_up(page.kind))}.</strong> " if page.kind else ""
    parts = [
        f'<article id="{page.page_id}"><h3>{escape(page.message)}</h3><p>{kind}{escape(page.verdict)}</p>',
        f"<h4>Why</h4><p>{escape(page.why)}</p><h4>What to do</h4><p>{escape(page.todo)}</p>",
    ]
    if page.in_profile:
        parts.append(f"<p>Instead, for whoever keeps the source profile: {escape(page.in_profile)}</p>")
    for title, examples in _titled(page):
        parts.append(f"<h4>{title}</h4>")
        parts += [
            f'<div class="example" role="region" tabindex="0" aria-label="{title} {number}">'
            f"{''.join(map(_html_table, tables))}</div>"
            for number, tables in enumerate(examples, start=1)
        ]
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in page.facts)
    parts.append(f"<details><summary>Where it comes from</summary><dl>{facts}<dt>Id</dt><dd>{page.page_id}</dd></dl>")
    return "".join([*parts, "</details></article>"])


def _html_table(table: Table) -> str:
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in table.headings)
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
