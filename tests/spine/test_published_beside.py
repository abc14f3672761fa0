"""Of a published workbook beside the export a run keeps the authority's own cells."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.errors import InputError, UsageError
from pipelines.run.inputs import read_beside
from pipelines.run.request import Request
from tests.published.workbooks import EXCERPTS

WORKBOOK = EXCERPTS / "Detailed_LA_202412.ods"
BIRMINGHAM = "E08000025"


def request_for(authority: str, quarter: str, out: Path) -> Request:
    given = {"export": str(out), "authority": authority, "quarter": quarter, "source": "native", "out": str(out)}
    return Request.read(given | {"published": str(WORKBOOK)}, started=datetime(2025, 1, 8, tzinfo=UTC))


def test_a_run_keeps_the_cells_of_its_authority_only(tmp_path: Path) -> None:
    read = read_beside(request_for(BIRMINGHAM, "2024-Q4", tmp_path))
    assert read is not None
    book = read.book
    assert set(book.tidy["la_code"]) == {BIRMINGHAM}
    assert (book.quarter, book.edition) == ("2024-Q4", "first")


def test_a_run_keeps_what_is_published_of_region_england_and_neighbours(tmp_path: Path) -> None:
    neighbours = tmp_path / "neighbours.toml"
    neighbours.write_text('source = "Made up"\n[neighbours]\nE08000025 = ["E06000053"]\n', encoding="utf-8")
    read = read_beside(replace(request_for(BIRMINGHAM, "2024-Q4", tmp_path), neighbours=neighbours))
    assert read is not None
    kinds = read.areas.select("area_kind", "area").unique(maintain_order=True).rows()
    assert kinds == [
        ("authority", "Birmingham"),
        ("neighbour", "Isles of Scilly"),
        ("region", "West Midlands"),
        ("England", "England"),
    ]


def test_a_list_of_neighbours_without_a_workbook_is_refused(tmp_path: Path) -> None:
    given = replace(request_for(BIRMINGHAM, "2024-Q4", tmp_path), published=None, neighbours=tmp_path / "list.toml")
    with pytest.raises(UsageError, match="give a workbook with --published"):
        read_beside(given)


@pytest.mark.parametrize(("authority", "quarter"), [(BIRMINGHAM, "2024-Q3"), ("E06000053", "2024-Q4")])
def test_a_workbook_of_another_quarter_or_without_the_authority_is_refused(
    authority: str, quarter: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError):
        read_beside(request_for(authority, quarter, tmp_path))
