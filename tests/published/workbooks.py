"""The published workbooks that tests read: one kept whole, excerpts of eleven others, and those whole where present."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from pipelines.published.reader import PublishedWorkbook, read_workbook
from tests.conftest import ROOT, WHOLE_WORKBOOKS
from tests.published.excerpts.chosen import WORKBOOKS

KEPT = ROOT / "data" / "published" / "Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods"
EXCERPTS = ROOT / "tests" / "published" / "excerpts"


def by_quarter() -> dict[str, Path]:
    """A workbook of each quarter, in order: the excerpts, and the whole one of the repository."""
    return {**{quarter: EXCERPTS / name for quarter, name in WORKBOOKS.items()}, "2025-Q3": KEPT}


def every_workbook() -> list[Path]:
    """What is in the repository, then the whole workbooks of ``../shared/published``, there or not."""
    return [*by_quarter().values(), *(WHOLE_WORKBOOKS / name for name in WORKBOOKS.values())]


def name_of(path: Path) -> str:
    return f"excerpt-{path.stem}" if path.parent == EXCERPTS else path.stem


@cache
def read(path: Path) -> PublishedWorkbook:
    """A workbook read once a session; a test of a whole one that is not there is left out."""
    if path.parent == WHOLE_WORKBOOKS and not path.is_file():
        pytest.skip(f"{path.name} of ../shared/published is not here")
    return read_workbook(path)
