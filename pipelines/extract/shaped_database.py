"""Sections written out as a database that a housing system might keep: for the example in ``data/sample/shapes``."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from schemas.sections import SECTION, Section


def write_database(sections: Mapping[str, pl.DataFrame], folder: Path) -> None:
    """``housing.sqlite``: a table for each section, cases by a number of their own, codes as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "housing.sqlite"
    path.unlink(missing_ok=True)
    refs = sections["main"].get_column("case_ref").sort().to_list()
    number = {ref: 1000 + place for place, ref in enumerate(refs)}
    con = sqlite3.connect(path)
    try:
        con.execute("create table hl_case (case_id integer primary key, reference text not null)")
        con.executemany("insert into hl_case values (?, ?)", [(number[ref], ref) for ref in refs])
        for section in SECTION.values():
            names = [name for name in section.names if name != "case_ref"]
            columns = ", ".join(f"{name} {_sql_type(section, name)}" for name in names)
            con.execute(f"create table hl_{section.name} (case_id integer not null, {columns})")
            rows = sections[section.name].sort(section.key).iter_rows(named=True)
            marks = ", ".join("?" * (len(names) + 1))
            con.executemany(
                f"insert into hl_{section.name} values ({marks})",
                [(number[row["case_ref"]], *(_sql_value(row[name]) for name in names)) for row in rows],
            )
        con.commit()
        con.execute("vacuum")
    finally:
        con.close()


def _sql_type(section: Section, name: str) -> str:
    return {"integer": "integer", "number": "real", "flag": "integer", "date": "date"}.get(
        section.column(name).kind, "text"
    )


def _sql_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else int(value) if isinstance(value, bool) else value
