"""The gallery of questions to the mart: each runs, and the page shows what the sample answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from pipelines.finance.mart import child, read_mart
from pipelines.finance.mart.database import fill
from pipelines.finance.mart.gallery import questions, render_markdown
from pipelines.finance.mart.query import check_statement
from pipelines.finance.mart.results import shown
from pipelines.finance.mart.run import open_run
from pipelines.run.request import Request
from pipelines.run.run import make
from tests.conftest import ROOT
from tests.mart.conftest import LA, QUARTER

PAGE = ROOT / "docs" / "gallery.md"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    folder = tmp_path_factory.mktemp("gallery")
    given = {"export": str(ROOT / "data/sample/native"), "authority": LA, "quarter": str(QUARTER), "source": "native"}
    request = Request.read({**given, "out": str(folder), "pages": False}, started=datetime(2025, 10, 8, tzinfo=UTC))
    assert make(request).result == "clean"
    with open_run(folder / "warehouse.duckdb", None, None) as opened:
        # With a key: numbers of the run would be others with each version.
        return read_mart(opened.connection, key=b"the key of the gallery")


def test_the_gallery_has_twelve_questions() -> None:
    asked = [one.asked for one in questions()]
    assert len(asked) == len(set(asked)) == 12


def test_the_page_shows_what_the_sample_answers(tables: dict[str, pa.Table], request: pytest.FixtureRequest) -> None:
    answers = {}
    for one in questions():
        check_statement(one.sql)
        con = child.connected()
        fill(con, tables)
        with con:
            answers[one.asked] = shown(child.carry_out(con, one.sql, 100), "table")
    page = render_markdown(answers)
    if request.config.getoption("--rewrite-golden"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page
