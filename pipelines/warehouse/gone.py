"""Cases that were purged or forgotten: marks by which one is known again when an export brings it, and nothing else.

A mark is a keyed digest of a reference; the key is random and stands in the same file. Who has the file can try every
reference there may be, so marks are pseudonyms and not anonymous: they say that a case with that reference was there.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

PURGED, FORGOTTEN = "purged", "forgotten"
TABLES = {
    "gone_key": "mark_key blob not null",
    "gone_case": "la_code varchar not null, mark varchar not null, why varchar not null, is_case_ref boolean not null,"
    " gone_before date not null, gone_on date not null, primary key (la_code, mark)",
    "purged": "la_code varchar not null, purge_no integer not null, gone_before date not null, gone_on date not null,"
    " cases integer not null, highest_number bigint, primary key (la_code, purge_no)",
    "kept_figure": "la_code varchar not null, quarter varchar not null, run_id varchar not null, as_at date not null,"
    " edition varchar not null, figures varchar not null, primary key (la_code, quarter, edition)",
}
"""The columns of each table of what stays of cases that are gone."""


@dataclass(frozen=True)
class Gone:
    """The marks of an authority's gone cases, and what is to be minded for them.

    ``before``: by mark, why the case is gone and the day before which all of it was. ``numbers_below``: no issued
    number up to this one is free.
    """

    key: bytes
    marks: dict[str, tuple[str, date]]
    highest_number: int = 0

    def find(self, reference: str) -> tuple[str, date] | None:
        """Why the case of a reference is gone, and before which day; None where it is not."""
        return self.marks.get(mark(self.key, reference)) if self.marks else None


def mark(key: bytes, reference: str) -> str:
    """The mark of a reference."""
    return hmac.new(key, reference.encode(), hashlib.sha256).hexdigest()


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Create the tables, empty."""
    for table, columns in TABLES.items():
        con.execute(f"create table if not exists {table} ({columns})")


def of_authority(con: duckdb.DuckDBPyConnection, la_code: str) -> Gone:
    """What is gone of an authority."""
    row = con.execute("select mark_key from gone_key").fetchone()
    found = con.execute("select mark, why, gone_before from gone_case where la_code = ?", [la_code]).fetchall()
    highest = con.execute("select max(highest_number) from purged where la_code = ?", [la_code]).fetchone()
    return Gone(
        bytes(row[0]) if row else b"",
        {one: (why, before) for one, why, before in found},
        int(highest[0] or 0) if highest else 0,
    )


def purged_before(con: duckdb.DuckDBPyConnection, la_code: str) -> date | None:
    """The day before which cases may be missing: of months before it no count is whole; None where nothing is gone."""
    row = con.execute(
        "select max(gone_before) from (select gone_before from purged where la_code = $code"
        " union all select gone_before from gone_case where la_code = $code)",
        {"code": la_code},
    ).fetchone()
    return row[0] if row else None


def remember(
    con: duckdb.DuckDBPyConnection,
    la_code: str,
    references: Iterable[tuple[str, bool]],
    *,
    why: str,
    before: date,
    on: date,
) -> None:
    """Mark references as those of cases that are gone: each with whether it is an H-CLIC reference."""
    row = con.execute("select mark_key from gone_key").fetchone()
    key = bytes(row[0]) if row else secrets.token_bytes(32)
    if row is None:
        con.execute("insert into gone_key values (?)", [key])
    marks = [(la_code, mark(key, one), why, is_case, before, on) for one, is_case in sorted(set(references))]
    if marks:
        con.executemany("insert or replace into gone_case values (?, ?, ?, ?, ?, ?)", marks)


def rows(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """All marks, each row with the key, to take over into another file."""
    return con.execute(
        "select gone_key.mark_key, gone_case.* from gone_case cross join gone_key order by all"
    ).fetchall()


def take_over(con: duckdb.DuckDBPyConnection, marks: Sequence[tuple[object, ...]]) -> None:
    """Take over the marks of another file, in which cases are gone that this one still holds."""
    if not marks:
        return
    row = con.execute("select mark_key from gone_key").fetchone()
    if row is None:
        con.execute("insert into gone_key values (?)", [marks[0][0]])
    elif bytes(row[0]) != marks[0][0]:
        return
    con.executemany("insert or replace into gone_case values (?, ?, ?, ?, ?, ?)", [line[1:] for line in marks])
