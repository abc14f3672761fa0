"""Rules on section 2: the members of the household."""

from __future__ import annotations

from datetime import date

import polars as pl

from schemas.ages import age_carried, age_on
from schemas.rules._codes import ADULTS, CHILDREN
from schemas.rules._rule import ERROR, FIX, WARNING, Known, RuleBook

rules = RuleBook("people")

col = pl.col

IS_APPLICANT = col("relationship") == "main_applicant"

# Letters that HMRC never issues in a National Insurance number, and prefixes that it never issues. QQ is never issued
# either, which is why invented numbers begin with it: it is let through.
NINO = r"^(QQ|[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z])\d{6}[A-D]?$"
NINO_NEVER_ISSUED = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")

OLDEST = 110
OLDEST_DEPENDENT = 25


def _age_on(day: date) -> pl.Expr:
    return pl.coalesce(age_on(col("date_of_birth"), day), age_carried(col("age"), col("age_date"), day))


# ---- who is in the household ----------------------------------------------------------------------------------------


@rules.household(
    "L-25a",
    "relationship",
    "The household has more than one main applicant.",
    action="Keep one main applicant and give the others their relationship to that person.",
    severity=ERROR,
    source="3.3 L-25 [R]",
    confidence="recalled",
    passes=[[{"relationship": "main_applicant"}, {"relationship": "partner"}]],
    fails=[[{"relationship": "main_applicant"}, {"relationship": "main_applicant"}]],
    nulls=[[{"relationship": None}, {"relationship": "main_applicant"}]],
)
def at_most_one_main_applicant(known: Known) -> pl.Expr:
    return IS_APPLICANT.sum() <= 1


@rules.household(
    "L-25b",
    "relationship",
    "The household has people but no main applicant.",
    action="Mark the person who applied as the main applicant.",
    severity=ERROR,
    source="3.3 L-25 [R]",
    confidence="recalled",
    passes=[[{"relationship": "dependent_child"}, {"relationship": "main_applicant"}]],
    fails=[[{"relationship": "partner"}, {"relationship": "dependent_child"}]],
    nulls=[[{"relationship": None}, {"relationship": "partner"}]],
)
def someone_is_main_applicant(known: Known) -> pl.Expr:
    return IS_APPLICANT.any() | col("relationship").is_null().any()


@rules.household(
    "L-25c",
    "relationship",
    "The household has more than one partner of the main applicant.",
    action="Record one partner; give others in the household another relationship.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-25 [R]",
    confidence="recalled",
    passes=[[{"relationship": "main_applicant"}, {"relationship": "partner"}]],
    fails=[[{"relationship": "partner"}, {"relationship": "partner"}]],
    nulls=[[{"relationship": None}, {"relationship": "partner"}]],
)
def at_most_one_partner(known: Known) -> pl.Expr:
    return (col("relationship") == "partner").sum() <= 1


@rules.household(
    "L-25d",
    "relationship date_of_birth age",
    "A child of the household is recorded as older than the main applicant.",
    action="Check the dates of birth and who is the main applicant.",
    severity=WARNING,
    finding_kind=FIX,
    source="3.3 L-25 [R]",
    confidence="recalled",
    # On 31 December 2025 who was born on 1 January 1990 is 35, on 31 December 1990 too, on 1 January 1991 is 34.
    passes=[
        [
            {"relationship": "main_applicant", "date_of_birth": "1990-01-01"},
            {"relationship": "other_child", "date_of_birth": "1991-01-01"},
        ],
        [
            {"relationship": "main_applicant", "date_of_birth": "1990-01-01"},
            {"relationship": "dependent_child", "date_of_birth": "2015-01-01"},
        ],
    ],
    fails=[
        [
            {"relationship": "main_applicant", "date_of_birth": "1990-01-01"},
            {"relationship": "other_child", "date_of_birth": "1990-12-31"},
        ],
        [{"relationship": "main_applicant", "age": 19}, {"relationship": "other_child", "age": 21}],
        [{"relationship": "main_applicant", "age": 19}, {"relationship": "other_child", "age": 19}],
        [
            {"relationship": "main_applicant", "date_of_birth": "2015-01-01"},
            {"relationship": "dependent_child", "date_of_birth": "1990-01-01"},
        ],
    ],
    nulls=[
        [{"relationship": "main_applicant"}, {"relationship": "dependent_child", "age": 9}],
        [{"relationship": "main_applicant", "age": 30}, {"relationship": "dependent_child"}],
    ],
)
def children_are_younger_than_applicant(known: Known) -> pl.Expr:
    age = _age_on(known.last_day)
    is_child = col("relationship").is_in(CHILDREN)
    return age.filter(is_child).max() < age.filter(IS_APPLICANT).max()


@rules.household(
    "H-30",
    "nino",
    "Two people of the household have the same National Insurance number.",
    action="Check whether one person was entered twice, or the number copied to the wrong person.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.2 nino [S14]",
    confidence="proposed",
    passes=[[{"nino": "QQ123456A"}, {"nino": "QQ123456B"}]],
    fails=[[{"nino": "QQ123456A"}, {"nino": "QQ123456A"}]],
    nulls=[[{"nino": None}, {"nino": None}]],
)
def numbers_differ(known: Known) -> pl.Expr:
    return col("nino").drop_nulls().n_unique() == col("nino").count()


@rules.household(
    "H-31",
    "forename surname date_of_birth",
    "The same person seems to be in the household twice.",
    action="Remove the second entry, or correct the name or date of birth.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.2 [S14]",
    confidence="proposed",
    passes=[
        [
            {"forename": "Ada", "surname": "Test", "date_of_birth": "1990-01-01"},
            {"forename": "Ada", "surname": "Test", "date_of_birth": "1990-01-02"},
        ],
        [
            {"forename": "Ada", "surname": "Test", "date_of_birth": "1990-01-01"},
            {"forename": "Ben", "surname": "Test", "date_of_birth": "1990-01-01"},
        ],
    ],
    fails=[
        [
            {"forename": "Ada", "surname": "Test", "date_of_birth": "1990-01-01"},
            {"forename": "Ada", "surname": "Test", "date_of_birth": "1990-01-01"},
        ]
    ],
    nulls=[[{"forename": "Ada", "surname": "Test"}, {"forename": "Ada", "surname": "Test"}]],
)
def persons_differ(known: Known) -> pl.Expr:
    person = pl.concat_str(["forename", "surname", col("date_of_birth").cast(pl.String)], separator="|")
    return person.drop_nulls().n_unique() == person.count()


# ---- ages -----------------------------------------------------------------------------------------------------------


@rules.row(
    "L-01b",
    "date_of_birth",
    "The date of birth is after the day the export was taken.",
    action="Correct the date of birth; leave unborn children out of the people of the household.",
    severity=ERROR,
    source="3.3 L-01; design 3.7",
    confidence="statute",
    passes=[{"date_of_birth": "2026-01-15"}],
    fails=[{"date_of_birth": "2026-01-16"}],
    nulls=[{"date_of_birth": None}],
)
def born_before_export(known: Known) -> pl.Expr:
    return col("date_of_birth") <= known.as_at


@rules.row(
    "H-32",
    "date_of_birth age",
    "The age is negative or above 110.",
    action="Correct the date of birth or the age.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.2 [T A6]",
    confidence="proposed",
    passes=[{"date_of_birth": "1940-05-05"}, {"date_of_birth": "1915-01-01"}, {"age": 0}],
    fails=[{"date_of_birth": "1901-05-05"}, {"date_of_birth": "1914-12-31"}, {"age": -1}, {"age": 199}],
    nulls=[{"date_of_birth": None, "age": None}],
)
def age_is_plausible(known: Known) -> pl.Expr:
    # A birth after the quarter's end is lawful up to the day of the export, and makes the age there negative.
    born_since = col("date_of_birth").is_between(known.last_day, known.as_at).fill_null(False)
    return _age_on(known.last_day).is_between(0, OLDEST) | born_since


@rules.row(
    "H-33",
    "date_of_birth age",
    "The age does not go with the date of birth.",
    action="Correct one of them; the date of birth is used where both are given.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.2 [T A6]",
    confidence="proposed",
    # The export is of 15 January 2026.
    passes=[
        {"date_of_birth": "1990-01-15", "age": 36},
        {"date_of_birth": "1990-01-01", "age": 36},
        {"date_of_birth": "1990-01-01", "age": 33},
        {"date_of_birth": "2025-12-01", "age": 0},
    ],
    fails=[
        {"date_of_birth": "1990-01-16", "age": 36},
        {"date_of_birth": "1990-01-01", "age": 37},
        {"date_of_birth": "1990-01-01", "age": -1},
    ],
    nulls=[{"date_of_birth": None, "age": 37}, {"date_of_birth": "1990-01-01", "age": None}],
)
def age_goes_with_birth(known: Known) -> pl.Expr:
    # The age may have been taken on an earlier day, so only an age that lies ahead of the birth is wrong.
    return (col("age") >= 0) & (col("age") <= _age_on(known.as_at))


@rules.row(
    "H-34",
    "relationship date_of_birth age",
    "Neither date of birth nor age is recorded.",
    action="Enter the date of birth, or the age if the date is not known.",
    severity=WARNING,
    finding_kind=FIX,
    source="2.2 [T A6]",
    confidence="proposed",
    passes=[{"relationship": "partner", "age": 30}, {"relationship": "partner", "date_of_birth": "1990-01-01"}],
    fails=[{"relationship": "main_applicant"}],
    nulls=[{"relationship": None, "date_of_birth": None, "age": None}],
)
def age_is_recorded(known: Known) -> pl.Expr:
    return col("relationship").is_null() | col("date_of_birth").is_not_null() | col("age").is_not_null()


# ---- characteristics ------------------------------------------------------------------------------------------------


def _applicant_needs(rule_id: str, column: str, what: str, source: str, **more: date | str) -> None:
    """A characteristic of the main applicant that a published table shows."""

    @rules.row(
        rule_id,
        f"relationship {column}",
        f"The {what} of the main applicant is not recorded.",
        action=f"Enter the {what}; choose the 'not known' value if the person was asked and did not say.",
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
    return ~col("dependent") | (_age_on(known.last_day) <= OLDEST_DEPENDENT)


@rules.row(
    "H-42",
    "sex pregnant",
    "A male person is recorded as pregnant.",
    action="Check the sex and the pregnancy.",
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
