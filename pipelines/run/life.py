"""What the earlier runs say of a run's findings, and how that is told: new, still open, come back, resolved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from pipelines import findings as found
from pipelines.emit.findings.grouping import group_ids
from pipelines.run import ledger
from pipelines.run.database import RunDatabase
from pipelines.run.request import Request
from pipelines.validate.context import Context
from pipelines.warehouse import life, notes
from pipelines.warehouse.asked import Asked, asked_of
from pipelines.warehouse.store import Warehouse
from schemas.rules import RULES

KINDS = {
    found.FIX: "to fix for this return",
    found.TIDY: "to tidy in the record",
    found.CASEWORK: "casework",
}
"""What is said of a kind of finding beside its number."""

STATES = {
    found.NEW: "new",
    found.COME_BACK: "come back",
    found.OPEN: "still open",
    found.WAIVED: "waived",
    found.RESOLVED: "resolved",
}
"""What is said of a state beside the number of findings, in the order in which it is said."""

WEEK = 7
"""Days within which the name of a day of the week is enough to know which one is meant."""

_WHY = {
    "case": "whose case is not in this export",
    "rule": "whose rule was not run",
    "not read": "whose row or file was not read",
    "quarter": "that were asked of another quarter",
    "export": "as this export is old or not whole",
}


def live(store: Warehouse, database: RunDatabase, request: Request) -> None:
    """Compare the findings of a run that was just frozen with those of the runs before.

    ``findings`` gains state and since; ``findings_resolved`` and ``findings_by_run`` are kept beside it.
    """
    con, code = store.connection, request.authority
    with store.transaction():
        notes.save_notes(con, code, database.rows("notes_read"), at=request.started)
    said = notes.notes(con, code)
    findings = database.rows("findings")
    asked = asked_by(database, request, findings)
    told = life.life_of(con, asked)
    with store.transaction():
        life.keep_continued(con, asked, told)
    if told.continued.height:
        said = notes.notes(con, code)
    counts = life.count_states(told)
    database.keep("findings", with_notes(with_states(findings, told), said))
    database.keep("findings_resolved", with_notes(told.resolved, said))
    database.keep("findings_by_run", _by_run(store, request, asked, counts))
    read = database.rows("notes_read")
    database.put(
        life=describe(told, counts),
        notes={"through": notes.newest_number(con, code), "read": read.height, "findings": said.height},
    )


def live_in_check(
    store: Warehouse,
    book: Mapping[str, Any],
    context: Context,
    findings: pl.DataFrame,
    places: pl.DataFrame,
    states: pl.DataFrame,
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The same for an export that is only checked: the findings with state and since, and lines for the screen.

    Args:
        store: only read.
        book: what the ledger of a run would say of inputs, files beside, waivers and the run compared with.
        context: authority, quarter and day.
        findings: with ids.
        places: one row per record of the export.
        states: one row per rule and constraint, as ``Validation.rules``.
    """
    told = life.life_of_frames(
        store.connection,
        asked_of(
            {
                **book,
                "findings": {"by_rule": ledger.findings_by_rule(findings)},
                "rules": {"not_asked": [*rules_not_run(states), *not_asked(states)]},
            },
            authority=context.authority,
            run_id="",
            quarter=context.quarter,
            as_at=context.as_at,
        ),
        findings,
        places,
    )
    lines = sentences(describe(told, life.count_states(told)), context.as_at)
    return with_states(findings, told), tuple(lines)


def asked_by(database: RunDatabase, request: Request, findings: pl.DataFrame) -> Asked:
    """What the run asked, as its ledger will say."""
    states = database.rows("rule_states")
    book = {
        "inputs": database.get("files"),
        "files_beside": database.get("files_beside"),
        "compared_with": database.get("compared_with"),
        "findings": {"by_rule": ledger.findings_by_rule(findings)},
        "rules": {"not_asked": [*rules_not_run(states), *not_asked(states)]},
        "waivers": database.get("waivers"),
        "waivers_kept": database.rows("waivers_kept").height,
    }
    return asked_of(
        book,
        authority=request.authority,
        run_id=database.get("run_id"),
        quarter=request.quarter,
        as_at=request.day,
        return_profile=database.get("return_profile")["name"],
    )


def rules_not_run(states: pl.DataFrame) -> list[str]:
    """Ids of the rules and constraints that could not be run."""
    return states.filter(pl.col("status") == "not run")["rule_id"].to_list()


def not_asked(states: pl.DataFrame) -> list[str]:
    """Ids of the rules that the data can decide and that were not to be run: not in force, or not for a return."""
    asked = set(states.filter(pl.col("status").is_in(["run", "not run"]))["rule_id"])
    return sorted(rule.rule_id for rule in RULES if rule.decidable and rule.rule_id not in asked)


def with_states(findings: pl.DataFrame, told: life.Life) -> pl.DataFrame:
    """The findings with state and since, in their order."""
    return (
        findings.drop("state", "since")
        .join(told.states.select("finding_id", "state", "since"), on="finding_id", how="left", maintain_order="left")
        .select(findings.columns)
    )


def with_notes(findings: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """The findings with the last note on each, or on the group that it is told in where that is newer."""
    of_group = said.select(pl.col("finding_id").alias("_group"), pl.col("note").alias("_of_group"), "note_no")
    own = said.select("finding_id", pl.col("note").alias("_own"), pl.col("note_no").alias("_number"))
    groups = group_ids(findings) if said.height else pl.Series([None] * findings.height, dtype=pl.String())
    is_newer = pl.col("note_no") > pl.col("_number").fill_null(0)
    return (
        findings.with_columns(groups.alias("_group"))
        .join(own, on="finding_id", how="left", maintain_order="left")
        .join(of_group, on="_group", how="left", maintain_order="left")
        .with_columns(pl.when(is_newer).then("_of_group").otherwise("_own").alias("note"))
        .select(findings.columns)
    )


def describe(told: life.Life, counts: list[dict[str, Any]]) -> dict[str, Any]:
    """What the ledger says of it: the run compared with, counts, and of how many gone findings nothing can be said."""
    before = told.before
    return {
        "compared_with": before
        and {"run_id": before.run_id, "quarter": str(before.quarter), "as_at": before.as_at.isoformat()},
        "by_kind_and_state": counts,
        "not_judged": dict(told.not_judged),
        "waivers_over": int(told.states["is_waiver_over"].sum()),
    }


def _by_run(store: Warehouse, request: Request, asked: Asked, counts: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """``counts_by_run`` with this run, whose result is not known yet, at its end."""
    earlier = life.counts_by_run(store.connection, request.authority)
    own = {"run_id": asked.run_id, "quarter": str(asked.quarter), "as_at": asked.as_at, "result": None}
    rows = pl.DataFrame([{**own, **one} for one in counts], schema=life.COUNTS)
    return pl.concat([earlier.filter(pl.col("run_id") != asked.run_id), rows])


def since(day: date, today: date) -> str:
    """A day before today, as people say it: ``Tuesday 24 November``, ``3 November``, ``3 November 2025``."""
    words = f"{day.day} {day:%B}"
    if 0 <= (today - day).days < WEEK:
        return f"{day:%A} {words}"
    return words if day.year == today.year else f"{words} {day.year}"


def sentences(told: Mapping[str, Any], day: date) -> list[str]:
    """Lines for the screen: all findings, then each kind of them.

    Args:
        told: as ``describe`` gives it.
        day: that of the export.
    """
    counts = told["by_kind_and_state"]
    kinds = [kind for kind in KINDS if any(one["kind"] == kind for one in counts)]
    before = told["compared_with"]
    if before is None:
        lines = [
            f"{_number(counts, None):,} findings, all told for the first time: there is no run of an earlier export"
        ]
        return lines + [f"  {_number(counts, kind):,} {KINDS[kind]}" for kind in kinds]
    earlier = date.fromisoformat(str(before["as_at"]))
    when = f"since {since(earlier, day)}" if earlier < day else "since the export before of the same day"
    lines = [f"{_states(counts, None)} {when}"]
    lines += [f"  {KINDS[kind]}: {_states(counts, kind)}" for kind in kinds]
    if told["waivers_over"]:
        one = told["waivers_over"] == 1
        which = "is open again because its" if one else "are open again because their"
        lines.append(f"  {told['waivers_over']:,} of them {which} waiver has ended")
    if told["not_judged"]:
        said = ", ".join(f"{number:,} {_WHY[why]}" for why, number in told["not_judged"].items())
        lines.append(f"  gone, but not counted as resolved: {said}")
    return lines


def _number(counts: Iterable[Mapping[str, Any]], kind: str | None, state: str | None = None) -> int:
    return sum(
        one["findings"]
        for one in counts
        if kind in (None, one["kind"]) and (one["state"] == state if state else one["state"] != found.RESOLVED)
    )


def _states(counts: list[dict[str, Any]], kind: str | None) -> str:
    always = (found.NEW, found.OPEN, found.RESOLVED)
    numbers = {state: _number(counts, kind, state) for state in STATES}
    return ", ".join(f"{number:,} {STATES[state]}" for state, number in numbers.items() if number or state in always)
