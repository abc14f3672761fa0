"""The ledger of a warehouse: one line per thing that was done, each of which holds the digest of the line before it.

A line (``ledger_line``) holds no personal data and no case reference. What it says of a case or a person stands beside
it, in ``ledger_said``, and the line holds only the digest of that with a random salt: it can be purged without a trace
of its text, and the chain stays whole.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

KINDS = {
    "migrated": "Warehouse brought to a newer layout",
    "run": "Run ended",
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
}
"""What a line can speak of, and how it is called."""

FIRST = "0" * 64
"""What the first line holds as the digest of the line before it."""

TABLES = {
    "ledger_line": "line_no bigint primary key, made_at varchar not null, kind varchar not null, la_code varchar,"
    " run_id varchar, said_by varchar, facts varchar not null, said_digest varchar, follows varchar not null,"
    " digest varchar not null",
    "ledger_said": "line_no bigint primary key, salt varchar not null, said varchar not null",
}
"""The columns of its tables. ``made_at`` is local time in ISO form, ``facts`` and ``said`` are canonical JSON."""

_COLUMNS = "line_no, made_at, kind, la_code, run_id, said_by, facts, said_digest, follows, digest"


@dataclass(frozen=True)
class Line:
    """One line of the ledger. ``said`` is None where nothing was said of a case or person, or it was purged."""

    line_no: int
    made_at: str
    kind: str
    la_code: str | None
    run_id: str | None
    said_by: str | None
    facts: dict[str, Any]
    said_digest: str | None
    follows: str
    digest: str
    salt: str | None = None
    said: str | None = None

    def computed(self) -> str:
        """The digest that the line's own words give."""
        words = [self.line_no, self.made_at, self.kind, self.la_code, self.run_id, self.said_by, self.facts]
        return _sha256(canonical([*words, self.said_digest, self.follows]))


@dataclass(frozen=True)
class Fault:
    """What is wrong at a line, in a sentence without personal data."""

    line_no: int
    words: str


def canonical(value: Any) -> str:
    """JSON in the one form that digests are made of: keys sorted, no white space."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def append(
    con: duckdb.DuckDBPyConnection,
    kind: str,
    *,
    la_code: str | None,
    at: datetime,
    facts: Mapping[str, Any],
    run_id: str | None = None,
    said_by: str | None = None,
    said: Mapping[str, Any] | None = None,
) -> str:
    """Add a line and give its digest; called inside the transaction of what it records.

    Args:
        kind: one of ``KINDS``.
        at: when it was done, from the edge.
        facts: what was done, without personal data and without case references.
        said_by: who did it, a member of staff.
        said: what the line says of a case or a person.
    """
    if kind not in KINDS:
        raise ValueError(f"No kind of line: {kind}.")
    row = con.execute("select line_no, digest from ledger_line order by line_no desc limit 1").fetchone()
    number, before = (int(row[0]) + 1, str(row[1])) if row else (1, FIRST)
    text, salt, said_digest = None, None, None
    if said is not None:
        text, salt = canonical(dict(said)), secrets.token_hex(16)
        said_digest = digest_of_said(salt, text)
    written = json.loads(canonical(dict(facts)))
    line = Line(number, at.isoformat(), kind, la_code, run_id, said_by, written, said_digest, before, "")
    digest = line.computed()
    con.execute(
        f"insert into ledger_line ({_COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [number, line.made_at, kind, la_code, run_id, said_by, canonical(written), said_digest, before, digest],
    )
    if text is not None:
        con.execute("insert into ledger_said values (?, ?, ?)", [number, salt, text])
    return digest


def digest_of_said(salt: str, said: str) -> str:
    """What a line holds of the words beside it."""
    return _sha256(salt + said)


def lines(con: duckdb.DuckDBPyConnection) -> Iterator[Line]:
    """The lines in order, with what stands beside them."""
    names = ", ".join(f"line.{name}" for name in _COLUMNS.split(", "))
    rows = con.execute(
        f"select {names}, beside.salt, beside.said from ledger_line as line"
        " left join ledger_said as beside on line.line_no = beside.line_no order by line.line_no"
    ).fetchall()
    for row in rows:
        values = dict(zip((*_COLUMNS.split(", "), "salt", "said"), row, strict=True))
        yield Line(**values | {"facts": json.loads(values["facts"])})


def head(con: duckdb.DuckDBPyConnection) -> str:
    """The digest of the last line; that of no line where there is none."""
    row = con.execute("select digest from ledger_line order by line_no desc limit 1").fetchone()
    return str(row[0]) if row else FIRST


def verify(con: duckdb.DuckDBPyConnection) -> list[Fault]:
    """What is wrong with the chain itself: lines changed, missing or moved, and words beside them that do not fit.

    Words that are gone are a fault unless a later line says that they were purged (``facts['said_taken']``, numbers of
    lines).
    """
    faults: list[Fault] = []
    found = list(lines(con))
    taken = {number for line in found for number in line.facts.get("said_taken", ())}
    expected, before = 1, FIRST
    for line in found:
        if line.line_no != expected:
            gone = (
                f"line {expected} is" if line.line_no == expected + 1 else f"lines {expected} to {line.line_no - 1} are"
            )
            faults.append(Fault(expected, f"{gone[0].upper()}{gone[1:]} missing."))
        if line.computed() != line.digest:
            faults.append(Fault(line.line_no, f"Line {line.line_no} was changed: its digest is not that of its words."))
        elif line.follows != before:
            faults.append(Fault(line.line_no, f"Line {line.line_no} does not follow the line before it."))
        if line.said is not None and line.salt is not None:
            if digest_of_said(line.salt, line.said) != line.said_digest:
                faults.append(Fault(line.line_no, f"What line {line.line_no} says of a case or person was changed."))
        elif line.said_digest is not None and line.line_no not in taken:
            faults.append(
                Fault(line.line_no, f"What line {line.line_no} says of a case or person is gone, and no purge says so.")
            )
        expected, before = line.line_no + 1, line.digest
    return faults


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
