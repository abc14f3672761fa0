"""Cases that were purged or forgotten: marks by which one is known again when an export brings it, and nothing else.

A mark is a keyed digest of a reference; the key is random and stands in the same file. Who has the file can try every
reference there may be, so marks are pseudonyms and not anonymous: they say that a case with that reference was there.
Beside the mark of a local reference stands, sealed with that reference, the H-CLIC reference it had: a case that comes
back is sent under the one it was first sent under, and nobody who does not know the local reference can read it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb
import polars as pl

from pipelines.errors import InputError
from pipelines.period import Quarter, in_words

PURGED, FORGOTTEN = "purged", "forgotten"
OFFICIAL, OFFICIAL_INTERNAL = "official", "official_internal"
"""Editions of ``kept_figure`` that are official tables, as shown and as counted; the others are names of metrics."""

TABLES = {
    "gone_key": "mark_key blob not null",
    "gone_case": "la_code varchar not null, mark varchar not null, why varchar not null, is_case_ref boolean not null,"
    " gone_before date not null, gone_on date not null, sealed varchar, primary key (la_code, mark)",
    "purged": "la_code varchar not null, purge_no integer not null, gone_before date not null, gone_on date not null,"
    " cases integer not null, highest_number bigint, primary key (la_code, purge_no)",
    "kept_figure": "la_code varchar not null, quarter varchar not null, run_id varchar not null, as_at date not null,"
    " edition varchar not null, figures varchar not null, primary key (la_code, quarter, edition)",
}
"""The columns of each table of what stays of cases that are gone."""


@dataclass(frozen=True)
class Figures:
    """What was counted of a quarter before cases of it went: ``figures`` is CSV. One row per quarter and edition."""

    la_code: str
    quarter: str
    run_id: str
    as_at: date
    edition: str
    figures: str


@dataclass(frozen=True)
class Gone:
    """The marks of an authority's gone cases, and what is to be minded for them.

    ``marks``: by mark, why the case is gone and the day before which all of it was. ``highest_number``: no issued
    number up to it is free. ``before``: the day before which cases may be missing.
    """

    key: bytes = b""
    marks: Mapping[str, tuple[str, date]] = field(default_factory=dict)
    sealed: Mapping[str, str] = field(default_factory=dict)
    highest_number: int = 0
    before: date | None = None

    def find(self, reference: str) -> tuple[str, date] | None:
        """Why the case of a reference is gone, and before which day; None where it is not."""
        return self.marks.get(mark(self.key, reference)) if self.marks else None

    def reference_of(self, local_ref: str) -> str | None:
        """The H-CLIC reference under which the case of a local one was sent; None where that is not known."""
        words = self.sealed.get(mark(self.key, local_ref))
        return None if words is None else _unsealed(self.key, local_ref, words)

    def is_gone(self, reference: str) -> bool:
        """Whether the reference is that of a case that is gone."""
        return self.find(reference) is not None


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
    found = con.execute("select mark, why, gone_before, sealed from gone_case where la_code = ?", [la_code]).fetchall()
    highest = con.execute("select max(highest_number) from purged where la_code = ?", [la_code]).fetchone()
    return Gone(
        bytes(row[0]) if row else b"",
        {one: (why, before) for one, why, before, _ in found},
        {one: sealed for one, _, _, sealed in found if sealed},
        int(highest[0] or 0) if highest else 0,
        gone_before(con, la_code),
    )


def gone_before(con: duckdb.DuckDBPyConnection, la_code: str) -> date | None:
    """The day before which cases may be missing: of months before it no count is whole; None where nothing is gone."""
    row = con.execute("select max(gone_before) from purged where la_code = ?", [la_code]).fetchone()
    return row[0] if row else None


def gone_frame(before: date | None) -> pl.DataFrame:
    """The table ``gone`` that a database of cases has: one row, gone_before, or none."""
    return pl.DataFrame({"gone_before": [] if before is None else [before]}, schema={"gone_before": pl.Date})


def check_is_whole(before: date | None, quarter: Quarter) -> None:
    """Refuse to count a quarter from cases of which some are gone: the count would be too small.

    Raises:
        InputError: cases of the quarter may be gone.
    """
    if before is not None and quarter.first_day < before:
        raise InputError(
            f"Cases from before {in_words(before)} were purged or forgotten, and {quarter} ({quarter.words}) began"
            " before that day: what is left would count too few. The figures that were kept of it: hclic tables."
        )


def keep_figures(con: duckdb.DuckDBPyConnection, figures: Iterable[Figures]) -> None:
    """Keep figures; those that were kept of a quarter before stay, as they were counted from more cases."""
    for one in figures:
        con.execute(
            "insert into kept_figure select ?, ?, ?, ?, ?, ? where not exists"
            " (from kept_figure as kept where kept.la_code = ? and kept.quarter = ? and kept.edition = ?)",
            [*vars(one).values(), one.la_code, one.quarter, one.edition],
        )


def kept_figures(con: duckdb.DuckDBPyConnection, la_code: str, quarter: Quarter) -> dict[str, Figures]:
    """What was kept of a quarter, by edition."""
    rows = con.execute(
        "select * from kept_figure where la_code = ? and quarter = ? order by edition", [la_code, str(quarter)]
    ).fetchall()
    return {row[4]: Figures(*row) for row in rows}


def record(
    con: duckdb.DuckDBPyConnection, la_code: str, *, before: date, on: date, cases: int, references: Iterable[str]
) -> None:
    """Record that cases are gone, and the highest number of theirs that was issued: it is given to no other case."""
    numbers = [int(one.rpartition("_")[2]) for one in references if one.rpartition("_")[2].isdigit()]
    con.execute(
        "insert into purged select ?, coalesce(max(purge_no), 0) + 1, ?, ?, ?, ? from purged where la_code = ?",
        [la_code, before, on, cases, max(numbers, default=0), la_code],
    )


def remember(
    con: duckdb.DuckDBPyConnection,
    la_code: str,
    references: Iterable[tuple[str, str]],
    *,
    why: str,
    before: date,
    on: date,
) -> None:
    """Mark references as those of cases that are gone: each with the H-CLIC reference of its case, which may be it."""
    row = con.execute("select mark_key from gone_key").fetchone()
    key = bytes(row[0]) if row else secrets.token_bytes(32)
    if row is None:
        con.execute("insert into gone_key values (?)", [key])
    marks = [
        (la_code, mark(key, one), why, one == case, before, on, None if one == case else _sealed(key, one, case))
        for one, case in sorted(set(references))
    ]
    # Of a reference that was given to two cases the last one counts.
    marks = list({one[1]: one for one in marks}.values())
    if marks:
        _put(con, marks)


def _put(con: duckdb.DuckDBPyConnection, marks: Sequence[tuple[object, ...]]) -> None:
    """Put marks in place of those of the same references; of one that was given to two cases the last one counts."""
    lines = list({line[:2]: line for line in marks}.values())
    con.executemany("delete from gone_case where la_code = ? and mark = ?", [line[:2] for line in lines])
    con.executemany("insert into gone_case values (?, ?, ?, ?, ?, ?, ?)", lines)


def _sealed(key: bytes, local_ref: str, case_ref: str) -> str:
    return _masked(key, local_ref, case_ref.encode()).hex()


def _unsealed(key: bytes, local_ref: str, words: str) -> str:
    return _masked(key, local_ref, bytes.fromhex(words)).decode()


def _masked(key: bytes, local_ref: str, content: bytes) -> bytes:
    mask = hmac.new(key, b"sealed:" + local_ref.encode(), hashlib.sha512).digest()
    return bytes(one ^ other for one, other in zip(content, mask, strict=False))


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
    _put(con, [line[1:] for line in marks])
