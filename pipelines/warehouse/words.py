"""The words of its own that an authority has confirmed for sharing: kept for good, with who said so and when."""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from pipelines.disclosure.local_words import KINDS, folded, why_not
from pipelines.errors import UsageError
from pipelines.warehouse import chain


def confirm(
    con: duckdb.DuckDBPyConnection, la_code: str, kind: str, word: str, *, by: str | None, on: date
) -> int | None:
    """Confirm that a word may stand in what is shared; its number, or None where it was confirmed before.

    Raises:
        UsageError: there is no such kind, or the word looks like something of a person. The text does not repeat it.
    """
    check_kind(kind)
    why = why_not(word)
    if why is not None:
        raise UsageError(f"The word for a {kind} is not confirmed: {why}. It stays withheld.")
    if any(one == (kind, folded(word)) for one in _held(con, la_code)):
        return None
    row = con.execute(
        "select coalesce(max(word_no), 0) + 1 from confirmed_word where la_code = ?", [la_code]
    ).fetchone()
    assert row is not None
    con.execute(
        "insert into confirmed_word (la_code, word_no, kind, word, said_by, said_on) values (?, ?, ?, ?, ?, ?)",
        [la_code, row[0], kind, " ".join(word.split()), by, chain.day_of(on)],
    )
    chain.record(con, "confirmed_word", [(la_code, row[0])], at=on, facts={"event": "confirmed", "kind": kind})
    return int(row[0])


def withdraw(
    con: duckdb.DuckDBPyConnection, la_code: str, kind: str, word: str, *, on: date, by: str | None = None
) -> None:
    """Withdraw a word: what is shared from then on withholds it.

    Raises:
        UsageError: no such word is confirmed. The text does not repeat it.
    """
    check_kind(kind)
    numbers = [number for (known, text), number in _held(con, la_code).items() if (known, text) == (kind, folded(word))]
    if not numbers:
        raise UsageError(f"No such word is confirmed for a {kind}: see hclic words list.")
    con.execute(
        "update confirmed_word set withdrawn_on = ? where la_code = ? and word_no = ?",
        [chain.day_of(on), la_code, numbers[0]],
    )
    facts = {"event": "withdrawn", "kind": kind}
    chain.record(con, "confirmed_word", [(la_code, numbers[0])], at=on, said_by=by, facts=facts)


def words(con: duckdb.DuckDBPyConnection, la_code: str) -> pl.DataFrame:
    """One row per word that is confirmed and not withdrawn: kind, word, said_by, said_on."""
    return con.execute(
        "select kind, word, said_by, said_on from confirmed_word where la_code = ? and withdrawn_on is null"
        " order by kind, word",
        [la_code],
    ).pl()


def check_kind(kind: str) -> None:
    """Refuse a kind of word that there is not.

    Raises:
        UsageError: there is no such kind.
    """
    if kind not in KINDS:
        raise UsageError(f"There is no such kind of word. Give one of: {', '.join(KINDS)}.")


def _held(con: duckdb.DuckDBPyConnection, la_code: str) -> dict[tuple[str, str], int]:
    rows = con.execute(
        "select kind, word, word_no from confirmed_word where la_code = ? and withdrawn_on is null", [la_code]
    ).fetchall()
    return {(kind, folded(word)): number for kind, word, number in rows}
