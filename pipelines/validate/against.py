"""What changed since an earlier run of the authority that no officer would have done on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl

import sql
from pipelines.findings import MASK, Finding, frame
from pipelines.transform import create
from pipelines.validate.kinds import found
from schemas.sections import SECTION

FOLDER = "against_last_run"
_MADE = ("known_people", "people_now", "other_people", "gone_cases", "gone_placements", "count_now")
_BY_CASE = ("C-01", "C-02", "C-03", "C-04")


def changes(con: duckdb.DuckDBPyConnection, *, day: str, open_cases: int | None) -> pl.DataFrame:
    """Findings C-01 to C-06, in the columns of ``findings.csv``.

    Args:
        con: a database with the sections and ``one_<section>`` of this export in use, the copy of the earlier run in
            ``before``, its cases that are gone in ``gone``, their facts among them.
        day: of which day the export of the earlier run is, in words.
        open_cases: how many cases were open there; None where ``gone`` holds all its cases.
    """
    con.execute(
        "create or replace table before.open_before as select coalesce(?, (select count(*) from gone.cases"
        " where case_closed_date is null)) as count_open",
        [open_cases],
    )
    for name in _MADE:
        create(con, FOLDER, name, schema="before")
    findings = [_of_case(kind, row, day) for kind in _BY_CASE for row in _rows(con, kind)]
    findings += [_of_count(row, day) for row in _rows(con, "C-05")]
    findings += [
        found(
            "C-06",
            day=day,
            gone=f"{row['count_gone']:,}",
            open=f"{row['count_open']:,}",
            back=f"{row['count_come_back']:,} of them seem to be here under another reference. "
            if row["count_come_back"]
            else "",
        )
        for row in _rows(con, "C-06")
    ]
    return _with_officer(frame(findings), con)


def _rows(con: duckdb.DuckDBPyConnection, name: str) -> Iterator[dict[str, Any]]:
    rows = con.execute(f"select * from ({sql.text(f'{FOLDER}/{name}.sql')}) order by all").pl()
    return rows.iter_rows(named=True)


def _of_case(kind: str, row: dict[str, Any], day: str) -> Finding:
    is_personal = SECTION[row["section"]].column(row["fields"]).personal
    return found(
        kind,
        section=row["section"],
        case_ref=row["case_ref"],
        record_key=row["record_key"],
        fields=row["fields"],
        value=MASK if is_personal else row["shown"],
        day=day,
        what=row["what"],
    )


def _of_count(row: dict[str, Any], day: str) -> Finding:
    def shown(value: float) -> str:
        return f"{value:,.2f}" if row["headline"] == "people per case" else f"{value:,.0f}"

    limits = "the range of its own changes from quarter to quarter" if row["has_history"] else "what is taken as usual"
    return found(
        "C-05",
        what=row["what"],
        now=shown(row["value_now"]),
        before=shown(row["value_before"]),
        day=day,
        low=shown(row["value_before"] * row["low"]),
        high=shown(row["value_before"] * row["high"]),
        limits=limits,
    )


def _with_officer(findings: pl.DataFrame, con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Each finding with who holds its case; of a case that is gone, who held it."""
    officers = con.execute(
        "select case_ref, min(officer) as held_by from main group by case_ref union all"
        " select case_ref, min(officer) from gone.main anti join main as now using (case_ref) group by case_ref"
    ).pl()
    return (
        findings.drop("officer")
        .join(officers, on="case_ref", how="left", maintain_order="left")
        .rename({"held_by": "officer"})
        .select(findings.columns)
    )
