"""The worklists in a real browser: accessible in light and dark, readable on a phone, with room to write in print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.test_dashboard import WIDTHS, opened
from tests.worklists import invented

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PAGE = "worklists.html"


@pytest.fixture(scope="module")
def worklists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worklists")
    invented.write(folder)
    return folder


def test_the_page_can_be_used_by_everybody_at_every_width(browser: Browser, worklists: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra 'browser' is not installed")
    page, asked = opened(browser, worklists, PAGE)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            whole, shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            assert whole <= shown, f"at {width} pixels, {scheme}"
            serious = [
                (item["id"], [node["target"] for node in item["nodes"]][:3])
                for item in axe.Axe().run(page).response["violations"]
                if item["impact"] in ("serious", "critical")
            ]
            assert serious == [], f"at {width} pixels, {scheme}"
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark", media="print")
    printed = page.evaluate("getComputedStyle(document.body).backgroundColor")
    room = page.evaluate("getComputedStyle(document.querySelector('td.answer')).display")
    page.close()
    assert (back, printed, room) == ("rgb(11, 12, 12)", "rgb(255, 255, 255)", "table-cell")
    assert asked == []
