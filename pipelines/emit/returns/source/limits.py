"""What cannot be judged in a return alone, by name: a return holds no local field, and ages of one day only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from pipelines.validate import Validation
from schemas.rules import Rule

REST_ON_LOCAL_FIELDS = {
    "L-19a": "the day by which the review was due, and that of the representations, are local fields",
    "L-19b": "the day by which the review is due, and that of the representations, are local fields",
    "L-26b": "reference and site of the placement, which tell a split household's two placements apart, are local",
}
"""Rules that would speak where only a local field is missing, and why; of a return they are not judged."""

REST_ON_BIRTHS = {
    rule: "the age on an earlier day follows from the date of birth; the case file has that at the quarter's end only"
    for rule in (
        *("L-22a", "L-22b", "L-22c", "V-07a", "V-07b"),
        *(f"L-23{letter}" for letter in "abcdefg"),
    )
}
"""Rules about an age on an earlier day; of a return they are judged in cases of which every birth is known."""

OF_EXPORTS = {
    "E-02": "a return holds nothing later than its quarter, on whatever day it is judged, and its own cases only",
}
"""What is asked of the dates of an export and not of a return, and why."""

OF_READING = frozenset({"X-77"})
"""Findings on the reading of a return that an export with dates of birth has no cause for."""

UNLIKE_WITHOUT_BIRTHS = frozenset({"A6", "E1"})
"""Published tables, and sections of the P1E, by the applicant's age on an earlier day: without the personal-data file
they are made by the age at the quarter's end."""


def rules_for_return(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules that can be judged in a return."""
    return tuple(rule for rule in rules if rule.rule_id not in REST_ON_LOCAL_FIELDS)


def only_certain(validation: Validation, sections: Mapping[str, pl.DataFrame]) -> Validation:
    """Without what an unknown date of birth may make a rule say."""
    unborn = sections["people"].filter(pl.col("date_of_birth").is_null()).get_column("case_ref").unique()
    in_doubt = pl.col("rule_id").is_in(list(REST_ON_BIRTHS)) & pl.col("case_ref").is_in(unborn.implode())
    kept = validation.findings.filter(~in_doubt.fill_null(False))
    counts = kept.group_by("rule_id").agg(pl.len().cast(pl.Int64).alias("_now"))
    now = pl.when(pl.col("rule_id").is_in(list(REST_ON_BIRTHS))).then(pl.col("_now").fill_null(0))
    rules = validation.rules.join(counts, on="rule_id", how="left", maintain_order="left")
    rules = rules.with_columns(now.otherwise(pl.col("findings")).alias("findings")).drop("_now")
    return replace(validation, findings=kept, rules=rules)


def say() -> str:
    """That some rules were not judged, for the screen."""
    names = ", ".join(REST_ON_LOCAL_FIELDS)
    return (
        f"A return holds no local fields: {names} were not judged. Rules about ages on an earlier day were judged where"
        " every date of birth is known."
    )
