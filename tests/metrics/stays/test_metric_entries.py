"""Every relation about stays, cost and freedom of information belongs to a metric that is described."""

from __future__ import annotations

import tomllib

import pytest

import sql
from tests.conftest import ROOT

KEYS = {"id", "title", "definition", "formula", "inclusions", "source", "owner", "caveats", "sql"}


@pytest.mark.parametrize(
    ("entries", "prefixes"), [("stays", ("stay_", "stock_")), ("cost", ("cost_",)), ("foi", ("foi_",))]
)
def test_every_relation_is_described_and_every_described_one_exists(entries: str, prefixes: tuple[str, ...]) -> None:
    metrics = tomllib.loads((ROOT / "docs" / "metrics" / f"{entries}.toml").read_text(encoding="utf-8"))["metric"]
    for metric in metrics:
        assert set(metric) - {"python"} == KEYS, metric["id"]
        assert all(metric.values()), metric["id"]
    described = {name for metric in metrics for name in metric["sql"]}
    assert {name for name in sql.names("metrics") if name.startswith(prefixes)} <= described
    assert described <= set(sql.names("metrics"))
