"""``hclic serve`` in a real browser: opened by the printed address, used with the keyboard, attacked from beside."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from pipelines.findings import frame
from pipelines.findings_id import with_ids
from pipelines.serve.app import make_app
from pipelines.serve.listening import serve, socket_at
from pipelines.serve.site import Site
from pipelines.warehouse.store import Warehouse
from tests.serve.asking import REF, RUN, findings, warehouse
from tests.warehouse.stored import LA

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
FINDINGS = f"/runs/{RUN}/findings"
PAGES = (
    "/",
    f"/quarters/{LA}/2025-Q3",
    f"/runs/{RUN}",
    FINDINGS,
    f"/cases/{LA}/{REF}",
    f"/tables/{LA}/2025-Q3/A1",
    f"/tables/{LA}/2025-Q3/A1/1",
    f"/worklists/{LA}/2025-Q3",
    f"/metrics/{LA}/2025-Q3/case_open_list",
    f"/waivers/{LA}",
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = pl.concat([findings(officer="HO01"), findings(officer="HO02", message=HOSTILE, value=HOSTILE)])
    kinds = pl.when(pl.col("severity") == "error").then(pl.lit("fix")).otherwise(pl.lit("casework"))
    stored = with_ids(pl.concat([frame([]), rows]), "2025-Q3").with_columns(kind=kinds)
    return warehouse(tmp_path_factory.mktemp("served") / "warehouse.duckdb", rows=stored)


@pytest.fixture(scope="module")
def site(file: Path) -> Iterator[Site]:
    """A server on a thread of its own."""
    stops, ready = [], threading.Event()
    with socket_at("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        served = Site(file, "127.0.0.1", port, "A. Officer", lambda: datetime(2025, 10, 14, 9, 30, tzinfo=UTC))

        def app(stop):  # type: ignore[no-untyped-def]
            stops.append(stop)
            return make_app(served, lambda line: None, on_stop=stop)

        running = threading.Thread(target=serve, args=(app, served, listening, ready.set))
        running.start()
        assert ready.wait(30)
        yield served
        stops[0]()
        running.join(30)
        served.quarters.close()
    assert not running.is_alive()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[tuple[Page, list[str]]]:
    """A page at the printed address, and what it says that it should not: faults, refusals, requests to elsewhere."""
    context = browser.new_context()
    opened, said = context.new_page(), []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())
    opened.on("request", lambda asked: said.append(asked.url) if not asked.url.startswith(site.origin) else None)
    opened.goto(site.address)
    yield opened, said
    context.close()


def shows(opened: Page, selector: str, count: int) -> None:
    """Wait until the page has so many of them; a condition in JavaScript would be refused by the policy."""
    sync = pytest.importorskip("playwright.sync_api")
    sync.expect(opened.locator(selector)).to_have_count(count, timeout=10_000)


def test_the_token_leaves_the_address_bar_and_no_script_can_read_the_cookie(
    page: tuple[Page, list[str]], site: Site
) -> None:
    opened, said = page
    assert opened.url == f"{site.origin}/"
    assert site.token not in opened.evaluate("document.referrer + document.cookie + document.documentElement.outerHTML")
    assert said == []


def test_findings_are_filtered_and_noted_with_the_keyboard(
    page: tuple[Page, list[str]], site: Site, file: Path
) -> None:
    opened, said = page
    opened.goto(f"{site.origin}{FINDINGS}")
    assert opened.locator("#found li[id]").count() == 4
    opened.locator("#show").focus()
    opened.keyboard.type("What blocks")
    shows(opened, "#found li[id]", 2)
    assert "show=blocks" in opened.url
    opened.locator("#q").focus()
    with opened.expect_response(lambda answer: "date+is+wrong" in answer.url):
        opened.keyboard.type("date is wrong")
    shows(opened, "#found li[id]", 1)
    opened.locator("#found summary").focus()
    opened.keyboard.press("Enter")
    opened.keyboard.press("Tab")
    opened.keyboard.type("Asked the applicant.")
    opened.keyboard.press("Tab")
    opened.keyboard.press("Enter")
    shows(opened, ".saved", 1)
    assert opened.locator("#found .note").inner_text().startswith("Asked the applicant.")
    assert opened.evaluate("document.activeElement.className") == "saved"
    assert said == [], "no refused script or style, no fault, nothing from elsewhere"
    with Warehouse(file) as store:
        assert store.connection.execute("select note, said_by from finding_note").fetchall() == [
            ("Asked the applicant.", "A. Officer")
        ]
    assert "wrong" not in opened.url, "words that are searched for are not kept by the browser"
    opened.reload()
    assert opened.locator("#found li[id]").count() == 2, "the filter stands in the address"


def test_a_note_that_cannot_be_kept_says_why_and_what_was_typed_stays(page: tuple[Page, list[str]], site: Site) -> None:
    opened, _ = page
    opened.goto(f"{site.origin}{FINDINGS}")
    opened.locator("#found summary").first.click()
    opened.evaluate("document.querySelectorAll('#found [name=csrf]').forEach(one => { one.value = 'forged' })")
    opened.locator("#found textarea").first.fill("Do not lose this.")
    opened.locator("#found button").first.click()
    shows(opened, "#problem:has-text('too old')", 1)
    assert opened.locator("#found textarea").first.input_value() == "Do not lose this."


def test_values_of_cases_do_not_run(page: tuple[Page, list[str]], site: Site) -> None:
    opened, said = page
    for target in (FINDINGS, f"/cases/{LA}/{REF}"):
        opened.goto(f"{site.origin}{target}")
        assert HOSTILE in opened.locator("main").inner_text()
    assert said == []


def test_without_script_the_pages_work_too(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(site.address)
    opened.goto(f"{site.origin}{FINDINGS}")
    opened.locator("#show").select_option("casework")
    opened.locator(".send button").click()
    assert opened.locator("#found li[id]").count() == 2
    opened.locator("#found summary").first.click()
    opened.locator("#found textarea").first.fill("Without script.")
    opened.locator("#found button").first.click()
    assert "Without script." in opened.locator("main").inner_text()
    context.close()


def test_the_policy_stops_what_a_page_would_be_made_to_run(page: tuple[Page, list[str]], site: Site) -> None:
    """Were a value ever not escaped: neither script nor handler nor style of it would run, and nothing be sent away."""
    opened, said = page
    opened.goto(f"{site.origin}/")
    opened.evaluate(
        """() => {
            window.ran = [];
            const holder = document.createElement('div');
            holder.innerHTML = '<img src="/x" onerror="window.ran.push(1)"><p style="color: red" id="styled">x</p>';
            document.body.append(holder);
            const script = document.createElement('script');
            script.textContent = 'window.ran.push(2)';
            document.body.append(script);
            const sender = document.createElement('img');
            sender.src = 'http://127.0.0.1:9/steal';
            document.body.append(sender);
        }"""
    )
    opened.wait_for_timeout(200)
    assert opened.evaluate("window.ran") == []
    assert opened.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(255, 0, 0)"
    assert sum("Content Security Policy" in line for line in said) >= 3


def test_a_page_of_another_port_can_neither_read_nor_write_nor_frame(
    page: tuple[Page, list[str]], site: Site, file: Path
) -> None:
    """Another port of this machine is of the same site: the browser sends our cookie with what that page asks for."""
    attack = (
        f'<!doctype html><form id="f" method="post" action="{site.origin}/stop"><input name="csrf" value="x"></form>'
        f'<iframe id="i" src="{site.origin}/"></iframe>'
    )

    class Attacker(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(attack.encode())

        def log_message(self, *_: object) -> None:
            pass

    opened, _ = page
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Attacker) as attacker:
        threading.Thread(target=attacker.serve_forever, daemon=True).start()
        opened.goto(f"http://127.0.0.1:{attacker.server_address[1]}/")
        read = opened.evaluate(
            """async (target) => {
                const told = [];
                for (const mode of ['cors', 'no-cors']) {
                    try {
                        const answer = await fetch(target, {mode, credentials: 'include'});
                        told.push((await answer.text()).length);
                    } catch (error) { told.push('refused'); }
                }
                return told;
            }""",
            f"{site.origin}/",
        )
        assert read in (["refused", "refused"], ["refused", 0])
        inside = opened.frames[1]
        assert inside.locator("h1").count() == 0 or "Runs of" not in inside.content()
        opened.evaluate("document.getElementById('f').submit()")
        opened.wait_for_url(f"{site.origin}/stop")
        assert "From another site" in opened.content()
        attacker.shutdown()
    opened.goto(f"{site.origin}/")
    assert "Runs of this warehouse" in opened.content(), "the server still answers to who may ask"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_no_page_scrolls_sideways(browser: Browser, site: Site, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra 'browser' is not installed")
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    opened = context.new_page()
    opened.goto(site.address)
    wrong = []
    for target in PAGES:
        opened.goto(f"{site.origin}{target}")
        opened.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        for width in (320, 768, 1280):
            opened.set_viewport_size({"width": width, "height": 800})
            whole, shown = opened.evaluate(
                "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
            )
            if whole > shown:
                wrong.append((target, width, "scrolls sideways"))
        wrong += [
            (target, item["id"], [node["target"] for node in item["nodes"]][:3])
            for item in axe.Axe().run(opened).response["violations"]
            if item["impact"] in ("serious", "critical")
        ]
    context.close()
    assert wrong == []
