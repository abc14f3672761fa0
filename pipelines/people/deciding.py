"""Keeping what officers answered, and listing the numbers that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.people.answers import Answer, in_order, keep, seen_of
from pipelines.people.candidates import role_of
from pipelines.people.files import Read, check_name
from pipelines.people.linking import compare_ready
from pipelines.people.numbers import Contradiction, issue, numbers
from pipelines.people.rekeyed import people_now
from pipelines.warehouse.chain import day_of
from pipelines.warehouse.store import Warehouse


@dataclass(frozen=True)
class Kept:
    """How many answers were new, and a sentence for each group of people that answers join and part at once."""

    count: int
    contradictions: tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    """``listed``: one row per person: person, case_ref, your_reference, role, person_number. ``several``: how many
    person numbers stand for more than one reference. ``given``: how many were given now."""

    listed: pl.DataFrame
    several: int
    given: int
    contradictions: tuple[str, ...]


def decide(
    store: Warehouse, la_code: str, said: Sequence[Read], *, said_by: str, said_on: date, came_from: str
) -> Kept:
    """Keep the answers, given at a moment or on a day: all of them, or none where one names a person who is not there.

    Raises:
        UsageError: no name, a person who is not in the warehouse, or two people of one case.
        InputError: the warehouse holds no run of the authority.
    """
    name = check_name(said_by)
    recorded, _ = people_now(store, la_code)
    pairs = [in_order(recorded.key_of(answer.person_a), recorded.key_of(answer.person_b)) for answer in said]
    keys = sorted({key for pair in pairs for key in pair})
    seen = seen_of(compare_ready(recorded.people_of(*keys)))
    answers = [
        Answer(
            person_a=one,
            person_b=other,
            decision=answer.decision,
            is_one_case=answer.is_one_case,
            match_weight=answer.match_weight,
            seen=f"{seen[one]} {seen[other]}",
            said_by=name,
            said_on=day_of(said_on),
            came_from=came_from,
        )
        for (one, other), answer in zip(pairs, said, strict=True)
    ]
    with store.transaction():
        issue(store, la_code, recorded.people)
        count = keep(store, la_code, answers, at=said_on)
    return Kept(count, _sentences(numbers(store, la_code).contradictions))


def numbered(store: Warehouse, la_code: str) -> Listed:
    """Everybody's number, those who had none given one.

    Raises:
        InputError: the warehouse holds no run of the authority.
    """
    recorded, _ = people_now(store, la_code)
    given = issue(store, la_code, recorded.people)
    found = numbers(store, la_code)
    listed = (
        recorded.people.join(found.numbers, on="person_key", suffix="_shared")
        .join(recorded.cases.select("case_ref", "local_ref"), on="case_ref", how="left")
        .select(
            pl.col("person_key").alias("person"),
            "case_ref",
            pl.coalesce("local_ref", "case_ref").alias("your_reference"),
            pl.col("relationship").map_elements(role_of, return_dtype=pl.String, skip_nulls=False).alias("role"),
            pl.col("person_no_shared").alias("person_number"),
        )
        .sort("person_number", "person")
    )
    several = listed.group_by("person_number").len().filter(pl.col("len") > 1).height
    return Listed(listed, several, given, _sentences(found.contradictions))


def _sentences(found: Sequence[Contradiction]) -> tuple[str, ...]:
    return tuple(
        f"The answers contradict each other: {', '.join(item.people)} were confirmed to be one person, but"
        f" {item.pair[0]} and {item.pair[1]}"
        + (" are members of one household." if item.is_household else " were said to be two people.")
        + " They keep a number each until one of the answers is taken back."
        for item in found
    )
