"""The pages in a real browser: accessible, readable on a phone, usable with the keyboard, one sheet of paper."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.conftest import ARGUMENTS, CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = ("dashboard.html", "dashboard_shareable.html", "quarter_in_numbers.html")
WIDTHS = (320, 768, 1280)


def opened(browser: Browser, folder: Path, name: str, width: int = 1280) -> tuple[Page, list[str]]:
    """The page, and the addresses of everything that it asked for besides itself."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    own = (folder / name).as_uri()

    def answer(route: Any) -> None:
        if route.request.url == own:
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    page.route("**/*", answer)
    page.goto(own)
    return page, asked


def open_tables(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(browser: Browser, folder: Path, name: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra 'browser' is not installed")
    page, _ = opened(browser, folder, name)
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


@pytest.mark.parametrize("name", PAGES)
def test_the_page_does_not_scroll_sideways(browser: Browser, folder: Path, name: str) -> None:
    page, _ = opened(browser, folder, name)
    for tables in ("closed", "open"):
        if tables == "open":
            open_tables(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            whole, shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            assert whole <= shown, f"at {width} pixels with tables {tables}"
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_asked_for_and_no_script_runs(browser: Browser, folder: Path, name: str) -> None:
    page, asked = opened(browser, folder, name)
    said: list[str] = []
    # A refused script or style is reported on the console; alert() of an unescaped value opens a dialog.
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())
    page.reload()
    open_tables(page)
    page.wait_for_timeout(200)
    page.close()
    assert (asked, said) == ([], [])


@pytest.mark.parametrize("name", PAGES)
def test_the_first_tab_reaches_a_visible_skip_link_that_leads_to_the_figures(
    browser: Browser, folder: Path, name: str
) -> None:
    page, _ = opened(browser, folder, name)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.close()


def test_every_table_opens_with_the_keyboard_and_scrolls_in_its_own_box(browser: Browser, folder: Path) -> None:
    page, _ = opened(browser, folder, "dashboard.html", 320)
    tables = page.locator("details").count()
    assert tables > 8
    for number in range(tables):
        page.locator("summary").nth(number).focus()
        page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == tables
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    page.close()
    assert style == "solid", "focus can be seen"


def test_a_chart_is_as_wide_as_its_column_at_most(browser: Browser, folder: Path) -> None:
    page, _ = opened(browser, folder, "dashboard.html", 320)
    widths = page.evaluate("[...document.querySelectorAll('figure svg')].map(svg => svg.getBoundingClientRect().right)")
    page.close()
    assert widths
    assert max(widths) <= 320


def test_the_quarter_in_numbers_prints_to_one_sheet_of_a4(browser: Browser, folder: Path, tmp_path: Path) -> None:
    printed = tmp_path / "printed.pdf"
    subprocess.run(
        [
            str(CHROMIUM),
            *ARGUMENTS,
            f"--user-data-dir={tmp_path / 'profile'}",
            "--no-pdf-header-footer",
            f"--print-to-pdf={printed}",
            (folder / "quarter_in_numbers.html").as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    content = printed.read_bytes()
    assert re.findall(rb"/Count (\d+)", content) == [b"1"]
    # A4 in points, as Chromium rounds it.
    assert re.search(rb"/MediaBox \[0 0 59[45]\.\d+ 84[12]\.\d+\]", content)
