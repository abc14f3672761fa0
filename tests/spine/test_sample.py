"""The sample through the run: three layouts of the same households, warnings but no error."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from lxml import html

from pipelines.emit.returns.source import limits
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


def _made(export: Path, source: str, out: Path) -> Path:
    request = Request(
        export=export,
        authority=AUTHORITY,
        quarter=QUARTER,
        source=source,
        out=out,
        started=datetime(2025, 10, 8, tzinfo=UTC),
        personal=True,
        pages=False,
    )
    ended = make(request)
    assert ended.result == "clean", (ended.folder / "ledger.json").read_text(encoding="utf-8")
    return ended.folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {layout: _made(SAMPLE / layout, layout, tmp_path_factory.mktemp(layout)) for layout in LAYOUTS}


@pytest.fixture(scope="module")
def returns(folders: dict[str, Path]) -> dict[str, dict[str, bytes]]:
    return {
        layout: {path.name: path.read_bytes() for path in (folder / "return").iterdir()}
        for layout, folder in folders.items()
    }


@pytest.mark.parametrize("layout", LAYOUTS[1:])
def test_the_same_households_in_another_layout_give_the_same_return(
    layout: str, returns: dict[str, dict[str, bytes]]
) -> None:
    assert set(returns["native"]) == set(returns[layout])
    assert len(returns["native"]) == 2
    for name, content in returns["native"].items():
        assert returns[layout][name] == content, f"{name} differs in {layout}"


def test_the_return_read_back_as_a_source_gives_the_same_return_tables_and_findings(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    native = folders["native"]
    again = _made(native / "return", "return", tmp_path)
    for part in ("return/*.xml", "tables/official.csv", "tables/official_internal.csv", "tables/p1e.csv"):
        names = sorted(path.relative_to(native) for path in native.glob(part))
        assert names
        for name in names:
            assert (again / name).read_bytes() == (native / name).read_bytes(), name
    ours, theirs = (_findings(folder) for folder in (native, again))
    sent = pl.read_csv(again / "reference_map.csv")["case_ref"]
    ours = ours.filter(pl.col("case_ref").is_in(sent.implode()))
    # Local fields that a return lacks, and ages of those who refused that personal data be sent.
    named = [*limits.REST_ON_LOCAL_FIELDS, *limits.REST_ON_BIRTHS, *limits.OF_READING]
    assert ours.filter(~pl.col("rule_id").is_in(named)).height > 100
    for rule in sorted({*ours["rule_id"], *theirs["rule_id"]} - set(named)):
        of_rule = pl.col("rule_id") == rule
        assert theirs.filter(of_rule).equals(ours.filter(of_rule)), rule


def _findings(folder: Path) -> pl.DataFrame:
    key = ["rule_id", "severity", "section", "case_ref", "record_key", "fields", "message", "in_return"]
    return pl.read_csv(folder / "findings/findings.csv", infer_schema_length=0).select(key).sort(key)


def test_the_overlay_of_errors_holds_several_kinds_and_blocks() -> None:
    checked = check_export(SAMPLE / "errors", authority=AUTHORITY, quarter=QUARTER, source="native")
    assert checked.blocked
    kinds = checked.findings.filter(pl.col("severity") == "error")["rule_id"].unique().to_list()
    assert {kind[0] for kind in kinds} >= {"X", "H", "L"}, kinds
    assert len(kinds) >= 8, kinds


def test_every_run_writes_worklists_for_its_owner_without_anybodys_name(folders: dict[str, Path]) -> None:
    people = pl.read_csv(SAMPLE / "native" / "people.csv", infer_schema=False)
    personal = {
        value for name in ("forename", "surname", "nino", "last_address") for value in people[name].drop_nulls()
    }
    folder = folders["native"]
    counts = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))["worklists"]
    for path in (folder / "worklists").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path.name
    page = html.parse(folder / "worklists" / "worklists.html").getroot()
    shown = {part.xpath("./h2/@id")[0]: len(part.xpath(".//tbody/tr")) for part in page.xpath("//section")}
    assert shown == counts
    assert sum(counts.values()) > 1000
    assert personal
    assert personal & set(page.xpath("//td/text() | //th/text()")) == set()
