"""The sample, run once with files of rates; what else answers the same questions is asked of its warehouse."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.period import Quarter
from pipelines.run.request import Request
from pipelines.run.run import make

ROOT = Path(__file__).resolve().parents[2]
FINANCE = ROOT / "data" / "sample" / "finance"
AUTHORITY, QUARTER = "E06000034", Quarter(2025, 3)


@dataclass(frozen=True)
class Ran:
    """A run that has ended: the folder of its outputs, and its warehouse."""

    folder: Path
    warehouse: Path

    def metric(self, name: str) -> pl.DataFrame:
        """A file of ``metrics``; every cell as it is written."""
        return pl.read_csv(self.folder / "metrics" / f"{name}.csv", infer_schema=False)

    def table(self, name: str) -> pl.DataFrame:
        """A file of ``tables``; every cell as it is written."""
        return pl.read_csv(self.folder / "tables" / f"{name}.csv", infer_schema=False)

    @property
    def ledger(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "ledger.json").read_text(encoding="utf-8"))
        return found


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    out = tmp_path_factory.mktemp("one_answer")
    typed = {
        "export": str(ROOT / "data" / "sample" / "native"),
        "authority": AUTHORITY,
        "quarter": str(QUARTER),
        "source": "native",
        "out": str(out),
        "rates": str(FINANCE / "rates.csv"),
        "lha": str(FINANCE / "lha_2011.csv"),
        "ceilings": str(FINANCE / "ceilings.csv"),
    }
    ended = make(Request.read(typed, started=datetime(2025, 10, 8, tzinfo=UTC)))
    return Ran(ended.folder, out / "warehouse.duckdb")
