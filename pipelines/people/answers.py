"""What officers answered about two people: kept in the warehouse, each answer a row, the newest one counts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.errors import UsageError
from pipelines.warehouse import chain
from pipelines.warehouse.store import Warehouse

SAME, DIFFERENT, UNSURE = "same", "different", "not sure"
DECISIONS = (SAME, DIFFERENT, UNSURE)
COMMAND, FILE = "command", "file"

ANSWERS = {
    "answer_no": pl.Int32(),
    "person_a": pl.String(),
    "person_b": pl.String(),
    "decision": pl.String(),
    "is_one_case": pl.Boolean(),
    "match_weight": pl.Float64(),
    "seen": pl.String(),
    "said_by": pl.String(),
    "said_on": pl.Date(),
    "came_from": pl.String(),
}


@dataclass(frozen=True)
class Answer:
    """One answer: two people, the decision, and who said it when.

    ``is_one_case``: the officer says that the two references are one case, re-keyed. ``match_weight``: with which the
    pair was put to the officer, where known. ``seen``: digest of what was compared of the two (``seen_of``), so that a
    rejected pair is asked again only where that has changed.
    """

    person_a: str
    person_b: str
    decision: str
    said_by: str
    said_on: date
    is_one_case: bool = False
    match_weight: float | None = None
    seen: str | None = None
    came_from: str = COMMAND


def in_order(one: str, other: str) -> tuple[str, str]:
    """Two people in the order in which a pair is kept.

    Raises:
        UsageError: it is one person twice, or two of one case, who are members of one household.
    """
    if one == other:
        raise UsageError("The two people are one: name two references.")
    if one.rpartition("/")[0] == other.rpartition("/")[0]:
        raise UsageError(
            "Both people are of one case. If one of them stands twice in the household, take that row out of the case."
        )
    return (one, other) if one < other else (other, one)


def keep(store: Warehouse, la_code: str, answers: Sequence[Answer], *, at: date | None = None) -> int:
    """Keep the answers, without those that say what the newest one on the pair says already; how many were kept.

    Each has its line of the ledger, of the moment ``at``, by default of the day on which it was given.
    """
    newest = {(row["person_a"], row["person_b"]): row for row in newest_answers(store.connection, la_code).to_dicts()}
    compared = ("decision", "is_one_case", "seen")
    fresh: list[Answer] = []
    for answer in answers:
        before = newest.get((answer.person_a, answer.person_b))
        if before is None or any(before[name] != getattr(answer, name) for name in compared):
            fresh.append(answer)
            newest[answer.person_a, answer.person_b] = {name: getattr(answer, name) for name in compared}
    if not fresh:
        return 0
    row = store.connection.execute(
        "select coalesce(max(answer_no), 0) from same_person where la_code = ?", [la_code]
    ).fetchone()
    assert row is not None
    frame = pl.DataFrame(
        [{**vars(answer), "answer_no": number} for number, answer in enumerate(fresh, start=row[0] + 1)], schema=ANSWERS
    )
    with store.transaction():
        arrow.load(
            store.connection,
            f"insert into same_person (la_code, {', '.join(ANSWERS)})"
            f" select '{la_code}', {', '.join(ANSWERS)} from incoming order by answer_no",
            frame,
        )
        numbers = [(la_code, number) for number in frame["answer_no"]]
        chain.record(store.connection, "same_person", numbers, at=at or fresh[0].said_on)
    return len(fresh)


def newest_answers(con: duckdb.DuckDBPyConnection, la_code: str) -> pl.DataFrame:
    """One row per pair that was answered: its newest answer, in the columns of ``ANSWERS``."""
    return con.execute(
        f"select {', '.join(ANSWERS)} from same_person where la_code = ?"
        " qualify row_number() over (partition by person_a, person_b order by answer_no desc) = 1"
        " order by person_a, person_b",
        [la_code],
    ).pl()


def seen_of(compared: pl.DataFrame) -> dict[str, str]:
    """A digest by person of what is compared of them.

    Args:
        compared: rows of ``sql/people/compared.sql``.
    """
    listed = ("forename", "surname", "born", "nino", "address")
    return {
        row[0]: hashlib.sha256("\x1f".join(value or "" for value in row[1:]).encode()).hexdigest()[:16]
        for row in compared.select("person_key", *listed).iter_rows()
    }
