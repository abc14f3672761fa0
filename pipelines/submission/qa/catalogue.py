"""The totals of the quality report: what each counts, and which published table it answers to.

Source: ``schemas/tables/quality_totals.csv``. A total of a published table is one of its columns: the cells that it
counts are those of the table, so that it is said once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pipelines.emit.tables.build import relation_of
from pipelines.emit.tables.cells import CellRule, cell_rules
from pipelines.emit.tables.workbook import heading
from pipelines.published.headings import LAST_KNOWN_QUARTER, layout_for, read_data
from schemas.sections import SECTION

PARTS = {
    "assessments": "Assessments, duties owed and support needs",
    "prevention": "Prevention duties that ended",
    "relief": "Relief duties that ended",
    "main": "Main duty: decisions and endings",
    "ta": "Temporary accommodation on the quarter’s last day",
    "reviews": "Reviews",
    "file": "What the files of the return hold",
}
"""The parts of the report, in their order, and how they are called."""

OURS = ("reviews", "rows", "people")
"""Relations of ``sql/quality``; any other name is that of a published table."""

PERSONAL = "people-personal"
"""The one total that the case file cannot tell."""


@dataclass(frozen=True)
class Total:
    """One total. ``table`` is empty where MHCLG publishes none that holds it."""

    ident: str
    part: str
    table: str
    column_path: str
    label: str
    definition: str
    relation: str
    """Path in ``sql`` of the relation that gives its cells; empty where it is counted in a file itself."""
    rule: CellRule

    @property
    def name(self) -> str:
        """How a sentence calls it."""
        return f"{self.ident} ({self.label})"


@lru_cache(maxsize=8)
def totals_for(quarter: str) -> tuple[Total, ...]:
    """The totals of a quarter's report, in their order.

    Labels and cells are those of the quarter's own tables; where these lack the column, those of the newest known
    tables. Earlier quarters are counted by the same cells, so that like stands beside like.
    """
    newest = layout_for(LAST_KNOWN_QUARTER)
    columns = {(c.table, c.column_path): c for c in (*newest.columns, *layout_for(quarter).columns)}
    rules = cell_rules(LAST_KNOWN_QUARTER) | cell_rules(quarter)
    found = []
    for row in read_data("quality_totals.csv"):
        source, path, label, definition = row["table"], row["column_path"], row["label"], row["definition"]
        relation = f"quality/{source}.sql" if source in OURS else relation_of(source)
        if source == "rows":
            label, definition = _of_section(path)
        elif source not in OURS:
            label = heading(columns[source, path])
        found.append(
            Total(
                ident=row["total"],
                part=row["part"],
                table="" if source in OURS else source,
                column_path=path,
                label=label,
                definition=definition,
                relation="" if row["total"] == PERSONAL else relation,
                rule=CellRule((path,)) if source in OURS else rules[source, path],
            )
        )
    return tuple(found)


def _of_section(name: str) -> tuple[str, str]:
    section = SECTION[name]
    if name == "main":
        return "Cases", "Cases in the return: rows of the section Main."
    return f"{section.label}: rows", f"Rows of the section {section.label} in the return."


def total_named(text: str, quarter: str) -> Total | None:
    """The total of that id, written in small or capital letters; None without one."""
    wanted = text.strip().casefold()
    return next((one for one in totals_for(quarter) if one.ident.casefold() == wanted), None)
