"""Small relations for the return, as staging would leave them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl

from pipelines.period import Quarter
from pipelines.transform import SENT, build_facts, load_sections, prepare
from schemas.codelists import codelist
from schemas.sections import SECTION, SECTIONS, Column

AUTHORITY = "E06000034"
FIRST_DAY, LAST_DAY = date(2025, 10, 1), date(2025, 12, 31)
RUN = "run-1"
LEFT_OUT_OF_STAGING = {"forename", "surname", "nino", "last_address"}

Rows = dict[str, list[dict[str, Any]]]


def ref(number: int) -> str:
    """The H-CLIC reference of a case."""
    return f"{AUTHORITY}_{number:012d}"


def sentinel(column: Column) -> Any:
    """A value that no lawful column holds: text that can be searched for, or a date of its own."""
    match column.kind:
        case "date":
            return date(1911, 11, 11)
        case "integer":
            return 77_077
        case "number":
            return 77_077.5
        case "flag":
            return True
        case _:
            return f"SENTINEL_{column.section}_{column.name}".upper()


def case_rows(number: int, *, people: int = 2, needs: int = 1, placements: int = 1) -> Rows:
    """A case with every section, every local and personal field filled by a sentinel."""
    case = ref(number)
    rows: Rows = {
        "main": [
            {
                "la_code": AUTHORITY,
                "case_ref": case,
                "application_date": date(2025, 10, 2),
                "assess_date": date(2025, 10, 9),
                "assess1": "prevention",
                "referral": "no",
                "eligibility": "uk_roi_hr",
                "nationality": "GB",
                "lastaccom": "prs_self",
                "currentaccom": "family",
                "reasonloss": "prs_ast",
                "reason_tenancy_end": "landlord_sell",
                "employment_applicant": "ft",
                "benefits": "uc;hb",
                "php_date": date(2025, 10, 10),
            }
        ],
        "people": [
            {
                "case_ref": case,
                "person_no": n,
                "relationship": "main_applicant" if n == 1 else "dependent_child",
                "date_of_birth": date(1990 if n == 1 else 2015, 6, 15),
                "sex": "female",
                "dependent": n > 1,
            }
            for n in range(1, people + 1)
        ],
        "support_needs": [
            {"case_ref": case, "support_need": need} for need in ("budgeting", "mental", "physical")[:needs]
        ],
        "prevention": [
            {
                "case_ref": case,
                "prevention_start": date(2025, 10, 9),
                "prevention_end": date(2025, 11, 20),
                "prevention_outcome": "homeless",
                "accom_pr": "family",
            }
        ],
        "relief": [
            {
                "case_ref": case,
                "relief_start": date(2025, 11, 20),
                "relief_end": date(2025, 12, 20) if number % 2 else None,
                "relief_outcome": "secured" if number % 2 else None,
            }
        ],
        "final_duties": [
            {
                "case_ref": case,
                "main_decision_date": date(2025, 12, 22),
                "main_decision": "accepted",
                "pneed": "children",
            }
        ],
        "assistance": [
            {"case_ref": case, "support_need": need, "assistance": "provided"}
            for need in ("budgeting", "mental", "physical")[:needs]
        ],
        "temporary_accommodation": [
            {
                "case_ref": case,
                "placement_no": n,
                "entry_date": date(2025, 11, 20) + timedelta(days=n),
                "ta_type": "bb",
                "taduty": "s188_1",
                "ta_la": AUTHORITY,
            }
            for n in range(1, placements + 1)
        ],
        "reviews": [
            {
                "case_ref": case,
                "review_no": 1,
                "review_requested_date": date(2025, 12, 1),
                "decision_reviewed": "eligibility",
                "appeal": False,
            }
        ],
    }
    for section in SECTIONS:
        for row in rows[section.name]:
            for column in section.columns:
                if column.local or (column.personal and column.name != "date_of_birth"):
                    row[column.name] = sentinel(column)
    _only_real_codes(rows)
    return rows


def _only_real_codes(rows: Rows) -> None:
    for name, part in rows.items():
        for row in part:
            for column, value in row.items():
                listed = SECTION[name].column(column).codelist
                if listed and value is not None and not SECTION[name].column(column).local:
                    unknown = [code for code in str(value).split(";") if code not in codelist(listed)]
                    assert not unknown, f"{name}.{column}: {unknown} of {list(codelist(listed).codes)[:20]}"


def together(*parts: Rows) -> Rows:
    """The rows of several cases."""
    return {section.name: [row for part in parts for row in part[section.name]] for section in SECTIONS}


def connect(rows: Rows, selected: list[str] | None = None) -> duckdb.DuckDBPyConnection:
    """A connection with these rows as recorded, and those of the selected cases, by default of all, as sent."""
    con = duckdb.connect(":memory:")
    con.execute("set enable_progress_bar = false")
    con.execute("set threads = 1")
    frames = {
        section.name: pl.DataFrame(rows[section.name], schema={column.name: column.dtype for column in section.columns})
        for section in SECTIONS
    }
    load_sections(con, frames)
    prepare(con, run_id=RUN, la_code=AUTHORITY, quarter=Quarter.containing(LAST_DAY), as_at=LAST_DAY)
    con.execute("create schema sent")
    refs = [row["case_ref"] for row in rows["main"]] if selected is None else selected
    con.execute("create table sent.selected_cases as select unnest(?::varchar[]) as case_ref", [refs])
    for name, frame in frames.items():
        kept = frame.filter(pl.col("case_ref").is_in(refs)).drop(LEFT_OUT_OF_STAGING, strict=False)
        con.register("_frame", kept.to_arrow())
        con.execute(f"create table sent.{name} as select * from _frame")
        con.unregister("_frame")
    build_facts(con, SENT)
    return con
