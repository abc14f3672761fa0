"""The published workbooks that tests read: the one kept in the repository, and those beside it where present."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pipelines.published.reader import PublishedWorkbook, read_workbook
from tests.conftest import ROOT, shared_published

KEPT = ROOT / "data" / "published" / "Statutory_Homelessness_Detailed_Local_Authority_Data_202509.ods"


def every_workbook() -> list[Path]:
    return [KEPT, *(path for path in shared_published() if path.name != KEPT.name)]


@cache
def read(path: Path) -> PublishedWorkbook:
    return read_workbook(path)
