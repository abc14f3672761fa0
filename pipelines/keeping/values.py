"""What is held of cases that are to go: the values that a search must not find afterwards, and how each is written."""

from __future__ import annotations

import html
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from unicodedata import normalize

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.authority import current_code
from pipelines.period import in_words
from pipelines.warehouse import history
from schemas.sections import SECTIONS

REFERENCE, NAME, FULL_NAME, BIRTH, NUMBER, TEXT = "reference", "name", "full name", "date of birth", "number", "text"
SHORTEST_INSIDE = 8
"""Characters from which a value is looked for inside longer texts: a shorter one would be met by chance."""


@dataclass(frozen=True)
class Value:
    """One value as it was held: its text, what kind of value it is, and the forms in which files may hold it."""

    text: str
    kind: str

    @property
    def is_sought_inside(self) -> bool:
        """Whether it is looked for inside longer texts, and not as a whole cell only.

        One word may be anybody's, or a word of the language: "May" stands in every page.
        """
        if self.kind == REFERENCE:
            return len(self.text) >= SHORTEST_INSIDE
        if self.kind == NAME:
            return False
        return len(self.text) >= SHORTEST_INSIDE and any(not one.isalpha() for one in self.text)

    @property
    def forms(self) -> frozenset[str]:
        """The text as it stands in CSV, JSON, XML and HTML, and in the ways of writing a date or a number."""
        written = {self.text, normalize("NFC", self.text), normalize("NFD", self.text)}
        if self.kind == BIRTH:
            year, month, day = self.text.split("-")
            written |= {f"{day}/{month}/{year}", f"{day}-{month}-{year}", f"{day}.{month}.{year}"}
            written |= {f"{int(day)}/{int(month)}/{year}", f"{self.text}T00:00:00"}
            words = in_words(date.fromisoformat(self.text))
            written |= {words, f"{day}{month}{year}", f"{year}{month}{day}"}
            written |= {f"{one} {words.split()[1][:3]} {year}" for one in (day, str(int(day)))}
        if self.kind == NUMBER and len(self.text) == 9:
            written.add(" ".join([self.text[:2], self.text[2:4], self.text[4:6], self.text[6:8], self.text[8:]]))
        escaped = {html.escape(one) for one in written} | {json.dumps(one)[1:-1] for one in written}
        escaped |= {json.dumps(one, ensure_ascii=False)[1:-1] for one in written}
        escaped |= {one.replace("&", "&amp;").replace("<", "&lt;") for one in written}
        return frozenset(one.lower() for one in written | escaped if one.strip())


def values_of(con: duckdb.DuckDBPyConnection, la_code: str, cases: Collection[str]) -> frozenset[Value]:
    """All that the warehouse holds of the cases by which a person could be found: in every run that had them."""
    _cases(con, cases)
    found: set[Value] = set()
    found |= {Value(text, REFERENCE) for text, _ in references_of(con, la_code, cases)}
    for section in SECTIONS:
        known = history.columns_of(con, section.name)
        for column in section.columns:
            if not column.personal or column.name not in known:
                continue
            rows = con.execute(
                f"select distinct {column.name}::varchar from history.{section.name} semi join _gone using (case_ref)"
                f" where authority = ? and {column.name} is not null",
                [la_code],
            ).fetchall()
            found |= {Value(text.strip(), _kind(column.name, column.kind)) for (text,) in rows if text.strip()}
    known = history.columns_of(con, "people")
    if {"forename", "surname"} <= set(known):
        rows = con.execute(
            "select distinct trim(forename), trim(surname) from history.people semi join _gone using (case_ref)"
            " where authority = ? and forename is not null and surname is not null",
            [la_code],
        ).fetchall()
        found |= {Value(text, FULL_NAME) for one, two in rows for text in (f"{one} {two}", f"{two}, {one}")}
    rows = con.execute(
        "select note from finding_note where la_code = $code and finding_id in"
        " (select finding_id from history.findings semi join _gone using (case_ref) where authority = $code)"
        " union select reason from waiver semi join _gone using (case_ref) where la_code = $code",
        {"code": la_code},
    ).fetchall()
    found |= {Value(text.strip(), TEXT) for (text,) in rows if text and text.strip()}
    return frozenset(found)


def references_of(con: duckdb.DuckDBPyConnection, la_code: str, cases: Collection[str]) -> list[tuple[str, str]]:
    """Every reference of the cases, their own and local ones, each with the H-CLIC reference of its case."""
    _cases(con, cases)
    rows = con.execute(
        "select case_ref, case_ref from _gone union select local_ref, case_ref from reference_map"
        " semi join _gone using (case_ref) where la_code = $now"
        " union select local_ref, case_ref from history.main semi join _gone using (case_ref)"
        " where authority = $code and local_ref is not null order by all",
        {"code": la_code, "now": current_code(la_code)},
    ).fetchall()
    return [(one, case) for one, case in rows]


def _kind(name: str, kind: str) -> str:
    if kind == "date":
        return BIRTH
    if "name" in name:
        return NAME
    return NUMBER if name.startswith("ni") or "insurance" in name else TEXT


def _cases(con: duckdb.DuckDBPyConnection, cases: Iterable[str]) -> None:
    frame = pl.DataFrame({"case_ref": sorted(cases)}, schema={"case_ref": pl.String})
    arrow.load(con, "create or replace temp table _gone as select * from incoming", frame)


def held_of_others(con: duckdb.DuckDBPyConnection, values: Collection[Value]) -> frozenset[Value]:
    """Those of the values that the rows which stay hold as a whole cell: of somebody else, or a day of another kind.

    Words that exports write for a code, and the first and last days of months, which stand in every series, are among
    them.
    """
    texts = pl.DataFrame({"text": sorted({one.text.lower() for one in values})}, schema={"text": pl.String})
    arrow.load(con, "create or replace temp table _sought as select * from incoming", texts)
    met: set[str] = set()
    for section in SECTIONS:
        for name in history.columns_of(con, section.name):
            rows = con.execute(
                f"select text from _sought semi join (select distinct lower(trim({name}::varchar)) as text"
                f" from history.{section.name} where {name} is not null) as held using (text)"
            ).fetchall()
            met |= {text for (text,) in rows}
    # A surname such as White is also how an export writes a code.
    read_as_codes = con.execute(
        f"select text from _sought semi join (select distinct lower(trim(spelling)) as text from"
        f" history.{history.SPELLINGS.name}) as held using (text)"
    ).fetchall()
    met |= {text for (text,) in read_as_codes}
    con.execute("drop table _sought")
    if {"forename", "surname"} <= set(history.columns_of(con, "people")):
        pairs = con.execute(
            "select distinct lower(trim(forename)), lower(trim(surname)) from history.people"
            " where forename is not null and surname is not null"
        ).fetchall()
        met |= {text for one, two in pairs for text in (f"{one} {two}", f"{two}, {one}")}
    return frozenset(one for one in values if one.text.lower() in met or _is_of_a_period(one))


def _is_of_a_period(value: Value) -> bool:
    """Whether it is the first or last day of a month: every series is full of them."""
    if value.kind != BIRTH:
        return False
    day = date.fromisoformat(value.text)
    return 1 in (day.day, (day + timedelta(days=1)).day)
