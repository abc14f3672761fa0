"""Findings that were kept before they had ids are given theirs, so that their life goes back over them."""

from __future__ import annotations

import json

import duckdb
import polars as pl

from pipelines import arrow
from pipelines import findings as found
from pipelines.findings_id import record_known_by, with_ids
from pipelines.warehouse import history

_NUMBERED = {
    "temporary_accommodation": ("placement_no", ("placement_ref", "entry_date")),
    "reviews": ("review_no", ("review_requested_date",)),
}
"""Records whose number in the case may be given anew, and what they are known by: as layout 4 found it."""


def give_ids(con: duckdb.DuckDBPyConnection) -> None:
    """Give every kept finding the id that it would have had in its run; the rows are laid down anew, run by run.

    The file in which a finding without a case stood was not kept: it is the one of the run's files that its message
    begins with.
    """
    if "finding_id" not in history.columns_of(con, "findings"):
        con.execute("alter table history.findings add column finding_id varchar")
    columns = [name for name in history.columns_of(con, "findings") if name != "finding_id"]
    runs = con.execute(
        "select runs.run_id, la_code, run_order, quarter, ledger from runs left join ledger using (run_id)"
        " order by run_order"
    ).fetchall()
    con.execute("create temp table kept_before as from findings")
    con.execute("delete from history.findings")
    con.execute("delete from history.findings_ended")
    for run_id, la_code, run_order, quarter, ledger in runs:
        rows = con.execute(f"select {', '.join(columns)} from kept_before where run_id = ?", [run_id]).pl()
        rows = rows.with_columns(_file(rows, ledger))
        told = found.complete(rows).join(
            _known_as(con, run_id), on=["section", "case_ref", "record_key"], how="left", maintain_order="left"
        )
        told = told.with_columns(pl.coalesce("known_as", record_known_by()).alias("known_as"))
        ids = with_ids(told, quarter).select(*columns, "finding_id")
        arrow.load(con, "create or replace temp table with_ids as select * from incoming", ids)
        history.record(con, "findings", "select * from with_ids", la_code, run_order)
    con.execute("drop table if exists with_ids")
    con.execute("drop table kept_before")


def _file(rows: pl.DataFrame, ledger: str | None) -> pl.Series:
    names = sorted((item["name"] for item in json.loads(ledger or "{}").get("inputs", ())), key=len, reverse=True)
    files = [next((name for name in names if text.startswith(name)), None) for text in rows["message"].fill_null("")]
    return pl.Series("file", files, pl.String)


def _known_as(con: duckdb.DuckDBPyConnection, run_id: str) -> pl.DataFrame:
    """What each placement and review of the run is known by: section, case_ref, record_key, known_as."""
    parts = []
    for section, (number, names) in _NUMBERED.items():
        there = {row[0] for row in con.execute(f"describe snapshot_{section}").fetchall()}
        listed = ", ".join(f"{name}::varchar" for name in names if name in there)
        parts.append(
            f"select '{section}' as section, case_ref, '{number}=' || {number} as record_key,"
            f" coalesce({listed}, null) as known_as from snapshot_{section} where run_id = $run_id"
        )
    rows = con.execute(" union all ".join(parts), {"run_id": run_id}).pl()
    return rows.unique(["section", "case_ref", "record_key"], keep="first", maintain_order=True)
