"""The rows of the warehouse that are lines of its ledger, and whether both still say the same.

A row that holds what was said of a case or person stands whole beside its line, until a purge takes that away; of the
others the line holds a digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb


@dataclass(frozen=True)
class Kept:
    """One table of which each row, or each group of rows under one key, is a line.

    ``key``: the columns that name it, the authority first. ``words``: what one is called. ``is_said``: whether a row
    says something of a person or a case. ``aside``: columns that are not compared. ``blob``: one that holds bytes.
    """

    table: str
    kind: str
    key: tuple[str, ...]
    words: str
    is_said: bool = True
    aside: tuple[str, ...] = ()
    blob: str | None = None


Told = tuple[int, str, str | None, Mapping[str, Any], str | None]
"""Of a line: number, kind, run, facts, and what stands beside it."""

ROWS: dict[str, Kept] = {
    one.table: one
    for one in (
        Kept("waiver", "waiver", ("la_code", "waiver_no"), "waiver"),
        Kept("finding_note", "note", ("la_code", "note_no"), "note"),
        Kept("same_person", "answer", ("la_code", "answer_no"), "answer about two people"),
        Kept("confirmed_word", "word", ("la_code", "word_no"), "word for sharing"),
        Kept("released", "released", ("la_code", "quarter", "edition_no"), "shared edition", is_said=False),
        Kept(
            "qa_explanation",
            "explanation",
            ("la_code", "quarter", "total", "compared_with", "said_at"),
            "explanation",
        ),
        Kept("sign_off", "sign_off", ("la_code", "quarter", "state_no"), "state of sign-off", aside=("line_no",)),
        Kept(
            "frozen_file",
            "sign_off",
            ("la_code", "quarter", "run_id", "name"),
            "file kept",
            is_said=False,
            blob="content",
        ),
    )
}
"""By table. A run stands in two tables and has lines of its own: ``run_facts``."""

TABLE, KEY, SHA256, COUNT = "table", "key", "sha256", "rows"
"""Facts of a line about rows: their table and key, and where nothing is said, their digest and number."""
ROW, RESULT, LEDGER = "row", "result", "ledger"
"""Facts of a line about a run: digest of its row without the result, the result, digest of its ledger."""
ROWS_TAKEN = "rows_taken"
"""Of a purge: table and key of the rows that it took away."""
RUNS = "runs"
Place = tuple[str, str]
"""A table, and a key in it as JSON."""
RUNNING = "running"


def rows_of(con: duckdb.DuckDBPyConnection, kept: Kept, key: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows under a key, in order, without columns that are empty."""
    return list(_rows(con, kept, " and ".join(f"{name} = ?" for name in kept.key), list(key)))


ONE_BY_ONE = 20
"""Keys that are asked for one by one; for more the table is read once."""


def rows_by_key(
    con: duckdb.DuckDBPyConnection, kept: Kept, keys: Sequence[Sequence[Any]]
) -> list[list[dict[str, Any]]]:
    """``rows_of`` for each of the keys, in their order."""
    if len(keys) <= ONE_BY_ONE:
        return [rows_of(con, kept, key) for key in keys]
    there = _groups(con, kept)
    return [there.get(json.dumps([_plain(part) for part in key]), []) for key in keys]


def facts_of(kept: Kept, key: Sequence[Any], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the line says of where its rows stand."""
    facts: dict[str, Any] = {TABLE: kept.table, KEY: [_plain(part) for part in key]}
    return facts if kept.is_said else {**facts, COUNT: len(rows), SHA256: _sha256(text_of(rows))}


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
"""Made once: ``json.dumps`` would make one for each of thousands of rows."""


def text_of(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as text: the same for the same rows."""
    return "\n".join(map(_ENCODER.encode, rows))


def said_of(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What a line says of its row; of several under one key, all of them."""
    return rows[0] if len(rows) == 1 else {"rows": list(rows)}


def sayer_of(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """Who said it, where the first row has a column for that."""
    for name in ("said_by", "given_by"):
        if rows and rows[0].get(name):
            return str(rows[0][name])
    return None


def run_facts(con: duckdb.DuckDBPyConnection, run_id: str, *, with_ledger: bool) -> dict[str, Any]:
    """What a line says of a run as it stands: at its beginning without the ledger."""
    row = _runs(con, [run_id])[run_id]
    facts = {ROW: row[0], RESULT: row[1]}
    return {**facts, LEDGER: row[2]} if with_ledger else facts


def keys(con: duckdb.DuckDBPyConnection, kept: Kept) -> list[tuple[Any, ...]]:
    """The keys that stand in the table, in order."""
    listed = ", ".join(kept.key)
    return con.execute(f"select distinct {listed} from {kept.table} order by {listed}").fetchall()


def faults(con: duckdb.DuckDBPyConnection, told: Sequence[Told], taken: set[int]) -> list[tuple[int | None, str]]:
    """What differs between the rows and their newest lines, a row without a line and a line without a row.

    Args:
        con: the warehouse.
        told: every line, in order.
        taken: the numbers of lines of which a purge took away what they said.
    """
    return [*_run_faults(con, told), *(found for kept in ROWS.values() for found in _faults(con, kept, told, taken))]


def snapshot(con: duckdb.DuckDBPyConnection) -> dict[Place, str]:
    """A digest of what stands at each place that lines speak of: table and key, a run under ``runs`` and its id."""
    found = {(RUNS, json.dumps([run_id])): _sha256(json.dumps(values)) for run_id, values in _runs(con).items()}
    for kept in ROWS.values():
        found |= {(kept.table, key): _sha256(text_of(rows)) for key, rows in _groups(con, kept).items()}
    return found


def _groups(con: duckdb.DuckDBPyConnection, kept: Kept) -> dict[str, list[dict[str, Any]]]:
    there: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(con, kept, "true", []):
        there.setdefault(json.dumps([row.get(name) for name in kept.key]), []).append(row)
    return there


def _faults(
    con: duckdb.DuckDBPyConnection, kept: Kept, told: Sequence[Told], taken: set[int]
) -> Iterator[tuple[int | None, str]]:
    newest: dict[str, tuple[int, Mapping[str, Any], str | None]] = {}
    for number, _, _, facts, said in told:
        if facts.get(TABLE) == kept.table:
            newest[json.dumps(facts.get(KEY))] = number, facts, said
    there = _groups(con, kept)
    gone = _taken(told)
    for key, rows in there.items():
        name = _name(kept, json.loads(key))
        if key not in newest:
            yield None, f"The {name} stands in the warehouse and has no line of the ledger."
            continue
        number, facts, said = newest[key]
        says = said if kept.is_said else facts.get(SHA256)
        is_same = says in (None, text_of([said_of(rows)])) if kept.is_said else says == _sha256(text_of(rows))
        if not is_same:
            yield number, f"The {name} is not what line {number} of the ledger says: it was changed afterwards."
    for key, (number, *_) in newest.items():
        if key not in there and number not in taken and (kept.table, key) not in gone:
            yield number, f"The {_name(kept, json.loads(key))} of line {number} of the ledger is gone."


def _run_faults(con: duckdb.DuckDBPyConnection, told: Sequence[Told]) -> Iterator[tuple[int | None, str]]:
    newest: dict[str, dict[str, tuple[int, Any]]] = {}
    gone = _taken(told)
    for number, kind, run_id, facts, _ in told:
        if kind in ("run", "stopped") and run_id is not None:
            newest.setdefault(run_id, {}).update(
                {name: (number, facts[name]) for name in (ROW, RESULT, LEDGER) if name in facts}
            )
    there = _runs(con)
    words = {ROW: "entry", RESULT: "result", LEDGER: "ledger"}
    for run_id, values in there.items():
        if run_id not in newest:
            yield None, f"Run {run_id} stands in the warehouse and has no line of the ledger."
            continue
        for name, value in zip((ROW, RESULT, LEDGER), values, strict=True):
            at_line, says = newest[run_id].get(name, (None, None))
            if value != says:
                where = f"what line {at_line} of the ledger says" if at_line else "in a line of the ledger"
                yield at_line, f"The {words[name]} of run {run_id} is not {where}: it was changed afterwards."
    for run_id, lines in newest.items():
        if run_id not in there and (RUNS, json.dumps([run_id])) not in gone:
            last = max((number for number, _ in lines.values()), default=None)
            yield last, f"Run {run_id} of line {last} of the ledger is gone."


def _taken(told: Sequence[Told]) -> set[Place]:
    listed = (facts.get(ROWS_TAKEN, ()) for _, kind, _, facts, _ in told if kind in ("purge", "forget"))
    return {(table, json.dumps(key)) for rows in listed for table, key in rows}


def _runs(con: duckdb.DuckDBPyConnection, only: Sequence[str] | None = None) -> dict[str, tuple[Any, ...]]:
    """By run: digest of its row without the result, result, digest of its ledger."""
    where = "" if only is None else "where list_contains(?, run_id)"
    rows = con.execute(
        f"select runs.*, ledger.ledger from runs left join ledger using (run_id) {where} order by run_id",
        [] if only is None else [list(only)],
    )
    names = [one[0] for one in rows.description]
    found = {}
    for values in rows.fetchall():
        row = _row(names[:-1], values[:-1])
        result = row.pop(RESULT, None)
        found[row["run_id"]] = (
            _sha256(text_of([row])),
            result,
            None if values[-1] is None else _sha256(values[-1]),
        )
    return found


def _rows(con: duckdb.DuckDBPyConnection, kept: Kept, where: str, params: list[Any]) -> Iterator[dict[str, Any]]:
    aside = f" exclude ({', '.join(kept.aside)})" if kept.aside else ""
    if kept.blob:
        # The bytes of a return are megabytes: DuckDB gives their digest.
        aside += f" replace (sha256({kept.blob}) as {kept.blob})"
    found = con.execute(f"select *{aside} from {kept.table} where {where} order by all", params)
    names = [one[0] for one in found.description]
    while values := found.fetchmany(1000):
        for one in values:
            yield _row(names, one)


def _row(names: Iterable[str], values: Iterable[Any]) -> dict[str, Any]:
    """Without empty columns: a table that gains one says the same of its older rows."""
    return {name: _plain(value) for name, value in zip(names, values, strict=True) if value is not None}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _name(kept: Kept, key: Sequence[Any]) -> str:
    return f"{kept.words} {', '.join(str(part) for part in key[1:])} of {key[0]}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
