"""The ledger of a run in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.period import in_words
from pipelines.serve.reading import RunRow
from pipelines.state import RunState
from pipelines.validate.catalogue import words_of
from pipelines.warehouse.sign_offs import STATES, SignOff
from pipelines.warehouse.standing import state_of_run
from pipelines.warehouse.store import StoredRun, Warehouse


def some(number: int, one: str, many: str | None = None) -> str:
    """``1 error``, ``1,203 errors``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def state_of(store: Warehouse, run: RunRow) -> RunState:
    """How the run stands today."""
    return state_of_run(store, StoredRun(run.run_id, run.la_code, run.quarter, run.as_at, exact=True))


@dataclass(frozen=True)
class Block:
    """One table of the page of a run: a heading, a sentence, and rows of words."""

    title: str
    text: tuple[str, ...]
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    is_words: bool = False
    """Whether the cells are words, not figures."""

    @property
    def words(self) -> tuple[str, ...]:
        """Headings of columns of words."""
        return self.head if self.is_words else ()


def blocks_of(ledger: Mapping[str, Any]) -> list[Block]:
    """The ledger of a run in words: what was read, what the return holds, what was not run, waived and noted."""
    if not ledger:
        return [Block("What was run", ("The warehouse holds no ledger of this run.",))]
    made = [_read(ledger), _return(ledger), _not_run(ledger), _waived(ledger), _noted(ledger), _made(ledger)]
    return [block for block in made if block is not None]


def signed(states: Sequence[SignOff]) -> list[Block]:
    """Who said what of the return: a block, where somebody did."""
    rows = tuple(
        (STATES[one.state], one.said_by, in_words(date.fromisoformat(one.said_at[:10])), one.why or "")
        for one in states
    )
    return [Block("Sign-off of the return", (), ("State", "By", "On", "Why"), rows, is_words=True)] if rows else []


def _read(ledger: Mapping[str, Any]) -> Block:
    names = ("rows_read", "rows_loaded", "rows_set_aside", "rows_left_out")
    rows = tuple((item["name"], *(f"{item[name]:,}" for name in names)) for item in ledger.get("inputs", ()))
    totals = tuple(f"{sum(item[name] for item in ledger.get('inputs', ())):,}" for name in names)
    unread = tuple(f"{item['name']} was not read: {item['why']}" for item in ledger.get("inputs_not_read", ()))
    return Block(
        "What was read",
        unread,
        ("File", "Rows read", "Loaded", "Set aside", "Left out by the profile"),
        (*rows, ("All files", *totals)) if rows else (),
    )


def _return(ledger: Mapping[str, Any]) -> Block:
    cases = ledger.get("cases", {})
    said = [
        f"{cases.get('in_return', 0):,} of {cases.get('in_export', 0):,} cases of the export belong to the quarter."
    ]
    if cases.get("forced"):
        said.append(f"{some(cases['forced'], 'case')} were taken in or left out by hand.")
    left_out = cases.get("excluded_for_errors", {})
    if left_out.get("reason"):
        said.append(f"{some(len(left_out['cases']), 'case')} with errors were left out: {left_out['reason']}")
    said += [str(problem) for problem in ledger.get("return_problems", ())]
    counted = [
        (f"{what}", f"{numbers['warehouse']:,}", f"{numbers['file']:,}")
        for edition in (ledger.get("recount") or {}).values()
        for what, numbers in edition.items()
        if what == "cases" or numbers["warehouse"] != numbers["file"]
    ]
    head = ("Counted again", "In the warehouse", "In the return") if counted else ()
    return Block("What the return holds", tuple(said), head, tuple(counted))


def _not_run(ledger: Mapping[str, Any]) -> Block | None:
    rules = ledger.get("rules", {})
    rows = tuple((item["rule_id"], str(item["reason"])) for item in rules.get("not_run", ()))
    if not rows:
        return Block("Rules", (f"All {rules.get('run', 0):,} rules were run.",))
    return Block("Rules that could not be run", (), ("Rule", "Why"), rows, is_words=True)


def _waived(ledger: Mapping[str, Any]) -> Block | None:
    rows = tuple(
        (
            str(item.get("rule_id", "")),
            str(item.get("owner", "")),
            str(item.get("reason", "")),
            str(item.get("expires", "")),
        )
        for item in ledger.get("waivers", ())
    )
    return Block("What was waived", (), ("Rule", "Owner", "Reason", "Until"), rows, is_words=True) if rows else None


def _noted(ledger: Mapping[str, Any]) -> Block | None:
    notices = tuple(str(notice) for notice in ledger.get("notices", ()))
    return Block("Notices of the run", notices) if notices else None


def _made(ledger: Mapping[str, Any]) -> Block:
    profile, written = ledger.get("source_profile", {}), ledger.get("return_profile", {})
    rows = (
        ("Run", str(ledger.get("run_id", ""))),
        ("Source profile", str(profile.get("name", ""))),
        ("Return profile", f"{written.get('name', '')} {written.get('version', '')}".strip()),
        ("Version of hclic", str(ledger.get("software_version", ""))),
        ("Version of the rules", str(ledger.get("rule_set_version", ""))),
        ("Version of the codes", str(ledger.get("codes_version", ""))),
    )
    return Block("How it was made", (), ("What", "Which"), rows, is_words=True)


@dataclass(frozen=True)
class OfRule:
    """Findings of one rule in a run."""

    rule_id: str
    words: str
    findings: int
    blocking: int


def by_rule(ledger: Mapping[str, Any]) -> list[OfRule]:
    """One row per rule with findings: what blocks first, then by number."""
    found: dict[str, OfRule] = {}
    told = ledger.get("findings", {})
    for item in told.get("by_rule", ()):
        rule_id = item["rule_id"]
        known = found.get(rule_id, OfRule(rule_id, "", 0, 0))
        words = told.get("of_the_export", {}).get(rule_id) or words_of(rule_id) or "See the findings for what it says."
        found[rule_id] = OfRule(rule_id, words, known.findings + item["findings"], known.blocking + item["blocking"])
    return sorted(found.values(), key=lambda one: (-one.blocking, -one.findings, one.rule_id))
