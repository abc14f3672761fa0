"""Warehouses of one run after another on invented cases, for tests of alerts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipelines.alerts.config import AlertConfig, Contacts
from pipelines.link.references import empty_map
from pipelines.period import Quarter
from pipelines.warehouse.store import Warehouse
from schemas.sections import SECTIONS
from tests.transform.warehouse import LA, ref, section_frame

Q3, Q4 = Quarter(2025, 3), Quarter(2025, 4)
NOW = datetime(2025, 11, 14, 7, 30, tzinfo=UTC)
SECRETS = ("Ottoline", "Quibblesworth", "QQ123456C", "7 Invented Close", "flees her brother")
"""Values of invented people that no message may hold."""


def case(
    number: int, applied: date, officer: str | None = "HO01", team: str | None = None, **more: Any
) -> dict[str, Any]:
    """One row of main."""
    return {
        "la_code": LA,
        "case_ref": number,
        "local_ref": f"HX{number}",
        "application_date": applied,
        "assess_date": applied,
        "assess1": "relief",
        "officer": officer,
        "team": team,
        **more,
    }


def relief(number: int, start: date, **more: Any) -> dict[str, Any]:
    """One relief duty."""
    return {"case_ref": number, "relief_start": start, **more}


def run(
    warehouse: Path,
    as_at: date,
    *,
    quarter: Quarter = Q4,
    run_id: str | None = None,
    result: str = "clean",
    ledger: Mapping[str, Any] | None = None,
    **sections: list[dict[str, Any]],
) -> Path:
    """One more run that has ended."""
    run_id = run_id or f"{quarter} {as_at}"
    frames = {name: section_frame(name, rows) for name, rows in sections.items()}
    full = {**{section.name: section_frame(section.name, []) for section in SECTIONS}, **frames}
    row = {"run_id": run_id, "la_code": LA, "quarter": str(quarter), "as_at": as_at, "result": "running"}
    with Warehouse(warehouse) as store:
        store.freeze(row, full, empty_map())
        store.save_ledger(run_id, {"result": result, **(ledger or {})}, result)
    return warehouse


def config(**more: Any) -> AlertConfig:
    """Two contacts and a file notifier in ``folder``."""
    contacts = Contacts(
        "front@council.example",
        "returns@council.example",
        {"ho01": ("HO01", "ho01@council.example"), "relief team": ("Relief team", "relief@council.example")},
    )
    notifiers = (("file", {"folder": more.pop("folder", Path("unused"))}),)
    return AlertConfig(**{"contacts": contacts, "notifiers": notifiers, **more})


__all__ = ["LA", "NOW", "Q3", "Q4", "SECRETS", "case", "config", "ref", "relief", "run"]
