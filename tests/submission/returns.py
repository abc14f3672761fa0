"""A return without its run: a clean run in a warehouse, with its outputs on disk, and people who speak of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.link.references import empty_map
from pipelines.period import Quarter
from pipelines.run import ledger
from pipelines.submission.sign_off import Answers, Of, Said, check, sign
from pipelines.warehouse.store import RUNNING, Warehouse
from tests.warehouse.stored import sections_of

LA, QUARTER = "E06000034", Quarter(2025, 3)
AT = datetime(2025, 10, 8, 9, 30, tzinfo=UTC)
FILES = {
    "hclic_case_E06000034_2025-Q3.xml": b"<cases/>",
    "hclic_personal_E06000034_2025-Q3.xml": b"<people/>",
}
WHY, EVIDENCE = "agreed at the data meeting", "totals agree with the monthly report"
FIT = Answers(fit=True, evidence=EVIDENCE)
EVERY = ("all=sampled", "main=audited", "reviews=not_checked")


def of(tmp_path: Path, **other: Any) -> Of:
    return Of(**{"authority": LA, "quarter": QUARTER, "out": tmp_path, "warehouse": tmp_path / "w.duckdb", **other})


def ended(
    tmp_path: Path,
    run_id: str = "one",
    *,
    result: str = "clean",
    files: Mapping[str, bytes] = FILES,
    place: str = str(QUARTER),
) -> Path:
    """A run of the quarter that ended so; its outputs stand in the folder that is returned."""
    folder = tmp_path / LA / place
    (folder / "return").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / "return" / name).write_bytes(content)
    listed = [
        {"path": f"return/{name}", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
    book = {
        "run_id": run_id,
        "result": result,
        "outputs": listed,
        "recount": {"case": {"cases": {"warehouse": 3, "file": 3}}},
        "return_profile": {"means": "Provisional: not checked against MHCLG's files."},
    }
    ledger.write(book, folder / "ledger.json")
    run = {"run_id": run_id, "la_code": LA, "quarter": str(QUARTER), "as_at": QUARTER.last_day, "result": RUNNING}
    with Warehouse(tmp_path / "w.duckdb") as store:
        store.freeze(run, sections_of(), empty_map(), at=AT, by="night")
        if result != RUNNING:
            store.save_ledger(run_id, book, result, at=AT, by="night")
    return folder


def says(by: str, *levels: str, why: str = WHY, hours: int = 0) -> Said:
    return Said(by, AT + timedelta(hours=hours), why, levels)


def signed(tmp_path: Path, run_id: str = "one", **how: Any) -> Path:
    """A return that Ann checked and Ben signed off."""
    ended(tmp_path, run_id, **how)
    check(of(tmp_path), says("Ann", *EVERY))
    return sign(of(tmp_path), says("Ben", hours=1), FIT)
