"""The page of findings: what it says first, what it holds and what never reaches it, without a browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import stat
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.emit.pages.findings import Standing, write_page
from pipelines.emit.pages.findings.columns import as_json
from tests.findings_page import invented
from tests.transform.warehouse import ref


class Read(HTMLParser):
    """Text, tags and data block of a page, as a browser without script takes them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.texts.append(" ".join(data.split()))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.scripts[0])
        return found

    @property
    def words(self) -> str:
        return " ".join(text for text in self.texts if text)

    def column(self, name: str) -> list[str | None]:
        column = self.data["columns"][name]
        return [column["t"][place] for place in column["i"]]


def read(findings: pl.DataFrame, **values: Any) -> Read:
    return Read(invented.page(findings, **values).text())


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing("blocked", 12, 9), "This return cannot be submitted yet 12 errors in 9 cases block it."),
        (Standing("blocked", 1, 1), "This return cannot be submitted yet 1 error in 1 case blocks it."),
        (
            Standing("blocked", 5, 2, without_case=3),
            "5 errors, 3 of them on no single case and the others in 2 cases, block it.",
        ),
        (Standing("blocked", 2, 0, without_case=2), "2 errors block it."),
        (
            Standing("blocked", 0, 0, not_run=(("H-07", "A column is missing."),)),
            "1 rule could not be run, so nothing is known about what it checks. That blocks the return too."
            " H-07: A column is missing.",
        ),
        (
            Standing("failed", 0, 0, problems=("Two cases are not in the file.",)),
            "This return cannot be submitted: it failed its own check",
        ),
        (Standing("clean", 0, 0), "This return can be submitted"),
        (Standing("clean", 0, 0, provisional="PROVISIONAL: nobody else has looked."), "Nothing blocks this return"),
        (
            Standing("clean", 0, 0, is_asked=False),
            "Nothing blocks a return of these cases None was written: the run was asked for its findings alone.",
        ),
    ],
)
def test_the_page_says_first_whether_the_return_can_be_submitted(standing: Standing, said: str) -> None:
    words = read(invented.many(3), standing=standing).words
    assert said in words
    head = words.split("What there is to do")[0]
    assert head.index(standing.heading) < head.index("These findings are of the export of 30 September 2025.")


def test_of_many_rules_that_could_not_be_run_the_page_names_the_first_and_says_how_many_more() -> None:
    not_run = tuple((f"H-{number}", "A column is missing.") for number in range(200))
    words = read(invented.many(3), standing=Standing("blocked", 0, 0, not_run=not_run)).words
    assert "200 rules could not be run, so nothing is known about what they check." in words
    assert "H-19: A column is missing. And 180 more: ledger.json has them all." in words


def test_a_provisional_return_is_never_said_to_be_fit_for_submission() -> None:
    words = read(invented.many(3), standing=Standing("clean", 0, 0, provisional="PROVISIONAL: ours alone.")).words
    assert "can be submitted" not in words
    assert "PROVISIONAL: ours alone." in words


def test_an_export_before_the_end_of_the_quarter_is_called_a_preview() -> None:
    assert "a preview" in read(invented.many(3), as_at=date(2025, 9, 29)).words
    assert "a preview" not in read(invented.many(3), as_at=date(2025, 9, 30)).words


def test_the_counts_at_the_head_leave_out_what_is_waived_or_put_right() -> None:
    rows = [
        invented.finding(0, count=3),
        invented.finding(5, state="waived"),
        invented.finding(2, state="new"),
        invented.finding(4, state=None),
    ]
    page = read(invented.frame(rows), resolved=invented.frame([invented.finding(0, count=41)]))
    counts = re.findall(r"(To fix for this return|Casework|Tidy the record|Resolved|Waived) ([\d,]+) ", page.words)
    assert counts[:5] == [
        ("To fix for this return", "3"),
        ("Casework", "1"),
        ("Tidy the record", "1"),
        ("Resolved", "41"),
        ("Waived", "1"),
    ]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-1, "Today"),
        (0, "Today"),
        (1, "1 to 6 days"),
        (6, "1 to 6 days"),
        (7, "7 to 27 days"),
        (27, "7 to 27 days"),
        (28, "28 to 90 days"),
        (90, "28 to 90 days"),
        (91, "More than 90 days"),
    ],
)
def test_the_age_of_a_finding_is_counted_to_the_day_of_the_export(days: int, words: str) -> None:
    row = invented.finding(0, since=invented.AS_AT - timedelta(days=days))
    assert read(invented.frame([row])).column("age") == [words]


def test_what_blocks_comes_first_then_fix_casework_and_tidy_then_what_is_put_right() -> None:
    rows = [invented.finding(4), invented.finding(2), invented.finding(0), invented.finding(1, blocks=True)]
    page = read(invented.frame(rows), resolved=invented.frame([invented.finding(0, finding_id="gone")]))
    assert page.column("id") == [f"{number:016x}" for number in (1, 0, 2, 4)] + ["gone"]
    assert page.column("state")[-1] == "resolved"


def test_a_column_is_in_the_order_in_which_a_reader_looks_things_up() -> None:
    rows = [invented.finding(n, your_reference=name) for n, name in enumerate(["HC/10", None, "hc/9", "HC/2", "AB/30"])]
    assert read(invented.frame(rows)).data["columns"]["ref"]["t"] == ["AB/30", "HC/2", "hc/9", "HC/10", None]


def test_what_became_of_the_findings_since_the_export_before_is_said_in_a_sentence() -> None:
    words = read(invented.many(3)).words
    assert "What there is to do 3 new, 12 still open, 41 resolved since Monday 29 September." in words


def test_the_last_runs_are_a_picture_with_a_table_of_the_same_figures() -> None:
    page = read(invented.many(3))
    assert [tag for tag, attributes in page.tags if tag == "svg" and attributes["role"] == "img"]
    # Two states at hand of each kind, 10 times the number of the run and 0, 1 or 2; what is waived is not counted.
    assert "30 September 2025 2025-Q3 Blocked 100 102 104 153 7" in page.words
    assert "Bars of 5 runs, from 66 findings in the export of 26 September 2025 to 306" in page.words


def test_findings_of_runs_before_there_were_kinds_are_counted_and_not_given_one() -> None:
    older = invented.runs(1).with_columns(pl.lit("run-0").alias("run_id"), pl.lit(None, pl.String).alias("kind"))
    page = read(invented.many(3), runs=pl.concat([older, invented.runs(2).filter(pl.col("run_id") == "run-1")]))
    # Of 10 to 12 findings of three kinds, new and open.
    assert "30 September 2025 2025-Q3 Blocked 0 0 0 66 33 7" in page.words
    assert "Not told apart" in page.words
    assert "Not told apart" not in read(invented.many(3)).words


def test_the_first_run_of_all_says_that_there_is_nothing_to_compare_with() -> None:
    page = read(invented.many(3), runs=invented.runs(1), changes=())
    assert "This is the first run that the warehouse knows" in page.words
    assert not [tag for tag, _ in page.tags if tag == "svg"]
    assert "since the last run" not in page.words


def test_without_script_the_first_lines_stand_there_as_a_table_and_a_sentence_says_of_how_many() -> None:
    page = read(invented.many(240))
    assert len([tag for tag, _ in page.tags if tag == "tr"]) > 100
    assert "It shows the first 100 of 240 lines; the workbook findings.xlsx has the others." in page.words


def test_of_more_lines_than_a_browser_filters_at_once_it_holds_what_blocks_and_counts_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pipelines.emit.pages.findings.page.MOST", 2)
    rows = [invented.finding(n, kind="fix", blocks=n == 4) for n in range(5)]
    page = read(invented.frame(rows))
    assert page.column("id")[0] == f"{4:016x}" and len(page.column("id")) == 2
    assert "There are 5 lines. This list holds the first 2, what blocks before all else" in page.words
    assert "To fix for this return 5 " in page.words


def test_a_case_tells_what_happened_in_the_words_of_the_code_lists_day_by_day() -> None:
    told = read(invented.frame([invented.finding()])).data["stories"]
    words, (stage, events, members) = told["words"], told["cases"][invented.CASE]
    assert words[stage] == "Main duty is owed"
    lines = [
        (day, words[what], words[detail] if detail >= 0 else None)
        for day, what, detail in zip(events[::3], events[1::3], events[2::3], strict=True)
    ]
    assert lines == [
        ("2025-03-03", "Applied", None),
        ("2025-03-10", "Assessed", "Already homeless – Relief Duty owed (include accepted local connection referrals)"),
        ("2025-03-10", "Relief duty began", None),
        ("2025-03-12", "Placed in temporary accommodation", "B&B or shared annex"),
        ("2025-05-05", "Relief duty ended", "56 days elapsed"),
        ("2025-05-06", "Decision on the main duty", "Homeless + priority need + unintentionally homeless"),
        ("2025-05-06", "Main duty began", "Priority need: household includes dependent children"),
        ("2025-06-02", "Left temporary accommodation", "Moved to other temporary accommodation"),
        (
            "2025-06-02",
            "Placed in temporary accommodation",
            "Private sector accommodation leased by your authority or leased or managed by a registered provider",
        ),
        ("2025-06-09", "Review asked for", "Suitability of accommodation offered"),
        ("2025-07-01", "Review ended", "Decision upheld"),
    ]
    # On the quarter's last day: born on 17 April 1991 and on 23 November 2019.
    household = [(words[who], age) for who, age in zip(members[::2], members[1::2], strict=True)]
    assert household == [("Main applicant", 34), ("Dependent child", 5)]


def test_a_case_that_is_not_in_the_export_has_no_story() -> None:
    assert set(invented.stories().stages["case_ref"]) == {ref(7), ref(8)}


def test_no_name_date_of_birth_number_or_address_of_the_household_is_in_the_file() -> None:
    text = invented.page(invented.frame([invented.finding()])).text()
    people = invented.sections()["people"]
    personal = [*people["forename"], *people["surname"], *people["nino"].drop_nulls()]
    personal += [
        form for born in people["date_of_birth"] for form in (f"{born}", f"{born:%d/%m/%Y}", f"{born.day} {born:%B %Y}")
    ]
    personal += ["Sorrel Way"]
    assert len(personal) == 12
    assert [value for value in personal if value in text] == []


def test_the_same_findings_give_the_same_bytes_but_for_the_time_in_the_footer() -> None:
    page = invented.page(invented.many())
    later = replace(page, made=datetime(2026, 1, 1, 8, 5, tzinfo=UTC), findings=page.findings.reverse())
    first, second = page.text(), later.text()
    assert first != second
    assert first.replace("14 October 2025 at 09:30 UTC", "1 January 2026 at 08:05 UTC") == second


def test_no_value_ends_the_block_of_data_or_becomes_markup() -> None:
    plain = invented.page(invented.frame([invented.finding(1)])).text()
    text = invented.page(invented.hostile()).text()
    assert {tag for tag, _ in Read(text).tags} <= {tag for tag, _ in Read(plain).tags} | {"span"}
    assert text.count("<script") == text.count("</script>") == 2
    assert not [
        name for _, attributes in Read(text).tags for name in attributes if name.startswith("on") or name == "style"
    ]
    assert not re.search("[\u2028\u2029\x00]", Read(text).scripts[0])
    assert "49" not in "".join(value for value in Read(text).column("what") if value)


def test_the_data_hold_each_hostile_value_as_it_is() -> None:
    shown = Read(invented.page(invented.hostile()).text()).column("what")
    # A control character is none that a page can hold.
    assert set(invented.HOSTILE) - set(shown) == {"a\u2028b\u2029c\x00d\u202ee"}
    assert "a\u2028b\u2029c\ufffdd\u202ee" in shown


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://cases.example/7?a=b&c=d", True),
        ("http://cases.example/7", True),
        ("javascript:alert(1)", False),
        ("JavaScript:alert(1)//https://", False),
        ("data:text/html,<script>", False),
        ("//cases.example/7", False),
        ("https:///7", False),
        ("https://cases.example/\n7", False),
        ("https://[", False),
    ],
)
def test_only_addresses_of_the_web_become_links(address: str, kept: bool) -> None:
    rows = invented.frame([invented.finding(0, link=address)])
    assert read(rows).column("link") == [address if kept else None]


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("rules.html#L-06", True),
        ("rules/H-07.md", True),
        ("javascript:alert(1)", False),
        ("//other.example/rules.html", False),
        ("https://other.example", False),
        ("rules.html#<b>", False),
        (None, False),
    ],
)
def test_a_rule_is_linked_to_its_page_beside_the_findings_and_nowhere_else(page: str | None, kept: bool) -> None:
    rows = invented.frame([invented.finding(0, rule_page=page)])
    assert read(rows).data["pages"] == ({"H-07": page} if kept else {})


def test_the_policy_of_the_page_lets_its_own_script_and_style_run_and_nothing_else() -> None:
    text = invented.page(invented.many(3)).text()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    policy = policy.replace("&#39;", "'")
    script, style = re.findall(r"<script>(.*?)</script>", text, re.S), re.findall(r"<style>(.*?)</style>", text, re.S)
    digests = [
        "sha256-" + base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (*script, *style)
    ]
    assert policy.startswith("default-src 'none'")
    assert f"script-src '{digests[0]}';" in policy and f"style-src '{digests[1]}';" in policy
    assert "unsafe" not in policy and "http" not in policy


def test_json_holds_nothing_that_html_or_script_reads() -> None:
    assert as_json({"a": "</script>&\u2028"}) == '{"a":"\\u003c/script\\u003e\\u0026\\u2028"}'


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    (tmp_path / "findings.html").write_text("older")
    (tmp_path / "findings.html").chmod(0o644)
    path = write_page(invented.page(invented.many(3)), tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_run_without_findings_has_a_page_too() -> None:
    page = read(invented.frame([]), standing=Standing("clean", 0, 0), runs=invented.runs(1).head(0))
    assert "This return can be submitted" in page.words
    assert "No earlier run is known" in page.words
