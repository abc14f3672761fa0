"""Rules on section 2: the members of the household."""

from __future__ import annotations

from datetime import date

import polars as pl

from schemas.ages import age_carried, age_on
from schemas.rules._codes import CHILDREN
from schemas.rules._rule import ERROR, FIX, WARNING, Known, RuleBook

rules = RuleBook("people")

col = pl.col

IS_APPLICANT = col("relationship") == "main_applicant"

OLDEST = 110


def age_on_day(day: date) -> pl.Expr:
    """Age on a day: from the date of birth, or else carried on from the day on which the age was taken."""
    return pl.coalesce(age_on(col("date_of_birth"), day), age_carried(col("age"), col("age_date"), day))


# ---- who is in the household ----------------------------------------------------------------------------------------


@rules.household(
    "L-25a",
    "relationship",
    "The household has more than one main applicant.",
    action="Keep one main applicant and give the others their relationship to that person.",
    why="A household is counted by the age, sex and ethnicity of its main applicant. With two of them nobody knows whose is meant.",
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
    why="A household is counted by the age, sex and ethnicity of its main applicant, and its type starts from that person. Without one it counts as not known.",
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
    why="A household is counted as a single adult, a couple or more adults. A second partner makes a couple into something else.",
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
    why="A child cannot be older than the person who applied for it, save in rare families. Mostly a date of birth is wrong or the wrong person is the main applicant, and the household is counted by that person.",
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
    age = age_on_day(known.last_day)
    is_child = col("relationship").is_in(CHILDREN)
    return age.filter(is_child).max() < age.filter(IS_APPLICANT).max()


@rules.household(
    "H-30",
    "nino",
    "Two people of the household have the same National Insurance number.",
    action="Check whether one person was entered twice, or the number copied to the wrong person.",
    why="A National Insurance number belongs to one person. Two people with the same are often one person entered twice, and the household looks larger than it is.",
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
    why="A person entered twice makes the household look larger than it is: a single adult becomes a couple.",
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
    why="Nobody in the household can be born after the export was taken. Ages and the type of household are worked out from this date.",
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
    why="People are counted by age, and the age decides who is a child. An impossible one puts the person into the wrong group.",
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
    return age_on_day(known.last_day).is_between(0, OLDEST) | born_since


@rules.row(
    "H-33",
    "date_of_birth age",
    "The age does not go with the date of birth.",
    action="Correct one of them; the date of birth is used where both are given.",
    why="Where both are given, the date of birth is used. If that is the wrong one, the person is counted in the wrong group.",
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
    return (col("age") >= 0) & (col("age") <= age_on_day(known.as_at))


@rules.row(
    "H-34",
    "relationship date_of_birth age",
    "Neither date of birth nor age is recorded.",
    action="Enter the date of birth, or the age if the date is not known.",
    why="People are counted by age. Without a date of birth or an age the person counts as of unknown age.",
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
