"""Official tables with the cases behind each cell, and metrics, live from the warehouse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.emit.tables.build import evidence
from pipelines.metrics.catalogue import metrics
from pipelines.period import Quarter
from pipelines.warehouse.quarter import open_quarter
from pipelines.warehouse.store import Warehouse
from tests.serve.asking import REF, RUN, Asker, main_row, site, warehouse
from tests.warehouse.stored import LA, freeze, sections_of

Q3 = Quarter(2025, 3)
TABLES = f"/tables/{LA}/2025-Q3"


@pytest.fixture(scope="module")
def looking(path: Path) -> Iterator[Asker]:
    asker = Asker(site(path))
    asker.come_in()
    yield asker
    asker.site.quarters.close()


def test_the_state_of_the_run_heads_every_page_of_a_quarter(looking: Asker) -> None:
    for target in (
        TABLES,
        f"{TABLES}/A1",
        f"{TABLES}/A1/1",
        f"/metrics/{LA}/2025-Q3",
        f"/metrics/{LA}/2025-Q3/case_age",
    ):
        text = looking.ask(target).text
        assert text.index("The return of these cases is blocked") < text.index('<main id="main"'), target


def test_every_table_of_the_quarter_is_listed_and_can_be_opened(looking: Asker) -> None:
    listed = re.findall(rf'href="({TABLES}/[^"]+)"', looking.ask(TABLES).text)
    assert len(listed) > 20
    assert {looking.ask(target).status for target in listed[::6]} == {200}


def test_each_figure_leads_to_as_many_cases_as_it_counts(looking: Asker, path: Path) -> None:
    text = looking.ask(f"{TABLES}/A1").text
    links = re.findall(rf'<td>([\d,]+)</td><td>\S+</td><td><a href="({TABLES}/A1/\d+)">(\d+) behind it', text)
    assert links
    for figure, target, behind in links:
        cases = re.findall(r'<th scope="row" class="whole"><a href="/cases/E06000034/(\w+)"', looking.ask(target).text)
        assert len(cases) == int(figure) == int(behind)
    with open_quarter(path, LA, Q3) as opened:
        told = evidence(opened.connection, "A1")
    assert len(links) == told["column_path"].n_unique()


def test_the_cases_behind_a_figure_are_named_by_both_references(looking: Asker) -> None:
    text = looking.ask(f"{TABLES}/A1/1").text
    assert f">{REF}</a>" in text
    assert '<td class="words">747</td>' in text


def test_small_numbers_are_shown_and_what_mhclg_would_print_beside_them(looking: Asker) -> None:
    text = looking.ask(f"{TABLES}/A5P").text
    assert "Internal: not for publication" in text
    assert "As MHCLG would print it" in text


@pytest.mark.parametrize(
    "target",
    [
        f"{TABLES}/XX",
        f"{TABLES}/A1/9999",
        f"{TABLES}/A1/one",
        f"{TABLES}/A1/..%2f..",
        f"/tables/{LA}/quarter",
        "/tables/E09000002/2025-Q3",
        "/tables/..%2f..%2fetc/2025-Q3",
        f"/metrics/{LA}/2025-Q3/none",
        f"/metrics/{LA}/2025-Q3/..%2f..%2fetc%2fpasswd",
    ],
)
def test_what_is_not_there_is_not_found(looking: Asker, target: str) -> None:
    assert looking.ask(target).status == 404


def test_a_quarter_that_no_case_can_tell_is_refused_in_a_sentence(looking: Asker) -> None:
    answer = looking.ask(f"/tables/{LA}/2025-Q4")
    assert answer.status == 404
    assert "cannot tell 2025-Q4" in answer.text
    earlier = looking.ask(f"/tables/{LA}/2025-Q2")
    assert "No run was made for April to June 2025" in earlier.text


def test_every_metric_is_listed_and_one_shows_its_rows(looking: Asker) -> None:
    text = looking.ask(f"/metrics/{LA}/2025-Q3").text
    assert all(f"/metrics/{LA}/2025-Q3/{one.name}" in text for one in metrics())
    rows = looking.ask(f"/metrics/{LA}/2025-Q3/case_open_list").text
    assert f'<a href="/cases/{LA}/{REF}">{REF}</a>' in rows


@pytest.mark.parametrize("page", ["0", "-1", "99999999999", "x", "²", "1;drop"])
def test_a_page_that_is_none_is_the_nearest_there_is(looking: Asker, page: str) -> None:
    assert looking.ask(f"{TABLES}/A1/1?page={page}").status == 200


def test_a_quarter_that_is_run_again_is_counted_again(tmp_path: Path, come_in: Callable[[Path], Asker]) -> None:
    path = warehouse(tmp_path / "w.duckdb")
    asker = come_in(path)
    assert "1 behind it" in asker.ask(f"{TABLES}/A1").text
    other = f"{LA}_000000000748"
    with Warehouse(path) as store:
        rows = [main_row(), main_row(case_ref=other, local_ref="748")]
        freeze(store, f"{RUN}-2", sections_of(main=rows), result="clean")
    text = asker.ask(f"{TABLES}/A1").text
    assert "2 behind it" in text
    assert f"run {RUN}-2" in text


HOSTILE = "\"><script>alert(1)</script><a href='javascript:alert(2)'>"


def test_hostile_values_of_cases_are_text(tmp_path: Path, come_in: Callable[[Path], Asker]) -> None:
    path = tmp_path / "w.duckdb"
    with Warehouse(path) as store:
        row = main_row(case_ref=f"{LA}_{HOSTILE}", local_ref=HOSTILE, officer=HOSTILE, team=HOSTILE)
        freeze(store, RUN, sections_of(main=[row]), result="clean")
    asker = come_in(path)
    shown = [asker.ask(f"{TABLES}/A1/1").text]
    shown += [asker.ask(f"/metrics/{LA}/2025-Q3/{name}").text for name in ("case_age", "case_open_month")]
    for text in shown:
        assert "&lt;script&gt;" in text
        assert "<script>alert" not in text
        assert not re.search(r'href=["\']?javascript', text)
        assert "%22%3E%3Cscript%3E" in text or "/cases/" not in text


def test_worklists_ask_and_list_cases(looking: Asker) -> None:
    target = f"/worklists/{LA}/2025-Q3"
    text = looking.ask(target).text
    listed = re.findall(rf'href="({target}/[\w-]+)"', text)
    assert len(listed) >= 6
    assert "Is the household still there?" in text
    pages = [looking.ask(one).text for one in listed]
    assert all("State of the return:" in page for page in pages)
    assert any(f'<a href="/cases/{LA}/{REF}">{REF}</a>' in page for page in pages)
    assert looking.ask(f"{target}/none").status == 404
