"""Rules on section 7: assistance received with support needs, complete when the case is closed."""

from __future__ import annotations

from typing import Any

import polars as pl

from schemas.rules._codes import NO_NEED
from schemas.rules._orphans import orphan_rule
from schemas.rules._rule import FIX, WARNING, Known, RuleBook
from schemas.rules._why import OLD_CODE

rules = RuleBook("assistance")

col = pl.col


def _closed_on(day: str) -> dict[str, Any]:
    return {
        "main": [{"assess1": "prevention"}],
        "prevention": [{"prevention_end": day, "prevention_outcome": "secured_existing"}],
    }


CLOSED = _closed_on("2025-12-01")


@rules.row(
    "H-90",
    "support_need",
    "Assistance is recorded for 'no support needs' or 'unknown'.",
    action="Remove the entry, or record the support need that was helped with.",
    why="Assistance answers a support need. Where there is none, or none is known, there is nothing to assist with.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.7 [S2, R]",
    confidence="recalled",
    passes=[{"support_need": "mental", "assistance": "provided"}],
    fails=[{"support_need": "none", "assistance": "provided"}],
    nulls=[{"support_need": None}],
)
def assistance_is_for_a_need(known: Known) -> pl.Expr:
    return ~col("support_need").is_in(NO_NEED)


orphan_rule(rules, "H-91", {"support_need": "mental", "assistance": "provided"})

rules.sql(
    "N-07q",
    "support_need main.assess_date",
    "Assistance is recorded for a support need that was not in use on the day of the assessment.",
    action="Choose the need that was in use on that day, here and among the support needs of the household.",
    why=OLD_CODE,
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-07 [T A3 n.3-5]",
    confidence="label",
    passes=[{"main": [{"assess_date": "2023-03-31"}], "assistance": [{"support_need": "care_21_plus"}]}],
    fails=[{"main": [{"assess_date": "2023-04-01"}], "assistance": [{"support_need": "care_21_plus"}]}],
    nulls=[{"main": [{"assess_date": None}], "assistance": [{"support_need": "care_21_plus"}]}],
)

rules.sql(
    "H-93",
    "support_needs.support_need",
    "The case is closed, but nothing is recorded about the assistance with a support need.",
    action="Enter for each support need what assistance was received; 'Not known' is an answer.",
    why="The return asks for the assistance with each support need when a case is closed. Until it is entered, the closed case is not complete.",
    severity=WARNING,
    finding_kind=FIX,
    source="1.6 [S2]; 2.10 Closed [P]",
    confidence="stated",
    passes=[
        {**CLOSED, "support_needs": [{"support_need": "mental"}], "assistance": [{"support_need": "mental"}]},
        {**CLOSED, "support_needs": [{"support_need": "none"}]},
        {**_closed_on("2026-01-01"), "support_needs": [{"support_need": "mental"}]},
        {"main": [{"assess1": "prevention"}], "prevention": [{}], "support_needs": [{"support_need": "mental"}]},
    ],
    fails=[
        {**CLOSED, "support_needs": [{"support_need": "mental"}]},
        {**_closed_on("2025-12-31"), "support_needs": [{"support_need": "mental"}]},
    ],
    nulls=[{**CLOSED, "support_needs": [{"support_need": None}]}],
)

rules.sql(
    "H-94",
    "support_need support_needs.support_need",
    "Assistance is recorded for a support need that the household does not have.",
    action="Add the support need to those of the household, or correct the assistance.",
    why="Assistance answers a support need of the household. Either the need is missing there, and in the count of needs, or the assistance belongs to another.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.7: one row per support need [S2, R]",
    confidence="recalled",
    passes=[{"main": [{}], "support_needs": [{"support_need": "mental"}], "assistance": [{"support_need": "mental"}]}],
    fails=[{"main": [{}], "support_needs": [{"support_need": "drug"}], "assistance": [{"support_need": "mental"}]}],
    nulls=[{"main": [{}], "assistance": [{"support_need": None}]}],
)
