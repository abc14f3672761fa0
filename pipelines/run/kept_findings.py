"""The findings that a warehouse keeps, as the command shows them, and what it writes of them."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines import findings as found
from pipelines.errors import UsageError
from pipelines.period import Quarter
from pipelines.run.life import KINDS, STATES
from pipelines.run.request import parse_day
from pipelines.validate.catalogue import known_ids
from pipelines.validate.waivers import NEVER_WAIVED
from pipelines.warehouse import life, notes, waivers
from pipelines.warehouse.asked import stored
from pipelines.warehouse.chain import day_of
from pipelines.warehouse.quarter import run_told
from pipelines.warehouse.store import NOT_ENDED, Warehouse
from pipelines.whole import written

SHOWN = 60
"""Findings that the screen shows."""
WORDS = 110
"""Characters of a message that the screen shows."""

COLUMNS = (
    "finding_id",
    "state",
    "since",
    "kind",
    "severity",
    "rule_id",
    "section",
    "case_ref",
    "local_ref",
    "record_key",
    "officer",
    "team",
    "in_return",
    "message",
    "action",
)
"""What is told of a finding outside the findings files: no value of the data, and not what was noted."""


def listed(
    store: Warehouse,
    *,
    authority: str,
    quarter: str | None,
    state: str | None,
    kind: str | None,
    officer: str | None,
    rule: str | None,
) -> tuple[pl.DataFrame, str]:
    """The findings of the newest run, of the quarter if one is named, that fit; and which run that is.

    What it found put right is among them where that is asked for.

    Raises:
        InputError: there is no such run.
    """
    run_id, words = _newest(store, authority, quarter)
    told = life.life_of(store.connection, stored(store.connection, run_id))
    rows = store.connection.execute("select * exclude (run_id) from findings where run_id = ?", [run_id]).pl()
    rows = (
        found.complete(rows)
        .drop("state", "since")
        .join(told.states.select("finding_id", "state", "since"), on="finding_id", how="left", maintain_order="left")
    )
    if state == found.RESOLVED:
        rows = told.resolved
    chosen = rows.select(COLUMNS)
    for column, wanted in (("state", state), ("kind", kind), ("officer", officer), ("rule_id", rule)):
        if wanted is not None:
            chosen = chosen.filter(pl.col(column).str.to_lowercase() == wanted.lower())
    order = ["severity", "rule_id", "case_ref", "record_key", "finding_id"]
    return chosen.sort(order, nulls_last=True), words


def _newest(store: Warehouse, authority: str, quarter: str | None) -> tuple[str, str]:
    chosen = Quarter.parse(quarter) if quarter else _quarter_of_newest(store, authority)
    run = run_told(store, authority, chosen)
    if not run.exact:
        raise UsageError(f"The warehouse holds no run for {chosen} ({chosen.words}).")
    return run.run_id, f"Run {run.run_id}, as at {run.as_at}."


def _quarter_of_newest(store: Warehouse, authority: str) -> Quarter:
    row = store.connection.execute(
        "select quarter from runs where la_code = ? and not list_contains(?, coalesce(result, ''))"
        " order by as_at desc, run_order desc limit 1",
        [authority, NOT_ENDED],
    ).fetchone()
    return Quarter.parse(row[0]) if row else store.newest_quarter(authority)


def in_form(rows: pl.DataFrame, form: str, words: str) -> str:
    """The findings as text: ``table``, ``csv`` or ``json``."""
    if form == "csv":
        return rows.write_csv()
    if form == "json":
        return json.dumps(rows.to_dicts(), indent=2, ensure_ascii=False)
    count = "1 finding" if rows.height == 1 else f"{rows.height:,} findings"
    lines = [f"{words} {count}."]
    for one in rows.head(SHOWN).iter_rows(named=True):
        since = f" since {_day(date.fromisoformat(one['since']))}" if one["since"] else ""
        state = STATES.get(one["state"], "not known").upper()
        whose = ", ".join(part for part in (one["local_ref"], one["case_ref"], one["officer"]) if part)
        message = textwrap.shorten(one["message"] or "", WORDS, placeholder=" …")
        lines += ["", f"{one['finding_id']}  {state}{since}  {one['rule_id']}  {KINDS.get(one['kind'], '')}"]
        lines += [f"    {part}" for part in (whose, message) if part]
    if rows.height > SHOWN:
        lines += ["", f"… and {rows.height - SHOWN:,} more: --format csv has them all."]
    return "\n".join(lines)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def note_of(store: Warehouse, authority: str, finding_id: str, text: str, *, by: str | None, on: date) -> None:
    """Keep a note on a finding that some run had.

    Raises:
        UsageError: the note is empty, or there is no such finding.
    """
    if not text.strip():
        raise UsageError("The note is empty. Write what is to be known of the finding.")
    known = store.connection.execute(
        "select 1 from history.findings where authority = $code and finding_id = $id union all"
        " select 1 from finding_note where la_code = $code and finding_id = $id limit 1",
        {"code": authority, "id": finding_id.lower()},
    ).fetchone()
    if known is None:
        raise UsageError(
            "There is no finding with that id. findings.csv has the ids in the column finding_id; hclic findings list"
            " shows them. What is told as one for many rows can be noted in the workbook."
        )
    with store.transaction():
        notes.say(store.connection, authority, finding_id.lower(), text.strip(), by=by, on=on, where="command")


def write_notes(store: Warehouse, authority: str, finding_id: str | None, out: Path) -> int:
    """Write every note, or those on one finding, as a CSV that only its owner may read; returns how many.

    Raises:
        UsageError: the file cannot be written.
    """
    rows = notes.every_note(store.connection, authority)
    if finding_id is not None:
        rows = rows.filter(pl.col("finding_id") == finding_id.lower())
    try:
        with written(out) as new:
            rows.write_csv(new)
    except OSError:
        raise UsageError(f"The file {out} cannot be written.") from None
    return rows.height


def give_waiver(
    store: Warehouse,
    authority: str,
    what: Mapping[str, str | None],
    given: Mapping[str, str],
    *,
    by: str | None,
    on: date,
) -> int:
    """Keep a waiver of a finding of the newest run, or of a rule; returns its number.

    Args:
        store: the warehouse.
        authority: whose waiver.
        what: finding_id, or rule_id with case_ref and record_key where it is to cover less than the rule.
        given: owner, reason, expires.
        by: who gives it.
        on: today.

    Raises:
        UsageError: neither or both of id and rule are named, something of it is not known or empty, or the last day is
            past.
    """
    if (what["finding_id"] is None) == (what["rule_id"] is None):
        raise UsageError("Name what is waived: the id of a finding, or a rule with --rule.")
    target = dict(what) if what["finding_id"] is None else _target(store, authority, str(what["finding_id"]))
    if str(target["rule_id"]).casefold() in NEVER_WAIVED:
        raise UsageError("What was not run cannot be waived: nobody can answer for what is not known.")
    if target["record_key"] is not None and target["case_ref"] is None:
        raise UsageError("--record needs --case: records are numbered within their case.")
    if what["rule_id"] is not None and what["rule_id"].casefold() not in {one.casefold() for one in known_ids()}:
        row = store.connection.execute(
            "select 1 from history.findings where authority = ? and lower(rule_id) = lower(?) limit 1",
            [authority, what["rule_id"]],
        ).fetchone()
        if row is None:
            raise UsageError(f"There is no rule {what['rule_id']}. hclic rules lists them.")
    if blank := [name for name in ("owner", "reason") if not given[name].strip()]:
        raise UsageError(f"A waiver needs its {' and its '.join(blank)}.")
    expires = parse_day(given["expires"], "--expires")
    assert expires is not None
    if expires < day_of(on):
        raise UsageError("The last day of the waiver is past. Give a day to come.")
    with store.transaction():
        return waivers.give(
            store.connection,
            authority,
            {**target, "owner": given["owner"].strip(), "reason": given["reason"].strip(), "expires": expires},
            by=by,
            on=on,
        )


def _target(store: Warehouse, authority: str, finding_id: str) -> dict[str, Any]:
    run_id, _ = _newest(store, authority, None)
    row = store.connection.execute(
        "select rule_id, case_ref, record_key from findings where run_id = ? and finding_id = ?",
        [run_id, finding_id.lower()],
    ).fetchone()
    if row is None:
        raise UsageError("The newest run has no finding with that id. hclic findings list shows them.")
    return dict(zip(("rule_id", "case_ref", "record_key"), row, strict=True))


def waivers_shown(store: Warehouse, authority: str, today: date) -> str:
    """The waivers that stand, as text; of one that has expired it is said so."""
    rows = waivers.standing(store.connection, authority)
    lines = []
    for one in rows.iter_rows(named=True):
        where = ", ".join(part for part in (one["case_ref"], one["record_key"]) if part) or "every case"
        until = ("until " if one["expires"] >= today else "ended ") + _day(one["expires"])
        lines.append(f"{one['waiver_no']:>4}  {one['rule_id']}  {where}  {until}  {one['owner']}: {one['reason']}")
    return "\n".join(lines) or "The warehouse keeps no waiver."
