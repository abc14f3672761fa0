"""The former P1E form (to March 2018) from the same cases, beside the series that the authority kept.

Cells, labels and how sure they are: ``schemas/tables/p1e_cells.csv`` (hclic-spec part 4). The form's own cell names are
not public, so ours stand for them.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import polars as pl

import sql
from pipelines.emit.tables.build import prepare
from pipelines.emit.tables.cells import CellRule
from pipelines.emit.tables.p1e_book import p1e_book
from pipelines.emit.workbooks.xlsx import write_xlsx
from pipelines.errors import InputError
from pipelines.published.headings import read_data
from pipelines.side_files import read_rows
from pipelines.state import RunState
from pipelines.transform import SENT, create, edition
from pipelines.whole import into

SECTIONS = ("E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "E9", "E10")
P1E, BREAK, HCLIC = "p1e", "break", "hclic"
BREAK_TEXT = (
    "Break in the series: the Homelessness Reduction Act replaced the form by case records on 3 April 2018."
    " Figures before and after are not comparable, save where a cell equals a column of a published table."
)
SCHEMA = dict.fromkeys(
    ("quarter", "section", "cell", "value", "label", "era", "confidence", "equals", "edition"), pl.String()
)


def compute_p1e(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """One row per cell of the form for the quarter that the marts were built for, in the form's order (``SCHEMA``).

    Counts of households, unsuppressed. A cell that no field can fill has no value. ``equals`` names the published
    column that the cell equals by definition.
    """
    with edition(con, SENT):
        layout = prepare(con)
        create(con, "tables", "ta1")
        counts = {
            section: dict(
                con.execute(
                    f"select cell, count(*) from ({sql.text(f'tables/p1e_{section.lower()}.sql')}) group by cell"
                ).fetchall()
            )
            for section in SECTIONS
        }
    rows = []
    for row in read_data("p1e_cells.csv"):
        rule = CellRule(tuple(filter(None, row["cells"].split(";"))))
        found = counts[row["section"]]
        value = str(sum(found[cell] for cell in rule.matching(found))) if rule.is_computable else ""
        rows.append(
            {
                "quarter": layout.quarter,
                "section": row["section"],
                "cell": row["cell"],
                "value": value,
                "label": row["label"],
                "era": HCLIC,
                "confidence": row["confidence"],
                "equals": row["equals"],
                "edition": "internal",
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA)


def read_series(path: Path) -> pl.DataFrame:
    """The authority's older series, one row per ``quarter, section, cell``; values are kept as they are written.

    Raises:
        InputError: the file cannot be read, lacks a column or holds a quarter that is not written like 2014-Q3.
    """
    rows = [row.cells for row in read_rows(path, ("quarter", "section", "cell", "value"), what="P1E series")]
    if not all(re.fullmatch(r"\d{4}-Q[1-4]", row["quarter"]) for row in rows):
        raise InputError(f"The P1E series {path.name} holds a quarter that is not written like 2014-Q3.")
    known = {row["cell"]: row for row in read_data("p1e_cells.csv")}
    filled = [
        {
            **row,
            "label": known[row["cell"]]["label"] if row["cell"] in known else "",
            "era": P1E,
            "confidence": "",
            "equals": "",
            "edition": "internal",
        }
        for row in rows
    ]
    return pl.DataFrame(filled, schema=SCHEMA).sort("quarter", "section", "cell", maintain_order=True)


def write_p1e(con: duckdb.DuckDBPyConnection, path: Path, series: Path | None = None, *, state: RunState) -> list[Path]:
    """Write the form of the quarter as CSV (``path``) and, in the form's layout, as a workbook beside it.

    The CSV has the older series, a row that marks the break, and the quarter's cells; all is internal and says so.
    ``state`` is how the run stands: it heads every sheet.
    """
    own, older = compute_p1e(con), read_series(series) if series else None
    marker = pl.DataFrame(
        [{"quarter": own["quarter"][0], "section": BREAK, "cell": BREAK, "label": BREAK_TEXT, "era": BREAK}],
        schema=SCHEMA,
    ).with_columns(edition=pl.lit("internal"))
    parts = [] if older is None else [older]
    row = con.execute("select la_code, as_at from reporting_period").fetchone()
    assert row is not None
    book = p1e_book(own, older, BREAK_TEXT, state=state, la_code=row[0], as_at=row[1])
    rows = pl.concat([*parts, marker, own]).with_columns(pl.all().fill_null(""))
    with into(path.parent) as new:
        rows.write_csv(new / path.name, quote_style="necessary")
        write_xlsx(book, new / path.with_suffix(".xlsx").name)
    return [path, path.with_suffix(".xlsx")]
