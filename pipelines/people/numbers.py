"""Person numbers: one for everybody whom a run has seen, and one number for all that were confirmed to be one person.

Everybody has a number of their own, issued once, in the order in which runs first saw them. People who were confirmed
to be one share the lowest of theirs: it is the one that was given out first. Nothing is merged in what is kept, so that
a confirmation taken back gives each their own number again.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines import arrow
from pipelines.people.answers import DIFFERENT, SAME, newest_answers
from pipelines.warehouse.store import Warehouse


@dataclass(frozen=True)
class Contradiction:
    """People whom answers join and part at once: their keys, and the pair that says so.

    ``is_household``: the pair was not rejected, but is of one case, whose members are different people.
    """

    people: tuple[str, ...]
    pair: tuple[str, str]
    is_household: bool


@dataclass(frozen=True)
class Numbers:
    """``numbers``: one row per person: person_key, own_no, person_no (shared with those confirmed to be the same).
    ``groups``: the keys of each group of one person under several references. ``contradictions``: groups that are left
    apart, each with their own numbers, until one of the answers is put right."""

    numbers: pl.DataFrame
    groups: tuple[tuple[str, ...], ...]
    contradictions: tuple[Contradiction, ...]


def issue(store: Warehouse, la_code: str, people: pl.DataFrame) -> int:
    """Give a number to each of the people who has none yet; how many were given.

    Args:
        store: the warehouse.
        la_code: the authority; each has its own numbers.
        people: ``person_key``, ``case_ref``, ``person_no`` and ``first_run`` of everybody.
    """
    con = store.connection
    known = con.execute("select person_key from person_number where la_code = ?", [la_code]).pl()
    fresh = people.join(known.cast({"person_key": pl.String()}), on="person_key", how="anti").sort(
        "first_run", "case_ref", "person_no", "person_key"
    )
    if not fresh.height:
        return 0
    with store.transaction():
        row = con.execute(
            "select coalesce(max(person_no), 0) from person_number where la_code = ?", [la_code]
        ).fetchone()
        assert row is not None
        issued = fresh.select("person_key", (pl.int_range(pl.len()) + 1 + row[0]).cast(pl.Int64).alias("person_no"))
        arrow.load(
            con,
            f"insert into person_number (la_code, person_key, person_no)"
            f" select '{la_code}', person_key, person_no from incoming order by person_no",
            issued,
        )
    return fresh.height


def numbers(store: Warehouse, la_code: str) -> Numbers:
    """The numbers as they are shared now. Everybody must have been given one (``issue``)."""
    own = store.connection.execute(
        "select person_key, person_no as own_no from person_number where la_code = ? order by person_no", [la_code]
    ).pl()
    groups, contradictions = groups_of(newest_answers(store.connection, la_code))
    numbered: dict[str, int] = dict(own.iter_rows())
    shared = {
        key: min(numbered[other] for other in group if other in numbered)
        for group in groups
        for key in group
        if key in numbered
    }
    return Numbers(
        own.with_columns(person_no=pl.col("person_key").replace_strict(shared, default=pl.col("own_no"))),
        groups,
        contradictions,
    )


def groups_of(answers: pl.DataFrame) -> tuple[tuple[tuple[str, ...], ...], tuple[Contradiction, ...]]:
    """The people whom the newest answers make one, and the groups that answers join and part at once.

    Args:
        answers: one row per pair (``answers.newest_answers``).
    """
    pairs = {
        decision: list(answers.filter(pl.col("decision") == decision).select("person_a", "person_b").iter_rows())
        for decision in (SAME, DIFFERENT)
    }
    groups, contradictions = [], []
    for group in _joined(pairs[SAME]):
        against = _against(group, pairs[DIFFERENT])
        if against is None:
            groups.append(group)
        else:
            contradictions.append(against)
    return tuple(groups), tuple(contradictions)


def _joined(pairs: list[tuple[str, str]]) -> list[tuple[str, ...]]:
    """The connected groups, each sorted, in order of their first member."""
    head: dict[str, str] = {}

    def find(key: str) -> str:
        while head.setdefault(key, key) != key:
            key = head[key]
        return key

    for one, other in pairs:
        first, second = sorted((find(one), find(other)))
        head[second] = first
    groups: dict[str, list[str]] = {}
    for key in sorted(head):
        groups.setdefault(find(key), []).append(key)
    return [tuple(group) for _, group in sorted(groups.items())]


def _against(group: tuple[str, ...], rejected: list[tuple[str, str]]) -> Contradiction | None:
    members = set(group)
    for one, other in rejected:
        if one in members and other in members:
            return Contradiction(group, (one, other), is_household=False)
    by_case: dict[str, str] = {}
    for key in group:
        case = key.rpartition("/")[0]
        if case in by_case:
            return Contradiction(group, (by_case[case], key), is_household=True)
        by_case[case] = key
    return None
