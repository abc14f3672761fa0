"""The sample through the run: three layouts of the same households, warnings but no error."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.period import Quarter
from pipelines.run.check import check_export
from pipelines.run.request import Request
from pipelines.run.run import make

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
AUTHORITY, QUARTER = "E06000034", Quarter(2025, 3)
LAYOUTS = ("native", "jigsaw-style", "civica-style")


def test_the_sample_has_warnings_but_no_error() -> None:
    checked = check_export(SAMPLE / "native", authority=AUTHORITY, quarter=QUARTER, source="native")
    assert checked.errors == 0
    assert checked.findings.height > 0
    assert not checked.blocked


@pytest.fixture(scope="module")
def returns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    made = {}
    for layout in LAYOUTS:
        out = tmp_path_factory.mktemp(layout)
        request = Request(
            export=SAMPLE / layout,
            authority=AUTHORITY,
            quarter=QUARTER,
            source=layout,
            out=out,
            started=datetime(2025, 10, 8, tzinfo=UTC),
            personal=True,
            pages=False,
        )
        ended = make(request)
        assert ended.result == "clean", (ended.folder / "ledger.json").read_text(encoding="utf-8")
        made[layout] = {path.name: path.read_bytes() for path in (ended.folder / "return").iterdir()}
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
