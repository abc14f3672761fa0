"""How a run stands is said first on every page and in every chart; of a blocked one nothing is made for sharing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import html
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.errors import UsageError
from pipelines.link.references import empty_map
from pipelines.period import Quarter
from pipelines.state import (
    BLOCKED,
    CHECKED,
    CLEAN,
    DRAFT,
    FAILED,
    NO_RETURN,
    SIGNED_OFF,
    SUBMITTED,
    SUPERSEDED,
    RunState,
    state_in,
)
from pipelines.warehouse import sign_offs
from pipelines.warehouse.quarter import open_quarter
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


DAY = date(2025, 10, 20)


@pytest.mark.parametrize(
    ("state", "sentence", "label"),
    [
        (
            RunState(CLEAN, sign_off=DRAFT),
            "It was a draft when this was made: nobody had signed it off.",
            "Draft return.",
        ),
        (
            RunState(CLEAN, sign_off=CHECKED, signed_on=DAY),
            "It was checked on 20 October 2025; nobody had signed it off when this was made.",
            "Checked return, not signed off.",
        ),
        (
            RunState(CLEAN, sign_off=SIGNED_OFF, signed_on=DAY),
            "It was signed off on 20 October 2025.",
            "Return signed off.",
        ),
        (
            RunState(CLEAN, sign_off=SUBMITTED, signed_on=DAY),
            "It was signed off, and submitted on 20 October 2025.",
            "Return submitted.",
        ),
        (
            RunState(CLEAN, sign_off=SUPERSEDED, signed_on=DAY),
            "It was signed off, and superseded by a revision on 20 October 2025.",
            "Return superseded by a revision.",
        ),
        (RunState(CLEAN, sign_off=NO_RETURN), "No return was made of these cases", "No return made."),
        (
            RunState(CLEAN, sign_off=DRAFT, is_beside_another=True),
            "Signed off for the quarter is the return of another run: its figures may differ from these.",
            "Draft return.",
        ),
    ],
    ids=lambda value: value.sign_off if isinstance(value, RunState) else "",
)
def test_state_of_sign_off_is_said_alike_in_both_editions_and_in_charts(
    tmp_path: Path, state: RunState, sentence: str, label: str
) -> None:
    assert sentence in state.sentence
    assert state.label == label.removesuffix(".")
    if state.sign_off not in (SIGNED_OFF, NO_RETURN):
        return
    written(tmp_path, state)
    pages_made = sorted(tmp_path.glob("*.html"))
    assert len(pages_made) == 3
    assert {first_words(page) for page in pages_made} == {f"State of the return: {state.sentence}"}
    chart = next((tmp_path / "charts").glob("*.svg"))
    assert label in " ".join(" ".join(html.fromstring(chart.read_bytes()).itertext()).split())


def test_a_quarter_that_is_opened_says_what_has_been_said_of_its_return_since(tmp_path: Path) -> None:
    path, quarter = tmp_path / "w.duckdb", Quarter(2025, 3)

    def stored(run_id: str, **ledger: str) -> None:
        with Warehouse(path) as store:
            run = {"run_id": run_id, "la_code": pages.LA, "quarter": "2025-Q3", "as_at": date(2025, 9, 30)}
            store.freeze(run, {name: section_frame(name, []) for name in SECTION}, empty_map())
            store.save_ledger(run_id, {"result": CLEAN, **ledger}, CLEAN)

    def said(run_id: str, state: str, day: int) -> None:
        with Warehouse(path) as store, store.transaction():
            sign_offs.add_state(
                store.connection,
                pages.LA,
                quarter,
                run_id,
                state,
                by="A",
                at=datetime(2025, 10, day, tzinfo=UTC),
                why=None,
            )

    def told() -> tuple[str | None, date | None, bool]:
        with open_quarter(path, pages.LA, quarter) as opened:
            return opened.state.sign_off, opened.state.signed_on, opened.state.is_beside_another

    stored("run-1")
    assert told() == (DRAFT, None, False)
    said("run-1", CHECKED, 7)
    assert told() == (CHECKED, date(2025, 10, 7), False)
    said("run-1", SIGNED_OFF, 8)
    assert told() == (SIGNED_OFF, date(2025, 10, 8), False)
    stored("revision")
    assert told() == (DRAFT, None, True)
    stored("metrics-alone", only="metrics")
    assert told() == (NO_RETURN, None, True)


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
