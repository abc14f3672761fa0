"""Which cases are over, and since when: what nobody keeps any longer is asked by these days."""

from __future__ import annotations

from datetime import date

import duckdb

from pipelines.period import in_words
from pipelines.transform.editions import RECORDED
from schemas.sections import SECTIONS


def create_case_ended(con: duckdb.DuckDBPyConnection) -> None:
    """Create ``case_ended``, one row per case as recorded: case_ref, closed_on, last_day, is_over, has_main.

    ``closed_on`` is the day on which the case closed (``cases``), ``last_day`` the latest day on which anything
    happened in it, a placement or a review after its closing among that. ``is_over``: it is closed, no placement is
    open, no review undecided, and nothing in it is without a day that would end it. A case of which other sections
    have rows and the main one has none (``has_main``) cannot close: it is over when no duty is open in it either. The
    facts as recorded are there.
    """
    days = " union all ".join(
        f"select case_ref, {column.name} as day from {RECORDED}.{section.name}"
        for section in SECTIONS
        for column in section.columns
        if column.is_event
    )
    refs = " union ".join(f"select case_ref from {RECORDED}.{section.name}" for section in SECTIONS)
    con.execute(
        f"""
        create or replace temp table case_ended as
        with last_days as (
            select case_ref, max(day) as last_day from ({days}) group by case_ref
        ),

        open_things as (
            select case_ref from {RECORDED}.placements where exit_date is null
            union
            select case_ref from {RECORDED}.reviews where review_outcome_date is null
        ),

        without_main as (
            select refs.case_ref from ({refs}) as refs anti join {RECORDED}.cases as cases using (case_ref)
            where refs.case_ref is not null
        ),

        open_duties as (
            select case_ref from {RECORDED}.duties where end_date is null
        )

        select
            cases.case_ref,
            cases.case_closed_date as closed_on,
            greatest(cases.case_closed_date, last_days.last_day) as last_day,
            cases.case_closed_date is not null and open_things.case_ref is null as is_over,
            true as has_main
        from {RECORDED}.cases as cases
        left join last_days on cases.case_ref = last_days.case_ref
        left join open_things on cases.case_ref = open_things.case_ref
        union all
        select
            without_main.case_ref,
            null,
            last_days.last_day,
            open_things.case_ref is null
            and without_main.case_ref not in (select case_ref from open_duties where case_ref is not null),
            false
        from without_main
        left join last_days on without_main.case_ref = last_days.case_ref
        left join open_things on without_main.case_ref = open_things.case_ref
        """
    )


def cases_over_before(con: duckdb.DuckDBPyConnection, day: date) -> int:
    """How many cases of ``case_ended`` are over, and saw their last day before ``day``."""
    row = con.execute("select count(*) from case_ended where is_over and last_day < ?", [day]).fetchone()
    assert row is not None
    return int(row[0])


def years_before(day: date, years: int) -> date:
    """The same day so many years before; of 29 February the last of that month."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def past_keeping(cases: int, years: int, day: date) -> str:
    """How many cases are past the retention, which ends on ``day``, and what to do; for the user."""
    if not cases:
        return f"No case is over since before {in_words(day)}, {years} years before the export: none is past keeping."
    are = "case is" if cases == 1 else "cases are"
    return (
        f"{cases:,} {are} over since before {in_words(day)}, {years} years before the export, and past keeping:"
        f" hclic purge --before {day}"
    )
