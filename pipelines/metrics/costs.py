"""Write the cost figures of a warehouse as CSV files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import OutputError
from pipelines.finance.cost.build import CostFiles, missing_sentences, prepare, relation
from pipelines.finance.cost.what_if import what_if, what_if_totals
from pipelines.metrics.stays import build as stays
from pipelines.period import Quarter
from pipelines.warehouse.quarter import open_quarter

FILES = {
    "cost_month.csv": "cost_month",
    "cost_type_month.csv": "cost_type_month",
    "cost_type_year.csv": "cost_type_year",
    "ro4.csv": "cost_ro4",
    "unit_costs.csv": "cost_unit",
    "missing.csv": "cost_missing",
    "reconciliation.csv": "cost_reconciliation",
}


@dataclass(frozen=True)
class Written:
    """Paths with their rows, and sentences about what is missing."""

    files: list[tuple[Path, int]]
    missing: list[str]


def write_costs(warehouse: Path, authority: str, quarter: Quarter, out: Path, files: CostFiles) -> Written:
    """Write one CSV per cost relation and the what-if for eight financial years up to the quarter's last day.

    Raises:
        InputError: the warehouse or a file of finance cannot be read.
        OutputError: a file cannot be written.
    """
    with open_quarter(warehouse, authority, quarter) as opened:
        con = opened.connection
        stays.prepare(con)
        prepare(con, files)
        frames = {name: relation(con, source) for name, source in FILES.items()}
        frames["what_if.csv"] = what_if(con)
        frames["what_if_totals.csv"] = what_if_totals(frames["what_if.csv"])
        missing = missing_sentences(con)
    written = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, frame in frames.items():
            (out / name).write_text(frame.write_csv(), encoding="utf-8")
            written.append((out / name, frame.height))
    except OSError:
        raise OutputError("The cost files could not be written.") from None
    return Written(written, missing)
