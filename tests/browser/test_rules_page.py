"""The rules explained in one file: it opens anywhere, asks for nothing, and leads to the rule that was asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipelines.emit.pages.rules import write_rules
from tests.browser.test_dashboard import WIDTHS, open_tables, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

NAMED = ("L-07", "V-02", "L-25a", "L-26b", "N-07a", "M-main-assess_date-type", "X-35", "E-01", "REF-03", "O-1")
"""A rule with one table of examples, with several, with wide ones, and each kind without any."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    write_rules(NAMED, folder)
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_rules(browser: Browser, folder: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra 'browser' is not installed")
    page, asked = opened(browser, folder, "rules.html")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_tables(page)
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        serious = [
            (item["id"], [node["target"] for node in item["nodes"]][:3])
            for item in axe.Axe().run(page).response["violations"]
            if item["impact"] in ("serious", "critical")
        ]
        assert serious == [], f"at {width} pixels"
    page.close()
    assert asked == []


def test_the_rules_do_not_scroll_sideways(browser: Browser, folder: Path) -> None:
    page, _ = opened(browser, folder, "rules.html")
    open_tables(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        whole, shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert whole <= shown, f"at {width} pixels"
    page.close()


def test_the_address_of_a_rule_leads_to_it(browser: Browser, folder: Path) -> None:
    page, _ = opened(browser, folder, "rules.html")
    page.evaluate("location.hash = 'L-26b'")
    top = page.evaluate("document.querySelector('#L-26b h3').getBoundingClientRect().top")
    assert 0 <= top < 800
    assert page.locator("#L-26b h3").inner_text() == "The same placement is recorded twice."
    page.close()
