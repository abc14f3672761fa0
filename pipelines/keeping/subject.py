"""``hclic subject``: all that is held about a person and the household, from every table and every file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.authority import authority_name
from pipelines.errors import UsageError
from pipelines.keeping.named import case_named
from pipelines.keeping.searching import Searched, Sought, files_below, in_content, in_file
from pipelines.keeping.tables import tables
from pipelines.keeping.values import REFERENCE, values_of
from pipelines.warehouse import chain, history
from pipelines.warehouse.quarter import looked_in
from pipelines.warehouse.store import Warehouse
from schemas.codelists import codelist
from schemas.sections import SECTIONS, Column, Section

PERSON, HOUSEHOLD, OTHER, STAFF = "the person", "the household", "another person", "a member of staff"
OTHER_CASES = "Other cases in which the person may stand"
PERHAPS = "perhaps the person"
REVIEW = frozenset({OTHER, STAFF, PERHAPS})
"""About whom an item can be that is to be looked at before it is handed out."""
_STAFF = frozenset({"officer", "previous_officer", "said_by", "given_by", "owner", "recipient"})
_PLAIN = {
    "reference_map": "References of the case",
    "waiver": "Waivers: rules that officers answered for",
    "alert_sent": "Alerts that were sent to officers",
    "findings": "Findings: what a rule said of the records",
    "case_selection": "Whether the case stood in a return",
    "finding_note": "Notes of officers on findings",
    "same_person": "Answers of officers, whether two records are one person",
    "person_number": "Numbers given to people",
    "ledger_said": "What lines of the ledger say of the case",
    "frozen_file": "Returns that were signed off",
    "run_file": "Files beside a run",
}
_OWN = frozenset({"row_no", "authority", "from_run", "la_code", "run_id", "case_ref"})


@dataclass(frozen=True)
class Item:
    """One thing that is held: where, about whom, what it is called and what it says, and between which days.

    ``held_from`` is the day of the export that first said so, ``held_until`` that of the first one that no longer did;
    None: the newest still does. ``field``: name, source and confidence in the dictionary (``hclic dictionary``).
    """

    place: str
    about: str
    record: str
    what: str
    value: str
    held_from: date | None = None
    held_until: date | None = None
    field: str | None = None


@dataclass(frozen=True)
class Subject:
    """All that is held about a case. ``files``: output files that hold it, and what kinds of value are in each."""

    case_ref: str
    authority: str
    person: int | None
    made_at: datetime
    items: tuple[Item, ...]
    files: dict[str, list[str]]
    backups: tuple[str, ...]

    @property
    def places(self) -> tuple[str, ...]:
        """Where something is held, in the order in which it is told."""
        return tuple(dict.fromkeys(item.place for item in self.items))

    @property
    def other_cases(self) -> int:
        """In how many other cases the person may stand: what is held of those is gathered by calls of their own."""
        return sum(item.place == OTHER_CASES for item in self.items)

    @property
    def of_others(self) -> int:
        """How many items are to be looked at before they are handed out."""
        return sum(item.about in REVIEW for item in self.items)


def gather(
    warehouse: Path, la_code: str, reference: str, at: datetime, *, person: int | None = None, outs: tuple[Path, ...]
) -> Subject:
    """Gather all that is held about a case.

    Args:
        warehouse: the file.
        la_code: the authority.
        reference: of the case, of either kind.
        at: the time, from the edge.
        person: number of the person who asks; by default the main applicant. What is about others is marked.
        outs: folders whose files are searched.

    Raises:
        InputError: there is no such case.
        UsageError: nobody in the household has that number.
    """
    with looked_in(warehouse) as store:
        con = store.connection
        case_ref = case_named(store, la_code, reference)
        chosen = _person(con, case_ref, person)
        found = [*_recorded(store, la_code, case_ref, chosen), *_beside(con, la_code, case_ref)]
        sought = Sought(
            frozenset(
                one for one in values_of(con, la_code, [case_ref]) if one.is_sought_inside or one.kind == REFERENCE
            )
        )
        found += [*_elsewhere(con, sought), *_other_cases(con, la_code, case_ref, chosen)]
        backups = [line.facts["file"] for line in chain.lines(con) if line.kind == "backup"]
    held: dict[str, list[str]] = {}
    for path in files_below(outs, {warehouse}):
        if hits := in_file(path, sought, Searched()):
            held[str(path)] = sorted({one.kind for one in hits})
    named = f"{authority_name(la_code)} ({la_code})"
    return Subject(
        case_ref, named, chosen, at, tuple(found), held, tuple(one for one in backups if Path(one).is_file())
    )


def _person(con: duckdb.DuckDBPyConnection, case_ref: str, person: int | None) -> int | None:
    rows = con.execute(
        "select distinct person_no, relationship = 'main_applicant' from history.people where case_ref = ?", [case_ref]
    ).fetchall()
    if person is None:
        return min((number for number, is_main in rows if is_main and number is not None), default=None)
    if person not in {number for number, _ in rows}:
        raise UsageError("Nobody in that household has the number given with --person.")
    return person


def _recorded(store: Warehouse, la_code: str, case_ref: str, person: int | None) -> Iterator[Item]:
    """What exports said, field by field: equal values of one record are told once, with the days between which."""
    con = store.connection
    days = dict(con.execute("select run_order, as_at from runs where la_code = ?", [la_code]).fetchall())
    for section in SECTIONS:
        known = history.columns_of(con, section.name)
        rows = con.execute(
            f"select kept.*, ended.until_run from history.{section.name} as kept"
            f" left join history.{section.name}_ended as ended on kept.row_no = ended.row_no"
            " where kept.authority = ? and kept.case_ref = ? order by kept.from_run, kept.row_no",
            [la_code, case_ref],
        ).pl()
        spans: dict[tuple[str, str, str], list[tuple[int, int | None]]] = {}
        about: dict[str, Any] = {}
        for row in rows.to_dicts():
            record = ", ".join(f"{name} {row[name]}" for name in section.key[1:] if row.get(name) is not None)
            about[record] = row.get("person_no")
            for column in section.columns:
                if column.name in known and column.name != "case_ref" and row[column.name] is not None:
                    key = (record, column.name, _shown(column, row[column.name]))
                    spans.setdefault(key, []).append((row["from_run"], row["until_run"]))
        for (record, name, value), held in spans.items():
            column = section.column(name)
            last = [until for _, until in held]
            yield Item(
                f"Cases: {section.label}",
                _about(section, column, about[record], person),
                record,
                column.words,
                value,
                days.get(min(start for start, _ in held)),
                None if None in last else _day(days, max(one for one in last if one is not None)),
                f"{section.name}.{column.name} ({column.source}, {column.confidence})",
            )


def _day(days: dict[int, date], run: int) -> date | None:
    """The day of a run, or of the next one that there is: the run itself may have been made again."""
    later = [number for number in days if number >= run]
    return days[min(later)] if later else None


def _about(section: Section, column: Column, number: int | None, person: int | None) -> str:
    if column.name in _STAFF:
        return STAFF
    if section.name != "people":
        return HOUSEHOLD
    return PERSON if number == person else OTHER


def _shown(column: Column, value: Any) -> str:
    """A value as a person reads it: the label of a code, yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.codelist and isinstance(value, str):
        codes = codelist(column.codelist).codes
        return f"{codes[value].label} ({value})" if value in codes else value
    return str(value)


def _beside(con: duckdb.DuckDBPyConnection, la_code: str, case_ref: str) -> Iterator[Item]:
    """What is held of the case beside the records: references, findings, notes, waivers, alerts, answers on people."""
    own = {"code": la_code, "ref": case_ref}
    asked = {
        "reference_map": "select * from reference_map where case_ref = $ref and $code = $code",
        "case_selection": "select distinct quarter, is_selected, triggers, forced, reason from case_selection"
        " inner join runs using (run_id) where la_code = $code and case_ref = $ref",
        "findings": "select distinct * exclude (row_no, from_run, authority) from history.findings"
        " where authority = $code and case_ref = $ref",
        "finding_note": "select distinct note.* from finding_note as note inner join history.findings as found"
        " on note.finding_id = found.finding_id where note.la_code = $code and found.case_ref = $ref",
        "waiver": "select * from waiver where la_code = $code and case_ref = $ref",
        "alert_sent": "select * from alert_sent where la_code = $code and case_ref = $ref",
        "same_person": "select * from same_person where la_code = $code"
        " and (starts_with(person_a, $ref || '/') or starts_with(person_b, $ref || '/'))",
        "person_number": "select * from person_number where la_code = $code and starts_with(person_key, $ref || '/')",
    }
    for table, query in asked.items():
        for number, row in enumerate(con.execute(f"{query} order by all", own).pl().to_dicts(), start=1):
            for name, value in row.items():
                if value is not None and name not in _OWN:
                    about = STAFF if name in _STAFF else HOUSEHOLD
                    yield Item(_PLAIN[table], about, str(number), name.replace("_", " "), str(value))


def _other_cases(con: duckdb.DuckDBPyConnection, la_code: str, case_ref: str, person: int | None) -> Iterator[Item]:
    """Other cases in which the person may stand: one row each, by number, or by full name and date of birth."""
    rows = con.execute(
        """
        with own as (
            select distinct lower(trim(forename)) as forename, lower(trim(surname)) as surname, date_of_birth,
                upper(replace(nino, ' ', '')) as nino
            from history.people
            where authority = $code and case_ref = $ref and person_no is not distinct from $person::bigint
        )
        select
            other.case_ref,
            bool_or(upper(replace(other.nino, ' ', '')) = own.nino) as is_by_number
        from history.people as other
        inner join own
            on upper(replace(other.nino, ' ', '')) = own.nino
            or (lower(trim(other.forename)) = own.forename and lower(trim(other.surname)) = own.surname
                and other.date_of_birth = own.date_of_birth)
        where other.authority = $code and other.case_ref != $ref
        group by other.case_ref
        order by other.case_ref
        """,
        {"code": la_code, "ref": case_ref, "person": person},
    ).fetchall()
    for other, is_by_number in rows:
        how = "the same National Insurance number" if is_by_number else "the same name and date of birth"
        yield Item(OTHER_CASES, PERHAPS, other, f"a case in which {how} stands", other)


def _elsewhere(con: duckdb.DuckDBPyConnection, sought: Sought) -> Iterator[Item]:
    """Where else in the warehouse a reference, a full name, a number or an address of the case stands."""
    told = {"reference_map", "waiver", "alert_sent", "same_person", "person_number", "finding_note"}
    for table in tables(con):
        plain = table.name.replace('"', "")
        if plain in told or plain.startswith("history."):
            continue
        for name, kind in table.columns:
            if kind not in ("VARCHAR", "BLOB"):
                continue
            rows = con.execute(f'select rowid + 1, "{name}" from {table.name} where "{name}" is not null').fetchall()
            for number, value in rows:
                if kind == "BLOB":
                    if in_content(bytes(value), sought):
                        yield Item(_PLAIN.get(plain, plain), HOUSEHOLD, str(number), name, "a file that holds the case")
                elif sought.in_texts(pl.Series([value])):
                    yield Item(_PLAIN.get(plain, plain), HOUSEHOLD, str(number), name.replace("_", " "), _words(value))


def _words(text: str) -> str:
    """What a text says; of the long ledger of a run, that the case stands in it."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return text
    if len(text) > 2000 or not isinstance(parsed, dict):
        return "a ledger of a run that names the case"
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in parsed.items())
