"""Each run writes the page of findings, and it says what the run's ledger says."""

from __future__ import annotations

import csv
import json
import re
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.run import run
from pipelines.run.request import Request

INPUT = Path(__file__).parents[1] / "golden" / "one-bad-case-blocks" / "input"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of a run of two cases, of which one is assessed before it applied."""
    given = {
        "export": str(INPUT),
        "authority": "E06000034",
        "quarter": "2025-Q3",
        "source": "native",
        "out": str(tmp_path_factory.mktemp("run")),
        "pages": False,
    }
    return run.make(Request.read(given, started=datetime(2025, 10, 8, 9, 30, tzinfo=UTC))).folder


def text_of(folder: Path) -> str:
    return (folder / "findings" / "findings.html").read_text(encoding="utf-8")


def test_the_page_counts_what_the_ledger_counts(folder: Path) -> None:
    book = json.loads((folder / "ledger.json").read_text(encoding="utf-8"))
    text = text_of(folder)
    assert (book["result"], book["findings"]["blocking"]) == ("blocked", 1)
    assert ">This return cannot be submitted yet</h2>\n<p>1 error in 1 case blocks it.</p>" in text
    assert "PROVISIONAL: MHCLG&#39;s XSD" in text
    data = json.loads(re.findall(r'id="findings-data">(.*?)</script>', text)[0])
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
