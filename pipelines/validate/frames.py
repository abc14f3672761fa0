"""Rules as polars expressions: all row rules of a section in one select, all household rules in one group-by."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines import findings as found
from pipelines.validate.reporting import record_key, shown
from schemas.rules import Known, Rule
from schemas.sections import SECTION

# A panic inside polars is no Exception, and must not take the run with it either.
FAILURES = (Exception, pl.exceptions.PanicException)

NotRun = dict[str, str]
"""Reason by rule id. A reason names columns and kinds of failure, never a value."""


def reason_for(error: BaseException) -> str:
    """Why a rule did not run, without the text of the error: it may quote the data."""
    return f"it stopped with {type(error).__name__}"


def _missing(rule: Rule, frame: pl.DataFrame) -> list[str]:
    return [name for name in rule.fields if "." not in name and name not in frame.columns]


def _runnable(rules: Sequence[Rule], frame: pl.DataFrame, not_run: NotRun) -> list[Rule]:
    ready = []
    for rule in rules:
        missing = _missing(rule, frame)
        if missing:
            not_run[rule.rule_id] = f"the section has no column {', '.join(missing)}"
        else:
            ready.append(rule)
    return ready


def _good(rule: Rule, known: Known) -> pl.Expr:
    if rule.expression is None:
        raise TypeError(f"{rule.rule_id} has no expression")
    return rule.expression(known)


def _bad(rule: Rule, known: Known) -> pl.Expr:
    return pl.arg_where(~_good(rule, known)).implode().alias(rule.rule_id)


def row_findings(rules: Sequence[Rule], frame: pl.DataFrame, known: Known) -> tuple[dict[str, pl.DataFrame], NotRun]:
    """Bad rows by rule, and the rules that could not run."""
    not_run: NotRun = {}
    ready = _runnable(rules, frame, not_run)
    places: dict[str, list[int]] = {}
    try:
        one_pass = frame.select([_bad(rule, known) for rule in ready]) if ready else pl.DataFrame()
        places = {name: one_pass[name][0].to_list() for name in one_pass.columns}
    except FAILURES:
        # One bad rule must not take the others with it: each alone, to find which.
        for rule in ready:
            try:
                places[rule.rule_id] = frame.select(_bad(rule, known)).item().to_list()
            except FAILURES as error:
                not_run[rule.rule_id] = reason_for(error)
    by_id = {rule.rule_id: rule for rule in ready}
    return {rule_id: _row_frame(by_id[rule_id], frame, index) for rule_id, index in places.items() if index}, not_run


def _row_frame(rule: Rule, frame: pl.DataFrame, index: list[int]) -> pl.DataFrame:
    section = SECTION[rule.section]
    bad = frame[index]
    return finding_frame(
        rule,
        bad.select(
            "case_ref",
            record_key(section, bad).alias("record_key"),
            shown(section, rule.fields, bad).alias("value"),
        ),
    )


def household_findings(
    rules: Sequence[Rule], frame: pl.DataFrame, known: Known
) -> tuple[dict[str, pl.DataFrame], NotRun]:
    """Bad cases by rule, and the rules that could not run."""
    not_run: NotRun = {}
    ready = _runnable(rules, frame, not_run)
    if not ready:
        return {}, not_run

    def judged(chosen: Sequence[Rule]) -> pl.DataFrame:
        return frame.group_by("case_ref").agg([_good(rule, known).alias(rule.rule_id) for rule in chosen])

    try:
        verdicts = dict.fromkeys([rule.rule_id for rule in ready], judged(ready))
    except FAILURES:
        verdicts = {}
        for rule in ready:
            try:
                verdicts[rule.rule_id] = judged([rule])
            except FAILURES as error:
                not_run[rule.rule_id] = reason_for(error)
    by_id = {rule.rule_id: rule for rule in ready}
    out = {}
    for rule_id, verdict in verdicts.items():
        bad = verdict.filter(~pl.col(rule_id)).select(
            "case_ref", pl.lit(None, pl.String).alias("record_key"), pl.lit(None, pl.String).alias("value")
        )
        if bad.height:
            out[rule_id] = finding_frame(by_id[rule_id], bad)
    return out, not_run


def finding_frame(rule: Rule, bad: pl.DataFrame) -> pl.DataFrame:
    """Bad rows (case_ref, record_key, value) as findings."""
    blocking = rule.status == "active"
    fixed = {
        "rule_id": rule.rule_id,
        "severity": rule.severity if blocking else found.WARNING,
        "scope": rule.scope,
        "section": rule.section,
        "fields": ", ".join(rule.fields),
        "message": rule.message,
        "action": rule.action,
        "officer": None,
    }
    rows = bad.select(
        *(pl.lit(value, pl.String).alias(name) for name, value in fixed.items()),
        "case_ref",
        "record_key",
        "value",
    )
    return found.complete(rows)
