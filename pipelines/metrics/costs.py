"""Write the cost figures of a warehouse as CSV files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.errors import OutputError
from pipelines.finance.cost.book import cost_book
from pipelines.finance.cost.build import CostFiles, missing_sentences, relation
from pipelines.finance.cost.what_if import what_if, what_if_totals
from pipelines.metrics.ahead import stock_ahead
from pipelines.metrics.emit import MetricFiles, prepare_metrics
from pipelines.period import Quarter
from pipelines.place import Place
from pipelines.warehouse.quarter import open_quarter
from pipelines.whole import into

WRITTEN = (
    "cost_basis",
    "cost_month",
    "cost_type_month",
    "cost_type_year",
    "cost_ro4",
    "cost_unit",
    "cost_missing",
    "cost_reconciliation",
)
"""Each stands in the file of its name, which is also that of the metric in the folder of a run."""


@dataclass(frozen=True)
class Written:
    """Paths with their rows, what the amounts rest on, and sentences about what is missing."""

    files: list[tuple[Path, int]]
    workbook: Path
    """The same relations as a workbook."""
    basis: str
    missing: list[str]


def write_costs(warehouse: Place, authority: str, quarter: Quarter, out: Path, files: CostFiles) -> Written:
    """Write one CSV per cost relation and the what-if for eight financial years up to the quarter's last day.

    The same stands in ``cost.xlsx`` for finance, with how the run stands at the head.

    Raises:
        InputError: the warehouse or a file of finance cannot be read.
        OutputError: a file cannot be written.
    """
    with open_quarter(warehouse, authority, quarter) as opened:
        con = opened.connection
        prepare_metrics(con, files=MetricFiles(cost=files))
        frames = {name: relation(con, name) for name in WRITTEN}
        frames["cost_what_if_month"] = what_if(con, stock_ahead(con))
        frames["cost_what_if"] = what_if_totals(frames["cost_what_if_month"])
        basis, missing = frames["cost_basis"]["basis"].item(), missing_sentences(con)
        book = cost_book(
            frames,
            basis=basis,
            missing=missing,
            state=opened.state,
            la_code=opened.run.la_code,
            quarter=quarter,
            as_at=opened.run.as_at,
        )
    written = []
    try:
        with into(out) as new:
            for name, frame in frames.items():
                frame.write_csv(new / f"{name}.csv")
                written.append((out / f"{name}.csv", frame.height))
            write_xlsx(book, new / "cost.xlsx")
    except OSError:
        raise OutputError("The cost files could not be written.") from None
    return Written(written, out / "cost.xlsx", basis, missing)
