"""One case as a story: what happened when, who is in the household by relationship and age, and where it stands.

It is told of the cases as recorded, ending after the quarter or not: officers mend the record. Nothing that names
anybody is read: no name, date of birth, National Insurance number or address.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

import duckdb
import polars as pl

import sql
from pipelines import arrow
from pipelines.transform.relations import create
from schemas.codelists import codelist

WHAT = {
    "applied": ("Applied", None),
    "assessed": ("Assessed", "assess1"),
    "prevention_started": ("Prevention duty began", None),
    "prevention_ended": ("Prevention duty ended", "prevention_outcome"),
    "relief_started": ("Relief duty began", None),
    "relief_ended": ("Relief duty ended", "relief_outcome"),
    "main_decided": ("Decision on the main duty", "main_decision"),
    "main_started": ("Main duty began", "pneed"),
    "main_ended": ("Main duty ended", "main_duty_outcome"),
    "left": ("Left temporary accommodation", "exit_reason"),
    "placed": ("Placed in temporary accommodation", "ta_type"),
    "review_requested": ("Review asked for", "decision_reviewed"),
    "review_decided": ("Review ended", "review_outcome"),
    "closed": ("Case closed", None),
}
"""Each event of ``sql/marts/events.sql`` in words, and the code list of its detail."""

STAGES = {
    "assessment": "Not assessed yet",
    "prevention": "Prevention duty is owed",
    "relief": "Relief duty is owed",
    "decision": "A decision on the main duty is awaited",
    "main": "Main duty is owed",
    "no duty": "No duty was owed",
    "closed": "Closed",
}

_UNKNOWN = "Relationship not recorded"


@dataclass(frozen=True)
class Stories:
    """What is told of some cases.

    ``events``: one row per event, in the order of the days: case_ref, event_date, words, detail (null without one).
    ``members``: one row per household member: case_ref, words (the relationship), age (in years; null if not known).
    ``stages``: one row per case: case_ref, words.
    """

    events: pl.DataFrame
    members: pl.DataFrame
    stages: pl.DataFrame


def tell(con: duckdb.DuckDBPyConnection, case_refs: Iterable[str]) -> Stories:
    """The stories of the cases; one that the edition does not hold has none.

    ``con`` reads the edition that is to be told (``pipelines.transform.use``), of which the facts have been built. It
    gains temporary relations only. Ages are those on the quarter's last day.
    """
    wanted = pl.DataFrame({"case_ref": sorted(set(case_refs))}, schema={"case_ref": pl.String})
    arrow.load(con, "create or replace temp table story_cases as select * from incoming", wanted)
    create(con, "marts", "events", kind="view")
    told = {name: _read(con, name) for name in ("story_events", "story_members", "story_stages")}
    con.execute("drop view temp.events")
    con.execute("drop table temp.story_cases")
    return Stories(
        events=_worded(told["story_events"]),
        members=told["story_members"].select(
            "case_ref",
            pl.col("relationship").replace_strict(_labels("relationship"), default=_UNKNOWN).alias("words"),
            "age",
        ),
        stages=told["story_stages"].select("case_ref", pl.col("stage").replace_strict(STAGES).alias("words")),
    )


def _read(con: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    path = f"stories/{name}.sql"
    return con.execute(f"select * from ({sql.text(path)}) order by {', '.join(sql.key(path))}").pl()


def _worded(events: pl.DataFrame) -> pl.DataFrame:
    """The events in words. A code that its list does not hold is left out: it is a finding, and may be anything."""
    pairs = events.select("event", "event_date", "detail").unique()
    words = [
        {
            "event": event,
            "event_date": day,
            "detail": detail,
            "words": WHAT[event][0],
            "label": _label(event, detail, day),
        }
        for event, day, detail in pairs.iter_rows()
    ]
    schema = {**pairs.schema, "words": pl.String(), "label": pl.String()}
    known = pl.DataFrame(words, schema=schema)
    joined = events.join(
        known, on=["event", "event_date", "detail"], how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.select("case_ref", "event_date", "words", pl.col("label").alias("detail"))


def _label(event: str, detail: str | None, day: date) -> str | None:
    name = WHAT[event][1]
    code = None if name is None or detail is None else codelist(name).codes.get(detail)
    return None if code is None else code.label_on(day)


@cache
def _labels(name: str) -> dict[str, str]:
    return {code.code: code.label for code in codelist(name).codes.values()}
