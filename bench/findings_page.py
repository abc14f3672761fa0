"""The page of findings in Chromium: size, seconds to write and to open, milliseconds from a choice to the list drawn.

``python bench/findings_page.py [--findings 50000] [--repeat 7]``. Needs the extra ``browser`` and Debian's Chromium.
The time of a choice holds filtering, sorting, the numbers of all choices, 100 lines and the layout of the page.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import sync_playwright

from pipelines.emit.pages.findings import Stories, write_page
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.findings_page import invented
from tests.transform.warehouse import ref

PER_CASE = 3
WORDS = ("applied", "assessed", "placed", "left", "decided", "closed")
TIMED = """([what, value]) => {
  const one = document.getElementById(what);
  const begun = performance.now();
  if (what === "q") { one.value = value; one.form.requestSubmit(); }
  else if (one.type === "radio") { one.checked = false; one.click(); }
  else { one.selectedIndex = value; one.dispatchEvent(new Event("change")); }
  document.body.getBoundingClientRect();
  return performance.now() - begun;
}"""
SORT = """name => {
  const begun = performance.now();
  document.querySelector(`th[data-sort=${name}] button`).click();
  document.body.getBoundingClientRect();
  return performance.now() - begun;
}"""
CASE = """async name => {
  const begun = performance.now();
  const shown = new Promise(done => window.addEventListener("hashchange", () => setTimeout(done), { once: true }));
  location.hash = "case=" + name;
  await shown;
  document.body.getBoundingClientRect();
  return performance.now() - begun;
}"""


def findings(count: int, seed: int = 11) -> pl.DataFrame:
    """Lines on a third as many cases; each says a day or a number of its own, as half of the rules do."""
    draw = random.Random(seed)
    cases = max(1, count // PER_CASE)
    rows = []
    for number in range(count):
        case = draw.randrange(1, cases + 1)
        line = invented.finding(number, case_ref=ref(case), your_reference=f"HC/{case}")
        line |= {
            "rule_id": f"{line['rule_id']}{draw.choice('abcdefghijkl')}",
            "what": f"{line['what']} It was {draw.randrange(1, count)} days." if number % 2 else line["what"],
            "recorded": f"Assessed on {draw.randrange(1, 29)} {draw.choice(['July', 'August'])} 2025"
            if number % 3
            else None,
            "officer": f"HO{draw.randrange(1, 61):02d}",
            "team": draw.choice(["Prevention", "Relief", "Reviews", "Temporary accommodation"]),
            "state": draw.choice(["new", "open", "open", "open", "come back", "waived"]),
            "in_return": draw.choice(["Yes", "No", "May be"]),
            "since": invented.AS_AT - timedelta(days=draw.randrange(0, 200)),
            "note": "Asked the landlord on Monday" if draw.random() < 0.05 else None,
            "link": f"https://cases.example/open?reference={ref(case)}",
            "blocks": line["kind"] == "fix" and draw.random() < 0.05,
        }
        rows.append(line)
    return invented.frame(rows)


def stories(rows: pl.DataFrame) -> Stories:
    """Eight events and three people for each case."""
    names = rows["case_ref"].unique().sort()
    first = invented.AS_AT - timedelta(days=400)
    events = [
        {"case_ref": name, "event_date": first + timedelta(days=40 * n), "words": WORDS[n % 6], "detail": None}
        for name in names
        for n in range(8)
    ]
    members = [{"case_ref": name, "words": "Dependent child", "age": n} for name in names for n in range(3)]
    stages = pl.DataFrame({"case_ref": names, "words": "Main duty is owed"})
    return Stories(pl.DataFrame(events), pl.DataFrame(members), stages)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--findings", type=int, default=50_000)
    parser.add_argument("--repeat", type=int, default=7)
    given = parser.parse_args()
    rows = findings(given.findings)
    page = invented.page(rows, stories=stories(rows))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        begun = time.perf_counter()
        path = write_page(page, Path(folder))
        print(f"{rows.height:,} findings, {rows['case_ref'].n_unique():,} cases: {path.stat().st_size / 1e6:.1f} MB,")
        print(f"written in {time.perf_counter() - begun:.1f} s")
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        opened = browser.new_page()
        begun = time.perf_counter()
        opened.goto(path.as_uri())
        print(f"opened in {time.perf_counter() - begun:.2f} s")
        # The first search folds the words of each column once; it is timed as it comes.
        print(f"{'first search':32}{opened.evaluate(TIMED, ['q', 'landlord monday']):6.0f} ms")
        for name, asked, value in (
            ("search for two words", "q", "duty 56"),
            ("search for a reference", "q", "HC/1234"),
            ("search for one letter", "q", "e"),
            ("no search", "q", ""),
            ("one kind", "show-casework", 0),
            ("all kinds", "show-all", 0),
            ("one officer", "f-officer", 7),
            ("all officers", "f-officer", 0),
            ("one rule", "f-rule", 3),
            ("all rules", "f-rule", 0),
        ):
            print(f"{name:32}{_median(opened, TIMED, [asked, value], given.repeat):6.0f} ms")
        for column in ("ref", "what", "since"):
            print(f"{'sort by ' + column:32}{_median(opened, SORT, column, given.repeat):6.0f} ms")
        print(f"{'one case':32}{opened.evaluate(CASE, ref(77)):6.0f} ms")
        browser.close()


def _median(page: Any, script: str, value: Any, repeat: int) -> float:
    return statistics.median(page.evaluate(script, value) for _ in range(repeat))


if __name__ == "__main__":
    main()
