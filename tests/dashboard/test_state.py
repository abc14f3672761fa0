"""How a run stands is said first on every page and in every chart; of a blocked one nothing is made for sharing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from lxml import html
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import UsageError
from pipelines.link.references import empty_map
from pipelines.state import BLOCKED, CLEAN, FAILED, RunState, state_in
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTION
from tests.dashboard import pages
from tests.dashboard.test_pages import small_history
from tests.transform.warehouse import section_frame


def first_words(path: Path) -> str:
    """What a reader meets first in the main part of a page."""
    main = html.fromstring(path.read_text(encoding="utf-8")).get_element_by_id("main")
    return " ".join(main[0].text_content().split())


def written(folder: Path, state: RunState) -> set[str]:
    with small_history() as con:
        return {path.name for path in pages.write(con, folder, state=state)}


@pytest.mark.parametrize("result", [BLOCKED, FAILED])
def test_of_a_run_without_a_return_only_the_internal_page_is_written(tmp_path: Path, result: str) -> None:
    assert written(tmp_path, RunState(result, 3)) == {"dashboard.html"}
    assert first_words(tmp_path / "dashboard.html").endswith("Do not share them.")


def test_the_page_of_a_blocked_run_says_first_that_it_is_blocked_and_by_how_many_errors(tmp_path: Path) -> None:
    written(tmp_path, RunState(BLOCKED, 12, 1))
    assert first_words(tmp_path / "dashboard.html").startswith(
        "State of the return: The return of these cases is blocked: 12 errors and 1 rule that could not be run keep it"
    )


def test_every_page_and_chart_of_a_clean_run_says_that_the_return_was_written(tmp_path: Path) -> None:
    names = written(tmp_path, RunState(CLEAN))
    assert {"dashboard.html", "dashboard_shareable.html", "quarter_in_numbers.html"} < names
    for page in tmp_path.glob("*.html"):
        assert first_words(page) == (
            "State of the return: The return of these cases was written: nothing blocks it."
        ), page.name
    charts = sorted((tmp_path / "charts").glob("*.svg"))
    assert charts
    for chart in charts:
        said = " ".join(html.fromstring(chart.read_bytes()).itertext())
        assert "Return written." in " ".join(said.split()), chart.name


def test_one_error_and_one_rule_are_counted_in_the_singular() -> None:
    assert "1 error keeps it from being written" in RunState(BLOCKED, 1).sentence
    assert "1 rule that could not be run keeps it from being written" in RunState(BLOCKED, 0, 1).sentence


def test_a_ledger_says_how_its_run_stands_and_without_one_it_is_not_known() -> None:
    ledger = {"result": "blocked", "findings": {"blocking": 2}, "rules": {"not_run": [{"rule_id": "L-05"}]}}
    assert state_in(ledger) == RunState(BLOCKED, 2, 1)
    assert state_in(None) == RunState(None)
    assert RunState(None).is_shareable


@pytest.mark.parametrize("command", ["dashboard", "metrics"])
def test_an_edition_for_sharing_of_a_blocked_run_is_refused_and_the_internal_one_is_made(
    tmp_path: Path, command: str
) -> None:
    ledger = {"result": BLOCKED, "findings": {"blocking": 2}}
    with Warehouse(tmp_path / "w.duckdb") as store:
        run = {"run_id": "run-1", "la_code": pages.LA, "quarter": "2025-Q3", "as_at": date(2025, 9, 30)}
        store.freeze(run, {name: section_frame(name, []) for name in SECTION}, empty_map())
        store.save_ledger("run-1", ledger, BLOCKED)
    options = ["--warehouse", str(tmp_path / "w.duckdb"), "--authority", pages.LA, "--quarter", "2025-Q3"]
    options += ["--out", str(tmp_path / "out")]
    refused = CliRunner().invoke(app, [command, *options, "--shareable"])
    assert isinstance(refused.exception, UsageError)
    assert "2 errors keep it from being written" in str(refused.exception)
    assert not (tmp_path / "out").exists()
    assert CliRunner().invoke(app, [command, *options]).exit_code == 0
    assert "dashboard_shareable.html" not in {path.name for path in (tmp_path / "out").iterdir()}
