"""The sample: every route through the Act several times, tables exact, three layouts of the same households."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

import polars as pl

from pipelines.period import Quarter
from pipelines.synthesise import Synthetic, synthesise
from schemas.codelists import codelist
from tests.conftest import ROOT
from tests.synthesise.caseload import errors, match, row_of

SAMPLE = ROOT / "data/sample"
QUARTER = Quarter.parse("2025-Q3")


@cache
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sample", SAMPLE / "make_sample.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def sections() -> dict[str, pl.DataFrame]:
    return script().sample()


@cache
def as_made() -> Synthetic:
    made = synthesise([row_of("2025-Q3", script().AUTHORITY)], script().AUTHORITY, script().SEED)
    return Synthetic(made.authority, made.quarters, sections(), made.clashes, made.free)


def test_tables_are_the_published_row() -> None:
    found = match(as_made(), row_of("2025-Q3", script().AUTHORITY), QUARTER)
    assert not found.unexplained, "\n".join(found.unexplained)
    assert not found.listed
    # 638 cells of Thurrock, less percentages, rates, suppressed ones and A13
    assert found.compared > 500


def test_files_are_what_the_script_makes(tmp_path: Path) -> None:
    for name in (*script().LAYOUTS, "errors"):
        layout = "native" if name == "errors" else name
        made = script().errors(sections()) if name == "errors" else sections()
        script().write_layout(made, layout, tmp_path / name)
        again = {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        kept = {path.name: path.read_bytes() for path in (SAMPLE / name).iterdir()}
        assert again.keys() == kept.keys()
        assert [file for file in kept if again[file] != kept[file]] == []


def test_every_route_has_three_cases() -> None:
    part = sections()
    main, prevention, relief = part["main"], part["prevention"], part["relief"]
    decided, placed, reviews = part["final_duties"], part["temporary_accommodation"], part["reviews"]
    secured = pl.col("prevention_outcome").str.starts_with("secured")
    overlap = (
        placed.join(placed, on="case_ref", suffix="_2")
        .filter(pl.col("placement_no") < pl.col("placement_no_2"))
        .filter(pl.col("exit_date").is_null() & pl.col("exit_date_2").is_null())
    )
    retired = {
        code
        for name in ("reasonloss", "accommodation", "reason_tenancy_end")
        for code, entry in codelist(name).codes.items()
        if entry.valid_to is not None
    }
    counts = {
        "advice only": main["advice_only"].sum(),
        "prevention with success": prevention.filter(secured).height,
        "prevention without success": prevention.filter(pl.col("prevention_outcome").is_not_null() & ~secured).height,
        "relief": relief.filter(pl.col("relief_outcome") == "secured").height,
        "local connection referral": relief.filter(pl.col("relief_outcome") == "local_connection").height,
        **{
            decision: decided.filter(pl.col("main_decision") == decision).height
            for decision in ("accepted", "intentional", "no_priority_need")
        },
        "reviews": reviews["case_ref"].n_unique(),
        "split placements": overlap["case_ref"].n_unique(),
        "open stays": placed.filter(pl.col("exit_date").is_null())["case_ref"].n_unique(),
        "closed stays": placed.filter(pl.col("exit_date").is_not_null())["case_ref"].n_unique(),
        "retired codes": main.filter(
            pl.any_horizontal(pl.col("reasonloss", "currentaccom", "reason_tenancy_end").is_in(sorted(retired)))
        ).height,
        "legacy cases": main["legacy"].sum(),
    }
    assert {route: n for route, n in counts.items() if n < 3} == {}


def test_three_years_of_applications() -> None:
    applied = sections()["main"]["application_date"]
    years = applied.dt.year().value_counts().filter(pl.col("count") >= 50)
    assert {2022, 2023, 2024, 2025} <= set(years["application_date"])


def test_sample_has_no_error_and_the_overlay_many() -> None:
    assert errors(as_made()).is_empty()
    spoilt = Synthetic(as_made().authority, (QUARTER,), script().errors(sections()), pl.DataFrame(), pl.DataFrame())
    assert errors(spoilt)["rule_id"].n_unique() >= 10


def test_national_insurance_numbers_are_never_issued_ones() -> None:
    numbers = sections()["people"]["nino"].drop_nulls()
    history = numbers.str.contains(r"^QQ\d{6}[A-D]$")
    assert history.all()
