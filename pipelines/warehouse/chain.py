"""The ledger of a warehouse: one line per thing that was done, each of which holds the digest of the line before it.

A line (``ledger_line``) holds no personal data and no case reference. What it says of a case or a person stands beside
it, in ``ledger_said``, and the line holds only the digest of that with a random salt: it can be purged without a trace
of its text, and the chain stays whole.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl

from pipelines import arrow
from pipelines.warehouse import ledger_rows

KINDS = {
    "migrated": "Warehouse brought to a newer layout",
    "run": "Run",
    "stopped": "Run stopped before its end",
    "sign_off": "Sign-off",
    "explanation": "Explanation of a total",
    "waiver": "Waiver of a finding",
    "note": "Note on a finding",
    "answer": "Answer on the same person",
    "word": "Word confirmed for sharing",
    "released": "Figures that have left",
    "revised": "Revision begun",
    "purge": "Personal data purged",
    "forget": "Case forgotten",
    "backup": "Backup made",
    "restore": "Restored from a backup",
    "key": "Key changed",
    "moved": "Moved from another warehouse",
}
"""What a line can speak of, and how it is called."""

FIRST = "0" * 64
"""What the first line holds as the digest of the line before it."""

TABLES = {
    "ledger_line": "line_no bigint primary key, made_at varchar, kind varchar not null, la_code varchar,"
    " run_id varchar, said_by varchar, facts varchar not null, said_digest varchar, follows varchar not null,"
    " digest varchar not null",
    "ledger_said": "line_no bigint primary key, salt varchar not null, said varchar not null",
}
"""The columns of its tables. ``made_at`` is a moment in ISO form, or a day where no more is known, and empty where
a row from before the ledger was taken over; ``facts`` and ``said`` are canonical JSON."""

SAID_TAKEN = "said_taken"
"""The fact in which a purge lists the numbers of the lines whose words it took away; of rows: ``ROWS_TAKEN``."""

_LINE = {
    "line_no": pl.Int64(),
    **dict.fromkeys(
        ("made_at", "kind", "la_code", "run_id", "said_by", "facts", "said_digest", "follows", "digest"), pl.String()
    ),
}
_SAID = {"line_no": pl.Int64(), "salt": pl.String(), "said": pl.String()}
_INSERT = "insert into {} by name select * from incoming"
_TOLD, _IN_TOLD = "hclic_told", ("event", "state", "quarter")
MOST_PLACES = 500
"""How many places a line that was moved is looked for at: each asks for a digest of each changed line."""


@dataclass(frozen=True)
class Line:
    """One line of the ledger. ``said`` is None where nothing was said of a case or person, or it was purged.

    ``facts`` is empty where the text of them can no longer be read.
    """

    line_no: int
    made_at: str | None
    kind: str
    la_code: str | None
    run_id: str | None
    said_by: str | None
    facts_text: str
    said_digest: str | None
    follows: str
    digest: str
    salt: str | None = None
    said: str | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What was done, without personal data and without case references."""
        try:
            facts = json.loads(self.facts_text)
        except ValueError:
            return {}
        return facts if isinstance(facts, dict) else {}

    def computed(self, line_no: int | None = None) -> str:
        """The digest that the line's own words give, as they stand or as line number ``line_no``."""
        words = [self.made_at, self.kind, self.la_code, self.run_id, self.said_by, self.facts_text, self.said_digest]
        return _sha256(canonical([line_no or self.line_no, *words, self.follows]))


@dataclass(frozen=True)
class Entry:
    """What is to become a line; the arguments of ``append``."""

    kind: str
    la_code: str | None
    facts: Mapping[str, Any]
    run_id: str | None = None
    said_by: str | None = None
    said: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Fault:
    """What is wrong, in a sentence without personal data; ``line_no`` where it is at a line."""

    line_no: int | None
    words: str


def canonical(value: Any) -> str:
    """JSON in the one form that digests are made of: keys sorted, no white space."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def day_of(at: date) -> date:
    """The day of a moment, or the day itself."""
    return at.date() if isinstance(at, datetime) else at


def append(
    con: duckdb.DuckDBPyConnection,
    kind: str,
    *,
    la_code: str | None,
    at: date | None,
    facts: Mapping[str, Any],
    run_id: str | None = None,
    said_by: str | None = None,
    said: Mapping[str, Any] | None = None,
) -> str:
    """Add a line and give its digest; called inside the transaction of what it records.

    Args:
        con: the warehouse.
        kind: one of ``KINDS``.
        la_code: the authority; None where the line is about the file as a whole.
        at: when it was done, from the edge: a moment, or a day where no more is known.
        facts: what was done, without personal data and without case references.
        run_id: the run that it is about.
        said_by: who did it, a member of staff.
        said: what the line says of a case or a person.
    """
    (line,) = append_all(con, [Entry(kind, la_code, facts, run_id, said_by, said)], at=at)
    return line.digest


def append_all(con: duckdb.DuckDBPyConnection, entries: Sequence[Entry], *, at: date | None) -> list[Line]:
    """``append`` for several lines of one moment, in order; gives the lines."""
    row = con.execute("select line_no, digest from ledger_line order by line_no desc limit 1").fetchone()
    last, before = (int(row[0]), str(row[1])) if row else (0, FIRST)
    moment = _moment(at)
    made: list[Line] = []
    beside: list[tuple[int, str, str]] = []
    for number, entry in enumerate(entries, start=last + 1):
        if entry.kind not in KINDS:
            raise ValueError(f"No kind of line: {entry.kind}.")
        said_digest = None
        if entry.said is not None:
            text, salt = canonical(dict(entry.said)), secrets.token_hex(16)
            said_digest = digest_of_said(salt, text)
            beside.append((number, salt, text))
        facts = canonical(dict(entry.facts))
        line = Line(
            number, moment, entry.kind, entry.la_code, entry.run_id, entry.said_by, facts, said_digest, before, ""
        )
        before = line.computed()
        made.append(replace(line, digest=before))
    if made:
        rows = [tuple(vars(line).values())[: len(_LINE)] for line in made]
        arrow.load(con, _INSERT.format("ledger_line"), pl.DataFrame(rows, schema=_LINE, orient="row"))
        _tell(con, made)
    if beside:
        arrow.load(con, _INSERT.format("ledger_said"), pl.DataFrame(beside, schema=_SAID, orient="row"))
    return made


def told(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What the lines added by this connection since the last call were about, each thing once and in order.

    One dict per thing: kind, and where the line has them run_id, event, state and quarter. Nothing of a case or person.
    """
    found = _so_far(con)
    con.execute(f"set variable {_TOLD} = []::varchar[]")
    return [json.loads(one) for one in found]


def _tell(con: duckdb.DuckDBPyConnection, made: Sequence[Line]) -> None:
    # A variable costs a DuckLake no question to its catalogue, as reading the lines again would.
    found = dict.fromkeys(_so_far(con))
    for line in made:
        facts = line.facts
        said = {"kind": line.kind, "run_id": line.run_id, **{name: facts.get(name) for name in _IN_TOLD}}
        found[canonical({name: value for name, value in said.items() if value is not None})] = None
    con.execute(f"set variable {_TOLD} = ?", [list(found)])


def _so_far(con: duckdb.DuckDBPyConnection) -> list[str]:
    row = con.execute(f"select getvariable('{_TOLD}')").fetchone()
    return list(row[0] or ()) if row else []


def record(
    con: duckdb.DuckDBPyConnection,
    table: str,
    keys: Sequence[Sequence[Any]],
    *,
    at: date | None,
    said_by: str | None = None,
    run_id: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> list[Line]:
    """Add a line for each of the rows just written to a table of ``ledger_rows.ROWS``: ``verify`` compares both.

    A row that is written again gets a line again: the newest one counts. Without ``said_by`` the row itself says who.
    """
    entries = entries_of(con, ledger_rows.ROWS[table], keys, facts or {}, said_by=said_by, run_id=run_id)
    return append_all(con, entries, at=at)


def entries_of(
    con: duckdb.DuckDBPyConnection,
    kept: ledger_rows.Kept,
    keys: Sequence[Sequence[Any]],
    facts: Mapping[str, Any],
    *,
    said_by: str | None = None,
    run_id: str | None = None,
) -> list[Entry]:
    """The lines that ``record`` adds, not yet added."""
    entries = []
    for key, rows in zip(keys, ledger_rows.rows_by_key(con, kept, keys), strict=True):
        entries.append(
            Entry(
                kept.kind,
                str(key[0]),
                {**facts, **ledger_rows.facts_of(kept, key, rows)},
                run_id,
                said_by or ledger_rows.sayer_of(rows),
                ledger_rows.said_of(rows) if kept.is_said else None,
            )
        )
    return entries


def digest_of_said(salt: str, said: str) -> str:
    """What a line holds of the words beside it."""
    return _sha256(salt + said)


def lines(con: duckdb.DuckDBPyConnection) -> Iterator[Line]:
    """The lines in order, with what stands beside them."""
    listed = ", ".join(f"line.{name}" for name in _LINE)
    rows = con.execute(
        f"select {listed}, beside.salt, beside.said from ledger_line as line"
        " left join ledger_said as beside on line.line_no = beside.line_no order by line.line_no"
    ).fetchall()
    for row in rows:
        yield Line(*row)


def head(con: duckdb.DuckDBPyConnection) -> str:
    """The digest of the last line; that of no line where there is none."""
    row = con.execute("select digest from ledger_line order by line_no desc limit 1").fetchone()
    return str(row[0]) if row else FIRST


def verify(con: duckdb.DuckDBPyConnection) -> list[Fault]:
    """What is wrong with the chain, with the words beside its lines, and with the rows that they are about.

    Words that are gone are a fault unless a line says that they were purged (``SAID_TAKEN``).
    """
    found = list(lines(con))
    taken = {number for line in found for number in line.facts.get(SAID_TAKEN, ())}
    told = [(line.line_no, line.kind, line.run_id, line.facts, line.said) for line in found]
    rows = [Fault(*fault) for fault in ledger_rows.faults(con, told, taken)]
    return [*_of_chain(found), *_of_words(con, found, taken), *rows]


def verify_digest(con: duckdb.DuckDBPyConnection, digest: str, line_no: int | None = None) -> list[Fault]:
    """Whether a digest that was printed earlier is that of a line, and of the one whose number was printed with it."""
    row = con.execute("select line_no from ledger_line where digest = ?", [digest]).fetchone()
    if row is None:
        which = "" if line_no is None else f" of line {line_no}"
        return [
            Fault(
                line_no,
                f"The printed digest{which}, {digest[:12]}…, is that of no line: the ledger was changed or cut off"
                " after it was printed.",
            )
        ]
    if line_no is not None and row[0] != line_no:
        return [Fault(line_no, f"The printed digest of line {line_no} is that of line {row[0]}: lines were moved.")]
    return []


def _of_chain(found: Sequence[Line]) -> Iterator[Fault]:
    numbers = {line.line_no for line in found}
    changed = {line.line_no for line in found if line.computed() != line.digest}
    places = sorted(changed | (set(range(1, max(numbers, default=0))) - numbers))[:MOST_PLACES]
    expected, before = 1, FIRST
    for line in found:
        if line.line_no == expected + 1:
            yield Fault(expected, f"Line {expected} is missing.")
        elif line.line_no > expected:
            yield Fault(expected, f"Lines {expected} to {line.line_no - 1} are missing.")
        if line.line_no in changed:
            was = next((place for place in places if line.computed(place) == line.digest), None)
            if was is None:
                yield Fault(line.line_no, f"Line {line.line_no} was changed: its digest is not that of its words.")
            else:
                yield Fault(line.line_no, f"Line {line.line_no} was line {was}: lines were put in another order.")
        elif line.follows != before and line.line_no == expected:
            yield Fault(line.line_no, f"Line {line.line_no} does not follow the line before it.")
        expected, before = line.line_no + 1, line.digest


def _of_words(con: duckdb.DuckDBPyConnection, found: Sequence[Line], taken: set[int]) -> Iterator[Fault]:
    for line in found:
        words = f"What line {line.line_no} says of a case or person"
        if line.said is not None and line.salt is not None:
            if digest_of_said(line.salt, line.said) != line.said_digest:
                yield Fault(line.line_no, f"{words} was changed.")
        elif line.said_digest is not None and line.line_no not in taken:
            yield Fault(line.line_no, f"{words} is gone, and no purge says so.")
    for (number,) in con.execute(
        "select line_no from ledger_said where line_no not in (select line_no from ledger_line) order by line_no"
    ).fetchall():
        yield Fault(number, f"What line {number} said is kept, and the line is gone.")


def _moment(at: date | None) -> str | None:
    if isinstance(at, datetime):
        return at.isoformat(timespec="seconds")
    return None if at is None else at.isoformat()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
