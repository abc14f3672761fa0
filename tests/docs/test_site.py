"""The site: built without a warning, every page reached, and nothing asked for from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from lxml import html

from tools.site import hooks

ROOT = Path(__file__).resolve().parents[2]


def build(config: Path, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        # Not quiet: MkDocs counts only the warnings that it shows.
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config), "-d", str(target)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    done = build(ROOT / "mkdocs.yml", target)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


class Asked(HTMLParser):
    """What a page fetches by itself when it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        wanted = values.get("href") if tag == "link" and values.get("rel") != "canonical" else values.get("src")
        if wanted and tag != "a":
            self.found.append(wanted)


def test_no_page_of_the_site_asks_for_anything_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 40
    elsewhere = []
    for page in pages:
        asked = Asked()
        asked.feed(page.read_text(encoding="utf-8"))
        elsewhere += [f"{page.name}: {one}" for one in asked.found if re.match(r"(https?:)?//", one)]
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        elsewhere += [
            f"{sheet.name}: {one}" for one in re.findall(r"(?:url\(|@import\s+)[\"']?(https?:[^\"')\s]+)", text)
        ]
    assert elsewhere == []


def test_every_file_that_a_page_fetches_or_leads_to_is_there(site: Path) -> None:
    missing = []
    for page in sorted(site.glob("*.html")):
        if page.name == "404.html":
            continue
        for link in re.findall(r'(?:href|src)="([^"#?]+)[^"]*"', page.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", link) and not (page.parent / link).exists():
                missing.append(f"{page.name}: {link}")
    assert missing == []


def test_no_item_of_a_list_has_run_into_the_paragraph_before_it(site: Path) -> None:
    run_in = []
    for page in sorted(site.glob("*.html")):
        for paragraph in html.fromstring(page.read_bytes()).xpath("//article//p"):
            lines = paragraph.text_content().splitlines()[1:]
            run_in += [f"{page.name}: {line[:60]}" for line in lines if re.match(r"(- |\d+\. )", line)]
    assert run_in == []


def test_steps_keep_the_numbers_that_they_have_in_the_text(site: Path) -> None:
    lists = html.fromstring((site / "first-quarter.html").read_bytes()).xpath("//article//ol")
    assert [one.get("start", "1") for one in lists] == ["1", "1", "5", "7", "11"]


def test_the_site_can_be_searched_without_a_server(site: Path) -> None:
    index = (site / "search" / "search_index.js").read_text(encoding="utf-8")
    assert "bb_limit_passed" in index


def test_links_between_the_repository_and_the_site_are_led_to_its_pages() -> None:
    text = "[o](docs/operations.md#settings) [f](schemas/README.md) [b](bench/results.md) [w](https://a.b) ![p](x.png)"
    named = "b (`bench/results.md` in the repository)"
    assert hooks.relinked(text, "README.md", "index.md") == (
        f"[o](operations.md#settings) [f](fields.md) {named} [w](https://a.b) ![p](x.png)"
    )
    assert hooks.relinked("```\n[x](nowhere.md)\n```\n", "README.md", "index.md") == "```\n[x](nowhere.md)\n```\n"
