"""Who a person is from run to run: a member of a case, followed through the runs by what is recorded of them.

The number of a person within a case is a position: systems renumber a household when a member leaves. A person is
therefore known by the case and the number under which they were first seen in it (``E06000034_000000030363/2``), and
followed from one run to the next by National Insurance number, name and birthday; the number decides only where these
do not. Such a key holds nothing of the person, so that it can stand in a command and in a log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import polars as pl

APPLICANT = "main_applicant"

SPANS = {
    "case_ref": pl.String(),
    "person_no": pl.Int64(),
    "relationship": pl.String(),
    "date_of_birth": pl.Date(),
    "forename": pl.String(),
    "surname": pl.String(),
    "nino": pl.String(),
    "last_address": pl.String(),
    "from_run": pl.Int32(),
    "until_run": pl.Int32(),
}
"""One row per member of a household and span of runs in which nothing of them changed."""

PEOPLE = {
    "person_key": pl.String(),
    "case_ref": pl.String(),
    "person_no": pl.Int64(),
    "relationship": pl.String(),
    "is_applicant": pl.Boolean(),
    "forename": pl.String(),
    "surname": pl.String(),
    "date_of_birth": pl.Date(),
    "nino": pl.String(),
    "last_address": pl.String(),
    "first_run": pl.Int32(),
    "until_run": pl.Int32(),
}
"""One row per person, as last recorded. ``until_run``: the first run without them, null where they are there still."""


@dataclass(frozen=True, eq=False)
class _Seen:
    """A member as one run has them."""

    number: int | None
    relationship: str | None
    born: date | None
    forename: str
    nino: str
    row: dict[str, Any]


@dataclass(eq=False)
class _Person:
    key: str
    first: int
    seen: _Seen
    until: int | None = None


_Sign = Callable[[_Seen], object | None]


def _said(*values: object) -> tuple[object, ...] | None:
    """The values together; None where one of them is missing, so that nothing is the same by being unknown."""
    return None if any(value is None or value == "" for value in values) else values


_SIGNS: tuple[_Sign, ...] = (
    lambda seen: _said(seen.nino),
    lambda seen: _said(seen.born, seen.forename),
    lambda seen: _said(seen.born, seen.number),
    lambda seen: _said(seen.forename, seen.number),
    lambda seen: _said(seen.born, seen.relationship),
    lambda seen: _said(seen.forename, seen.relationship),
    lambda seen: _said(seen.number, seen.relationship == APPLICANT or None),
)
"""By what a member is known again, the surest first; each only where it means one member before and one now."""

_NEVER = 2**31


def follow(spans: pl.DataFrame) -> pl.DataFrame:
    """Every person that the runs have seen, as last recorded, in the columns of ``PEOPLE``, by key.

    Args:
        spans: rows in the columns of ``SPANS``.
    """
    known = spans.select(*SPANS)
    runs = ("from_run", "until_run")
    is_plain = pl.all_horizontal(pl.col(name).n_unique().over("case_ref") == 1 for name in runs) & (
        pl.col("person_no").is_not_null().all() & pl.col("person_no").is_unique().all()
    ).over("case_ref")
    told = known.with_columns(_is_plain=is_plain)
    plain = told.filter("_is_plain").select(
        pl.format("{}/{}", "case_ref", "person_no").alias("person_key"),
        *(name for name in PEOPLE if name in SPANS and name != "until_run"),
        (pl.col("relationship") == APPLICANT).fill_null(value=False).alias("is_applicant"),
        pl.col("from_run").alias("first_run"),
        "until_run",
    )
    changing = told.filter(~pl.col("_is_plain")).sort("case_ref", "from_run", "person_no", *SPANS, nulls_last=True)
    found: list[dict[str, Any]] = []
    for _, group in groupby(changing.drop("_is_plain").iter_rows(named=True), key=lambda row: row["case_ref"]):
        found.extend(_described(person) for person in _of_case(list(group)))
    return pl.concat([plain.select(*PEOPLE), pl.DataFrame(found, schema=PEOPLE)]).sort("person_key")


def _of_case(rows: list[dict[str, Any]]) -> list[_Person]:
    people: list[_Person] = []
    for run, present in _states(rows):
        left = [_seen(row) for row in present]
        there = [person for person in people if person.until is None]
        gone = [person for person in people if person.until is not None]
        for person in there:
            person.until = run
        for known in (there, gone):
            for sign in (_itself, *_SIGNS):
                _know_again(known, left, sign)
        for seen in left:
            people.append(_Person(_key(seen, people), run, seen))
    return people


def _states(rows: list[dict[str, Any]]) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """The runs in which the household is another one than in the run before, each with its members then."""
    ends = {row["until_run"] for row in rows if row["until_run"] is not None}
    for run in sorted({row["from_run"] for row in rows} | ends):
        yield run, [row for row in rows if row["from_run"] <= run < (row["until_run"] or _NEVER)]


def _seen(row: dict[str, Any]) -> _Seen:
    forename, nino = ((row[name] or "").strip().casefold() for name in ("forename", "nino"))
    return _Seen(row["person_no"], row["relationship"], row["date_of_birth"], forename, nino, row)


def _key(seen: _Seen, people: list[_Person]) -> str:
    """The number that the member has in the case, or the next one where an earlier member had it."""
    taken = {int(person.key.rpartition("/")[2]) for person in people}
    number = seen.number
    if number is None or number in taken:
        number = max(taken, default=0) + 1
    return f"{seen.row['case_ref']}/{number}"


def _itself(seen: _Seen) -> object:
    return id(seen.row)


def _know_again(known: list[_Person], left: list[_Seen], sign: _Sign) -> None:
    """Take out of both lists who is the same by the sign, where it means one in each."""
    now = _only_ones([(sign(seen), seen) for seen in left])
    for value, person in _only_ones([(sign(person.seen), person) for person in known]).items():
        if (seen := now.get(value)) is not None:
            person.seen, person.until = seen, None
            known.remove(person)
            left.remove(seen)


def _only_ones(signed: list[tuple[object | None, Any]]) -> dict[object, Any]:
    counted: dict[object, list[Any]] = {}
    for value, one in signed:
        if value is not None:
            counted.setdefault(value, []).append(one)
    return {value: ones[0] for value, ones in counted.items() if len(ones) == 1}


def _described(person: _Person) -> dict[str, Any]:
    row = person.seen.row
    return {
        **{name: row[name] for name in PEOPLE if name in row},
        "person_key": person.key,
        "is_applicant": row["relationship"] == APPLICANT,
        "first_run": person.first,
        "until_run": person.until,
    }
