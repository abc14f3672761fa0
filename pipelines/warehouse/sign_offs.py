"""Who answered for the return of a quarter, in which state it is, and the bytes of what was signed off."""

from __future__ import annotations

import json
from dataclasses import dataclass

import duckdb

from pipelines.period import Quarter

DRAFT, CHECKED, SIGNED_OFF, SUBMITTED, SUPERSEDED = "draft", "checked", "signed_off", "submitted", "superseded"
STATES = {
    DRAFT: "Draft",
    CHECKED: "Checked",
    SIGNED_OFF: "Signed off",
    SUBMITTED: "Submitted",
    SUPERSEDED: "Superseded",
}
"""The states of a return, in their order, and how they are called."""
FROZEN = frozenset({SIGNED_OFF, SUBMITTED})
"""States in which the return of the quarter can't be overwritten."""

LEVELS = {
    "audited": "Audited",
    "sampled": "Sampled",
    "checked": "Checked",
    "not_checked": "Not checked",
}
"""How thoroughly a section was checked, as the sign-off of the former P1E form graded it."""

TABLES = {
    "sign_off": "la_code varchar not null, quarter varchar not null, state_no integer not null,"
    " run_id varchar not null, state varchar not null, said_by varchar not null, said_at varchar not null,"
    " why varchar, levels varchar,"
    " line_no bigint not null, primary key (la_code, quarter, state_no)",
    "frozen_file": "la_code varchar not null, quarter varchar not null, run_id varchar not null, name varchar not null,"
    " sha256 varchar not null, content blob not null, primary key (run_id, name)",
    "qa_explanation": "la_code varchar not null, quarter varchar not null, total varchar not null, value double,"
    " compared_with varchar not null, compared_value double, explanation varchar not null, said_by varchar,"
    " said_at varchar not null",
}
"""The columns of each table of sign-off. ``levels`` is JSON: level by section."""


@dataclass(frozen=True)
class SignOff:
    """A state that the return of a quarter came to: of which run, by whom, when (ISO) and why."""

    run_id: str
    state: str
    said_by: str
    said_at: str
    why: str | None
    levels: dict[str, str]

    @property
    def is_frozen(self) -> bool:
        """Whether the return can't be overwritten."""
        return self.state in FROZEN


def state_of_quarter(con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter) -> SignOff | None:
    """The newest state of the quarter's return; None while nobody has said anything of it."""
    row = con.execute(
        "select run_id, state, said_by, said_at, why, levels from sign_off where la_code = ? and quarter = ?"
        " and state <> ? order by state_no desc limit 1",
        [la_code, str(quarter), SUPERSEDED],
    ).fetchone()
    if row is None:
        return None
    run_id, state, said_by, said_at, why, levels = row
    return SignOff(run_id, state, said_by, said_at, why, json.loads(levels or "{}"))


def signed_runs(con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter) -> list[str]:
    """Ids of the runs whose return of the quarter was signed off, in the order of signing."""
    rows = con.execute(
        "select run_id from sign_off where la_code = ? and quarter = ? and state = ? group by run_id"
        " order by min(state_no)",
        [la_code, str(quarter), SIGNED_OFF],
    ).fetchall()
    return [run_id for (run_id,) in rows]


def is_frozen(con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter) -> bool:
    """Whether a return of the quarter was signed off: the next one is a revision."""
    return bool(signed_runs(con, la_code, quarter))
