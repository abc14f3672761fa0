"""Findings and cases: filtered, explained, noted and waived; what people type is text, wherever it is shown."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.findings_id import with_ids
from pipelines.link.references import empty_map
from pipelines.serve.found import Filters
from pipelines.warehouse.store import Warehouse
from tests.serve.asking import NOW, REF, RUN, Asker, findings, ledger, main_row, site, warehouse
from tests.warehouse.stored import LA, freeze, sections_of

ComeIn = Callable[[Path], Asker]
FINDINGS = f"/runs/{RUN}/findings"
HOSTILE = "</textarea><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\r\nSet-Cookie: a=b\x00\u202e{{7*7}}"
UNTIL = (NOW.date() + timedelta(days=30)).isoformat()
WAIVER = {"owner": "Team manager", "reason": "The court has the file.", "expires": UNTIL, "covers": "record"}


def stored(rows: pl.DataFrame) -> pl.DataFrame:
    """Findings as a run stores them."""
    kinds = pl.when(pl.col("severity") == "error").then(pl.lit("fix")).otherwise(pl.lit("casework"))
    return with_ids(rows, "2025-Q3").with_columns(kind=kinds)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return warehouse(tmp_path_factory.mktemp("untouched") / "w.duckdb", rows=stored(findings()))


@pytest.fixture
def file(untouched: Path, tmp_path: Path) -> Path:
    """A warehouse of one test alone."""
    return Path(shutil.copy(untouched, tmp_path / "w.duckdb"))


@pytest.fixture
def officer(file: Path, come_in: ComeIn) -> Asker:
    return come_in(file)


def ids(text: str) -> list[str]:
    return re.findall(r'<li id="line-(\w+)"', text)


def error_of(asker: Asker) -> str:
    (found,) = ids(asker.ask(f"{FINDINGS}?show=blocks").text)
    return f"{FINDINGS}/{found}"


def test_what_blocks_stands_first_and_each_finding_says_what_to_do(officer: Asker) -> None:
    text = officer.ask(FINDINGS).text
    assert "2 of 2 findings." in text
    first = text[text.index('<ol class="one-findings">') :]
    assert first.index("Blocks the return") < first.index("Casework")
    assert "Correct the date." in first
    assert f'href="/cases/{LA}/{REF}"' in first


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("show=blocks", 1),
        ("show=casework", 1),
        ("show=tidy", 0),
        ("show=resolved", 0),
        ("show=nonsense", 2),
        ("officer=HO01", 2),
        ("officer=HO02", 0),
        ("team=-", 2),
        ("rule=L-07", 1),
        ("q=747", 2),
        ("q=correct+DATE", 2),
        ("q=.*", 0),
        ("q=%27+or+1%3D1", 0),
        ("show=all&rule=L-06&q=date", 1),
    ],
)
def test_findings_are_filtered(officer: Asker, query: str, count: int) -> None:
    answer = officer.ask(f"{FINDINGS}?{query}", headers=[("hx-request", "true")])
    assert len(ids(answer.text)) == count
    assert f"{count} of 2 findings." in answer.text


def test_htmx_gets_the_list_alone_and_a_browser_without_script_the_page(officer: Asker) -> None:
    part = officer.ask(f"{FINDINGS}?show=blocks", headers=[("hx-request", "true")]).text
    assert part.startswith('<section id="found"')
    whole = officer.ask(f"{FINDINGS}?show=blocks").text
    assert whole.startswith("<!doctype html>")
    assert '<option value="blocks" selected>' in whole


def test_a_filter_stays_in_the_links_to_the_other_pages(tmp_path: Path, come_in: ComeIn) -> None:
    cases = [pl.lit(f"{LA}_{number:012}") for number in range(60)]
    many = pl.concat([findings().with_columns(case_ref=case) for case in cases])
    path = warehouse(tmp_path / "w.duckdb", rows=stored(many))
    asker = come_in(path)
    text = asker.ask(f"{FINDINGS}?show=casework&q=date").text
    assert len(ids(text)) == 50
    (link,) = re.findall(r'<a href="([^"]+)" rel="next"', text)
    second = asker.ask(link.replace("&amp;", "&")).text
    part = asker.ask(link.replace("&amp;", "&"), headers=[("hx-request", "true")])
    assert part.headers["hx-replace-url"] == f"{FINDINGS}?show=casework&page=2", "without what was searched for"
    assert len(ids(second)) == 10
    assert not set(ids(text)) & set(ids(second))


def test_a_note_stays_with_the_finding_and_says_who_wrote_it(officer: Asker, file: Path) -> None:
    target = error_of(officer)
    answer = officer.post(f"{target}/note", {"note": " Asked the applicant.\r\nTwice. "})
    assert (answer.status, answer.headers["location"]) == (303, target)
    text = officer.ask(target).text
    assert "Asked the applicant.\nTwice." in text
    assert "officer, 14 October 2025" in text
    assert "Asked the applicant." in officer.ask(FINDINGS).text
    with Warehouse(file) as store:
        rows = store.connection.execute(
            "select la_code, finding_id, note, said_by, said_on from finding_note"
        ).fetchall()
    assert rows == [(LA, target.rpartition("/")[2], "Asked the applicant.\nTwice.", "officer", date(2025, 10, 14))]


def test_the_last_note_is_shown_and_the_others_are_kept(officer: Asker) -> None:
    target = error_of(officer)
    for note in ("Asked once.", "Asked twice."):
        assert officer.post(f"{target}/note", {"note": note}).status == 303
    assert "Asked once." not in officer.ask(FINDINGS).text
    text = officer.ask(target).text
    assert text.index("Asked twice.") < text.index("Asked once.")


def test_htmx_gets_the_line_with_its_note(officer: Asker) -> None:
    answer = officer.post(f"{error_of(officer)}/note", {"note": "Asked."}, headers=[("hx-request", "true")])
    assert answer.status == 200
    assert answer.text.strip().startswith('<li id="line-')
    assert "The note is kept." in answer.text
    assert "Asked." in answer.text


@pytest.mark.parametrize("note", ["", "  \r\n ", "\x00\x1f", "x" * 2001])
def test_an_empty_or_endless_note_is_refused_and_what_was_typed_stays(officer: Asker, note: str) -> None:
    target = error_of(officer)
    answer = officer.post(f"{target}/note", {"note": note})
    assert answer.status == 422
    assert 'role="alert"' in answer.text
    if len(note) > 2000:
        assert note in answer.text
    part = officer.post(f"{target}/note", {"note": note}, headers=[("hx-request", "true")])
    assert (part.headers["hx-retarget"], part.headers["hx-reswap"]) == ("#problem", "innerHTML")
    assert "<html" not in part.text


def test_what_people_type_is_text_and_reaches_no_header(officer: Asker, file: Path) -> None:
    target = error_of(officer)
    answers = [
        officer.post(f"{target}/note", {"note": HOSTILE}),
        officer.post(f"{target}/note", {"note": HOSTILE}, headers=[("hx-request", "true")]),
        officer.post(f"{target}/waiver", {**WAIVER, "owner": HOSTILE[:90], "reason": HOSTILE}),
        officer.post(f"{target}/waiver", {**WAIVER, "owner": HOSTILE[:90], "reason": HOSTILE, "expires": HOSTILE}),
        *(officer.ask(page) for page in (target, FINDINGS, f"/waivers/{LA}", f"/cases/{LA}/{REF}")),
        officer.ask(f"{FINDINGS}?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&officer=%22onfocus=alert(1)"),
    ]
    for answer in answers:
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
        assert "\x00" not in answer.text
        assert not re.search(r'"\s*onfocus=', answer.text)
        assert not any(b"\r" in value or b"\n" in value for _, value in answer.raw)
        assert answer.headers.get("set-cookie") is None
    with Warehouse(file) as store:
        (note,) = {row[0] for row in store.connection.execute("select note from finding_note").fetchall()}
    assert note == HOSTILE.replace("\r\n", "\n").replace("\x00", "").replace("\u202e", "")


def test_hostile_values_of_findings_are_text(tmp_path: Path, come_in: ComeIn) -> None:
    bad = 'javascript:alert(1)//"><script>alert(1)</script>'
    rows = findings(value=bad, officer=bad, message=bad).with_columns(local_ref=pl.lit(bad), team=pl.lit(bad))
    path = tmp_path / "w.duckdb"
    with Warehouse(path) as store:
        freeze(store, RUN, sections_of(main=[main_row(local_ref=bad, officer=bad, team=bad)]), result="blocked")
        store.save_findings(RUN, stored(rows))
    asker = come_in(path)
    for target in (FINDINGS, error_of(asker), f"/cases/{LA}/{REF}"):
        text = asker.ask(target).text
        assert "&lt;script&gt;" in text
        assert "<script>alert" not in text
        assert not re.search(r'(href|src|action)="javascript', text)


def test_a_waiver_says_who_answers_until_when_and_can_be_withdrawn(officer: Asker, file: Path) -> None:
    target = error_of(officer)
    assert officer.post(f"{target}/waiver", WAIVER).status == 303
    text = officer.ask(target).text
    assert "Team manager answers for it until 13 November 2025: The court has the file." in text
    assert "It counts from the next run on." in text
    with Warehouse(file) as store:
        rows = store.connection.execute(
            "select waiver_no, rule_id, case_ref, record_key, given_by, given_on from waiver"
        ).fetchall()
    assert rows == [(1, "L-06", REF, REF, "officer", date(2025, 10, 14))]
    listed = officer.ask(f"/waivers/{LA}").text
    assert f'action="/waivers/{LA}/1/withdraw"' in listed
    assert officer.post(f"/waivers/{LA}/1/withdraw").status == 303
    assert "There is none." in officer.ask(f"/waivers/{LA}").text
    assert officer.post(f"/waivers/{LA}/1/withdraw").status == 404


def test_a_waiver_of_the_case_covers_every_record_of_it(officer: Asker, file: Path) -> None:
    officer.post(f"{error_of(officer)}/waiver", {**WAIVER, "covers": "case"})
    with Warehouse(file) as store:
        assert store.connection.execute("select case_ref, record_key from waiver").fetchall() == [(REF, None)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"expires": "2025-10-13"}, "between today and a year from now"),
        ({"expires": "2026-10-16"}, "between today and a year from now"),
        ({"expires": "soon"}, "is not understood"),
        ({"expires": ""}, "is not understood"),
        ({"owner": " "}, "The owner is empty."),
        ({"reason": ""}, "The reason is empty."),
        ({"owner": "x" * 101}, "The owner is too long"),
    ],
)
def test_a_waiver_without_owner_reason_or_day_is_refused(officer: Asker, given: dict[str, str], words: str) -> None:
    answer = officer.post(f"{error_of(officer)}/waiver", {**WAIVER, **given})
    assert answer.status == 422
    assert words in answer.text
    assert "There is none." in officer.ask(f"/waivers/{LA}").text


@pytest.mark.parametrize("expires", ["2025-10-14", "2026-10-15"])
def test_a_waiver_may_end_today_and_a_year_from_now(officer: Asker, expires: str) -> None:
    assert officer.post(f"{error_of(officer)}/waiver", {**WAIVER, "expires": expires}).status == 303


@pytest.mark.parametrize("path", ["note", "waiver"])
def test_nothing_is_written_on_a_finding_that_is_not_there(officer: Asker, file: Path, path: str) -> None:
    for finding_id in ("0" * 16, "..%2f..", "' or 1=1 --"):
        assert officer.post(f"{FINDINGS}/{finding_id}/{path}", {"note": "x", **WAIVER}).status == 404
    assert officer.post(f"/runs/none/findings/{'0' * 16}/{path}", {"note": "x", **WAIVER}).status == 404
    with Warehouse(file) as store:
        assert store.connection.execute("select count(*) from finding_note").fetchone() == (0,)
        assert store.connection.execute("select count(*) from waiver").fetchone() == (0,)


def test_a_note_that_meets_a_run_is_not_kept_and_says_so(officer: Asker, file: Path, impatient: ComeIn) -> None:
    target = error_of(officer)
    officer = impatient(file)
    with duckdb.connect(str(file)):
        answer = officer.post(f"{target}/note", {"note": "Asked."}, headers=[("hx-request", "true")])
    assert answer.status == 503
    assert answer.headers["hx-retarget"] == "#problem"
    assert "Nothing was changed. Try again in a minute." in answer.text
    assert officer.post(f"{target}/note", {"note": "Asked."}).status == 303


def test_looking_at_findings_and_cases_writes_nothing(officer: Asker, file: Path) -> None:
    target, before = error_of(officer), file.read_bytes()
    for page in (FINDINGS, target, f"/cases/{LA}/{REF}", f"/waivers/{LA}"):
        assert officer.ask(page).status == 200
    assert file.read_bytes() == before


def test_a_case_is_told_by_its_findings_days_household_and_runs(tmp_path: Path, come_in: ComeIn) -> None:
    path = tmp_path / "w.duckdb"
    person = {
        "case_ref": REF,
        "person_no": 1,
        "relationship": "main",
        "date_of_birth": date(1990, 5, 1),
        "surname": "SECRET",
    }
    sections = sections_of(
        main=[main_row()], people=[person], relief=[{"case_ref": REF, "relief_start": date(2025, 7, 1)}]
    )
    with Warehouse(path) as store:
        freeze(store, "first", sections, result="blocked")
        store.save_findings("first", stored(findings()))
        freeze(store, "second", sections, result="clean")
        store.save_findings("second", stored(findings().filter(pl.col("severity") == "warning")))
    text = come_in(path).ask(f"/cases/{LA}/{REF}").text
    assert "Case 747" in text
    assert "Relief duty began" in text
    assert '<time datetime="2025-07-01">1 July 2025</time>' in text
    assert "35 years" in text
    assert "SECRET" not in text
    assert "1990" not in text
    assert text.index("/runs/second") < text.index("/runs/first")
    assert len(ids(text)) == 1


@pytest.mark.parametrize(
    "target", [f"/cases/{LA}/none", f"/cases/E09000002/{REF}", f"/cases/{LA}/..%2f..", "/waivers/x"]
)
def test_a_case_that_is_not_there_is_not_found(officer: Asker, target: str) -> None:
    assert officer.ask(target).status == 404


def test_filters_are_kept_short_and_known() -> None:
    asked = Filters.of({"show": "x", "q": "y" * 300, "page": "2", "other": "z"})
    assert (asked.show, len(asked.q)) == ("todo", 200)
    assert "other" not in asked.query


@pytest.mark.parametrize(
    ("rule_id", "words"), [("L-06", "56"), ("X-25", "What to do"), ("M-main-case_ref-required", "Why")]
)
def test_each_finding_leads_to_its_rule_in_plain_words(officer: Asker, rule_id: str, words: str) -> None:
    answer = officer.ask(f"/rules/{rule_id}")
    assert answer.status == 200
    assert words in answer.text
    assert 'href="/rules/L-06"' in officer.ask(FINDINGS).text


def test_a_rule_of_an_official_pack_or_none_says_so(officer: Asker) -> None:
    for rule_id in ("nonsense", "<script>alert(1)</script>"):
        answer = officer.ask(f"/rules/{rule_id.replace('/', '%2f')}")
        assert answer.status in (200, 404)
        assert "<script>alert" not in answer.text


def test_what_is_new_still_open_and_put_right_is_told_apart(file: Path, come_in: ComeIn) -> None:
    later = date(2025, 10, 7)
    book = {**ledger(), "inputs": [{**ledger()["inputs"][0], "sha256": "1" * 64}], "run_id": "second"}
    with Warehouse(file) as store:
        sections = sections_of(main=[main_row()], relief=[{"case_ref": REF, "relief_start": date(2025, 7, 1)}])
        run = {"run_id": "second", "la_code": LA, "quarter": "2025-Q3", "as_at": later, "result": "blocked"}
        store.freeze(run, sections, empty_map())
        other = findings().head(1).with_columns(rule_id=pl.lit("H-07"))
        store.save_findings("second", stored(pl.concat([findings().tail(1), other])))
        store.save_ledger("second", book, "blocked")
    asker = come_in(file)
    states = {
        words: asker.ask(f"/runs/second/findings?show=all&state={state}").text
        for words, state in (("H-07", "new"), ("L-07", "open"), ("L-06", "resolved"))
    }
    for rule_id, text in states.items():
        assert re.findall(r'href="/rules/([\w-]+)"', text) == [rule_id]
    assert "30 September 2025" in states["L-07"]
    assert "7 October 2025" in states["H-07"]
    case = asker.ask(f"/cases/{LA}/{REF}").text
    assert "Put right since the run before" in case
    assert '<svg class="runs"' in asker.ask("/runs/second").text


def test_a_case_opens_in_the_councils_system_where_the_profile_says_where(file: Path) -> None:
    asker = Asker(site(file, case_url="https://cases.example.org/open?ref={local_ref}"))
    asker.come_in()
    assert 'href="https://cases.example.org/open?ref=747" rel="noreferrer"' in asker.ask(FINDINGS).text
