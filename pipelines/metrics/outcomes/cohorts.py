"""Cohorts: named lists of cases, and filters by any code, that restrict every metric."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.errors import UsageError
from pipelines.transform import FACTS, MARTS, QUARTER_END, create_each
from schemas.codelists import codelist, codelist_names

FILE = Path(__file__).with_name("cohorts.csv")
FIELDS = (
    "age",
    "assess1",
    "currentaccom",
    "eligibility",
    "ethnicity",
    "gender_identity",
    "household",
    "household_type",
    "lastaccom",
    "local_connection",
    "officer",
    "pneed",
    "reason_tenancy_end",
    "reasonloss",
    "referral",
    "referral_body",
    "sex",
    "sexual_orientation",
    "stage",
    "support_need",
    "team",
)
"""What a filter may name; ``household`` is ``with_children`` or ``pregnant``, ``age`` a span such as ``18-24``."""

_OLDEST = 120


@dataclass(frozen=True)
class Condition:
    """A case fulfils it if the field holds one of the codes."""

    field: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Cohort:
    """Cases that fulfil any of the conditions. Named ones are rows of ``cohorts.csv``."""

    name: str
    label: str
    conditions: tuple[Condition, ...]


def _codes(field: str, text: str) -> tuple[str, ...]:
    if field != "age":
        current = codelist(field).current if field in codelist_names() else str
        return tuple(current(code.strip()) for code in text.replace(",", ";").split(";") if code.strip())
    first, _, last = text.partition("-")
    if not first.isdigit() or (last and not last.isdigit()):
        raise UsageError("An age is written like age=18 or age=18-24.")
    return tuple(str(age) for age in range(int(first), min(int(last or first), _OLDEST) + 1))


@cache
def named_cohorts() -> dict[str, Cohort]:
    """The named cohorts by name, in the order of the file."""
    rows: dict[str, list[dict[str, str]]] = {}
    with FILE.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            rows.setdefault(row["cohort"], []).append(row)
    return {
        name: Cohort(
            name,
            conditions[0]["label"],
            tuple(Condition(row["field"], _codes(row["field"], row["codes"])) for row in conditions),
        )
        for name, conditions in rows.items()
    }


def parse_filter(text: str) -> tuple[Cohort, ...]:
    """The cohorts of a filter: a case must be in each of them.

    Parts are joined by ``+``. A part is a named cohort (``care_leaver``) or a field with codes, any of which will do
    (``support_need=mental,learning``, ``age=16-17``).

    Raises:
        UsageError: a part is neither.
    """
    parts = []
    for part in (part.strip() for part in text.split("+")):
        field, equals, codes = part.partition("=")
        if not equals and part in named_cohorts():
            parts.append(named_cohorts()[part])
        elif equals and field in FIELDS and _codes(field, codes):
            parts.append(Cohort(part, part, (Condition(field, _codes(field, codes)),)))
        else:
            raise UsageError(
                f"The cohort is not understood. Give one of {', '.join(named_cohorts())}; or a field with codes, like"
                f" support_need=mental,learning (fields: {', '.join(FIELDS)}); or several joined by +."
            )
    return tuple(parts)


def fields_of(text: str) -> set[str]:
    """The fields that a filter asks about.

    Raises:
        UsageError: the filter is not understood (see ``parse_filter``).
    """
    return {condition.field for cohort in parse_filter(text) for condition in cohort.conditions}


def create_members(con: duckdb.DuckDBPyConnection, cohorts: tuple[Cohort, ...] | None = None) -> None:
    """Create ``cohort_condition``, ``cohort_facts`` and ``cohort_members``, by default of all named cohorts."""
    chosen = tuple(named_cohorts().values()) if cohorts is None else cohorts
    rows = [
        (cohort.name, condition.field, code)
        for cohort in chosen
        for condition in cohort.conditions
        for code in condition.codes
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("cohort", "field", "code"), pl.String), orient="row")
    arrow.load(con, "create or replace temp table cohort_condition as select distinct * from incoming", frame)
    create_each(con, "metrics", ("cohort_facts", "cohort_members"), {"cohort_members"})


def restrict(con: duckdb.DuckDBPyConnection, text: str) -> int:
    """Restrict every mart to the cases of a filter, so that whatever metric is made next is about them only.

    Returns the number of cases left. The marts of the connection are replaced: ``transform.build`` makes them whole
    again.

    Raises:
        UsageError: the filter is not understood (see ``parse_filter``).
    """
    cohorts = parse_filter(text)
    create_members(con, cohorts)
    con.execute(
        "create or replace temp table cohort_case as select case_ref from cohort_members group by case_ref"
        " having count(distinct cohort) = ?",
        [len({cohort.name for cohort in cohorts})],
    )
    con.execute("drop view cohort_facts")
    for name in (*FACTS, *MARTS, "reviews", "support_needs"):
        con.execute(
            f"create or replace table {QUARTER_END}.{name} as select * from {QUARTER_END}.{name}"
            " semi join cohort_case using (case_ref)"
        )
    row = con.execute("select count(*) from households").fetchone()
    assert row is not None
    return int(row[0])
