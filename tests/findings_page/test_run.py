"""Each run writes the page of findings, and it says what the run's ledger says."""

from __future__ import annotations

import csv
import json
import re
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.run import run
from pipelines.run.request import Request

INPUT = Path(__file__).parents[1] / "golden" / "one-bad-case-blocks" / "input"


def made(export: Path, out: Path, **given: str) -> Path:
    """The outputs of a run."""
    asked = {"export": str(export), "authority": "E06000034", "quarter": "2025-Q3", "source": "native", "out": str(out)}
    request = Request.read({**asked, "pages": False, **given}, started=datetime(2025, 10, 8, 9, 30, tzinfo=UTC))
    return run.make(request).folder


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def folder(out: Path) -> Path:
    """The outputs of a run of two cases, of which one is assessed before it applied."""
    return made(INPUT, out / "first", warehouse=str(out / "warehouse.duckdb"))


def text_of(folder: Path) -> str:
    return (folder / "findings" / "findings.html").read_text(encoding="utf-8")


def data_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(re.findall(r'id="findings-data">(.*?)</script>', text_of(folder))[0])
    return found


def test_the_page_counts_what_the_ledger_counts(folder: Path) -> None:
    book = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    text = text_of(folder)
    assert (book["result"], book["findings"]["blocking"]) == ("blocked", 1)
    assert ">This return cannot be submitted yet</h2>\n<p>1 error in 1 case blocks it.</p>" in text
    assert "PROVISIONAL: MHCLG&#39;s XSD" in text
    data = data_of(folder)
    assert sum(data["count"]) == book["findings"]["errors"] + book["findings"]["warnings"]
    assert data["blocks"] == "100"
    assert set(data["stories"]["cases"]) == {"E06000034_000000000001", "E06000034_000000000002"}


def test_the_page_of_a_run_is_private_and_holds_no_value_of_its_people(folder: Path) -> None:
    assert stat.S_IMODE((folder / "findings" / "findings.html").stat().st_mode) == 0o600
    text = text_of(folder)
    with (INPUT / "people.csv").open(encoding="utf-8", newline="") as handle:
        personal = {
            row[field]
            for row in csv.DictReader(handle)
            for field in ("surname", "nino", "last_address", "date_of_birth")
        }
    assert personal == {"Elder", "QQ123456C", "1 Quay Lane", "1990-05-04"}
    assert [value for value in personal if value in text] == []
    assert "4 May 1990" not in text and "04/05/1990" not in text


def test_the_ledger_lists_the_page_among_the_outputs(folder: Path) -> None:
    book = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    assert "findings/findings.html" in {item["path"] for item in book["outputs"]}


def test_the_next_run_shows_what_is_resolved_beside_what_is_still_open(out: Path, folder: Path) -> None:
    export = shutil.copytree(INPUT, out / "export")
    corrected = (
        (export / "main.csv").read_text(encoding="utf-8").replace("2025-07-01,2025-06-30", "2025-07-01,2025-07-02")
    )
    (export / "main.csv").write_text(corrected, encoding="utf-8")
    assert folder.is_dir(), "the run before"
    second = made(export, out / "second", as_at="2025-10-02", warehouse=str(out / "warehouse.duckdb"))
    text, columns = text_of(second), data_of(second)["columns"]
    lines = [
        tuple(columns[name]["t"][columns[name]["i"][row]] for name in ("rule", "state", "since"))
        for row in range(len(columns["rule"]["i"]))
    ]
    assert lines == [
        ("L-07", "open", "2025-09-30"),
        ("L-07", "open", "2025-09-30"),
        ("V-01", "resolved", "2025-09-30"),
    ]
    assert "<p>0 new, 2 still open, 1 resolved since Tuesday 30 September.</p>" in text
    assert "This return cannot be submitted" not in text
    assert 'aria-labelledby="runs-title runs-desc"' in text
    assert "from 3 findings in the export of 30 September 2025 to 2 in that of 2 October 2025" in text
