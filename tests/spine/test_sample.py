"""The sample: every route through the Act, three layouts of the same households, warnings but no error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from pipelines.check import check_export
from pipelines.extract import extract
from pipelines.period import Quarter
from pipelines.run import Request, Run

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
AUTHORITY, QUARTER = "E06000034", Quarter(2025, 3)
LAYOUTS = ("native", "jigsaw-style", "civica-style")
CODES_CHANGED = date(2023, 4, 1)
Sections = dict[str, pl.DataFrame]


@cache
def sample() -> Sections:
    return extract(SAMPLE / "native", "native", authority=AUTHORITY, as_at=QUARTER.last_day).sections


def cases(rows: pl.DataFrame, *conditions: pl.Expr) -> set[str]:
    return set(rows.filter(*conditions)["case_ref"])


def ended(section: str, column: str, *codes: str) -> Callable[[Sections], set[str]]:
    return lambda found: cases(found[section], pl.col(column).is_in(codes))


def split(found: Sections) -> set[str]:
    ta = found["temporary_accommodation"].select("case_ref", "placement_no", "entry_date", "exit_date")
    pairs = ta.join(ta, on="case_ref", suffix="_other").filter(
        pl.col("placement_no") < pl.col("placement_no_other"),
        pl.col("exit_date").is_null() | (pl.col("exit_date") > pl.col("entry_date_other")),
        pl.col("exit_date_other").is_null() | (pl.col("exit_date_other") > pl.col("entry_date")),
    )
    return set(pairs["case_ref"])


def retired(found: Sections) -> set[str]:
    late = found["main"].filter(pl.col("assess_date") >= CODES_CHANGED)
    early = found["main"].filter(pl.col("assess_date") < CODES_CHANGED)
    codes = ("da", "inst", "nfa")
    return {
        ref
        for rows in (late, early)
        for ref in cases(rows, pl.col("reasonloss").is_in(codes) | pl.col("currentaccom").is_in(codes))
    }


ROUTES: dict[str, Callable[[Sections], set[str]]] = {
    "advice only": lambda found: cases(found["main"], pl.col("advice_only")),
    "prevention with success": ended("prevention", "prevention_outcome", "secured_existing", "secured_alternative"),
    "prevention without success": ended("prevention", "prevention_outcome", "homeless"),
    "relief with accommodation": ended("relief", "relief_outcome", "secured"),
    "local connection referral": ended("relief", "relief_outcome", "local_connection"),
    "main duty accepted": ended("final_duties", "main_decision", "accepted"),
    "intentionally homeless": ended("final_duties", "main_decision", "intentional"),
    "no priority need": ended("final_duties", "main_decision", "no_priority_need"),
    "review": lambda found: cases(found["reviews"]),
    "split placements": split,
    "open stay": lambda found: cases(found["temporary_accommodation"], pl.col("exit_date").is_null()),
    "closed stay": lambda found: cases(found["temporary_accommodation"], pl.col("exit_date").is_not_null()),
    "retired codes": retired,
    "legacy case": lambda found: cases(
        found["main"], pl.col("legacy") | (pl.col("application_date") < date(2018, 4, 3))
    ),
}


@pytest.mark.parametrize("route", ROUTES)
def test_at_least_three_cases_take_the_route(route: str) -> None:
    found = ROUTES[route](sample())
    assert len(found) >= 3, f"{route}: {sorted(found)}"


def test_the_sample_has_warnings_but_no_error() -> None:
    checked = check_export(SAMPLE / "native", authority=AUTHORITY, quarter=QUARTER, source="native")
    assert checked.errors == 0
    assert checked.findings.height > 0
    assert not checked.blocked


def test_invented_national_insurance_numbers_begin_with_qq() -> None:
    numbers = sample()["people"]["nino"].drop_nulls()
    assert numbers.len() > 100
    assert numbers.str.starts_with("QQ").all()


@pytest.fixture(scope="module")
def returns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    made = {}
    for layout in LAYOUTS:
        out = tmp_path_factory.mktemp(layout)
        run = Run(
            Request(
                export=SAMPLE / layout,
                authority=AUTHORITY,
                quarter=QUARTER,
                source=layout,
                out=out,
                started=datetime(2025, 10, 8, tzinfo=UTC),
                personal=True,
            )
        )
        for step in ("extract", "link", "validate", "freeze", "transform", "emit_return"):
            getattr(run, step)()
        assert run.result == "clean", f"{layout}: {run.blocking['rule_id'].unique().to_list()} {run.problems[:3]}"
        made[layout] = {path.name: path.read_bytes() for path in (run.work / "return").iterdir()}
        run.warehouse.close()
    return made


@pytest.mark.parametrize("layout", LAYOUTS[1:])
def test_the_same_households_in_another_layout_give_the_same_return(
    layout: str, returns: dict[str, dict[str, bytes]]
) -> None:
    assert set(returns["native"]) == set(returns[layout])
    assert len(returns["native"]) == 2
    for name, content in returns["native"].items():
        assert returns[layout][name] == content, f"{name} differs in {layout}"


def test_the_overlay_of_errors_holds_several_kinds_and_blocks() -> None:
    checked = check_export(SAMPLE / "errors", authority=AUTHORITY, quarter=QUARTER, source="native")
    assert checked.blocked
    kinds = checked.findings.filter(pl.col("severity") == "error")["rule_id"].unique().to_list()
    assert {kind[0] for kind in kinds} >= {"X", "H", "L"}, kinds
    assert len(kinds) >= 8, kinds
