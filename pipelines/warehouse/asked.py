"""What a run asked of the cases: the sides of it on which it depends what the absence of a finding says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import duckdb

import sql
from pipelines import findings as found
from pipelines.period import Quarter
from schemas.rules import RULE

_OF_PARTS = r"^(X|E|C|W|M|REF|R)-"
"""Ids of findings of ours that no rule of ``schemas.rules`` makes."""
_OF_QUARTER = r"reporting_period\.(first|last)_day|_last_day\b"
"""What a check reads that asks for something in the quarter or at its end."""


@dataclass(frozen=True)
class Asked:
    """What a run was and asked: the sides of it on which it depends what a finding's absence says.

    ``not_asked``: ids of rules that were not run. ``waivers``: those that covered something, as the ledger has them.
    """

    authority: str
    run_id: str
    quarter: Quarter
    as_at: date
    return_profile: str | None = None
    digests: tuple[str, ...] = ()
    is_whole: bool = True
    compared_with: str | None = None
    has_waivers: bool = False
    not_asked: tuple[str, ...] = ()
    waivers: tuple[Mapping[str, Any], ...] = ()


def asked_of(ledger: Mapping[str, Any], **run: Any) -> Asked:
    """What a run asked, from its ledger, or from as much of it as is known while it is at work."""
    by_rule = ledger.get("findings", {}).get("by_rule", ())
    rules = ledger.get("rules", {})
    beside = {item["what"] for item in ledger.get("files_beside") or ()}
    return Asked(
        **run,
        digests=tuple(sorted(item["sha256"] for item in ledger.get("inputs", ()))),
        is_whole=not any(item["rule_id"] in found.INCOMPLETE and item["severity"] == found.ERROR for item in by_rule),
        compared_with=(ledger.get("compared_with") or {}).get("run_id"),
        has_waivers="waivers" in beside or bool(ledger.get("waivers_kept")),
        not_asked=tuple(item["rule_id"] for item in rules.get("not_run", ())) + tuple(rules.get("not_asked", ())),
        waivers=tuple(ledger.get("waivers") or ()),
    )


def stored(con: duckdb.DuckDBPyConnection, run_id: str) -> Asked:
    """What a stored run asked.

    Raises:
        KeyError: the warehouse does not hold it.
    """
    row = con.execute(
        "select la_code, quarter, as_at, return_profile, ledger from runs left join ledger using (run_id)"
        " where run_id = ?",
        [run_id],
    ).fetchone()
    if row is None:
        raise KeyError(run_id)
    return asked_of(
        parsed(row[4]),
        authority=row[0],
        run_id=run_id,
        quarter=Quarter.parse(row[1]),
        as_at=row[2],
        return_profile=row[3],
    )


def parsed(text: str | None) -> dict[str, Any]:
    """A ledger as the warehouse holds it; empty where it holds none."""
    return json.loads(text) if text else {}


@cache
def known_rule(rule_id: str) -> tuple[str, bool, bool, bool, bool]:
    """The id, and whether the rule asks of a quarter, of what changed since a run, of waivers, or is of a pack."""
    is_ours = rule_id in RULE or re.match(_OF_PARTS, rule_id) is not None
    return rule_id, is_of_quarter(rule_id), rule_id.startswith("C-"), rule_id.startswith("W-"), not is_ours


def is_of_quarter(rule_id: str) -> bool:
    """Whether the check asks for something in the quarter or at its end: of another quarter it asks something else."""
    rule = RULE.get(rule_id)
    if rule is None or rule.kind != "sql":
        return False
    text = sql.text(f"checks/{rule.relation or rule_id}.sql")
    return re.search(_OF_QUARTER, text) is not None
