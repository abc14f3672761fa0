"""Who answered for the return of a quarter, in which state it is, and the bytes of what was signed off."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb

from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.state import CHECKED, DRAFT, SIGNED_OFF, SUBMITTED, SUPERSEDED
from pipelines.warehouse import chain

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

LAWFUL = frozenset(
    {
        (DRAFT, CHECKED),
        (CHECKED, CHECKED),
        (CHECKED, DRAFT),
        (CHECKED, SIGNED_OFF),
        (SIGNED_OFF, SUBMITTED),
        (SUBMITTED, SUBMITTED),
        (SIGNED_OFF, SUPERSEDED),
        (SUBMITTED, SUPERSEDED),
    }
)
"""From which state a return may come to which. Checked again: levels are added. Submitted again: a further receipt.
Superseded: a revision of it was signed off. What is signed off never becomes a draft again."""

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
    " why varchar, levels varchar, details varchar,"
    " line_no bigint not null, primary key (la_code, quarter, state_no)",
    "frozen_file": "la_code varchar not null, quarter varchar not null, run_id varchar not null, name varchar not null,"
    " sha256 varchar not null, content blob not null, primary key (run_id, name)",
    "qa_explanation": "la_code varchar not null, quarter varchar not null, total varchar not null, value double,"
    " compared_with varchar not null, compared_value double, explanation varchar not null, said_by varchar,"
    " said_at varchar not null",
    "qa_total": "counted_from varchar not null, total varchar not null, value bigint,"
    " primary key (counted_from, total)",
}
"""The columns of each table of sign-off. ``levels`` is JSON, level by section; ``details`` too, what else was answered:
whether the data are fit to publish, the evidence, the receipt, the files. ``counted_from`` is a digest over the bytes
of a return and all else that its totals rest on."""


@dataclass(frozen=True)
class SignOff:
    """A state that the return of a quarter came to: of which run, by whom, when (ISO) and why."""

    run_id: str
    state: str
    said_by: str
    said_at: str
    why: str | None
    levels: dict[str, str]
    details: dict[str, Any] = field(default_factory=dict)
    line_no: int = 0
    """The line of the ledger that records it."""

    @property
    def is_frozen(self) -> bool:
        """Whether the return can't be overwritten."""
        return self.state in FROZEN


def state_of_quarter(con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter) -> SignOff | None:
    """The newest state of the quarter's return; None while nobody has said anything of it."""
    standing = [one for one in states(con, la_code, quarter) if one.state != SUPERSEDED]
    return standing[-1] if standing else None


def states(con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter) -> list[SignOff]:
    """Every state that a return of the quarter came to, in order."""
    rows = con.execute(
        "select run_id, state, said_by, said_at, why, levels, details, line_no from sign_off"
        " where la_code = ? and quarter = ? order by state_no",
        [la_code, str(quarter)],
    ).fetchall()
    return [
        SignOff(run_id, state, by, at, why, json.loads(levels or "{}"), json.loads(details or "{}"), line_no)
        for run_id, state, by, at, why, levels, details, line_no in rows
    ]


def state_of_run(con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter, run_id: str) -> SignOff | None:
    """The newest state of the return that a run wrote; None while it is a draft of which nobody said anything."""
    own = [one for one in states(con, la_code, quarter) if one.run_id == run_id]
    return own[-1] if own else None


def standing_run(con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter) -> str | None:
    """The run whose return of the quarter is signed off and not superseded; None before the first."""
    signed = signed_runs(con, la_code, quarter)
    return signed[-1] if signed else None


def check_is_lawful(before: str, after: str) -> None:
    """Refuse a state to which a return can't come from where it stands.

    Raises:
        UsageError: it can't; the sentence says what to do instead.
    """
    if (before, after) in LAWFUL:
        return
    if before == SUPERSEDED:
        raise UsageError("The return was superseded by a revision: its state is final.")
    if before in FROZEN:
        what = {SIGNED_OFF: "It is signed off already.", SUBMITTED: ""}.get(after, "")
        if before == SUBMITTED and after == SIGNED_OFF:
            what = "It is submitted already."
        said = f" {what}" if what else ""
        raise UsageError(
            f"The return is {STATES[before].lower()} and stays as it is.{said} To correct it, make a revision with:"
            " hclic revise."
        )
    if after == SIGNED_OFF:
        raise UsageError(
            "The return is a draft: it has to be checked before it is signed off. Use: hclic signoff check."
        )
    if after == SUBMITTED:
        raise UsageError("The return has to be signed off before it is submitted. Use: hclic signoff sign.")
    if after == SUPERSEDED:
        raise UsageError("Only a return that was signed off can be superseded.")
    raise UsageError("The return is a draft already: nobody has said that it is checked.")


def add_state(
    con: duckdb.DuckDBPyConnection,
    la_code: str,
    quarter: Quarter,
    run_id: str,
    state: str,
    *,
    by: str,
    at: datetime,
    why: str | None,
    levels: Mapping[str, str] | None = None,
    details: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> chain.Line:
    """Bring the return of a run to a state and write its line; called inside a transaction.

    Args:
        con: the warehouse.
        la_code: whose return.
        quarter: of which quarter.
        run_id: of which run.
        state: one of ``STATES``.
        by: who says so.
        at: when.
        why: why.
        levels: level by section.
        details: what else was answered.
        facts: what the line tells besides, without personal data.

    Raises:
        UsageError: the return can't come to it from where it stands (``LAWFUL``).
    """
    before = state_of_run(con, la_code, quarter, run_id)
    check_is_lawful(DRAFT if before is None else before.state, state)
    row = con.execute(
        "select coalesce(max(state_no), 0) + 1 from sign_off where la_code = ? and quarter = ?", [la_code, str(quarter)]
    ).fetchone()
    assert row is not None
    key = (la_code, str(quarter), int(row[0]))
    told = [None if one is None else json.dumps(dict(one), sort_keys=True) for one in (levels, details)]
    con.execute(
        "insert into sign_off (la_code, quarter, state_no, run_id, state, said_by, said_at, why, levels, details,"
        " line_no) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        [*key, run_id, state, by, at.isoformat(timespec="seconds"), why, *told],
    )
    said = {"state": state, "quarter": str(quarter), **({"levels": dict(levels)} if levels else {}), **(facts or {})}
    (line,) = chain.record(con, "sign_off", [key], at=at, said_by=by, run_id=run_id, facts=said)
    con.execute(
        "update sign_off set line_no = ? where la_code = ? and quarter = ? and state_no = ?", [line.line_no, *key]
    )
    return line


@dataclass(frozen=True)
class FrozenFile:
    """One file of a signed-off return as the warehouse keeps it."""

    name: str
    sha256: str
    content: bytes

    @property
    def is_whole(self) -> bool:
        """Whether the bytes are still those that were kept."""
        return hashlib.sha256(self.content).hexdigest() == self.sha256


def keep_files(
    con: duckdb.DuckDBPyConnection,
    la_code: str,
    quarter: Quarter,
    run_id: str,
    files: Mapping[str, bytes],
    *,
    at: datetime,
    by: str,
) -> None:
    """Keep the bytes of a signed-off return, each file with its line; called inside a transaction."""
    keys = []
    for name, content in sorted(files.items()):
        keys.append((la_code, str(quarter), run_id, name))
        con.execute(
            "insert into frozen_file (la_code, quarter, run_id, name, sha256, content) values (?, ?, ?, ?, ?, ?)",
            [*keys[-1], hashlib.sha256(content).hexdigest(), content],
        )
    chain.record(con, "frozen_file", keys, at=at, said_by=by, run_id=run_id, facts={"event": "kept"})


def frozen_files(con: duckdb.DuckDBPyConnection, run_id: str) -> list[FrozenFile]:
    """The files of the return that the run wrote, by name, if it was signed off."""
    rows = con.execute("select name, sha256, content from frozen_file where run_id = ? order by name", [run_id])
    return [FrozenFile(*row) for row in rows.fetchall()]


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
