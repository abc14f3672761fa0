"""What officers said of findings: kept for good, each saying after the one before; the last one counts."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.warehouse import chain

SAID: dict[str, pl.DataType | type[pl.DataType]] = {
    "finding_id": pl.String,
    "note": pl.String,
    "said_by": pl.String,
    "said_on": pl.Date,
    "came_from": pl.String,
}
"""Columns of what is said: of which finding, what, by whom, on which day, and where it was read."""

_NUMBERED = (
    "insert into finding_note (la_code, note_no, finding_id, note, said_by, said_on, came_from)"
    " select $la_code, (select coalesce(max(note_no), 0) from finding_note where la_code = $la_code) + place,"
    " finding_id, note, said_by, said_on, came_from from said_now order by place"
)


def save_notes(con: duckdb.DuckDBPyConnection, la_code: str, said: pl.DataFrame, *, at: date | None = None) -> None:
    """Add what was said to what is kept, in its order, each with its line; nothing that is kept changes.

    Args:
        con: the warehouse.
        la_code: whose findings.
        said: one row per note, in the columns of ``SAID``.
        at: when it is added.
    """
    if said.is_empty():
        return
    before = newest_number(con, la_code)
    rows = said.select(pl.col(name).cast(kind) for name, kind in SAID.items()).with_row_index("place", offset=1)
    arrow.load(con, "create or replace temp table said_now as select * from incoming", rows)
    con.execute(_NUMBERED, {"la_code": la_code})
    con.execute("drop table said_now")
    numbers = range(before + 1, newest_number(con, la_code) + 1)
    chain.record(con, "finding_note", [(la_code, number) for number in numbers], at=at)


def say(
    con: duckdb.DuckDBPyConnection, la_code: str, finding_id: str, note: str, *, by: str | None, on: date, where: str
) -> None:
    """Add one note; ``on`` is the moment, or the day where no more is known."""
    row = {"finding_id": finding_id, "note": note, "said_by": by, "said_on": chain.day_of(on), "came_from": where}
    save_notes(con, la_code, pl.DataFrame([row], schema=SAID), at=on)


def notes(con: duckdb.DuckDBPyConnection, la_code: str, *, up_to: int | None = None) -> pl.DataFrame:
    """The last note on each finding: finding_id, note, said_by, said_on, came_from, note_no.

    A finding that went on under another id, as a correction changed the key of its record, has its notes under both.

    Args:
        con: the warehouse.
        la_code: whose findings.
        up_to: leave out the notes with a higher number: what was last said when that one was the newest.
    """
    return con.execute(
        """
        with said as (
            select
                coalesce(continued.was_finding_id, kept.finding_id) as known_as,
                kept.*
            from finding_note as kept
            left join finding_continued as continued
                on kept.la_code = continued.la_code and kept.finding_id = continued.finding_id
            where kept.la_code = $la_code and kept.note_no <= coalesce($up_to, kept.note_no)
            qualify row_number() over (partition by known_as order by kept.note_no desc) = 1
        ),

        ids as (
            select known_as as finding_id, known_as from said
            union
            select finding_id, was_finding_id from finding_continued where la_code = $la_code
        )

        select ids.finding_id, said.note, said.said_by, said.said_on, said.came_from, said.note_no
        from ids
        inner join said using (known_as)
        order by ids.finding_id
        """,
        {"la_code": la_code, "up_to": up_to},
    ).pl()


def every_note(con: duckdb.DuckDBPyConnection, la_code: str) -> pl.DataFrame:
    """Every note, in the order in which they were said: the columns of ``SAID`` and note_no.

    A note on a finding that went on under another id stands under that of each.
    """
    return con.execute(
        """
        with ids as (
            select finding_id, was_finding_id as known_as from finding_continued where la_code = $la_code
            union
            select was_finding_id, was_finding_id from finding_continued where la_code = $la_code
        ),

        said as (
            select
                coalesce(ids.known_as, kept.finding_id) as known_as,
                kept.*
            from finding_note as kept
            left join ids on kept.finding_id = ids.finding_id
            where kept.la_code = $la_code
        )

        select
            coalesce(ids.finding_id, said.known_as) as finding_id,
            said.note,
            said.said_by,
            said.said_on,
            said.came_from,
            said.note_no
        from said
        left join ids on said.known_as = ids.known_as
        order by said.note_no, finding_id
        """,
        {"la_code": la_code},
    ).pl()


def newest_number(con: duckdb.DuckDBPyConnection, la_code: str) -> int:
    """The number of the newest note; 0 where nothing was said."""
    row = con.execute("select coalesce(max(note_no), 0) from finding_note where la_code = ?", [la_code]).fetchone()
    return int(row[0]) if row else 0
