"""From nine sections to findings: constraints of the models, rules over rows and households, checks across sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import polars as pl

from pipelines import findings as found
from pipelines.validate import constraints
from pipelines.validate.checks import check_edition, sql_findings
from pipelines.validate.context import Context
from pipelines.validate.frames import FAILURES, NotRun, household_findings, reason_for, row_findings
from schemas.rules import RULES, Rule, rules_in_force
from schemas.sections import SECTIONS, Section

__all__ = ["NOT_RUN", "Context", "Validation", "apply_rules", "validate"]

NOT_RUN = "R-not-run"
CASES_A_PART = 50_000
"""Cases judged at once. 10,000 take 0.4 s, so that the cost of a part's own start is lost in it."""

RULE_STATE: dict[str, pl.DataType] = {
    "rule_id": pl.String(),
    "kind": pl.String(),
    "status": pl.String(),
    "findings": pl.Int64(),
    "reason": pl.String(),
}


State = tuple[str, str, str, int, str | None]
"""One row of ``Validation.rules``."""


@dataclass(frozen=True)
class Validation:
    """What the rules say of a return."""

    findings: pl.DataFrame
    """One row per finding, in the columns of ``findings.csv``."""
    rules: pl.DataFrame
    """One row per rule and constraint: rule_id, kind (``rule`` or ``model``), status (``run``, ``not run``,
    ``not decidable``, ``withdrawn``, ``not in force``), findings, reason."""

    def count(self, kind: str, status: str) -> int:
        """How many rules or constraints have that status."""
        return self.rules.filter((pl.col("kind") == kind) & (pl.col("status") == status)).height


def validate(
    sections: Mapping[str, pl.DataFrame],
    context: Context,
    *,
    rules: Sequence[Rule] = RULES,
    facts: duckdb.DuckDBPyConnection | None = None,
) -> Validation:
    """Judge the sections by every constraint and every rule in force for the quarter.

    No rule looks beyond one case, so that many cases are judged in parts of whole cases, and memory does not grow
    with them.

    Args:
        sections: frame by section name, with the section's columns (others, such as provenance, are ignored).
        context: authority, quarter and day of the export.
        rules: the rules to judge by.
        facts: a database in which the edition in use has these sections and their facts; without it the facts of each
            part are made and forgotten again.

    Raises:
        TypeError: a section is not a DataFrame (a LazyFrame would pass unread).
    """
    for name, frame in sections.items():
        if not isinstance(frame, pl.DataFrame):
            raise TypeError(f"The section {name} must be a polars DataFrame; a LazyFrame would pass unread.")
    on_parts = [rule for rule in rules if facts is None or rule.kind != "sql"]
    judged = [_judge(part, context, on_parts) for part in parts_of_whole_cases(sections, CASES_A_PART)]
    if facts is not None:
        on_facts = [rule for rule in rules if rule.kind == "sql"]
        judged.append(_validation(*apply_rules(on_facts, sections, context, facts), sections))
    return judged[0] if len(judged) == 1 else _together(judged)


def _judge(sections: Mapping[str, pl.DataFrame], context: Context, rules: Sequence[Rule]) -> Validation:
    parts: list[pl.DataFrame] = []
    states: list[State] = []
    for section in SECTIONS:
        part, state = _judge_constraints(section, sections)
        parts += part
        states += state
    judged, judged_states = apply_rules(rules, sections, context)
    return _validation(parts + judged, states + judged_states, sections)


def _validation(
    parts: Sequence[pl.DataFrame], states: Sequence[State], sections: Mapping[str, pl.DataFrame]
) -> Validation:
    return Validation(
        findings=_with_officer(found.combine(parts), sections),
        rules=pl.DataFrame(states, schema=RULE_STATE, orient="row").sort(["kind", "rule_id"]),
    )


def parts_of_whole_cases(sections: Mapping[str, pl.DataFrame], most: int) -> Iterator[Mapping[str, pl.DataFrame]]:
    """The sections cut by case reference, each part with all rows of at most that many cases; at least one part."""
    frames = [frame.get_column("case_ref") for frame in sections.values() if "case_ref" in frame.columns]
    refs = pl.concat(frames).drop_nulls().unique().sort() if frames else pl.Series([], dtype=pl.String())
    if len(refs) <= most:
        yield sections
        return
    first = refs.gather_every(most)
    ref = pl.col("case_ref")
    for place, begin in enumerate(first):
        # A row without a reference belongs to no case: it stands in the first part.
        inside = ref >= begin if place else ref.is_null() | (ref >= begin)
        if place + 1 < len(first):
            inside &= ref.is_null() | (ref < first[place + 1])
        yield {name: frame.filter(inside) if "case_ref" in frame.columns else frame for name, frame in sections.items()}


def _together(parts: Sequence[Validation]) -> Validation:
    """One verdict over all parts: a rule that could not run on one of them was not run."""
    rules = pl.concat(part.rules for part in parts)
    # The worst state of a rule over the parts is its state; what is said of the return as a whole is said once.
    states = rules.sort(pl.col("status") != "not run", maintain_order=True).unique(["kind", "rule_id"], keep="first")
    not_run = states.filter(pl.col("status") == "not run").get_column("rule_id")
    findings = pl.concat(part.findings for part in parts).filter(~pl.col("rule_id").is_in(not_run.implode()))
    of_return = pl.col("scope") == found.RETURN
    findings = found.combine([findings.filter(~of_return), findings.filter(of_return).unique()])
    counts = findings.group_by("rule_id").agg(pl.len().cast(pl.Int64).alias("findings"))
    states = (
        states.drop("findings").join(counts, on="rule_id", how="left").with_columns(pl.col("findings").fill_null(0))
    )
    return Validation(findings=findings, rules=states.select(list(RULE_STATE)).sort(["kind", "rule_id"]))


def apply_rules(
    rules: Sequence[Rule],
    sections: Mapping[str, pl.DataFrame],
    context: Context,
    facts: duckdb.DuckDBPyConnection | None = None,
) -> tuple[list[pl.DataFrame], list[State]]:
    """Findings of the rules alone, and one state per rule; ``facts`` as in ``validate``."""
    parts: list[pl.DataFrame] = []
    states: list[State] = []
    in_force, others = rules_in_force(context.quarter.last_day, rules)
    bad, not_run = _judge_rules(in_force, sections, context, facts)
    dates = _case_dates(sections)
    for rule in in_force:
        if rule.rule_id in not_run:
            reason = not_run[rule.rule_id]
            states.append((rule.rule_id, "rule", "not run", 0, reason))
            parts.append(_not_run_finding(f"rule {rule.rule_id}", rule.section, reason, rule.status == "active"))
            continue
        rows = bad.get(rule.rule_id)
        if rows is not None:
            rows = _within_validity(rule, rows, dates)
            parts.append(rows)
        states.append((rule.rule_id, "rule", "run", 0 if rows is None else rows.height, rule.note))
    states += [(rule.rule_id, "rule", status, 0, rule.note) for rule, status in others]
    return parts, states


def _judge_constraints(
    section: Section, sections: Mapping[str, pl.DataFrame]
) -> tuple[list[pl.DataFrame], list[State]]:
    listed = constraints.constraints_of(section.name)
    try:
        parts = constraints.judge(section, sections[section.name])
    except KeyError:
        reason = "the section is missing"
    except FAILURES as error:
        reason = reason_for(error)
    else:
        counts: dict[str, int] = {}
        for part in parts:
            counts[part["rule_id"][0]] = counts.get(part["rule_id"][0], 0) + part.height
        return parts, [(one.rule_id, "model", "run", counts.get(one.rule_id, 0), None) for one in listed]
    finding = _not_run_finding(f"the constraints of {section.name}", section.name, reason, True)
    return [finding], [(one.rule_id, "model", "not run", 0, reason) for one in listed]


def _judge_rules(
    rules: Sequence[Rule],
    sections: Mapping[str, pl.DataFrame],
    context: Context,
    facts: duckdb.DuckDBPyConnection | None,
) -> tuple[dict[str, pl.DataFrame], NotRun]:
    bad: dict[str, pl.DataFrame] = {}
    not_run: NotRun = {}
    for section in SECTIONS:
        own = [rule for rule in rules if rule.section == section.name and rule.kind != "sql"]
        if section.name not in sections:
            not_run |= {rule.rule_id: "the section is missing" for rule in own}
            continue
        frame = sections[section.name]
        for kind, judge in (("row", row_findings), ("household", household_findings)):
            rows, failed = judge([rule for rule in own if rule.kind == kind], frame, context.known)
            bad |= rows
            not_run |= failed
    across = [rule for rule in rules if rule.kind == "sql"]
    rows, failed = sql_findings(across, sections, context) if facts is None else check_edition(facts, across)
    return bad | rows, not_run | failed


def _not_run_finding(name: str, section: str, reason: str, blocks: bool) -> pl.DataFrame:
    return found.frame(
        [
            found.Finding(
                rule_id=NOT_RUN,
                severity=found.ERROR if blocks else found.WARNING,
                scope=found.RETURN,
                section=section,
                fields=name,
                message=f"{name[0].upper()}{name[1:]} could not be run: {reason}.",
                action="Nothing is known about what it checks. Mend the input, or report a fault in the rule.",
            )
        ]
    )


def _case_dates(sections: Mapping[str, pl.DataFrame]) -> pl.DataFrame | None:
    main = sections.get("main")
    if main is None or not {"case_ref", "application_date", "assess_date"} <= set(main.columns):
        return None
    return main.select("case_ref", "application_date", "assess_date")


def _within_validity(rule: Rule, rows: pl.DataFrame, dates: pl.DataFrame | None) -> pl.DataFrame:
    """Only findings of cases whose date lies in the rule's dates of validity. Without a date the rule says nothing."""
    if rule.valid_by == "quarter" or dates is None:
        return rows
    day = pl.col(rule.valid_by)
    covered = dates.filter(
        day.is_not_null()
        & (pl.lit(True) if rule.valid_from is None else day >= rule.valid_from)
        & (pl.lit(True) if rule.valid_to is None else day <= rule.valid_to)
    )
    return rows.join(covered, on="case_ref", how="semi")


def _with_officer(findings: pl.DataFrame, sections: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    main = sections.get("main")
    if main is None or findings.is_empty() or not {"case_ref", "officer"} <= set(main.columns):
        return findings
    officers = main.group_by("case_ref").agg(pl.col("officer").cast(pl.String).min())
    return (
        findings.drop("officer")
        .join(officers, on="case_ref", how="left", maintain_order="left")
        .select(list(found.SCHEMA))
    )
