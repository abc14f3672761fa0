"""The rules of the return judged again on the cases as sent: what fails only there is a fault of hclic."""

from __future__ import annotations

import duckdb
import polars as pl

from pipelines.findings import ERROR
from pipelines.transform import RECORDED, SENT, edition
from pipelines.validate import apply_rules
from pipelines.validate.context import Context
from schemas.rules import RULES, Rule
from schemas.sections import SECTION, SECTIONS

FAULTS: dict[str, pl.DataType] = {"rule_id": pl.String(), "cases": pl.Int64()}


def concerns_return(rule: Rule) -> bool:
    """Whether an error of the rule is an error of the return: it reads no local field."""
    named = [name.rpartition(".") for name in rule.fields]
    return rule.severity == ERROR and not any(
        SECTION[section or rule.section].column(column).local for section, _, column in named
    )


def sent_faults(con: duckdb.DuckDBPyConnection, recorded: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Rules that hold for cases as recorded and fail for them as sent.

    No rule looks beyond one case, so only cases are judged in which masking has changed something. Rules that warn are
    left out: a decision that lies after the quarter is rightly awaited in it.

    Args:
        con: a run database in which the cases as sent have been built.
        recorded: the findings on the cases as recorded, with ``rule_id`` and ``case_ref``; waived ones too.
        context: what the cases were judged for.

    Returns:
        one row per rule (columns ``FAULTS``): in how many cases it fails as sent alone.
    """
    with edition(con, SENT):
        con.execute("create or replace temp table changed_cases (case_ref varchar)")
        for section in SECTIONS:
            columns = ", ".join(name for (name, *_) in con.execute(f"describe {SENT}.{section.name}").fetchall())
            con.execute(
                "insert into changed_cases select distinct case_ref from ("
                f"(select {columns} from {RECORDED}.{section.name} semi join {SENT}.main using (case_ref)"
                f" except select {columns} from {SENT}.{section.name})"
                f" union all (select {columns} from {SENT}.{section.name}"
                f" except select {columns} from {RECORDED}.{section.name}))"
            )
        sections = {section.name: _rows(con, section.name) for section in SECTIONS}
        con.execute("drop table temp.changed_cases")
    if sections["main"].is_empty():
        return pl.DataFrame(schema=FAULTS)
    parts, _ = apply_rules([rule for rule in RULES if concerns_return(rule)], sections, context)
    found = [part.select("rule_id", "case_ref") for part in parts]
    if not found:
        return pl.DataFrame(schema=FAULTS)
    # What the officer is told already, by this check or another of the same rule, is hers or his to mend.
    told = recorded.select(_rule_of(), "case_ref").unique()
    return (
        pl.concat(found)
        .unique()
        .with_columns(_rule_of())
        .join(told, on=["rule", "case_ref"], how="anti", nulls_equal=True)
        .group_by("rule_id")
        .agg(pl.len().cast(pl.Int64).alias("cases"))
        .sort("rule_id")
    )


def _rule_of() -> pl.Expr:
    """The rule of the specification that a check carries out; a rule of our own stands for itself."""
    spec = {rule.rule_id: rule.spec_id or rule.rule_id for rule in RULES}
    return pl.col("rule_id").replace(spec).alias("rule")


def fault_sentences(faults: pl.DataFrame) -> list[str]:
    """What to tell the user of each rule of ``sent_faults``."""
    return [
        f"Rule {rule_id} holds for the cases as recorded and fails for {cases:,} of them as sent. What hclic masked"
        " after the quarter's end broke it: a fault of hclic, please report it. The return is not written."
        for rule_id, cases in faults.rows()
    ]


def _rows(con: duckdb.DuckDBPyConnection, section_name: str) -> pl.DataFrame:
    """The changed cases' rows of a section as sent, with names and addresses as they were recorded."""
    section = SECTION[section_name]
    rows = con.execute(f"select * from {SENT}.{section_name} semi join changed_cases using (case_ref)").pl()
    if lacking := [name for name in section.names if name not in rows.columns]:
        key = ["case_ref", *(name for name in section.key if name != "case_ref")]
        columns = ", ".join((*key, *lacking))
        recorded = con.execute(
            f"select {columns} from {RECORDED}.{section_name} semi join changed_cases using (case_ref)"
        ).pl()
        rows = rows.join(recorded, on=key, how="left")
    return rows.select(section.names)
