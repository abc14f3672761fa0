"""A small invented town for the tests: people with names, birthdays and numbers, and runs that froze them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from pipelines.link.references import empty_map
from pipelines.people.linking import PERSON
from pipelines.synthesise.names import FORENAMES, SURNAMES
from pipelines.warehouse.store import Warehouse
from tests.warehouse.stored import LA, sections_of

_FORENAMES = [*FORENAMES["male"], *FORENAMES["female"]]


def ref(number: int) -> str:
    """The reference of a case."""
    return f"{LA}_{number:012d}"


def person(case: int, number: int = 1, **given: Any) -> dict[str, Any]:
    """One row of the people section; a name, birthday, number and address of their own unless given."""
    own = case * 7 + number * 13
    row = {
        "case_ref": ref(case),
        "person_no": number,
        "relationship": "main_applicant" if number == 1 else "dependent_child",
        "forename": _FORENAMES[own % len(_FORENAMES)],
        "surname": SURNAMES[case * 11 % len(SURNAMES)],
        "date_of_birth": date(1960, 1, 1) + timedelta(days=(case * 577 + number * 4001) % 18000),
        "nino": f"QQ{(case * 7919 + number * 104729) % 899999 + 100000}A" if number == 1 else None,
        "last_address": f"{case} Invented Row",
    }
    return {**row, **given}


def others(count: int = 120) -> list[dict[str, Any]]:
    """People who are all somebody else, each alone in a case, from case 1001 on."""
    return [person(1000 + number) for number in range(1, count + 1)]


def as_people(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of the people section as the linking reads them."""
    frame = pl.DataFrame(
        rows, schema_overrides={"date_of_birth": pl.Date(), "nino": pl.String(), "last_address": pl.String()}
    )
    return frame.with_columns(pl.format("{}/{}", "case_ref", "person_no").alias("person_key")).select(PERSON)


def run(
    store: Warehouse, name: str, people: list[dict[str, Any]], day: date = date(2025, 9, 30), **applied: date
) -> None:
    """One more run that froze these people, each case with an application date (``case_12=``) or 1 July 2025."""
    cases = sorted({row["case_ref"] for row in people})
    main = [
        {
            "case_ref": case,
            "application_date": applied.get(f"case_{int(case[-12:])}", date(2025, 7, 1)),
            "local_ref": f"HX{int(case[-12:])}",
            "officer": "OFF01",
            "team": "Options",
        }
        for case in cases
    ]
    described = {"run_id": name, "la_code": LA, "quarter": "2025-Q3", "as_at": day, "result": "clean"}
    store.freeze(described, sections_of(main=main, people=people), empty_map())
