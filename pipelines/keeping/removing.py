"""Taking cases out of a warehouse: every row that is of them, and every word about them that stands elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.authority import current_code
from pipelines.keeping.searching import Sought, in_content
from pipelines.keeping.tables import tables
from pipelines.keeping.values import REFERENCE, Value, held_of_others
from pipelines.warehouse import chain, history, ledger_rows

PURGED = "[purged]"
"""What stands in place of a reference, or of words about a case that is gone."""

_OF_FINDINGS = ("finding_note", "finding_continued")
_OF_CASES = ("waiver", "alert_sent")
_OF_PEOPLE = {"same_person": ("person_a", "person_b"), "person_number": ("person_key",)}
_WORDS = {
    "sign_off": "why",
    "qa_explanation": "explanation",
    "finding_note": "note",
    "waiver": "reason",
    "same_person": "seen",
    "history.findings": "value",
}
"""What people wrote beside something else, in which they may have spoken of a case; and the value of a finding on a
case that stays, into which a shifted row may have brought another's."""
_FILES = {"frozen_file": "content", "run_file": "content"}


@dataclass(frozen=True)
class Removed:
    """How many rows went from each table, or lost words; the lines of the ledger whose words went.

    ``sought``: the values that nothing may hold any more: those that no row which stays holds of its own.
    """

    rows: dict[str, int]
    lines: tuple[int, ...]
    before: Mapping[ledger_rows.Place, str]
    """What stood where the lines of the ledger speak of rows."""
    sought: frozenset[Value]


def remove(con: duckdb.DuckDBPyConnection, la_code: str, cases: Collection[str], values: Collection[Value]) -> Removed:
    """Take the cases of an authority out of every table; the caller holds a transaction.

    Args:
        con: the warehouse.
        la_code: the authority.
        cases: H-CLIC references.
        values: what is held of them (``values_of``).
    """
    for name, references in (
        ("_gone", cases),
        ("_gone_references", {*cases, *(one.text for one in values if one.kind == REFERENCE)}),
    ):
        frame = pl.DataFrame({"case_ref": sorted(references)}, schema={"case_ref": pl.String})
        arrow.load(con, f"create or replace temp table {name} as select * from incoming", frame)
    gone: dict[str, int] = {}
    before = ledger_rows.snapshot(con)
    kept = _keys(con)
    own = {"code": la_code}
    con.execute(
        "create or replace temp table _gone_findings as select distinct finding_id from history.findings"
        " semi join _gone using (case_ref) where authority = $code and finding_id is not null",
        own,
    )
    for table in _OF_FINDINGS:
        if table == "finding_continued":
            condition = "finding_id in (from _gone_findings) or was_finding_id in (from _gone_findings)"
        else:
            condition = "finding_id in (from _gone_findings)"
        _delete(con, gone, table, f"la_code = $code and ({condition})", own)
    for relation in history.kept():
        if "case_ref" in relation.columns:
            _delete_kept(con, gone, relation.name, la_code)
    for table in _OF_CASES:
        _delete(con, gone, table, "la_code = $code and case_ref in (from _gone_references)", own)
    for table, columns in _OF_PEOPLE.items():
        # A person is named by the reference of the case and a number within it.
        named = " or ".join(f"exists (from _gone where starts_with({table}.{one}, case_ref || '/'))" for one in columns)
        _delete(con, gone, table, f"la_code = $code and ({named})", own)
    _delete(con, gone, "reference_map", "la_code = $now and case_ref in (from _gone)", {"now": current_code(la_code)})
    held = held_of_others(con, values)
    sought = Sought(frozenset(one for one in values if one.kind == REFERENCE or one not in held))
    _delete_findings(con, gone, sought)
    _delete_files(con, gone, sought)
    lines = _delete_said(con, sought, {key for key in kept if key not in _keys(con)})
    if lines:
        gone["ledger_said"] = len(lines)
    _blank(con, gone, sought)
    for name in ("_gone_findings", "_gone_references", "_gone"):
        con.execute(f"drop table {name}")
    return Removed(gone, tuple(lines), before, sought.values)


def _delete(con: duckdb.DuckDBPyConnection, gone: dict[str, int], table: str, where: str, own: dict[str, str]) -> None:
    row = con.execute(f"select count(*) from {table} where {where}", own).fetchone()
    assert row is not None
    if row[0]:
        con.execute(f"delete from {table} where {where}", own)
        gone[table] = int(row[0])


def _delete_kept(con: duckdb.DuckDBPyConnection, gone: dict[str, int], name: str, la_code: str) -> None:
    """The rows of the cases in every run."""
    con.execute(
        f"create or replace temp table _rows as select row_no from history.{name} semi join _gone using (case_ref)"
        " where authority = ?",
        [la_code],
    )
    _delete_rows(con, gone, name)


def _delete_findings(con: duckdb.DuckDBPyConnection, gone: dict[str, int], sought: Sought) -> None:
    """Findings that name no case, and hold a value of one that is gone: a shifted row carries names anywhere."""
    texts = con.execute("select distinct value from history.findings where case_ref is null and value is not null").pl()
    met = [text for text in texts["value"] if sought.in_texts(pl.Series([text]))]
    con.execute(
        "create or replace temp table _rows as select row_no from history.findings"
        " where case_ref is null and list_contains(?::varchar[], value)",
        [met],
    )
    _delete_rows(con, gone, "findings")


def _delete_rows(con: duckdb.DuckDBPyConnection, gone: dict[str, int], name: str) -> None:
    row = con.execute("select count(*) from _rows").fetchone()
    assert row is not None
    if row[0]:
        for table in (name, f"{name}_ended"):
            con.execute(f"delete from history.{table} where row_no in (from _rows)")
        gone[f"history.{name}"] = gone.get(f"history.{name}", 0) + int(row[0])
    con.execute("drop table _rows")


def _keys(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The table and key of every row of which the ledger has a line."""
    return {_named(table, key) for table, kept in ledger_rows.ROWS.items() for key in ledger_rows.keys(con, kept)}


def _named(table: object, key: Sequence[object]) -> str:
    return chain.canonical([table, [part.isoformat() if isinstance(part, date) else part for part in key]])


def _delete_said(con: duckdb.DuckDBPyConnection, sought: Sought, gone: Collection[str]) -> list[int]:
    """What lines of the ledger said of the cases, in whole: the line holds its digest, which a part would not fit.

    Lines of rows that are gone are among those that are named, whatever they said.
    """
    lines = [
        line.line_no
        for line in chain.lines(con)
        if (line.said and sought.in_bytes(line.said.encode()))
        or _named(line.facts.get(ledger_rows.TABLE), line.facts.get(ledger_rows.KEY) or ()) in gone
    ]
    if lines:
        con.execute("delete from ledger_said where line_no in (select unnest(?::bigint[]))", [lines])
    return lines


def _delete_files(con: duckdb.DuckDBPyConnection, gone: dict[str, int], sought: Sought) -> None:
    for table, column in _FILES.items():
        rows = con.execute(f"select rowid, {column} from {table}").fetchall()
        met = [row for row, content in rows if in_content(bytes(content), sought)]
        if met:
            con.execute(f"delete from {table} where rowid in (select unnest(?::bigint[]))", [met])
            gone[table] = len(met)


def _blank(con: duckdb.DuckDBPyConnection, gone: dict[str, int], sought: Sought) -> None:
    """Put a mark in place of references wherever a text holds one, and of every value in what people wrote."""
    references = Sought(frozenset(one for one in sought.values if one.kind == REFERENCE and one.is_sought_inside))
    for table in tables(con):
        plain = table.name.replace('"', "")
        if plain in chain.TABLES:
            continue
        for name, kind in table.columns:
            if kind != "VARCHAR":
                continue
            asked = sought if _WORDS.get(plain) == name else references
            texts = con.execute(f'select distinct "{name}" as text from {table.name} where "{name}" is not null').pl()
            changed = {text: new for text in texts["text"] if (new := blanked(text, asked)) != text}
            if not changed:
                continue
            frame = pl.DataFrame({"old": list(changed), "new": list(changed.values())})
            arrow.load(con, "create or replace temp table _changed as select * from incoming", frame)
            con.execute(f'update {table.name} set "{name}" = _changed.new from _changed where "{name}" = _changed.old')
            con.execute("drop table _changed")
            gone[f"{plain}.{name}"] = len(changed)


def blanked(text: str, sought: Sought) -> str:
    """The text with a mark in place of the values that it holds."""
    hits = sought.in_texts(pl.Series([text])) if text else set()
    for form in sorted({form for value in hits for form in value.forms}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", PURGED, text, flags=re.IGNORECASE)
    return text
