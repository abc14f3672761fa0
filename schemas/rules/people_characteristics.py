"""Rules on section 2: what is recorded of a person."""

from __future__ import annotations

from datetime import date

import polars as pl

from schemas.rules._codes import ADULTS
from schemas.rules._rule import FIX, WARNING, Known, RuleBook
from schemas.rules.people import IS_APPLICANT, age_on_day

rules = RuleBook("people")

col = pl.col

# Letters that HMRC never issues in a National Insurance number, and prefixes that it never issues. QQ is never issued
# either, which is why invented numbers begin with it: it is let through.
NINO = r"^(QQ|[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])\d{6}[A-D]?$"
NINO_NEVER_ISSUED = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")

OLDEST_DEPENDENT = 25


def _applicant_needs(rule_id: str, column: str, what: str, source: str, **more: date | str) -> None:
    """A characteristic of the main applicant that a published table shows."""

    @rules.row(
        rule_id,
        f"relationship {column}",
        f"The {what} of the main applicant is not recorded.",
        action=f"Enter the {what}; choose the 'not known' value if the person was asked and did not say.",
        why=f"Households owed a duty are counted by the {what} of the main applicant. Left blank it counts as not known, as if nobody had asked.",
        severity=WARNING,
        finding_kind=FIX,
        source=source,
        confidence="proposed",
        passes=[{"relationship": "main_applicant", column: "other"}, {"relationship": "partner", column: None}],
        fails=[{"relationship": "main_applicant", column: None}],
        nulls=[{"relationship": None, column: None}],
        **more,  # type: ignore[arg-type]
    )
    def recorded_for_applicant(known: Known) -> pl.Expr:
        return ~IS_APPLICANT | col(column).is_not_null()


_applicant_needs("H-35", "sex", "sex", "2.2 [T A5]")
_applicant_needs("H-36", "ethnicity", "ethnicity", "2.2.1 [T A8]")
_applicant_needs("H-37", "sexual_orientation", "sexual orientation", "2.2 [T A12]")


@rules.household(
    "H-38",
    "gender_identity",
    "The gender identity of the main applicant is not recorded.",
    action="Enter whether gender identity is the same as the sex registered at birth; 'Prefer not to say' is an answer.",
    why="Households owed a duty are counted by the gender identity of the main applicant. Left blank it counts as not known, as if nobody had asked.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.2 [T A13, first published for April to June 2024]",
    confidence="label",
    valid_from=date(2024, 4, 1),
    valid_by="assess_date",
    passes=[
        {
            "main": [{"assess_date": "2024-04-01"}],
            "people": [{"relationship": "main_applicant", "gender_identity": "same"}, {"relationship": "partner"}],
        },
        {"main": [{"assess_date": "2024-03-31"}], "people": [{"relationship": "main_applicant"}]},
    ],
    fails=[{"main": [{"assess_date": "2024-04-01"}], "people": [{"relationship": "main_applicant"}]}],
    nulls=[
        {"main": [{"assess_date": None}], "people": [{"relationship": "main_applicant"}]},
        {"main": [{"assess_date": "2024-04-01"}], "people": [{"relationship": None}]},
    ],
)
def applicant_gender_identity_is_recorded(known: Known) -> pl.Expr:
    return ~IS_APPLICANT.fill_null(False).any() | col("gender_identity").filter(IS_APPLICANT).is_not_null().any()


@rules.row(
    "H-39",
    "relationship dependent",
    "The main applicant or the partner is marked as a dependent child.",
    action="Remove the mark, or correct the relationship.",
    why="Dependent children decide whether a household counts as a family and can give it priority need. Nobody is a dependent child of their own household.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.2 dependent [T TA8 n.2]; 2.10 [P]",
    confidence="proposed",
    passes=[{"relationship": "main_applicant", "dependent": False}, {"relationship": "other_child", "dependent": True}],
    fails=[{"relationship": "partner", "dependent": True}],
    nulls=[{"relationship": "main_applicant", "dependent": None}, {"relationship": None, "dependent": True}],
)
def adults_are_not_dependent(known: Known) -> pl.Expr:
    return ~col("dependent") | ~col("relationship").is_in(ADULTS)


@rules.row(
    "H-40",
    "relationship dependent",
    "A dependent child is marked as not dependent.",
    action="Correct the relationship, for example to 'other child', or the mark.",
    why="The mark decides whether the household counts as a family with children, not the relationship. As it stands, this child does not count.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.2 dependent [T TA8 n.2]; 2.10 [P]",
    confidence="proposed",
    passes=[
        {"relationship": "dependent_child", "dependent": True},
        {"relationship": "other_adult", "dependent": False},
    ],
    fails=[{"relationship": "dependent_child", "dependent": False}],
    nulls=[{"relationship": "dependent_child", "dependent": None}],
)
def dependent_children_are_dependent(known: Known) -> pl.Expr:
    return (col("relationship") != "dependent_child") | col("dependent")


@rules.row(
    "H-41",
    "dependent date_of_birth age",
    "A person aged over 25 is marked as a dependent child.",
    action="Check the age and the mark; a dependent is a child in the sense of priority need.",
    why="A dependent is a child in the sense of priority need. Somebody over 25 so marked turns the household into a family with children in every figure.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.10 Dependent [P]",
    confidence="proposed",
    passes=[
        {"dependent": True, "age": 18},
        {"dependent": False, "age": 40},
        {"dependent": True, "date_of_birth": "2000-01-01"},
    ],
    fails=[{"dependent": True, "age": 40}, {"dependent": True, "date_of_birth": "1999-12-31"}],
    nulls=[{"dependent": True, "age": None}, {"dependent": None, "age": 40}],
)
def dependents_are_young(known: Known) -> pl.Expr:
    return ~col("dependent") | (age_on_day(known.last_day) <= OLDEST_DEPENDENT)


@rules.row(
    "H-42",
    "sex pregnant",
    "A male person is recorded as pregnant.",
    action="Check the sex and the pregnancy.",
    why="A pregnancy gives priority need and limits the time in bed and breakfast to six weeks. It must stand with the person who is pregnant.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.2 pregnant [R]",
    confidence="recalled",
    passes=[{"sex": "female", "pregnant": True}, {"sex": "male", "pregnant": False}],
    fails=[{"sex": "male", "pregnant": True}],
    nulls=[{"sex": None, "pregnant": True}, {"sex": "male", "pregnant": None}],
)
def men_are_not_pregnant(known: Known) -> pl.Expr:
    return ~col("pregnant") | (col("sex") != "male")


@rules.row(
    "H-43",
    "nino",
    "The National Insurance number does not have the right form.",
    action="Enter two letters, six digits and a letter from A to D, or leave it blank if it is not known.",
    why="The number is sent in the file of personal data. One of a wrong form is nobody's.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.2 nino [S14, R]; HMRC manual NIM39110",
    confidence="recalled",
    passes=[{"nino": "QQ123456A"}, {"nino": "qq 12 34 56 c"}, {"nino": "AB123456D"}],
    fails=[{"nino": "QQ12345A"}, {"nino": "GB123456A"}, {"nino": "DA123456A"}],
    nulls=[{"nino": None}],
)
def national_insurance_number_has_form(known: Known) -> pl.Expr:
    number = col("nino").str.replace_all(r"\s", "").str.to_uppercase()
    return number.str.contains(NINO) & ~number.str.head(2).is_in(NINO_NEVER_ISSUED)
