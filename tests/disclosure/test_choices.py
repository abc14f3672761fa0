"""Figures for sharing are refused for one officer's cases, for few cases and for a chosen day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.disclosure.choices import check_day, check_fields, check_size
from pipelines.errors import UsageError
from pipelines.link.references import empty_map
from pipelines.metrics.command import Choice, write
from pipelines.period import Quarter
from pipelines.synthesise.routes import make_cases
from pipelines.warehouse.store import Warehouse

LA = "E06000034"
QUARTER = Quarter(2025, 4)


def test_a_cohort_needs_50_cases() -> None:
    check_size(50, 200)
    with pytest.raises(UsageError, match="needs 50 cases or more") as refused:
        check_size(49, 200)
    assert "49" not in str(refused.value)


def test_a_cohort_leaves_out_none_or_50() -> None:
    check_size(200, 200)
    check_size(150, 200)
    with pytest.raises(UsageError, match="leaves out fewer"):
        check_size(151, 200)


def test_a_cohort_of_an_officer_is_refused_however_large() -> None:
    check_fields({"team", "sex"})
    with pytest.raises(UsageError, match="one officer's cases"):
        check_fields({"sex", "officer"})


def test_a_chosen_day_is_refused() -> None:
    check_day(None)
    with pytest.raises(UsageError, match="leave out --day"):
        check_day(QUARTER.last_day)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("choices") / "w.duckdb"
    sections = make_cases(
        20, authority=LA, neighbour="E07000070", first_day=date(2025, 7, 1), last_day=QUARTER.last_day, seed=4
    )
    run = {"run_id": "r", "la_code": LA, "quarter": str(QUARTER), "as_at": QUARTER.last_day, "result": "clean"}
    with Warehouse(path) as opened:
        opened.freeze(run, sections, empty_map())
    return path


@pytest.mark.parametrize(
    ("cohort", "day", "why"),
    [
        ("officer=A", None, "one officer's cases"),
        ("care_leaver+officer=A", None, "one officer's cases"),
        ("sex=f", None, "needs 50 cases or more"),
        (None, date(2025, 12, 1), "leave out --day"),
    ],
)
def test_the_command_refuses_them_and_writes_nothing(
    warehouse: Path, tmp_path: Path, cohort: str | None, day: date | None, why: str
) -> None:
    choice = Choice(warehouse, LA, QUARTER, tmp_path / "shared", cohort=cohort, day=day, internal=False)
    with pytest.raises(UsageError, match=why):
        write(choice)
    assert not (tmp_path / "shared").exists()
