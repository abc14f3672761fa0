"""The ledger's lines for a reader, and what its verification says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from pipelines.submission import sheet
from pipelines.warehouse import chain
from pipelines.warehouse.store import Warehouse

COLUMNS = ("line_no", "made_at", "kind", "la_code", "run_id", "said_by", "facts", "said_digest", "follows", "digest")
DIGITS = 12
"""Digits of a digest that the screen shows."""
_SHORT = ("event", "quarter", "state", "result", "rule_id", "table", "from_layout")
"""Facts that the screen shows."""


def listed(store: Warehouse, *, authority: str | None, kind: str | None) -> list[chain.Line]:
    """The lines, oldest first, of one authority and of the file as a whole; ``kind``: only these."""
    return [
        line
        for line in chain.lines(store.connection)
        if (authority is None or line.la_code in (authority, None)) and (kind is None or line.kind == kind)
    ]


def in_form(lines: Sequence[chain.Line], form: str, last: int) -> str:
    """The lines as text: ``csv`` and ``json`` have them whole, ``table`` the last ones in words.

    What a line says of a case or a person is in none of them.
    """
    if form in ("csv", "json"):
        rows = [
            {name: line.facts_text if name == "facts" else getattr(line, name) for name in COLUMNS} for line in lines
        ]
        if form == "json":
            return json.dumps([{**row, "facts": line.facts} for row, line in zip(rows, lines, strict=True)], indent=2)
        schema = dict.fromkeys(COLUMNS, pl.String()) | {"line_no": pl.Int64()}
        return pl.DataFrame(rows, schema=schema).write_csv()
    shown = [_words(line) for line in lines[-last:]]
    if len(lines) > last:
        shown.insert(0, f"… {len(lines) - last:,} earlier lines: --format csv has them all.")
    return "\n".join(shown) or "The ledger has no line yet."


def _words(line: chain.Line) -> str:
    facts = line.facts
    told = ", ".join(f"{name} {facts[name]}" for name in _SHORT if facts.get(name) not in (None, ""))
    who = line.said_by or "not said by whom"
    when = (line.made_at or "before the ledger").replace("T", " ")[:16]
    words = f"{line.line_no:>6}  {when:<17} {chain.KINDS.get(line.kind, line.kind):<28} {who}"
    return f"{words}\n        {line.digest[:DIGITS]}  {told}".rstrip()


def verified(store: Warehouse, digests: Iterable[str], sheets: Iterable[Path]) -> tuple[int, list[str]]:
    """How many lines there are, and a sentence for each fault, also against digests that were printed earlier.

    Raises:
        InputError: a sheet cannot be read, or prints no line.
    """
    con = store.connection
    faults = chain.verify(con)
    for digest in digests:
        faults += chain.verify_digest(con, digest.strip().lower())
    for path in sheets:
        for number, digest in sheet.digests_of(path):
            faults += chain.verify_digest(con, digest, number)
    said: dict[str, None] = dict.fromkeys(fault.words for fault in faults)
    row = con.execute("select count(*) from ledger_line").fetchone()
    return int(row[0]) if row else 0, list(said)
