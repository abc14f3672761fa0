"""Some cases of the sample, from which the layouts of these tests are made."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pipelines.extract import extract
from tests.conftest import ROOT

CASES = 240


@pytest.fixture(scope="session")
def cases() -> dict[str, pl.DataFrame]:
    """The sections of some cases of the sample: all with a review or under prevention, and as many others."""
    read = extract(ROOT / "data" / "sample" / "native", "native", authority="E06000034", as_at=date(2025, 9, 30))
    sections = read.sections
    special = pl.concat([sections[name]["case_ref"] for name in ("reviews", "prevention")]).unique()
    others = sections["main"]["case_ref"].filter(~sections["main"]["case_ref"].is_in(special.implode()))
    kept = pl.concat([special, others.gather_every(max(others.len() // (CASES - special.len()), 1))])
    return {
        name: frame.filter(pl.col("case_ref").is_in(kept.implode())).drop("_file", "_row")
        for name, frame in sections.items()
    }
