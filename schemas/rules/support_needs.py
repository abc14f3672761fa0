"""Rules on section 3: support needs. Needs that name an age look at any member of the household."""

from __future__ import annotations

import polars as pl

from schemas.rules._codes import NO_NEED
from schemas.rules._orphans import orphan_rule
from schemas.rules._rule import ERROR, FIX, WARNING, Known, RuleBook
from schemas.rules._why import OLD_CODE, nobody_of_age

rules = RuleBook("support_needs")

col = pl.col


@rules.household(
    "N-06",
    "support_need",
    "A support need is recorded more than once for the household.",
    action="Keep each need once; it is a need of the household, not of a person.",
    why="A need counts once for a household, however many people have it. Entered twice it is counted twice.",
    severity=ERROR,
    source="3.2 N-06 [T A3 n.1]",
    confidence="label",
    passes=[[{"support_need": "mental"}, {"support_need": "drug"}]],
    fails=[[{"support_need": "mental"}, {"support_need": "mental"}]],
    nulls=[[{"support_need": None}, {"support_need": None}]],
)
def each_need_once(known: Known) -> pl.Expr:
    return col("support_need").drop_nulls().n_unique() == col("support_need").count()


@rules.household(
    "H-50",
    "support_need",
    "'No support needs' or 'unknown' is recorded beside another need.",
    action="Remove 'none' or 'unknown' if the household has a need; otherwise remove the need.",
    why="'None' and 'unknown' say that no need is known. Beside a need they contradict it, and the household is counted under both.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.10 No support needs / unknown [P]",
    confidence="proposed",
    passes=[[{"support_need": "none"}], [{"support_need": "mental"}, {"support_need": "drug"}]],
    fails=[
        [{"support_need": "none"}, {"support_need": "mental"}],
        [{"support_need": "none"}, {"support_need": "unknown"}],
    ],
    nulls=[[{"support_need": None}, {"support_need": "none"}]],
)
def none_and_unknown_stand_alone(known: Known) -> pl.Expr:
    need = col("support_need").drop_nulls()
    return ~need.is_in(NO_NEED).any() | (need.n_unique() == 1)


rules.sql(
    "H-51",
    "main.case_ref",
    "A duty is owed but nothing is recorded about support needs.",
    action="Enter the support needs, or 'none' if the household has none; without an entry they count as unknown.",
    why="Where nothing is entered the needs count as unknown, not as none. Both figures are published.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.10 No support needs / unknown [P]",
    confidence="proposed",
    passes=[{"main": [{"assess1": "relief"}], "support_needs": [{"support_need": "none"}]}],
    fails=[{"main": [{"assess1": "relief"}]}],
    nulls=[{"main": [{"assess1": None}]}],
)

rules.sql(
    "N-07h",
    "support_need main.assess_date",
    "The support need was not in use on the day of the assessment: it was retired earlier or came later.",
    action="Choose the need that was in use on that day.",
    why=OLD_CODE,
    severity=WARNING,
    finding_kind=FIX,
    source="3.2 N-07 [T A3 n.3-5]; 3.5 (146 retired codes in October to December 2025)",
    confidence="label",
    passes=[{"main": [{"assess_date": "2023-03-31"}], "support_needs": [{"support_need": "care_21_plus"}]}],
    fails=[
        {"main": [{"assess_date": "2023-04-01"}], "support_needs": [{"support_need": "care_21_plus"}]},
        {"main": [{"assess_date": "2023-03-31"}], "support_needs": [{"support_need": "budgeting"}]},
    ],
    nulls=[{"main": [{"assess_date": None}], "support_needs": [{"support_need": "care_21_plus"}]}],
)

orphan_rule(rules, "H-54", {"support_need": "mental"})


def _age_coded(
    rule_id: str,
    need: str,
    age: int,
    wrong_age: int,
    ages: str,
    source: str,
    *,
    born: tuple[str, ...],
    outside: tuple[str, ...],
) -> None:
    """A need whose name gives an age: some member of the household has it when every age is known.

    ``born``: who was of the age on 6 October 2025, the day of the assessment, or 31 December, the quarter's last day.
    """

    def household(
        given: int | None, birth: str | None = None, assessed: str = "2025-10-06"
    ) -> dict[str, list[dict[str, object]]]:
        return {
            "main": [{"application_date": "2025-10-06", "assess_date": assessed}],
            "people": [
                {"relationship": "main_applicant", "age": 15 if need == "care_25" else 45},
                {"relationship": "other_adult", "age": given, "date_of_birth": birth},
            ],
            "support_needs": [{"support_need": need}],
        }

    rules.sql(
        rule_id,
        "support_need people.date_of_birth people.age",
        f"The support need is for a person aged {ages}, but nobody in the household is of that age.",
        action="Check the need and the ages; the person may be missing from the household.",
        why=nobody_of_age(f"aged {ages}"),
        severity=WARNING,
        finding_kind=FIX,
        source=source,
        confidence="label",
        passes=[
            household(age),
            *(household(None, day) for day in born),
            household(None, outside[0], "2026-01-01"),
        ],
        fails=[
            household(wrong_age),
            *(household(None, day) for day in outside),
            household(None, outside[0], "2025-12-31"),
        ],
        nulls=[household(None)],
        relation="L-23",
    )


_age_coded(
    "L-23a",
    "care_18_20",
    19,
    24,
    "18 to 20",
    "3.3 L-23 [labels]",
    born=("2007-12-31", "2004-10-07"),
    outside=("2008-01-01", "2004-10-06"),
)
_age_coded(
    "L-23b",
    "care_21_24",
    22,
    19,
    "21 to 24",
    "3.3 L-23 [labels]",
    born=("2004-12-31", "2000-10-07"),
    outside=("2005-01-01", "2000-10-06"),
)
_age_coded("L-23c", "care_25", 27, 19, "25 or over", "3.3 L-23 [labels]", born=("2000-12-31",), outside=("2001-01-01",))
_age_coded(
    "L-23d",
    "young_16_17",
    16,
    19,
    "16 or 17",
    "3.3 L-23 [labels]; 3.5",
    born=("2009-12-31", "2007-10-07"),
    outside=("2010-01-01", "2007-10-06"),
)
_age_coded(
    "L-23e",
    "young_18_25",
    25,
    27,
    "18 to 25",
    "3.3 L-23 [labels]; 3.5",
    born=("2007-12-31", "1999-10-07"),
    outside=("2008-01-01", "1999-10-06"),
)
_age_coded(
    "L-23f",
    "old_age",
    61,
    50,
    "about 60 or over",
    "3.3 L-22, L-23 [labels]; 3.5",
    born=("1965-12-31",),
    outside=("1966-01-01",),
)
