"""The pages of runs: state first, in words; values of the data are shown as text, whatever they hold."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.period import Quarter
from pipelines.warehouse import sign_offs
from pipelines.warehouse.store import Warehouse
from tests.serve.asking import RUN, Asker, ledger, warehouse
from tests.warehouse.stored import LA, freeze, sections_of

ComeIn = Callable[[Path], Asker]
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}\r\nSet-Cookie: a=b"


def test_the_first_page_says_first_whether_each_quarter_can_be_submitted(user: Asker) -> None:
    text = user.ask("/").text
    assert text.index("Thurrock") < text.index("July to September 2025") < text.index("State of the return:")
    assert "The return of these cases is blocked: 1 error keeps it from being written." in text
    assert f'href="/runs/{RUN}"' in text


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("clean", "The return of these cases was written: nothing blocks it."),
        ("failed", "The return of these cases failed its own check and was not written."),
        (None, "It is not known whether the return of these cases was blocked."),
    ],
)
def test_a_run_page_opens_with_what_the_run_has_come_to(
    tmp_path: Path, come_in: ComeIn, result: str | None, words: str
) -> None:
    with Warehouse(tmp_path / "w.duckdb") as store:
        freeze(store, RUN, sections_of(), result=result)
    text = come_in(tmp_path / "w.duckdb").ask(f"/runs/{RUN}").text
    assert words in text
    assert text.index(words) < text.index('<main id="main"')


def test_a_run_page_says_who_answers_for_its_return(tmp_path: Path, come_in: ComeIn) -> None:
    with Warehouse(warehouse(tmp_path / "w.duckdb")) as store, store.transaction():
        sign_offs.add_state(
            store.connection,
            LA,
            Quarter(2025, 3),
            RUN,
            sign_offs.CHECKED,
            by="Ann Smith",
            at=datetime(2025, 10, 8, 9, 30, tzinfo=UTC),
            why="<b>compared</b> with the caseload",
            levels={"main": "audited"},
        )
    text = come_in(tmp_path / "w.duckdb").ask(f"/runs/{RUN}").text
    assert "Sign-off of the return" in text and "Checked" in text
    assert "Ann Smith" in text and "8 October 2025" in text and "&lt;b&gt;compared" in text


def test_rules_that_could_not_be_run_block_in_words(tmp_path: Path, come_in: ComeIn) -> None:
    not_run = [{"rule_id": "L-99", "reason": "The column is not in the export."}]
    book = ledger(rules={"run": 513, "not_run": not_run})
    text = come_in(warehouse(tmp_path / "w.duckdb", book=book)).ask(f"/runs/{RUN}").text
    assert "1 error and 1 rule that could not be run keep it from being written." in text
    assert "The column is not in the export." in text


def test_a_run_page_tells_rows_rules_and_versions(user: Asker) -> None:
    text = user.ask(f"/runs/{RUN}").text
    assert "1 of 2 cases of the export belong to the quarter." in text
    assert '<th scope="row">main.csv</th>' in text
    assert [f">{number}</td>" in text.partition("main.csv")[2].partition("</tr>")[0] for number in (3, 2, 1, 0)] == [
        True
    ] * 4
    assert "All 514 rules were run." in text


def test_a_quarter_lists_its_runs_the_newest_first(tmp_path: Path, come_in: ComeIn) -> None:
    path = warehouse(tmp_path / "w.duckdb")
    with Warehouse(path) as store:
        freeze(store, "second", sections_of(), result="clean")
        freeze(store, "at-work", sections_of(), result="running")
    text = come_in(path).ask(f"/quarters/{LA}/2025-Q3").text
    assert text.index("/runs/second") < text.index(f"/runs/{RUN}")
    assert "at-work" not in text


@pytest.mark.parametrize(
    "target", ["/runs/none", f"/quarters/{LA}/2025-Q4", f"/quarters/{LA}/xx", "/quarters/x/2025-Q3"]
)
def test_what_is_not_there_is_said_in_a_sentence(user: Asker, target: str) -> None:
    answer = user.ask(target)
    assert answer.status == 404
    assert "in the warehouse." in answer.text


def test_values_of_the_data_are_text(tmp_path: Path, come_in: ComeIn) -> None:
    book = ledger(
        inputs_not_read=[{"name": HOSTILE, "why": HOSTILE}],
        notices=[HOSTILE],
        return_problems=[HOSTILE],
        waivers=[{"rule_id": HOSTILE, "owner": HOSTILE, "reason": HOSTILE, "expires": HOSTILE}],
    )
    answer = come_in(warehouse(tmp_path / "w.duckdb", book=book)).ask(f"/runs/{RUN}")
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    assert answer.text.count("&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&gt;&lt;img") == 8
    assert "{{7*7}}" in answer.text


def test_a_run_that_writes_makes_the_page_say_try_again(tmp_path: Path, impatient: ComeIn) -> None:
    path = warehouse(tmp_path / "w.duckdb")
    asker = impatient(path)
    with duckdb.connect(str(path)):
        answer = asker.ask("/")
    assert answer.status == 503
    assert "A run is writing to the warehouse." in answer.text
    assert answer.headers["retry-after"] == "60"
    assert asker.ask("/").status == 200


def test_looking_leaves_the_warehouse_as_it_was_and_free(tmp_path: Path, come_in: ComeIn) -> None:
    path = warehouse(tmp_path / "w.duckdb")
    before = path.read_bytes()
    asker = come_in(path)
    for target in ("/", f"/runs/{RUN}", f"/quarters/{LA}/2025-Q3"):
        assert asker.ask(target).status == 200
    assert path.read_bytes() == before
    started = time.monotonic()
    with Warehouse(path) as store:
        assert store.newest_run(LA) == RUN
    assert time.monotonic() - started < 5
