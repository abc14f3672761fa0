"""The page of findings in a real browser: filters that are right, keyboard alone, paper, and values that stay text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from pipelines.emit.pages.findings import write_page
from tests.findings_page import invented

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

WIDTHS = (320, 768, 1280)
OUTLINE = """() => {
  const one = document.activeElement;
  return getComputedStyle(one.type === "radio" ? one.nextElementSibling : one).outlineStyle;
}"""
AT_HAND = pl.col("state") != "waived"
GONE = invented.frame([invented.finding(0, finding_id="gone", case_ref=None, your_reference="HC/99", count=2)])
MANY = invented.many(300)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of three hundred findings and one that is put right."""
    return write_page(invented.page(MANY, resolved=GONE), tmp_path_factory.mktemp("findings"))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two dozen findings, for what looks at every element."""
    return write_page(invented.page(invented.many(24), resolved=GONE), tmp_path_factory.mktemp("few"))


SEEN = """() => {
  const one = document.activeElement;
  const box = (one.type === "radio" ? one.nextElementSibling : one).getBoundingClientRect();
  return [box.height, box.bottom > 0 && box.top < innerHeight && box.left >= 0 && box.right <= innerWidth];
}"""


def opened(
    browser: Browser, path: Path, *, width: int = 1280, after: str = "", **options: Any
) -> tuple[Page, list[str]]:
    """The page, and what went wrong: all that it asked for, refused, opened or threw."""
    page = browser.new_page(viewport={"width": width, "height": 800}, **options)
    said: list[str] = []

    def answer(route: Any) -> None:
        if route.request.url.split("#")[0] == path.as_uri():
            route.continue_()
        else:
            said.append(route.request.url)
            route.abort()

    page.route("**/*", answer)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message) or dialog.dismiss())
    page.goto(path.as_uri() + after)
    return page, said


def shown(page: Page) -> str:
    return page.locator("#shown").inner_text()


def references(page: Page) -> list[str]:
    return page.locator("#rows tr th").evaluate_all("cells => cells.map(cell => cell.firstChild.textContent)")


def sentence(rows: pl.DataFrame) -> str:
    """What is to stand above the list of these rows, the first page of it."""
    part = "" if rows.height <= 100 else "; lines 1 to 100 are shown"
    return f"{rows['count'].sum():,} findings in {rows.height:,} line{'' if rows.height == 1 else 's'}{part}."


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["", "#case=E06000034_000000000007"])
def test_axe_finds_nothing_serious_on_the_findings(browser: Browser, few: Path, scheme: str, view: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="the extra 'browser' is not installed")
    page, _ = opened(browser, few, after=view, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((one, place) => { one.open = place < 12 })")
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        serious = [
            (item["id"], [node["target"] for node in item["nodes"]][:3])
            for item in axe.Axe().run(page).response["violations"]
            if item["impact"] in ("serious", "critical")
        ]
        assert serious == [], f"at {width} pixels"
    page.close()


@pytest.mark.parametrize("view", ["", "#case=E06000034_000000000007"])
def test_the_findings_do_not_scroll_sideways(browser: Browser, path: Path, view: str) -> None:
    page, said = opened(browser, path, after=view)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        whole, seen = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert whole <= seen, f"at {width} pixels"
    page.close()
    assert said == []


def test_no_box_above_the_findings_is_cut_in_two(browser: Browser, tmp_path: Path) -> None:
    first = invented.page(invented.many(24), runs=invented.runs(days=1), changes=())
    page, _ = opened(browser, write_page(first, tmp_path))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        pieces = page.locator(".charts > *").evaluate_all("boxes => boxes.map(box => box.getClientRects().length)")
        # One that is hidden has none.
        assert 1 in pieces, f"there are no boxes at {width} pixels"
        assert max(pieces) == 1, f"at {width} pixels"
    page.close()


FILTERS = (
    ("", AT_HAND),
    ("#show=blocks", AT_HAND & pl.col("blocks")),
    ("#show=fix", AT_HAND & (pl.col("kind") == "fix")),
    ("#show=casework", AT_HAND & (pl.col("kind") == "casework")),
    ("#show=waived", ~AT_HAND),
    ("#officer=B+Osei", AT_HAND & (pl.col("officer") == "B Osei")),
    ("#officer=", AT_HAND & pl.col("officer").is_null()),
    ("#team=Relief&inreturn=No", AT_HAND & (pl.col("team") == "Relief") & (pl.col("in_return") == "No")),
    ("#rule=H-91&state=new", (pl.col("rule_id") == "H-91") & (pl.col("state") == "new")),
    (
        "#age=7+to+27+days",
        AT_HAND & pl.col("since").is_between(invented.AS_AT.replace(day=3), invented.AS_AT.replace(day=23)),
    ),
    ("#q=LANDLORD", AT_HAND & pl.col("note").is_not_null()),
    (
        "#q=relief+september&show=casework",
        AT_HAND
        & (pl.col("kind") == "casework")
        & (pl.col("what").str.contains("relief") | (pl.col("team") == "Relief"))
        & pl.col("recorded").str.contains("September").fill_null(False),
    ),
    ("#q=HC/17&officer=HO07", AT_HAND & (pl.col("your_reference") == "HC/17") & (pl.col("officer") == "HO07")),
)


def test_the_list_holds_what_polars_finds(browser: Browser, path: Path) -> None:
    page, said = opened(browser, path)
    for view, chosen in FILTERS:
        expected = MANY.filter(chosen)
        assert expected.height > 1, view
        page.goto(f"{path.as_uri()}{view}")
        page.locator("#shown", has_text=sentence(expected)).wait_for(timeout=5_000)
        assert len(references(page)) == min(100, expected.height), view
    page.close()
    assert said == []


def test_what_is_put_right_stands_under_that_alone(browser: Browser, path: Path) -> None:
    page, _ = opened(browser, path, after="#show=resolved")
    assert shown(page) == "2 findings in 1 line."
    assert references(page) == ["HC/99"]
    page.locator("label", has_text="All to do").click()
    page.fill("#q", "HC/99")
    page.locator("#shown", has_text="No finding is as asked for.").wait_for()
    page.close()


def test_each_choice_says_how_many_findings_it_would_leave(browser: Browser, path: Path) -> None:
    page, _ = opened(browser, path, after="#team=Relief&show=fix")
    fix = MANY.filter(AT_HAND & (pl.col("kind") == "fix"))
    by_officer = fix.filter(pl.col("team") == "Relief").group_by("officer").agg(pl.col("count").sum())
    by_team = fix.group_by("team").agg(pl.col("count").sum())
    for name, counts in (("officer", by_officer), ("team", by_team)):
        wanted = {f"{words or 'Not recorded'}: {count:,}" for words, count in counts.iter_rows()}
        assert set(page.locator(f"#f-{name} option").all_inner_texts()) == {"All"} | wanted
    chips = dict(
        re.findall(r"(.+?) ([\d,]+)$", text)[0] for text in page.locator("#chips label:visible").all_inner_texts()
    )
    casework = MANY.filter(AT_HAND & (pl.col("kind") == "casework") & (pl.col("team") == "Relief"))
    assert chips["Casework"] == f"{casework['count'].sum():,}"
    page.close()


def test_references_sort_by_their_numbers_both_ways_and_back(browser: Browser, path: Path) -> None:
    page, _ = opened(browser, path)
    by_default = references(page)
    names = sorted(MANY.filter(AT_HAND)["your_reference"], key=lambda name: int(name.split("/")[1]))
    head = page.locator("th[data-sort=ref]")
    head.locator("button").click()
    assert (references(page), head.get_attribute("aria-sort")) == (names[:100], "ascending")
    head.locator("button").click()
    assert (references(page), head.get_attribute("aria-sort")) == (names[::-1][:100], "descending")
    head.locator("button").click()
    assert (references(page), head.get_attribute("aria-sort")) == (by_default, None)
    page.close()


def test_rows_without_an_officer_stand_last_whichever_way_they_are_sorted(browser: Browser, path: Path) -> None:
    officers = MANY.filter(AT_HAND)["officer"]
    without = [""] * min(officers.null_count(), officers.len() - 200)
    assert len(without) > 20
    for way in ("", "&down=1"):
        page, _ = opened(browser, path, after=f"#sort=officer&page=3{way}")
        # The officer is text, the team below it an element.
        cells = page.locator("#rows td:nth-child(4)").evaluate_all(
            "cells => cells.map(cell => cell.firstChild?.nodeType === 3 ? cell.firstChild.data : '')"
        )
        page.close()
        assert cells[-len(without) :] == without


def test_a_case_opens_with_its_story_and_the_back_button_leads_back_to_the_same_list(
    browser: Browser, path: Path
) -> None:
    page, said = opened(browser, path, after="#q=HC/7&sort=since")
    before = references(page)
    page.locator("#rows th a", has_text=re.compile("^HC/7$")).first.click()
    assert page.evaluate("document.activeElement.textContent") == "Case HC/7"
    assert page.locator("#whole").is_hidden()
    assert page.locator("#one-findings > li").count() == MANY.filter(pl.col("case_ref") == invented.CASE).height
    assert page.locator("#one-household tbody tr").all_inner_texts() == ["Main applicant\t34", "Dependent child\t5"]
    story = page.locator(".timeline li").all_inner_texts()
    assert story[0] == "3 Mar 2025\nApplied"
    assert story[4] == "5 May 2025\nRelief duty ended\n56 days elapsed"
    assert len(story) == 11
    assert (
        page.get_by_role("link", name="Open the case in your own system").get_attribute("href")
        == "https://cases.example/7"
    )
    page.go_back()
    page.wait_for_selector("#rows tr")
    assert references(page) == before
    assert page.evaluate("document.activeElement.textContent") == "HC/7"
    page.go_forward()
    page.get_by_role("link", name="Back to all findings").click()
    assert references(page) == before
    page.close()
    assert said == []


def test_what_is_searched_for_stays_out_of_the_address_and_with_the_list(browser: Browser, path: Path) -> None:
    page, said = opened(browser, path, after="#sort=ref")
    page.fill("#q", "relief")
    texts = pl.col("your_reference", "what", "todo", "recorded", "officer", "team", "note", "place")
    found = MANY.filter(AT_HAND & pl.any_horizontal(texts.fill_null("").str.to_lowercase().str.contains("relief")))
    assert found.height > 100
    page.locator("#shown", has_text=f"in {found.height:,} lines; lines 1 to").wait_for()
    page.get_by_role("link", name="Next page").click()
    page.locator("#shown", has_text=f"in {found.height:,} lines; lines 101 to").wait_for()
    seen = references(page)
    page.locator("#rows th a").first.click()
    page.get_by_role("link", name="Back to all findings").click()
    assert (page.input_value("#q"), references(page)) == ("relief", seen)
    assert "relief" not in page.url
    page.go_back()
    page.go_back()
    page.locator("#shown", has_text="lines 101 to").wait_for()
    assert (page.input_value("#q"), references(page)) == ("relief", seen)
    page.get_by_role("link", name="Show what blocks it").click()
    page.locator("#shown", has_text=sentence(MANY.filter(AT_HAND & pl.col("blocks")))).wait_for()
    assert page.input_value("#q") == ""
    page.close()
    assert said == []


def test_a_case_without_findings_or_story_says_so(browser: Browser, path: Path) -> None:
    page, said = opened(browser, path, after="#case=nowhere")
    assert page.locator("#one").inner_text().count("No day of this case is recorded.") == 1
    assert "This case has no finding in this run." in page.locator("#one").inner_text()
    page.close()
    assert said == []


def test_everything_is_reached_with_the_keyboard_alone(browser: Browser, path: Path) -> None:
    page, _ = opened(browser, path, width=768)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    seen: list[str] = []
    for _step in range(60):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent.trim().slice(0, 20)")
        )
        assert page.evaluate(OUTLINE) == "solid", f"focus can be seen on {seen[-1]}"
        height, is_on_screen = page.evaluate(SEEN)
        assert height > 1 and is_on_screen, f"{seen[-1]} is in sight when it has the focus"
        if seen[-1].startswith("HC/"):
            break
    wanted = ["Show what blocks it", "By rule", "show-all", "q", *(f"f-{one}" for one in ("officer", "team", "rule"))]
    assert [one for one in [*wanted, "sort", "clear", "HC/"] if not any(name.startswith(one) for name in seen)] == []
    page.locator("#show-all").focus()
    page.keyboard.press("ArrowRight")
    assert shown(page) == sentence(MANY.filter(AT_HAND & pl.col("blocks")))
    page.locator("#q").focus()
    page.keyboard.type("landlord")
    page.keyboard.press("Enter")
    assert shown(page) == sentence(MANY.filter(AT_HAND & pl.col("blocks") & pl.col("note").is_not_null()))
    page.locator("#clear").focus()
    page.keyboard.press("Enter")
    assert shown(page) == sentence(MANY.filter(AT_HAND))
    page.close()


def test_pages_of_the_list_lead_through_all_of_it(browser: Browser, path: Path) -> None:
    page, _ = opened(browser, path)
    total = MANY.filter(AT_HAND).height
    assert 200 < total < 300
    seen = references(page)
    for number in (2, 3):
        page.get_by_role("link", name="Next page").click()
        assert f"lines {number - 1}01 to" in shown(page)
        assert page.evaluate("document.activeElement.id") == "list"
        seen += references(page)
    assert sorted(seen) == sorted(MANY.filter(AT_HAND)["your_reference"])
    assert page.get_by_role("link", name="Next page").count() == 0
    page.go_back()
    page.locator("#shown", has_text="lines 101 to 200").wait_for()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_gets_every_line_that_is_asked_for_and_no_controls(browser: Browser, path: Path, scheme: str) -> None:
    page, _ = opened(browser, path, color_scheme=scheme)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#rows tr").count() == MANY.filter(AT_HAND).height
    assert page.locator("#filters").is_hidden() and page.locator("#pages").is_hidden()
    assert page.locator(".standing").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#rows tr").count() == 100
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    # A4 in points, landscape.
    assert re.search(rb"/MediaBox \[0 0 84[12]\.?\d* 59[45]\.?\d*\]", printed)


def test_without_script_the_first_findings_can_be_read(browser: Browser, path: Path) -> None:
    page, said = opened(browser, path, java_script_enabled=False)
    assert page.locator("#filters").is_hidden()
    assert page.get_by_text("Without script, the list").is_visible()
    assert page.locator("#rows tr").count() == 100
    page.close()
    assert said == []


def test_no_value_of_the_data_runs_or_leads_anywhere(browser: Browser, tmp_path: Path) -> None:
    path = write_page(invented.page(invented.hostile()), tmp_path)
    for after in ("", "#q=alert", "#case=%3Cscript%3Ealert(1)%3C/script%3E", "#case=javascript:alert(4)"):
        page, said = opened(browser, path, after=after)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        page.wait_for_timeout(50)
        addresses = page.locator("a").evaluate_all("links => links.map(link => link.protocol)")
        assert set(addresses) <= {"file:"}
        assert page.locator("img, iframe, object, embed, main script:not([type])").count() == 0
        assert page.locator("main svg").count() == 1, "the chart of the runs alone"
        page.close()
        assert said == []
    page, said = opened(browser, path)
    for text in invented.HOSTILE[:4]:
        assert page.locator(".what", has_text=text).count() >= 1, "a hostile text is shown as it is"
    page.close()


def test_the_policy_keeps_out_a_script_that_gets_in_nevertheless(browser: Browser, tmp_path: Path) -> None:
    path = write_page(invented.page(invented.many(3)), tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("</main>", "<script>document.title = 'taken'</script><p style='color:red'></p></main>")
    )
    page, said = opened(browser, path)
    assert page.title() != "taken"
    page.close()
    assert len([line for line in said if "Content Security Policy" in line]) == 2
